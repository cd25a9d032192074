"""Requests: whether each could be decided as it stands, and whether its approval entries say anything."""

from collections.abc import Iterator
from datetime import UTC, datetime

from assent.api.decisions import parse
from assent.api.kinds import Problem
from assent.api.names import Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX, Request
from assent.core.access import holds
from assent.core.cases import Case
from assent.core.checks.fault import Fault, Path, View, nearest, some
from assent.core.checks.situations import on_parameters
from assent.core.gates import Gate, gate
from assent.core.holds import Hold
from assent.core.offers import Offer, offered
from assent.core.parameters import parameter_problems, target_problems
from assent.core.people import fold
from assent.core.permissions import CREATE
from assent.core.validity import requester_has_a_role_asked_for, requester_may_ask

Gates = dict[int, Gate | Hold]
"""What was found for an offer, by the offer's place in memory: each is kept as long as this."""

BEFORE = datetime(1970, 1, 1, tzinfo=UTC)


def requests_can_be_decided(view: View) -> Iterator[Fault]:
    """A request names what is offered, by somebody who may ask, with what is asked for."""
    offers: dict[tuple[str, str], Offer | Hold] = {}
    gates: Gates = {}
    for ref, request in sorted(view.requests.items()):
        if view.world.organizations.broken(ref.namespace):
            continue  # told of the organization, or of the namespace
        asked = (ref.namespace, request.spec.microservice.name)
        found = offers.get(asked) or offers.setdefault(asked, offered(view.world, *asked))
        if isinstance(found, Hold):
            yield from _not_offered(view, ref, request, found)
        else:
            yield from _mismatches(view, ref, request, found)
            yield from _not_allowed(view, ref, request, found)
            yield from _not_gated(view, ref, request, found, gates)


def people_are_known(view: View) -> Iterator[Fault]:
    """Requester and on-behalf-of are users."""
    if view.unsure("User"):
        return
    for ref, request in sorted(view.requests.items()):
        for field, name in (("requester", request.spec.requester), ("onBehalfOf", request.spec.on_behalf_of)):
            if name is not None and view.world.people.named(name) is None:
                known = [one for user in view.world.people.by_ref.values() for one in user.spec.names]
                hint = nearest(name, sorted(set(known)), "write the username or an alias of one User")
                yield _fault(ref, "request-person-unknown", ("spec", field), f"no one user signs in as {name!a}", hint)


def _fault(ref: Ref, rule: str, path: Path, text: str, hint: str = "") -> Fault:
    return Fault(rule, Ident("Request", *ref), path, text, hint)


def _not_offered(view: View, ref: Ref, request: Request, hold: Hold) -> Iterator[Fault]:
    if view.unsure("Microservice", "EnabledMicroservice", "Organization"):
        return
    world = view.world
    known = [one.name for one in world.enablements if one.namespace == ref.namespace]
    hint = nearest(request.spec.microservice.name, [*known, *(one.name for one in view.defaults)], "")
    yield _fault(ref, "request-not-offered", ("spec", "microservice", "name"), hold.message, hint)


def _mismatches(view: View, ref: Ref, request: Request, offer: Offer) -> Iterator[Fault]:
    """What is wrong with parameters and targets; a schema that is wrong is told where it stands."""
    given, targets, secrets = request.spec.parameters, request.spec.targets, offer.secrets
    judges = [(schema, None if schema is None else view.judge(schema)) for schema in offer.schemas]
    problems = {
        problem
        for schema, judge in judges
        if judge is None or not judge.problems
        for problem in parameter_problems(schema, given, judge, secrets)
    }
    yield from _faults(ref, "parameters", problems)
    wanted = (
        problem for rules, narrows in offer.target_rules for problem in target_problems(rules, targets, narrows=narrows)
    )
    yield from _faults(ref, "targets", set(wanted))


def _faults(ref: Ref, field: str, problems: set[Problem]) -> Iterator[Fault]:
    for one in sorted(problems, key=lambda one: (one.field, one.message)):
        yield _fault(ref, f"request-{field}", ("spec", field, *one.path), one.message, one.hint)


def _not_allowed(view: View, ref: Ref, request: Request, offer: Offer) -> Iterator[Fault]:
    person = view.world.people.named(request.spec.requester)
    if person is None or view.unsure("User", "AccessRole", "Module", "Organization"):
        return
    case = Case(ref, request.spec, 0, BEFORE, {})
    # Nearly everybody may ask: the chain that says why not is followed where there is something to say.
    free = not offer.service.spec.permissions and holds(view.world, person, offer.organization, CREATE)
    for rule in (requester_has_a_role_asked_for,) if free else (requester_may_ask, requester_has_a_role_asked_for):
        hold = rule(view.world, case, offer)
        if hold:
            hint = "somebody who may ask opens it, or the requester is given that right first"
            yield _fault(ref, "request-not-allowed", ("spec", "requester"), hold.message, hint)


def _not_gated(view: View, ref: Ref, request: Request, offer: Offer, gates: Gates) -> Iterator[Fault]:
    """Requests for one offer pass the same flows, unless a condition is on their parameters."""
    if view.unsure("Organization", "ApprovalFlow"):
        return
    found = gates.get(id(offer))
    if found is None:
        found = gate(view.world, offer, request.spec.parameters)
        if not any(on_parameters(use) for _, uses in offer.approvals for use in uses):
            gates[id(offer)] = found
    if isinstance(found, Hold) and found.reason != "ReferenceNotFound":
        yield _fault(ref, "request-held", ("spec", "microservice", "name"), found.message, "put its flows right first")


def entries_are_decisions(view: View) -> Iterator[Fault]:
    """Every approval entry says what its grammar says."""
    for ref, key, value in _entries(view):
        try:
            parse(value)
        except ValueError as refused:
            path = ("metadata", "annotations", ANNOTATION_PREFIX + key)
            yield _fault(ref, "approval-malformed", path, str(refused), "`status.approve` shows the line to write")


def entries_look_different(view: View) -> Iterator[Fault]:
    """No two entries of a request can be taken for each other."""
    alike: dict[tuple[Ref, str], list[str]] = {}
    for ref, key, _ in _entries(view):
        alike.setdefault((ref, fold(key)), []).append(key)
    for (ref, _), keys in alike.items():
        for key in keys if len(keys) > 1 else ():
            others = some([ascii(one) for one in keys if one != key])
            path = ("metadata", "annotations", ANNOTATION_PREFIX + key)
            yield _fault(ref, "approval-look-alike", path, f"looks like {others}", "give one of them another key")


def _entries(view: View) -> Iterator[tuple[Ref, str, str]]:
    for ref, request in sorted(view.requests.items()):
        for name, value in sorted(request.metadata.annotations.items()):
            if name.startswith(ANNOTATION_PREFIX):
                yield ref, name.removeprefix(ANNOTATION_PREFIX), value
