"""Who gets which of the fixed Kubernetes roles where: what people's rights come to at the API server.

A binding only lets somebody come with such a write at all; admission and the ledger judge each one. So a binding may be
wider than the right that it stands for, and every right that a role gives somewhere has its binding there.
What rests on no role has none: a change of one's own language or keys goes through who writes users, and a request of
somebody whose role is gone is cancelled by others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from assent.api.flows import ApprovalFlow, ApproverEntry
from assent.api.names import CLUSTER_KINDS, Ref
from assent.api.records import NEVER
from assent.api.services import EnabledMicroservice, FlowUse, Microservice
from assent.core.access import conferred
from assent.core.authority import FOUNDING, Authority, Power
from assent.core.offers import visible
from assent.core.people import People
from assent.core.permissions import APPROVE, CANCEL, CREATE, Permission
from assent.core.rights import GOVERNING
from assent.core.world import World

VIEWER, REQUESTER, APPROVER, AUTHOR = "assent-viewer", "assent-requester", "assent-approver", "assent-author"
CLUSTER_VIEWER, CLUSTER_AUTHOR = "assent-cluster-viewer", "assent-cluster-author"
"""The ClusterRoles that Assent's chart ships."""

Place = tuple[str, str]
"""A namespace (empty: the whole cluster), and a ClusterRole that is bound in it."""

Bindings = Mapping[Place, tuple[str, ...]]
"""Who each ClusterRole is bound to where, by the names that they sign in with, sorted."""

Grant = tuple[str, str, tuple[str, ...]]
"""A namespace, a ClusterRole, and who gets it there."""

VIEW = Permission("automate", "Requests", "View")
SYSTEM, SERVICE_ACCOUNT = "system:", "system:serviceaccount:"
"""What Kubernetes' own names begin with, and those of accounts that somebody made."""


def _governing(*kinds: str) -> Power:
    """Every right that governs a write of these kinds."""
    found = (GOVERNING[kind] for kind in kinds)
    return frozenset(
        Permission("portal", functionality, action) for functionality, actions in found for action in actions.values()
    )


_NAMESPACED = tuple(kind for kind in GOVERNING if kind not in CLUSTER_KINDS)
_READ = frozenset(Permission("portal", GOVERNING[kind][0], "View") for kind in _NAMESPACED)
_OF_ORGANIZATIONS, _OF_MODULES = _governing("Organization"), _governing("Module")

LEVELS: dict[str, Power] = {
    VIEWER: _READ | {VIEW},
    REQUESTER: frozenset({CREATE}),
    APPROVER: frozenset({APPROVE, CANCEL}),
    AUTHOR: _governing(*_NAMESPACED),
}
"""By ClusterRole: the rights any one of which needs it in its organization's namespace."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who has one role and is not suspended: whatever one of them may do, all may.

    `names` are all that they sign in with, `humans` those of the Humans among them; `one` is any of them, a Human where
    there is one.
    """

    role: Ref
    one: Ref
    names: tuple[str, ...]
    humans: tuple[str, ...]


Reach = tuple[Crowd, str, Power]
"""A crowd, an organization that its role reaches, and what it may do there: at least something."""


def desired(world: World) -> Bindings:
    """Every binding that there should be, and none besides."""
    reaches = [*_reaches(world)]
    bound: dict[Place, set[str]] = {}
    for where, role, names in chain(
        _by_rights(world, reaches), _of_the_platform(world, reaches), _founders(world, reaches)
    ):
        bound.setdefault((where, role), set()).update(names)
    return {place: tuple(sorted(names)) for place, names in sorted(bound.items()) if names}


@lru_cache(maxsize=1 << 12)
def levels(permissions: Power) -> frozenset[str]:
    """The ClusterRoles that these rights in an organization need in its namespace; with any of them comes the viewer's.

    Reading is by namespace, not by kind: whoever may see or write something of an organization's sees what it has.
    """
    found = {role for role, rights in LEVELS.items() if permissions & rights}
    return frozenset(found | {VIEWER} if found else ())


def _reaches(world: World) -> Iterator[Reach]:
    for crowd in _crowds(world):
        for organization in world.organizations.below(crowd.role.namespace):
            permissions = conferred(world, crowd.role, organization)
            if permissions:
                yield crowd, organization, permissions


