"""One request, one world, one moment: what it has come to, and what is to be done.

decide(world, case, door, now) → Decision. The action, if any, has been checked in this very world at this very moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.api.decisions import SETTLING
from assent.api.plans import Plan, RunnerName
from assent.api.requests import Phase
from assent.core.approvals import Bench, Tally, weigh
from assent.core.cases import Case, End, Voice
from assent.core.holds import Hold, detailed
from assent.core.plans import PREFERENCE, plan
from assent.core.validity import Valid, validate
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Door:
    """What the door brings: its runners, and how many runs of a microservice are going on in an organization."""

    runners: tuple[RunnerName, ...] = ()
    running: Callable[[str, str], int] = lambda _organization, _microservice: 0


EVERY_RUNNER = Door(PREFERENCE)
"""What a look from outside assumes, which cannot know what runners a controller has: that says itself what it lacks."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a request has come to.

    `valid` and `tally` are there where it could be judged; `hold` says why it waits where it does.
    At most one of `end` and `claim` is set: what the pass is to record or to start.
    `look_at` is the next moment at which time alone changes the answer.
    """

    phase: Phase
    case: Case
    valid: Valid | None = None
    tally: Tally | None = None
    hold: Hold | None = None
    end: End | None = None
    claim: Plan | None = None
    look_at: datetime | None = None

    @property
    def digest(self) -> str | None:
        """The digest that counts: the one that was claimed, else the present one."""
        if self.case.claim:
            return self.case.claim.digest
        return self.valid.digest if self.valid else self.case.digest

    @property
    def deadline(self) -> datetime | None:
        """Until when decisions count; None where there is no such time, or it cannot be judged."""
        return self.valid.gate.deadline(self.case.seen_at) if self.valid else None


def decide(world: World, case: Case, door: Door, now: datetime) -> Decision:
    """The first of these that applies: it has ended; it runs; somebody called it back; it waits; it is approved."""
    if case.end and case.end.phase != "Unknown":
        return Decision("Invalid" if case.reused else case.end.phase, case)
    if case.claim:
        return _claimed(case, now)
    called = _called_back(case)
    if called:
        return Decision(called.phase, case, end=called)
    found = validate(world, case)
    if found.invalid:
        return Decision("Invalid", case, end=End(now, "Invalid", found.invalid.reason, found.invalid.message))
    if found.hold or found.valid is None:
        return Decision("Submitted", case, valid=found.valid, hold=found.hold)
    return _judged(world, case, found.valid, door, now)


def _claimed(case: Case, now: datetime) -> Decision:
    """After the claim nothing is called back: it runs, has ended, or a person settles it."""
    settled = _settled(case)
    if settled:
        return Decision(settled.phase, case, end=settled)
    states = [result.state for result in case.results.values()]
    wanted = len(case.claim.plan["executions"]) if case.claim else 0
    if case.end or len(states) < wanted or "Running" in states:
        return Decision(case.end.phase if case.end else "Running", case)
    end = _outcome(states, now)
    return Decision(end.phase, case, end=end)


def _outcome(states: Sequence[str], now: datetime) -> End:
    """What the executions come to together; one that nobody can know makes the run unknown."""
    good, total = states.count("Succeeded"), len(states)
    if "Unknown" in states:
        text = "the outcome of the run cannot be known; somebody who may cancel settles it"
        return End(now, "Unknown", "RunUnknown", text)
    if good == total:
        return End(now, "Succeeded", "RunSucceeded", "the run succeeded")
    if good:
        return End(now, "PartiallyFailed", "RunPartlyFailed", f"{total - good} of {total} targets failed")
    return End(now, "Failed", "RunFailed", "the run failed")


def _settled(case: Case) -> End | None:
    """A person with the right to cancel says how a manual or an unknown run ended."""
    for voice in case.voices if case.unsure else ():
        if voice.verb in SETTLING and not voice.because:
            good = voice.verb == "settle-succeeded"
            text = f"{voice.username} settled it: {voice.reason}"
            phase: Phase = "Succeeded" if good else "Failed"
            return End(voice.at, phase, "RunSucceeded" if good else "RunFailed", text, str(voice.person))
    return None


def _called_back(case: Case) -> End | None:
    """The first withdrawal or cancellation that counted; it needs no valid request."""
    for voice in case.voices:
        if voice.because or voice.verb not in ("withdraw", "cancel"):
            continue
        because = f": {voice.reason}" if voice.reason else ""
        if voice.verb == "withdraw":
            return End(voice.at, "Withdrawn", "Withdrawn", f"{voice.username} withdrew it{because}", str(voice.person))
        return End(voice.at, "Cancelled", "Cancelled", f"{voice.username} cancelled it{because}", str(voice.person))
    return None


def _judged(world: World, case: Case, valid: Valid, door: Door, now: datetime) -> Decision:
    bench = Bench(world, case, valid.gate, valid.digest)
    tally = weigh(bench)
    if tally.rejection:
        return Decision("Rejected", case, valid, tally, end=_rejected(tally.rejection))
    if not tally.satisfied:
        if bench.deadline and now > bench.deadline:
            text = f"not every stage was satisfied within {_shown(bench.gate.decide_within)} of its first observation"
            return Decision("Expired", case, valid, tally, end=End(now, "Expired", "DecisionDeadline", text))
        return Decision("PendingApproval", case, valid, tally, look_at=bench.deadline)
    return _approved(case, valid, tally, door, now)


def _rejected(voice: Voice) -> End:
    return End(voice.at, "Rejected", "Rejected", f"{voice.username} rejected it: {voice.reason}", str(voice.person))


def _approved(case: Case, valid: Valid, tally: Tally, door: Door, now: datetime) -> Decision:
    """Approved by all: it runs now, unless its time has passed, its turn has not come, or nothing here can run it."""
    within = valid.gate.run_within
    last = tally.approved_at + timedelta(seconds=within) if within and tally.approved_at else None
    if last and now > last:
        text = f"it was approved, but did not start within {_shown(within)}"
        return Decision("Expired", case, valid, tally, end=End(now, "Expired", "RunDeadline", text))
    spec, name = valid.offer.service.spec, f"{valid.offer.owner}/{valid.offer.service.name}"
    if door.running(case.ref.namespace, name) >= spec.concurrency:
        text = f"{spec.concurrency} of {name} may run at once in {case.ref.namespace}, and as many are running"
        full = detailed("RunsFull", text, organization=case.ref.namespace, limit=spec.concurrency)
        return Decision("Approved", case, valid, tally, hold=full, look_at=last)
    found = plan(case, valid, door.runners)
    if isinstance(found, Hold):
        return Decision("Approved", case, valid, tally, hold=found, look_at=last)
    return Decision("Approved", case, valid, tally, claim=found, look_at=last)


def _shown(within: int | None) -> str:
    """Seconds in the largest unit that leaves no rest."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if within and within % size == 0:
            return f"{within // size}{unit}"
    return f"{within}s"
