"""Flows that people can get through: enough of them for every stage."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from assent.api.flows import RELATIVE, ApprovalFlow
from assent.api.names import Ident, Ref
from assent.core.access import role_of
from assent.core.approvers import Seat, admissions, memberships, why_not_entitled
from assent.core.checks.fault import Fault, View
from assent.core.checks.situations import Situation, situations, warnings
from assent.core.gates import Gate
from assent.core.matching import matching

Candidates = Callable[[Seat], Iterator[Ref]]


def flows_are_possible(view: View) -> Iterator[Fault]:
    """No flow asks for more people than there are, rights and suspensions aside, wherever it may be used."""
    if view.unsure("User", "AccessRole", "Organization"):
        return
    for ref, flow in sorted(view.world.flows.items()):
        candidates = _kept(lambda seat: _existing(view, seat))
        seat = _impossible(view, ref, flow, candidates)
        if seat is not None:
            at = [stage.name for stage in flow.spec.stages].index(seat.stage.name)
            text = f"stage {seat.stage.name} cannot be filled: {_why(seat, candidates(seat), 'exist')}"
            path = ("spec", "stages", at, "quorum")
            yield Fault(
                "flow-impossible", Ident("ApprovalFlow", *ref), path, text, "ask for fewer, or admit more people"
            )


def _impossible(view: View, ref: Ref, flow: ApprovalFlow, candidates: Candidates) -> Seat | None:
    """The first stage that nobody could ever fill beside those before it; None where one organization has the people.

    A stage whose group has nobody yet says nothing: people can join it, and whoever uses the flow is warned.
    """
    found = None
    for organization in _organizations(view, ref, flow):
        seats = [Seat(ref, stage, organization) for stage in flow.spec.stages]
        peopled = [seat for seat in seats if not _empty_group(view, seat, candidates)]
        short = first_unfilled(peopled, candidates)
        if short is None and len(peopled) == len(seats):
            return None
        found = found or short
    return found


def _organizations(view: View, ref: Ref, flow: ApprovalFlow) -> Iterator[str]:
    """From where to look: all that may use the flow where it names people by what they are to a request."""
    tree = view.world.organizations
    entries = [entry for stage in flow.spec.stages for entry in stage.approvers]
    if not any(RELATIVE.intersection(entry.organizations) - {"Platform"} for entry in entries):
        yield ref.namespace
    elif ref.namespace == tree.platform:
        yield from sorted(tree.by_name)
    else:
        yield from tree.below(ref.namespace)


def _empty_group(view: View, seat: Seat, candidates: Candidates) -> bool:
    """Whether the stage admits nobody yet, for all that its documents say."""
    open_to_more = any(entry.organizations or entry.roles for entry in seat.stage.approvers)
    named = [Ref(one.owner(seat.flow.namespace), one.name) for entry in seat.stage.approvers for one in entry.users]
    nobody_named = not any(one in view.world.people.by_ref for one in named)
    return (open_to_more or nobody_named) and next(candidates(seat), None) is None


def _meant(view: View, seat: Seat) -> Iterator[Ref]:
    """Everybody whom an entry of the stage could mean."""
    people, owner = view.world.people, seat.flow.namespace
    meant: dict[Ref, None] = {}
    for entry in seat.stage.approvers:
        for organization in sorted(filter(None, memberships(view.world, entry, seat.organization))):
            meant |= dict.fromkeys(people.members.get(organization, ()))
        for one in entry.roles:
            meant |= dict.fromkeys(people.having.get(Ref(one.owner(owner), one.name), ()))
        meant |= dict.fromkeys(Ref(one.owner(owner), one.name) for one in entry.users)
    return (ref for ref in meant if ref in people.by_ref)


def _existing(view: View, seat: Seat) -> Iterator[Ref]:
    """Every Human whom the stage admits, suspended or not, with the right or without it."""
    entries = admissions(view.world, seat)
    for ref in _meant(view, seat):
        user = view.world.people.by_ref[ref]
        if user.spec.type == "Human" and any(entry.admits(ref, role_of(user)) for entry in entries):
            yield ref


def first_unfilled(seats: Sequence[Seat], candidates: Candidates) -> Seat | None:
    """The first stage that cannot be filled beside those before it with different people; None where all can."""
    slots = [seat for seat in seats for _ in range(seat.stage.quorum)]
    # Whoever has as many candidates as there are slots can always be filled: more need not be looked for.
    found = {seat.name: list(islice(candidates(seat), len(slots))) for seat in seats}
    filled = matching([found[seat.name] for seat in slots])
    return next((seat for at, seat in enumerate(slots) if at not in filled), None)


def _why(seat: Seat, candidates: Iterator[Ref], what: str) -> str:
    there, wanted = len(list(candidates)), seat.stage.quorum
    if there < wanted:
        return f"it needs {wanted}, and of those whom it admits {there or 'none'} {what}"
    return f"it needs {wanted} beside the people of the stages before it, and too few {what}"


def approvers_are_there_today(view: View) -> Iterator[Fault]:
    """Whatever is offered could be approved today, if somebody asked for it."""
    if view.unsure("User", "AccessRole", "Module", "Organization", "ApprovalFlow"):
        return
    hint = "give somebody whom the stage admits `automate` Requests Approve there"
    yield from warnings("approvers-missing", _understaffed(view), hint)


def _understaffed(view: View) -> Iterator[tuple[Situation, str]]:
    judged: dict[tuple[str, ...], Seat | None] = {}
    candidates = _kept(lambda seat: _able(view, seat))
    for situation in view.kept("situations", situations):
        for gate in situation.gates:
            seats = gate.seats if isinstance(gate, Gate) else ()
            asked = (situation.organization, *(seat.name for seat in seats))
            if asked not in judged:
                judged[asked] = first_unfilled(seats, candidates)
            short = judged[asked]
            if short:
                why = _why(short, candidates(short), "may approve")
                yield situation, f"stage {short.name} cannot be filled today: {why}"
                break


def _kept(find: Candidates) -> Candidates:
    """The same, where a stage's people are looked for once."""
    found: dict[tuple[str, str], _Kept] = {}

    def candidates(seat: Seat) -> Iterator[Ref]:
        where = (seat.organization, seat.name)
        if where not in found:
            found[where] = _Kept(find(seat))
        return iter(found[where])

    return candidates


class _Kept:
    """People found one by one, as far as somebody asks, and remembered."""

    def __init__(self, more: Iterator[Ref]) -> None:
        self._found: list[Ref] = []
        self._more = more

    def __iter__(self) -> Iterator[Ref]:
        yield from self._found
        for one in self._more:
            self._found.append(one)
            yield one


def _able(view: View, seat: Seat) -> Iterator[Ref]:
    """Who could fill the stage today."""
    entries = admissions(view.world, seat)
    for person in _meant(view, seat):
        role = role_of(view.world.people.by_ref[person])
        if role and not why_not_entitled(view.world, seat, person, {person: role}, entries=entries):
            yield person
