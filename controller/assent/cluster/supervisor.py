"""The parts of the operator's process, each on a thread of its own: started again when one ends, ended together.

A part that cannot be kept alive ends the process, so that whoever runs it sees that and starts it afresh.
"""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from structlog.typing import FilteringBoundLogger

from assent.adapters.kube.waits import backoff
from assent.errors import AssentError

LOOK = 0.2
"""Seconds between two looks at whether the end is asked for."""


def _nothing() -> None: ...


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Part:
    """What runs until its flag is set; ending sooner, in whatever way, is a failure.

    `wake` ends what the flag alone does not, a read for example. `healthy` is asked when a run has ended that was not
    told to: whether it had come to do its work.
    """

    name: str
    run: Callable[[Event], object]
    wake: Callable[[], object] = _nothing
    healthy: Callable[[], bool] = _always


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up: so many failures of one part in so many seconds, with no healthy run among them.

    A run is healthy that lasted `settled` seconds and whose part says so. `shortest` and `longest` bound the pause
    before the next run; `grace` is how long all parts together may take to end. All in seconds.
    """

    failures: int = 5
    window: float = 300.0
    settled: float = 10.0
    shortest: float = 0.5
    longest: float = 30.0
    grace: float = 18.0


class Supervisor:
    """Keeps the parts running; `restarted` is told whose run ended unasked, before each pause."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        log: FilteringBoundLogger,
        restarted: Callable[[str], object] = lambda _: None,
        beat: Callable[[], object] = _nothing,
        patience: Patience | None = None,
    ) -> None:
        self._parts = parts
        self._log = log
        self._restarted = restarted
        self._beat = beat
        self._patience = patience or Patience()
        self._stop = Event()
        self._gave_up = Event()
        self._asked = False

    def ask(self) -> None:
        """Asks for the end of all parts; safe in a signal handler: it takes no lock."""
        self._asked = True

    def run(self) -> int:
        """Runs them until the end is asked for (0), or one had to be given up or did not end in time (1)."""
        threads = {part: Thread(target=self._keep, args=(part,), name=part.name, daemon=True) for part in self._parts}
        for thread in threads.values():
            thread.start()
        while not (self._asked or self._gave_up.wait(LOOK)):
            self._beat()
        ended = self._end(threads)
        return 0 if ended and not self._gave_up.is_set() else 1

    def _end(self, threads: dict[Part, Thread]) -> bool:
        """Tells every part, then waits for all of them until the deadline they share."""
        until = time.monotonic() + self._patience.grace
        self._stop.set()
        for part in threads:
            self._wake(part)
        for thread in threads.values():
            thread.join(max(0.0, until - time.monotonic()))
        late = sorted(part.name for part, thread in threads.items() if thread.is_alive())
        if late:
            self._log.error("stop", problem=f"these did not end in {self._patience.grace:g} s: {', '.join(late)}")
        return not late

    def _wake(self, part: Part) -> None:
        try:
            part.wake()
        except Exception as error:  # noqa: BLE001 -- one part's fault must not keep the others from being told
            self._log.error("stop", part=part.name, problem=_sentence(error))

    def _keep(self, part: Part) -> None:
        failures: deque[float] = deque()
        row = 0
        while not self._stop.is_set():
            began = time.monotonic()
            problem = self._once(part)
            if self._stop.is_set():
                return
            ended = time.monotonic()
            if ended - began >= self._patience.settled and part.healthy():
                failures.clear()
                row = 0
            failures.append(ended)
            row += 1
            if self._hopeless(failures, ended):
                self._log.error(
                    "part", part=part.name, problem=problem, hint=f"given up after {len(failures)} failures"
                )
                self._gave_up.set()
                return
            self._pause(part, problem, row)

    def _once(self, part: Part) -> str:
        """One run; what ended it, as a sentence."""
        try:
            part.run(self._stop)
        except BaseException as error:  # noqa: BLE001 -- whatever ends a part, SystemExit too, is a reason to look after it
            return _sentence(error)
        return "it ended unasked"

    def _hopeless(self, failures: deque[float], now: float) -> bool:
        while now - failures[0] > self._patience.window:
            failures.popleft()
        return len(failures) >= self._patience.failures

    def _pause(self, part: Part, problem: str, row: int) -> None:
        seconds = backoff(row, base=self._patience.shortest, cap=self._patience.longest)
        self._restarted(part.name)
        self._log.warning("part", part=part.name, problem=problem, restart=round(seconds, 1))
        self._stop.wait(seconds)


@contextmanager
def ended_by_signals(supervisor: Supervisor) -> Iterator[None]:
    """While it lasts, SIGTERM and SIGINT ask for the end; to be entered on the main thread."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: supervisor.ask()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _sentence(error: BaseException) -> str:
    """Our own errors' sentences are free of secrets; of any other only its type and place are told."""
    if isinstance(error, AssentError):
        return error.message
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" at {at.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at.tb_lineno}" if at else ""
    return f"{type(error).__name__}{place}"
