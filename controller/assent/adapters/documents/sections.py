"""A file's bytes cut at its document markers, before any parsing.

In the YAML that is accepted here every line that begins with `---` is a marker and nothing else is,
so a cut at those lines is exact: kubectl cuts in the same way.
"""

import re
from dataclasses import dataclass

MARKER = re.compile(rb"^---", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One stretch between markers: `start` is where its marker's line begins, `body` where that line has ended."""

    start: int
    body: int
    end: int


def sections(data: bytes) -> list[Section]:
    """All sections in order; the first one has no marker and may be empty."""
    starts = [match.start() for match in MARKER.finditer(data)]
    bodies = [_end_of_line(data, start) for start in starts]
    return [
        Section(start, body, end)
        for start, body, end in zip([0, *starts], [0, *bodies], [*starts, len(data)], strict=True)
    ]


def _end_of_line(data: bytes, at: int) -> int:
    found = data.find(b"\n", at)
    return len(data) if found < 0 else found + 1
