"""What an organization offers: active, visible, subscribed, of its categories, and enabled.

A suborganization offers only what its Client offers, and the Client's conditions come first.
"""

from dataclasses import dataclass

from assent.api.base import Schema
from assent.api.names import Ref
from assent.api.organizations import Organization
from assent.api.services import EnabledMicroservice, FlowUse, Microservice, TargetRules
from assent.core.holds import Hold, detailed
from assent.core.schemas import secret_parameters
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Offer:
    """A microservice as one organization offers it; `own` and `above` are its and its Client's enablement."""

    organization: str
    name: str
    service: Microservice
    own: EnabledMicroservice | None
    above: EnabledMicroservice | None

    @property
    def owner(self) -> str:
        """The organization that owns the microservice."""
        return self.service.namespace

    @property
    def enablements(self) -> tuple[EnabledMicroservice, ...]:
        """Whose conditions hold as well, the Client's first."""
        return tuple(one for one in (self.above, self.own) if one)

    @property
    def schemas(self) -> tuple[Schema | None, ...]:
        """The schemas that parameters match, all of them: the microservice's, and every enablement's that has one."""
        narrowing = (one.spec.parameters for one in self.enablements)
        return (self.service.spec.parameters, *(one for one in narrowing if one is not None))

    @property
    def secrets(self) -> frozenset[str]:
        """The parameters whose value is shown to nobody: whichever of the schemas says so."""
        return frozenset(name for schema in self.schemas for name in secret_parameters(schema))

    @property
    def target_rules(self) -> tuple[tuple[TargetRules | None, bool], ...]:
        """The rules that targets keep, all of them, each with whether it narrows the microservice's own."""
        return ((self.service.spec.target_rules, False), *((one.spec.target_rules, True) for one in self.enablements))

    @property
    def approvals(self) -> tuple[tuple[str, tuple[FlowUse, ...]], ...]:
        """Every list of flows in the order in which they apply, with the organization that names them."""
        lists = [(one.namespace, one.spec.approvals) for one in self.enablements]
        return (*lists, (self.owner, self.service.spec.approvals))


def offered(world: World, organization: str, name: str) -> Offer | Hold:
    """The one offer of this name, or why there is none."""
    broken = world.organizations.broken(organization)
    if broken:
        return Hold("OrganizationBroken", f"nothing is offered in {organization}: {broken}")
    meant = {ref: _offer(world, organization, name, ref) for ref in _by_name(world, organization, name)}
    if not meant:
        text = f"{organization} has no offer of the name {name!r}"
        return detailed("OfferMissing", text, organization=organization, name=name)
    # What is archived or disabled is no offer, so it stands in nobody's way; anything else that is unsure holds.
    found = [ref for ref, one in meant.items() if isinstance(one, Offer) or one.reason != "NotOffered"]
    if len(found) > 1:
        owners = " and ".join(str(one) for one in found)
        return Hold("AmbiguousOffer", f"{organization} has two offers of the name {name!r}: {owners}")
    return meant[found[0]] if found else next(iter(meant.values()))


def _by_name(world: World, organization: str, name: str) -> list[Ref]:
    """The microservices that this name could mean in the organization."""
    found = []
    own = world.enablements.get(Ref(organization, name))
    if own:
        service = own.spec.microservice
        found.append(Ref(service.owner(organization), service.name))
    default = (ref for ref in world.by_default.get(name, ()) if visible(world, world.microservices[ref], organization))
    return [*found, *(ref for ref in default if (organization, ref) not in world.enabled)]


