"""A command of ours as one of the demo's processes: it ends when the demo does, even where that is killed.

Its standard input is a pipe that nobody writes to; it ends where the demo ends, however that comes about.
The command itself finds nothing there, as behind `< /dev/null`.
"""

import os
import signal
import sys
import threading
import time

from assent.__main__ import main

GRACE = 4.0
"""Seconds in which a command has to end once it is asked."""


def held() -> None:
    """From here on this process ends with whoever holds the other end of its standard input."""
    leash = os.dup(sys.stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    threading.Thread(target=_watch, args=(leash,), name="leash", daemon=True).start()


def _watch(leash: int) -> None:
    while os.read(leash, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    held()
    sys.exit(main())
