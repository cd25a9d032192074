"""A pass begins with what wakes it; only what comes right behind a pass waits, and is taken in at once."""

import time
from types import SimpleNamespace

from assent.cluster.passing import BURST, LEAST, LONGEST, SHARE, Passing, rest, rested
from assent.reconcile.moments import Summary
from cluster.guarded import until


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


def test_what_follows_from_configuration_takes_a_small_share_of_the_time():
    """However long it takes to work out, people see it soon, and passes go on meanwhile."""
    assert [0.0, SHARE * 0.1, LONGEST, LONGEST] == [rested(seconds) for seconds in (0.0, 0.1, 1.0, 60.0)]


class Counted:
    """A controller whose configuration is another one at every pass, and what is kept up and shown of it."""

    def __init__(self):
        self.resync_every, self.kept, self.troubles = 60.0, 0, []

    @property
    def held(self):
        return object()

    def step(self, _moment):
        return Summary()

    def __call__(self, *_):
        self.kept += 1
        return {}

    def requests(self, *_):
        return []

    def let_go(self, *_):
        return []

    def configuration(self, *_):
        time.sleep(0.2)
        return self.troubles


def test_configuration_that_goes_on_changing_is_shown_now_and_then():
    """The first change is shown at once; those right behind it together, and none is forgotten."""
    one = Counted()
    gauge = SimpleNamespace(passed=lambda *_: None, trouble=lambda *_: None)
    passing = Passing(one, one, one, leads=bool, gauge=gauge, log="json")
    for _ in range(5):
        passing.once()
    at_once = one.kept
    until(lambda: passing.once() and one.kept > 1)

    assert 1 == at_once
