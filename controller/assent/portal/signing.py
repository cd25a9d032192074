"""What pages ask for: who is signed in, proof that a form is theirs; and what people see where that fails."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import RedirectResponse

from assent.portal.forgery import Forged, again, author, csrf_of, demand, foreign, token_of, typed
from assent.portal.panel import Panel, panel_of
from assent.portal.rendering import render
from assent.portal.sessions import (
    Person,
    Session,
    Sessions,
    SignedOut,
    Suspended,
    here,
    living,
    named,
    sessions_of,
    signer,
)

__all__ = [
    "Forged",
    "MaybeMe",
    "Me",
    "Person",
    "Session",
    "SignedOut",
    "Suspended",
    "csrf",
    "csrf_of",
    "forget",
    "install",
    "issue",
    "local",
    "open_csrf",
    "revoke",
    "revoke_all",
    "signed_in",
]

KEPT: Final = 3
"""A browser keeps the cookie so many times longer than the session lasts: an ended one still says whose form it is."""
VISIT: Final = 3600
"""Seconds for which a visitor is known who is not signed in: from the start of a sign-in to its end, or with a mail."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OURS: Final = frozenset({"digest", "next", "sealed", "telling", "username", "verb"})
"""Fields of the panel's own forms that nobody types."""
LONGEST: Final = 1000
"""Characters of an address to go on to: it has to fit into a cookie."""


def signed_in(request: Request) -> Person:
    """Who is signed in; raises SignedOut where nobody is, and Suspended."""
    session = living(request)
    if session is None:
        raise SignedOut(here(request) if request.method in SAFE else "/")
    sessions = sessions_of(request)
    who = named(panel_of(request).seen().world, session.username)
    me = Person(who.username, who.person, who.user, session, token_of(sessions, session))
    request.state.me = me
    return me


def maybe_signed_in(request: Request) -> Person | None:
    """Who is signed in, or None for a visitor and for somebody who is suspended."""
    try:
        return signed_in(request)
    except (SignedOut, Suspended):
        return None


Me = Annotated[Person, Depends(signed_in)]
MaybeMe = Annotated[Person | None, Depends(maybe_signed_in)]


async def csrf(request: Request, me: Me) -> None:
    """Raises Forged where the form is not from a page of the person who is signed in."""
    await demand(request, me.session)


async def open_csrf(request: Request) -> None:
    """The same for pages that people see without signing in; their form carries what `csrf_of` gives."""
    await demand(request, await run_in_threadpool(living, request))


def issue(request: Request, response: Response, username: str) -> None:
    """Signs this person in: a new session in a cookie of the answer, whatever cookie the request came with."""
    sessions = sessions_of(request)
    settings = sessions.panel.settings
    request.session.clear()
    response.set_cookie(
        settings.cookie,
        sessions.begin(username),
        max_age=KEPT * int(sessions.lasting.total_seconds()),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def revoke(request: Request) -> None:
    """Signs the visitor out for good: the same cookie, kept somewhere, opens nothing any more."""
    session = living(request)
    if session is not None:
        sessions_of(request).end(session)


def revoke_all(request: Request) -> None:
    """Signs the visitor out wherever they are signed in."""
    session = living(request)
    if session is not None:
        sessions_of(request).end_all(session)


def forget(request: Request, response: Response) -> None:
    """Takes the session's cookie away from the browser."""
    settings = panel_of(request).settings
    response.delete_cookie(settings.cookie, path="/", secure=settings.secure, httponly=True, samesite="lax")


def local(path: str) -> str:
    """The path, where it leads to a page of this panel; the first page for whatever a browser might take elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    stays = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith("//")
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= LONGEST
    return path if stays and plain else "/"


async def signed_out(request: Request, error: Exception) -> Response:
    """Leads to signing in; whoever sent a form sees it again, with what was typed."""
    if request.method not in SAFE:
        return await _kept(request, HTTPStatus.UNAUTHORIZED, "SignedOut")
    wanted = error.next if isinstance(error, SignedOut) else "/"
    if request.headers.get("hx-request") == "true":
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        wanted = shown.path + (f"?{shown.query}" if shown.query else "")
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": _way(wanted)})
    return RedirectResponse(_way(wanted), HTTPStatus.SEE_OTHER)


def _way(wanted: str) -> str:
    """The address of signing in that leads on to where somebody wanted to go."""
    return f"/signin?{urlencode({'next': local(wanted)})}"


async def forged(request: Request, _error: Exception) -> Response:
    """Refuses a form; one of our own, only too old, may be sent again."""
    return await _kept(request, HTTPStatus.FORBIDDEN, "Forged")


async def suspended(request: Request, _error: Exception) -> Response:
    """Says to somebody who is suspended that they are."""
    token = await run_in_threadpool(csrf_of, request)
    return await _page(request, HTTPStatus.FORBIDDEN, why="Suspended", fields=[], token=token)


async def _kept(request: Request, status: int, why: str) -> Response:
    """The page with the fields of a form that was certainly filled in at one of our pages, and without any other's."""
    session = await run_in_threadpool(living, request)
    fields = [] if foreign(request) else await typed(request)
    whose = await author(request, fields) if fields else None
    if session is not None and whose == "":
        whose = session.username
    if whose is None or (session is not None and whose != session.username):
        return await _page(request, status, why=why, fields=[], token="")
    return await _page(request, status, why=why, fields=fields, token=again(request, fields, whose))


async def _page(request: Request, status: int, *, why: str, fields: list[tuple[str, str]], token: str) -> Response:
    shown = [(name, value) for name, value in fields if value and name not in OURS]
    values = {"why": why, "fields": fields, "typed": shown, "token": token, "action": here(request)}
    return await run_in_threadpool(lambda: render(request, "expired.html", status=status, **values))


def install(app: FastAPI) -> None:
    """Gives the app its sessions, the short cookie of visitors, and what is answered to whoever is not let in."""
    panel: Panel = app.state.panel
    settings = panel.settings
    app.state.sessions = Sessions(panel)
    app.add_exception_handler(SignedOut, signed_out)
    app.add_exception_handler(Forged, forged)
    app.add_exception_handler(Suspended, suspended)
    app.add_middleware(
        SessionMiddleware,
        secret_key=signer(panel.secret, "visit").derive_key().hex(),
        session_cookie=f"{settings.cookie}-visit",
        max_age=VISIT,
        same_site="lax",
        https_only=settings.secure,
    )
