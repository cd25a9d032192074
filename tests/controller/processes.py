"""`assent` in processes of its own: forked from this one, which is fast, or started anew, as people start it."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import assent
from assent.__main__ import main
from assent.adapters import logs
from assent.cli import run

PATIENCE = 60


class Ran(NamedTuple):
    """What a process came to; a negative code is the signal that ended it."""

    code: int
    out: str
    err: str


class Forked:
    """A child of this process that runs one command; `prepare` is called in it first."""

    def __init__(self, arguments, environment, folder, prepare=None):
        self.streams = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 -- closed when they are read
        self.pid = os.fork()
        if not self.pid:
            with contextlib.suppress(BaseException):
                self._child([str(one) for one in arguments], environment, folder, prepare)
            os._exit(99)

    def _child(self, arguments, environment, folder, prepare):
        for number, stream in enumerate(self.streams, start=1):
            os.dup2(stream.fileno(), number)
        sys.stdout, sys.stderr = (io.TextIOWrapper(open(number, "wb", closefd=False)) for number in (1, 2))  # noqa: SIM115 -- closed with the process
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        logs.logger.cache_clear()
        run.SLICE = 0.005
        if prepare:
            prepare()
        code = main(arguments)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)

    def kill(self, number):
        os.kill(self.pid, number)

    def said(self):
        """What it has written to standard error so far."""
        return os.pread(self.streams[1].fileno(), 1 << 20, 0).decode()

    def wait(self):
        """Waits for its end; a command that hangs is killed, and fails the test."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return Ran(os.waitstatus_to_exitcode(status), *(self._said(stream) for stream in self.streams))
            time.sleep(0.003)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"it did not end: {[self._said(stream) for stream in self.streams]}")

    def _said(self, stream):
        with stream:
            stream.seek(0)
            return stream.read().decode()


def controller(ground, *more, crash="", prepare=None, folder=None):
    """`assent run --once` in a forked process, which may kill itself at a named point."""
    return Forked(arguments(ground, *more), environment(ground, crash), folder or ground.repository, prepare)


def fresh(ground, *more):
    """`assent run` in a process started anew, from the sources that are tested; what it says goes to `ground.log`."""
    command = [sys.executable, "-m", "assent", *arguments(ground, *more)]
    sources = {"PYTHONPATH": str(Path(assent.__file__).parents[1])}
    with ground.log.open("wb") as log:
        return subprocess.Popen(command, env=environment(ground) | sources, cwd=ground.repository, stderr=log)


def arguments(ground, *more):
    once = [] if "--interval" in more else ["--once"]
    return ["run", *once, "--programs", str(ground.programs), "--ledger-key", str(ground.key), *map(str, more)]


def environment(ground, crash=""):
    return ground.environment() | ({run.CRASH_AT: crash} if crash else {})


def until(condition, seconds=PATIENCE):
    """Waits for something that happens in another process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
