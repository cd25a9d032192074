"""How a request ended, as values: whoever tells it in another language makes the sentence of them."""

from dataclasses import dataclass

from assent.api.decisions import SETTLING
from assent.core.cases import Voice
from assent.core.decide import Decision

BY_A_PERSON = {
    "Cancelled": frozenset({"cancel"}),
    "Rejected": frozenset({"reject"}),
    "RunFailed": SETTLING,
    "RunSucceeded": SETTLING,
    "Withdrawn": frozenset({"withdraw"}),
}
"""Reasons of an end that a person's decision may have brought about, and by which verbs."""


@dataclass(frozen=True, slots=True)
class Closing:
    """One end: its reason, who brought it about (a username) and what they said, and how many targets failed of all."""

    reason: str
    username: str = ""
    said: str = ""
    failed: int = 0
    total: int = 0


def closing(decision: Decision) -> Closing | None:
    """How it ended, as the ledger knows; None while it goes on."""
    case, end = decision.case, decision.end or decision.case.end
    if case.reused and decision.phase == "Invalid":
        return Closing("NameUsedBefore")
    if end is None:
        return None
    voice = _voice(decision, end.reason, end.by) if end.by else None
    states = [one.state for one in case.results.values()]
    username, said = (voice.username, voice.reason or "") if voice else ("", "")
    return Closing(end.reason, username, said, len(states) - states.count("Succeeded"), len(states))


def _voice(decision: Decision, reason: str, by: str) -> Voice | None:
    """The last decision of this person's that counted when it was judged, and that ends a request so."""
    verbs = BY_A_PERSON.get(reason, frozenset())
    found = [one for one in decision.case.voices if one.verb in verbs and not one.because and str(one.person) == by]
    return found[-1] if found else None
