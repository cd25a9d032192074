"""Sessions: signed cookies that end by time or by signing out, and the person behind each as things stand now."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request
from itsdangerous import BadData, Signer, URLSafeSerializer

from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.people import User
from assent.core.world import World
from assent.errors import ConflictError
from assent.portal.panel import Panel

AHEAD: Final = timedelta(minutes=1)
"""How far the clock of another panel of the same secret may be ahead of this one's."""
SIGNING: Final[dict[str, Any]] = {"key_derivation": "hmac", "digest_method": sha256}


class SignedOut(Exception):  # noqa: N818 -- a state of the visitor, no fault
    """Nobody is signed in, and the page is for people who are; `next` is where they wanted to go."""

    def __init__(self, next_: str) -> None:
        super().__init__()
        self.next = next_


class Suspended(Exception):  # noqa: N818 -- a state of the visitor, no fault
    """Whoever is signed in is suspended."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person: `id` is drawn anew at each, `seed` belongs to its forms."""

    id: str
    username: str
    issued_at: datetime
    seed: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks: `person` and `user` are None for one who signs in but is no User; the API has no session."""

    username: str
    person: Ref | None
    user: User | None = None
    session: Session | None = None
    csrf: str = ""


def serializer(secret: bytes, salt: str) -> URLSafeSerializer:
    """Writes signed text for one purpose; what was signed for another is not accepted."""
    return URLSafeSerializer(secret, salt=f"assent.{salt}", signer_kwargs=SIGNING)


def signer(secret: bytes, salt: str) -> Signer:
    """Signs for one purpose, by a key of its own."""
    return Signer(secret, salt=f"assent.{salt}", **SIGNING)


@dataclass(frozen=True)
class Sessions:
    """The sessions of one process; what others ended is known from the ledger, what this one ended at once."""

    panel: Panel
    revoked: dict[str, datetime] = field(default_factory=dict)

    @property
    def lasting(self) -> timedelta:
        """How long a session lasts."""
        return timedelta(hours=self.panel.settings.session_hours)

    def begin(self, username: str) -> str:
        """The text of a new session's cookie."""
        at = int(self.panel.now().timestamp())
        written = [secrets.token_hex(16), username, at, secrets.token_hex(16)]
        return str(serializer(self.panel.secret, "session").dumps(written))

    def opened(self, cookie: str | None) -> Session | None:
        """The session of a cookie that this panel signed, living or over; None for any other."""
        try:
            ident, username, at, seed = serializer(self.panel.secret, "session").loads(cookie or "")
        except (BadData, ValueError):
            return None
        return Session(ident, username, datetime.fromtimestamp(at, UTC), seed)

    def living(self, session: Session, signed_out: Mapping[str, Any]) -> bool:
        """Whether the session goes on: not timed out, and nobody signed out of it."""
        if session.id in self.revoked or session.id in signed_out:
            return False
        return -AHEAD <= self.panel.now() - session.issued_at < self.lasting

    def end(self, session: Session) -> None:
        """Over from now on: here at once, and for every panel that reads the ledger."""
        now = self.panel.now()
        for old in [ident for ident, at in self.revoked.copy().items() if now - at > self.lasting + AHEAD]:
            self.revoked.pop(old, None)
        self.revoked[session.id] = now
        try:
            self.panel.write(NewRecord("signedOut", session.id, {"username": session.username}, once=True))
        except ConflictError:
            return  # somebody has signed out of it already


def sessions_of(request: Request) -> Sessions:
    """The sessions of the app that is asked."""
    found: Sessions = request.app.state.sessions
    return found


def cookie_of(request: Request) -> Session | None:
    """The session that the visitor's cookie speaks of, living or over."""
    sessions = sessions_of(request)
    return sessions.opened(request.cookies.get(sessions.panel.settings.cookie))


def living(request: Request) -> Session | None:
    """The visitor's session while it goes on."""
    sessions, session = sessions_of(request), cookie_of(request)
    going_on = session is not None and sessions.living(session, sessions.panel.seen().state.signed_out)
    return session if going_on else None


def named(world: World, username: str) -> Person:
    """Who this name is as things stand now; raises Suspended."""
    ref = world.people.named(username)
    user = world.people.by_ref[ref] if ref else None
    if user and user.spec.suspended:
        raise Suspended
    return Person(username, ref, user)


def here(request: Request) -> str:
    """The path that was asked for, with its query, as an address."""
    return quote(request.scope["path"], safe="/:@!$&'()*+,;=~") + (f"?{request.url.query}" if request.url.query else "")
