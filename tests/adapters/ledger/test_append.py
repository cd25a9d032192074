"""What is written is read again, all of it or nothing, in one order."""

import itertools
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from assent.adapters.ledger import Ledger, Verified
from assent.api.ledger import NewRecord, Record
from assent.errors import ConflictError, LedgerError
from postgres import BOTH

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
BODIES = st.dictionaries(TEXT, VALUES, max_size=4)


@BOTH
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, NAMES, BODIES), min_size=1, max_size=3))
def test_every_body_is_read_as_it_was_written(home, now, texts):
    """A round trip changes no value, whatever JSON the body is made of."""
    with home.open() as ledger:
        before = ledger.length
        written = ledger.append([NewRecord(kind, subject, body) for kind, subject, body in texts], now)

        assert texts == [(one.kind, one.subject, one.body) for one in written]
        assert written == tuple(ledger.records(before))
        assert written[-1].sequence == ledger.verify().length


@BOTH
def test_sequences_count_from_one_without_gaps(home, now, new):
    """Sequences go on over appends and over processes' lives."""
    with home.open() as ledger:
        assert [1, 2] == [one.sequence for one in ledger.append([new(1), new(2)], now)]
        assert () == ledger.append([], now)
    with home.open() as ledger:
        assert [3] == [one.sequence for one in ledger.append([new(3)], now)]
        assert [1, 2, 3] == [one.sequence for one in ledger.records()]
        assert 3 == ledger.length


@BOTH
@pytest.mark.parametrize(
    ("given_time", "read"),
    [
        pytest.param(datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 5, 9, tzinfo=UTC), id="UTC"),
        pytest.param(
            datetime(2026, 1, 5, 9, 0, 0, 7, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 1, 5, 7, 0, 0, 7, tzinfo=UTC),
            id="two hours east, with microseconds",
        ),
    ],
)
def test_times_are_read_in_utc(home, new, given_time, read):
    """A record's time is the same moment in UTC, to the microsecond."""
    with home.open() as ledger:
        ledger.append([new(1)], given_time)

        assert [read] == [one.at for one in ledger.records()]


def test_a_time_without_a_zone_is_our_mistake(home, new):
    """A moment that nobody can place is never written."""
    with home.open() as ledger, pytest.raises(ValueError, match="time zone"):
        ledger.append([new(1)], datetime(2026, 1, 5))  # noqa: DTZ001 -- that is the mistake


@BOTH
@pytest.mark.parametrize(
    "body", [{"n": float("nan")}, {"n": 2**53}, {"n": "\ud800"}, {"n": {1, 2}}], ids=["NaN", "2^53", "surrogate", "set"]
)
def test_what_is_no_canonical_json_is_not_written(home, now, new, body):
    """One bad body keeps the whole batch out."""
    with home.open() as ledger:
        with pytest.raises(ValueError, match="canonical"):
            ledger.append([new(1), NewRecord("observed", "acme/x", body)], now)

        assert 0 == ledger.verify().length


@BOTH
@pytest.mark.parametrize(
    ("options", "sequences"),
    [
        pytest.param({}, [1, 2, 3, 4, 5, 6], id="all"),
        pytest.param({"after": 4}, [5, 6], id="behind the fourth"),
        pytest.param({"after": 6}, [], id="behind the last"),
        pytest.param({"kinds": {"decided"}}, [2, 5], id="of a kind"),
        pytest.param({"kinds": ["decided", "ended"]}, [2, 3, 5, 6], id="of two kinds"),
        pytest.param({"subject": "b"}, [4, 5, 6], id="of a subject"),
        pytest.param({"after": 2, "kinds": {"ended"}, "subject": "b"}, [6], id="all at once"),
        pytest.param({"kinds": set()}, [], id="of no kind"),
    ],
)
def test_records_are_found(home, now, options, sequences):
    """Readers get the records they ask for, in order."""
    with home.open() as ledger:
        about = itertools.product("ab", ["observed", "decided", "ended"])
        ledger.append([NewRecord(kind, subject, {}) for subject, kind in about], now)

        assert sequences == [one.sequence for one in ledger.records(**options)]


