"""A request's page as it changes: one stream a viewer of what has changed, under the rights of the moment."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from assent.api.names import Ref
from assent.errors import AssentError
from assent.portal.panel import anew, panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import language_of, text
from assent.portal.signing import MaybeMe, SignedOut, Suspended, signed_in
from assent.portal.viewing import Parts, dossier_of, parts

router = APIRouter()

EVERY: Final = 1.0
"""Seconds between two looks at whether anything was written."""

AT_LEAST: Final = 15
"""After so many looks everything is looked at again: time passes, and sessions end by it."""

STREAMS: Final = 8
"""Streams of one person at once, in however many browsers; the oldest ends for one more."""

KEPT_ALIVE: Final = 15
"""Seconds after which a comment is sent, so that nobody on the way takes the stream for dead."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Who is being streamed to, by person, the oldest first; all in one event loop."""

    by_person: dict[str, list[object]] = field(default_factory=dict)

    def enter(self, person: str) -> object:
        """One more stream of the person."""
        mine = object()
        self.by_person.setdefault(person, []).append(mine)
        return mine

    def goes_on(self, person: str, mine: object) -> bool:
        """Whether it is not one too many."""
        return mine in self.by_person.get(person, [])[-STREAMS:]

    def leave(self, person: str, mine: object) -> None:
        """The stream has ended."""
        left = [one for one in self.by_person.get(person, []) if one is not mine]
        if left:
            self.by_person[person] = left
        else:
            self.by_person.pop(person, None)


@dataclass(frozen=True, slots=True)
class Look:
    """The parts of the page at one moment; `over`: nothing will change any more."""

    parts: Parts
    over: bool


@router.get("/requests/{organization}/{name}/events", name="request_events")
async def events(request: Request, me: MaybeMe, organization: str, name: str, known: str = "") -> Response:
    """The stream; `known` is what the page shows already.

    Whoever is signed in no more gets nothing, after which a browser does not come back.
    """
    if me is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    ref = Ref(organization, name)
    await run_in_threadpool(dossier_of, request, me, ref)
    return EventSourceResponse(stream(request, ref, me.counted, known.split(".")), ping=KEPT_ALIVE)


def look(request: Request, ref: Ref) -> Look | None:
    """The page as whoever opened the stream may see it now; None where they may not any more."""
    anew(request)
    try:
        me = signed_in(request)
        dossier = dossier_of(request, me, ref)
    except (SignedOut, Suspended, MissingError):
        return None
    return Look(parts(request, me, dossier), dossier.over)


async def stream(request: Request, ref: Ref, person: str, known: list[str]) -> AsyncIterator[ServerSentEvent]:
    """Every part that has changed, until the end of the request, of the session or of the right to see it."""
    streams = streams_of(request)
    mine = streams.enter(person)
    over = False
    try:
        async for found in _looks(request, ref, lambda: streams.goes_on(person, mine)):
            for event in _changed(found.parts, known):
                yield event
            known, over = list(found.parts.marks.values()), found.over
        # What ends by itself says so: a browser would come back to a stream that was only cut off.
        yield ServerSentEvent(
            text(language_of(request), "_over.html", over=over, path=f"/requests/{ref}"), event="over"
        )
    finally:
        streams.leave(person, mine)


async def _looks(request: Request, ref: Ref, goes_on: Callable[[], bool]) -> AsyncIterator[Look]:
    """The page whenever something was written, and from time to time; ends where nothing will follow."""
    door = panel_of(request).door
    version, quiet = -1, 0
    while goes_on():
        with suppress(AssentError):  # a ledger that cannot be read now is read a moment later
            now = await run_in_threadpool(door.version)
            if now != version or quiet >= AT_LEAST:
                found = await run_in_threadpool(look, request, ref)
                if found is None:
                    return
                yield found
                if found.over:
                    return
                version, quiet = now, 0
        quiet += 1
        await asyncio.sleep(EVERY)


def _changed(found: Parts, known: list[str]) -> list[ServerSentEvent]:
    """One event for each part that says something else than what is known."""
    shown = {"status": found.status, "decision": found.deciding, "request": found.progress}
    return [ServerSentEvent(str(shown[name]), event=name) for name, mark in found.marks.items() if mark not in known]


def streams_of(request: Request) -> Streams:
    """The streams of the app."""
    state = request.app.state
    if not hasattr(state, "streams"):
        state.streams = Streams()
    found: Streams = state.streams
    return found
