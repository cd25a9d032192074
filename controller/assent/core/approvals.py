"""Stages filled by maximum matching of people to stages.

An overlap neither starves a stage nor fills two with one person; one person counts once over all stages.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from assent.api.decisions import Verb
from assent.api.names import Ref
from assent.core.approvers import Admission, Seat, admissions, pool, why_not_entitled
from assent.core.cases import Case, Voice
from assent.core.gates import Gate
from assent.core.independence import independent, vouchers
from assent.core.matching import matching
from assent.core.world import World

StageStatus = Literal["Waiting", "Open", "Satisfied", "Rejected"]


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage as it stands: `filled` are the people counted for it, `can_decide` who could still fill it."""

    seat: Seat
    state: StageStatus
    decisions: tuple[Voice, ...] = ()
    can_decide: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """All decisions of a request weighed: what each stage came to, and what does not count, with the word why."""

    stages: tuple[StageState, ...]
    not_counted: tuple[tuple[Voice, str], ...] = ()
    rejection: Voice | None = None
    approved_at: datetime | None = None

    @property
    def satisfied(self) -> bool:
        """Whether every stage is."""
        return all(stage.state == "Satisfied" for stage in self.stages)


@dataclass(frozen=True)
class Bench:
    """Who is being judged for what: a request's gate and digest, seen in one world."""

    world: World
    case: Case
    gate: Gate
    digest: str

    def seats_of(self, person: Ref) -> frozenset[int]:
        """The stages, by position, of which the person is an approver, then and now."""
        return frozenset(at for at, word in enumerate(self.words_on(person)) if not word)

    def words_on(self, person: Ref) -> tuple[str, ...]:
        """For each stage why the person is no approver of it, empty where they are; found once, since all is frozen."""
        words = self._words.get(person)
        if words is None:
            judged = zip(self.gate.seats, self._entries, strict=True)
            world, then = self.world, self.case.approvers
            words = tuple(why_not_entitled(world, seat, person, then, entries=entries) for seat, entries in judged)
            self._words[person] = words
        return words

    @cached_property
    def _words(self) -> dict[Ref, tuple[str, ...]]:
        return {}

    @cached_property
    def _entries(self) -> tuple[tuple[Admission, ...], ...]:
        return tuple(admissions(self.world, seat) for seat in self.gate.seats)

    @property
    def requester(self) -> Ref | None:
        """The person who asks, by whichever of their names."""
        return self.world.people.named(self.case.spec.requester)

    @property
    def on_behalf_of(self) -> Ref | None:
        """The person for whom it is asked; None where nobody is named."""
        name = self.case.spec.on_behalf_of
        return self.world.people.named(name) if name else None

    @property
    def deadline(self) -> datetime | None:
        """The last moment at which a decision counts."""
        return self.gate.deadline(self.case.seen_at)


def weigh(bench: Bench) -> Tally:
    """What all decisions heard so far come to now."""
    votes, dropped = _sift(bench, "approve")
    rejections, more = _sift(bench, "reject")
    counted = _independent(bench, list(votes))
    dropped += [(voice, "NotIndependent") for person, voice in votes.items() if person not in counted]
    filled = _fill(bench, counted)
    reached = _reached(bench, filled)
    rejection = next((one for person, one in rejections.items() if bench.seats_of(person) & reached), None)
    stages = _states(bench, votes, filled, rejection)
    approved_at = _approved_at(bench, votes) if all(one.state == "Satisfied" for one in stages) else None
    return Tally(stages, (*dropped, *more), rejection, approved_at)


def why_not(bench: Bench, person: Ref | None, voice: Voice) -> str:
    """Why this decision of an approver's does not count now, as a word of the table; empty where it counts."""
    if person is None:
        return "Unproven"
    if bench.world.people.named(voice.username) != person:
        return "SignerMismatch"
    return (
        _why_channel(bench, voice) or _why_person(bench, person, voice.verb == "approve") or _why_digest(bench, voice)
    )


def _why_channel(bench: Bench, voice: Voice) -> str:
    if bench.gate.flows and voice.channel not in bench.gate.accepts:
        return "ChannelNotAccepted"
    if bench.gate.sign_in and not voice.signed_in:
        return "SignInRequired"
    return "TooLate" if bench.deadline and voice.at > bench.deadline else ""


def _why_person(bench: Bench, person: Ref, approving: bool) -> str:  # noqa: FBT001 -- the verb, as one bit
    if person == bench.requester and not bench.gate.self_approval:
        return "SelfApproval" if approving else "NotAnApprover"
    if approving and person == bench.on_behalf_of:
        return "OnBehalfOf"
    if bench.seats_of(person):
        return ""
    return next((word for word in bench.words_on(person) if word != "NotAnApprover"), "NotAnApprover")


def _why_digest(bench: Bench, voice: Voice) -> str:
    return "DigestStale" if voice.digest is not None and voice.digest != bench.digest else ""


