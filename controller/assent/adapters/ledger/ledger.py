"""The ledger as its callers see it."""

import contextlib
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from assent.adapters.ledger.anchor import Anchor
from assent.adapters.ledger.anchorage import Anchorage, anchored, moved
from assent.adapters.ledger.chain import Chain
from assent.adapters.ledger.lock import file_lock, server_lock
from assent.adapters.ledger.opening import open_to_read, open_to_write
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.seal import GENESIS, Row, Seal
from assent.adapters.ledger.store import Store
from assent.api.heads import Head
from assent.api.ledger import NewRecord, Record
from assent.errors import ConflictError, LedgerError


@dataclass(frozen=True, slots=True)
class Verified:
    """A ledger of which every record is as it was written: how many, and the last one's seal."""

    length: int
    head: str


class Ledger:
    """An append-only history; open it with `Ledger.open`, and close it.

    `went_back` is whether the anchor was found shorter than this very object had made it: somebody put an old one back.

    Every method may be called from any thread.
    """

    def __init__(self, store: Store, anchor: Anchorage, seal: Seal, head: Head) -> None:
        self._store = store
        self._anchor = anchor
        self._seal = seal
        self._head = head
        self._lock = threading.Lock()
        self._seen = threading.Lock()
        self._settled = 0
        self.went_back = False

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        key_file: Path,
        anchor: Anchorage | None = None,
        new: bool = False,
        read_only: bool = False,
    ) -> Self:
        """The ledger at `where`: a file's path, `sqlite:///path`, or `postgresql://…`.

        Made at first use, with its key. Its anchor is a file beside the key where no `anchor` is given.
        `new` starts an empty one where the anchor says that there was one before.
        With `read_only` nothing is written or made.

        Raises:
            NotFoundError: `read_only`, and there never was a ledger.
            LedgerError: it is shorter than it was, broken or not the one it was, or its key is missing.
            UsageError: `where` can hold no ledger.
        """
        place = Place.of(where)
        key_file = key_file.expanduser()
        kept = anchor or Anchor(key_file.absolute().parent, place)
        store = Store(place, read_only=read_only)
        try:
            if read_only:
                return cls(store, kept, *open_to_read(store, kept, key_file))
            with kept.hold():
                return cls(store, kept, *open_to_write(store, kept, key_file, new=new))
        except BaseException:
            store.close()
            raise

    @property
    def length(self) -> int:
        """How many records there are, as far as this object has seen."""
        return self._head.length

    def reach(self) -> int:
        """How many records the database holds at this moment, proven or not."""
        return self._store.length()

    @property
    def where(self) -> str:
        """The path or URL that people know the ledger by, without a password."""
        return self._store.place.name

    def append(self, records: Sequence[NewRecord], at: datetime, after: int | None = None) -> tuple[Record, ...]:
        """Write all the records, or none; they are on the disk and anchored when this returns.

        `after` is the length of the ledger that the caller has read: with it nothing is written over what it has not.

        Raises:
            ConflictError: a record that is to be there once is there already, or the ledger is longer than `after`;
                nothing was written.
            LedgerError: somebody else wrote without the key, or database or anchor could not be written. Nothing was
                written, or the records are there and not known to be anchored: nothing is executed on them until a
                later append, or the next opening, has anchored them.
        """
        if not records:
            return ()
        if self._store.read_only:
            raise LedgerError(f"The ledger {self.where} was opened to be read.")
        with self._lock, self._anchor.hold():
            # Read first, it is in the database by now; and where it cannot be read nothing is committed.
            known = anchored(self._store, self._anchor)
            self.went_back |= known.length < self._settled
            with self._store.writing() as connection:
                # What others wrote is proven once, even where this append comes to nothing.
                chain = Chain(self.where, self._seal, (self._head, known))
                self._saw(chain.reach(partial(self._store.rows_within, connection)))
                self._refuse_unread(after)
                rows = list(self._seal.rows(records, at, self._head))
                self._store.add(connection, rows)
                self._anchor.draft(rows[-1].head)
            self._saw(rows[-1].head)
            moved(self._store, self._anchor, self._seal, rows[-1].head)
            self._settled = rows[-1].head.length
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

    def _refuse_unread(self, after: int | None) -> None:
        if after is not None and self._head.length != after:
            raise ConflictError(
                f"Somebody else wrote to the ledger {self.where}, which has {self._head.length} records now.",
                "Look again.",
            )

    def _rows(self, after: int) -> Iterator[Row]:
        """The proven rows behind `after`; whoever reads on later does so on what was read here."""
        last = GENESIS
        try:
            for row in Chain(self.where, self._seal, (self._head,)).follow(self._store.rows(after), after):
                last = row.head
                yield row
        finally:
            self._saw(last)

    def _saw(self, head: Head) -> None:
        """Remember the longest head that was proven: what is missing or replaced below it shows from now on."""
        with self._seen:
            if head.length > self._head.length:
                self._head = head
