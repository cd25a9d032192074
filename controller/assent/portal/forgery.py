"""Proof that a form was sent from this visitor's own page, and forms that outlive the session they were filled in.

Two things are looked at: what the browser says of the page that sent it, and a token that only the panel's own pages
have. The token belongs to the session. A form whose session is over is shown again, with what was typed and a token
that is good for exactly that, for its person alone and for an hour.
"""

import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Final

from fastapi import Request
from itsdangerous import BadData

from assent.portal.sessions import Session, Sessions, cookie_of, here, living, serializer, sessions_of, signer
from assent.portal.settings import loopback

FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"
SEED: Final = "seed"
AGAIN: Final = timedelta(hours=1)
"""How long a form may be sent again after its session was over."""

Fields = list[tuple[str, str]]


class Forged(Exception):  # noqa: N818 -- a verdict about the request, no fault
    """A form that was not, or not provably, sent from this visitor's own page."""


def token_of(sessions: Sessions, session: Session | None, seed: str = "") -> str:
    """What the forms of this session carry; without one, those of the visitor whose seed it is."""
    ident, own = (session.id, session.seed) if session else ("", seed)
    return signer(sessions.panel.secret, "csrf").get_signature(f"{ident}.{own}").decode()


def csrf_of(request: Request) -> str:
    """What the visitor's forms carry in the field `csrf`, signed in or not; a visitor is known by a short cookie."""
    session = living(request)
    if session is None and not isinstance(request.session.get(SEED), str):
        request.session[SEED] = secrets.token_hex(16)
    return token_of(sessions_of(request), session, "" if session else request.session[SEED])


def foreign(request: Request) -> bool:
    """Whether the browser says that another site's page sent this.

    `Origin: null` says nothing: browsers write it for our own pages too, since those send no referrer.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")
    return origin != "null" and origin not in _own(request)


def _own(request: Request) -> set[str]:
    """The panel's origin, and the one it was reached by on its own machine."""
    found = {sessions_of(request).panel.settings.origin}
    if loopback(request.url.hostname):
        found.add(f"{request.url.scheme}://{request.url.netloc}")
    return found


async def typed(request: Request) -> Fields:
    """The fields of a form as they were typed, without its token; line ends are what a browser may change."""
    if not request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/")):
        return []
    fields = (await request.form()).multi_items()
    return [(name, _lines(value)) for name, value in fields if name != FIELD and isinstance(value, str)]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


async def given(request: Request) -> str:
    """The token that came with the request: in its header, or in the form."""
    if HEADER in request.headers:
        return request.headers[HEADER]
    value = (await request.form()).get(FIELD, "")
    return value if isinstance(value, str) else ""


async def demand(request: Request, session: Session | None) -> None:
    """Raises Forged where it is not proven that the page of this session, or of this visitor, sent the request."""
    if foreign(request):
        raise Forged
    token, seed = await given(request), request.session.get(SEED)
    if not session and not isinstance(seed, str):
        raise Forged
    if hmac.compare_digest(token.encode(), token_of(sessions_of(request), session, str(seed)).encode()):
        return
    if not session or said_again(request, token, await typed(request)) not in {"", session.username}:
        raise Forged


def again(request: Request, fields: Fields, username: str) -> str:
    """A token to send exactly these fields here once more, for this person; for whoever is signed in where empty."""
    panel = sessions_of(request).panel
    at = int(panel.now().timestamp())
    return serializer(panel.secret, "again").dumps([username, here(request), _digest(fields), at])


def said_again(request: Request, token: str, fields: Fields) -> str | None:
    """Whose form the token sends again here, perhaps nobody's in particular (""); None where it does not."""
    panel = sessions_of(request).panel
    try:
        username, path, digest, at = serializer(panel.secret, "again").loads(token)
    except (BadData, ValueError):
        return None
    fresh = panel.now().timestamp() - at < AGAIN.total_seconds()
    return str(username) if fresh and path == here(request) and digest == _digest(fields) else None


async def author(request: Request, fields: Fields) -> str | None:
    """Who filled in a form that counts no longer; None where nothing says that it was ours at all."""
    token = await given(request)
    before = said_again(request, token, fields)
    if before is not None:
        return before
    old = cookie_of(request)
    if old and hmac.compare_digest(token.encode(), token_of(sessions_of(request), old).encode()):
        return old.username
    return "" if request.headers.get("sec-fetch-site") == "same-origin" else None


def _digest(fields: Iterable[tuple[str, str]]) -> str:
    return sha256(json.dumps(list(fields)).encode()).hexdigest()
