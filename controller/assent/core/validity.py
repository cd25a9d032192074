"""Whether a request may be decided at all: ordered rules, the first that does not hold is the answer.

What no other document can mend is Invalid; everything else holds, since Git and Kubernetes apply in any order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assent.api.canonical import revision, sha256, too_large
from assent.api.digest import Effect, digest
from assent.api.kinds import Problem
from assent.api.names import Ref
from assent.api.services import EnabledMicroservice
from assent.core.access import allowed, role_of
from assent.core.cases import Case
from assent.core.gates import Gate, gate
from assent.core.holds import Hold, detailed
from assent.core.offers import Offer, offered
from assent.core.parameters import parameter_problems, target_problems
from assent.core.permissions import CREATE, Permission
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Valid:
    """A request that may be decided: what it means, who gates it, and its digest."""

    offer: Offer
    gate: Gate
    effect: Effect
    digest: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A request that nothing can mend."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation came to: `valid` with `hold` is a request that has a digest, but may not be decided yet."""

    valid: Valid | None = None
    hold: Hold | None = None
    invalid: Invalid | None = None


Rule = Callable[[World, Case, Offer], Hold | None]


def validate(world: World, case: Case) -> "Verdict":
    """The request as it may be decided, or why not yet, or why never; with its digest wherever it has one."""
    if too_large(case.spec.parameters):
        return Verdict(
            invalid=Invalid("NumberTooLarge", "its parameters hold an integer beyond 2^53-1; write it as text")
        )
    offer = offered(world, case.ref.namespace, case.spec.microservice.name)
    if isinstance(offer, Hold):
        return Verdict(hold=offer)
    held = next((hold for rule in RULES if (hold := rule(world, case, offer))), None)
    found = gate(world, offer, case.spec.parameters)
    if isinstance(found, Hold):
        return Verdict(hold=held or found)
    try:
        effect = _effect(world, case, offer, found)
        return Verdict(Valid(offer, found, effect, digest(effect)), held)
    except ValueError as impossible:
        return Verdict(hold=held or Hold("DigestImpossible", f"it cannot be digested: {impossible}"))


def requester_is_known(world: World, case: Case, offer: Offer) -> Hold | None:  # noqa: ARG001 -- a rule's form
    """Requester and on-behalf-of are people of this world."""
    names = {"requester": case.spec.requester, "onBehalfOf": case.spec.on_behalf_of}
    for field, name in names.items():
        if name is not None and world.people.named(name) is None:
            return detailed("NobodyNamed", f"{field}: no one user signs in as {name!r}", username=name)
    meant = case.spec.on_behalf_of and world.people.named(case.spec.on_behalf_of)
    if case.beneficiary and meant != case.beneficiary:
        text = f"onBehalfOf: {case.spec.on_behalf_of!r} was {case.beneficiary} when the request was first seen"
        return detailed("BeneficiaryChanged", f"{text}, and is {meant} now", username=case.spec.on_behalf_of or "")
    return None


def requester_is_proven(world: World, case: Case, offer: Offer) -> Hold | None:  # noqa: ARG001 -- a rule's form
    """A request is its requester's when a signature of theirs brought it in."""
    if case.proven_by is not None and case.proven_by == world.people.named(case.spec.requester):
        return None
    text = f"nothing proves that {case.spec.requester} brought it in; they sign the commit, or create it as themselves"
    return detailed("Unproven", text, username=case.spec.requester)


def requester_may_ask(world: World, case: Case, offer: Offer) -> Hold | None:
    """The requester holds automate Requests Create there, and what the microservice asks for besides."""
    extra = [Permission(one.module, one.functionality, one.action) for one in offer.service.spec.permissions]
    for permission in (CREATE, *extra):
        answer = allowed(world, case.spec.requester, offer.organization, permission)
        if not answer.allowed:
            text = f"{case.spec.requester} lacks {permission} in {offer.organization}: {answer.because}"
            who, place = case.spec.requester, offer.organization
            return detailed("RightMissing", text, username=who, organization=place, permission=str(permission))
    return None


def requester_has_a_role_asked_for(world: World, case: Case, offer: Offer) -> Hold | None:
    """Where the enablement names roles, the requester has one of them."""
    if offer.own is None or not offer.own.spec.roles:
        return None
    person = world.people.named(case.spec.requester)
    named = {Ref(one.owner(offer.organization), one.name) for one in offer.own.spec.roles}
    role = role_of(world.people.by_ref[person]) if person else None
    if role in named:
        return None
    asked = ", ".join(sorted(map(str, named)))
    text = f"{case.spec.requester} has none of the roles that may ask for it: {asked}"
    return detailed("RoleMissing", text, username=case.spec.requester)


def parameters_match(world: World, case: Case, offer: Offer) -> Hold | None:  # noqa: ARG001 -- a rule's form
    """The parameters satisfy the microservice's schema, and every enablement's as well."""
    given, secrets = case.spec.parameters, offer.secrets
    problems = [one for schema in offer.schemas for one in parameter_problems(schema, given, secrets=secrets)]
    return _refused("ParametersRefused", problems)


def targets_match(world: World, case: Case, offer: Offer) -> Hold | None:  # noqa: ARG001 -- a rule's form
    """The targets satisfy the microservice's rules, and every enablement's as well."""
    problems = [
        problem
        for rules, narrows in offer.target_rules
        for problem in target_problems(rules, case.spec.targets, narrows=narrows)
    ]
    return _refused("TargetsRefused", problems)


RULES: tuple[Rule, ...] = (
    requester_is_known,
    requester_is_proven,
    requester_may_ask,
    requester_has_a_role_asked_for,
    parameters_match,
    targets_match,
)
"""In this order: who asks comes before what is asked, so that a stranger learns nothing of the catalogue."""


def _refused(reason: str, problems: list[Problem]) -> Hold | None:
    """The same for the same problems, in whatever order several schemas found them; None where there are none."""
    once = {problem.sentence: problem for problem in problems}
    found = tuple(problem for _sentence, problem in sorted(once.items()))
    return Hold(reason, "; ".join(one.sentence for one in found), problems=found) if found else None


def _effect(world: World, case: Case, offer: Offer, found: Gate) -> Effect:
    spec = case.spec
    return Effect(
        path=world.organizations.path(offer.organization),
        namespace=case.ref.namespace,
        name=case.ref.name,
        requester=spec.requester,
        on_behalf_of=spec.on_behalf_of,
        microservice=f"{offer.owner}/{offer.service.name}",
        microservice_revision=revision(offer.service),
        enablement=f"{offer.organization}/{offer.own.name}" if offer.own else None,
        enablement_revision=_enablement_revision(offer.enablements),
        flows=tuple((str(ref), revision(flow)) for ref, flow in found.flows),
        tier=found.tier,
        parameters=spec.parameters,
        targets=spec.targets,
    )


def _enablement_revision(enablements: tuple[EnabledMicroservice, ...]) -> str | None:
    """A suborganization's enablement has its Client's in it."""
    return sha256([revision(one) for one in enablements]) if enablements else None
