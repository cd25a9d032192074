"""The links of mails: looking at one changes nothing; one that can be answered is answered once, by its person.

Whatever is wrong with a link is answered alike: whoever holds one that is not theirs learns nothing from it (rule 42).
"""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from assent.api.characters import visible
from assent.api.names import Ref
from assent.core.decide import Decision
from assent.core.deeds import Deed
from assent.core.questions import Question, alive
from assent.core.seeing import Sight
from assent.portal.deeds import ABOUT_REASON, tell
from assent.portal.dossiers import Dossier
from assent.portal.forgery import Forged, csrf_of, foreign
from assent.portal.mails import tokens
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render, translator
from assent.portal.seen import Seen
from assent.portal.sentences.reasons import refusal
from assent.portal.signing import Person, maybe_signed_in, open_csrf, signed_in
from assent.portal.viewing import reader_of

router = APIRouter()
log = logging.getLogger(__name__)

AT: Final = "/mail/{token}"
NOWHERE: Final[tuple[str, ...]] = ()
"""No organization to switch to: that form would carry the page's address, and with it the link."""
TOLD: Final = "told"
"""Where a visitor's short cookie says what they have just decided."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A link that can be answered: what it asks, and who answers; None for whoever need not sign in and has not."""

    question: Question
    seen: Seen
    decision: Decision
    me: Person | None


def asking(request: Request, token: str) -> Asking | None:
    """What the link asks whoever follows it; None where it cannot be answered, or not by them.

    Raises SignedOut where its flow wants them to sign in, and Suspended.
    """
    maybe_signed_in(request)
    panel = panel_of(request)
    seen, question = panel.seen(), tokens.read(panel.secret, token)
    found = _asking(request, seen, question) if question else "Unknown"
    if isinstance(found, str):
        note(found, question)
        return None
    return found


def _asking(request: Request, seen: Seen, question: Question) -> Asking | str:
    """What is asked; or the word why it cannot be answered."""
    if question.request not in seen.state.cases:
        return "Unknown"
    decision = seen.decision(question.request)
    dead = alive(seen.state, decision, question, seen.now)
    if dead:
        return dead
    must = decision.valid is None or decision.valid.gate.sign_in
    me = signed_in(request) if must else maybe_signed_in(request)
    return "OtherPerson" if me and me.person != question.person else Asking(question, seen, decision, me)


async def genuine(request: Request) -> bool:
    """Whether the form was sent from this visitor's own page of a link."""
    try:
        await open_csrf(request)
    except Forged:
        return False
    return True


Asked = Annotated[Asking | None, Depends(asking)]
Genuine = Annotated[bool, Depends(genuine)]


@router.api_route(AT, methods=["GET", "HEAD"], name="mail_link")
def look(request: Request, asked: Asked, decision: str = "") -> Response:
    """What the link is for, and the two answers to it."""
    return _page(request, asked, verb=decision) if asked else _dead(request)


@router.options(AT)
def options() -> Response:
    """What may be done with a link."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


@router.post(AT, name="mail_decide")
def decide(
    request: Request,
    asked: Asked,
    genuine: Genuine,
    verb: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Answers the question of the link, once."""
    if asked is None:
        return _dead(request)
    if not genuine or verb not in ("approve", "reject"):
        return _page(request, asked, verb=verb, typed="" if foreign(request) else reason, again=True)
    deed = _deed(asked, "approve" if verb == "approve" else "reject", reason)
    refused = tell(panel_of(request), asked.seen, deed)
    if refused and refused.word in ABOUT_REASON:
        _ = translator(request)
        return _page(request, asked, verb=deed.verb, typed=reason, wrong=refusal(refused.word, refused.message, _))
    if refused:
        note(refused.word, asked.question)
        return _dead(request)
    if asked.me:
        return RedirectResponse(f"/requests/{deed.request}", HTTPStatus.SEE_OTHER)
    request.session[TOLD] = [str(deed.request), deed.verb]
    return RedirectResponse("/told", HTTPStatus.SEE_OTHER)


@router.get("/told", name="told")
def told(request: Request) -> Response:
    """What a visitor has just decided by a link; there is nothing to see for anybody else."""
    found = request.session.get(TOLD)
    maybe_signed_in(request)
    if not isinstance(found, list):
        raise MissingError
    return render(request, "told.html", ref=Ref.parse(str(found[0])), verb=str(found[1]))


def _deed(asked: Asking, verb: Literal["approve", "reject"], reason: str) -> Deed:
    """The answer of whoever signed in, else of the person to whom the link was sent."""
    question, user = asked.question, asked.seen.world.people.by_ref[asked.question.person]
    username = asked.me.username if asked.me else user.spec.username
    signed_in = asked.me is not None
    return Deed(question.request, verb, username, question.telling, question.digest, reason, "Mail", signed_in)


def _page(
    request: Request, asked: Asking, *, verb: str = "", typed: str = "", wrong: str = "", again: bool = False
) -> Response:
    """The question; its form's address is the page's own, so that the link stands nowhere in it."""
    sight, first = Sight(asked.seen.world, asked.question.person), "reject" if verb == "reject" else "approve"
    user = asked.seen.world.people.by_ref[asked.question.person]
    return render(
        request,
        "mail_link.html",
        status=HTTPStatus.FORBIDDEN if again else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        dossier=Dossier(asked.seen, sight, asked.decision, reader_of(request), panel_of(request).door.name),
        reader=visible(user.spec.display_name or user.spec.username),
        stage=asked.question.stage.rpartition("/")[2],
        token=csrf_of(request),
        organizations=NOWHERE,
        first=first,
        typed={first: typed},
        wrong={first: wrong} if wrong else {},
        again=again,
    )


def _dead(request: Request) -> Response:
    """Whoever sent an answer is told that it was none; nobody is told more."""
    values = {"dossier": None, "organizations": NOWHERE, "sent": request.method == "POST"}
    return render(request, "mail_link.html", status=HTTPStatus.NOT_FOUND, **values)


def note(word: str, question: Question | None) -> None:
    """Notes that a link was not answered, without the link (rule 42)."""
    about = f" of {question.request} to {question.person}" if question else ""
    log.warning("a mail's link%s was not answered: %s", about, word)
