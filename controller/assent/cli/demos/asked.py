"""Whether somebody has asked the demo to end: by Ctrl-C, by a signal, or by closing its terminal."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def heard() -> Iterator[Callable[[], bool]]:
    """While it lasts, the first of them raises KeyboardInterrupt; yields whether one has come, whoever it was told to.

    Whoever starts the demo may have SIGINT ignored, as shells do for what runs behind them, and some of the story's
    commands end in order by handlers of their own and say nothing of it: both would make Ctrl-C do nothing.
    """
    before = {number: signal.signal(number, _first) for number in ENDING}
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    told = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield lambda: _any(reading)
    finally:
        signal.set_wakeup_fd(told)
        os.close(reading)
        os.close(writing)
        for number, handler in before.items():
            signal.signal(number, handler)


def break_off() -> NoReturn:
    """Raises KeyboardInterrupt, once: what has been asked to end is ending, and nobody is listened to any more.

    Whoever presses Ctrl-C again would break the clearing up off, which takes seconds at most.
    """
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _first(*_: object) -> None:
    break_off()


def _any(reading: int) -> bool:
    """Whether one of them is among the signals that have come since the last look."""
    try:
        return any(number in ENDING for number in os.read(reading, 4096))
    except BlockingIOError:
        return False
