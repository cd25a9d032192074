"""The first page: what waits for me, what I have asked for; and which organization I look at."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from assent.api.characters import visible
from assent.api.names import Ref
from assent.api.requests import ENDS, Phase
from assent.core import titles
from assent.core.decide import Decision
from assent.core.seeing import Sight
from assent.core.status import why
from assent.portal.choosing import choose, sight_of
from assent.portal.duties import duties
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.seen import Seen
from assent.portal.signing import Me, local

router = APIRouter()

FIRST: Final = 5
"""How many of each the page names; the rest is a page of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in a few words."""

    ref: Ref
    title: str
    requester: str
    phase: Phase
    since: datetime
    stages: tuple[str, ...]
    message: str

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/requests/{self.ref}"


@router.get("/", name="home")
def home(request: Request, me: Me) -> Response:
    """What there is to do; whoever is no User is told so."""
    if me.person is None:
        return render(request, "home.html", stranger=True)
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    waiting, mine = duties(seen, me.person), _mine(seen, sight)
    return render(
        request,
        "home.html",
        stranger=False,
        name=me.user.spec.display_name or me.username if me.user else me.username,
        may_ask=bool(sight.asks_in),
        waiting=[_entry(seen, one.decision, one.since, one.stages) for one in waiting[:FIRST]],
        waiting_count=len(waiting),
        mine=[_entry(seen, one, one.case.seen_at) for one in mine[:FIRST]],
        mine_count=len(mine),
    )


@router.get("/switch", name="switch")
def switch(
    request: Request, me: Me, organization: str = "", next_: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """Looks at one organization from now on, or at all with an empty name, and leads on."""
    if organization and organization not in sight_of(panel_of(request).seen(), me).reach:
        raise MissingError
    response = RedirectResponse(local(next_), HTTPStatus.SEE_OTHER)
    choose(request, response, organization)
    return response


def _mine(seen: Seen, sight: Sight) -> list[Decision]:
    """What the person asked for, or what is for them, while it goes on; the newest first."""
    cases = [case for case in seen.state.cases.values() if case.open and sight.is_theirs(case)]
    found = [one for one in (seen.decision(case.ref) for case in cases) if one.phase not in ENDS]
    return sorted(found, key=lambda one: (one.case.seen_at, one.case.ref), reverse=True)


def _entry(seen: Seen, decision: Decision, since: datetime, stages: tuple[str, ...] = ()) -> Entry:
    case, title = decision.case, titles.request(seen.world, decision)
    requester, message = titles.person(seen.world, case.spec.requester), visible(why(decision)[1])
    return Entry(case.ref, title, requester, decision.phase, since, stages, message)
