"""Many files loaded on two cores: what comes out is what `load` gives for each, in whatever order it gets done.

Files are read here alone, in their order and within their bounds; only the making of values is shared out.
A file with findings is loaded once more by this process, so that no finding crosses from one to the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from assent.adapters.documents import events
from assent.adapters.documents.loader import Document, Loaded, load
from assent.adapters.documents.ownership import may_be_ours
from assent.adapters.fork import MOST, Helper, cores_free, started

TOGETHER = 64
"""Files in one job: a few milliseconds of work."""

ALONE = 4 * TOGETHER
"""As many files are loaded before a second process would have begun."""

File = tuple[str, bytes]
Plain = list[tuple[dict[str, object], int, int]] | None
_WRONG = 0
"""Stands for a file with findings."""


class Reading:
    """Files that are being loaded: they have all been read by the time that this is made, and load meanwhile."""

    def __init__(self, files: Iterable[File], *, cores: int | None = None) -> None:
        """Reads all files; with a second core, another process begins to load them while this one goes on."""
        self._jobs: list[list[File]] = []
        self._helper: Helper | None = None
        self._shares = (cores_free() if cores is None else cores) > 1
        try:
            rest = iter(files)
            while job := list(islice(rest, TOGETHER)):
                self._jobs.append(job)
                self._hand_over()
            self._all_read()
        except BaseException:
            self.end()
            raise

    def _all_read(self) -> None:
        if self._helper:
            self._helper.all_given()

    def _hand_over(self) -> None:
        count = len(self._jobs)
        if self._helper and count <= MOST:
            self._helper.give(count - 1, self._jobs[-1])
        elif self._shares and not self._helper and count * TOGETHER > ALONE:
            self._begin()

    def _begin(self) -> None:
        """Starts the other process with all that has been read so far."""
        self._helper = helper = started(_lightly)
        self._shares = helper is not None
        if helper:
            for number, job in enumerate(self._jobs):
                helper.give(number, job)

    def loaded(self) -> Iterator[tuple[int, File, Loaded | None]]:
        """Each file with its number in the order in which they were read; None where nothing in it can be ours.

        Raises RepositoryError where the other process ends before its work does.
        """
        try:
            for job, plain in self._done():
                for at, (file, values) in enumerate(zip(self._jobs[job], plain, strict=True), job * TOGETHER):
                    yield at, file, _loaded(file, values)
        finally:
            self.end()

    def _done(self) -> Iterator[tuple[int, Iterable[Plain | int]]]:
        """Every job with what came of it, those that were handed over first."""
        handed = min(len(self._jobs), MOST) if self._helper else 0
        if self._helper:
            yield from self._helper.finish(handed, self._here)
        yield from ((job, self._here(job)) for job in range(handed, len(self._jobs)))

    def _here(self, job: int) -> list[int]:
        """Whatever this process does itself needs no detour by way of plain values."""
        return [_WRONG] * len(self._jobs[job])

    def end(self) -> None:
        """Gives back what a second process took."""
        if self._helper:
            self._helper.end()
            self._helper = None


def _lightly(files: Sequence[File]) -> list[Plain | int]:
    """The same in a process of its own, where nobody else reads YAML."""
    events.lighten()
    return _plain(files)


def _plain(files: Sequence[File]) -> list[Plain | int]:
    """What the other process says of files: their documents, that nothing in them can be ours, or that it is wrong."""
    said: list[Plain | int] = []
    for name, data in files:
        loaded = load(data, name) if may_be_ours(data) else None
        if loaded is None:
            said.append(None)
        elif loaded.findings:
            said.append(_WRONG)
        else:
            said.append([(one.value, one.index, one.line) for one in loaded.documents])
    return said


def _loaded(file: File, said: Plain | int) -> Loaded | None:
    name, data = file
    if isinstance(said, int):
        return load(data, name) if may_be_ours(data) else None
    return None if said is None else Loaded(tuple(Document(*one) for one in said), ())