@BOTH
def test_records_are_streamed(home, now, new):
    """A reader gets the first record without the others being read, and a page's edge loses none."""
    with home.open() as ledger:
        ledger.append([new(number) for number in range(1, 2502)], now)
        stream = ledger.records()
        first = next(stream)
        ledger.append([new(2502)], now)

        assert Record(1, now, "observed", "acme/request-1", {"number": 1}) == first
        assert list(range(2, 2503)) == [one.sequence for one in stream]
        assert list(range(1001, 2503)) == [one.sequence for one in ledger.records(1000)]


@BOTH
def test_rule_3_what_is_there_once_is_never_written_twice(home, now):
    """Rule 3: what was claimed stays claimed, for this process and the next; nothing of the batch is kept."""
    claim = NewRecord("claimed", "e1", {"attempt": 1}, once=True)
    with home.open() as ledger:
        ledger.append([claim], now)
        with pytest.raises(ConflictError, match="'claimed' of 'e1' already"):
            ledger.append([NewRecord("observed", "x", {}), claim], now)
    with home.open() as ledger:
        with pytest.raises(ConflictError):
            ledger.append([claim], now)

        assert 1 == ledger.verify().length


@BOTH
def test_once_is_of_kind_and_subject_together(home, now):
    """The same subject may be claimed and acted on, and another one claimed."""
    with home.open() as ledger:
        about = [("claimed", "e1"), ("acted", "e1"), ("claimed", "e2")]
        ledger.append([NewRecord(kind, subject, {}, once=True) for kind, subject in about], now)

        assert 3 == ledger.length


@BOTH
def test_once_holds_within_a_batch(home, now, new):
    """Two of one kind and subject in one append are a conflict too."""
    with home.open() as ledger:
        with pytest.raises(ConflictError):
            ledger.append([new(1, once=True), new(1, once=True)], now)
        with pytest.raises(ConflictError):
            ledger.append([new(1), new(1, once=True)], now)

        assert 0 == ledger.verify().length


@BOTH
def test_the_database_itself_keeps_what_is_there_once(home):
    """The partial unique index refuses a second one even where nobody looks before."""
    home.filled(2)
    home.execute("UPDATE ledger_records SET once = true, subject = 'one' WHERE sequence = 1")

    with pytest.raises((sqlite3.IntegrityError, IntegrityError)):
        home.execute("UPDATE ledger_records SET once = true, subject = 'one' WHERE sequence = 2")
    home.execute("UPDATE ledger_records SET once = false, subject = 'one' WHERE sequence = 2")


@BOTH
def test_what_a_reader_opens_is_left_as_it_is(home, now, new):
    """With `read_only` nothing is written, not even by accident."""
    home.filled(2)
    before = {path: path.stat().st_mtime_ns for path in home.key.parent.iterdir()}
    with home.open(read_only=True) as ledger:
        assert Verified(2, ledger.verify().head) == ledger.verify()
        with pytest.raises(LedgerError, match="opened to be read"):
            ledger.append([new(3)], now)

    assert before == {path: path.stat().st_mtime_ns for path in home.key.parent.iterdir()}


@BOTH
def test_a_reader_sees_what_a_writer_adds(home, now, new):
    """A reader and a writer of another process do not wait for one another."""
    home.filled(1)
    with home.open() as writer, home.open(read_only=True) as reader:
        stream = reader.records()
        next(stream)
        writer.append([new(2)], now)

        assert [1, 2] == [one.sequence for one in reader.records()]


def test_strange_paths_are_paths(root, now, new):
    """What would mean something in a URL means nothing in a path."""
    path = root / "a b%20?mode=memory#ü" / "led%ger.sqlite"
    with Ledger.open(path, key_file=root / "k" / "key") as ledger:
        ledger.append([new(1)], now)
    with Ledger.open(path, key_file=root / "k" / "key", read_only=True) as ledger:
        assert 1 == ledger.verify().length
    assert path.stat().st_size > 0
    assert [] == [one for one in Path(root).iterdir() if one.name not in {path.parent.name, "k"}]
