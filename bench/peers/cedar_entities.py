"""cedarpy with its handles reused: one policy, and entities that say what each role comes to in each organization.

Entities: a role has a tag for every organization that it reaches, which leads to a group of actions; a permission is an
action in every group whose levels grant it. One decision is one request with three identities.
"""

import gc
import json
import time
from collections.abc import Sequence
from typing import Any

import cedarpy

from bench.tenancy import Permission, Question, Tenancy

POLICY = """
permit (principal, action, resource) when {
  !(principal has suspended)
  && principal.role.hasTag(resource.name)
  && action in principal.role.getTag(resource.name)
};
"""


def _named(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _entity(kind: str, identity: str, parents: Sequence[str] = (), **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"uid": _named(kind, identity), "attrs": attributes, "parents": [_named(kind, one) for one in parents]}


class Cedar:
    """The handles of a policy and of all entities."""

    def __init__(self, size: int) -> None:
        self.tenancy = Tenancy(size)
        self.text = json.dumps(self._entities())

    def _entities(self) -> list[dict[str, Any]]:
        tenancy, groups, found = self.tenancy, {}, []
        for role in tenancy.roles:
            tags = {}
            for organization in tenancy.below(role[0]):
                entry = tenancy.counts(role, organization)
                if entry:
                    levels = tuple(sorted(entry.levels.items()))
                    group = groups.setdefault(levels, f"group {len(groups)}")
                    tags[organization] = {"__entity": _named("Action", group)}
            found.append({**_entity("Role", "/".join(role)), "tags": tags})
        granting: dict[Permission, list[str]] = {}
        for levels, group in groups.items():
            found.append(_entity("Action", group))
            for permission in tenancy.granted(dict(levels)):
                granting.setdefault(permission, []).append(group)
        found += [_entity("Action", "/".join(one), granting.get(one, [])) for one in tenancy.permissions]
        found += [_entity("Organization", name, name=name) for name in tenancy.organizations]
        for (owner, name), user in tenancy.users.items():
            role = {"__entity": _named("Role", f"{owner}/{user.role}")}
            suspended = {"suspended": True} if user.suspended else {}
            found.append(_entity("User", f"{owner}/{name}", role=role, **suspended))
        return found

    def build(self) -> None:
        """Both handles."""
        self.entities = cedarpy.Entities.from_json_str(self.text)
        self.policies = cedarpy.PolicySet.from_str(POLICY)

    @staticmethod
    def request(question: Question) -> dict[str, Any]:
        """One question as Cedar is asked it; identities as mappings are taken twice as fast as their text."""
        person, organization, permission = question
        return {
            "principal": {"type": "User", "id": f"{person[0]}/{person[1]}"},
            "action": {"type": "Action", "id": "/".join(permission)},
            "resource": {"type": "Organization", "id": organization},
        }

    def answers(self, seed: int, count: int) -> list[int]:
        """The answers to some questions."""
        return [int(one) for one in self._batch(self.tenancy.questions(seed, count))]

    def _batch(self, questions: list[Question]) -> list[bool]:
        requests = [self.request(one) for one in questions]
        return [one.allowed for one in cedarpy.is_authorized_batch(requests, self.policies, self.entities)]

    def decide(self, seed: int, count: int) -> float:
        """Decisions a second, all asked at once."""
        questions = self.tenancy.questions(seed, count)
        gc.collect()
        began = time.perf_counter()
        self._batch(questions)
        return count / (time.perf_counter() - began)

    def decide_singly(self, seed: int, count: int) -> float:
        """Decisions a second, asked one by one."""
        questions = self.tenancy.questions(seed, count)
        gc.collect()
        began = time.perf_counter()
        for one in questions:
            cedarpy.is_authorized(self.request(one), self.policies, self.entities)
        return count / (time.perf_counter() - began)
