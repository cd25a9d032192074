"""The world: a frozen snapshot of all that is declared and in force, with look-ups.

A change gives a new world that shares with the old one whatever the change does not touch.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from assent.api.flows import ApprovalFlow
from assent.api.kinds import AnyKind
from assent.api.names import CLUSTER_KINDS, CONFIGURATION, Ident, Ref
from assent.api.people import AccessRole
from assent.api.services import EnabledMicroservice, Microservice
from assent.core.conferrals import Acting, Conferral, acting, acting_after
from assent.core.organizations import Organizations
from assent.core.people import People
from assent.core.permissions import Matrices


@dataclass(frozen=True, slots=True)
class Origin:
    """Who last wrote something, and when in the ledger's order; `author` None: the trust root or nobody known."""

    author: Ref | None
    since: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who last wrote a document, and its parts that are judged one by one.

    `parts` are named `entry:<organization>` for a role, `name:<username>` and `key:<fingerprint>` for a user.
    """

    document: Origin
    parts: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """All configuration in force; requests are cases of their own (`core.cases`)."""

    organizations: Organizations = field(default_factory=lambda: Organizations({}))
    matrices: Matrices = field(default_factory=lambda: Matrices({}))
    people: People = field(default_factory=lambda: People({}))
    roles: Mapping[Ref, AccessRole] = field(default_factory=dict)
    microservices: Mapping[Ref, Microservice] = field(default_factory=dict)
    enablements: Mapping[Ref, EnabledMicroservice] = field(default_factory=dict)
    flows: Mapping[Ref, ApprovalFlow] = field(default_factory=dict)
    provenance: Mapping[Ident, Provenance] = field(default_factory=dict)

    def table(self, kind: str) -> Mapping[Any, Any]:
        """One kind's documents: by name for the cluster-scoped kinds, by reference for the others."""
        find = _TABLES.get(kind)
        return find(self) if find else {}

    def get(self, ident: Ident) -> AnyKind | None:
        """The document in force, or None."""
        found: AnyKind | None = self.table(ident.kind).get(key(ident))
        return found

    def idents(self) -> Iterator[Ident]:
        """Every document in force, sorted within its kind."""
        for kind in CONFIGURATION:
            for found in sorted(self.table(kind)):
                yield Ident(kind, "", found) if kind in CLUSTER_KINDS else Ident(kind, *found)

    def documents(self) -> Iterator[AnyKind]:
        """Every document in force, kind by kind, in no order within it."""
        for kind in CONFIGURATION:
            yield from self.table(kind).values()

    def changed(self, changes: Mapping[Ident, AnyKind | None]) -> "World":
        """The world after these changes; None takes a document away."""
        by_kind: dict[str, dict[Any, AnyKind | None]] = {}
        for ident, document in changes.items():
            by_kind.setdefault(ident.kind, {})[key(ident)] = document
        return self._changed(by_kind)

    def _changed(self, by_kind: Mapping[str, Mapping[Any, Any]]) -> "World":
        tables = {_FIELDS[kind]: self._table(kind, changes) for kind, changes in by_kind.items()}
        made = replace(self, **tables)
        if by_kind.keys().isdisjoint(("Organization", "Module")):
            made.__dict__.update(_remembered(self, made, by_kind.get("AccessRole", ()), by_kind.get("User", ())))
        return made

    def _table(self, kind: str, changes: Mapping[Any, Any]) -> Any:  # noqa: ANN401 -- each kind's own
        """One kind's part of the world after its changes."""
        if kind == "User":
            return self.people.changed(changes)
        table = dict(self.table(kind))
        for name, document in changes.items():
            if document is None:
                table.pop(name, None)
            else:
                table[name] = document
        return {"Organization": Organizations, "Module": Matrices}.get(kind, dict)(table)

    def written(self, provenance: Mapping[Ident, Provenance]) -> "World":
        """The same world, with these notes of who wrote what laid over the ones it has."""
        made = replace(self, provenance={**self.provenance, **provenance})
        made.__dict__.update(_remembered(self, made))
        return made

    def prepared(self) -> "World":
        """Itself, with what every judgement asks for worked out: worlds that are made of it by a change share that."""
        _ = (self.people.prepared(), self.conferrals, self.acting)
        return self

    @cached_property
    def conferrals(self) -> Mapping[Ref, Conferral]:
        """What each role confers."""
        return {ref: Conferral(role, self.organizations, self.matrices) for ref, role in self.roles.items()}

    @cached_property
    def acting(self) -> Acting:
        """What each person's role confers: every decision asks here, so it is found by two short texts."""
        return acting(self.people.by_ref, self.conferrals)

    @cached_property
    def by_default(self) -> Mapping[str, tuple[Ref, ...]]:
        """Microservices that are enabled by default by name, sorted."""
        found: dict[str, list[Ref]] = {}
        for ref, one in sorted(self.microservices.items()):
            if one.spec.enabled_by_default:
                found.setdefault(ref.name, []).append(ref)
        return {name: tuple(refs) for name, refs in found.items()}

    @cached_property
    def enabled(self) -> Mapping[tuple[str, Ref], tuple[Ref, ...]]:
        """Enablements by organization and microservice, sorted."""
        found: dict[tuple[str, Ref], list[Ref]] = {}
        for ref, one in sorted(self.enablements.items()):
            service = one.spec.microservice
            found.setdefault((ref.namespace, Ref(service.owner(ref.namespace), service.name)), []).append(ref)
        return {where: tuple(refs) for where, refs in found.items()}


