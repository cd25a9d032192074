"""What somebody asks for in the panel: from what was typed to a request's spec, with all that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, Final

from assent.api.canonical import same
from assent.api.kinds import Problem, parse
from assent.api.names import Ref
from assent.api.requests import Request, RequestSpec, document
from assent.core.askable import askable_offer, may_be_for
from assent.core.decide import Decision
from assent.core.fields import Field, Posted
from assent.core.forms import TARGETS, fields, problems, shown, target_field, typed
from assent.core.history import is_reference
from assent.core.notebook import asked_by
from assent.core.offers import Offer, offered
from assent.core.previews import preview
from assent.core.seeing import Sight
from assent.errors import NotFoundError
from assent.portal.refusals import MissingError
from assent.portal.seen import Seen
from assent.portal.writable import unwritable

NAME: Final = "name"
BENEFICIARY: Final = "onBehalfOf"
REASON: Final = "reason"
NAMED_BY: Final = 57
"""Characters of a name before its number: five digits and a dash fit behind them."""

TAKEN: Final = Problem((), "the name has been used, and a name is used once", code="NameTaken")
STRANGER: Final = Problem((), "nobody whom you can ask for signs in by this name", code="NobodyToAskFor")
OWN: Final[Mapping[str, str]] = {NAME: "NameMalformed", BENEFICIARY: "Unseen", REASON: "Unseen"}
"""What is wrong with the fields that every request has, where a kind's refusal has no code."""

Texts = Mapping[str, Sequence[str]]
"""What stands in the fields of the form, by their names."""
Wrong = dict[str, list[Problem]]
"""What is wrong, by the name of the field; what is about none is under an empty name."""


@dataclass(frozen=True)
class Place:
    """One person before one offer that they may ask for."""

    seen: Seen
    sight: Sight
    username: str
    offer: Offer

    @property
    def organization(self) -> str:
        """In which they ask."""
        return self.offer.organization

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """What asks for parameters."""
        return fields(self.offer)

    @cached_property
    def targets(self) -> tuple[Field, ...]:
        """What asks for targets; nothing where none may be named."""
        found = target_field(self.offer)
        return (found,) if found else ()

    def ref(self, name: str) -> Ref:
        """The request of this name here."""
        return Ref(self.organization, name)


@dataclass(frozen=True)
class Draft:
    """A request that is not sent: what it comes to, or what is wrong with it.

    `decision` is there where nothing is, as if it had been brought in at this moment.
    """

    ref: Ref
    spec: RequestSpec | None = None
    wrong: Wrong = field(default_factory=dict)
    decision: Decision | None = None


def place_of(seen: Seen, sight: Sight, username: str, organization: str, name: str) -> Place:
    """Raises MissingError where there is no such offer, and where the person may not ask for it."""
    offer = askable_offer(seen.world, username, organization, name)
    if offer is None:
        raise MissingError
    return Place(seen, sight, username, offer)


def read(place: Place, posted: Posted) -> Draft:
    """The request that somebody typed."""
    given, named = typed(place.fields, posted), typed(place.targets, posted)
    wrong: Wrong = {name: [problem] for name, problem in (given.problems | named.problems).items()}
    spec: dict[str, Any] = {"microservice": {"name": place.offer.name}, "requester": place.username}
    spec |= {"parameters": given.parameters, "targets": named.parameters.get(TARGETS, [])}
    spec |= {name: text for name in (BENEFICIARY, REASON) if (text := _line(posted, name))}
    return check(place, place.ref(_line(posted, NAME)), spec, wrong)


def check(place: Place, ref: Ref, spec: Mapping[str, Any], known: Wrong | None = None) -> Draft:
    """The request of this name and spec, as things stand now; `known` is what is wrong with it already."""
    wrong = dict(known or {})
    for name, found_here in problems(place.offer, spec["parameters"], spec["targets"]).items():
        wrong.setdefault(name, found_here)
    found = _parsed(ref, spec, wrong)
    if found and not wrong:
        refused = unwritable(ref, found, place.fields).items()
        wrong |= {name: [Problem((), one, code="Unwritable") for one in some] for name, some in refused}
    other = spec.get(BENEFICIARY)
    if other and BENEFICIARY not in wrong and not may_be_for(place.sight, other):
        wrong[BENEFICIARY] = [STRANGER]
    if NAME not in wrong and taken(place, ref, found):
        wrong[NAME] = [TAKEN]
    return Draft(ref, found, wrong) if wrong or found is None else judged(place, ref, found)