def _crowds(world: World) -> Iterator[Crowd]:
    people = world.people
    for role, members in sorted(people.having.items(), key=lambda one: one[1]):
        able = [one for one in members if not people.by_ref[one].spec.suspended]
        humans = [one for one in able if people.by_ref[one].spec.type == "Human"]
        if able:
            yield Crowd(role, (humans or able)[0], _names(people, able), _names(people, humans))


def _names(people: People, members: list[Ref]) -> tuple[str, ...]:
    """Every name that they sign in with; one that two people have is nobody's.

    Of those that Kubernetes keeps for itself only a service account's is somebody: an Automation named
    `system:anonymous` would let in the whole world.
    """
    every = ((one, name) for one in members for name in people.by_ref[one].spec.names if people.named(name) == one)
    return tuple(name for _, name in every if name.startswith(SERVICE_ACCOUNT) or not name.startswith(SYSTEM))


def _by_rights(world: World, reaches: list[Reach]) -> Iterator[Grant]:
    """In each organization what is held there; Organizations and Modules are read by all who hold anything."""
    for crowd, organization, permissions in reaches:
        yield from ((organization, role, crowd.names) for role in levels(permissions))
        yield "", CLUSTER_VIEWER, crowd.names
        of_modules = permissions & _OF_MODULES and organization == world.organizations.platform
        if of_modules or permissions & _OF_ORGANIZATIONS:
            yield "", CLUSTER_AUTHOR, crowd.names


def _of_the_platform(world: World, reaches: list[Reach]) -> Iterator[Grant]:
    """The Platform's approvers, wherever a stage may be theirs; they hold their right in the Platform."""
    platform = world.organizations.platform
    approvers = [
        crowd.humans
        for crowd, organization, permissions in reaches
        if organization == platform and APPROVE in permissions
    ]
    if platform and approvers:
        for organization in _asking(world, platform):
            yield from ((organization, role, names) for role in (VIEWER, APPROVER) for names in approvers)


def _asking(world: World, platform: str) -> Iterator[str]:
    """The organizations where a flow with a stage for a member of the Platform may apply.

    Neither a microservice's state nor its conditions are looked at, so there are rather too many than too few.
    """
    flows = frozenset(ref for ref, flow in world.flows.items() if _asks(ref, flow, platform))
    services = [one for one in world.microservices.values() if _uses(one, one.spec.approvals) & flows]
    enabling = {one.namespace for one in world.enablements.values() if _uses(one, one.spec.approvals) & flows}
    for organization in world.organizations.by_name:
        line = world.organizations.path(organization)
        if line and (enabling & {*line} or any(visible(world, one, organization) for one in services)):
            yield organization


def _asks(ref: Ref, flow: ApprovalFlow, platform: str) -> bool:
    """Whether a member of the Platform may match an entry of one of its stages."""
    return any(_admits(ref.namespace, entry, platform) for stage in flow.spec.stages for entry in stage.approvers)


def _admits(owner: str, entry: ApproverEntry, platform: str) -> bool:
    by_membership = not entry.organizations or not {"Platform", platform}.isdisjoint(entry.organizations)
    named = [*entry.roles, *entry.users]
    return by_membership and (not named or any(one.owner(owner) == platform for one in named))


def _uses(one: Microservice | EnabledMicroservice, approvals: tuple[FlowUse, ...]) -> frozenset[Ref]:
    return frozenset(Ref(use.flow.owner(one.namespace), use.flow.name) for use in approvals)


def _founders(world: World, reaches: list[Reach]) -> Iterator[Grant]:
    """Who acts for an organization on its first day, as its authors; one of each crowd is asked for all of them.

    No key is asked for: people prove themselves to the API server, so it hangs on no moment either.
    """
    founding: dict[str, list[Crowd]] = {}
    for crowd, organization, permissions in reaches:
        if FOUNDING in permissions:
            founding.setdefault(organization, []).append(crowd)
    each = {crowd.one: world.people.by_ref[crowd.one] for crowd, _, _ in reaches}
    few = replace(world, people=People(each))
    for organization, document in world.organizations.by_name.items():
        acting = founding.get(document.spec.parent or world.organizations.platform or "", ())
        first = next((Authority(few, few.organizations, one.one, NEVER, keys_matter=False) for one in acting), None)
        if first and first.sponsor(organization):
            yield from ((organization, role, crowd.names) for crowd in acting for role in (VIEWER, AUTHOR))
