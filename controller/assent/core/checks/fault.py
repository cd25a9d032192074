"""What a rule of `check` reports, and what it looks at."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar

from assent.api.findings import Severity
from assent.api.kinds import Problem
from assent.api.kinds import field as written
from assent.api.names import CLUSTER_KINDS, Ident, Ref
from assent.api.requests import Request
from assent.core.checks.rules import WARNINGS
from assent.core.schemas import schema_problems
from assent.core.validators import Validator, validator
from assent.core.world import World

Path = tuple[str | int, ...]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem of one document: `path` leads to the field, `message` follows the field's name.

    `mild` says that it is a warning here, though its rule is not one of `WARNINGS`.
    """

    rule: str
    ident: Ident
    path: Path
    message: str
    hint: str = ""
    mild: bool = False

    @property
    def severity(self) -> Severity:
        """A warning where the rule is one, or nobody is concerned yet."""
        return "warning" if self.mild or self.rule in WARNINGS else "error"

    @property
    def order(self) -> tuple[Ident, str, str, str]:
        """Sorts faults the same way every time."""
        return (self.ident, written(self.path), self.rule, self.message)


@dataclass(frozen=True)
class View:
    """All that is declared: the world, the requests, and what is there but could not be read.

    `unread` are documents, `hidden` the words of whole files. What they say is unknown, so nothing is concluded from
    it: a reference to one of them is no reference to nothing.
    """

    world: World
    requests: Mapping[Ref, Request] = field(default_factory=dict)
    unread: frozenset[Ident] = frozenset()
    hidden: frozenset[str] = frozenset()

    def may_be(self, ident: Ident) -> bool:
        """Whether a document that is not in the world may be declared by one that could not be read."""
        return ident in self.unread or ident.name in self.hidden

    def unsure(self, *kinds: str) -> bool:
        """Whether a document of one of these kinds could not be read."""
        return not self._unread_kinds.isdisjoint(kinds) or not self.hidden.isdisjoint(kinds)

    @cached_property
    def _unread_kinds(self) -> frozenset[str]:
        return frozenset(ident.kind for ident in self.unread)

    def names(self, kind: str, namespace: str) -> list[str]:
        """The names of this kind in the namespace, for suggestions."""
        if kind in CLUSTER_KINDS:
            return sorted(self.world.table(kind))
        return sorted(ref.name for ref in self.world.table(kind) if ref.namespace == namespace)

    @cached_property
    def defaults(self) -> Mapping[Ref, str]:
        """What is enabled by default, sorted, each with a text that says by what it is offered and gated."""
        fields = {"products", "approvals", "deploys_resources"}
        return {
            ref: f"{ref.namespace} {one.spec.model_dump_json(include=fields)}"
            for ref, one in sorted(self.world.microservices.items())
            if one.spec.enabled_by_default and one.spec.state == "Active"
        }

    def schema_problems(self, schema: Any) -> tuple[Problem, ...]:  # noqa: ANN401 -- whatever stands in the document
        """What is wrong with a schema of the world's, found for the first rule that asks, and for all that say it."""
        found = self._schemas.get(id(schema))
        if found is None:
            text = _text(schema)
            found = self._texts.get(text) if text else None
            if found is None:
                found = self._texts[text] = schema_problems(schema)
            self._schemas[id(schema)] = found
        return found

    @cached_property
    def _schemas(self) -> dict[int, tuple[Problem, ...]]:
        return {}

    @cached_property
    def _texts(self) -> dict[str, tuple[Problem, ...]]:
        return {}

    def judge(self, schema: Mapping[str, Any]) -> Validator:
        """The validator of a schema of the world's."""
        found = self._judges.get(id(schema))
        if found is None:
            found = self._judges[id(schema)] = validator(schema)
        return found

    @cached_property
    def _judges(self) -> dict[int, Validator]:
        return {}

    @cached_property
    def _kept(self) -> dict[str, tuple[Any, ...]]:
        return {}

    def kept(self, name: str, make: "Callable[[View], Iterator[Kept]]") -> tuple[Kept, ...]:
        """What several rules look at, worked out for the first of them."""
        if name not in self._kept:
            self._kept[name] = tuple(make(self))
        return self._kept[name]


def _text(schema: Any) -> str:  # noqa: ANN401 -- whatever stands in the document
    """A schema as it stands, in the order in which it stands; empty where it is no JSON."""
    try:
        return json.dumps(schema)
    except (RecursionError, TypeError, ValueError):
        return ""


Rule = Callable[[View], Iterator[Fault]]


def nearest(word: str, known: list[str], otherwise: str) -> str:
    """A hint: the known word that was probably meant, or what else to do."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else otherwise


def some(names: list[str]) -> str:
    """A few of them, in words."""
    shown = 3
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
