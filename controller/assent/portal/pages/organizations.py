"""The organizations that somebody sees, as they depend on each other; and each with what their rights show of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.api.kinds import AnyKind
from assent.api.names import Ref
from assent.api.organizations import Subscription
from assent.core.access import held
from assent.core.askable import offers
from assent.core.offers import Offer
from assent.core.permissions import CREATE
from assent.core.seeing import KIND_ROWS, ORGANIZATIONS, REQUESTS, USERS, Sight
from assent.core.world import World
from assent.portal.choosing import matching, organization_name, sight_of
from assent.portal.paging import paging
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.seen import Seen
from assent.portal.signing import Me

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Branch:
    """One organization with those below it that are seen; a count is None where it is nobody's business."""

    name: str
    title: str
    type: str
    broken: str
    people: int | None
    requests: int | None
    below: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One offer: what it is, whose, and which flows approve it."""

    offer: Offer
    flows: tuple[Ref, ...]


@router.get("/organizations", name="organizations")
def organizations(request: Request, me: Me, q: str = "") -> Response:
    """The tree of those that the person may see; where words are searched for, a list of what is called so."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    names = sight.where(ORGANIZATIONS)
    if not names:
        raise MissingError
    found = matching(seen.world, names, q) if q else []
    page = paging(request, len(found), {"q": q})
    shown = [(one, organization_name(seen.world, one)) for one in page.cut(found)]
    branches = () if q else _grown(seen, sight)
    return render(request, "organizations.html", branches=branches, found=shown, paging=page, q=q, total=len(names))


@router.get("/organizations/{name}", name="organization")
def organization(request: Request, me: Me, name: str) -> Response:
    """One of them, with each part that the person may see."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    visible = frozenset(sight.where(ORGANIZATIONS))
    if name not in visible:
        raise MissingError
    world, may = seen.world, held(seen.world, sight.person, name)
    found = world.organizations.by_name[name]
    below = [one for one in world.organizations.children.get(name, ()) if one in visible]
    return render(
        request,
        "organization.html",
        one=found,
        line=_line(world, name, visible),
        broken=world.organizations.broken(name),
        below=[world.organizations.by_name[child] for child in below],
        subscriptions=_subscriptions(world, name),
        offers=_offers(world, name) if may & {KIND_ROWS["EnabledMicroservice"], CREATE} else None,
        people=[world.people.by_ref[ref] for ref in world.people.members.get(name, ())] if USERS in may else None,
        roles=_owned(world, "AccessRole", name) if KIND_ROWS["AccessRole"] in may else None,
        flows=_owned(world, "ApprovalFlow", name) if KIND_ROWS["ApprovalFlow"] in may else None,
        going_on=_going_on(seen)[name] if REQUESTS in may else None,
    )


def _grown(seen: Seen, sight: Sight) -> tuple[Branch, ...]:
    """The tree of what is seen: each below the nearest above it that is seen too, at the root where there is none."""
    names, going_on = sight.where(ORGANIZATIONS), _going_on(seen)
    found, visible = seen.world.organizations, frozenset(names)
    below: dict[str, list[str]] = {}
    for name in names:
        line = _line(seen.world, name, visible)
        below.setdefault(line[-1] if line else "", []).append(name)

    def branch(name: str) -> Branch:
        one, may = found.by_name[name], held(seen.world, sight.person, name)
        return Branch(
            name=name,
            title=one.spec.display_name or name,
            type=one.spec.type,
            broken=found.broken(name),
            people=len(seen.world.people.members.get(name, ())) if USERS in may else None,
            requests=going_on[name] if REQUESTS in may else None,
            below=tuple(branch(child) for child in below.get(name, ())),
        )

    return tuple(branch(name) for name in below.get("", ()))


def _going_on(seen: Seen) -> Counter[str]:
    """How many requests go on in each organization."""
    return Counter(case.ref.namespace for case in seen.state.cases.values() if case.open)


def _line(world: World, name: str, visible: Collection[str]) -> list[str]:
    """What the organization depends on, the nearest last, as far as it is seen."""
    return [one for one in world.organizations.path(name)[:-1] if one in visible]


def _subscriptions(world: World, name: str) -> tuple[Subscription, ...]:
    """What may be requested of: a suborganization uses its Client's."""
    client = world.organizations.client(name) or name
    return world.organizations.by_name[client].spec.subscriptions


def _offers(world: World, name: str) -> list[Row]:
    return [
        Row(one, tuple(Ref(use.flow.owner(owner), use.flow.name) for owner, some in one.approvals for use in some))
        for one in offers(world, name)
    ]


def _owned(world: World, kind: str, name: str) -> list[AnyKind]:
    """The documents of a kind that the organization owns, by name."""
    return [one for ref, one in sorted(world.table(kind).items()) if ref.namespace == name]
