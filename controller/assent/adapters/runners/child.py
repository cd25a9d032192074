"""One program in a session of its own: started, fed, heard and ended, and all that it started with it."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Self

_LOOK = 0.02  # seconds between two looks whether the program has ended
_CHUNK = 64 * 1024
_LAST_WORDS = 0.5  # seconds to read what is left when the program has ended; a child that escaped may hold the pipe


class Child:
    """A running program; use it in a `with`, at whose end nothing of its process group is left.

    Its process is reaped last of all: until then its number, which is the group's, is nobody else's.

    Raises:
        OSError, ValueError: it could not be started.
    """

    def __init__(self, argv: Sequence[bytes], executable: Path, env: Mapping[bytes, bytes], cwd: Path) -> None:
        self._process = subprocess.Popen(
            argv,
            executable=executable,
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
        self._selector = selectors.DefaultSelector()
        self._feed = memoryview(b"")

    def feed(self, text: bytes) -> None:
        """Have `text` written to its standard input, which is closed behind it."""
        if self._process.stdin and self._process.stdout:
            for pipe in (self._process.stdin, self._process.stdout):
                os.set_blocking(pipe.fileno(), False)
            self._feed = memoryview(text)
            self._selector.register(self._process.stdin, selectors.EVENT_WRITE, self._write)
            self._selector.register(self._process.stdout, selectors.EVENT_READ, self._read)

    def talk(self, hear: Callable[[bytes], None], seconds: float) -> bool:
        """Write and read until the program has ended; False when the seconds are over first."""
        end = time.monotonic() + seconds
        while not self._ended():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._round(hear, min(left, _LOOK))
        return True

    def last_words(self, hear: Callable[[bytes], None]) -> None:
        """Kill what is left of the group, and read what it had written."""
        self.signal(signal.SIGKILL)
        end = time.monotonic() + _LAST_WORDS
        stdin = self._process.stdin
        if stdin and stdin in self._open():
            self._close(stdin)
        while self._open() and time.monotonic() < end:
            self._round(hear, _LOOK)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    @property
    def code(self) -> int:
        """The exit code, and minus the number of the signal that ended it; waits for it."""
        return self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, look) is not None

    def _open(self) -> list[object]:
        return [key.fileobj for key in self._selector.get_map().values()]

    def _round(self, hear: Callable[[bytes], None], seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            key.data(key.fileobj, hear)

    def _read(self, pipe: IO[bytes], hear: Callable[[bytes], None]) -> None:
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(pipe.fileno(), _CHUNK)
            if chunk:
                hear(chunk)
            else:
                self._close(pipe)

    def _write(self, pipe: IO[bytes], _hear: Callable[[bytes], None]) -> None:
        try:
            self._feed = self._feed[os.write(pipe.fileno(), self._feed[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # A program need not read what it is told.
            self._feed = memoryview(b"")
        if not self._feed:
            self._close(pipe)

    def _close(self, pipe: IO[bytes]) -> None:
        self._selector.unregister(pipe)
        pipe.close()
