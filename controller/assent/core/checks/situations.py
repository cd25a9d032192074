"""Where requests can arise, and which flows each would have to pass: the ground on which flows are judged.

Every situation is gated as a request is. Conditions on parameters are unknown before there is a request, so a situation
is looked at without the flows that depend on them, and once more with each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from assent.api.names import Ident, Ref
from assent.api.services import EnabledMicroservice, FlowUse, Microservice
from assent.core.access import holds
from assent.core.approvers import pool
from assent.core.checks.fault import Fault, View, some
from assent.core.gates import Gate, gate
from assent.core.holds import Hold
from assent.core.offers import Offer, managed, offered, subscribed_tiers, visible
from assent.core.permissions import CREATE
from assent.core.references import organization
from assent.core.world import World

Kept = TypeVar("Kept", Microservice, EnabledMicroservice)


@dataclass(frozen=True, slots=True)
class Situation:
    """An organization offers microservices that pass the same flows; `enablement` is its document, if it has one.

    `gates` are what a request would have to pass: without the flows whose conditions are on parameters, then with each.
    """

    offer: Offer
    services: tuple[Ref, ...]
    gates: tuple[Gate | Hold, ...]
    enablement: Ref | None = None

    @property
    def organization(self) -> str:
        """The organization that offers them."""
        return self.offer.organization

    def under_a_managed_tier(self, view: View) -> bool:
        """Whether the platform runs the service there."""
        tiers = subscribed_tiers(view.world, self.organization, self.offer.service)
        return any(managed(view.world, product, tier) for product, tier in tiers.items())


def warnings(rule: str, found: Iterable[tuple[Situation, str]], hint: str) -> Iterator[Fault]:
    """Warnings about enablements, and one about each organization for all that it offers by default."""
    by_default: dict[tuple[str, str], list[str]] = {}
    for situation, text in found:
        if situation.enablement:
            ident = Ident("EnabledMicroservice", *situation.enablement)
            yield Fault(rule, ident, ("spec", "microservice"), text, hint)
        else:
            names = by_default.setdefault((situation.organization, text), [])
            names.extend(one.name for one in situation.services)
    for (name, text), names in by_default.items():
        yield Fault(rule, organization(name), (), f"offers {some(sorted(names))} by default: {text}", hint)


def situations(view: View) -> Iterator[Situation]:
    """Every enablement that stands, and what is enabled by default wherever somebody may ask for it."""
    world = view.world
    for ref in sorted(world.enablements):
        found = offered(world, ref.namespace, ref.name)
        if isinstance(found, Offer) and found.own is not None:
            yield Situation(found, (Ref(found.owner, found.service.name),), gates(world, found), ref)
    for name in sorted(world.organizations.by_name):
        yield from _by_default(view, name)


def _by_default(view: View, name: str) -> Iterator[Situation]:
    """What is enabled by default there, one situation for all that are offered and gated alike."""
    world = view.world
    above = world.organizations.client(name)
    picky = any(world.organizations.by_name[one].spec.categories for one in (name, above) if one)
    groups: dict[tuple[str, ...], list[Ref]] = {}
    for ref, kind in view.defaults.items():
        service = world.microservices[ref]
        if (name, ref) not in world.enabled and visible(world, service, name):
            enabled = world.enabled.get((above, ref), ()) if above else ()
            key = (kind, service.spec.category if picky else "", *map(str, enabled))
            groups.setdefault(key, []).append(ref)
    for refs in groups.values() if groups and _somebody_may_ask(view, name) else ():
        found = offered(world, name, refs[0].name)
        if isinstance(found, Offer) and (
            found.service.spec.deploys_resources or any(uses for _, uses in found.approvals)
        ):
            yield Situation(found, tuple(refs), gates(world, found))


def _somebody_may_ask(view: View, name: str) -> bool:
    """Whether anybody could open a request there today."""
    return any(holds(view.world, person, name, CREATE) for person in pool(view.world, name))


def gates(world: World, offer: Offer) -> tuple[Gate | Hold, ...]:
    """What a request for the offer would have to pass."""
    return tuple(gate(world, one, {}) for one in _variants(offer))


def _variants(offer: Offer) -> Iterator[Offer]:
    """The offer without the flows whose conditions are on parameters, and once more with each of them applying."""
    chosen = [use for _, uses in offer.approvals for use in uses if on_parameters(use)]
    yield _with(offer, None) if chosen else offer
    yield from (_with(offer, use) for use in chosen)


def on_parameters(use: FlowUse) -> bool:
    """Whether it depends on what is asked for."""
    return use.when is not None and use.when.parameters is not None


def _with(offer: Offer, chosen: FlowUse | None) -> Offer:
    """The offer with this one of its conditional flows, as if its parameters were given."""
    return replace(
        offer,
        service=_edited(offer.service, chosen),
        own=_edited(offer.own, chosen) if offer.own else None,
        above=_edited(offer.above, chosen) if offer.above else None,
    )


def _edited(document: Kept, chosen: FlowUse | None) -> Kept:
    uses = []
    for use in document.spec.approvals:
        if use.when is None or use.when.parameters is None:
            uses.append(use)
        elif use is chosen:
            uses.append(use.model_copy(update={"when": use.when.model_copy(update={"parameters": None})}))
    return document.model_copy(update={"spec": document.spec.model_copy(update={"approvals": tuple(uses)})})
