"""Stages filled by maximum matching of people to stages.

An overlap neither starves a stage nor fills two with one person; one person counts once over all stages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from assent.api.names import Ident, Ref
from assent.core.access import role_of
from assent.core.approvers import Seat, entitled, pool
from assent.core.cases import Case, Voice
from assent.core.gates import Gate
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
    people: frozenset[Ref] = field(default_factory=frozenset)

    def seats_of(self, person: Ref) -> frozenset[int]:
        """The stages, by position, of which the person is an approver, then and now."""
        seats = enumerate(self.gate.seats)
        return frozenset(at for at, seat in seats if not entitled(self.world, seat, person, self.case.approvers))

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
        """The moment from which no decision counts any more."""
        within = self.gate.decide_within
        return self.case.seen_at + timedelta(seconds=within) if within else None


def weigh(bench: Bench) -> Tally:
    """What all decisions heard so far come to now."""
    approvals, dropped = _sift(bench, [voice for voice in bench.case.voices if voice.verb == "approve"])
    rejections, more = _sift(bench, [voice for voice in bench.case.voices if voice.verb == "reject"])
    filled = _fill(bench, approvals)
    rejection = next((one for one in rejections if _decisive(bench, one, filled)), None)
    stages = _states(bench, approvals, filled, rejection)
    approved_at = _approved_at(bench, approvals) if all(one.state == "Satisfied" for one in stages) else None
    return Tally(stages, (*dropped, *more), rejection, approved_at)


def why_not(bench: Bench, person: Ref | None, voice: Voice) -> str:
    """Why this decision of an approver's does not count now, as a word of the table; empty where it counts."""
    if person is None:
        return voice.because or "Unproven"
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
    words = [entitled(bench.world, seat, person, bench.case.approvers) for seat in bench.gate.seats]
    return next((word for word in words if word != "NotAnApprover"), "NotAnApprover")


def _why_digest(bench: Bench, voice: Voice) -> str:
    return "DigestStale" if voice.digest is not None and voice.digest != bench.digest else ""


def _sift(bench: Bench, voices: Iterable[Voice]) -> tuple[list[Voice], list[tuple[Voice, str]]]:
    """The decisions that count, one a person, and the others with the word why."""
    kept: dict[Ref, Voice] = {}
    dropped: list[tuple[Voice, str]] = []
    for voice in voices:
        word = voice.because or why_not(bench, voice.person, voice)
        if not word and voice.person in kept:
            word = "AlreadyJudged"
        if word or voice.person is None:
            dropped.append((voice, _now(voice, word)))
        else:
            kept[voice.person] = voice
    return _independent(bench, kept, dropped), dropped


def _now(voice: Voice, word: str) -> str:
    """A right that was there when the decision was judged, and is gone now, was lost."""
    return "RightLost" if not voice.because and word in {"NotEntitled", "NotAnApprover"} else word


def _independent(bench: Bench, kept: Mapping[Ref, Voice], dropped: list[tuple[Voice, str]]) -> list[Voice]:
    """Leaves out whom the requester has vouched for, then whom another approver who is left has vouched for."""
    if not bench.gate.independent:
        return list(kept.values())
    left = _unvouched(bench, kept, {bench.requester}, dropped)
    return list(_unvouched(bench, left, set(left), dropped).values())


def _unvouched(
    bench: Bench, kept: Mapping[Ref, Voice], circle: set[Ref | None], dropped: list[tuple[Voice, str]]
) -> dict[Ref, Voice]:
    """Those for whom nobody else of the circle has vouched; the others are dropped."""
    organization = bench.case.ref.namespace
    left = {
        one: voice for one, voice in kept.items() if not vouchers(bench.world, one, organization) & (circle - {one})
    }
    dropped += [(voice, "NotIndependent") for one, voice in kept.items() if one not in left]
    return left


def vouchers(world: World, person: Ref, organization: str) -> frozenset[Ref]:
    """Who last wrote the person's User, their role, or the role's entry that counts in the organization."""
    user = world.people.by_ref.get(person)
    role = role_of(user) if user else None
    notes = [world.provenance.get(Ident("User", *person))]
    notes += [world.provenance.get(Ident("AccessRole", *role))] if role else []
    origins = [note.document for note in notes if note]
    names = {f"entry:{name}" for name in (*world.organizations.path(organization), person.namespace, "*")}
    origins += [origin for note in notes if note for part, origin in note.parts.items() if part in names]
    return frozenset(origin.author for origin in origins if origin.author)


