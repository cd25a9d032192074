"""The problems of one file, gathered while reading goes on."""

from typing import NoReturn

from assent.adapters.documents import limits
from assent.api.findings import Finding, Place

_SHOWN = 60
_SHOWN_NAME = 4096


class StopReadingError(Exception):
    """Nothing behind this point can be read; never leaves the loader."""


def shown(text: str, most: int = _SHOWN) -> str:
    """A value as messages quote it: one line, escaped where it could mislead, cut at 60 characters."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    inner = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)
    return f"'{inner}'"


def shown_name(name: object) -> str:
    """The name of a file or folder as messages quote it, whole."""
    return shown(str(name), _SHOWN_NAME)


class Refusals:
    """Collects findings of one file, at most `limits.FINDINGS`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._findings: list[Finding] = []

    def __len__(self) -> int:
        """How many problems there are so far."""
        return len(self._findings)

    def add(self, rule: str, line: int, column: int, message: str, hint: str) -> None:
        """Notes a problem; lines and columns count from 1. Raises StopReadingError when there are too many."""
        place = Place(self._file, line, column)
        if len(self._findings) >= limits.FINDINGS:
            text = f"more than {limits.FINDINGS} problems; the rest of the file was not looked at"
            self._findings.append(Finding("yaml-too-many-problems", text, "put these right first", place=place))
            raise StopReadingError
        self._findings.append(Finding(rule, message, hint, place=place))

    def stop(self, rule: str, line: int, column: int, message: str, hint: str) -> NoReturn:
        """Notes a problem behind which nothing can be read."""
        self.add(rule, line, column, message, hint)
        self.halt()

    def halt(self) -> NoReturn:
        """Ends the reading of this file."""
        raise StopReadingError

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order of the text."""
        return tuple(sorted(self._findings, key=lambda finding: finding.order))
