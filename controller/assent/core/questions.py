"""What a mail's link asks whom, and whether that may still be answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from assent.api.mailings import About
from assent.api.names import Ref
from assent.core.decide import Decision
from assent.core.state import TOLD, State
from assent.core.status import can_decide


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks whom; `telling` is the id under which its answer is told, once."""

    person: Ref
    request: Ref
    stage: str
    digest: str
    about: About
    telling: str


def alive(state: State, decision: Decision, question: Question, now: datetime) -> str:
    """Why the link's question cannot be answered any more, in one word for the log; empty where it can.

    Whoever follows the link is told the same in every case.
    """
    return next((word for word, dead in _deaths(state, decision, question, now) if dead), "")


def _deaths(state: State, decision: Decision, question: Question, now: datetime) -> Iterator[tuple[str, bool]]:
    case, valid, tally = decision.case, decision.valid, decision.tally
    yield "OtherRequest", case.ref != question.request
    proof = f"{TOLD}{question.telling}"
    yield "Used", question.telling in state.told or any(voice.proof == proof for voice in case.voices)
    yield "Ended", not case.open or case.claim is not None
    if valid is None or tally is None:
        yield "NothingToDecide", True
        return
    yield "DigestStale", valid.digest != question.digest
    yield "TooLate", decision.deadline is not None and now > decision.deadline
    yield "ChannelNotAccepted", "Mail" not in valid.gate.accepts
    stages = [one for one in tally.stages if one.seat.name == question.stage and one.state == "Open"]
    yield "StageClosed", not stages
    yield "NotAnApprover", not any(question.person in can_decide(decision, one) for one in stages)
