"""Assent's own side of the rows on rights: the same questions and the same methods as each peer has."""

import gc
import time
from typing import Any

from assent.api.kinds import AnyKind, parse
from assent.api.names import Ident, Ref
from assent.core import access
from assent.core.permissions import Permission
from assent.core.world import World, world
from bench.tenancy import Name, Tenancy, User

Asked = list[tuple[Ref, str, Permission]]


class Assent:
    """The world, built of documents that are read; and how long they took to be read."""

    def __init__(self, size: int) -> None:
        self.tenancy = Tenancy(size)
        self.reading = 0.0

    def read(self) -> list[AnyKind]:
        """Every document, validated; its plain value is dropped at once, as a controller drops it."""
        return [_document(value) for value in self.tenancy.documents()]

    def prepare(self) -> None:
        """Documents are read before the world is built of them, as rules are worked out before a peer takes them."""
        began = time.perf_counter()
        self.documents: list[AnyKind] = self.read()
        self.reading = time.perf_counter() - began

    def build(self) -> None:
        """The world, ready to answer."""
        self.world: World = world(self.documents)
        first = next(iter(self.tenancy.users))
        access.held(self.world, Ref(*first), first[0])
        self.documents = []

    def seconds_of_reading(self) -> float:
        """How long every document took to be read."""
        return self.reading

    def _asked(self, seed: int, count: int) -> Asked:
        """The questions in the world's own names for people and permissions, as whoever asks has them from there."""
        known = {ref: ref for ref in self.world.people.by_ref}
        rows = {row: row for row in self.world.matrices.rows}
        return [
            (known[Ref(*one.person)], one.organization, rows[Permission(*one.permission)])
            for one in self.tenancy.questions(seed, count)
        ]

    def answers(self, seed: int, count: int) -> list[int]:
        """The answers to some questions."""
        return [int(access.holds(self.world, *one)) for one in self._asked(seed, count)]

    def chained(self, seed: int, count: int) -> list[int]:
        """The same answers, by the chain that says why."""
        return [int(access.allowed_to(self.world, *one).allowed) for one in self._asked(seed, count)]

    def decide(self, seed: int, count: int) -> float:
        """Decisions a second."""
        asked = self._asked(seed, count)
        gc.collect()
        holds, where = access.holds, self.world
        began = time.perf_counter()
        for person, organization, permission in asked:
            holds(where, person, organization, permission)
        return count / (time.perf_counter() - began)

    def explain(self, seed: int, count: int) -> float:
        """Decisions a second, each with the chain that says why."""
        asked = self._asked(seed, count)
        gc.collect()
        began = time.perf_counter()
        for person, organization, permission in asked:
            access.allowed_to(self.world, person, organization, permission)
        return count / (time.perf_counter() - began)

    def change(self, seed: int, count: int) -> float:
        """Milliseconds until the decisions about somebody who gets another role are right, for so many people."""
        took = 0.0
        asked = Permission(*self.tenancy.permissions[0])
        for person in self.tenancy.people(seed, count):
            user = self.tenancy.users[person]
            if user.suspended:
                continue
            other = _document(self.tenancy.user(person, User("another", suspended=False)))
            ref = Ref(*person)
            began = time.perf_counter()
            changed = self.world.changed({Ident("User", *ref): other})
            access.holds(changed, ref, ref.namespace, asked)
            took += time.perf_counter() - began
        return took / count * 1000

    def _all_of(self, person: Name) -> dict[str, frozenset[Permission]]:
        ref = Ref(*person)
        return {where: access.held(self.world, ref, where) for where in self.world.organizations.below(ref.namespace)}

    def everything(self, seed: int, count: int) -> list[int]:
        """How much some people may do."""
        people = self.tenancy.people(seed, count)
        return [sum(map(len, self._all_of(person).values())) for person in people]

    def list_all(self, seed: int, count: int) -> float:
        """Milliseconds for all that one person may do, by organization."""
        people = self.tenancy.people(seed, count)
        began = time.perf_counter()
        for person in people:
            self._all_of(person)
        return (time.perf_counter() - began) / count * 1000


def _document(value: dict[str, Any]) -> AnyKind:
    found, problems = parse(value)
    if found is None:
        raise ValueError(f"{value}: {problems}")
    return found
