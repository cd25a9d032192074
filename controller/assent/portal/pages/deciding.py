"""Deciding: what waits for somebody, and what they say of a request."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from assent.api.characters import visible
from assent.api.decisions import VERBS
from assent.api.names import Ref
from assent.api.tellings import Told
from assent.core import titles
from assent.core.cases import Case, Voice
from assent.core.deeds import Deed
from assent.core.status import dropped
from assent.errors import UsageError
from assent.portal import tickets
from assent.portal.choosing import chosen, sight_of
from assent.portal.deeds import Refusal, tell, weigh
from assent.portal.dossiers import Spoken, waiting
from assent.portal.duties import Duty, counting, duties, lately
from assent.portal.menu import N_
from assent.portal.pages.requests import shown
from assent.portal.paging import paging
from assent.portal.panel import Panel, panel_of
from assent.portal.rendering import render, translator
from assent.portal.seen import Seen
from assent.portal.sentences import Translate
from assent.portal.sentences.reasons import meaning
from assent.portal.signing import Me, csrf
from assent.portal.viewing import dossier_of

router = APIRouter()

AT = "/requests/{organization}/{name}/decide"
OUTDATED = N_("This form was made for something else, or in another session. Look at the request once more.")


@dataclass(frozen=True, slots=True)
class Row:
    """One request that waits for the reader."""

    ref: Ref
    title: str
    requester: str
    on_behalf_of: str
    stages: tuple[str, ...]
    since: datetime
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The form as it was sent; `telling` is its ticket."""

    verb: Annotated[str, Form()] = ""
    reason: Annotated[str, Form()] = ""
    digest: Annotated[str, Form()] = ""
    telling: Annotated[str, Form()] = ""


@router.get("/decide", name="decide")
def to_decide(request: Request, me: Me) -> Response:
    """What waits for one, what is due first; and what one has decided lately."""
    seen = panel_of(request).seen()
    sight, _ = sight_of(seen, me), translator(request)
    person, place, every = sight.person, chosen(request, sight), duties(seen, sight.person)
    found = [one for one in every if place in (None, one.decision.case.ref.namespace)]
    page = paging(request, len(found), {})
    mine = [one for one in seen.state.told.values() if seen.person(one.username) == person]
    told = [one for one in mine if one in counting(seen, one.request)]
    return render(
        request,
        "decide.html",
        rows=[_row(seen, one) for one in page.cut(found)],
        paging=page,
        place=place,
        elsewhere=len(every) - len(found),
        told=[_told(seen, one) for one in reversed(told)],
        lately=[_voice(seen, case, voice, _) for case, voice in lately(seen, person)],
    )


@router.get(AT, include_in_schema=False)
def back(organization: str, name: str) -> Response:
    """Whoever loads the answer to a form again sees the request."""
    return RedirectResponse(f"/requests/{Ref(organization, name)}", HTTPStatus.SEE_OTHER)


@router.post(AT, name="request_decide", dependencies=[Depends(csrf)])
def decide(request: Request, me: Me, organization: str, name: str, sent: Annotated[Sent, Depends()]) -> Response:
    """Writes a decision down, or shows why it would not count; sent twice it is one."""
    dossier = dossier_of(request, me, Ref(organization, name))
    verb = next((verb for verb in VERBS if verb == sent.verb), None)
    if verb is None:
        raise UsageError("this form says no decision", "decide from the request's page")
    panel = panel_of(request)
    ident = tickets.read(panel, me, dossier.ref, verb, (sent.digest, sent.telling))
    deed = Deed(dossier.ref, verb, me.username, ident or "", sent.digest, sent.reason)
    refused = tell(panel, dossier.seen, deed) if ident else _outdated(panel, dossier.seen, deed)
    if refused:
        return shown(request, me, dossier_of(request, me, dossier.ref), (deed, refused))
    return RedirectResponse(dossier.path, HTTPStatus.SEE_OTHER)


def _outdated(panel: Panel, seen: Seen, deed: Deed) -> Refusal:
    """A form without a ticket of its own decides nothing; that somebody would approve their own request is noted."""
    found = weigh(seen, deed)
    if isinstance(found, Refusal) and found.word == "SelfApproval":
        return tell(panel, seen, deed) or found
    return Refusal(HTTPStatus.CONFLICT, "FormOutdated", OUTDATED)


def _row(seen: Seen, one: Duty) -> Row:
    case, world = one.decision.case, seen.world
    other = titles.person(world, case.spec.on_behalf_of) if case.spec.on_behalf_of else ""
    who = titles.person(world, case.spec.requester)
    return Row(case.ref, titles.request(world, one.decision), who, other, one.stages, one.since, one.deadline)


def _told(seen: Seen, told: Told) -> tuple[Ref, str, Spoken]:
    known = told.request in seen.state.cases
    return told.request, titles.request(seen.world, seen.decision(told.request)) if known else "", waiting(seen, told)


def _voice(seen: Seen, case: Case, voice: Voice, _: Translate) -> tuple[Ref, str, Spoken]:
    decision = seen.decision(case.ref)
    reason, because = visible(voice.reason or ""), dropped(decision).get(voice.sequence, "")
    why = meaning(because, _) if because else ""
    said = Spoken("", voice.verb or "", voice.channel, voice.at, reason, because, why)
    return case.ref, titles.request(seen.world, decision), said
