"""One moment of everything, as pages are made of it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from assent.api.names import Ref
from assent.core.cases import Case
from assent.core.decide import EVERY_RUNNER, Decision, decide
from assent.core.deeds import Present
from assent.errors import NotFoundError

Kept = dict[Ref, tuple[Case, Decision]]
"""The decisions that were made before in one world, each with the case that it is of."""


@dataclass(frozen=True)
class Seen(Present):
    """What is so at one moment; `kept` goes from one moment to the next of the same world."""

    kept: Kept = field(default_factory=dict, repr=False, compare=False)
    turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def decision(self, ref: Ref) -> Decision:
        """What the request has come to; the one of before where nothing changed and its time has not come.

        Raises:
            NotFoundError: no controller has seen a request of this name.
        """
        case = self.state.cases.get(ref)
        if case is None:
            raise NotFoundError(f"there is no request {ref}")
        return self._known(case) or self._decided(case)

    def _known(self, case: Case) -> Decision | None:
        before = self.kept.get(case.ref)
        return before[1] if before and before[0] is case and not _due(before[1], self.now) else None

    def _decided(self, case: Case) -> Decision:
        """Decides it, once: after a change everybody who looks would decide everything at the same time."""
        with self.turn:
            found = self._known(case)
            if found is None:
                found = decide(self.world, case, EVERY_RUNNER, self.now)
                self.kept[case.ref] = (case, found)
            return found

    def person(self, username: str) -> Ref | None:
        """The one User who signs in by this name."""
        return self.world.people.named(username)


def _due(decision: Decision, now: datetime) -> bool:
    return decision.look_at is not None and now > decision.look_at
