"""The organization that somebody looks at: chosen among those they reach, and kept in a cookie.

The cookie says nothing that is believed: a name that the person does not reach is as good as none.
"""

from collections.abc import Collection, Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assent.core.seeing import Sight
from assent.core.world import World
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.seen import Seen
from assent.portal.sessions import Person
from assent.portal.shelves import folded

COOKIE = "assent-organization"
MANY: Final = 50
"""So many names are listed to choose from; more are searched."""
KEPT = 365 * 24 * 3600
"""Seconds for which a browser keeps it."""


def sight_of(seen: Seen, me: Person) -> Sight:
    """What this person sees; raises MissingError for one who is no User."""
    if me.person is None:
        raise MissingError
    return Sight(seen.world, me.person)


def chosen(request: Request, sight: Sight) -> str | None:
    """The organization that the person looks at; None: all that they reach."""
    name = request.cookies.get(COOKIE)
    return name if name in sight.reach else None


def wanted(request: Request, sight: Sight, among: Collection[str]) -> str:
    """The organization that a list is asked for, or that is chosen; empty for all of `among`.

    Raises:
        MissingError: the address names one that is not among these.
    """
    asked = request.query_params.get("organization")
    if asked is None:
        found = chosen(request, sight) or ""
        return found if found in among else ""
    if asked and asked not in among:
        raise MissingError
    return asked


def begins(request: Request, sight: Sight, own: str, among: Collection[str]) -> str:
    """The organization that a page shows first: the chosen one, else `own`, else the first of `among`.

    Raises:
        MissingError: there is none among these.
    """
    found = next((one for one in (chosen(request, sight), own, *among) if one in among), None)
    if found is None:
        raise MissingError
    return found


def matching(world: World, names: Iterable[str], words: str) -> list[str]:
    """Those of these organizations in whose names all of the words stand."""
    parts = folded(words).split()
    return [one for one in names if all(word in folded(f"{one} {organization_name(world, one)}") for word in parts)]


def organization_name(world: World, name: str) -> str:
    """What people call an organization."""
    found = world.organizations.by_name.get(name)
    return (found.spec.display_name if found else None) or name


def choose(request: Request, response: Response, name: str) -> None:
    """Has the browser keep the choice; an empty name takes it back."""
    if not name:
        response.delete_cookie(COOKIE, path="/")
        return
    secure = panel_of(request).settings.secure
    response.set_cookie(COOKIE, name, max_age=KEPT, path="/", secure=secure, httponly=True, samesite="lax")
