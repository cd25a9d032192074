"""Opening a request: what may be asked for, the form, a summary of what it comes to, and sending exactly that.

What a summary showed is what is sent: where a moment later it would be decided otherwise, it is shown again.
"""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from assent.api.canonical import canonical
from assent.api.requests import RequestSpec
from assent.core.askable import askable, shown_people
from assent.core.fields import Posted
from assent.errors import AssentError, ConflictError, LedgerError, UsageError
from assent.portal import ahead, asks, shelves, summaries, wanted
from assent.portal.boxes import OWN, boxes, complaints, groups
from assent.portal.choosing import MANY, chosen, matching, organization_name, sight_of
from assent.portal.doors import NameTakenError
from assent.portal.guard import RETURNED
from assent.portal.panel import panel_of
from assent.portal.rates import TooOftenError
from assent.portal.refusals import MissingError
from assent.portal.rendering import language_of, render, translator
from assent.portal.sentences import faults, standing
from assent.portal.signing import Me, Person, csrf
from assent.portal.wanted import Draft, Place, Texts

router = APIRouter()

AT: Final = "/open/{organization}/{offer}"
SAFELY: Final = [Depends(csrf)]


async def typed(request: Request) -> Posted:
    """What was typed into the form, by field."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def place(request: Request, me: Me, organization: str, offer: str) -> Place:
    """Where somebody asks; raises MissingError where they may not."""
    seen = panel_of(request).seen()
    return wanted.place_of(seen, sight_of(seen, me), me.username, organization, offer)


def shown(request: Request, me: Me, sealed: Annotated[str, Form()] = "") -> summaries.Summary:
    """What a summary carries that was shown to this person; raises UsageError for any other."""
    _ = translator(request)
    found = summaries.opened(panel_of(request), sealed)
    if found is None or found.username != me.username:
        text = _("This summary was not made here for you, so nothing was sent.")
        raise UsageError(text, _("Open the request again from its form."))
    return found


Here = Annotated[Place, Depends(place)]
Typed = Annotated[Posted, Depends(typed)]
Shown = Annotated[summaries.Summary, Depends(shown)]


@router.get("/open", name="open")
def choose(request: Request, me: Me, q: str = "") -> Response:
    """Leads to the organization in which somebody may ask, of several to the chosen one; else a page to choose from.

    With an `organization` in its address, as an empty one is for all, it is that page in any case.
    """
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    if not sight.asks_in:
        raise MissingError
    mine = chosen(request, sight)
    begin = sight.asks_in[0] if len(sight.asks_in) == 1 else mine
    if begin in sight.asks_in and "organization" not in request.query_params:
        return RedirectResponse(f"/open/{begin}", HTTPStatus.SEE_OTHER)
    found = matching(seen.world, sorted(sight.asks_in, key=lambda one: (one != mine, one)), q)
    values: dict[str, Any] = {"chosen": mine, "q": q, "total": len(sight.asks_in), "count": len(found)}
    shown = [(one, organization_name(seen.world, one)) for one in found[:MANY]]
    return render(request, "open.html", places=shown, **values)


@router.get("/open/{organization}", name="open_organization")
def catalogue(request: Request, me: Me, organization: str, q: str = "") -> Response:
    """Everything that this person may ask for there, searched by words."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    if organization not in sight.asks_in:
        raise MissingError
    offers = askable(seen.world, me.username, organization)
    found = shelves.searched(offers, q)
    values: dict[str, Any] = {"place": organization, "title": organization_name(seen.world, organization), "q": q}
    values |= {"several": len(sight.asks_in) > 1, "total": len(offers), "count": len(found)}
    values["mine"] = {one.name for one in offers}
    return render(
        request, "open_organization.html", shelves=shelves.shelves(seen.world, found, translator(request)), **values
    )


@router.get(AT, name="open_form")
def form(request: Request, here: Here, like: str = "") -> Response:
    """The form, blank or as another request was asked for."""
    texts = wanted.like(here, like) if like else wanted.blank(here)
    return _form(request, here, texts)


@router.post(AT, name="open_summary", dependencies=SAFELY)
def summarize(request: Request, me: Me, here: Here, posted: Typed) -> Response:
    """What was typed as it would be sent, or the form with what is wrong."""
    draft = wanted.read(here, posted)
    return _form(request, here, posted, draft) if draft.wrong else _summary(request, me, here, draft)


@router.post(f"{AT}/change", name="open_change", dependencies=SAFELY)
def change(request: Request, here: Here, summary: Shown) -> Response:
    """The form again, from a summary."""
    spec = RequestSpec.model_validate(summary.spec)
    return _form(request, here, wanted.filled(here, summary.ref.name, spec))


@router.post(f"{AT}/send", name="open_send", dependencies=SAFELY)
def send(request: Request, me: Me, here: Here, summary: Shown) -> Response:
    """Sends exactly what the summary showed; whoever sends it twice has sent it once."""
    panel = panel_of(request)
    if summary.ref.namespace != here.organization or summary.spec["microservice"]["name"] != here.offer.name:
        raise MissingError
    spec = RequestSpec.model_validate(summary.spec)
    if wanted.sent(here, summary.ref, spec):
        return _deliver(request, me, here, Draft(summary.ref, spec))
    draft = wanted.check(here, summary.ref, summary.spec)
    if draft.wrong:
        return _form(request, here, wanted.filled(here, summary.ref.name, spec), draft)
    if not summary.current(me, panel.now()):
        return _summary(request, me, here, draft, notice="Old")
    if summaries.digest_of(draft) != summary.digest:
        return _summary(request, me, here, draft, notice="Changed")
    return _unwritten(request, me, here, draft, spec) or _deliver(request, me, here, draft)


