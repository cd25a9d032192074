"""A pass begins with what wakes it; only what comes right behind a pass waits, and is taken in at once."""

from types import SimpleNamespace

from assent.cluster.passing import BURST, LEAST, Passing, rest


class Turns:
    """The flag that ends it, after so many turns; `waits` are the pauses between them."""

    def __init__(self, count):
        self.count, self.waits = count, []

    def is_set(self):
        return len(self.waits) >= self.count

    def wait(self, seconds):
        self.waits.append(seconds)


def paused(*, interval, woken):
    """The pauses of one that does not lead, so that its turns take no time."""
    stop, idle = Turns(2), SimpleNamespace(known=None)
    passing = Passing(
        idle, None, None, leads=lambda: bool(woken and passing.wake()), gauge=None, log="json", interval=interval
    )
    passing.run(stop)
    return stop.waits


def test_what_comes_after_a_rest_waits_for_nothing():
    """Nobody's approval lies still because a burst might follow it."""
    assert [0.0, 0.0] == paused(interval=BURST, woken=False)


def test_what_comes_right_behind_a_pass_is_gathered():
    """A burst is few passes."""
    assert all(0 < seconds <= LEAST for seconds in paused(interval=60.0, woken=True))


def test_a_pass_is_rested_from_for_as_long_as_it_took():
    """Where passes are short nobody waits long behind one, and a burst still is few of them where they are long."""
    assert [LEAST, 0.05, BURST, BURST] == [rest(seconds) for seconds in (0.0, 0.05, BURST, 3.0)]
