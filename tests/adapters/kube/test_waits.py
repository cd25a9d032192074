"""Waits grow, are capped, are never the same, and follow the server within reason."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice

import pytest

from assent.adapters.kube.waits import HONOURED, LONGEST, JitteredForever, backoff, retry_after


@pytest.mark.parametrize(("faults", "least", "most"), [(1, 0.25, 0.5), (3, 1, 2), (7, 15, 30), (10**6, 15, 30)])
def test_rule_27_backoff_doubles_up_to_a_cap(faults, least, most):
    """After so many faults the wait lies between half of its bound and all of it."""
    assert all(least <= backoff(faults) <= most for _ in range(100))
    assert 1 < len({backoff(faults) for _ in range(10)})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, 0, id="none"),
        pytest.param("", 0, id="empty"),
        pytest.param("7", 7, id="seconds"),
        pytest.param("0.5", 0.5, id="parts of a second"),
        pytest.param("-3", 0, id="negative"),
        pytest.param("999999999999", HONOURED, id="absurd"),
        pytest.param("inf", HONOURED, id="infinite"),
        pytest.param("nan", 0, id="no number"),
        pytest.param("soon", 0, id="a word"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 0, id="a date that is over"),
        pytest.param("Wed, 21 Oct 9999 07:28:00 GMT", HONOURED, id="a date far off"),
        pytest.param("Wed, 99 Oct 9999 99:28:00 GMT", 0, id="no date"),
    ],
)
def test_rule_27_retry_after_is_honoured_within_reason(header, seconds):
    """Seconds or a date; nonsense counts as nothing, and no server can send us to sleep for long."""
    assert seconds == retry_after(header)


def test_rule_27_a_date_is_counted_from_now():
    """A date half a minute off asks for half a minute."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    assert 20 < retry_after(date) <= 30


def test_jittered_forever_starts_again_with_each_walk():
    """Two walks both start at the shortest wait, neither ends, and no wait is beyond the cap."""
    waits = JitteredForever()
    first, second = list(islice(waits, 50)), list(islice(waits, 50))

    assert first[0] <= 0.5
    assert second[0] <= 0.5
    assert 50 == len(first) == len(second)
    assert LONGEST / 2 <= first[-1] <= LONGEST
