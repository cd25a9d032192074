"""How records follow one another, and what a reader says of the first that does not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assent.adapters.ledger.seal import GENESIS, Row, Seal
from assent.api.heads import Head
from assent.errors import LedgerError

BROKEN = "Nothing runs on this ledger: put it back as it was, or move it away and start an empty one with --new-ledger."


@dataclass(frozen=True, slots=True)
class Chain:
    """One ledger's chain as its reader proves it: it must hold every one of the heads that are known of it."""

    name: str
    seal: Seal
    known: tuple[Head, ...]

    def follow(self, rows: Iterable[Row], after: int = 0) -> Iterator[Row]:
        """The rows behind `after`, each proven to follow the one before it; `rows` begin with number `after` itself.

        Raises:
            LedgerError: names the first record that is wrong or missing, when the reader gets there.
        """
        rest = iter(rows)
        head = GENESIS
        if after:
            row = next(rest, None)
            if row is None or row.sequence != after:
                raise self.wrong(after, "is missing")
            self._prove(row, Head(after - 1, row.previous))
            head = row.head
        for row in rest:
            self._prove(row, head)
            head = row.head
            yield row
        longest = max(known.length for known in self.known)
        if head.length < longest:
            raise self.wrong(head.length + 1, f"is missing: the ledger ends before it, and held {longest} records")

    def end(self, rows: Iterable[Row], after: Head) -> Head:
        """The chain's head, where `rows` go on from `after` as they must."""
        for row in self.follow(rows, after.length):
            after = row.head
        return after

    def reach(self, read: Callable[[int], Iterable[Row]]) -> Head:
        """The chain's head, proven from the shortest known one on; `read` gives the rows from a number on."""
        start = min(self.known, key=lambda head: head.length)
        return self.end(read(start.length), start)

    def wrong(self, sequence: int, what: str) -> LedgerError:
        """The sentence about one record."""
        return LedgerError(f"Record {sequence} of the ledger {self.name} {what}.", BROKEN)

    def _prove(self, row: Row, head: Head) -> None:
        if row.sequence <= head.length:
            raise self.wrong(row.sequence, "stands outside of the chain: it was written by hand")
        if row.sequence != head.length + 1:
            raise self.wrong(head.length + 1, f"is missing: record {row.sequence} is the next")
        if fault := self.seal.fault(row):
            raise self.wrong(row.sequence, fault)
        if row.previous != head.mac:
            raise self.wrong(row.sequence, f"does not follow record {head.length}: one of the two was replaced")
        if any(known.length == row.sequence and known.mac != row.mac for known in self.known):
            raise self.wrong(row.sequence, "is not the one that is anchored: it was replaced")
