"""What a person may see, by the View rows: organizations, requests, the history and the work of others.

Whoever asked for a request, for whom it is, and whoever has or had a part in deciding it sees it without a right of
their own.
What somebody may not see is answered like what does not exist.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from assent.api.names import Ident, Ref
from assent.api.tellings import Asked
from assent.core.access import held, role_of
from assent.core.approvers import Seat, why_not_entitled
from assent.core.cases import Case
from assent.core.decide import Decision
from assent.core.permissions import CREATE, Permission
from assent.core.status import can_decide
from assent.core.world import World

REQUESTS = Permission("automate", "Requests", "View")
LEDGER = Permission("portal", "Operations log", "View")
OPERATIONS = Permission("portal", "Operations", "View")
ORGANIZATIONS = Permission("portal", "Organizations", "View")
USERS = Permission("portal", "Users", "View")

KIND_ROWS = {
    "Organization": ORGANIZATIONS,
    "Module": Permission("portal", "Modules", "View"),
    "AccessRole": Permission("portal", "Roles", "View"),
    "User": USERS,
    "Microservice": Permission("portal", "Microservices", "View"),
    "EnabledMicroservice": Permission("portal", "Enabled microservices", "View"),
    "ApprovalFlow": Permission("portal", "Flows", "View"),
}
"""The row that governs who sees documents of a kind; Requests have `may_see`."""


@dataclass(frozen=True)
class Sight:
    """What one person sees of one world."""

    world: World
    person: Ref

    @cached_property
    def reach(self) -> tuple[str, ...]:
        """The organizations in which the person may do anything, sorted; their own is among them.

        Rights flow downward only, so it is looked for nowhere but at home and below.
        """
        home, tree = self.person.namespace, self.world.organizations
        names = {name for name in tree.below(home) if held(self.world, self.person, name)}
        return tuple(sorted(names | ({home} & tree.by_name.keys())))

    def where(self, permission: Permission) -> tuple[str, ...]:
        """The organizations in which the person holds this."""
        return tuple(name for name in self.reach if permission in held(self.world, self.person, name))

    def anywhere(self, permission: Permission) -> bool:
        """Whether there is such an organization."""
        return any(permission in held(self.world, self.person, name) for name in self.reach)

    @cached_property
    def _requests(self) -> frozenset[str]:
        return frozenset(self.where(REQUESTS))

    @cached_property
    def asks_in(self) -> tuple[str, ...]:
        """Where the person may open requests at all."""
        return self.where(CREATE)

    @cached_property
    def catalogues(self) -> tuple[str, ...]:
        """The organizations whose catalogue the person sees: by the View row, or since they may ask there."""
        return tuple(sorted({*self.where(KIND_ROWS["EnabledMicroservice"]), *self.asks_in}))

    @property
    def governs(self) -> bool:
        """Whether the person is one of the Platform's who look after operations."""
        platform = self.world.organizations.platform
        return platform is not None and platform in self.where(OPERATIONS) and self.person.namespace == platform

    def may_see(self, decision: Decision) -> bool:
        """Whether the person may see this request."""
        case = decision.case
        mine = case.ref.namespace in self._requests or self.is_theirs(case) or self.person in deciders(decision)
        return mine or self._had_a_say(decision)

    def _had_a_say(self, decision: Decision) -> bool:
        """Whether it was theirs to decide too, so that whoever comes second reads that it is over."""
        case = decision.case
        return self.person in case.approvers and any(
            self._fills(flow, stage, case.ref.namespace) for flow, stage in _opened(decision)
        )

    def _fills(self, flow: Ref, stage: str, organization: str) -> bool:
        """Whether they are one of the stage's approvers today; many requests have the same few stages."""
        where = flow, stage, organization
        if where not in self._filled:
            role, document = role_of(self.world.people.by_ref[self.person]), self.world.flows.get(flow)
            seats = [Seat(flow, one, organization) for one in (document.spec.stages if document else ())]
            now = {self.person: role} if role else {}
            mine = [one for one in seats if not why_not_entitled(self.world, one, self.person, now)]
            self._filled[where] = stage in [one.stage.name for one in mine]
        return self._filled[where]

    @cached_property
    def _filled(self) -> dict[tuple[Ref, str, str], bool]:
        return {}

    def is_theirs(self, case: Case) -> bool:
        """Whether they asked for it, or it is for them."""
        return case.proven_by == self.person or self._is_one_of(case.spec.requester, case.spec.on_behalf_of)

    def may_see_asked(self, ref: Ref, asked: Asked) -> bool:
        """Whether the person may see what was asked for in the panel and no controller has seen yet."""
        return ref.namespace in self._requests or self.has_asked(asked)

    def has_asked(self, asked: Asked) -> bool:
        """Whether they asked for it there, or it is for them."""
        return self._is_one_of(asked.username, asked.spec.get("onBehalfOf"))

    def _is_one_of(self, *names: str | None) -> bool:
        return any(self.world.people.named(name) == self.person for name in names if name)

    def may_see_person(self, username: str) -> bool:
        """Whether the person may see the one User who signs in by this name."""
        ref = self.world.people.named(username)
        return ref is not None and self.may_see_document(Ident("User", *ref))

    def may_see_document(self, ident: Ident) -> bool:
        """Whether the person may see a document of configuration."""
        if ident.kind == "Module":
            return self.anywhere(KIND_ROWS["Module"])
        organization = ident.name if ident.kind == "Organization" else ident.namespace
        return KIND_ROWS[ident.kind] in held(self.world, self.person, organization)


def deciders(decision: Decision) -> frozenset[Ref]:
    """Everybody who can decide a stage of it now, or has decided on it."""
    tally = decision.tally
    can: Iterable[Ref] = (person for stage in (tally.stages if tally else ()) for person in stage.can_decide)
    spoken = (voice.person for voice in decision.case.voices if voice.person and not voice.because)
    return frozenset((*can, *spoken))


def _opened(decision: Decision) -> Iterator[tuple[Ref, str]]:
    """The stages that have opened, by flow and name, as they stand or stood at the end."""
    for one in decision.tally.stages if decision.tally else ():
        if one.state != "Waiting":
            yield one.seat.flow, one.seat.stage.name
    for told in () if decision.tally else decision.case.stages:
        if told["state"] != "Waiting":
            yield Ref.parse(told["flow"]), told["name"]


def waits_for(decision: Decision, person: Ref) -> tuple[str, ...]:
    """The stages, by name, that the person can decide now; empty where the request does not wait for them."""
    stages = decision.tally.stages if decision.tally else ()
    return tuple(stage.seat.stage.name for stage in stages if person in can_decide(decision, stage))
