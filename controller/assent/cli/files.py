"""The files under some paths, as they begin to load: all that a command does before it needs anything else.

While another process loads, this one imports the kinds and the rules, which takes as long as a thousand documents.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assent.adapters.documents import Reading, scan
from assent.api.findings import Finding, Place


class Files:
    """Every file under the paths, read and loading; `findings` are of what is not read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises NotFoundError for a path that is not there, RepositoryError for more than is read."""
        self.findings: list[Finding] = []
        self.reading = Reading(self._found(paths))

    def _found(self, paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
        """Every file under its name as people would write it from here; one that two paths lead to once."""
        seen: set[str] = set()
        for path in paths:
            folder = path.is_dir()
            above = path if folder else path.parent
            before = "" if above == Path() else f"{above.as_posix().rstrip('/')}/"

            def refused(one: Finding, above: Path = above) -> None:
                self.findings.append(_moved(one, above))

            # No link is followed below a folder, so where the folder really is says where all of its files are.
            real = str(path.resolve())
            for name, data in scan(path, refused=refused):
                where = f"{real}/{name}" if folder else real
                if where not in seen:
                    seen.add(where)
                    yield before + name, data


def _moved(one: Finding, above: Path) -> Finding:
    """A finding whose file is named from the folder that was scanned, named from here."""
    place = (
        Place((above / one.place.file).as_posix(), one.place.line, one.place.column) if one.place.file else one.place
    )
    return Finding(one.rule, one.message, one.hint, one.severity, place)
