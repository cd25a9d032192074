"""What must be true before a ledger is trusted, and how a new one begins."""

from pathlib import Path

from assent.adapters.ledger.anchorage import Anchorage, moved
from assent.adapters.ledger.chain import BROKEN, Chain
from assent.adapters.ledger.key import make_key, read_key
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.seal import GENESIS, Seal
from assent.adapters.ledger.store import Store
from assent.api.heads import Head
from assent.errors import LedgerError, NotFoundError


def open_to_read(store: Store, anchor: Anchorage, key_file: Path) -> tuple[Seal, Head]:
    """The seal and the proven head of a ledger that is there; nothing is written anywhere.

    Raises:
        NotFoundError: there is no ledger, and there was none before.
    """
    anchored, length = _look(store, anchor)
    if not length and not (anchored and anchored.length) and not store.revision():
        raise NotFoundError(f"There is no ledger at {store.place}.", "`assent run` makes one.")
    _refuse_lost(store.place, length, anchored)
    key = read_key(key_file)
    if key is None:
        raise _keyless(store.place, key_file)
    seal = Seal(key)
    return seal, _proven(store, seal, anchored or _left(store, anchor)[1])


def open_to_write(store: Store, anchor: Anchorage, key_file: Path, *, new: bool) -> tuple[Seal, Head]:
    """The seal and the proven head of a ledger, made where there is none; the caller holds the anchor.

    A new ledger's anchor is written before the ledger, so that no ledger is ever without one.
    """
    anchored, length = _look(store, anchor)
    if new:
        _refuse_full(store.place, length)
    else:
        _refuse_lost(store.place, length, anchored)
    key = read_key(key_file)
    if key is None and length:
        raise _keyless(store.place, key_file)
    seal = Seal(key or make_key(key_file))
    if not length and (new or anchored is None):
        anchor.draft(GENESIS)
        if not anchor.settle():
            # Somebody else began at the same moment, or nobody can say: what is there now decides.
            return open_to_write(store, anchor, key_file, new=new)
        anchored = GENESIS
    store.migrate()
    return seal, _continued(store, anchor, seal, anchored)


def _look(store: Store, anchor: Anchorage) -> tuple[Head | None, int]:
    """What is anchored and how many rows there are.

    The anchor is read first: what it says is in the database by then, however much others go on to write.
    """
    anchored = anchor.read()
    length = store.length()
    if length and anchored is None:
        # An anchor is written before its ledger: where somebody else began one in between, it is there by now.
        anchored = anchor.read()
    return anchored, length


def _continued(store: Store, anchor: Anchorage, seal: Seal, anchored: Head | None) -> Head:
    """The proven head, which is the anchored one when this returns."""
    left = None
    if anchored is None:
        left, anchored = _left(store, anchor)
    head = _proven(store, seal, anchored)
    if left or head != anchored:
        anchor.draft(head)
        moved(store, anchor, seal, head)
    if left:
        left.unlink()
    return head


def _proven(store: Store, seal: Seal, anchored: Head) -> Head:
    chain = Chain(store.place.name, seal, (anchored,))
    try:
        return chain.reach(store.rows)
    except LedgerError:
        # The end shows that something is wrong; the whole chain shows what was wrong first.
        chain.end(store.rows(), GENESIS)
        raise


def _refuse_lost(place: Place, length: int, anchored: Head | None) -> None:
    if anchored and anchored.length and not length:
        raise LedgerError(
            f"The ledger {place} is empty or gone, and held {anchored.length} records.",
            "Put it back as it was, or start an empty one with --new-ledger.",
        )


def _refuse_full(place: Place, length: int) -> None:
    if length:
        raise LedgerError(
            f"The ledger {place} holds {length} records; a new one begins only where there are none.",
            "Leave --new-ledger out to go on with it, or move it away first.",
        )


def _keyless(place: Place, key_file: Path) -> LedgerError:
    return LedgerError(
        f"The key {key_file} of the ledger {place} is missing.",
        "Put the key file back, or name it with --ledger-key; without it no record can be trusted.",
    )


def _left(store: Store, anchor: Anchorage) -> tuple[Path | None, Head]:
    """The anchor of the place that this ledger was moved from: that file is gone, and its head is in this chain."""
    if not store.length():
        return None, GENESIS
    for path, head in anchor.gone():
        row = store.row(head.length)
        if row and row.mac == head.mac:
            return path, head
    raise LedgerError(
        f"Nothing says how far the ledger {store.place} reached, so what is missing cannot be known: "
        f"there is no anchor {anchor.name}.",
        f"{anchor.advice} {BROKEN}",
    )
