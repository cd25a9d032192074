"""State and world as they move from one thing seen to the next, and the records that say so.

Both doors keep one: what is written first counts for whatever comes next, so the result does not depend on how often
anybody looks.
"""

from datetime import datetime
from typing import Any

from assent.api.canonical import same, too_large
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ident, Ref
from assent.api.requests import RequestSpec
from assent.core.approvers import basis
from assent.core.cases import Voice
from assent.core.decide import Door, decide
from assent.core.endings import ending, validated
from assent.core.hearing import Heard, Speaker, hear, unheard
from assent.core.state import State, advance
from assent.core.world import Origin, World


class Notebook:
    """The state and world so far; `records` are to be appended in this order, in one transaction.

    Their sequence numbers follow the state's.
    """

    def __init__(self, state: State, world: World) -> None:
        self.state = state.copy()
        self.world = world
        self.records: list[NewRecord] = []

    def note(self, record: NewRecord, now: datetime) -> None:
        """Adds a record, and moves the state on."""
        self.records.append(record)
        at = self.state.sequence + 1
        self.state = advance(self.state, Record(at, now, record.kind, record.subject, record.body))

    def hear(self, ref: Ref, heard: Heard, speaker: Speaker, now: datetime) -> None:
        """Judges one decision on a request, and keeps the verdict."""
        case = self.state.cases.get(ref)
        voice = hear(self.world, case, heard, speaker, now) if case else unheard(heard, speaker, now)
        self._decided(ref, voice, now)

    def _decided(self, ref: Ref, voice: Voice, now: datetime) -> None:
        """Keeps the decision; one that ends the request does so here, before anything later is judged."""
        self.note(NewRecord("decided", str(ref), voice_body(voice)), now)
        if voice.because:
            return
        decision = decide(self.world, self.state.cases[ref], Door(), now)
        if decision.end and decision.end.by:
            for record in (*validated(decision), ending(self.world, decision, decision.end)):
                self.note(record, now)

    def asked_by(self, ref: Ref, spec: RequestSpec) -> Ref | None:
        """The requester, where they asked for this very spec in the panel."""
        return asked_by(self.state, self.world, ref, spec)

    def refuse(self, ref: Ref, reason: str, message: str, proof: str, now: datetime) -> None:
        """Keeps that a change of a request does not count, and why."""
        body = {"reason": reason, "message": message, "commit": proof}
        self.note(NewRecord("refused", str(ref), body), now)

    def inherited(self, ident: Ident, speaker: Speaker) -> dict[str, Any]:
        """Whose a person's own User is after they wrote it themselves: as old, and as much theirs, as what proved them.

        Else whoever lends somebody a key or a name for a moment could launder it into another one, or a clean slate.
        """
        if speaker.person is None or not speaker.via or ident != Ident("User", *speaker.person):
            return {}
        notes = self.world.provenance.get(ident)
        origin = (notes.parts.get(speaker.via) if notes else None) or Origin(None, 0)
        return {"inherits": {"author": str(origin.author) if origin.author else None, "since": origin.since}}


def asked_by(state: State, world: World, ref: Ref, spec: RequestSpec) -> Ref | None:
    """The requester of a request, where they asked for this very spec under this name in the panel."""
    asked, requester = state.asked.get(ref), world.people.named(spec.requester)
    if asked is None or world.people.named(asked.username) != requester:
        return None
    wanted = spec.plain()
    return requester if not too_large(wanted) and same(asked.spec, wanted) else None


def observation(world: World, ref: Ref, spec: RequestSpec, proven: Ref | None, proof: str) -> NewRecord:
    """The first sight of a request: what it says, whose it is, and who may approve at this point."""
    approvers = {str(person): str(role) for person, role in sorted(basis(world, ref.namespace).items())}
    body: dict[str, Any] = {"spec": spec.plain(), "approvers": approvers, "commit": proof}
    body["provenBy"] = str(proven) if proven else None
    beneficiary = world.people.named(spec.on_behalf_of) if spec.on_behalf_of else None
    body["beneficiary"] = str(beneficiary) if beneficiary else None
    return NewRecord("observed", str(ref), body, once=True)


def voice_body(voice: Voice) -> dict[str, Any]:
    """A decision as the ledger keeps it."""
    body = {
        "verb": voice.verb,
        "username": voice.username,
        "person": str(voice.person) if voice.person else None,
        "channel": voice.channel,
        "proof": voice.proof,
        "entry": voice.entry,
        "digest": voice.digest,
        "reason": voice.reason,
        "because": voice.because,
        "message": voice.message,
        "via": voice.via,
        "signedIn": voice.signed_in,
    }
    return {name: value for name, value in body.items() if value not in (None, "")}
