"""Sessions: signed cookies that end by time or by signing out, and the person behind each as things stand now."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request
from itsdangerous import BadData, Signer, URLSafeSerializer

from assent.api.names import Ref
from assent.api.people import User
from assent.api.tellings import leaving, leaving_everywhere
from assent.core.state import NAMED
from assent.core.world import World
from assent.errors import ConflictError
from assent.portal.panel import Panel, panel_of
from assent.portal.seen import Seen

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

    @property
    def counted(self) -> str:
        """As whom what they ask for is counted: one person under all names; a name that is nobody's is told apart."""
        return str(self.person or f"{NAMED}{self.username}")


def serializer(secret: bytes, salt: str) -> URLSafeSerializer:
    """Writes signed text for one purpose; what was signed for another is not accepted."""
    return URLSafeSerializer(secret, salt=f"assent.{salt}", signer_kwargs=SIGNING)


def signer(secret: bytes, salt: str) -> Signer:
    """Signs for one purpose, by a key of its own."""
    return Signer(secret, salt=f"assent.{salt}", **SIGNING)


@dataclass(frozen=True)
class Sessions:
    """The sessions of one process; what others ended is known from the ledger, what this one ended at once.

    `revoked` are sessions, `left` the names of people who signed out of all of theirs.
    """

    panel: Panel
    revoked: dict[str, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)

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

    def living(self, session: Session, seen: Seen | None = None) -> bool:
        """Whether the session goes on: not timed out, and not signed out of, as far as this process or `seen` knows."""
        if session.id in self.revoked or _before(session, self.left.get(session.username)):
            return False
        if seen and _over(session, seen):
            return False
        return -AHEAD <= self.panel.now() - session.issued_at < self.lasting

    def end(self, session: Session) -> None:
        """Over from now on: here at once, and for every panel that reads the ledger."""
        self._note(self.revoked, session.id)
        try:
            self.panel.write(leaving(session.id, session.username))
        except ConflictError:
            return  # somebody has signed out of it already

    def end_all(self, session: Session) -> None:
        """Over are this one and all others of its person that have begun, wherever and under whatever name."""
        self.end(session)
        seen = self.panel.seen()
        person = seen.person(session.username)
        names = seen.world.people.by_ref[person].spec.names if person else (session.username,)
        self._note(self.left, *names)
        self.panel.write(leaving_everywhere(str(person or f"{NAMED}{session.username}"), session.username, names))

    def _note(self, over: dict[str, datetime], *names: str) -> None:
        """Keeps it for as long as a cookie could live."""
        now = self.panel.now()
        for old in [name for name, at in over.copy().items() if now - at > self.lasting + AHEAD]:
            over.pop(old, None)
        over.update(dict.fromkeys(names, now))


def _over(session: Session, seen: Seen) -> bool:
    """Whether the ledger says that somebody signed out of it, or of all of this name that had begun until then."""
    ended = seen.state.signed_out
    return session.id in ended or _before(session, ended.get(f"{NAMED}{session.username}"))


def _before(session: Session, at: datetime | None) -> bool:
    """Whether it had begun by then."""
    return at is not None and session.issued_at <= at


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
    session = cookie_of(request)
    going_on = session is not None and sessions_of(request).living(session, panel_of(request).seen())
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