def _remembered(
    before: World, after: World, roles: Collection[Ref] = (), people: Collection[Ref] = ()
) -> Iterator[tuple[str, Any]]:
    """What the world before has worked out and the one after can go by: all but these roles and people have it."""
    if "conferrals" in before.__dict__:
        kept = {ref: one for ref, one in before.conferrals.items() if ref not in roles} if roles else before.conferrals
        new = {ref: after.roles[ref] for ref in roles if ref in after.roles}
        made = {ref: Conferral(role, after.organizations, after.matrices) for ref, role in new.items()}
        yield "conferrals", {**kept, **made} if made else kept
    if "acting" in before.__dict__:
        touched = {*people, *(person for role in roles for person in after.people.having.get(role, ()))}
        yield "acting", acting_after(before.acting, after.people.by_ref, after.conferrals, touched)


_FIELDS = {
    "Organization": "organizations",
    "Module": "matrices",
    "AccessRole": "roles",
    "User": "people",
    "Microservice": "microservices",
    "EnabledMicroservice": "enablements",
    "ApprovalFlow": "flows",
}


_TABLES: dict[str, Callable[[World], Mapping[Any, Any]]] = {
    "Organization": lambda world: world.organizations.by_name,
    "Module": lambda world: world.matrices.by_name,
    "AccessRole": lambda world: world.roles,
    "User": lambda world: world.people.by_ref,
    "Microservice": lambda world: world.microservices,
    "EnabledMicroservice": lambda world: world.enablements,
    "ApprovalFlow": lambda world: world.flows,
}


def key(ident: Ident) -> str | Ref:
    """The key of a document within its kind's table."""
    return ident.name if ident.kind in CLUSTER_KINDS else ident.ref


def ident(document: AnyKind) -> Ident:
    """Which document this is."""
    return Ident(document.kind, document.namespace, document.name)


def world(documents: Iterable[AnyKind]) -> World:
    """The world of these documents; Requests among them are passed over, and of two of one name the last one stays."""
    tables: dict[str, dict[Any, Any]] = {kind: {} for kind in CONFIGURATION}
    for one in documents:
        if one.kind != "Request":
            where = one.metadata
            tables[one.kind][where.name if one.kind in CLUSTER_KINDS else Ref(where.namespace or "", where.name)] = one
    made = {"Organization": Organizations, "Module": Matrices, "User": People}
    return World(**{_FIELDS[kind]: made.get(kind, dict)(table) for kind, table in tables.items()})
