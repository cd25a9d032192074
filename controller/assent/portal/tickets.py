"""What a form to decide carries beside its token: the id under which the decision is told, bound to that very form.

It belongs to one session, one request, one verb and one digest. So a form that is sent twice decides once, and nobody
sends another's form, or an old one for another question.
"""

import hmac
import secrets
from typing import Final

from assent.api.decisions import SETTLING, Verb
from assent.api.names import Ref
from assent.portal.panel import Panel
from assent.portal.sessions import Person, signer

LENGTH: Final = 16
"""Bytes of an id."""


def mint(panel: Panel, me: Person, ref: Ref, verb: Verb, digest: str) -> str:
    """A new ticket for a form of this person's session."""
    ident = secrets.token_hex(LENGTH)
    return f"{ident}.{_bound(panel, me, ref, verb, (digest, ident))}"


def read(panel: Panel, me: Person, ref: Ref, verb: Verb, parts: tuple[str, str]) -> str | None:
    """The id of a ticket that was made for exactly this; `parts` are the digest and the ticket. None for any other."""
    digest, ticket = parts
    ident, _, signature = ticket.partition(".")
    good = hmac.compare_digest(signature.encode(), _bound(panel, me, ref, verb, (digest, ident)).encode())
    return ident if good else None


def _bound(panel: Panel, me: Person, ref: Ref, verb: Verb, parts: tuple[str, str]) -> str:
    """How a run ended is one question with two answers, so both have the same ticket."""
    session = me.session.id if me.session else ""
    about = "settle" if verb in SETTLING else verb
    return signer(panel.secret, "ticket").get_signature("\x00".join((session, str(ref), about, *parts))).decode()
