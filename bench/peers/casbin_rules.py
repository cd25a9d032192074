"""pycasbin's FastEnforcer: a rule for each permission of each entry of a role, and a person's role as a grouping.

Casbin cannot say that one entry replaces another whole, and its own matching of domains tries every domain, so the
caller finds which entry counts: the domain is `owner/entry`. Rules are found by domain and permission, which leaves
the roles of one owner to be compared, and the matcher only asks whether the person has one of them.
"""

import gc
import logging
import time
from typing import Any

import casbin
from casbin.model import FastModel
from casbin.persist import Adapter

from bench.tenancy import Entry, Name, Permission, Question, Tenancy

MODEL = """
[request_definition]
r = sub, dom, perm
[policy_definition]
p = sub, dom, perm
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub)
"""

KEYS = (1, 2)
"""Rules are found by the second and third field."""


def text(permission: Permission) -> str:
    """A permission as one word."""
    return "/".join(permission)


class Tables(Adapter):  # type: ignore[misc] # casbin has no types
    """Gives casbin its rules from memory, so that no time goes into reading a file."""

    def __init__(self, tenancy: Tenancy) -> None:
        self.tenancy = tenancy
        self.texts = {one: text(one) for one in tenancy.permissions}

    def load_policy(self, model: Any) -> None:  # noqa: ANN401 -- casbin's
        """Every rule."""
        rules, roles = model.model["p"]["p"].policy, model.model["g"]["g"].policy
        for (owner, name), entries in self.tenancy.roles.items():
            role = f"{owner}/{name}"
            for entry in entries:
                domain = f"{owner}/{entry.organization}"
                for permission in self.tenancy.granted(entry.levels):
                    rules.append([role, domain, self.texts[permission]])
        for (owner, name), user in self.tenancy.users.items():
            if not user.suspended:
                roles.append([f"{owner}/{name}", f"{owner}/{user.role}"])


class Casbin:
    """The enforcer, and what its caller knows."""

    def __init__(self, size: int) -> None:
        logging.disable(logging.CRITICAL)
        self.tenancy = Tenancy(size)
        self.tables = Tables(self.tenancy)
        self.tenancy.granted = _remembered(self.tenancy.granted)  # type: ignore[method-assign] # every profile once
        for entries in self.tenancy.roles.values():
            for one in entries:
                self.tenancy.granted(one.levels)
        self.counts: dict[tuple[Name, str], Entry | None] = {}

    def build(self) -> None:
        """The enforcer with all of its rules."""
        model = FastModel(KEYS)
        model.load_model_from_text(MODEL)
        self.enforcer = casbin.FastEnforcer(model, self.tables, cache_key_order=KEYS)
        self.enforcer.enable_auto_save(auto_save=False)

    def decided(self, question: Question) -> bool:
        """One decision."""
        person, organization, permission = question
        user = self.tenancy.users[person]
        role = (person[0], user.role)
        # Which entry counts never changes while questions are asked: the caller looks it up in a table of its own.
        if (role, organization) in self.counts:
            entry = self.counts[role, organization]
        else:
            entry = self.counts[role, organization] = self.tenancy.counts(role, organization)
        if entry is None:
            return False
        domain = f"{person[0]}/{entry.organization}"
        return bool(self.enforcer.enforce(f"{person[0]}/{person[1]}", domain, self.tables.texts[permission]))

    def answers(self, seed: int, count: int) -> list[int]:
        """The answers to some questions."""
        return [int(self.decided(one)) for one in self.tenancy.questions(seed, count)]

    def decide(self, seed: int, count: int) -> float:
        """Decisions a second."""
        questions = self.tenancy.questions(seed, count)
        gc.collect()
        began = time.perf_counter()
        for one in questions:
            self.decided(one)
        return count / (time.perf_counter() - began)

    def change(self, seed: int, count: int) -> float:
        """Milliseconds until the decisions about somebody who gets another role are right, for so many people."""
        took = 0.0
        for person in self.tenancy.people(seed, count):
            user = self.tenancy.users[person]
            if user.suspended:
                continue
            name, old = f"{person[0]}/{person[1]}", f"{person[0]}/{user.role}"
            began = time.perf_counter()
            self.enforcer.remove_grouping_policy(name, old)
            self.enforcer.add_grouping_policy(name, f"{person[0]}/another")
            self.enforcer.enforce(name, f"{person[0]}/*", self.tables.texts[self.tenancy.permissions[0]])
            took += time.perf_counter() - began
            self.enforcer.remove_grouping_policy(name, f"{person[0]}/another")
            self.enforcer.add_grouping_policy(name, old)
        return took / count * 1000

    def all_of(self, person: Name) -> set[tuple[str, Permission]]:
        """Everything that somebody may do, by organization; the rules say by entry."""
        by_entry: dict[str, list[Permission]] = {}
        for _, domain, permission in self.enforcer.get_implicit_permissions_for_user(f"{person[0]}/{person[1]}"):
            by_entry.setdefault(domain.partition("/")[2], []).append(permission)
        role = (person[0], self.tenancy.users[person].role)
        found = set()
        for organization in self.tenancy.below(person[0]):
            entry = self.tenancy.counts(role, organization)
            if entry:
                found |= {(organization, one) for one in by_entry.get(entry.organization, ())}
        return found

    def everything(self, seed: int, count: int) -> list[int]:
        """How much some people may do."""
        return [len(self.all_of(person)) for person in self.tenancy.people(seed, count)]

    def list_all(self, seed: int, count: int) -> float:
        """Milliseconds for all that one person may do: the rules alone, without where they hold."""
        people = [f"{one[0]}/{one[1]}" for one in self.tenancy.people(seed, count)]
        began = time.perf_counter()
        for person in people:
            self.enforcer.get_implicit_permissions_for_user(person)
        return (time.perf_counter() - began) / count * 1000


def _remembered(granted: Any) -> Any:  # noqa: ANN401 -- a function of levels
    kept: dict[tuple[tuple[str, str], ...], list[Permission]] = {}

    def found(levels: Any) -> list[Permission]:  # noqa: ANN401 -- a mapping
        key = tuple(sorted(levels.items()))
        if key not in kept:
            kept[key] = granted(levels)
        return kept[key]

    return found
