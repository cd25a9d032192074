"""What a change would break in the world as a whole: the tree, the one Platform, and that no two look alike."""

from collections.abc import Collection, Iterator

from assent.api.kinds import AnyKind
from assent.api.names import Ident, Ref
from assent.api.organizations import Organization
from assent.api.people import User
from assent.api.services import EnabledMicroservice
from assent.core.people import fold
from assent.core.proposals import Proposal, Refusal
from assent.core.world import World


def broken(proposal: Proposal) -> Iterator[Refusal]:
    """Everything that could not stand in one world with the rest; where one of two was in force before, it stays."""
    for ident, new in proposal.documents.items():
        old = proposal.before.get(ident)
        if isinstance(new, Organization):
            yield from _tree(proposal.after, ident, new)
            yield from _platform(proposal.after, ident, old, new)
        if isinstance(new, User):
            yield from _names(proposal.after, ident, old, new)
            yield from _keys(proposal.after, ident, old, new)
        if isinstance(new, EnabledMicroservice):
            yield from _offered_once(proposal.after, ident, old, new)


def _tree(world: World, ident: Ident, new: Organization) -> Iterator[Refusal]:
    """A parent that is not there is a missing reference; this is a cycle, or a parent of the wrong type."""
    because = world.organizations.broken(ident.name)
    if because and new.spec.parent in world.organizations.by_name:
        yield Refusal(
            ident, "WorldBroken", f"the line of {ident.name} would be broken: {because}", "name another parent"
        )


def _platform(world: World, ident: Ident, old: AnyKind | None, new: Organization) -> Iterator[Refusal]:
    others = [name for name, one in world.organizations.by_name.items() if one.spec.type == "Platform"]
    if new.spec.type == "Platform" and old is None and others != [ident.name]:
        other = min(name for name in others if name != ident.name)
        yield Refusal(ident, "WorldBroken", f"there is one Platform, and {other} is it", "use that one")


def _names(world: World, ident: Ident, old: AnyKind | None, new: User) -> Iterator[Refusal]:
    """A name that looks like one that somebody else has is refused; case and Unicode form do not tell people apart."""
    had = {fold(name) for name in old.spec.names} if isinstance(old, User) else set()
    for name in new.spec.names:
        others = _others(world.people.alike(name), ident)
        if others and fold(name) not in had:
            message = f"the name {name!r} of {ident} is, or looks like, one that {', '.join(others)} has"
            yield Refusal(ident, "WorldBroken", message, "give this person another name")


def _keys(world: World, ident: Ident, old: AnyKind | None, new: User) -> Iterator[Refusal]:
    had = {key.fingerprint for key in old.spec.signing_keys} if isinstance(old, User) else set()
    for fingerprint in (key.fingerprint for key in new.spec.signing_keys):
        others = _others(world.people.keyed(fingerprint), ident)
        if others and fingerprint not in had:
            message = (
                f"the key {fingerprint} of {ident} is one that {', '.join(others)} has; a key belongs to one person"
            )
            yield Refusal(ident, "WorldBroken", message, "make this person a key of their own")


def _offered_once(world: World, ident: Ident, old: AnyKind | None, new: EnabledMicroservice) -> Iterator[Refusal]:
    service = new.spec.microservice
    where = (ident.namespace, Ref(service.owner(ident.namespace), service.name))
    others = _others(world.enabled.get(where, ()), ident)
    kept = isinstance(old, EnabledMicroservice) and old.spec.microservice == service
    if others and not kept:
        message = f"{ident.namespace} has an enablement of {where[1]} already: {', '.join(others)}"
        yield Refusal(ident, "DeclaredTwice", message, "change that one, or delete it in the same commit")


def _others(found: Collection[Ref], ident: Ident) -> list[str]:
    return sorted(str(one) for one in found if one != ident.ref)
