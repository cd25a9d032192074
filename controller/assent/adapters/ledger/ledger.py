"""The ledger as its callers see it."""

import contextlib
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from assent.adapters.ledger.anchor import Anchor
from assent.adapters.ledger.chain import Chain
from assent.adapters.ledger.lock import file_lock, server_lock
from assent.adapters.ledger.opening import open_to_read, open_to_write
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.seal import GENESIS, Head, Row, Seal
from assent.adapters.ledger.store import Store
from assent.api.ledger import NewRecord, Record
from assent.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Verified:
    """A ledger of which every record is as it was written: how many, and the last one's seal."""

    length: int
    head: str


class Ledger:
    """An append-only history; open it with `Ledger.open`, and close it.

    Every method may be called from any thread.
    """

    def __init__(self, store: Store, anchor: Anchor, seal: Seal, head: Head) -> None:
        self._store = store
        self._anchor = anchor
        self._seal = seal
        self._head = head
        self._turn = threading.Lock()

    @classmethod
    def open(cls, where: str | Path, *, key_file: Path, new: bool = False, read_only: bool = False) -> Self:
        """The ledger at `where`: a file's path, `sqlite:///path`, or `postgresql://…`.

        Made at first use, with its key. `new` starts an empty one where the anchor says that there was one before.
        With `read_only` nothing is written or made.

        Raises:
            NotFoundError: `read_only`, and there never was a ledger.
            LedgerError: it is shorter than it was, broken or not the one it was, or its key is missing.
            UsageError: `where` can hold no ledger.
        """
        place = Place.of(where)
        anchor = Anchor(key_file.expanduser().absolute().parent, place)
        store = Store(place, read_only=read_only)
        try:
            if read_only:
                return cls(store, anchor, *open_to_read(store, anchor, key_file.expanduser()))
            with anchor.hold():
                return cls(store, anchor, *open_to_write(store, anchor, key_file.expanduser(), new=new))
        except BaseException:
            store.close()
            raise

    @property
    def length(self) -> int:
        """How many records there are, as far as this object has seen."""
        return self._head.length

    @property
    def where(self) -> str:
        """The path or URL that people know the ledger by, without a password."""
        return self._store.place.name

    def append(self, records: Sequence[NewRecord], at: datetime) -> tuple[Record, ...]:
        """Write all the records, or none; they are on the disk and anchored when this returns.

        Raises:
            ConflictError: a record that is to be there once is there already.
            LedgerError: somebody else wrote without the key, or the disk took nothing; nothing was written.
        """
        if not records:
            return ()
        if self._store.read_only:
            raise LedgerError(f"The ledger {self.where} was opened to be read.")
        with self._turn, self._anchor.hold():
            with self._store.writing() as connection:
                # What others wrote is proven once, even where this append comes to nothing.
                self._head = self._end(connection)
                rows = list(self._seal.rows(records, at, self._head))
                self._store.add(connection, rows)
                self._anchor.draft(rows[-1].head)
            self._head = rows[-1].head
            self._anchor.settle()
        return tuple(row.record() for row in rows)

    def records(
        self, after: int = 0, kinds: Collection[str] | None = None, subject: str | None = None
    ) -> Iterator[Record]:
        """The records behind sequence `after`, of these kinds and this subject, each proven when it is handed out.

        All records on the way are proven too, and the end against the anchor: a filter within the database would let
        an edited or a dropped record hide.
        """
        for row in self._rows(after):
            if (kinds is None or row.kind in kinds) and (subject is None or row.subject == subject):
                yield row.record()

    def verify(self) -> Verified:
        """Prove every record and the end.

        Raises:
            LedgerError: names the first record that is wrong or missing, and what is wrong with it.
        """
        head = GENESIS
        for row in self._rows(0):
            head = row.head
        return Verified(head.length, head.mac)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one controller that acts on this ledger.

        Raises:
            LedgerError: another one does.
        """
        path = self._store.place.path
        with file_lock(path) if path else server_lock(self._store):
            yield

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, after: int) -> Iterator[Row]:
        return Chain(self.where, self._seal, (self._head,)).follow(self._store.rows(after), after)

    def _end(self, connection: Connection) -> Head:
        """The head that the next record follows; what this object saw and what is anchored must both be before it."""
        anchored = self._anchor.read()
        if anchored is None:
            raise LedgerError(
                f"The anchor {self._anchor.path} of the ledger {self.where} is gone.", "Put the file back as it was."
            )
        chain = Chain(self.where, self._seal, (self._head, anchored))
        start = min(chain.known, key=lambda head: head.length)
        return chain.end(self._store.rows_within(connection, start.length), start)
