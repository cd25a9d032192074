"""What stands before every page: under which name and how often it may be asked for, and what each answer carries."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, Final, TypeAlias

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent.portal import bearer
from assent.portal.rates import TOO_MANY, Limits, TooOftenError
from assent.portal.sessions import Sessions
from assent.portal.settings import Settings, loopback, origin

PROBES: Final = frozenset({"/healthz", "/readyz", "/livez", "/metrics"})
"""Asked for by machines, under whatever address they know, and as often as they like: no page looks at them."""
LASTING: Final = ("/static/", "/scripts/")
"""Files that are the same for everybody, and may be kept; what is not there may not."""
FOUND: Final = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})
"""How a file is answered with that is there."""
RETURNED: Final = "private, no-cache"
"""How long an answer to a form is kept that people come back to: by their own browser, until they sign out."""
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR: Final = 365 * 24 * 3600

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def headers(settings: Settings) -> dict[str, str]:
    """What every answer carries."""
    forms = f"'self' {origin(settings.oidc.issuer)}" if settings.oidc else "'self'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
    )
    strict = {"Strict-Transport-Security": f"max-age={YEAR}"} if settings.secure else {}
    return {"Content-Security-Policy": policy, **HEADERS, **strict}


def address(scope: Scope, settings: Settings) -> str:
    """Who asks: the peer, or whoever a proxy that is trusted says; IPv6 by the network that one household has."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    found = _ip(peer)
    named = [one.strip() for one in ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")]
    while named and found and _trusted(found, settings):
        nearest = _ip(named.pop())
        if not nearest:
            break
        found = nearest
    if not found:
        return peer
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)  # noqa: PLR2004 -- IPv6


def _ip(text: str) -> IPAddress | None:
    """The address, as proxies write it: perhaps with a port, and IPv4 perhaps within IPv6, where all would be one."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    try:
        found = ipaddress.ip_address(bare.partition(":")[0] if bare.count(":") == 1 else bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _trusted(peer: IPAddress, settings: Settings) -> bool:
    return any(peer in ipaddress.ip_network(one) for one in settings.trusted_proxies)


@dataclass(frozen=True)
class Asked:
    """What the limits go by; `username` is whose session goes on, as far as the cookie says."""

    method: str
    path: str
    address: str
    session: str
    username: str

    @property
    def keys(self) -> dict[str, str]:
        """Who asks, by rate; an empty text: that rate does not count this."""
        return {
            "address": self.address,
            "session": self.session,
            "signin": self.address if self.path.startswith("/signin") else "",
            "mail": self.address if self.path.startswith("/mail") else "",
            "posts": self._poster if self.method == "POST" else "",
        }

    @property
    def _poster(self) -> str:
        """Told apart, since a name may look like an address."""
        return f"name:{self.username}" if self.username else self.address


class Guard:
    """Pure ASGI, outermost: answers itself what is refused, and sees every answer, of errors too."""

    def __init__(self, app: ASGIApp, settings: Settings, sessions: Sessions, limits: Limits) -> None:
        self.app = app
        self._settings = settings
        self._sessions = sessions
        self._limits = limits
        self._headers = headers(settings)
        self._hosts = {origin(settings.public_url).partition("://")[2]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: refused here, or handed on with its body read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sender = self._dressed(scope, send)
        refusal = self._refusal(scope)
        body = None if refusal else await read(receive, self._settings.body_limit)
        if refusal is None and body is None:
            refusal = _plain(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than a request may bring.")
        if refusal is not None:
            await refusal(scope, receive, sender)
            return
        await self._handed_on(scope, _replayed(body or [], receive), sender)

    async def _handed_on(self, scope: Scope, receive: Receive, sender: "Sender") -> None:
        """Lets the app answer; an answer to a fault of ours is given here, so that it is dressed as any other."""
        try:
            await self.app(scope, receive, sender)
        except Exception as error:
            if not sender.started:
                answer = await _fault(scope, receive, error)
                await answer(scope, receive, sender)
            raise

    def _refusal(self, scope: Scope) -> Response | None:
        """Why the request is not even looked at, as an answer."""
        if scope["path"] in PROBES:
            return _plain(scope, HTTPStatus.NOT_FOUND, "Health and figures have a port of their own.")
        if not self._known(scope):
            return _plain(scope, HTTPStatus.BAD_REQUEST, "This panel is not reached under that name.")
        if scope["path"].startswith(LASTING):
            return None
        wait = self._limits.wait(self._asked(scope).keys)
        return _later(scope, wait, TOO_MANY.format(wait=wait)) if wait else None

    def _known(self, scope: Scope) -> bool:
        """Whether it was asked for by a name of ours: any other is somebody's trick with a browser."""
        found = Headers(scope=scope).getlist("host")
        if len(found) != 1:
            return False
        host = found[0].lower()
        try:
            return origin(f"{self._scheme}://{host}").partition("://")[2] in self._hosts or _own_machine(host)
        except ValueError:
            return False

    @property
    def _scheme(self) -> str:
        return self._settings.origin.partition("://")[0]

    def _asked(self, scope: Scope) -> Asked:
        session = self._sessions.opened(Request(scope).cookies.get(self._settings.cookie))
        # A cookie that was taken away uses up nothing of its person's.
        username = session.username if session and self._sessions.living(session) else ""
        where = address(scope, self._settings)
        return Asked(scope["method"], scope["path"], where, session.id if session else "", username)

    def _dressed(self, scope: Scope, send: Send) -> "Sender":
        return Sender(send, self._headers, keep=scope["path"].startswith(LASTING))


