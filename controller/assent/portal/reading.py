"""The ledger as the panel follows it: what it says is folded once, and read on from there."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord, Record
from assent.core.state import State, fold
from assent.core.world import World
from assent.portal.recent import Recent
from assent.portal.seen import Kept, Seen

WORLDLY = frozenset({"configured", "trusted"})
"""Records after which another world is in force."""

Build = Callable[[State, World, bool], World]
"""The world in force: by this state, from the one of before; the flag says whether the ledger told of a change."""


class Reading:
    """Follows one ledger, and writes evidence to it; `build` makes the world that its documents come to."""

    def __init__(self, ledger: Ledger, build: Build) -> None:
        self._ledger = ledger
        self._build = build
        self._lock = threading.Lock()
        self._state = State()
        self._world = World()
        self._told = False
        self._kept: Kept = {}
        self._deciding = threading.Lock()
        self._recent = Recent()

    def seen(self, now: datetime) -> Seen:
        """Everything that is in the ledger at this moment."""
        with self._lock:
            if self._ledger.reach() != self._state.sequence:
                self._told = self._read_on() or self._told
            world = self._build(self._state, self._world, self._told)
            self._told = False  # where that could not be made it is tried again by the next look
            if world is not self._world:
                # A world that is not in force any more is kept by nothing.
                self._world, self._kept = world, {}
            return Seen(self._world, self._state, now, self._kept, self._deciding)

    def _read_on(self) -> bool:
        """Whether documents changed by what was read."""
        more = [*self._ledger.records(self._state.sequence)]
        self._state = fold(more, self._state)
        self._recent.add(more)
        return any(record.kind in WORLDLY for record in more)

    def version(self) -> int:
        """How many records there are."""
        return self._ledger.reach()

    def records(
        self, after: int = 0, kinds: Collection[str] | None = None, subject: str | None = None
    ) -> Iterator[Record]:
        """The ledger's records, each proven: now, or when it was read to be folded."""
        known = self._recent.behind(after)
        yield from (one for one in known if (kinds is None or one.kind in kinds) and subject in (None, one.subject))
        yield from self._ledger.records(known[-1].sequence if known else after, kinds, subject)

    def write(self, records: Sequence[NewRecord], now: datetime) -> None:
        """Writes evidence down; ConflictError where one that is there once is there already.

        The ledger keeps everything for ever, so what could not be read back raises ValueError and is not written.
        """
        fold(Record(at, now, one.kind, one.subject, one.body) for at, one in enumerate(records, start=1))
        self._ledger.append(records, now)
