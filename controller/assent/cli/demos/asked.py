"""Whether somebody has asked the demo to end: by Ctrl-C, by a signal, or by closing its terminal."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def heard() -> Iterator[Callable[[], bool]]:
    """While it lasts, each of them raises KeyboardInterrupt; yields whether one has come, whoever it was told to.

    Whoever starts the demo may have SIGINT ignored, as shells do for what runs behind them, and some of the story's
    commands end in order by handlers of their own and say nothing of it: both would make Ctrl-C do nothing.
    """
    before = {number: signal.signal(number, signal.default_int_handler) for number in ENDING}
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


def no_more() -> None:
    """From here on nobody is listened to: what has been asked to end is ending, and takes seconds at most."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _any(reading: int) -> bool:
    """Whether one of them is among the signals that have come since the last look."""
    try:
        return any(number in ENDING for number in os.read(reading, 4096))
    except BlockingIOError:
        return False