def judged(place: Place, ref: Ref, spec: RequestSpec) -> Draft:
    """What a request comes to whose parts are right; what nothing could mend is wrong with it."""
    decision = preview(place.seen.world, ref, spec, place.seen.now, place.seen.state)
    if decision.end and decision.phase == "Invalid":
        return Draft(ref, spec, {"": [Problem((), decision.end.message, code=decision.end.reason)]}, decision)
    return Draft(ref, spec, {}, decision)


def _line(posted: Posted, name: str) -> str:
    """A text of one line, however it was broken and spaced."""
    return " ".join(" ".join(posted.get(name, ())).split())


def _parsed(ref: Ref, spec: Mapping[str, Any], wrong: Wrong) -> RequestSpec | None:
    """The spec as its kind reads it; what that refuses and no field has said yet is added."""
    found, refused = parse(document(ref, spec))
    for problem in refused:
        where = problem.path[1] if len(problem.path) > 1 else ""
        own = where in (NAME, BENEFICIARY, REASON)
        if own or not wrong:
            code = problem.code or OWN.get(str(where), "")
            wrong.setdefault(str(where) if own else "", []).append(replace(problem, path=(), code=code))
    return found.spec if isinstance(found, Request) else None


def taken(place: Place, ref: Ref, spec: RequestSpec | None) -> bool:
    """Whether the name is another request's: one that was seen, or one that was asked for otherwise."""
    state = place.seen.state
    return ref in state.cases or (ref in state.asked and not (spec and sent(place, ref, spec)))


def sent(place: Place, ref: Ref, spec: RequestSpec) -> bool:
    """Whether this person has asked for this very request already."""
    state, person = place.seen.state, place.sight.person
    if asked_by(state, place.seen.world, ref, spec) == person:
        return True
    case = state.cases.get(ref)
    return case is not None and case.proven_by == person and same(case.spec.plain(), spec.plain())


def free(place: Place, besides: str = "") -> str:
    """The first free number behind offer and person, so that two people's names do not meet."""
    stem = f"{place.offer.name}-{place.sight.person.name}"[:NAMED_BY]
    names = (f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name != besides and not taken(place, place.ref(name), None))


def blank(place: Place) -> Texts:
    """A form that nobody has typed into: defaults stand where a field is asked for in any case."""
    found = {one.name: list(one.default) for one in place.fields if not one.when}
    return found | {NAME: [free(place)]}


def like(place: Place, text: str) -> Texts:
    """A form that asks for the same again; raises MissingError for a request that the person does not see.

    What is secret where it was asked for stays so, whatever the form is for (rule 43).
    """
    try:
        decision = place.seen.decision(Ref.parse(text))
    except (ValueError, NotFoundError):
        raise MissingError from None
    if not place.sight.may_see(decision):
        raise MissingError
    spec = decision.case.spec
    offer = offered(place.seen.world, decision.case.ref.namespace, spec.microservice.name)
    secret = offer.secrets if isinstance(offer, Offer) else frozenset(spec.parameters)
    kept = {name: value for name, value in spec.parameters.items() if name not in secret or is_reference(value)}
    return filled(place, free(place), spec.model_copy(update={"parameters": kept}))


def filled(place: Place, name: str, spec: RequestSpec) -> Texts:
    """A form that comes to this spec."""
    return {
        **shown(place.fields, spec.parameters),
        **shown(place.targets, {TARGETS: list(spec.targets)} if spec.targets else {}),
        **dict(_own(name, spec)),
    }


def _own(name: str, spec: RequestSpec) -> Iterator[tuple[str, list[str]]]:
    for field_, text in ((NAME, name), (BENEFICIARY, spec.on_behalf_of), (REASON, spec.reason)):
        yield field_, [text] if text else []
