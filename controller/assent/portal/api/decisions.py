"""Deciding: the same decision as in the panel, written down for the controller's next pass."""

import secrets
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import MAX_REASON, Line, Verb
from assent.api.names import Ref
from assent.core.deeds import Deed
from assent.core.state import TOLD
from assent.portal.api.opening import KEY_USED, IdempotencyKey
from assent.portal.api.reading import StrictRoute
from assent.portal.api.refusals import RefusedError
from assent.portal.api.requests import ONE, UNSEEN
from assent.portal.api.shapes import Answer, Sent
from assent.portal.bearer import ApiMe
from assent.portal.deeds import id_of, tell
from assent.portal.panel import Panel, panel_of
from assent.portal.seen import Seen
from assent.portal.sessions import Person
from assent.portal.viewing import dossier_of

router = APIRouter(route_class=StrictRoute)


class DecisionSent(Sent):
    """A decision."""

    verb: Annotated[Verb, Field(description="What you decide.")]
    digest: Annotated[
        str, Field(description="What you have seen: an approval needs it, from status.", pattern=r"^([0-9a-f]{64})?$")
    ] = ""
    reason: Annotated[
        str, Field(description="Why; needed but for `approve` and `withdraw`.", max_length=MAX_REASON)
    ] = ""


class Told(Answer):
    """A decision that was written down; the controller's next pass judges it, and it shows in the request's status."""

    id: Annotated[str, Field(description="Its id, the subject of its record in the ledger.")]
    request: Annotated[str, Field(description="The request: `<organization>/<name>`.")]
    text: Annotated[str, Field(description="The line as somebody would have written it.")]
    next: Annotated[str, Field(description="What happens now, in one sentence.")]


@router.post(ONE + "/decisions", response_model=Told, status_code=HTTPStatus.ACCEPTED, summary="Decide on a request")
def decide(
    request: Request,
    me: ApiMe,
    organization: str,
    name: str,
    sent: DecisionSent,
    idempotency_key: IdempotencyKey = "",
) -> dict[str, Any]:
    """What would not count is refused, with the word why; nothing is written then.

    Sent again with the same Idempotency-Key, a decision is made once.
    """
    dossier = dossier_of(request, me, Ref(organization, name))
    if dossier.unseen:
        raise RefusedError(HTTPStatus.CONFLICT, UNSEEN, "wait for its next pass", word="NothingToDecide")
    panel = panel_of(request)
    ident = _id(panel, me, dossier.ref, idempotency_key)
    deed = Deed(dossier.ref, sent.verb, me.username, ident, sent.digest, sent.reason)
    if _another(dossier.seen, deed):
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, KEY_USED, word="KeyUsed")
    refused = tell(panel, dossier.seen, deed)
    if refused:
        meaning = NOT_COUNTED.get(refused.word, "")
        look = f"GET /api/v1/organizations/{organization}/requests/{name}/explanation says who can decide it"
        hint = f"{meaning} {look}" if meaning and meaning != refused.message else look
        raise RefusedError(refused.status, refused.message, hint, word=refused.word)
    told = {"id": ident, "request": str(dossier.ref), "text": str(deed.line)}
    return told | {"next": "The controller's next pass judges it."}


def _id(panel: Panel, me: Person, ref: Ref, key: str) -> str:
    """The decision's id: of its key, or drawn."""
    return id_of(panel.secret, "api", str(me.person), str(ref), key) if key else secrets.token_hex(16)


def _another(seen: Seen, deed: Deed) -> bool:
    """Whether something else was decided under this id before."""
    told = seen.state.told.get(deed.id)
    voices = seen.state.cases[deed.request].voices
    lines = [told.text] if told else []
    lines += [
        str(Line(one.verb, one.username, one.digest, one.reason))
        for one in voices
        if one.verb and one.proof == f"{TOLD}{deed.id}"
    ]
    return any(line != str(deed.line) for line in lines)