def _offer(world: World, organization: str, name: str, ref: Ref) -> Offer | Hold:
    service = world.microservices.get(ref)
    if service is None:
        text = f"{organization}/{name} names the microservice {ref}, which does not exist"
        return detailed("MicroserviceMissing", text, service=str(ref))
    above = _client_of(world, organization)
    for place in (above, organization):
        twice = world.enabled.get((place, ref), ()) if place else ()
        if len(twice) > 1:
            return Hold("EnabledTwice", f"{place} enables {ref} twice: {twice[0].name} and {twice[1].name}")
    why = _not_offered(world, organization, service)
    if why:
        return Hold("NotOffered", f"{organization} does not offer {name!r}: {why}")
    own = _enablement(world, organization, ref)
    return Offer(organization, name, service, own, _enablement(world, above, ref) if above else None)


def _client_of(world: World, organization: str) -> str | None:
    """The Client of a suborganization; None for every other organization."""
    client = world.organizations.client(organization)
    return client if client != organization else None


def _enablement(world: World, organization: str, service: Ref) -> EnabledMicroservice | None:
    found = world.enabled.get((organization, service), ())
    return world.enablements[found[0]] if len(found) == 1 else None


def _not_offered(world: World, organization: str, service: Microservice) -> str:
    """Why this organization does not offer the microservice, in a sentence; empty where it does."""
    above = _client_of(world, organization)
    refused = _not_offered(world, above, service) if above else ""
    if refused:
        return f"its client {above} does not offer it: {refused}"
    if service.spec.state == "Archived":
        return "it is archived"
    if not visible(world, service, organization):
        return f"it is not visible to {organization} (visibility {service.spec.visibility})"
    return _not_enabled(world, organization, service)


def _not_enabled(world: World, organization: str, service: Microservice) -> str:
    spec = service.spec
    if spec.products and not subscribed_tiers(world, organization, service):
        return f"{organization} has not subscribed to {' or '.join(spec.products)}"
    categories = world.organizations.by_name[organization].spec.categories
    if categories and spec.category not in categories:
        return f"its category {spec.category!r} is none of the organization's"
    own = _enablement(world, organization, Ref(service.namespace, service.name))
    if own is not None:
        return "it is disabled there" if own.spec.state == "Disabled" else ""
    return "" if spec.enabled_by_default else "it is not enabled there"


SHOWN_BY = {"Public": ("Platform",), "Named": ("Platform", "Partner")}
"""The types of organization that may show a microservice this far, beyond their dependents."""


def may_show(owner: Organization, visibility: str) -> bool:
    """Whether an organization of this type may make its microservices visible this far."""
    return owner.spec.type in SHOWN_BY.get(visibility, (owner.spec.type,))


def visible(world: World, service: Microservice, organization: str) -> bool:
    """Whether the organization may see it: the owner always, others as `visibility` says."""
    owner, spec = service.namespace, service.spec
    if organization == owner:
        return True
    whose = world.organizations.by_name.get(owner)
    if whose is None or not may_show(whose, spec.visibility):
        return False
    if spec.visibility == "Public":
        # Where two call themselves Platform, neither is.
        return owner == world.organizations.platform
    dependent = world.organizations.depends(organization, owner)
    if spec.visibility == "Named":
        # A partner shows nothing to strangers: what is offered there by default would stand beside their own.
        return organization in spec.visible_to and (dependent or owner == world.organizations.platform)
    return spec.visibility == "Dependents" and dependent


def subscribed_tiers(world: World, organization: str, service: Microservice) -> dict[str, str | None]:
    """Tier by subscribed product of the microservice's; a suborganization uses its Client's subscriptions."""
    whose = world.organizations.client(organization) or organization
    subscriptions = world.organizations.by_name[whose].spec.subscriptions
    return {one.product: one.tier for one in subscriptions if one.product in service.spec.products}


def managed(world: World, product: str, tier: str | None) -> bool | None:
    """Whether the platform runs the service under this tier; None where nobody says what the tier is."""
    if tier is None:
        return False
    platform = world.organizations.platform
    listed = world.organizations.by_name[platform].spec.products if platform else ()
    return next(
        (one.managed for some in listed if some.name == product for one in some.tiers if one.name == tier), None
    )
