"""What a decision leaves in the ledger: the digest that counts from now on, and how the request ended."""

from typing import Any

from assent.api.ledger import NewRecord
from assent.api.records import stamp
from assent.core.cases import End
from assent.core.decide import Decision
from assent.core.status import stages
from assent.core.world import World


def validated(decision: Decision) -> tuple[NewRecord, ...]:
    """The record of the request's digest where it is another one than was recorded last, else none."""
    valid, case = decision.valid, decision.case
    if valid is None or case.claim or valid.digest == case.digest:
        return ()
    return (NewRecord("validated", str(case.ref), {"digest": valid.digest}),)


def ending(world: World, decision: Decision, end: End) -> NewRecord:
    """The record of a request's end, with its stages as they stood."""
    body: dict[str, Any] = {"phase": end.phase, "reason": end.reason, "message": end.message, "by": end.by}
    body |= {"at": stamp(end.at), "stages": stages(world, decision)}
    return NewRecord("ended", str(decision.case.ref), body)
