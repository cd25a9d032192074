"""A change under judgement: what one commit, or one admission, brings in, with the worlds before and after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from assent.api.kinds import AnyKind
from assent.api.names import CONFIGURATION, Ident, Ref
from assent.core.access import Step
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one document of a proposal is not taken over.

    `reason` is a word of `api.conditions.CHANGE_REFUSED`; `message` says which rule, where, and what is missing;
    `chain` is how the author came not to have the right.
    """

    ident: Ident
    reason: str
    message: str
    hint: str = ""
    chain: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """Documents as their author wants them; `documents` holds None for what is to be taken away."""

    before: World
    documents: Mapping[Ident, AnyKind | None]
    author: Ref | None

    @classmethod
    def of(cls, before: World, brought: Mapping[Ident, AnyKind | None], author: Ref | None) -> "Proposal":
        """The proposal in the order in which kinds depend on each other; to take away what is not there is nothing.

        A document that says the same in other words is kept: whoever writes it becomes its author.
        """
        wanted = {ident: one for ident, one in brought.items() if one is not None or before.get(ident) is not None}
        return cls(before, dict(sorted(wanted.items(), key=lambda item: rank(item[0]))), author)

    @cached_property
    def after(self) -> World:
        """The world as it would be."""
        return self.before.changed(self.documents)

    @cached_property
    def between(self) -> World:
        """Roles and users as they are, organizations and modules as they would be.

        What existing role entries come to give through those two kinds is nobody's grant, so gains count from here.
        """
        return replace(self.after, roles=self.before.roles, people=self.before.people)

    def of_kind(self, *kinds: str) -> Iterator[tuple[Ident, AnyKind | None, AnyKind | None]]:
        """The documents of these kinds: which one, what it says, what it would say."""
        for ident, new in self.documents.items():
            if ident.kind in kinds:
                yield ident, self.before.get(ident), new


def rank(ident: Ident) -> tuple[int, Ident]:
    """Sorts documents in the order in which their kinds depend on each other."""
    return (CONFIGURATION.index(ident.kind), ident)


def fields(old: AnyKind, new: AnyKind) -> frozenset[str]:
    """The fields of `spec` in which two versions of a document differ, by their names in YAML."""
    names = {name: field.alias or name for name, field in type(old.spec).model_fields.items()}
    return frozenset(alias for name, alias in names.items() if getattr(old.spec, name) != getattr(new.spec, name))
