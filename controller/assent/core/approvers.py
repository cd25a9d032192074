"""Who may decide a stage.

An approver holds automate Requests Approve in the request's organization (a member of the Platform: in the Platform),
is a Human, not suspended, and matches one entry of the stage.
For a request that already waits, all of that must have held when it was first seen, and must still hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assent.api.flows import RELATIVE, ApproverEntry, Stage
from assent.api.names import Ref
from assent.core.access import holds, role_of
from assent.core.permissions import Permission
from assent.core.world import World

APPROVE = Permission("automate", "Requests", "Approve")
CANCEL = Permission("automate", "Requests", "Cancel")
CREATE = Permission("automate", "Requests", "Create")

Basis = Mapping[Ref, Ref]
"""Who held the right to approve when a request was first seen, and the role that each had then."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A stage as one organization sees it: names relative to the flow's owner and to the requesting organization."""

    flow: Ref
    stage: Stage
    organization: str

    @property
    def name(self) -> str:
        """The stage's full name: `platform/manager-and-platform/manager`."""
        return f"{self.flow}/{self.stage.name}"


def pool(world: World, organization: str) -> Iterator[Ref]:
    """Everybody who could hold a right that counts there: members of the organization's line, and of the Platform."""
    platform = world.organizations.platform
    names = [*world.organizations.path(organization)]
    if platform and platform not in names:
        names.append(platform)
    for name in names:
        yield from world.people.members.get(name, ())


def where(world: World, person: Ref, organization: str) -> str:
    """Where the right to approve is asked for: the Platform for its own members, else the request's organization."""
    return person.namespace if person.namespace == world.organizations.platform else organization


def basis(world: World, organization: str) -> dict[Ref, Ref]:
    """Everybody who may approve in the organization now, with the role by which they may."""
    found = {}
    for person in pool(world, organization):
        user = world.people.by_ref[person]
        role = role_of(user)
        if user.spec.type == "Human" and role and holds(world, person, where(world, person, organization), APPROVE):
            found[person] = role
    return found


def admits(world: World, seat: Seat, person: Ref, role: Ref | None) -> bool:
    """Whether one entry of the stage admits a person with this role."""
    return any(_entry_admits(world, seat, entry, person, role) for entry in seat.stage.approvers)


def _entry_admits(world: World, seat: Seat, entry: ApproverEntry, person: Ref, role: Ref | None) -> bool:
    """What one entry says must all hold."""
    owner = seat.flow.namespace
    if entry.organizations and person.namespace not in memberships(world, entry, seat.organization):
        return False
    if entry.roles and role not in {Ref(one.owner(owner), one.name) for one in entry.roles}:
        return False
    return not entry.users or person in {Ref(one.owner(owner), one.name) for one in entry.users}


def memberships(world: World, entry: ApproverEntry, organization: str) -> set[str | None]:
    """The organizations that the entry means, seen from the requesting one."""
    tree = world.organizations
    meant = {
        "Requesting": organization,
        "Client": tree.client(organization),
        "Partner": tree.partner(organization),
        "Platform": tree.platform,
    }
    return {meant[name] if name in RELATIVE else name for name in entry.organizations} - {None}


def why_not_entitled(world: World, seat: Seat, person: Ref, first_seen: Basis) -> str:
    """Why the person is no approver of the stage, as a word of the table; empty where they are one, then and now."""
    user = world.people.by_ref.get(person)
    if user is None or not admits(world, seat, person, role_of(user)):
        return "NotAnApprover"
    if user.spec.type != "Human":
        return "NotAutomation"
    if user.spec.suspended:
        return "Suspended"
    if not holds(world, person, where(world, person, seat.organization), APPROVE):
        return "NotEntitled"
    then = first_seen.get(person)
    if then is None or not admits(world, seat, person, then):
        return "ApproverTooNew"
    return ""


def belongs_to_platform(world: World, seat: Seat) -> bool:
    """Whether only members of the Platform can decide the stage."""
    platform = world.organizations.platform
    return platform is not None and all(_only(world, seat, entry, platform) for entry in seat.stage.approvers)


def _only(world: World, seat: Seat, entry: ApproverEntry, platform: str) -> bool:
    owner = seat.flow.namespace
    named = [*entry.roles, *entry.users]
    by_membership = bool(entry.organizations) and memberships(world, entry, seat.organization) == {platform}
    return by_membership or (bool(named) and all(one.owner(owner) == platform for one in named))