class Sender:
    """Sends an answer on, with the headers that every one carries; `started` once its first part went out.

    `keep` is whether a file may be kept that is found there.
    """

    def __init__(self, send: Send, headers: dict[str, str], *, keep: bool) -> None:
        self._send = send
        self._headers = headers
        self._keep = keep
        self.started = False

    async def __call__(self, message: Message) -> None:
        """One part of the answer."""
        if message["type"] == "http.response.start":
            self.started = True
            said = MutableHeaders(scope=message)
            kept = self._keep and message["status"] in FOUND
            caching = RETURNED if said.get("cache-control") == RETURNED else "no-store"
            said.update(self._headers | ({} if kept else {"Cache-Control": caching}))
        await self._send(message)


async def read(receive: Receive, limit: int) -> list[Message] | None:
    """The whole body, and what ended it; None where it is larger than the limit, found out before all of it is here.

    It is kept as one piece: whoever sends it byte by byte would fill the memory with what is around each.
    """
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            break
    if message["type"] == "http.disconnect":
        return [message]
    return [{"type": "http.request", "body": bytes(body), "more_body": False}]


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """Gives what was read, and then what comes."""
    left = iter(messages)

    async def replay() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return replay


def _own_machine(host: str) -> bool:
    """Whether the host, with or without a port, is the machine itself."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return loopback(name.removeprefix("[").removesuffix("]"))


def _plain(scope: Scope, status: HTTPStatus, message: str, more: dict[str, str] | None = None) -> Response:
    """One sentence; problem details for a program."""
    if scope["path"].startswith("/api/"):
        return bearer.problem(status, message, more)
    return PlainTextResponse(message, status, more)


def _later(scope: Scope, wait: int, message: str) -> Response:
    return _plain(scope, HTTPStatus.TOO_MANY_REQUESTS, message, {"Retry-After": str(wait)})


def too_often(request: Request, error: Exception) -> Response:
    """The answer to somebody who asks more often than one person may."""
    if not isinstance(error, TooOftenError):
        raise error
    return _later(request.scope, error.wait, error.message)


async def _fault(scope: Scope, receive: Receive, error: Exception) -> Response:
    """The answer to a fault of ours: the app's own page for it where it has one, and never what went wrong."""
    handlers: dict[Any, Callable[..., Any]] = scope["app"].exception_handlers
    handler = handlers.get(HTTPStatus.INTERNAL_SERVER_ERROR) or handlers.get(Exception)
    if handler is None:
        return _plain(scope, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. It has been logged.")
    request = Request(scope, receive)
    handled = handler(request, error) if iscoroutinefunction(handler) else run_in_threadpool(handler, request, error)
    answer: Response = await handled
    return answer


def install(app: FastAPI) -> None:
    """Puts the guard before the app; what is installed later stands before it, so it is installed last."""
    bearer.install(app)
    settings = app.state.panel.settings
    app.state.limits = Limits(settings.rates)
    for one in (app, app.state.api):
        one.add_exception_handler(TooOftenError, too_often)
    app.add_middleware(Guard, settings=settings, sessions=app.state.sessions, limits=app.state.limits)
