"""What `check` finds in a world: one small function a rule, in one order, all problems at once.

A rule looks at all that is declared and says what is wrong where. It never stops at the first problem, and never
concludes anything from a document that could not be read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from assent.api.names import Ident, Ref
from assent.api.requests import Request
from assent.core.checks import flows, gates, hierarchy, parameters, people, references, requests, services
from assent.core.checks.fault import Fault, Rule, View
from assent.core.checks.rules import RULES
from assent.core.world import World

__all__ = ["CHECKS", "PARTS", "RULES", "Fault", "check", "one_by_one"]

CHECKS: tuple[Rule, ...] = (
    hierarchy.one_platform,
    hierarchy.parents_lead_up,
    hierarchy.no_parents_in_a_circle,
    references.references_lead_somewhere,
    references.requests_lead_somewhere,
    people.names_are_one_persons,
    people.keys_are_one_persons,
    services.visibility_is_the_owners_to_give,
    services.enablements_stand_once,
    services.enablements_are_of_what_is_offered,
    services.offers_have_names_of_their_own,
    parameters.schemas_are_sound,
    parameters.schemas_are_closed,
    parameters.parameters_used_are_declared,
    parameters.secrets_are_no_arguments,
    parameters.no_argument_can_be_taken_for_an_option,
    flows.flows_are_possible,
    flows.approvers_are_there_today,
    gates.some_flow_applies,
    gates.the_platform_has_its_say,
    requests.people_are_known,
    requests.requests_can_be_decided,
    requests.entries_are_decisions,
    requests.entries_look_different,
)
"""Every rule, from what others rest on to what rests on others."""


_TOGETHER: tuple[tuple[Rule, ...], ...] = (
    (requests.requests_can_be_decided,),
    (
        flows.flows_are_possible,
        flows.approvers_are_there_today,
        gates.some_flow_applies,
        gates.the_platform_has_its_say,
    ),
    (references.references_lead_somewhere,),
    (
        parameters.schemas_are_sound,
        parameters.schemas_are_closed,
        parameters.parameters_used_are_declared,
        parameters.secrets_are_no_arguments,
        parameters.no_argument_can_be_taken_for_an_option,
    ),
)
PARTS = (*_TOGETHER, *((rule,) for rule in CHECKS if not any(rule in part for part in _TOGETHER)))
"""The rules in parts, the longest first; those that look at the same things stay together."""


def one_by_one(parts: Sequence[Sequence[Rule]], view: View) -> Iterator[Fault]:
    """What every rule finds."""
    return (fault for part in parts for rule in part for fault in rule(view))


Judged = Callable[[Sequence[Sequence[Rule]], View], Iterable[Fault]]
"""What applies every rule of some parts to a view."""


def check(
    world: World,
    requests: Mapping[Ref, Request] | None = None,
    *,
    unread: Collection[Ident] = (),
    hidden: Collection[str] = (),
    judged: Judged = one_by_one,
) -> tuple[Fault, ...]:
    """Everything wrong with what is declared, sorted by document and field.

    Args:
        world: all configuration that could be read.
        requests: all requests that could be read.
        unread: documents that are there and could not be read: what they say is unknown.
        hidden: the words of files that could not be read, among which the names of their documents are.
        judged: who applies the rules to the view, where not this process alone does.
    """
    view = View(world, requests or {}, frozenset(unread), frozenset(hidden))
    return tuple(sorted(set(judged(PARTS, view)), key=lambda fault: fault.order))
