"""A request that is not written yet, as it would be decided if its requester brought it in at this moment."""

from datetime import datetime

from assent.api.ledger import Record
from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.core.cases import Case
from assent.core.decide import EVERY_RUNNER, Decision, decide
from assent.core.notebook import observation
from assent.core.state import State, fold
from assent.core.world import World


def preview(world: World, ref: Ref, spec: RequestSpec, now: datetime, after: State | None = None) -> Decision:
    """What it would come to: its phase, its digest, and who would decide it; `after` is what is known already."""
    return decide(world, imagined(world, ref, spec, now, after), EVERY_RUNNER, now)


def imagined(world: World, ref: Ref, spec: RequestSpec, now: datetime, after: State | None = None) -> Case:
    """Its case, as if its requester had been seen to bring it in behind all that is known."""
    new = observation(world, ref, spec, world.people.named(spec.requester), "")
    sequence = after.sequence + 1 if after else 1
    return fold([Record(sequence, now, new.kind, new.subject, new.body)]).cases[ref]
