"""The tree of organizations: ancestors, who depends on whom, and what is broken.

A cycle, a missing parent or a parent of the wrong type denies the whole subtree (rule 14); the sentence says which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from assent.api.base import Metadata
from assent.api.organizations import Organization, OrganizationSpec, OrganizationType

LONGEST_LOOP = 32
"""Loops of more organizations than this are not walked to their end; a line is wrong after its third one anyway."""

PARENT_TYPES = {"Client": "Partner", "SubOrganization": "Client"}
CHILD_TYPES: dict[str, OrganizationType] = {"Partner": "Client", "Client": "SubOrganization"}


@dataclass(frozen=True)
class Organizations:
    """All organizations by name; what is derived is worked out once and kept with them."""

    by_name: Mapping[str, Organization]

    @cached_property
    def platform(self) -> str | None:
        """The name of the Platform; None where there is none, or more than one (nobody then acts as it)."""
        names = [name for name, one in self.by_name.items() if one.spec.type == "Platform"]
        return names[0] if len(names) == 1 else None

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Direct dependents by parent, sorted."""
        found: dict[str, list[str]] = {}
        for name, one in sorted(self.by_name.items()):
            if one.spec.parent:
                found.setdefault(one.spec.parent, []).append(name)
        return {parent: tuple(names) for parent, names in found.items()}

    @cached_property
    def _lines(self) -> dict[str, tuple[str, ...] | str]:
        return {}

    def _line(self, name: str) -> tuple[str, ...] | str:
        """The path from the root, or a sentence that says what is broken; kept."""
        known = self._lines.get(name)
        if known is None:
            known = self._lines[name] = self._walk(name)
        return known

    def _walk(self, name: str) -> tuple[str, ...] | str:
        """A loop is named as such wherever it is, before what else is wrong on the way to it."""
        line, wrong = [name], ""
        while len(line) <= LONGEST_LOOP:
            here = self.by_name.get(line[-1])
            if here is None:
                child = f", the parent of {line[-2]!r}," if len(line) > 1 else ""
                return wrong or f"the organization {line[-1]!r}{child} does not exist"
            parent = here.spec.parent
            if parent is None:
                return wrong or tuple(reversed(line))
            if parent in line:
                return "a cycle of parents: " + " → ".join([*line[line.index(parent) :], parent])
            wrong = wrong or self._wrong_parent(here, parent)
            line.append(parent)
        return wrong

    def _wrong_parent(self, child: Organization, parent: str) -> str:
        above = self.by_name.get(parent)
        wanted = PARENT_TYPES[child.spec.type]
        if above is not None and above.spec.type != wanted:
            return (
                f"the parent of {child.name!r} is {parent!r}, a {above.spec.type}; a {child.spec.type} needs a {wanted}"
            )
        return ""

    def broken(self, name: str) -> str:
        """Why this organization's line is broken, in a sentence; empty where it is whole."""
        line = self._line(name)
        return line if isinstance(line, str) else ""

    def path(self, name: str) -> tuple[str, ...]:
        """From the root down to the organization itself; empty where the line is broken."""
        line = self._line(name)
        return line if isinstance(line, tuple) else ()

    def depends(self, name: str, owner: str) -> bool:
        """Whether `name` is `owner` or depends on it, directly or not."""
        return owner in self.path(name)

    def client(self, name: str) -> str | None:
        """The client that this organization is, or is part of."""
        return self._nearest(name, "Client")

    def partner(self, name: str) -> str | None:
        """The partner of this organization's client; None where there is none."""
        return self._nearest(name, "Partner")

    def _nearest(self, name: str, wanted: str) -> str | None:
        for one in self.path(name):
            if self.by_name[one].spec.type == wanted:
                return one
        return None

    def below(self, name: str) -> Iterator[str]:
        """The organization and all that depend on it, depth first, sorted; a broken line is left out."""
        if self.path(name):
            yield name
            for child in self.children.get(name, ()):
                yield from self.below(child)

    def closed_to(self, name: str, owner: str) -> str | None:
        """The client whose `partnerAccess: Denied` closes `name` to its partner `owner`; None if there is none."""
        client = self.client(name)
        if client is None or self.by_name[client].spec.partner_access == "Allowed":
            return None
        return client if owner == self.by_name[client].spec.parent else None

    @cached_property
    def to_come(self) -> "Organizations":
        """What roles written today may come to reach: the tree with no client closed to its partner, and one more
        organization below every partner and client, named `<parent>/*`.
        """
        opened = {name: _opened(one) for name, one in self.by_name.items()}
        new = {yet_to_come(name): _child(one) for name, one in self.by_name.items() if one.spec.type in CHILD_TYPES}
        return Organizations({**opened, **new})


def yet_to_come(parent: str) -> str:
    """How an organization that may once be made below `parent` is called; no real one can have that name."""
    return f"{parent}/*"


def above(place: str) -> str:
    """The reverse of `yet_to_come`: below which organization it would be made."""
    return place.removesuffix("/*")


def _opened(one: Organization) -> Organization:
    if one.spec.partner_access == "Allowed":
        return one
    return one.model_copy(update={"spec": one.spec.model_copy(update={"partner_access": "Allowed"})})


def _child(parent: Organization) -> Organization:
    spec = OrganizationSpec.model_construct(type=CHILD_TYPES[parent.spec.type], parent=parent.name)
    return Organization.model_construct(metadata=Metadata.model_construct(name=yet_to_come(parent.name)), spec=spec)
