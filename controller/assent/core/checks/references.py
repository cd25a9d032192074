"""Whatever documents name is there, and may be named by them."""

from collections.abc import Iterator

from assent.api.names import Ident
from assent.core.checks.fault import Fault, View, nearest
from assent.core.references import Part, Reference, exists, home, references, within_reach
from assent.core.world import ident as ident_of

PARTS = {
    "product": "product-unknown",
    "tier": "tier-unknown",
    "level": "level-unknown",
    "row": "permission-unknown",
}
REACHES = {  # What an enablement may see is told with all that is wrong with the enablement.
    "below": ("role-target-out-of-reach", "a role reaches its owner and what depends on it"),
    "above": ("role-out-of-reach", "a role of the organization itself or of one above it may be named"),
    "flow": ("flow-out-of-reach", "a flow is used by its owner, by what depends on it, and the Platform's by all"),
    "named": ("visible-to-out-of-reach", "a partner names what depends on it, and the Platform all"),
    "line": (
        "approver-out-of-reach",
        "a flow names its owner, what is above and below it, and the Platform; the Platform's flows name all",
    ),
}


def references_lead_somewhere(view: View) -> Iterator[Fault]:
    """Every reference of every document leads to something that its organization may name."""
    world = view.world
    there: set[tuple[Ident, Part]] = set()  # a few targets are named by nearly all documents
    for document in world.documents():
        for reference in references(world, document):
            named = (reference.target, reference.part)
            if named not in there and exists(world, reference):
                there.add(named)
            if named not in there:
                yield from _missing(view, ident_of(document), reference)
            elif reference.reach in REACHES and not within_reach(world, document.namespace, reference):
                yield from _out_of_reach(view, ident_of(document), reference)


def requests_lead_somewhere(view: View) -> Iterator[Fault]:
    """A request is in the namespace of an organization that exists."""
    for ref in sorted(view.requests):
        home = Ident("Organization", "", ref.namespace)
        if home.name not in view.world.organizations.by_name:
            yield from _missing(view, Ident("Request", *ref), Reference(("metadata", "namespace"), home))


def _missing(view: View, ident: Ident, reference: Reference) -> Iterator[Fault]:
    """What is named and not there; what is there and could not be read is no missing thing."""
    target = reference.target
    if view.may_be(target) or (target.kind == "Organization" and not target.name and view.unsure("Organization")):
        return
    rule, text = _rule(reference), f"names {reference}, which does not exist"
    if reference.part and not target.name:
        named = " ".join(reference.part).strip()
        text = f"names the {named}, and there is no one Platform that lists it"
    elif reference.part and view.world.get(target):
        text = f"names {reference}, which it does not have"
    yield Fault(rule, ident, reference.path, text, _hint(view, reference))


def _rule(reference: Reference) -> str:
    if reference.part:
        return PARTS[reference.part[0]]
    return {"metadata.namespace": "organization-missing", "spec.parent": "parent-missing"}.get(
        reference.field, "reference-missing"
    )


def _hint(view: View, reference: Reference) -> str:
    target = reference.target
    if reference.part and view.world.get(target):
        return nearest(reference.part[-1], _parts(view, reference), f"add it to {target}, or name one that it has")
    kinds = view.names(target.kind, target.namespace)
    return nearest(target.name, kinds, f"declare {target}, or name one that exists") if target.name else "declare one"


def _parts(view: View, reference: Reference) -> list[str]:
    """The names that could have been meant, of the same part of the same document."""
    spec = view.world.table(reference.target.kind)[reference.target.name].spec
    what, *names = reference.part
    if what == "level":
        return [one.name for one in spec.levels]
    if what == "row":
        return sorted({one.action for one in spec.permissions if one.functionality == names[0]})
    if what == "tier":
        return [tier.name for one in spec.products if names[0] in ("", one.name) for tier in one.tiers]
    return [one.name for one in spec.products]


def _out_of_reach(view: View, ident: Ident, reference: Reference) -> Iterator[Fault]:
    """What is there and may not be named; where a line is broken that alone is told."""
    rule, why = REACHES[reference.reach]
    organizations = view.world.organizations
    if not organizations.broken(home(reference.target)) and not organizations.broken(ident.namespace):
        text = f"names {reference}, which {ident.namespace} may not: {why}"
        yield Fault(rule, ident, reference.path, text, "name another, or take it out")
