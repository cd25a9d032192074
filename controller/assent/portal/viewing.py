"""The page of one request in parts, so that each is sent again where it has changed.

They are how it stands, what its reader can do, and its progress.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from jinja2.filters import do_mark_safe
from starlette.requests import Request

from assent.api.decisions import SETTLING, Verb
from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.core.deeds import Deed
from assent.core.previews import preview
from assent.core.seeing import OPERATIONS, REQUESTS, deciders
from assent.portal import deeds, rendering, tickets
from assent.portal.ahead import Reader
from assent.portal.choosing import sight_of
from assent.portal.deeds import Refusal
from assent.portal.dossiers import Dossier
from assent.portal.happenings import happenings
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.seen import Seen
from assent.portal.sentences.reasons import refusal
from assent.portal.sessions import Person


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the page, and by `marks` what each says: forms carry a ticket of their own every time."""

    status: str
    deciding: str
    progress: str
    marks: Mapping[str, str]

    @property
    def known(self) -> str:
        """What the page shows, for the stream that goes on from there."""
        return ".".join(self.marks.values())


@dataclass(frozen=True, slots=True)
class Back:
    """A list of requests: where it is, and what it is called."""

    path: str
    label: str


def reader_of(request: Request) -> Reader:
    """In which language it is read."""
    return Reader(rendering.language_of(request), rendering.translator(request))


def dossier_of(request: Request, me: Person, ref: Ref, seen: Seen | None = None) -> Dossier:
    """The request as this person sees it; raises MissingError where they may not, and where there is none."""
    panel = panel_of(request)
    seen = seen or panel.seen()
    sight = sight_of(seen, me)
    if ref in seen.state.cases:
        decision = seen.decision(ref)
        if not sight.may_see(decision):
            raise MissingError
        return Dossier(seen, sight, decision, reader_of(request), panel.door.name)
    asked = seen.state.asked.get(ref)
    if asked is None or not sight.may_see_asked(ref, asked):
        raise MissingError
    imagined = preview(seen.world, ref, RequestSpec.model_validate(asked.spec), seen.now, seen.state)
    return Dossier(seen, sight, imagined, reader_of(request), panel.door.name, unseen=True)


def way_back(dossier: Dossier, came: str) -> Back:
    """The list that the request is on for this reader; `came` says where they came from, where the request cannot."""
    _, sight, case = dossier.reader.translate, dossier.sight, dossier.decision.case
    if came == "operations" and sight.anywhere(OPERATIONS):
        return Back("/operations", _("Operations"))
    if sight.is_theirs(case):
        return Back("/requests", _("My requests"))
    if sight.person in deciders(dossier.decision) or not sight.anywhere(REQUESTS):
        return Back("/decide", _("To decide"))
    return Back("/requests?scope=all", _("All requests"))


def parts(request: Request, me: Person, dossier: Dossier, refused: tuple[Deed, Refusal] | None = None) -> Parts:
    """The parts for this person; with what was refused, its form says so and keeps what was typed."""
    values: dict[str, Any] = {"dossier": dossier, "happenings": [] if dossier.unseen else happenings(dossier)}
    values |= forms(request, me, dossier, refused)
    status, deciding, progress = (
        do_mark_safe(rendering.text(dossier.reader.language, name, **values))  # templates that have escaped it
        for name in ("_status.html", "_decision_form.html", "_request.html")
    )
    question = f"{values['verbs']} {dossier.digest} {dossier.last}"
    marks = {"status": _mark(status), "decision": _mark(question), "request": _mark(progress)}
    return Parts(status, deciding, progress, marks)


def forms(request: Request, me: Person, dossier: Dossier, refused: tuple[Deed, Refusal] | None) -> dict[str, Any]:
    """What the person can do now, each with a ticket for its form."""
    verbs = () if dossier.unseen or dossier.over else deeds.possible(dossier.seen, dossier.ref, me.username)
    panel, digest = panel_of(request), dossier.digest
    about = refused[1] if refused and refused[1].word in deeds.ABOUT_REASON else None
    wrong = refusal(about.word, about.message, dossier.reader.translate) if about else ""
    return {
        "verbs": verbs,
        "tickets": {verb: tickets.mint(panel, me, dossier.ref, verb, digest) for verb in verbs},
        "csrf": me.csrf,
        "typed": {form_of(refused[0].verb): refused[0].reason} if refused else {},
        "wrong": {form_of(refused[0].verb): wrong} if refused and wrong else {},
    }


def form_of(verb: Verb) -> str:
    """The form that a verb is sent from; its fields' ids begin with it."""
    return "settle" if verb in SETTLING else verb


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
