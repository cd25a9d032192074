"""Requests: a list of them, page by page, and the page of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.api.names import Ref
from assent.api.requests import Phase
from assent.api.tellings import Asked
from assent.core import titles
from assent.core.cases import Case
from assent.core.deeds import Deed
from assent.core.offers import offered
from assent.core.seeing import REQUESTS, Sight
from assent.core.world import World
from assent.portal.ahead import Reader
from assent.portal.choosing import sight_of, wanted
from assent.portal.deeds import ABOUT_REASON, Refusal
from assent.portal.dossiers import Dossier
from assent.portal.duties import unseen
from assent.portal.menu import menu
from assent.portal.paging import paging
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.seen import Seen
from assent.portal.sentences import reasons
from assent.portal.sentences.standing import standing
from assent.portal.signing import Me, Person
from assent.portal.viewing import dossier_of, form_of, parts, reader_of, way_back

router = APIRouter()

PHASES: Final[tuple[Phase, ...]] = get_args(Phase)

Found = Case | tuple[Ref, Asked]
"""A request, or one that was asked for in the panel and that no controller has seen yet."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list; `since` is None for one that no controller has seen yet."""

    ref: Ref
    title: str
    phase: str
    message: str
    requester: str
    on_behalf_of: str
    since: datetime | None

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/requests/{self.ref}"


@router.get("/requests", name="requests")
def requests(request: Request, me: Me) -> Response:
    """What one asked for or what is for one; all that one may see, where `scope` is `all`."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    query = {name: request.query_params.get(name, "").strip() for name in ("scope", "phase", "text")}
    viewed = sight.where(REQUESTS)
    everything = query["scope"] == "all"
    if everything and not viewed:
        raise MissingError
    mine = [] if everything else [*_mine(seen, sight)]
    places = viewed if everything else tuple(sorted({*sight.reach, *(_ref(one).namespace for one in mine)}))
    place = wanted(request, sight, places)
    within = _all(seen, {place} if place else {*viewed}) if everything else mine
    found = [one for one in within if place in ("", _ref(one).namespace) and _fits(seen, one, query)]
    page = paging(request, len(found), {**query, "organization": place})
    values: dict[str, Any] = {"paging": page, "places": places, "place": place, "phases": PHASES, **query}
    if everything:
        values["menu"] = menu(sight, "")  # these are not "My requests"
    return render(
        request,
        "requests.html",
        rows=[_row(seen, one, reader_of(request)) for one in page.cut(found)],
        everything=everything,
        may_see_all=bool(viewed),
        may_ask=bool(sight.asks_in),
        **values,
    )


@router.get("/requests/{organization}/{name}", name="request")
def one(request: Request, me: Me, organization: str, name: str) -> Response:
    """All of one request, and what one can do about it."""
    return shown(request, me, dossier_of(request, me, Ref(organization, name)))


def shown(request: Request, me: Person, dossier: Dossier, refused: tuple[Deed, Refusal] | None = None) -> Response:
    """The request's page; where something was refused it is an answer to that, and does not renew itself."""
    back = way_back(dossier, request.query_params.get("from", ""))
    values: dict[str, Any] = {"dossier": dossier, "parts": parts(request, me, dossier, refused), "back": back}
    values["menu"] = menu(dossier.sight, back.path)
    if refused is None:
        return render(request, "request.html", **values)
    deed, refusal = refused
    values["field"] = f"{form_of(deed.verb)}-reason" if refusal.word in ABOUT_REASON else ""
    sentence = reasons.refusal(refusal.word, refusal.message, dossier.reader.translate)
    return render(request, "decision.html", status=refusal.status, refusal=refusal, sentence=sentence, **values)


def _mine(seen: Seen, sight: Sight) -> Iterator[Found]:
    """The newest first; what no controller has seen comes before all that one has."""
    yield from ((ref, asked) for ref, asked in unseen(seen) if sight.has_asked(asked))
    yield from _newest(case for case in seen.state.cases.values() if sight.is_theirs(case))


def _all(seen: Seen, places: set[str]) -> Iterator[Found]:
    yield from ((ref, asked) for ref, asked in unseen(seen) if ref.namespace in places)
    yield from _newest(case for case in seen.state.cases.values() if case.ref.namespace in places)


def _newest(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: case.seen, reverse=True)


def _ref(found: Found) -> Ref:
    return found.ref if isinstance(found, Case) else found[0]


def _words(found: Found) -> tuple[str, ...]:
    """What a search looks in."""
    if isinstance(found, Case):
        spec = found.spec
        return (str(found.ref), spec.microservice.name, spec.requester, spec.on_behalf_of or "")
    ref, asked = found
    return (str(ref), str(asked.spec["microservice"]["name"]), asked.username, str(asked.spec.get("onBehalfOf", "")))


def _fits(seen: Seen, found: Found, query: dict[str, str]) -> bool:
    """Whether the filters let it through; it is decided only where its phase is asked for and not known."""
    text = query["text"].casefold()
    if text and not any(text in word.casefold() for word in _words(found)):
        return False
    return not query["phase"] or query["phase"] == _phase(seen, found)


def _phase(seen: Seen, found: Found) -> str:
    return seen.decision(found.ref).phase if isinstance(found, Case) else "Submitted"


def _row(seen: Seen, found: Found, reader: Reader) -> Row:
    world = seen.world
    if isinstance(found, Case):
        decision, spec = seen.decision(found.ref), found.spec
        message = standing(world, decision, reader)
        names = _names(world, spec.requester, spec.on_behalf_of)
        return Row(found.ref, titles.request(world, decision), decision.phase, message, *names, found.seen_at)
    ref, asked = found
    name = str(asked.spec["microservice"]["name"])
    title = titles.service(offered(world, ref.namespace, name), name)
    return Row(ref, title, "Submitted", "", *_names(world, asked.username, asked.spec.get("onBehalfOf")), None)


def _names(world: World, requester: str, other: str | None) -> tuple[str, str]:
    return titles.person(world, requester), titles.person(world, other) if other else ""