def _fill(bench: Bench, approvals: Sequence[Voice]) -> list[list[Ref]]:
    """The people counted for each stage: earlier stages first, nobody twice, as many as can be placed."""
    eligible = {voice.person: bench.seats_of(voice.person) for voice in approvals if voice.person}
    slots = [at for at, seat in enumerate(bench.gate.seats) for _ in range(seat.stage.quorum)]
    placed = matching([[person for person, seats in eligible.items() if at in seats] for at in slots])
    filled: list[list[Ref]] = [[] for _ in bench.gate.seats]
    for slot, person in sorted(placed.items()):
        filled[slots[slot]].append(person)
    return filled


def _states(
    bench: Bench, approvals: Sequence[Voice], filled: Sequence[Sequence[Ref]], rejection: Voice | None
) -> tuple[StageState, ...]:
    """Each stage's state; a group opens when every stage before it is satisfied."""
    by_person = {voice.person: voice for voice in approvals}
    states: list[StageState] = []
    opened, at = True, 0
    for group in bench.gate.groups:
        here = [_state(bench, seat, filled[at + i], rejection, opened=opened) for i, seat in enumerate(group)]
        for i, (seat, state) in enumerate(zip(group, here, strict=True)):
            can = _candidates(bench, approvals, at + i) if state == "Open" and not rejection else ()
            decisions = [by_person[person] for person in filled[at + i]]
            if state == "Rejected" and rejection:
                decisions.append(rejection)
            states.append(StageState(seat, state, tuple(decisions), can))
        opened = opened and all(state == "Satisfied" for state in here)
        at += len(group)
    return tuple(states)


def _state(bench: Bench, seat: Seat, people: Sequence[Ref], rejection: Voice | None, *, opened: bool) -> StageStatus:
    who = rejection.person if rejection else None
    if who and opened and not entitled(bench.world, seat, who, bench.case.approvers):
        return "Rejected"
    if len(people) >= seat.stage.quorum and opened:
        return "Satisfied"
    return "Open" if opened else "Waiting"


def _decisive(bench: Bench, rejection: Voice, filled: Sequence[Sequence[Ref]]) -> bool:
    """Whether the rejection is for a stage that is open or satisfied; for a waiting one it counts when that opens."""
    if rejection.person is None:
        return False
    mine, at = bench.seats_of(rejection.person), 0
    for group in bench.gate.groups:
        places = range(at, at + len(group))
        if mine & set(places):
            return True
        if any(len(filled[i]) < bench.gate.seats[i].stage.quorum for i in places):
            return False
        at += len(group)
    return False


def _candidates(bench: Bench, approvals: Sequence[Voice], stage: int) -> tuple[Ref, ...]:
    """Who could still fill the stage: themselves, or by setting free for it somebody who fills another one."""
    voted = {voice.person for voice in approvals}
    wanted = len(_fill(bench, approvals)[stage]) + 1
    found = []
    for person in sorted(set(pool(bench.world, bench.case.ref.namespace)) - voted):
        if _why_person(bench, person, approving=True) or _vouched(bench, person, voted):
            continue
        more = Voice(0, bench.case.seen_at, "approve", "", person, "Annotation", "")
        if stage in bench.seats_of(person) or len(_fill(bench, [*approvals, more])[stage]) >= wanted:
            found.append(person)
    return tuple(found)


def _vouched(bench: Bench, person: Ref, voted: Iterable[Ref | None]) -> bool:
    circle = {bench.requester, *voted} - {person}
    return bench.gate.independent and bool(vouchers(bench.world, person, bench.case.ref.namespace) & circle)


def _approved_at(bench: Bench, approvals: Sequence[Voice]) -> datetime:
    """When the last stage was satisfied: the first moment whose decisions so far suffice."""
    needed = sum(seat.stage.quorum for seat in bench.gate.seats)
    for count, voice in enumerate(approvals, start=1):
        if sum(map(len, _fill(bench, approvals[:count]))) == needed:
            return voice.at
    return max(bench.case.seen_at, bench.case.digest_at or bench.case.seen_at)
