"""One pass: what the branch brought in is judged, open requests are decided, and what is to run is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assent.api.ledger import NewRecord, Record
from assent.api.names import Ref
from assent.api.plans import RunnerName
from assent.api.records import stamp
from assent.core.cases import Case, End
from assent.core.decide import Decision, Door, decide
from assent.core.endings import ending, validated
from assent.core.intake import Intake
from assent.core.state import advance, fold
from assent.core.status import stages
from assent.errors import ConflictError, HistoryError, LedgerError
from assent.reconcile.knowledge import Knowledge, documents, recall
from assent.reconcile.protocols import Crossing, Ledger, Repository, Runner
from assent.reconcile.trust import trusting
from assent.reconcile.workshop import Workshop

MAX_JUMP = 60.0
"""Seconds by which the clock may move against the monotonic one, or behind the ledger, before execution pauses."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A pass's one look at the clocks: the time of day, and a monotonic number of seconds."""

    now: datetime
    monotonic: float


@dataclass
class Summary:
    """What one pass did, for the one line that it leaves in the log."""

    head: str = ""
    commits: int = 0
    decided: int = 0
    waiting: int = 0
    started: int = 0
    ended: int = 0
    refused: int = 0
    held: tuple[str, ...] = ()
    paused: str = ""


@dataclass
class Controller:
    """A branch, a ledger and some runners, and what is known between two passes.

    `step` is one pass. Only what changed is read and judged again: new commits, requests that they concern, and
    requests whose time has come; when the world changes, every open request is decided anew.
    """

    repository: Repository
    ledger: Ledger
    runners: Mapping[RunnerName, Runner]
    crossed: Crossing = lambda _point: None
    workers: int = 4
    known: Knowledge | None = None
    decisions: dict[Ref, Decision] = field(default_factory=dict)
    _last: Moment | None = None
    _ended: int = 0
    _stale: bool = False

    def __post_init__(self) -> None:
        self.look_up = documents(self.repository)
        self.workshop = Workshop(self.runners, self.crossed, self.workers)

    def start(self, moment: Moment, trust_root: str | None = None) -> None:
        """Recalls the ledger, and takes a first trusted commit on where one is named for the first time."""
        records = trusting(self.repository, self.ledger, self.look_up, trust_root) if trust_root else []
        if records:
            self.crossed("trusting")
            self._write(records, moment.now)
            self.crossed("trusted")
        self._recall()
        if not self.knowledge.state.root:
            raise HistoryError(
                "the ledger is empty, and no first trusted commit is named",
                "look at the commit whose documents are to be in force, and start with --trust-root COMMIT",
            )

    def _recall(self) -> None:
        """Everything anew from the ledger, which alone says what is so."""
        self.known = recall(self.repository, self.ledger, self.look_up)
        self.decisions.clear()
        self._stale = False

    @property
    def knowledge(self) -> Knowledge:
        """What is known; `start` has been called."""
        if self.known is None:
            raise HistoryError("the controller has not started")
        return self.known

    @property
    def restless(self) -> bool:
        """Whether another pass would find something to do at once: work going on, or claimed and not started."""
        claimed = any(
            case.claim and not case.end and not _by_hand(case) and self.workshop.able(case)
            for case in self.knowledge.state.cases.values()
        )
        return self.workshop.busy or claimed

    def step(self, moment: Moment) -> Summary:
        """One pass; what it starts goes on beside the next passes."""
        summary, self._ended = Summary(ended=self._ended), 0
        if self._stale:
            self._recall()
        self._read(moment, summary)
        self.crossed("read")
        summary.paused = self._pause(moment)
        self._collect(moment.now, summary)
        self._decide(moment.now, summary)
        self._last = moment
        return summary

    def collect(self, moment: Moment, summary: Summary) -> None:
        """Records what has ended since the pass; called between passes, so that no result waits for the next.

        The next pass's summary counts it as well, since this one has been told already.
        """
        before = summary.ended
        if self._stale:
            self._recall()
        self._collect(moment.now, summary)
        self._ended += summary.ended - before

    def _read(self, moment: Moment, summary: Summary) -> None:
        """Judges every commit since the last recorded head, and records all of it at once."""
        summary.head = self.repository.head()
        state = self.knowledge.state
        if summary.head == state.head:
            return
        intake = Intake(state, self.knowledge.world, self.knowledge.forced, documents=self.look_up)
        for commit in self.repository.commits(state.head, summary.head):
            intake.take(commit, moment.now)
            summary.commits += 1
        intake.note(NewRecord("head", summary.head, {"commit": summary.head}), moment.now)
        self.crossed("judged")
        written = self._write(intake.records, moment.now)
        self.crossed("noted")
        if self._stale:
            raise ConflictError(
                "somebody else wrote to the ledger during the pass", "it is read again at the next pass"
            )
        summary.refused = len(intake.state.standing)
        if intake.world is not self.knowledge.world:
            self.decisions.clear()
        for ref in [one for one in self.decisions if intake.state.cases[one] is not state.cases.get(one)]:
            del self.decisions[ref]
        self.known = replace(self.knowledge, state=fold(written, state), world=intake.world, forced=intake.forced)

    def _pause(self, moment: Moment) -> str:
        """Why nothing may be started now: a clock that moved cannot be trusted with deadlines (rule 19)."""
        last = self.knowledge.state.at or moment.now
        if (last - moment.now).total_seconds() > MAX_JUMP:
            return f"the clock says {stamp(moment.now)}, which is before the ledger's own {stamp(last)}"
        if self._last is None:
            return ""
        drift = (moment.now - self._last.now).total_seconds() - (moment.monotonic - self._last.monotonic)
        return f"the clock moved by {drift:.0f} s since the last pass" if abs(drift) > MAX_JUMP else ""

    def _decide(self, now: datetime, summary: Summary) -> None:
        """Every open request whose answer may have changed is decided and acted on: first seen, first served."""
        for ref, case in sorted(self.knowledge.state.cases.items(), key=lambda one: one[1].seen):
            if not case.open:
                continue
            decision = self.decisions.get(ref)
            if decision is None or _due(decision, now):
                summary.decided += 1
                self._apply(self._decision(case, now), now, summary)
            summary.waiting += self.knowledge.state.cases[ref].open

    def _decision(self, case: Case, now: datetime) -> Decision:
        door = Door(tuple(self.runners), self._running)
        return decide(self.knowledge.world, case, door, now)

    def _running(self, organization: str, microservice: str) -> int:
        """Runs of a microservice going on in an organization: claimed and not ended, or ended unknown."""
        cases = self.knowledge.state.cases.values()
        return sum(
            case.claim is not None and case.open and case.claim.plan["microservice"] == microservice
            for case in cases
            if case.ref.namespace == organization
        )

    def _apply(self, decision: Decision, now: datetime, summary: Summary) -> None:
        """Writes down what was decided, then starts what may start."""
        case = decision.case
        self.decisions[case.ref] = decision
        for record in validated(decision):
            self.append([record], now)
            self.crossed("validated")
        if decision.end:
            self._end(decision, decision.end, now, summary)
        elif case.claim:
            self._recover(case, now, summary)
        elif decision.claim and not summary.paused:
            self._claim(decision, now, summary)

    def _end(self, decision: Decision, end: End, now: datetime, summary: Summary) -> None:
        case = decision.case
        self.crossed("ending")
        self.append([ending(self.knowledge.world, decision, end)], now)
        self.crossed("ended")
        self.decisions.pop(case.ref, None)
        if case.claim:
            self._wake(case.ref.namespace)
        summary.ended += 1

    def _wake(self, organization: str) -> None:
        """A run that ended may make room for another of the same organization."""
        for ref in [one for one in self.decisions if one.namespace == organization]:
            del self.decisions[ref]

    def _claim(self, decision: Decision, now: datetime, summary: Summary) -> None:
        """Claims the run with the very plan that was digested, unless the runner says that it cannot."""
        plan, case = decision.claim, decision.case
        if plan is None:
            return
        why = self.runners[plan.runner].check(plan)
        if why:
            summary.held += (f"{case.ref}: {why}",)
            held = ("RunnerNotAvailable", why)
            if case.held != held:
                self.append([NewRecord("held", str(case.ref), {"reason": held[0], "message": why})], now)
                self.crossed("held")
            return
        self.crossed("claiming")
        self.append([self.workshop.claim(plan, stages(self.knowledge.world, decision))], now)
        self.crossed("claimed")
        summary.started += 1
        self._recover(self.knowledge.state.cases[case.ref], now, summary)

    def _recover(self, case: Case, now: datetime, summary: Summary) -> None:
        """Starts what was claimed and not started; what was started by a process that is gone is unknown."""
        if summary.paused:
            return
        lost = self.workshop.lost(case)
        if lost:
            self.append(lost, now)
            self.crossed("lost")
        for record in self.workshop.start(self.knowledge.state.cases[case.ref]):
            self.crossed("acting")
            self.append([record], now)
            self.workshop.go(record)

    def _collect(self, now: datetime, summary: Summary) -> None:
        """Records every execution that has ended."""
        for record in self.workshop.ended():
            ref = Ref.parse(record.body["request"])
            self.crossed("recording")
            if self._goes_on(ref, record.body["execution"]):
                self.append([record], now)
            self.workshop.forget(record)
            self.crossed("recorded")
            self._apply(self._decision(self.knowledge.state.cases[ref], now), now, summary)

    def _goes_on(self, ref: Ref, execution: str) -> bool:
        """Whether its end is still to be recorded: a write that failed may have taken effect all the same (rule 3)."""
        result = self.knowledge.state.cases[ref].results.get(execution)
        return result is None or result.state == "Running"

    def append(self, records: list[NewRecord], now: datetime) -> None:
        """Writes records down and moves the state on by what the ledger says it wrote."""
        if not records:
            return
        state = self.knowledge.state
        for record in self._write(records, now):
            state = advance(state, record)
        self.known = replace(self.knowledge, state=state)

    def _write(self, records: Sequence[NewRecord], now: datetime) -> Sequence[Record]:
        """Appends; where that fails it may have taken effect all the same, so the ledger is read again first."""
        try:
            written = self.ledger.append(records, now)
        except LedgerError:
            self._stale = True
            raise
        # Somebody else's records in between say something that is not known here.
        self._stale |= self.known is not None and written[0].sequence != self.known.state.sequence + 1
        return written


def _by_hand(case: Case) -> bool:
    """Whether a person carries the run out, at their own pace."""
    return case.claim is not None and case.claim.plan["runner"] == "manual" and bool(case.results)


def _due(decision: Decision, now: datetime) -> bool:
    """Whether time alone may have changed the answer, or the door's own room."""
    waits_for_room = decision.phase in ("Approved", "Running")
    return waits_for_room or (decision.look_at is not None and now > decision.look_at)
