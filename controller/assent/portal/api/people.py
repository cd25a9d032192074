"""Who the token speaks for, which organizations they reach, and who may do what there."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from assent.api.names import Ref
from assent.api.organizations import OrganizationType
from assent.core.access import allowed, held
from assent.core.permissions import Permission
from assent.core.seeing import ORGANIZATIONS, Sight
from assent.portal.api.reading import StrictRoute
from assent.portal.api.shapes import Answer, Asked
from assent.portal.bearer import ApiMe
from assent.portal.choosing import sight_of
from assent.portal.pages.access import whom
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError

router = APIRouter(route_class=StrictRoute)

PERMISSIONS = "/organizations/{organization}/permissions"


class Identity(Answer):
    """Whoever the token speaks for."""

    username: Annotated[str, Field(description="The name that the token carries.")]
    person: Annotated[
        str | None, Field(description="The User who signs in by it: `<organization>/<name>`; null: nobody.")
    ]
    display_name: Annotated[str, Field(description="What they are called.")] = ""
    type: Annotated[str, Field(description="`Human` or `Automation`.")] = ""
    organizations: Annotated[list[str], Field(description="The organizations that they reach.", default_factory=list)]


class OrganizationItem(Answer):
    """An organization that you reach; type, parent and state are there where you may view organizations."""

    name: Annotated[str, Field(description="Its name, and that of its namespace.")]
    display_name: Annotated[str, Field(description="What it is called.")] = ""
    may_ask: Annotated[bool, Field(description="Whether you may open requests there.")]
    type: Annotated[OrganizationType, Field(description="What it is.")] = "Client"
    parent: Annotated[str, Field(description="The nearest above it that you see.")] = ""
    state: Annotated[Literal["Ready", "Broken"], Field(description="Broken: nothing is allowed in it.")] = "Ready"
    because: Annotated[str, Field(description="What is broken.")] = ""


class OrganizationList(Answer):
    """The organizations that you reach, by name."""

    items: Annotated[list[OrganizationItem], Field(description="All of them.")]


class PermissionShape(Answer):
    """One thing that may be done."""

    module: Annotated[str, Field(description="The module.")]
    functionality: Annotated[str, Field(description="The row's functionality.")]
    action: Annotated[str, Field(description="The row's action.")]


class PermissionList(Answer):
    """All that somebody may do in an organization, as `assent can --list -o json` has it."""

    user: Annotated[str, Field(description="Who, by the name that was asked for.")]
    organization: Annotated[str, Field(description="Where.")]
    permissions: Annotated[list[PermissionShape], Field(description="By module, functionality and action.")]


class StepShape(Answer):
    """One link of the chain."""

    step: Annotated[
        Literal["user", "role", "entry", "level", "row", "condition"], Field(description="What was looked at.")
    ]
    value: Annotated[str, Field(description="What it said.")]
    because: Annotated[str, Field(description="What follows from it.")]


class PermissionAnswer(Answer):
    """One decision with the chain that led to it, as `assent can -o json` has it."""

    allowed: Annotated[bool, Field(description="Whether it is allowed.")]
    chain: Annotated[list[StepShape], Field(description="User, role, entry, level, row, condition; the last decided.")]


class Whose(Asked):
    """Whose permissions."""

    user: Annotated[
        str, Field(description="Any name that the person signs in with; left out: yourself.", max_length=253)
    ] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The row that is asked about, as the address names it."""

    module: str
    functionality: str
    action: str

    @property
    def permission(self) -> Permission:
        """The permission that it is about."""
        return Permission(self.module, self.functionality, self.action)


@router.get("/me", response_model=Identity, summary="Who you are")
def me(request: Request, me: ApiMe) -> dict[str, Any]:
    """Whoever the token speaks for; somebody who is no User may do nothing else."""
    found: dict[str, Any] = {"username": me.username, "person": str(me.person) if me.person else None}
    if me.user is None or me.person is None:
        return found
    sight = Sight(panel_of(request).seen().world, me.person)
    found |= {"displayName": me.user.spec.display_name or me.username, "type": me.user.spec.type}
    return found | {"organizations": list(sight.reach)}


@router.get("/organizations", response_model=OrganizationList, summary="The organizations that you reach")
def organizations(request: Request, me: ApiMe) -> dict[str, Any]:
    """Everything that one can name elsewhere."""
    sight = sight_of(panel_of(request).seen(), me)
    visible = sight.where(ORGANIZATIONS)
    return {"items": [_organization(sight, name, visible) for name in sight.reach]}


def _organization(sight: Sight, name: str, visible: tuple[str, ...]) -> dict[str, Any]:
    tree = sight.world.organizations
    one = tree.by_name[name]
    found: dict[str, Any] = {"name": name, "displayName": one.spec.display_name or name}
    found["mayAsk"] = name in sight.asks_in
    if name in visible:
        because, above = tree.broken(name), [other for other in tree.path(name)[:-1] if other in visible]
        found |= {"type": one.spec.type} | ({"parent": above[-1]} if above else {})
        found |= {"state": "Broken" if because else "Ready"} | ({"because": because} if because else {})
    return found


@router.get(PERMISSIONS, response_model=PermissionList, summary="All that somebody may do")
def permissions(request: Request, me: ApiMe, organization: str, whose: Annotated[Whose, Query()]) -> dict[str, Any]:
    """Of oneself, and of people whose Users one may view."""
    sight = sight_of(panel_of(request).seen(), me)
    user = whose.user or me.username
    person = _person(sight, organization, user)
    rows = [one._asdict() for one in sorted(held(sight.world, person, organization))]
    return {"user": user, "organization": organization, "permissions": rows}


@router.get(
    PERMISSIONS + "/{module}/{functionality}/{action}",
    response_model=PermissionAnswer,
    summary="One permission, and why",
)
def permission(
    request: Request, me: ApiMe, organization: str, row: Annotated[Row, Depends()], whose: Annotated[Whose, Query()]
) -> dict[str, Any]:
    """Whether somebody may do one thing, with the chain; a row that no module has is allowed to nobody."""
    sight = sight_of(panel_of(request).seen(), me)
    user = whose.user or me.username
    _person(sight, organization, user)
    answer = allowed(sight.world, user, organization, row.permission)
    return {"allowed": answer.allowed, "chain": [step.plain() for step in answer.chain]}


def _person(sight: Sight, organization: str, user: str) -> Ref:
    """Whom this name means, as the page of access shows them; raises MissingError for anybody else, and elsewhere."""
    person = sight.world.people.named(user)
    if person is None or organization not in sight.reach or all(one.ref != person for one in whom(sight)):
        raise MissingError
    return person
