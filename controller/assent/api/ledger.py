"""One record of the ledger, as every adapter stores it and every reader gets it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is not written yet.

    `kind` is one word (`observed`, `decided`, `claimed`, …); `subject` is what it is about (`acme/vdi`, an execution's
    id, a commit). `body` is plain JSON. `once` says that the ledger holds at most one record of this kind and subject:
    writing a second raises `ConflictError`, which is how an execution is claimed by one writer only.
    """

    kind: str
    subject: str
    body: dict[str, Any]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands: `sequence` counts from 1 without gaps; `at` is when it was written, in UTC."""

    sequence: int
    at: datetime
    kind: str
    subject: str
    body: dict[str, Any]
