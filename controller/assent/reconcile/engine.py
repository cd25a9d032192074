"""One pass, for whichever door: what is new is taken in, open requests are decided, and what may run is run."""

from collections.abc import Mapping
from datetime import datetime

from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.plans import Plan, RunnerName
from assent.api.records import NEVER
from assent.core.cases import Case, End
from assent.core.decide import Decision, Door, decide
from assent.core.endings import ending, validated
from assent.core.status import stages
from assent.errors import ClusterError, ConflictError
from assent.reconcile.moments import Moment, Summary, paused
from assent.reconcile.protocols import Crossing, Ledger, RemoteRunner, Runner
from assent.reconcile.remote import Remote
from assent.reconcile.scribe import Scribe
from assent.reconcile.workshop import Workshop

NEWS, RUNS, WAITS = range(3)
"""The turns of requests in a pass."""


class Engine(Scribe):
    """A ledger and some runners, and what is known between two passes; where documents come from is a subclass's.

    `step` is one pass. Only what changed is read and judged again: what the door brings, requests that it concerns, and
    requests whose time has come; when the world changes, every open request is decided anew.
    """

    def __init__(
        self,
        ledger: Ledger,
        runners: Mapping[RunnerName, Runner],
        crossed: Crossing = lambda _point: None,
        workers: int = 4,
        *,
        remote: Mapping[RunnerName, RemoteRunner] | None = None,
        patience: float | None = None,
    ) -> None:
        super().__init__(ledger)
        self.crossed = crossed
        self.workshop = Workshop(runners, crossed, workers, patience=patience)
        self.remote = Remote(remote or {}, crossed)
        self.runners: dict[RunnerName, Runner | RemoteRunner] = {**runners, **(remote or {})}
        self._last: Moment | None = None
        self._ended = 0

    def _read(self, moment: Moment, summary: Summary) -> None:
        """Takes in whatever is new, and records all of it at once."""
        raise NotImplementedError

    def _sure(self, decision: Decision, now: datetime, summary: Summary) -> Decision:  # noqa: ARG002 -- a door's
        """The decision from fresh reads, for whoever is about to claim or end a request that was not claimed.

        A door whose pass begins with them has it.
        """
        return decision

    def _halted(self) -> str:
        """Why a door may start nothing at the moment; empty where it may."""
        return ""

    @property
    def restless(self) -> bool:
        """Whether another pass would find something to do at once: work that goes on or was claimed, or was told."""
        claimed = any(
            case.claim and not case.end and not _by_hand(case) and self.workshop.able(case)
            for case in self.knowledge.state.cases.values()
        )
        return self.workshop.busy or claimed or self.told

    def step(self, moment: Moment) -> Summary:
        """One pass; what it starts goes on beside the next passes."""
        summary, self._ended = Summary(ended=self._ended), 0
        self._beside(lambda: self._take_in(moment, summary))
        self.crossed("read")
        summary.paused = paused(self.knowledge.state.at, self._last, moment) or self._halted()
        self._collect(moment.now, summary)
        self._decide(moment.now, summary)
        self._last = moment
        return summary

    def _take_in(self, moment: Moment, summary: Summary) -> None:
        """Reads and judges, on everything that the ledger says."""
        summary.held = ()
        if self._stale or not self._listen():
            self._recall()
        self._read(moment, summary)

    def collect(self, moment: Moment, summary: Summary) -> None:
        """Records what has ended since the pass; called between passes, so that no result waits for the next.

        The next pass's summary counts it as well, since this one has been told already.
        """
        before = summary.ended
        if self._stale:
            self._recall()
        self._collect(moment.now, summary)
        self._ended += summary.ended - before

    def _decide(self, now: datetime, summary: Summary) -> None:
        """Every open request whose answer may have changed is decided and acted on, each in its turn."""
        decided = self.decisions.get
        waiting = [case for case in self.knowledge.state.cases.values() if case.open]
        due = [case for case in waiting if _due(decided(case.ref), now)]
        looked = False
        for ref in [case.ref for case in sorted(due, key=self._in_turn)]:
            case = self.knowledge.state.cases[ref]  # as it is by now: what others were told meanwhile is taken up
            if not case.open or (case.claim and looked and self._pressed()):
                continue
            looked = looked or case.claim is not None
            summary.decided += 1
            self._one(case, now, summary)
        summary.waiting += len(waiting) - sum(not self.knowledge.state.cases[case.ref].open for case in due)

    def _pressed(self) -> bool:
        """Whether something new is to be taken in, which goes before further looks at what runs already."""
        return False

    def _in_turn(self, case: Case) -> tuple[int, datetime, int]:
        """What waits and was told something new goes first, so that no approval waits for a look at what runs already.

        Then what runs, the longest ago looked at first, and behind it whatever waits for the room that it makes.
        """
        if case.claim:
            return RUNS, self.remote.looked(case), case.seen
        return (WAITS if case.ref in self.decisions else NEWS), NEVER, case.seen

    def _one(self, case: Case, now: datetime, summary: Summary) -> None:
        """Decides one request; what the API server refuses it stands in no other's way (rule 28)."""
        try:
            self._apply(self._decision(case, now), now, summary)
        except ClusterError as refused:
            self.decisions.pop(case.ref, None)
            summary.held += (f"{case.ref}: {refused.message}",)

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
        if decision.end and case.claim:
            self._end(decision, decision.end, now, summary)
        elif case.claim:
            self._recover(case, now, summary)
        elif decision.end or (decision.claim and not summary.paused and self._able(case, decision.claim, now, summary)):
            self._settle(self._beside(lambda: self._sure(decision, now, summary)), decision.claim, now, summary)
        self._shown(case.ref)

    def _settle(self, decision: Decision, able: Plan | None, now: datetime, summary: Summary) -> None:
        """Ends or claims what fresh reads confirm; what they found to be otherwise is applied as it is.

        `able` is the plan of which the runner has just said that it can carry it out.
        """
        if decision.case.end:
            return
        if decision.end:
            self._end(decision, decision.end, now, summary)
        elif decision.claim and decision.claim == able and not summary.paused:
            self._claim(decision, decision.claim, now, summary)
        else:
            self._apply(decision, now, summary)

    def _end(self, decision: Decision, end: End, now: datetime, summary: Summary) -> None:
        case = decision.case
        self.crossed("ending")
        self.append([ending(self.knowledge.world, decision, end)], now)
        self.crossed("ended")
        self.decisions.pop(case.ref, None)
        if case.claim:
            self.remote.over(case)
            self._wake(case.ref.namespace)
        summary.ended += 1

    def _wake(self, organization: str) -> None:
        """A run that ended may make room for another of the same organization: for one that is approved and waits."""
        mine = [(ref, one) for ref, one in self.decisions.items() if ref.namespace == organization]
        for ref in [ref for ref, one in mine if one.phase == "Approved"]:
            del self.decisions[ref]

    def _able(self, case: Case, plan: Plan, now: datetime, summary: Summary) -> bool:
        """Whether the runner can carry it out; asked before fresh reads, since it may say no for a long time."""
        why = self.runners[plan.runner].check(plan)
        if not why:
            return True
        summary.held += (f"{case.ref}: {why}",)
        held = ("RunnerNotAvailable", why)
        if case.held != held:
            self.append([NewRecord("held", str(case.ref), {"reason": held[0], "message": why})], now)
            self.crossed("held")
        return False

    def _claim(self, decision: Decision, plan: Plan, now: datetime, summary: Summary) -> None:
        """Claims the run with the very plan that was digested."""
        case = decision.case
        self.crossed("claiming")
        try:
            self.append([self.workshop.claim(plan, stages(self.knowledge.world, decision))], now)
        except ConflictError:
            if self._stale:
                raise
            self.decisions.pop(case.ref, None)
            return
        self.crossed("claimed")
        summary.started += 1
        summary.paused = summary.paused or self._halted()
        self._recover(self.knowledge.state.cases[case.ref], now, summary)

    def _recover(self, case: Case, now: datetime, summary: Summary) -> None:
        """Starts what was claimed and not started; what was started by a process that is gone is unknown."""
        if summary.paused:
            return
        if self.remote.has(case):
            self._tend(case, now, summary)
            return
        lost = self.workshop.lost(case, now)
        if lost:
            self.append(lost, now)
            self.crossed("lost")
        for record in self.workshop.start(self.knowledge.state.cases[case.ref], now):
            self.crossed("acting")
            self.append([record], now)
            self.workshop.go(record)

    def _tend(self, case: Case, now: datetime, summary: Summary) -> None:
        """Moves a run that goes on elsewhere by what can be seen of it; what cannot be seen is looked at again."""
        try:
            for record in self.remote.tend(case, now):
                self.append([record], now)
        except ClusterError as unseen:
            summary.held += (f"{case.ref}: {unseen.message}",)
            # What goes on already was let go by somebody who wrote it down: the ledger knows more than is known here.
            self._stale |= unseen.reason == "AlreadyStarted"
        after = self.knowledge.state.cases[case.ref]
        decision = self._decision(after, now)
        if decision.end:
            self._end(decision, decision.end, now, summary)

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


def _by_hand(case: Case) -> bool:
    """Whether a person carries the run out, at their own pace."""
    return case.claim is not None and case.claim.plan["runner"] == "manual" and bool(case.results)


def _due(decision: Decision | None, now: datetime) -> bool:
    """Whether there is no answer yet, or time alone may have changed it, or the door's own room."""
    if decision is None or decision.phase in ("Approved", "Running"):
        return True
    return decision.look_at is not None and now > decision.look_at
