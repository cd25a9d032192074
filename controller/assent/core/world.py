"""The world: a frozen snapshot of all that is declared and in force, with look-ups.

A change gives a new world that shares with the old one whatever the change does not touch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from assent.api.flows import ApprovalFlow
from assent.api.kinds import AnyKind
from assent.api.names import CLUSTER_KINDS, Ident, Ref
from assent.api.people import AccessRole
from assent.api.services import EnabledMicroservice, Microservice
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
        tables: dict[str, Mapping[Any, Any]] = {
            "Organization": self.organizations.by_name,
            "Module": self.matrices.by_name,
            "AccessRole": self.roles,
            "User": self.people.by_ref,
            "Microservice": self.microservices,
            "EnabledMicroservice": self.enablements,
            "ApprovalFlow": self.flows,
        }
        return tables.get(kind, {})

    def get(self, ident: Ident) -> AnyKind | None:
        """The document in force, or None."""
        found: AnyKind | None = self.table(ident.kind).get(key(ident))
        return found

    def idents(self) -> Iterable[Ident]:
        """Every document in force, sorted within its kind."""
        for kind in CONFIGURATION:
            for found in sorted(self.table(kind)):
                yield Ident(kind, "", found) if kind in CLUSTER_KINDS else Ident(kind, *found)

    def changed(self, changes: Mapping[Ident, AnyKind | None]) -> "World":
        """The world after these changes; None takes a document away."""
        tables: dict[str, dict[Any, Any]] = {}
        for ident, document in changes.items():
            table = tables.setdefault(ident.kind, dict(self.table(ident.kind)))
            if document is None:
                table.pop(key(ident), None)
            else:
                table[key(ident)] = document
        return replace(self, **{_FIELDS[kind][0]: _FIELDS[kind][1](table) for kind, table in tables.items()})

    def written(self, provenance: Mapping[Ident, Provenance]) -> "World":
        """The same world, with these notes of who wrote what laid over the ones it has."""
        return replace(self, provenance={**self.provenance, **provenance})

    @cached_property
    def enabled(self) -> Mapping[tuple[str, Ref], tuple[Ref, ...]]:
        """Enablements by organization and microservice, sorted."""
        found: dict[tuple[str, Ref], list[Ref]] = {}
        for ref, one in sorted(self.enablements.items()):
            service = one.spec.microservice
            found.setdefault((ref.namespace, Ref(service.owner(ref.namespace), service.name)), []).append(ref)
        return {where: tuple(refs) for where, refs in found.items()}


CONFIGURATION = (
    "Organization",
    "Module",
    "AccessRole",
    "User",
    "Microservice",
    "EnabledMicroservice",
    "ApprovalFlow",
)
"""The kinds that a world is made of, in the order in which they depend on each other."""

_FIELDS: dict[str, tuple[str, Any]] = {
    "Organization": ("organizations", Organizations),
    "Module": ("matrices", Matrices),
    "AccessRole": ("roles", dict),
    "User": ("people", People),
    "Microservice": ("microservices", dict),
    "EnabledMicroservice": ("enablements", dict),
    "ApprovalFlow": ("flows", dict),
}


def key(ident: Ident) -> str | Ref:
    """The key of a document within its kind's table."""
    return ident.name if ident.kind in CLUSTER_KINDS else ident.ref


def ident(document: AnyKind) -> Ident:
    """Which document this is."""
    return Ident(document.kind, document.namespace, document.name)


def world(documents: Iterable[AnyKind]) -> World:
    """The world of these documents; Requests among them are passed over, and of two of one name the last one stays."""
    return World().changed({ident(one): one for one in documents if one.kind != "Request"})
