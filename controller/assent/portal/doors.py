"""What the panel asks of the door it stands at: a moment, the history, and two ways to write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from assent.api.ledger import NewRecord, Record
from assent.api.names import Ref
from assent.errors import UsageError
from assent.portal.seen import Seen


class NameTakenError(UsageError):
    """Another request has this name, or a file of its path is there."""


class Door(Protocol):
    """Git mode or a cluster, with the ledger that its controller writes as well; all may be called from any thread."""

    @property
    def name(self) -> Literal["Git", "Cluster"]:
        """Which of the two it is."""
        ...

    def seen(self, now: datetime) -> Seen:
        """What is so at this moment; the same world and state as before where nothing was written."""
        ...

    def version(self) -> int:
        """Another number after anything was written to the ledger."""
        ...

    def records(
        self, after: int = 0, kinds: Collection[str] | None = None, subject: str | None = None
    ) -> Iterator[Record]:
        """The ledger's records, each proven."""
        ...

    def write(self, records: Sequence[NewRecord], now: datetime) -> None:
        """Writes evidence down; ConflictError where one that is there once is there already."""
        ...

    def open(self, ref: Ref, spec: Mapping[str, Any], username: str) -> None:
        """Brings the request's document in, after the evidence of who asked for it.

        Raises:
            NameTakenError: something else is there under its name.
            AssentError: it could not be brought in; to try again is safe.
        """
        ...
