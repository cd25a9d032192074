"""What `check` reports: one problem, with its place and what to do about it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: `line` and `column` count from 1, columns in Unicode code points; 0 is unknown."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:column`, as editors and terminals link it."""
        return ":".join(str(part) for part in (self.file or "-", self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one document.

    `rule` is a stable id in kebab-case; `message` says what, where and which value in one line; `hint` what to do next.
    `path` is the field within the document (`spec.stages[0].quorum`), empty for the whole of it.
    """

    rule: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    place: Place = Place()
    kind: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def order(self) -> tuple[Place, str, str, str]:
        """Sorts findings the same way every time: by place, then rule, then text."""
        return (self.place, self.rule, self.path, self.message)
