"""The newest records of the ledger, as they were proven when they were read: pages look at the same ones often."""

from collections.abc import Iterable, Sequence
from typing import Final

from assent.api.ledger import Record

MOST: Final = 10_000
"""Records that are kept: some tens of megabytes."""


class Recent:
    """What was read last, without a gap; may be read while it grows."""

    def __init__(self) -> None:
        self._records: tuple[Record, ...] = ()

    def add(self, more: Iterable[Record]) -> None:
        """Goes on with these, which follow those that are there."""
        self._records = (*self._records, *more)[-MOST:]

    def behind(self, after: int) -> Sequence[Record]:
        """All that is kept behind sequence `after`; nothing where that is not whole, or where there is none."""
        records = self._records
        first = records[0].sequence if records else after + 2
        return records[after + 1 - first :] if first <= after + 1 else ()
