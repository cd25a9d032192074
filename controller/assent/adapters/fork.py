"""A second process that works beside this one: a fork, which has all that this one has and no more.

Jobs and results are told of in two pipes, each in one piece; what they tell of lies in two nameless files in memory,
so that neither process ever waits for the other to read. Both take jobs from the same pipe, and each job goes to one.
"""

import errno
import gc
import marshal
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from select import select
from typing import Any

from assent.errors import RepositoryError

Work = Callable[[Any], Any]
"""What is made of a job; both are plain values (`marshal`)."""

MOST = 2_000
"""Jobs that are handed over: so many notes lie in a pipe without anybody waiting for them to be read."""

ROOM = 1 << 16
"""Bytes of a pipe that so many notes fit into. Linux gives less to a user who has very many pipes open."""

_NOTE = struct.Struct("=IQQ")


def cores_free() -> int:
    """How many cores may be used for this: one, where a fork is not possible or would not be safe."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        return 1  # as whoever started this wanted it: Linux forgets a process that ends, and how it did
    return len(os.sched_getaffinity(0))


def started(work: Work) -> "Helper | None":
    """A second process, or None where the machine gives none: then one does it all."""
    try:
        return Helper(work)
    except OSError:
        return None


class Helper:
    """The second process, seen from the first, which gives it jobs, takes jobs itself and takes the results."""

    def __init__(self, work: Work) -> None:
        """Forks; to be called where there is one thread alone. Raises OSError where the machine gives no process."""
        with ExitStack() as stack:
            self._inbox, self._outbox = _kept(stack, os.memfd_create("jobs"), os.memfd_create("results"))
            self._jobs, self._giving = _kept(stack, *_pipe())
            self._results, told = _kept(stack, *_pipe())
            self._written = 0
            self._process = os.fork()
            if not self._process:
                os.close(self._giving)
                os.close(self._results)
                _serve(work, (self._jobs, self._inbox), (told, self._outbox))
            stack.pop_all()
        os.close(told)

    def give(self, number: int, job: Any) -> None:  # noqa: ANN401 -- plain values
        """One job more, which the first to take it does."""
        self._written += _post(number, marshal.dumps(job), self._inbox, self._written, self._giving)

    def all_given(self) -> None:
        """No job follows."""
        self._giving = _closed(self._giving)

    def finish(self, count: int, here: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
        """So many jobs, all that were given, each with what came of it: there, or `here` where nobody had taken it.

        What the other process is done with comes first. Raises RepositoryError where it is ended before its work.
        """
        for _ in range(count):
            ready = select([self._results], [], [], 0)[0]
            note = None if ready else _note(self._jobs)
            yield (note[0], here(note[0])) if note else self._result()

    def _result(self) -> tuple[int, Any]:
        note = _note(self._results)
        if not note:
            raise self._ended()
        number, start, length = note
        return number, marshal.loads(os.pread(self._outbox, length, start))  # noqa: S302 -- written by our own fork

    def _ended(self) -> Exception:
        """What to say of a process that ended before its work: of one that failed by itself, that this is our bug."""
        code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        self._process = 0
        if code >= 0:
            return RuntimeError(f"another process of ours ended with {code} before its work was done")
        what = f"another process of ours was ended by signal {-code} before its work was done"
        return RepositoryError(what, "is there memory enough? start again")

    def end(self) -> None:
        """Ends the process, whatever it is doing, and gives everything back."""
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0
        for file in (self._inbox, self._outbox, self._jobs, self._results):
            os.close(file)
        self._giving = _closed(self._giving)


def _pipe() -> tuple[int, int]:
    """A pipe with room for all notes; raises OSError for a smaller one, at which both might wait for ever."""
    from fcntl import F_GETPIPE_SZ, fcntl  # noqa: PLC0415 -- only Linux has it, and comes here

    ends = os.pipe()
    if fcntl(ends[1], F_GETPIPE_SZ) >= ROOM:
        return ends
    for one in ends:
        os.close(one)
    raise OSError(errno.EMFILE, "the user has too many pipes")


def _kept(stack: ExitStack, *files: int) -> tuple[int, ...]:
    """Files that are closed again should anything fail before the stack is emptied."""
    for file in files:
        stack.callback(os.close, file)
    return files


def _serve(work: Work, jobs: tuple[int, int], results: tuple[int, int]) -> None:
    """The other process's whole life; it never returns into what it was forked from, and says nothing."""
    code = 1
    with suppress(BaseException):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever forked it ends it
        gc.disable()
        answer(work, jobs, results)
        code = 0
    os._exit(code)


def answer(work: Work, jobs: tuple[int, int], results: tuple[int, int]) -> None:
    """Does jobs until all are taken; each side is a pipe for notes, and the file that they tell of."""
    written = 0
    while note := _note(jobs[0]):
        number, start, length = note
        done = work(marshal.loads(os.pread(jobs[1], length, start)))  # noqa: S302 -- written by whoever forked us
        written += _post(number, marshal.dumps(done), results[1], written, results[0])


def _post(number: int, data: bytes, file: int, start: int, pipe: int) -> int:
    """Puts data behind what is there, then tells of it in one piece; how much it was."""
    written = 0
    while written < len(data):
        written += os.pwrite(file, data[written:], start + written)
    os.write(pipe, _NOTE.pack(number, start, len(data)))
    return len(data)


def _note(pipe: int) -> tuple[int, int, int] | None:
    note = os.read(pipe, _NOTE.size)
    number, start, length = _NOTE.unpack(note) if note else (0, 0, 0)
    return (number, start, length) if note else None


def _closed(file: int) -> int:
    if file >= 0:
        os.close(file)
    return -1
