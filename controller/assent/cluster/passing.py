"""One pass after another: woken by events, paced so that a burst is one pass, at the latest after an interval.

Whatever goes wrong in a pass is said and tried again at the next; nothing here decides anything.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from assent.adapters import logs
from assent.api.conditions import Condition
from assent.api.names import Ident, Ref
from assent.cluster.showing import Showing
from assent.errors import AssentError, ClusterError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.moments import Moment, Summary

BURST, SOON, LEAST = 0.2, 0.05, 0.02
"""Seconds between two passes at least: what comes first begins one, and what comes with it is in the next.

A request that was touched waits no longer than the second.
"""

GATHERING = 4
"""Times as long as a pass took, configuration is gathered behind it: whoever writes much of it has most of the machine,
since each pass looks at the admission policies and writes to the ledger.
"""

SHARE, LONGEST = 9, 15.0
"""What follows from configuration is shown again after so many times as long as it took, and seconds at most.

It is worked out of all of it, so while configuration goes on changing it takes a tenth of the time and no more.
"""

PRESSED = 2.0
"""Seconds for which it waits beyond that while more has come already, which is taken in first."""


class Upkeep(Protocol):
    """What follows from configuration, and what may go."""

    def __call__(self, controller: ClusterController, now: datetime) -> Mapping[Ident, Condition]:
        """Keeps up namespaces, rights and finalizers; what is to be shown of an object whatever its document says."""
        ...

    def let_go(self, controller: ClusterController, now: datetime) -> list[ClusterError]:
        """Deletes what ended long ago; what could not be deleted."""
        ...


class Gauge(Protocol):
    """What is measured of a pass."""

    def passed(self, controller: ClusterController, summary: Summary, seconds: float) -> None:
        """A pass is over."""
        ...

    def trouble(self, error: AssentError) -> None:
        """A call of the pass came to nothing."""
        ...


class Passing:
    """The loop of the operator: one pass at a time, while this replica leads; `passed` is told after each."""

    def __init__(  # noqa: PLR0913 -- what a pass is made of
        self,
        controller: ClusterController,
        showing: Showing,
        upkeep: Upkeep,
        *,
        leads: Callable[[], bool],
        gauge: Gauge,
        log: logs.Style,
        interval: float = 2.0,
        confirmed: bool = False,
        passed: Callable[[ClusterController], object] = lambda _: None,
    ) -> None:
        self.controller = controller
        self._showing = showing
        self._upkeep = upkeep
        self._leads = leads
        self._gauge = gauge
        self._log = log
        self._interval = interval
        self._confirmed = confirmed
        self._passed = passed
        self._wake, self._touched = threading.Event(), threading.Event()
        self._led = False
        self._shown_of: object = None
        self._show_again = self._rests_until = 0.0
        self.alive = time.monotonic()

    def touch(self, ref: Ref) -> None:
        """Something may have happened to a request."""
        self.controller.touch(ref)
        self._touched.set()
        self._wake.set()

    def wake(self) -> None:
        """Something may have happened to configuration, or the end is asked for."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Passes until asked to stop; what runs in this process is awaited and recorded."""
        while not stop.is_set():
            began = time.monotonic()
            self._round()
            over = time.monotonic()
            self._wake.wait(self._interval)
            self._rest(stop, over, rest(over - began))
        self._finish()

    def _rest(self, stop: threading.Event, over: float, seconds: float) -> None:
        """Gathers what comes, for so long since the last pass was over."""
        self._touched.wait(max(0.0, over + seconds - time.monotonic()))
        stop.wait(max(0.0, over + min(SOON, seconds) - time.monotonic()))
        self._touched.clear()
        self._wake.clear()

    def _round(self) -> None:
        self.alive = time.monotonic()
        if not self._leads():
            self._led = False
            self._collect("it does not lead")
            return
        try:
            if not self._led:
                self.controller.start(time.monotonic, clocks().now if self._confirmed else None)
                self._confirmed = False
                self.controller.resync()
                self._showing.forget()
                self._led = True
            self.once()
        except AssentError as refused:
            self._trouble(refused)

    def once(self) -> Summary:
        """One pass, and what people see of it."""
        began = time.monotonic()
        moment = clocks()
        summary = self.controller.step(moment)
        self._passed(self.controller)
        self._show(moment)
        seconds = time.monotonic() - began
        self._gauge.passed(self.controller, summary, seconds)
        if worth_a_line(summary):
            logs.passed(self._log, summary, seconds)
        return summary

    def _show(self, moment: Moment) -> None:
        for trouble in self._showing.requests(self.controller, moment.now):
            self._trouble(trouble)
        held = self.controller.held
        if held is self._shown_of and moment.monotonic < self._show_again:
            return
        began = time.monotonic()
        if began < self._rests_until + (PRESSED if self._wake.is_set() else 0.0):
            return
        shown = self._kept_up(moment.now)
        over = time.monotonic()
        self._rests_until = over + breather(over - began)
        self._shown_of = held if shown else None
        self._show_again = moment.monotonic + self.controller.resync_every

    def _kept_up(self, now: datetime) -> bool:
        """Whether all that follows from configuration is as it should be now."""
        try:
            kept = self._upkeep(self.controller, now)
        except AssentError as refused:
            self._trouble(refused)
            return False
        troubles = self._showing.configuration(self.controller, kept, now)
        for trouble in (*self._upkeep.let_go(self.controller, now), *troubles):
            self._trouble(trouble)
        return not troubles

    def _trouble(self, refused: AssentError) -> None:
        self._gauge.trouble(refused)
        logs.trouble(self._log, refused)

    def _finish(self) -> None:
        """Records what this process still runs, for as long as whoever stopped it waits."""
        while self.controller.known and self.controller.workshop.busy:
            time.sleep(BURST)
            self._collect("it is being stopped")

    def _collect(self, why: str) -> None:
        """Records what has ended of the calls that this process began; nothing new is started."""
        if not (self.controller.known and self.controller.workshop.busy):
            return
        try:
            self.controller.collect(clocks(), Summary(paused=why))
        except AssentError as refused:
            self._trouble(refused)


def clocks() -> Moment:
    """One look at both clocks."""
    return Moment(datetime.now(UTC), time.monotonic())


def rest(seconds: float) -> float:
    """How long to gather what comes behind a pass that took so many seconds."""
    return min(BURST, max(LEAST, GATHERING * seconds))


def breather(seconds: float) -> float:
    """How long what follows from configuration is left as it is, where working it out took so many seconds."""
    return min(LONGEST, SHARE * seconds)


def worth_a_line(summary: Summary) -> bool:
    """Whether a pass did anything worth a line."""
    return bool(summary.decided or summary.started or summary.ended or summary.held or summary.paused)
