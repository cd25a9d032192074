"""References that lead nowhere: made by a change, or left behind by one."""

from collections.abc import Collection, Iterator

from assent.api.names import Ident, Ref
from assent.api.organizations import Organization
from assent.core.proposals import Proposal, Refusal
from assent.core.references import Reference, exists, references, related, within_reach
from assent.core.world import World

REACHES = {
    "below": "a role reaches its owner and what depends on it",
    "above": "it is none of the organization itself or of one above it",
    "flow": "a flow is used by its owner, by what depends on it, and the Platform's by all",
    "named": "a partner names what depends on it, and the Platform all",
    "line": "a flow names its owner, what is above and below it, and the Platform; the Platform's flows name all",
    "visible": "one enables what one may see",
}


def missing(proposal: Proposal) -> Iterator[Refusal]:
    """Every reference of the changed documents to what is not there, or to what their organization may not name."""
    for ident, document in proposal.documents.items():
        if document is not None:
            shown = _shown_before(proposal, ident)
            for one in references(proposal.after, document):
                yield from _unmet(proposal.after, ident, one, shown=one in shown)


def _shown_before(proposal: Proposal, ident: Ident) -> frozenset[Reference]:
    """What the document enables already: when its owner shows it no longer, it may still be disabled."""
    old = proposal.before.get(ident)
    named = references(proposal.before, old) if old else ()
    return frozenset(one for one in named if one.reach == "visible")


def _unmet(world: World, ident: Ident, reference: Reference, *, shown: bool) -> Iterator[Refusal]:
    named = reference if world.get(reference.target) else reference.target if reference.target.name else "the Platform"
    where = f"{reference.field} of {ident} names {named}"
    if not shown and not within_reach(world, ident.namespace, reference):
        # The same sentence whether it is there or not: nobody finds out by it what strangers have.
        message = f"{where}, which does not exist or is out of reach of {ident.namespace}: {REACHES[reference.reach]}"
        yield Refusal(ident, "ReferenceMissing", message, "name another, or leave it out")
    elif not exists(world, reference):
        hint = "declare it in the same commit, or name one that exists"
        yield Refusal(ident, "ReferenceMissing", f"{where}, which does not exist", hint)


def still_needed(proposal: Proposal, open_requests: Collection[Ref]) -> Iterator[Refusal]:
    """Every document of the change without which something that stays would lead nowhere."""
    for ident, needing in _bereft(proposal).items():
        gone = f"{ident} is" if proposal.documents[ident] is None else f"what is taken out of {ident} is"
        hint = "change or delete what needs it, first or in the same commit"
        yield Refusal(ident, "StillNeeded", f"{gone} still needed by {_some(needing)}", hint)
    for ident, _, new in proposal.of_kind("Organization"):
        waiting = sorted(str(one) for one in open_requests if one.namespace == ident.name)
        if new is None and waiting:
            message = f"{ident} is still needed by open requests: {_some(waiting)}"
            yield Refusal(ident, "StillNeeded", message, "wait until they end, or have them withdrawn or cancelled")


def _bereft(proposal: Proposal) -> dict[Ident, list[str]]:
    """What the change takes away, and by what it is missed."""
    found: dict[Ident, list[str]] = {}
    if not any(_loses(proposal, ident) for ident in proposal.documents):
        return found
    for ident in proposal.after.idents():
        document = None if ident in proposal.documents else proposal.after.get(ident)
        for one in references(proposal.before, document) if document else ():
            led = one.target in proposal.documents and _counted(proposal.before, ident, one)
            if led and not exists(proposal.after, one):
                found.setdefault(one.target, []).append(f"{ident} ({one.field})")
    return found


def _counted(before: World, ident: Ident, reference: Reference) -> bool:
    """Whether the reference led somewhere by right: one that a move put out of reach, or a stranger's, holds nobody up.

    A microservice that is no longer shown to those below who enabled it is needed by them all the same.
    """
    if not exists(before, reference):
        return False
    reaches = within_reach(before, ident.namespace, reference)
    return reaches or (reference.reach == "visible" and related(before, ident.namespace, reference.target))


def _loses(proposal: Proposal, ident: Ident) -> bool:
    """Whether something that others can refer to may be gone: a document, a level or row of a module, a product."""
    old, new = proposal.before.get(ident), proposal.documents[ident]
    if isinstance(old, Organization) and isinstance(new, Organization):
        return old.spec.products != new.spec.products
    return new is None or ident.kind == "Module"


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 -- a line's worth
