"""What a person may ask for in an organization, and for whom: by the very rules that would hold their request.

What they may not ask for is not shown to them, since it would only wait.
"""

from collections.abc import Iterator
from typing import Any

from assent.api.names import Ident, Ref
from assent.api.records import NEVER
from assent.api.requests import RequestSpec
from assent.core.cases import Case
from assent.core.holds import Hold
from assent.core.offers import Offer, offered
from assent.core.seeing import Sight
from assent.core.validity import requester_has_a_role_asked_for, requester_may_ask
from assent.core.world import World

RULES = (requester_may_ask, requester_has_a_role_asked_for)
"""The rules of validity that speak of the requester's rights alone."""


def offers(world: World, organization: str) -> tuple[Offer, ...]:
    """Everything that the organization offers, by name."""
    names = {ref.name for ref in world.enablements if ref.namespace == organization}
    names |= {ref.name for ref, one in world.microservices.items() if one.spec.enabled_by_default}
    found = (offered(world, organization, name) for name in sorted(names))
    return tuple(one for one in found if isinstance(one, Offer))


def plain_offer(offer: Offer) -> dict[str, Any]:
    """One offer for people and programs; what enablements ask besides stands under `narrowedBy`."""
    spec = offer.service.spec
    uses = [(owner, use.flow) for owner, some in offer.approvals for use in some]
    found: dict[str, Any] = {"name": offer.name, "displayName": spec.display_name, "category": spec.category}
    found |= {"description": spec.description, "costNote": spec.cost_note}
    found["microservice"] = f"{offer.owner}/{offer.service.name}"
    found["approvals"] = [str(Ref(flow.owner(owner), flow.name)) for owner, flow in uses]
    found["parameters"] = spec.parameters or {}
    found["targetRules"] = spec.target_rules.plain() if spec.target_rules else {}
    found["narrowedBy"] = [one.spec.parameters for one in offer.enablements if one.spec.parameters]
    return {field: value for field, value in found.items() if value is not None}


def askable(world: World, username: str, organization: str) -> tuple[Offer, ...]:
    """Every offer that whoever signs in by this name may ask for there."""
    return tuple(one for one in offers(world, organization) if may_ask(world, username, one))


def askable_offer(world: World, username: str, organization: str, name: str) -> Offer | None:
    """The one of this name; None where there is none, and where they may not ask for it."""
    found = offered(world, organization, name)
    return found if isinstance(found, Offer) and may_ask(world, username, found) else None


def may_ask(world: World, username: str, offer: Offer) -> bool:
    """Whether a request of theirs would not be held as RequesterNotAllowed."""
    spec = RequestSpec.model_validate({"microservice": {"name": offer.name}, "requester": username})
    case = Case(Ref(offer.organization, offer.name), spec, 0, NEVER, {})
    return not any(isinstance(rule(world, case, offer), Hold) for rule in RULES)


def may_be_for(sight: Sight, username: str) -> bool:
    """Whether the person may name this one as the one for whom they ask.

    That is whoever is of their own organization, and whomever they may see: of others they learn nothing, not even
    whether they exist.
    """
    person = sight.world.people.named(username)
    colleague = person is not None and person.namespace == sight.person.namespace
    return colleague or sight.may_see_person(username)


def shown_people(sight: Sight, organization: str) -> Iterator[Ref]:
    """Whom a form lists to ask for: others of the organization's line, as far as the person may see them."""
    tree = sight.world.organizations
    for place in (*tree.path(organization), *list(tree.below(organization))[1:]):
        for person in sight.world.people.members.get(place, ()):
            if person != sight.person and sight.may_see_document(Ident("User", *person)):
                yield person
