"""No object gets more than its share of writes, and none that is no more is remembered."""

import pytest

from assent.cluster.breaker import LIMIT, WINDOW, Breaker

ONE, OTHER = ("acme", "ann"), ("acme", "bob")


def test_rule_29_an_object_gets_thirty_writes_a_minute():
    """The thirty-first within a minute is refused; another object is not concerned."""
    breaker = Breaker()
    made = [breaker.allows(ONE, now=at) for at in range(31)]

    assert [True] * LIMIT + [False] == made
    assert breaker.allows(OTHER, now=30)


def test_rule_29_the_window_slides():
    """As each write gets a minute old, one more is allowed, and what was refused is not counted."""
    breaker = Breaker(limit=2, window=60)
    moments = {0: True, 10: True, 59.9: False, 60: True, 60.1: False, 70: True, 119: False}

    assert moments == {at: breaker.allows(ONE, now=at) for at in moments}


@pytest.mark.parametrize(("now", "seconds"), [(10, 50), (59, 1), (60, 0), (1000, 0)])
def test_it_says_when_to_come_back(now, seconds):
    """In so many seconds the oldest write counts no more."""
    breaker = Breaker(limit=2, window=60)
    breaker.allows(ONE, now=0)
    breaker.allows(ONE, now=5)

    assert seconds == breaker.again(ONE, now=now)
    assert 0 == breaker.again(OTHER, now=now)


def test_rule_29_a_loop_of_a_day_is_held_down():
    """A loop that tries a hundred times a second makes thirty writes in any minute."""
    breaker = Breaker()
    made = [at / 100 for at in range(60 * 100 * 10) if breaker.allows(ONE, now=at / 100)]

    assert 10 * LIMIT == len(made)
    assert all(later - one >= WINDOW for one, later in zip(made, made[LIMIT:], strict=False))


def test_rule_46_objects_that_are_gone_are_forgotten():
    """A hundred thousand objects, written once each over time, leave no more behind than one window's."""
    breaker = Breaker()
    for at in range(100_000):
        breaker.allows(("acme", str(at)), now=at)

    assert len(breaker) <= 2 * WINDOW + 1
