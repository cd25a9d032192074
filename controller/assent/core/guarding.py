"""Whether approval entries prove who wrote them: admission's policies are tried, and must be those that were tried."""

from enum import StrEnum

from assent.api.ledger import NewRecord
from assent.api.sightings import Examined
from assent.core.state import State


class Trust(StrEnum):
    """What new entries are worth: they are heard, they must be written again, or they wait until that is known."""

    HEARD = "heard"
    VOID = "void"
    WAITS = "waits"


def trust(state: State, found: Examined) -> Trust:
    """What entries are worth that were first seen before this look, and after the last one that the ledger has.

    Nobody can tell what was written while the policies were others, so what is seen across a change counts for nothing.
    """
    if not found.proven:
        return Trust.WAITS
    return Trust.HEARD if state.guarded == found.policies else Trust.VOID


def note(state: State, found: Examined) -> NewRecord | None:
    """The record of what changed since the last look; a look that could not be taken says nothing."""
    policies = found.policies if found.proven else ""
    if found.proven is None or policies == state.guarded:
        return None
    body = {"policies": found.policies, "proven": found.proven, "message": found.why}
    return NewRecord("guarded", found.policies[:64] or "none", body)
