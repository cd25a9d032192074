"""What a cluster's objects say of themselves: `Ready` on every kind of configuration, stable in text.

Times are no business of the mind: whoever writes a status keeps the time of a condition whose status did not change.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from assent.api.canonical import revision
from assent.api.conditions import Condition
from assent.api.names import Ident, Ref
from assent.api.problems import sentences
from assent.api.services import EnabledMicroservice
from assent.api.sightings import Sighting
from assent.core.checks import Fault, check
from assent.core.world import World

IN_FORCE = Condition("Ready", "True", "InForce", "the document is in force")

_SOUND: dict[str, Any] = {"conditions": [IN_FORCE]}

MOST_MESSAGE = 2000
"""Characters of a condition's sentence; what does not fit is counted."""


def statuses(
    world: World, held: Mapping[Ident, Sighting], kept: Mapping[Ident, Condition], unread: Collection[Ident] = ()
) -> dict[Ident, dict[str, Any]]:
    """The status of every object of configuration, without times.

    Args:
        world: what is in force.
        held: the objects.
        kept: what is to be said of an object whatever its document says, for example that it is being deleted.
        unread: documents whose content is unknown.
    """
    faults: dict[Ident, list[Fault]] = {}
    for fault in check(world, unread=unread):
        faults.setdefault(fault.ident, []).append(fault)
    return {ident: _status(world, one, kept.get(ident), faults.get(ident, ())) for ident, one in held.items()}


def _status(world: World, one: Sighting, kept: Condition | None, faults: Iterable[Fault]) -> dict[str, Any]:
    """What one object says; most are in force and say no more, and all of those say the very same."""
    ready = kept or _ready(one, faults)
    besides = _besides(world, one)
    return _SOUND if ready is IN_FORCE and not besides else {"conditions": [ready], **besides}


def _ready(one: Sighting, faults: Iterable[Fault]) -> Condition:
    """In force, unless something about it is an error; warnings leave it in force, and are said."""
    if one.document is None:
        return Condition("Ready", "False", "Invalid", _short([sentences(one.problems)]))
    found = sorted(faults, key=lambda fault: fault.order)
    errors = [fault.message for fault in found if fault.severity == "error"]
    if errors:
        return Condition("Ready", "False", "ProblemsFound", _short(errors))
    if not found:
        return IN_FORCE
    warnings = [fault.message for fault in found]
    return Condition("Ready", "True", "InForce", _short([IN_FORCE.message, *warnings]))


def _short(texts: list[str]) -> str:
    text = "; ".join(dict.fromkeys(texts))
    return text if len(text) <= MOST_MESSAGE else f"{text[:MOST_MESSAGE]}… (`assent check` says the rest)"


def _besides(world: World, one: Sighting) -> dict[str, Any]:
    """What an enablement repeats of its microservice, so that people need not read the owner's namespace."""
    if not isinstance(one.document, EnabledMicroservice):
        return {}
    named = one.document.spec.microservice
    service = world.microservices.get(Ref(named.owner(one.ident.namespace), named.name))
    if service is None:
        return {}
    spec = service.spec
    return {
        "displayName": spec.display_name,
        "category": spec.category,
        "products": list(spec.products),
        "revision": revision(service),
    }
