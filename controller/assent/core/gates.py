"""Which flows gate a request, and what they ask together: the strictest of each rule holds for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assent.api.base import seconds
from assent.api.evidence import Channel
from assent.api.flows import ALL_CHANNELS, ApprovalFlow
from assent.api.names import Ref
from assent.api.services import When
from assent.core.approvers import Seat, belongs_to_platform
from assent.core.holds import Hold, detailed
from assent.core.offers import Offer, managed, subscribed_tiers
from assent.core.parameters import matches
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Gate:
    """All flows that apply, as one: `groups` are the stages that open together, in order.

    Deadlines are in seconds; `tier` is what the flows were chosen by.
    """

    flows: tuple[tuple[Ref, ApprovalFlow], ...]
    groups: tuple[tuple[Seat, ...], ...]
    tier: str | None

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Every stage in order."""
        return tuple(seat for group in self.groups for seat in group)

    @property
    def self_approval(self) -> bool:
        """Whether every flow lets the requester approve."""
        return bool(self.flows) and all(flow.spec.self_approval == "Allowed" for _, flow in self.flows)

    @property
    def independent(self) -> bool:
        """Whether one flow asks for approvers whom nobody concerned has vouched for."""
        return any(flow.spec.independent_approvers for _, flow in self.flows)

    @property
    def sign_in(self) -> bool:
        """Whether one flow asks that people sign in to decide."""
        return any(flow.spec.sign_in_to_decide for _, flow in self.flows)

    @property
    def accepts(self) -> frozenset[Channel]:
        """The channels that every flow accepts."""
        accepted: frozenset[Channel] = frozenset(ALL_CHANNELS)
        for _, flow in self.flows:
            accepted &= frozenset(flow.spec.accepts)
        return accepted

    def deadline(self, seen_at: datetime) -> datetime | None:
        """The last moment at which decisions count on a request that was first seen then."""
        within = self.decide_within
        return seen_at + timedelta(seconds=within) if within else None

    @property
    def decide_within(self) -> int | None:
        """The shortest time for decisions, from the first observation."""
        return min(
            (seconds(flow.spec.decide_within) for _, flow in self.flows if flow.spec.decide_within), default=None
        )

    @property
    def run_within(self) -> int | None:
        """The shortest time to start, from the approval."""
        return min((seconds(flow.spec.run_within) for _, flow in self.flows if flow.spec.run_within), default=None)


def gate(world: World, offer: Offer, parameters: Mapping[str, Any]) -> Gate | Hold:
    """Every flow whose condition holds, in order, or why the request waits."""
    tiers = subscribed_tiers(world, offer.organization, offer.service)
    flows: dict[Ref, ApprovalFlow] = {}
    for owner, uses in offer.approvals:
        applying = [use for use in uses if use.when is None or _applies(world, use.when, tiers, parameters)]
        if uses and not applying:
            return Hold("NoFlowApplies", f"{owner} names approval flows, but the condition of none of them holds")
        for use in applying:
            ref = Ref(use.flow.owner(owner), use.flow.name)
            found = _usable(world, ref, owner)
            if isinstance(found, Hold):
                return found
            flows.setdefault(ref, found)
    return _checked(world, offer, tiers, _gate(flows, offer.organization, tiers))


def _gate(flows: Mapping[Ref, ApprovalFlow], organization: str, tiers: Mapping[str, str | None]) -> Gate:
    groups: list[tuple[Seat, ...]] = []
    for ref, flow in flows.items():
        seats = [Seat(ref, stage, organization) for stage in flow.spec.stages]
        groups += [tuple(seats)] if flow.spec.order == "Parallel" else [(seat,) for seat in seats]
    chosen = ", ".join(sorted({tier for tier in tiers.values() if tier}))
    return Gate(tuple(flows.items()), tuple(groups), chosen or None)


def _usable(world: World, flow: Ref, user: str) -> ApprovalFlow | Hold:
    """A flow may be used by its owner, by what depends on it, and, when the Platform's, by all."""
    found = world.flows.get(flow)
    if found is None:
        return detailed("FlowMissing", f"{user} names the approval flow {flow}, which does not exist", flow=str(flow))
    if flow.namespace != world.organizations.platform and not world.organizations.depends(user, flow.namespace):
        return detailed("FlowNotUsable", f"{user} names the approval flow {flow}, which it may not use", flow=str(flow))
    return found


def _applies(world: World, when: When, tiers: Mapping[str, str | None], parameters: Mapping[str, Any]) -> bool:
    """Whether the condition holds; one that cannot be decided applies."""
    if when.managed is not None and when.managed not in _managed(world, tiers):
        return False
    if when.tiers and not set(when.tiers) & set(tiers.values()):
        return False
    return when.parameters is None or matches(when.parameters, parameters)


def _managed(world: World, tiers: Mapping[str, str | None]) -> set[bool]:
    """What may be said of the tiers: both where nobody knows; a microservice of no product is not managed."""
    found = {managed(world, product, tier) for product, tier in tiers.items()} or {False}
    return {True, False} if None in found else {one for one in found if one is not None}


def _checked(world: World, offer: Offer, tiers: Mapping[str, str | None], found: Gate) -> Gate | Hold:
    """What deploys resources under a managed tier needs a stage that is the Platform's."""
    needed = offer.service.spec.deploys_resources and True in _managed(world, tiers)
    if needed and not any(belongs_to_platform(world, seat) for seat in found.seats):
        what = f"{offer.owner}/{offer.service.name}"
        return Hold(
            "PlatformStageMissing", f"{what} deploys resources under a managed tier, and no stage is the Platform's"
        )
    return found
