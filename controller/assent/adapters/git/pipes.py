"""One kept Git process: questions go in, answers come out, and nobody waits for ever."""

import os
import selectors
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from typing import IO

from assent.adapters.git import plumbing
from assent.errors import RepositoryError

_CHUNK = 1 << 18
_FAREWELL_SECONDS = 5.0


class Pipe:
    """A process whose input and output are served together, so that neither side can block the other.

    Raises RepositoryError when it ends early or makes no progress for `seconds`.
    """

    def __init__(self, argv: Sequence[str], seconds: float = plumbing.SECONDS) -> None:
        self._seconds = seconds
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by the finalizer
        self._process = subprocess.Popen(
            argv,
            env=plumbing.reading(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )
        self._input, self._output = _ends(self._process)
        self._waiting = bytearray()
        self._finished = False
        self._buffer = bytearray()
        self._at = 0
        self._ended = False
        self._finalizer = weakref.finalize(self, _end, self._process, self._errors)

    def send(self, data: bytes) -> None:
        """Queues a question; it goes out while answers are read."""
        self._waiting += data

    def finish(self) -> None:
        """No more questions follow what is queued."""
        self._finished = True

    def line(self) -> bytes:
        """The next line without its line feed."""
        return self._until(b"\n")

    def field(self) -> bytes:
        """The next text without its NUL."""
        return self._until(b"\0")

    def take(self, size: int) -> bytes:
        """The next bytes, as many as asked for."""
        while len(self._buffer) - self._at < size:
            self._need()
        data = bytes(memoryview(self._buffer)[self._at : self._at + size])
        self._at += size
        return data

    def skip(self, size: int) -> None:
        """Reads past so many bytes without keeping them."""
        while size:
            if self._at == len(self._buffer):
                self._need()
            step = min(size, len(self._buffer) - self._at)
            self._at += step
            size -= step

    def peek(self) -> bytes:
        """The next byte, left where it is; empty at the end."""
        while self._at == len(self._buffer) and not self._ended:
            self._more()
        return bytes(self._buffer[self._at : self._at + 1])

    def rest(self, limit: int) -> bytes:
        """All that is left, at most so many bytes; the process must end well."""
        while not self._ended:
            if len(self._buffer) - self._at > limit:
                raise RepositoryError(f"git answers with more than {limit >> 20} MiB", "the repository is too large")
            self._more()
        self._wait()
        return bytes(self._buffer[self._at :])

    def done(self) -> None:
        """The process must have nothing more to say, and end well."""
        if self.peek():
            self.close()
            raise RepositoryError("git says more than it was asked", "try again")
        self._wait()

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        self._finalizer()

    def _wait(self) -> None:
        try:
            code = self._process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            raise self._late() from None
        if code:
            raise RepositoryError(f"git failed: {self._complaint()}")
        self.close()

    def _until(self, mark: bytes) -> bytes:
        seen = self._at
        while (found := self._buffer.find(mark, seen)) < 0:
            seen = len(self._buffer) - self._at
            self._need()
            seen += self._at
        data = bytes(self._buffer[self._at : found])
        self._at = found + 1
        return data

    def _need(self) -> None:
        if self._ended:
            raise RepositoryError(f"git ended early: {self._complaint()}")
        self._more()

    def _more(self) -> None:
        """Reads one chunk, and writes what is waiting as far as the process takes it."""
        del self._buffer[: self._at]
        self._at = 0
        until = time.monotonic() + self._seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            if self._waiting:
                selector.register(self._input, selectors.EVENT_WRITE)
            elif self._finished:
                self._input.close()
            while True:
                ready = selector.select(until - time.monotonic())
                if not ready:
                    raise self._late()
                if any(key.fileobj is self._input for key, _ in ready) and self._write():
                    selector.unregister(self._input)
                    if self._finished:
                        self._input.close()
                if any(key.fileobj is self._output for key, _ in ready):
                    break
        chunk = self._output.read(_CHUNK) or b""
        self._ended = not chunk
        self._buffer += chunk

    def _write(self) -> bool:
        """Whether nothing is waiting any more."""
        try:
            sent = os.write(self._input.fileno(), self._waiting[:_CHUNK])
        except BlockingIOError:
            return False
        except BrokenPipeError:
            # Why it ended is said on its standard error, which whoever reads the answers is told.
            self._waiting.clear()
            return True
        del self._waiting[:sent]
        return not self._waiting

    def _late(self) -> RepositoryError:
        self._process.kill()
        self.close()
        return RepositoryError(f"git gave no answer within {self._seconds:g} s", "look at the disk, or try again")

    def _complaint(self) -> str:
        self._errors.seek(0)
        text = plumbing.said(self._errors.read(1 << 16))
        self.close()
        return text


def _ends(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:  # pragma: no cover -- both were asked for
        raise RepositoryError("git cannot be talked to")
    for end in (process.stdin, process.stdout):
        os.set_blocking(end.fileno(), False)
    return process.stdin, process.stdout


def _end(process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
    for end in (process.stdin, process.stdout):
        if end is not None:
            end.close()
    try:
        process.wait(_FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    errors.close()
