"""The first page: what waits for me, what I have asked for; and which organization I look at."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from assent.api.names import Ref
from assent.api.requests import ENDS
from assent.api.tellings import Asked
from assent.core import titles
from assent.core.decide import Decision
from assent.core.offers import offered
from assent.core.seeing import Sight
from assent.portal.ahead import Reader
from assent.portal.choosing import choose, chosen, sight_of
from assent.portal.duties import Duty, duties, unseen
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.seen import Seen
from assent.portal.sentences.standing import standing
from assent.portal.signing import Me, local
from assent.portal.viewing import reader_of

router = APIRouter()

ONWARD: Final = {"/catalogue/": "/catalogue", "/open/": "/open", "/organizations/": "/organizations", "/requests/": "/"}

FIRST: Final = 5
"""How many of each the page names; the rest is a page of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in a few words; `since` is None for one that no controller has seen yet."""

    ref: Ref
    title: str
    requester: str
    phase: str
    since: datetime | None
    message: str
    stages: tuple[str, ...] = ()

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
    place, reader = chosen(request, sight), reader_of(request)
    every = duties(seen, me.person)
    waiting = [one for one in every if place in (None, one.decision.case.ref.namespace)]
    sent = [one for one in unseen(seen) if sight.has_asked(one[1]) and place in (None, one[0].namespace)]
    mine = [one for one in _mine(seen, sight) if place in (None, one.case.ref.namespace)]
    entries = [*(_sent(seen, *one) for one in sent[:FIRST]), *(_entry(seen, one, reader) for one in mine[:FIRST])]
    return render(
        request,
        "home.html",
        stranger=False,
        name=me.user.spec.display_name or me.username if me.user else me.username,
        may_ask=bool(sight.asks_in),
        place=place,
        elsewhere=len(every) - len(waiting),
        waiting=[_entry(seen, one.decision, reader, one) for one in waiting[:FIRST]],
        waiting_count=len(waiting),
        mine=entries[:FIRST],
        mine_count=len(sent) + len(mine),
    )


@router.get("/switch", name="switch")
def switch(
    request: Request, me: Me, organization: str = "", next_: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """Looks at one organization from now on, or at all with an empty name, and leads on."""
    if organization and organization not in sight_of(panel_of(request).seen(), me).reach:
        raise MissingError
    response = RedirectResponse(_onward(local(next_)), HTTPStatus.SEE_OTHER)
    choose(request, response, organization)
    return response


def _onward(path: str) -> str:
    """Where the choice can be seen: a page that is about one organization by its address leads to the like of it."""
    return next((onward for start, onward in ONWARD.items() if path.startswith(start)), path)


def _mine(seen: Seen, sight: Sight) -> list[Decision]:
    """What the person asked for, or what is for them, while it goes on; the newest first."""
    cases = [case for case in seen.state.cases.values() if case.open and sight.is_theirs(case)]
    found = [one for one in (seen.decision(case.ref) for case in cases) if one.phase not in ENDS]
    return sorted(found, key=lambda one: (one.case.seen_at, one.case.ref), reverse=True)


def _sent(seen: Seen, ref: Ref, asked: Asked) -> Entry:
    """One that is on its way."""
    name = str(asked.spec["microservice"]["name"])
    title = titles.service(offered(seen.world, ref.namespace, name), name)
    return Entry(ref, title, titles.person(seen.world, asked.username), "Submitted", None, "")


def _entry(seen: Seen, decision: Decision, reader: Reader, duty: Duty | None = None) -> Entry:
    case, title = decision.case, titles.request(seen.world, decision)
    requester, message = titles.person(seen.world, case.spec.requester), standing(seen.world, decision, reader)
    since, stages = (duty.since, duty.stages) if duty else (case.seen_at, ())
    return Entry(case.ref, title, requester, decision.phase, since, message, stages)
