"""Flows that apply: some of them wherever any is named, and the Platform's where it runs the service."""

from collections.abc import Iterator

from assent.api.base import Metadata
from assent.api.names import Ident, Ref
from assent.api.organizations import Organization, OrganizationSpec, Subscription
from assent.core.checks.fault import Fault, View, some
from assent.core.checks.situations import Situation, gates, situations, warnings
from assent.core.holds import Hold
from assent.core.offers import Offer
from assent.core.world import World

MISSING = "platform-stage-missing"
HINT = "add a flow with a stage of `organizations: [Platform]`, unconditionally or `when: {managed: true}`"


def some_flow_applies(view: View) -> Iterator[Fault]:
    """Where flows are named, the conditions of one at least can hold."""
    if view.unsure("Organization"):
        return
    text = "flows are named, but under its tier the condition of none of them holds, so no request is decided"
    found = ((one, text) for one in view.kept("situations", situations) if _none_applies(one))
    yield from warnings("no-flow-applies", found, "add a flow without a condition, or one for this tier")


def _none_applies(situation: Situation) -> bool:
    return all(isinstance(one, Hold) and one.reason == "NoFlowApplies" for one in situation.gates)


def the_platform_has_its_say(view: View) -> Iterator[Fault]:
    """What deploys resources has a stage of the Platform's wherever its tier is managed."""
    if view.unsure("Organization", "ApprovalFlow"):
        return
    refused: dict[Ref, list[str]] = {}
    for situation in view.kept("situations", situations):
        for service in situation.services if _missing(situation) else ():
            refused.setdefault(service, []).append(situation.organization)
    for service, organizations in sorted(refused.items()):
        text = f"deploys resources under a managed tier in {some(organizations)}, and no stage is the Platform's"
        yield Fault(MISSING, Ident("Microservice", *service), ("spec", "approvals"), text, HINT)
    yield from _not_yet(view, refused)


def _missing(situation: Situation) -> bool:
    first = situation.gates[0]
    return isinstance(first, Hold) and first.reason == "PlatformStageMissing"


def _not_yet(view: View, refused: dict[Ref, list[str]]) -> Iterator[Fault]:
    """The same where nobody has subscribed to a managed tier yet: whoever does could not ask for it."""
    taken = {
        service
        for situation in view.kept("situations", situations)
        if situation.under_a_managed_tier(view)
        for service in situation.services
    }
    for ref, service in sorted(view.world.microservices.items()):
        if not service.spec.deploys_resources or ref in taken or ref in refused:
            continue
        for tier, world in _probes(view, service.spec.products):
            found = gates(world, Offer(PROBE, ref.name, service, None, None))[0]
            if isinstance(found, Hold) and found.reason == "PlatformStageMissing":
                text = f"deploys resources, and under the managed tier {tier} no stage would be the Platform's"
                yield Fault(MISSING, Ident("Microservice", *ref), ("spec", "approvals"), text, HINT, mild=True)
                break


PROBE = "?"
"""A client that nobody can declare, since its name is no DNS label."""


def _probes(view: View, products: tuple[str, ...]) -> Iterator[tuple[str, World]]:
    """The world with one more client, for each managed tier of these products."""
    platform = view.world.organizations.platform
    listed = view.world.organizations.by_name[platform].spec.products if platform else ()
    for product in listed:
        for tier in product.tiers if product.name in products else ():
            if tier.managed:
                subscription = Subscription.model_construct(product=product.name, tier=tier.name)
                spec = OrganizationSpec.model_construct(type="Client", subscriptions=(subscription,))
                client = Organization.model_construct(metadata=Metadata.model_construct(name=PROBE), spec=spec)
                yield tier.name, view.world.changed({Ident("Organization", "", PROBE): client})
