"""What documents refer to, and whether it is there."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from assent.api.flows import RELATIVE, ApprovalFlow
from assent.api.kinds import AnyKind, field
from assent.api.modules import Module
from assent.api.names import CLUSTER_KINDS, Ident
from assent.api.organizations import Organization
from assent.api.people import EVERYWHERE, AccessRole, User
from assent.api.services import EnabledMicroservice, FlowUse, Microservice
from assent.core.keywords import Path
from assent.core.offers import visible
from assent.core.world import World

Part = tuple[str, ...]
"""What of the document is meant: `("level", name)`, `("row", functionality, action)`, `("product", name)`,
`("tier", product, name)` with an empty product for any; empty: the document itself."""


class Reference(NamedTuple):
    """One reference: the field it stands in, what it names, and who may be named there.

    `reach` is who may be named; empty: everybody.
    `below`: the owner and what depends on it; `above`: the owner and what it depends on; `flow`: the Platform as well.
    `named`: as `below`, and anybody by the Platform; `line`: all of these, and anybody by the Platform;
    `visible`: what the owner's organization may see.
    """

    path: Path
    target: Ident
    part: Part = ()
    reach: str = ""

    @property
    def field(self) -> str:
        """The field as people write it: `spec.entries[0].levels.portal`."""
        return field(self.path)

    def __str__(self) -> str:
        """`AccessRole/acme/admins`, or `the level L2 of Module/workspaces`."""
        named = " ".join(one for one in self.part[1:] if one)
        return f"the {self.part[0]} {named} of {self.target}" if self.part else str(self.target)


def references(world: World, document: AnyKind) -> Iterator[Reference]:
    """Everything that the document refers to, its own organization included."""
    kind = document.kind
    if kind not in CLUSTER_KINDS:
        yield Reference(("metadata", "namespace"), organization(document.namespace))
    find = _FINDERS.get(kind)
    if find:
        yield from find(world, document)


def exists(world: World, reference: Reference) -> bool:
    """Whether what it names is there."""
    document = world.get(reference.target)
    if document is None or not reference.part:
        return document is not None
    what, *names = reference.part
    return _PARTS[what](document, *names)


def within_reach(world: World, owner: str, reference: Reference) -> bool:
    """Whether a document of `owner` may name it."""
    return not reference.reach or _REACHES[reference.reach](world, owner, reference.target)


def related(world: World, owner: str, target: Ident) -> bool:
    """Whether they are of one line, or one of them is the Platform: nobody else's documents are theirs to hold up."""
    named, tree = home(target), world.organizations
    if named == owner or tree.platform in (named, owner):
        return True
    return tree.depends(owner, named) or tree.depends(named, owner)


def home(target: Ident) -> str:
    """The organization that a document belongs to, or is."""
    return target.namespace or target.name


def _below(world: World, owner: str, target: Ident) -> bool:
    return world.organizations.depends(home(target), owner)


def _above(world: World, owner: str, target: Ident) -> bool:
    return world.organizations.depends(owner, home(target))


def _flow(world: World, owner: str, target: Ident) -> bool:
    return home(target) == world.organizations.platform or _above(world, owner, target)


def _named(world: World, owner: str, target: Ident) -> bool:
    return owner == world.organizations.platform or _below(world, owner, target)


def _visible(world: World, owner: str, target: Ident) -> bool:
    """What is one's own is within reach before it is there; of others', what is not there looks like what is hidden."""
    service = world.microservices.get(target.ref)
    return target.namespace == owner or (service is not None and visible(world, service, owner))


@lru_cache(maxsize=1 << 14)
def organization(name: str) -> Ident:
    """An Organization by its name; kept, as are modules, since nearly every document names one."""
    return Ident("Organization", "", name)


@lru_cache(maxsize=1 << 10)
def _module(name: str) -> Ident:
    return Ident("Module", "", name)


def _of_organization(world: World, one: Organization) -> Iterator[Reference]:
    if one.spec.parent:
        yield Reference(("spec", "parent"), organization(one.spec.parent))
    for position, taken in enumerate(one.spec.subscriptions):
        part = ("tier", taken.product, taken.tier) if taken.tier else ("product", taken.product)
        yield Reference(("spec", "subscriptions", position), _platform(world), part)


def _platform(world: World) -> Ident:
    """The Platform, which lists the products; one that cannot exist where there is none."""
    return organization(world.organizations.platform or "")


