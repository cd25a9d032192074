"""The work that runs and that has ended, with what came of each target."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.api.names import Ref
from assent.api.requests import Phase
from assent.core.cases import Claim, Result
from assent.core.decide import Decision
from assent.core.seeing import OPERATIONS, Sight
from assent.portal.ahead import Reader
from assent.portal.choosing import sight_of, wanted
from assent.portal.paging import paging
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.seen import Seen
from assent.portal.sentences.outcomes import outcome
from assent.portal.sentences.standing import standing
from assent.portal.signing import Me
from assent.portal.viewing import reader_of

router = APIRouter()

OUTCOMES: Final[tuple[Phase, ...]] = ("Running", "Succeeded", "PartiallyFailed", "Failed", "Unknown")
"""What a run may have come to."""


@dataclass(frozen=True, slots=True)
class Work:
    """One run; `ended` is None while it goes on, and `seen` says whether its request may be looked at."""

    ref: Ref
    microservice: str
    requester: str
    on_behalf_of: str
    phase: Phase
    message: str
    started: datetime
    ended: datetime | None
    results: tuple[Result, ...]
    targets: int
    seen: bool

    def lasted(self, now: datetime) -> timedelta:
        """How long it has run, or did."""
        return max((self.ended or now) - self.started, timedelta())

    @property
    def words(self) -> Iterable[str]:
        """What a search looks in."""
        return (str(self.ref), self.microservice, self.requester, *(one.target or "" for one in self.results))


@router.get("/operations", name="operations")
def operations(request: Request, me: Me) -> Response:
    """What runs first, then what has ended, the newest first; of the organizations whose operations the person sees."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    among = sight.where(OPERATIONS)
    if not among:
        raise MissingError
    place = wanted(request, sight, among)
    phase, text = request.query_params.get("outcome", ""), request.query_params.get("text", "").strip()
    found = [
        one
        for one in _works(seen, sight, {place} if place else {*among}, reader_of(request))
        if _fits(one, phase, text)
    ]
    page = paging(request, len(found), {"organization": place, "outcome": phase, "text": text})
    return render(
        request,
        "operations.html",
        works=page.cut(found),
        paging=page,
        places=among,
        place=place,
        outcome=phase,
        outcomes=OUTCOMES,
        text=text,
        lasting=lasting,
    )


def lasting(one: timedelta) -> str:
    """A duration as clocks show it: hours, minutes, seconds."""
    minutes, seconds = divmod(int(one.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _works(seen: Seen, sight: Sight, places: set[str], reader: Reader) -> list[Work]:
    claimed = [
        (case.ref, case.claim) for case in seen.state.cases.values() if case.claim and case.ref.namespace in places
    ]
    works = [_work(seen.decision(ref), claim, sight, reader) for ref, claim in claimed]
    return sorted(works, key=lambda one: (one.ended is None, one.ended or one.started, one.ref), reverse=True)


def _work(decision: Decision, claim: Claim, sight: Sight, reader: Reader) -> Work:
    case = decision.case
    end = decision.end or case.end
    return Work(
        ref=case.ref,
        microservice=str(claim.plan["microservice"]),
        requester=case.spec.requester,
        on_behalf_of=case.spec.on_behalf_of or "",
        phase=decision.phase,
        message=standing(sight.world, decision, reader),
        started=claim.at,
        ended=end.at if end else None,
        results=tuple(replace(one, message=outcome(one, claim, reader.translate)) for one in case.results.values()),
        targets=len(claim.plan["executions"]),
        seen=sight.may_see(decision),
    )


def _fits(one: Work, phase: str, text: str) -> bool:
    found = not text or any(text.casefold() in word.casefold() for word in one.words)
    return found and phase in ("", one.phase)
