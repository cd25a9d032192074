"""What waits for somebody's decision, what they have decided lately, and what is on its way to be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nlargest
from typing import Final

from assent.api.names import Ref
from assent.api.tellings import Asked, Told
from assent.core.cases import Case, Voice
from assent.core.decide import Decision
from assent.core.deeds import pending, prospect
from assent.core.figures import waits_since
from assent.core.seeing import waits_for
from assent.core.state import TOLD
from assent.portal.seen import Seen

LATELY: Final = 20
"""How many of somebody's own decisions are shown."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duty:
    """One request that waits for one person: for which stages, since when, and until when a decision counts."""

    decision: Decision
    stages: tuple[str, ...]
    since: datetime
    deadline: datetime | None


def duties(seen: Seen, person: Ref) -> list[Duty]:
    """All that waits for the person, what is due first, then what has waited longest.

    What they have told already is left to the next pass.
    """
    told = {one.request for one in seen.state.told.values() if seen.person(one.username) == person}
    going_on = (case for case in seen.state.cases.values() if case.open and not case.claim and case.ref not in told)
    found = [duty for case in going_on if (duty := _duty(seen.decision(case.ref), person))]
    return sorted(found, key=lambda one: (one.deadline or NEVER, one.since, one.decision.case.ref))


def counting(seen: Seen, ref: Ref) -> list[Told]:
    """What was told of the request and counts once a pass has judged it; a try that is only noted is none of it."""
    if ref not in seen.state.cases:
        return []
    noted = {voice.proof for voice in prospect(seen, ref).voices if voice.because}
    return [one for one in pending(seen.state, ref) if f"{TOLD}{one.id}" not in noted]


def unseen(seen: Seen) -> Iterator[tuple[Ref, Asked]]:
    """Requests that were asked for in the panel and that no controller has seen yet, the last one first."""
    state = seen.state
    return ((ref, state.asked[ref]) for ref in reversed(state.asked) if ref not in state.cases)


def lately(seen: Seen, person: Ref) -> list[tuple[Case, Voice]]:
    """The person's last decisions, the newest first, with the requests that they are about."""
    return nlargest(LATELY, _spoken(seen, person), key=lambda one: one[1].sequence)


def _duty(decision: Decision, person: Ref) -> Duty | None:
    stages = waits_for(decision, person)
    return Duty(decision, stages, waits_since(decision), decision.deadline) if stages else None


def _spoken(seen: Seen, person: Ref) -> Iterator[tuple[Case, Voice]]:
    for case in seen.state.cases.values():
        yield from ((case, voice) for voice in case.voices if voice.person == person)
