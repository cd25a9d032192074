"""A world of rights as plain tables, the same for everybody who answers for it, and the questions that are asked.

A hundredth of the organizations are partners, a fifth clients, the rest suborganizations; a tenth of the clients deny
their partner. A third of the roles are partners', the others clients'. Each has an entry `*` and up to four for what
depends on its owner. Everybody has one role; one in a hundred is suspended. The modules are those that are shipped.
"""

import random
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MODULES = Path(__file__).parents[1] / "policies" / "modules"
USERS, ROLES = 10, 0.1
"""People and roles an organization."""

EVERYWHERE = "*"
Name = tuple[str, str]
Permission = tuple[str, str, str]


class Organization(NamedTuple):
    """One organization; `denies` is whether it keeps its partner out."""

    type: str
    parent: str = ""
    denies: bool = False


class Entry(NamedTuple):
    """What a role gives in one organization, perhaps with all that depends on it."""

    organization: str
    below: bool
    levels: Mapping[str, str]


class User(NamedTuple):
    """A person of an organization: the name of their role there."""

    role: str
    suspended: bool


class Question(NamedTuple):
    """Whether somebody may do something somewhere."""

    person: Name
    organization: str
    permission: Permission


class Tenancy:
    """The tables of one size."""

    def __init__(self, size: int, seed: int = 3) -> None:
        chance = random.Random(seed)
        self.modules = [
            one
            for path in sorted(MODULES.glob("*.yaml"))
            for one in yaml.load_all(path.read_bytes(), yaml.CSafeLoader)
            if one["kind"] == "Module"
        ]
        self.organizations = _organizations(size, chance)
        self.roles = self._roles(max(int(size * ROLES), 3), chance)
        names = list(self.roles)
        self.users: dict[Name, User] = {}
        for number in range(size * USERS):
            owner, role = chance.choice(names)
            self.users[owner, f"u{number}"] = User(role, chance.random() < 0.01)

    def _roles(self, count: int, chance: random.Random) -> dict[Name, list[Entry]]:
        levels = {one["metadata"]["name"]: [each["name"] for each in one["spec"]["levels"]] for one in self.modules}

        def some() -> dict[str, str]:
            chosen = {module: chance.choice(names) for module, names in levels.items() if chance.random() < 0.75}
            return chosen or {"automate": "Viewer"}

        partners = [name for name, one in self.organizations.items() if one.type == "Partner"]
        clients = [name for name, one in self.organizations.items() if one.type == "Client"]
        found = {}
        for number in range(count):
            owner = chance.choice(partners if number % 3 == 0 else clients)
            below = self.children.get(owner, [])
            named = chance.sample(below, min(len(below), chance.randint(0, 4)))
            entries = [Entry(EVERYWHERE, below=False, levels=some())]
            entries += [Entry(name, below=chance.random() < 0.5, levels=some()) for name in named]
            found[owner, f"r{number}"] = entries
        return found

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """What depends on each organization directly."""
        found: dict[str, list[str]] = {}
        for name, one in self.organizations.items():
            if one.parent:
                found.setdefault(one.parent, []).append(name)
        return found

    @cached_property
    def permissions(self) -> list[Permission]:
        """Everything that may be done."""
        return [
            (one["metadata"]["name"], row["functionality"], row["action"])
            for one in self.modules
            for row in one["spec"]["permissions"]
        ]

    # What peers cannot say by themselves, worked out for them from the tables alone

    def line(self, name: str) -> list[str]:
        """The organization and all above it, from the bottom."""
        found = [name]
        while parent := self.organizations[found[-1]].parent:
            found.append(parent)
        return found

    def below(self, name: str) -> Iterator[str]:
        """The organization and all that depends on it."""
        yield name
        for child in self.children.get(name, ()):
            yield from self.below(child)

    def counts(self, role: Name, organization: str) -> Entry | None:
        """The role's entry that counts there: its own, the nearest above that reaches down, or the one for all."""
        line, owner = self.line(organization), role[0]
        if owner not in line or any(
            self.organizations[name].denies and self.organizations[name].parent == owner for name in line
        ):
            return None
        entries = {one.organization: one for one in self.roles[role]}
        if organization in entries:
            return entries[organization]
        above = (entries[name] for name in line[1 : line.index(owner) + 1] if name in entries)
        return next((one for one in above if one.below), entries.get(EVERYWHERE))

    def granted(self, levels: Mapping[str, str]) -> list[Permission]:
        """What these levels come to."""
        return [
            (one["metadata"]["name"], row["functionality"], row["action"])
            for one in self.modules
            for row in one["spec"]["permissions"]
            if any(_grants(one["metadata"]["name"], grant, levels) for grant in row["grants"])
        ]

    # What is asked

    def questions(self, seed: int, count: int) -> list[Question]:
        """Whoever is asked about is asked about at home, below it, and now and then where they have no business."""
        chance = random.Random(seed)
        people, everywhere = list(self.users), list(self.organizations)
        found = []
        for _ in range(count):
            person = chance.choice(people)
            where = person[0]
            if chance.random() < 0.7:
                where = chance.choice(self.children.get(where, [where]))
            if chance.random() < 0.15:
                where = chance.choice(everywhere)
            found.append(Question(person, where, chance.choice(self.permissions)))
        return found

    def people(self, seed: int, count: int) -> list[Name]:
        """Some people."""
        return random.Random(seed).sample(list(self.users), count)

    # The same as documents

    def documents(self) -> Iterator[dict[str, Any]]:
        """Every document as a plain value, made when it is asked for."""
        yield from self.modules
        for name, one in self.organizations.items():
            parent = {"parent": one.parent} if one.parent else {}
            access = {"partnerAccess": "Denied"} if one.denies else {}
            yield document("Organization", name, {"type": one.type, **parent, **access})
        for (owner, name), entries in self.roles.items():
            yield document("AccessRole", name, {"entries": [_entry(one) for one in entries]}, owner)
        for name, user in self.users.items():
            yield self.user(name, user)

    @staticmethod
    def user(name: Name, user: User) -> dict[str, Any]:
        """A person's document."""
        more = {"suspended": True} if user.suspended else {}
        spec = {"username": f"{name[1]}@{name[0]}.example", "role": {"name": user.role}, **more}
        return document("User", name[1], spec, name[0])


def document(kind: str, name: str, spec: Mapping[str, Any], namespace: str = "") -> dict[str, Any]:
    """A document as a plain value."""
    where = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": "assent.dev/v1alpha1", "kind": kind, "metadata": where, "spec": spec}


def _entry(one: Entry) -> dict[str, Any]:
    reach = {"includeDependents": True} if one.below else {}
    return {"organization": one.organization, "levels": dict(one.levels), **reach}


def _grants(module: str, grant: Mapping[str, Any], levels: Mapping[str, str]) -> bool:
    when = grant.get("when")
    if levels.get(module) != grant["level"]:
        return False
    return not when or levels.get(when["module"]) in when["levels"]


def _organizations(size: int, chance: random.Random) -> dict[str, Organization]:
    partners, clients = max(1, size // 100), max(1, size * 19 // 100)
    found = {"platform": Organization("Platform")}
    for number in range(1, size):
        if number <= partners:
            one = Organization("Partner")
        elif number <= partners + clients:
            one = Organization("Client", f"o{chance.randint(1, partners)}", chance.random() < 0.1)
        else:
            one = Organization("SubOrganization", f"o{partners + chance.randint(1, clients)}")
        found[f"o{number}"] = one
    return found