def _unwritten(request: Request, me: Person, here: Place, draft: Draft, spec: RequestSpec) -> Response | None:
    """Writes down who asks for what; an answer only where that could not be done."""
    try:
        asks.put(request, me, draft.ref, spec)
    except TooOftenError as many:
        return _too_many(request, me, here, draft, many.wait)
    except ConflictError:
        now = place(request, me, here.organization, here.offer.name)
        return None if wanted.sent(now, draft.ref, spec) else _taken(request, now, draft)
    except LedgerError as failure:
        return _summary(request, me, here, draft, notice="Unwritten", failure=failure)
    return None


def _too_many(request: Request, me: Person, here: Place, draft: Draft, wait: int) -> Response:
    """The summary, to be sent again later: whoever asks for much has others decide it, and mails sent to them."""
    _ = translator(request)
    text = _("You have opened as many requests as one person may in an hour. Nothing was sent.")
    hint = _("The next can be sent in %(count)s minutes.") % {"count": -(-wait // 60)}
    page = _summary(request, me, here, draft, notice="Unwritten", failure=UsageError(text, hint))
    page.status_code = HTTPStatus.TOO_MANY_REQUESTS
    page.headers["Retry-After"] = str(wait)
    return page


def _deliver(request: Request, me: Person, here: Place, draft: Draft) -> Response:
    """Brings in what was asked for; where that fails, the same may be sent again."""
    if draft.spec and draft.ref not in here.seen.state.cases:
        try:
            panel_of(request).door.open(draft.ref, draft.spec.plain(), me.username)
        except NameTakenError:
            return _taken(request, here, draft)
        except AssentError as failure:
            again = wanted.judged(here, draft.ref, draft.spec)
            return _summary(request, me, here, again, failure=failure)
    return RedirectResponse(f"/requests/{draft.ref}", HTTPStatus.SEE_OTHER)


def _taken(request: Request, here: Place, draft: Draft) -> Response:
    texts = wanted.filled(here, draft.ref.name, draft.spec) if draft.spec else {}
    return _form(request, here, texts, Draft(draft.ref, draft.spec, {wanted.NAME: [wanted.TAKEN]}))


def _form(request: Request, here: Place, texts: Texts, draft: Draft | None = None) -> Response:
    """The form with these texts; with a draft, what is wrong with it."""
    _, world = translator(request), here.seen.world
    said = draft.wrong.items() if draft else ()
    wrong = {name: [faults.wrong(one, _) for one in some] for name, some in said}
    found = boxes((*here.fields, *here.targets), texts, wrong, _)
    values: dict[str, Any] = {"groups": groups(found), "own": OWN, "wrong": wrong, "texts": texts}
    values |= {"complaints": complaints(found, wrong, _), "place": here.organization, "offer": here.offer}
    values |= {"title": organization_name(world, here.organization), "approval": shelves.approval(world, here.offer, _)}
    values["people"] = [world.people.by_ref[one].spec for one in shown_people(here.sight, here.organization)]
    values["free"] = wanted.free(here, draft.ref.name) if draft and wanted.NAME in wrong else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return _returned(request, render(request, "open_form.html", status=status, **values))


def _summary(
    request: Request, me: Person, here: Place, draft: Draft, *, notice: str = "", failure: AssentError | None = None
) -> Response:
    """What would be sent; `notice` says why it was not, `failure` why it could not be."""
    reader = ahead.Reader(language_of(request), translator(request))
    world, spec, decision = here.seen.world, draft.spec, draft.decision
    if spec is None or decision is None:
        raise MissingError
    values: dict[str, Any] = {"place": here.organization, "title": organization_name(world, here.organization)}
    values |= {"offer": here.offer, "draft": draft, "hold": decision.hold, "phase": decision.phase}
    values["why"] = standing.held(world, decision.hold, reader) if decision.hold else ""
    values |= {"wishes": ahead.wishes(here, spec, reader), "json": canonical(spec.plain()).decode()}
    values |= {"steps": ahead.steps(world, decision), "path": ahead.path(world, decision, reader)}
    values |= {"deadline": decision.deadline, "digest": summaries.digest_of(draft)}
    values |= {"notice": notice, "failure": failure, "sealed": summaries.sealed(panel_of(request), me, draft)}
    person = world.people.named(spec.on_behalf_of) if spec.on_behalf_of else None
    values["beneficiary"] = ahead.display(world, person) if person else ""
    status = HTTPStatus.BAD_GATEWAY if failure else HTTPStatus.CONFLICT if notice else HTTPStatus.OK
    return _returned(request, render(request, "open_summary.html", status=status, **values))


def _returned(request: Request, page: Response) -> Response:
    """The page as one that the back button leads to: a browser that did not keep an answer to a form shows an error."""
    if request.method == "POST":
        page.headers["Cache-Control"] = RETURNED
    return page
