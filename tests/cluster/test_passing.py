"""A pass begins with what wakes it; only what comes right behind a pass waits, and is taken in at once."""

import time
from types import SimpleNamespace

from assent.cluster.passing import (
    BURST,
    GATHERING,
    LEAST,
    LONGEST,
    PRESSED,
    SHARE,
    SOON,
    Passing,
    breather,
    clocks,
    rest,
)
from assent.reconcile.moments import Summary
from builders import ref
from cluster.guarded import until


class Turns:
    """The flag that ends it, after so many turns; `waits` are what was waited for between them."""

    def __init__(self, count):
        self.count, self.waits = count, []

    def is_set(self):
        return len(self.waits) >= self.count

    def wait(self, seconds):
        self.waits.append(seconds)


class Touched:
    """Whether a request was touched; `waits` are the pauses in which one could have been, all of it waited for."""

    def __init__(self):
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)

    def clear(self):
        """Nobody touches anything here."""


def paused(*, interval, woken):
    """The pauses of one that does not lead, so that its turns take no time: for requests, and for everything."""
    stop, idle, touched = Turns(2), SimpleNamespace(known=None), Touched()
    passing = Passing(
        idle, None, None, leads=lambda: bool(woken and passing.wake()), gauge=None, log="json", interval=interval
    )
    passing._touched = touched
    passing.run(stop)
    return touched.waits, stop.waits


def test_what_comes_after_a_rest_waits_for_nothing():
    """Nobody's approval lies still because a burst might follow it."""
    assert ([0.0, 0.0], [0.0, 0.0]) == paused(interval=BURST, woken=False)


def test_what_comes_right_behind_a_pass_is_gathered():
    """A burst is few passes."""
    assert all(0 < seconds <= LEAST for waits in paused(interval=60.0, woken=True) for seconds in waits)


def test_a_request_that_is_touched_waits_for_a_part_of_that():
    """Behind a long pass configuration is gathered for longer than anybody's approval."""
    passing = Passing(SimpleNamespace(touch=lambda _: None), None, None, leads=bool, gauge=None, log="json")
    stop = Turns(1)
    passing.touch(ref("b/r1"))
    began = time.monotonic()
    passing._rest(stop, began, 60.0)

    assert time.monotonic() - began < 60
    assert 0 < stop.waits[0] <= SOON
    assert not passing._touched.is_set()


def test_passes_take_a_part_of_the_time_while_configuration_is_written():
    """Where passes are short nobody waits long behind one, and a burst still is few of them where they are long."""
    assert [LEAST, GATHERING * 0.05, BURST, BURST] == [rest(seconds) for seconds in (0.0, 0.05, BURST, 3.0)]


def test_what_follows_from_configuration_takes_a_small_share_of_the_time():
    """However long it takes to work out, people see it soon, and passes go on meanwhile."""
    assert [0.0, SHARE * 0.1, LONGEST, LONGEST] == [breather(seconds) for seconds in (0.0, 0.1, 2.0, 60.0)]


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


def test_what_has_come_already_goes_before_what_is_shown():
    """A burst is taken in before anything is worked out of all configuration; whoever never stops hinders nobody."""
    one, moment = Counted(), clocks()
    passing = Passing(one, one, one, leads=bool, gauge=SimpleNamespace(trouble=lambda *_: None), log="json")
    kept = []
    passing.wake()
    for ago in (0.0, PRESSED):
        passing._rests_until = time.monotonic() - ago
        passing._show(moment)
        kept.append(one.kept)
    passing._wake.clear()
    passing._rests_until = time.monotonic()
    passing._show(moment)

    assert [0, 1, 2] == [*kept, one.kept]