def _sift(bench: Bench, verb: Verb) -> tuple[dict[Ref, Voice], list[tuple[Voice, str]]]:
    """The decisions of this kind that count, one a person, and the others with the word why."""
    kept: dict[Ref, Voice] = {}
    dropped: list[tuple[Voice, str]] = []
    for voice in bench.case.voices:
        if voice.verb != verb:
            continue
        word = voice.because or why_not(bench, voice.person, voice)
        if not word and voice.person in kept:
            word = "AlreadyJudged"
        if word or voice.person is None:
            dropped.append((voice, _now(voice, word)))
        else:
            kept[voice.person] = voice
    return kept, dropped


def _now(voice: Voice, word: str) -> str:
    """A right, or a name, that was there when the decision was judged and is gone now was lost."""
    return "RightLost" if not voice.because and word in {"NotEntitled", "NotAnApprover", "SignerMismatch"} else word


def _independent(bench: Bench, people: Sequence[Ref]) -> list[Ref]:
    """Those who count where approvers must be independent; all of them where they need not be."""
    if not bench.gate.independent:
        return list(people)
    organization = bench.case.ref.namespace
    counted = independent({one: vouchers(bench.world, one, organization) for one in people}, bench.requester)
    return [one for one in people if one in counted]


def _fill(bench: Bench, people: Sequence[Ref]) -> list[list[Ref]]:
    """The people counted for each stage: earlier stages first, nobody twice, as many as can be placed."""
    slots = [at for at, seat in enumerate(bench.gate.seats) for _ in range(seat.stage.quorum)]
    filled: list[list[Ref]] = [[] for _ in bench.gate.seats]
    for slot, person in sorted(_placed(bench, people, slots).items()):
        filled[slots[slot]].append(person)
    return filled


def _placed(bench: Bench, people: Sequence[Ref], slots: Sequence[int]) -> dict[int, Ref]:
    """Who fills which of these slots, each named by its stage's position; whoever came first is placed first."""
    eligible = {person: bench.seats_of(person) for person in people}
    return matching([[person for person, seats in eligible.items() if at in seats] for at in slots])


def _states(
    bench: Bench, votes: Mapping[Ref, Voice], filled: Sequence[Sequence[Ref]], rejection: Voice | None
) -> tuple[StageState, ...]:
    """Each stage's state; a group opens when every stage before it is satisfied."""
    states: list[StageState] = []
    opened, at = True, 0
    for group in bench.gate.groups:
        here = [_state(bench, seat, filled[at + i], rejection, opened=opened) for i, seat in enumerate(group)]
        for i, (seat, state) in enumerate(zip(group, here, strict=True)):
            can = _candidates(bench, votes, filled, at + i) if state == "Open" and not rejection else ()
            decisions = [votes[person] for person in filled[at + i]]
            if state == "Rejected" and rejection:
                decisions.append(rejection)
            states.append(StageState(seat, state, tuple(decisions), can))
        opened = opened and all(state == "Satisfied" for state in here)
        at += len(group)
    return tuple(states)


def _state(bench: Bench, seat: Seat, people: Sequence[Ref], rejection: Voice | None, *, opened: bool) -> StageStatus:
    who = rejection.person if rejection else None
    if who and opened and not why_not_entitled(bench.world, seat, who, bench.case.approvers):
        return "Rejected"
    if len(people) >= seat.stage.quorum and opened:
        return "Satisfied"
    return "Open" if opened else "Waiting"


def _reached(bench: Bench, filled: Sequence[Sequence[Ref]]) -> frozenset[int]:
    """The stages, by position, that are open or satisfied: a rejection for one that waits counts when that opens."""
    reached: list[int] = []
    for group in bench.gate.groups:
        places = range(len(reached), len(reached) + len(group))
        reached += places
        if any(len(filled[at]) < bench.gate.seats[at].stage.quorum for at in places):
            break
    return frozenset(reached)


def _candidates(bench: Bench, votes: Collection[Ref], filled: Sequence[Sequence[Ref]], stage: int) -> tuple[Ref, ...]:
    """Whose approval would fill one more place of the stage while every place that is filled stays filled.

    They fill it themselves, or set somebody free for it who fills another stage.
    """
    wanted = [*(at for at, people in enumerate(filled) for _ in people), stage]
    fits: dict[frozenset[int], bool] = {}
    found = []
    for person in sorted(set(pool(bench.world, bench.case.ref.namespace)) - set(votes)):
        if _why_person(bench, person, approving=True):
            continue
        counted = _independent(bench, [*votes, person])
        seats = bench.seats_of(person)
        if bench.gate.independent or seats not in fits:
            # Where nobody's word hangs on another's, only the stages that a person can decide tell them apart.
            fits[seats] = person in counted and len(_placed(bench, counted, wanted)) == len(wanted)
        if fits[seats]:
            found.append(person)
    return tuple(found)


def _approved_at(bench: Bench, votes: Mapping[Ref, Voice]) -> datetime:
    """When the last stage was satisfied: the first moment whose decisions so far suffice."""
    needed = sum(seat.stage.quorum for seat in bench.gate.seats)
    people = list(votes)
    for count, voice in enumerate(votes.values(), start=1):
        if sum(map(len, _fill(bench, _independent(bench, people[:count])))) == needed:
            return voice.at
    return max(bench.case.seen_at, bench.case.digest_at or bench.case.seen_at)
