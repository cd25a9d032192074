"""Where a ledger's anchor is kept, and how it is moved on without ever going back.

Database and anchor cannot be written in one transaction, so the order is: read the anchor, commit, move the anchor.
What is anchored was committed before, and the chain may be longer than its anchor, never shorter. An append returns
when its records are anchored; so whoever acts on a claim acts on records that nobody can cut off unseen.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from assent.adapters.ledger.chain import Chain
from assent.adapters.ledger.seal import Seal
from assent.adapters.ledger.store import Store
from assent.api.heads import Head
from assent.errors import LedgerError


class Anchorage(Protocol):
    """Keeps one ledger's head where whoever can write to that ledger cannot.

    Raises:
        LedgerError: from every method, where the head cannot be read or written within bounds.
    """

    @property
    def name(self) -> str:
        """What people know it by: a path, or a kind and a name."""
        ...

    @property
    def advice(self) -> str:
        """What to do where it is missed."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """One writer at a time, as far as this place can see to that."""
        ...

    def read(self) -> Head | None:
        """The head that was anchored last, read afresh; None where there never was a ledger."""
        ...

    def draft(self, head: Head) -> None:
        """Prepare for `settle`: what can fail before the commit fails here."""
        ...

    def settle(self) -> bool:
        """Let the draft take the place of what `read` gave last.

        False where it is not known to have done so, since somebody else moved the anchor or no answer came: read again.
        """
        ...

    def gone(self) -> Iterable[tuple[Path, Head]]:
        """The anchors beside this one whose ledger is not there any more, each in a file."""
        ...


def anchored(store: Store, anchor: Anchorage) -> Head:
    """The head that is anchored of a ledger that has begun."""
    found = anchor.read()
    if found is None:
        raise LedgerError(f"The anchor {anchor.name} of the ledger {store.place} is gone.", anchor.advice)
    return found


def moved(store: Store, anchor: Anchorage, seal: Seal, head: Head) -> None:
    """Have `head`, which was drafted and is committed, anchored: itself, or in a longer chain that somebody anchored.

    Every round that fails for another writer's sake leaves a longer anchor, so the rounds end.

    Raises:
        LedgerError: what is anchored is not in this chain, or the anchor cannot be moved.
    """
    while not anchor.settle():
        found = anchored(store, anchor)
        Chain(store.place.name, seal, (head, found)).reach(store.rows)
        if found.length >= head.length:
            return