def _of_module(_: World, one: Module) -> Iterator[Reference]:
    for position, row in enumerate(one.spec.permissions):
        for when in (grant.when for grant in row.grants if grant.when):
            for level in when.levels:
                path = ("spec", "permissions", position)
                yield Reference(path, _module(when.module), ("level", level))


def _of_role(_: World, one: AccessRole) -> Iterator[Reference]:
    for position, entry in enumerate(one.spec.entries):
        if entry.organization != EVERYWHERE:
            path = ("spec", "entries", position, "organization")
            yield Reference(path, organization(entry.organization), reach="below")
        for module, level in sorted(entry.levels.items()):
            yield Reference(("spec", "entries", position, "levels", module), _module(module), ("level", level))


def _of_user(_: World, one: User) -> Iterator[Reference]:
    if one.spec.role:
        yield Reference(("spec", "role"), Ident("AccessRole", one.namespace, one.spec.role.name))


def _of_microservice(world: World, one: Microservice) -> Iterator[Reference]:
    for position, product in enumerate(one.spec.products):
        yield Reference(("spec", "products", position), _platform(world), ("product", product))
    for position, name in enumerate(one.spec.visible_to):
        yield Reference(("spec", "visibleTo", position), organization(name), reach="named")
    for position, row in enumerate(one.spec.permissions):
        part = ("row", row.functionality, row.action)
        yield Reference(("spec", "permissions", position), _module(row.module), part)
    yield from _approvals(world, one.namespace, one.spec.approvals)


def _of_enablement(world: World, one: EnabledMicroservice) -> Iterator[Reference]:
    service = one.spec.microservice
    named = Ident("Microservice", service.owner(one.namespace), service.name)
    yield Reference(("spec", "microservice"), named, reach="visible")
    for position, role in enumerate(one.spec.roles):
        target = Ident("AccessRole", role.owner(one.namespace), role.name)
        yield Reference(("spec", "roles", position), target, reach="above")
    yield from _approvals(world, one.namespace, one.spec.approvals)


def _approvals(world: World, owner: str, uses: tuple[FlowUse, ...]) -> Iterator[Reference]:
    for position, use in enumerate(uses):
        path = ("spec", "approvals", position)
        target = Ident("ApprovalFlow", use.flow.owner(owner), use.flow.name)
        yield Reference((*path, "flow"), target, reach="flow")
        for tier in use.when.tiers if use.when else ():
            yield Reference((*path, "when", "tiers"), _platform(world), ("tier", "", tier))


def _of_flow(_: World, one: ApprovalFlow) -> Iterator[Reference]:
    for position, stage in enumerate(one.spec.stages):
        for number, entry in enumerate(stage.approvers):
            path = ("spec", "stages", position, "approvers", number)
            for name in entry.organizations:
                if name not in RELATIVE:
                    yield Reference((*path, "organizations"), organization(name), reach="line")
            for role in entry.roles:
                target = Ident("AccessRole", role.owner(one.namespace), role.name)
                yield Reference((*path, "roles"), target, reach="line")
            for user in entry.users:
                target = Ident("User", user.owner(one.namespace), user.name)
                yield Reference((*path, "users"), target, reach="line")


_REACHES: dict[str, Callable[[World, str, Ident], bool]] = {
    "below": _below,
    "above": _above,
    "flow": _flow,
    "named": _named,
    "line": related,
    "visible": _visible,
}

_FINDERS: dict[str, Callable[..., Iterator[Reference]]] = {
    "Organization": _of_organization,
    "Module": _of_module,
    "AccessRole": _of_role,
    "User": _of_user,
    "Microservice": _of_microservice,
    "EnabledMicroservice": _of_enablement,
    "ApprovalFlow": _of_flow,
}


def _row(one: AnyKind, functionality: str, action: str) -> bool:
    rows = one.spec.permissions if isinstance(one, Module) else ()
    return any((row.functionality, row.action) == (functionality, action) for row in rows)


def _level(one: AnyKind, name: str) -> bool:
    return isinstance(one, Module) and any(level.name == name for level in one.spec.levels)


def _product(one: AnyKind, name: str) -> bool:
    return isinstance(one, Organization) and any(product.name == name for product in one.spec.products)


def _tier(one: AnyKind, product: str, name: str) -> bool:
    listed = one.spec.products if isinstance(one, Organization) else ()
    return any(tier.name == name for each in listed if product in ("", each.name) for tier in each.tiers)


_PARTS: dict[str, Callable[..., bool]] = {"row": _row, "level": _level, "product": _product, "tier": _tier}
