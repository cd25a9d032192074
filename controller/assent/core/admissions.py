"""One write of configuration at the API server's door: whether it may be made, by the judgement that Git mode uses too.

The old version of the object is taken from the review itself, since what is known of the world may be a moment old.
Not judged here: Requests (the admission policies do), and what reaches an object without changing what it says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assent.api.kinds import AnyKind, identify, parse, undigestible
from assent.api.names import Ident, Ref
from assent.api.problems import Problem
from assent.core.authority import GOVERNS, Authority
from assent.core.proposals import Refusal
from assent.core.world import World
from assent.core.writes import judge

HOUSEKEEPERS = frozenset(
    {
        "system:kube-controller-manager",
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:serviceaccount:kube-system:namespace-controller",
    }
)
"""Kubernetes' own accounts that carry out deletions; whose deletion it is was judged before."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object: the document, all its annotations, and what binds it."""

    document: Mapping[str, Any]
    notes: Mapping[str, Any] = field(default_factory=dict)
    owners: tuple[Any, ...] = ()
    finalizers: tuple[Any, ...] = ()

    @property
    def bonds(self) -> tuple[Any, ...]:
        """What deletes and keeps it by itself."""
        return (self.owners, self.finalizers)

    def says(self, other: "Version | None") -> bool:
        """Whether the other is the same document, and nobody is named as its writer in the place of another."""
        return other is not None and (self.document, self.notes) == (other.document, other.notes)


@dataclass(frozen=True, slots=True)
class Write:
    """What an admission review asks; `old` None: the object is created, `new` None: it is deleted."""

    old: Version | None
    new: Version | None
    username: str
    groups: frozenset[str] = frozenset()

    @property
    def ident(self) -> Ident | None:
        """Which document is written; None where it is none of ours."""
        version = self.new or self.old
        return identify(version.document) if version else None


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The group that may write until somebody governs the Platform; `ended`: the ledger says that somebody once did."""

    group: str = ""
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Ground:
    """What a write is judged on: the world in force, the requests that have not ended, and who writes unjudged."""

    world: World
    now: datetime
    open_requests: frozenset[Ref] = frozenset()
    agents: frozenset[str] = frozenset()
    operator: str = ""
    bootstrap: Bootstrap = Bootstrap()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the write may be made; `message` is for whoever made it, `invalid` where the document itself is wrong."""

    allowed: bool
    message: str = ""
    invalid: bool = False


ALLOWED = Verdict(True)


def bootstrap_over(world: World, now: datetime) -> bool:
    """Whether the Platform has its first OrganizationAdmin: a Human, not suspended, who governs it.

    While no module in force grants what governing takes, nobody can be one.
    """
    platform = world.organizations.platform
    if platform is None or not GOVERNS & world.matrices.every:
        return False
    return not Authority(world, world.organizations, Ref("", ""), now, keys_matter=False).first_day(platform)


def founds(world: World, username: str, written: Ident, now: datetime) -> bool:
    """Whether somebody may write this, or give what it gives, since nobody governs a place yet.

    That depends on everybody there and their roles. What a role gives, it gives in all that depends on its owner.
    """
    person = world.people.named(username)
    if person is None:
        return False
    authority = Authority(world, world.organizations, person, now, keys_matter=False)
    below = written.kind == "AccessRole"
    places = world.organizations.below(written.namespace) if below else (written.namespace,)
    return any(authority.sponsor(place) is not None for place in places)


def admit(write: Write, ground: Ground) -> Verdict:
    """The verdict on one write, with everything at once that stands against it."""
    ident = write.ident
    if (ident and ident.kind == "Request") or write.old == write.new:
        return ALLOWED
    if write.username in ground.agents or _housekeeping(write) or _finalizing(write, ident, ground.operator):
        return ALLOWED
    brought, problems = _read(write.new)
    if ident is None or problems:
        return _invalid(ident, problems)
    before = _before(ground.world, ident, write.old)
    if _bootstraps(write, ground, before):
        return ALLOWED
    person = before.people.named(write.username)
    if person is None:
        return Verdict(False, _nobody(ident, write.username))
    waiting = ground.open_requests
    refusals = judge(before, {ident: brought}, person, at=ground.now, keys_matter=False, open_requests=waiting)
    return _verdict([*_bound(ident, write), *map(sentence, refusals)])


def _housekeeping(write: Write) -> bool:
    """Whether Kubernetes itself carries out a deletion: takes the object away, or its owners and finalizers off."""
    old, new = write.old, write.new
    return write.username in HOUSEKEEPERS and (new is None or (old is not None and old.document == new.document))


def _finalizing(write: Write, ident: Ident | None, operator: str) -> bool:
    """Whether it is the operator, holding an Organization's deletion or letting it go."""
    own = bool(operator) and write.username == operator and ident is not None and ident.kind == "Organization"
    return own and write.new is not None and write.new.says(write.old)


def _read(version: Version | None) -> tuple[AnyKind | None, tuple[Problem, ...]]:
    if version is None:
        return None, ()
    problems = undigestible(version.document)
    return (None, problems) if problems else parse(version.document, status=True)


def _before(world: World, ident: Ident, old: Version | None) -> World:
    """The world with this one document as the API server has it; one that cannot be read is not in force."""
    held = _read(old)[0]
    return world if world.get(ident) == held else world.changed({ident: held})


def _bootstraps(write: Write, ground: Ground, before: World) -> bool:
    """Whether the configured group writes in the time before anybody can give rights.

    What is in force before the write counts as well as the ledger: it ends with the first administrator, at once.
    """
    start = ground.bootstrap
    member = bool(start.group) and start.group in write.groups
    return member and not start.ended and not bootstrap_over(before, ground.now)


def _bound(ident: Ident, write: Write) -> Iterable[str]:
    """An owner lets the garbage collector delete the document, a finalizer keeps it: nobody's right covers either."""
    before = write.old.bonds if write.old else ((), ())
    if write.new is not None and write.new.bonds != before:
        yield (
            f"RestrictedField: ownerReferences and finalizers of {ident} are set by nobody but Kubernetes and the "
            "operator; leave them as they are"
        )


def sentence(refusal: Refusal) -> str:
    """One refusal for whoever reads it in a terminal: the reason, what and why, the chain, and what to do.

    Where Git mode speaks of one commit, writes come one after another here.
    """
    chain = " → ".join(f"{step.step}: {step.because}" for step in refusal.chain)
    shown = f" ({chain})" if chain else ""
    hint = refusal.hint.replace(", first or in the same commit", " first").replace("in the same commit", "first")
    return f"{refusal.reason}: {refusal.message}{shown}" + (f"; {hint}" if hint else "")


def _nobody(ident: Ident, username: str) -> str:
    return (
        f"AuthorUnproven: {ident}: no one User signs in as {username!r}; sign in under a name that stands as username "
        "or alias in one User in force, or have it written by somebody who does"
    )


def _invalid(ident: Ident | None, problems: Iterable[Problem]) -> Verdict:
    lines = [
        f"Invalid: {ident or 'the document'}: {one.sentence}" + (f"; {one.hint}" if one.hint else "")
        for one in problems
    ]
    return Verdict(False, "\n".join(lines) or "Invalid: the object is none of ours; write one of our kinds", True)


def _verdict(lines: list[str]) -> Verdict:
    return Verdict(False, "\n".join(lines)) if lines else ALLOWED
