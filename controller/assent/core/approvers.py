"""Who may decide a stage.

An approver holds automate Requests Approve in the request's organization (a member of the Platform: in the Platform),
is a Human, not suspended, and matches one entry of the stage.
For a request that already waits, all of that must have held when it was first seen, and must still hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assent.api.flows import RELATIVE, ApproverEntry, Stage
from assent.api.names import Ref
from assent.core.access import holds, role_of
from assent.core.organizations import Organizations
from assent.core.permissions import APPROVE
from assent.core.world import World

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


@dataclass(frozen=True, slots=True)
class Admission:
    """One entry of a stage with all its names resolved; None where it says nothing of them."""

    organizations: frozenset[str | None] | None
    roles: frozenset[Ref] | None
    users: frozenset[Ref] | None

    def admits(self, person: Ref, role: Ref | None) -> bool:
        """Whether all that the entry says holds of a person with this role."""
        if self.organizations is not None and person.namespace not in self.organizations:
            return False
        if self.roles is not None and role not in self.roles:
            return False
        return self.users is None or person in self.users


def admissions(world: World, seat: Seat) -> tuple[Admission, ...]:
    """The stage's entries, resolved once for everybody who is judged by them."""
    return tuple(_admission(world, seat, entry) for entry in seat.stage.approvers)


def _admission(world: World, seat: Seat, entry: ApproverEntry) -> Admission:
    owner = seat.flow.namespace
    return Admission(
        frozenset(memberships(world, entry, seat.organization)) if entry.organizations else None,
        frozenset(Ref(one.owner(owner), one.name) for one in entry.roles) if entry.roles else None,
        frozenset(Ref(one.owner(owner), one.name) for one in entry.users) if entry.users else None,
    )


def memberships(world: World, entry: ApproverEntry, organization: str) -> set[str | None]:
    """The organizations that the entry means, seen from the requesting one."""
    tree = world.organizations
    return {MEANT[name](tree, organization) if name in RELATIVE else name for name in entry.organizations} - {None}


MEANT: Mapping[str, Callable[[Organizations, str], str | None]] = {
    "Requesting": lambda _, organization: organization,
    "Client": Organizations.client,
    "Partner": Organizations.partner,
    "Platform": lambda tree, _: tree.platform,
}
"""What a relative name means to the requesting organization."""


def why_not_entitled(
    world: World, seat: Seat, person: Ref, first_seen: Basis, *, entries: Sequence[Admission] = ()
) -> str:
    """Why the person is no approver of the stage, as a word of the table; empty where they are one, then and now.

    `entries` are the stage's, where whoever asks for many people has resolved them before.
    """
    entries = entries or admissions(world, seat)
    user = world.people.by_ref.get(person)
    if user is None or not _admitted(entries, person, role_of(user)):
        return "NotAnApprover"
    if user.spec.type != "Human":
        return "NotAutomation"
    if user.spec.suspended:
        return "Suspended"
    if not holds(world, person, where(world, person, seat.organization), APPROVE):
        return "NotEntitled"
    then = first_seen.get(person)
    if then is None or not _admitted(entries, person, then):
        return "ApproverTooNew"
    return ""


def _admitted(entries: Sequence[Admission], person: Ref, role: Ref | None) -> bool:
    return any(entry.admits(person, role) for entry in entries)


def belongs_to_platform(world: World, seat: Seat) -> bool:
    """Whether only members of the Platform can decide the stage."""
    platform = world.organizations.platform
    return platform is not None and all(_only(world, seat, entry, platform) for entry in seat.stage.approvers)


def _only(world: World, seat: Seat, entry: ApproverEntry, platform: str) -> bool:
    owner = seat.flow.namespace
    named = [*entry.roles, *entry.users]
    by_membership = bool(entry.organizations) and memberships(world, entry, seat.organization) == {platform}
    return by_membership or (bool(named) and all(one.owner(owner) == platform for one in named))
