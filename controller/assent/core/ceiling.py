"""The grant ceiling: nobody gives what they do not hold, nor touches power that they could not give.

A role counts for what it gives to whoever has it or may come to have it, a user for what they may do when they are
not suspended; so power is not parked where nobody looks, in a role without users or in a suspended user.
What a role would give in organizations yet to come below the existing ones, or in a client that opens itself to its
partner again, counts as well: there the author holds what their own role would give them, and what they hold in the
organization above, which would be their ceiling on its first day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from assent.api.kinds import AnyKind
from assent.api.names import Ident, Ref
from assent.api.people import User
from assent.core.access import allowed_to, conferred, held, role_of
from assent.core.authority import Authority, Power
from assent.core.organizations import above
from assent.core.people import People
from assent.core.proposals import Proposal, Refusal, fields
from assent.core.world import World

IDENTITY = frozenset({"username", "aliases", "email", "type", "signingKeys"})
"""Fields of a User by which somebody is taken to be this person: whoever writes them could be that person."""

_One = TypeVar("_One")


def exceeded(proposal: Proposal, authority: Authority) -> Iterator[Refusal]:
    """Every role and user of the change by which the author gives, or touches, more than they hold."""
    scope = Scope(proposal, authority)
    for ident, old, new in proposal.of_kind("AccessRole", "User"):
        if _only_suspends(old, new):
            continue
        untouchable = next(scope.beyond_reach(ident), None) if old else None
        if untouchable:
            yield _not_conferable(proposal.before, ident, *untouchable, authority.author)
        gained = next(scope.gains(ident, old, new), None) if new else None
        if gained:
            yield _too_much(proposal, ident, *gained, authority.author)


@dataclass(frozen=True)
class Scope:
    """What changed roles and users come to, place by place, against what the author may give there."""

    proposal: Proposal
    authority: Authority

    @cached_property
    def _futures(self) -> tuple[World, World, World]:
        """The worlds before, between and after, each with what may once come about in its tree."""
        before, between, after = map(self._few, (self.proposal.before, self.proposal.between, self.proposal.after))
        coming = after.organizations.to_come
        return (
            replace(before, organizations=before.organizations.to_come),
            replace(between, organizations=coming),
            replace(after, organizations=coming),
        )

    def _few(self, world: World) -> World:
        """The world with nobody in it but those who are asked about: the author, and whoever the change concerns."""
        people = _among(world.people.by_ref, {self.authority.author, *self._changed("User")})
        roles = _among(world.roles, {*map(role_of, people.values()), *self._changed("AccessRole")})
        return replace(world, people=People(people), roles=roles)

    def _changed(self, kind: str) -> Iterator[Ref]:
        return (ident.ref for ident, *_ in self.proposal.of_kind(kind))

    def beyond_reach(self, ident: Ident) -> Iterator[tuple[str, Power]]:
        """Where the document has power today that the author could not give, and which."""
        before = self.proposal.before
        for organization in before.organizations.below(ident.namespace):
            excess = power(before, ident, organization) - self.authority.ceiling(organization)
            if excess:
                yield organization, excess

    def gains(self, ident: Ident, old: AnyKind | None, new: AnyKind | None) -> Iterator[tuple[str, Power]]:
        """Where the document comes to give what the author may not give, and which; the real places first."""
        _, between, after = self._futures
        whole = ident.ref != self.authority.author and _changes_identity(old, new)
        places = sorted(after.organizations.below(ident.namespace), key=lambda one: (not self._real(one), one))
        for place in places:
            gain = power(after, ident, place)
            if not whole:
                gain -= (
                    conferred(between, ident.ref, place)
                    if ident.kind == "AccessRole"
                    else held(between, ident.ref, place)
                )
            excess = gain and gain - self._ceiling(place, ident.namespace)
            if excess:
                yield place, excess

    def _real(self, place: str) -> bool:
        return place in self.proposal.after.organizations.by_name

    def _ceiling(self, place: str, owner: str) -> Power:
        """What the author may give at a place of the future, to whoever has a role of `owner`."""
        organizations = self.proposal.after.organizations
        if self._real(place) and not organizations.closed_to(place, owner):
            return self.authority.ceiling(place)
        future = held(self._futures[0], self.authority.author, place)
        return future if self._real(place) else future | self.authority.ceiling(above(place))


def _among(table: Mapping[Ref, _One], refs: Iterable[Ref | None]) -> dict[Ref, _One]:
    """What the table has under these; None stands for a role that somebody lacks."""
    return {ref: table[ref] for ref in refs if ref is not None and ref in table}


def power(world: World, ident: Ident, organization: str) -> Power:
    """What the role gives there, or what the user may do there when not suspended."""
    if ident.kind == "AccessRole":
        return conferred(world, ident.ref, organization)
    user = world.people.by_ref.get(ident.ref)
    role = role_of(user) if user else None
    return conferred(world, role, organization) if role else frozenset()


def _only_suspends(old: AnyKind | None, new: AnyKind | None) -> bool:
    """A leaver can always be stopped."""
    if not isinstance(old, User) or not isinstance(new, User):
        return False
    return new.spec.suspended and fields(old, new) == {"suspended"}


def _changes_identity(old: AnyKind | None, new: AnyKind | None) -> bool:
    return isinstance(old, User) and isinstance(new, User) and bool(fields(old, new) & IDENTITY)


def _not_conferable(world: World, ident: Ident, organization: str, excess: Power, author: Ref) -> Refusal:
    message = f"{ident} gives {listed(excess)} in {organization} today, which {author} could not give"
    hint = "have it written by somebody who holds all that it gives" + (
        "; `suspended: true` alone needs no more than the right" if ident.kind == "User" else ""
    )
    answer = allowed_to(world, author, organization, min(excess))
    return Refusal(ident, "NotConferable", message, hint, answer.chain)


def _too_much(proposal: Proposal, ident: Ident, place: str, excess: Power, author: Ref) -> Refusal:
    organizations = proposal.after.organizations
    where = place
    if place not in organizations.by_name:
        where = f"organizations yet to come below {above(place)}"
    elif organizations.closed_to(place, ident.namespace):
        where = f"{place}, once it lets its partner in"
    message = f"through {ident} somebody would gain {listed(excess)} in {where}, which {author} does not hold there"
    chain = allowed_to(proposal.before, author, place, min(excess)).chain if where == place else ()
    return Refusal(
        ident,
        "CeilingExceeded",
        message,
        "give no more than you hold, or have it written by somebody who holds it",
        chain,
    )


def listed(permissions: Power) -> str:
    """Up to three permissions by name, and how many more."""
    shown = sorted(permissions)
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""  # noqa: PLR2004 -- what a line can take
    return ", ".join(str(one) for one in shown[:3]) + more
