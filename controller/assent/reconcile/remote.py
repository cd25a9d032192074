"""Runs that go on elsewhere under names of their own: prepared, announced, let go, and looked at until they end.

Nothing is lost with this process: what is prepared starts nothing, its handle stands in the ledger before it is let
go, and from then on whoever reads the ledger can go on with it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from assent.api.ledger import NewRecord
from assent.api.plans import Execution, Outcome, Plan, RunnerName
from assent.api.records import NEVER
from assent.core.cases import Case, Result
from assent.errors import RunnerError
from assent.reconcile.protocols import Crossing, RemoteRunner
from assent.reconcile.records import acted, plan_of, recorded

AGAIN = timedelta(seconds=1)
"""How long it is known of a run that it goes on: many passes in a second are no reason to ask as often."""


class Remote:
    """The runners whose executions do not live in this process."""

    def __init__(self, runners: Mapping[RunnerName, RemoteRunner], crossed: Crossing) -> None:
        self._runners = runners
        self._crossed = crossed
        # By handle, what this process has let go, and when it was last seen to go on.
        self._let_go: dict[str, datetime] = {}

    def has(self, case: Case) -> bool:
        """Whether the claimed run is one of theirs."""
        return case.claim is not None and case.claim.plan["runner"] in self._runners

    def clear(self, case: Case) -> None:
        """Takes away what is left of a run that has ended; the ledger keeps what came of it.

        Raises:
            ClusterError: something could not be taken away at the moment.
        """
        if case.claim is None or not self.has(case):
            return
        plan = plan_of(case.claim.plan)
        for execution in plan.executions:
            result = case.results.get(execution.id)
            if result and result.handle:
                self._runners[plan.runner].remove(plan, execution, result.handle)

    def looked(self, case: Case) -> datetime:
        """When some part of a run was last seen to go on, the one that is longest ago."""
        return min((self._let_go.get(result.handle, NEVER) for result in case.results.values()), default=NEVER)

    def over(self, case: Case) -> None:
        """Forgets a run that has ended, whoever saw it end."""
        for result in case.results.values():
            self._let_go.pop(result.handle, None)

    def tend(self, case: Case, now: datetime) -> Iterator[NewRecord]:
        """What there is to be written down, one by one; each is in the ledger before the next is asked for.

        Raises:
            ClusterError: nothing can be seen at the moment.
        """
        if case.claim is None or case.end:
            return
        plan = plan_of(case.claim.plan)
        for execution in plan.executions:
            result = case.results.get(execution.id)
            if result is None:
                yield from self._begin(plan, execution)
            elif result.state == "Running" and not result.handle:
                yield _nothing(plan, execution, RunnerError("it could not be prepared"))
            elif result.state == "Running":
                yield from self._look(plan, execution, result, now)

    def _begin(self, plan: Plan, execution: Execution) -> Iterator[NewRecord]:
        runner = self._runners[plan.runner]
        self._crossed("preparing")
        try:
            handle = runner.prepare(plan, execution)
        except RunnerError as refused:
            # Announced all the same: of two that are at it, the ledger takes one, and only that one says how it ended.
            yield acted(plan, execution, 1)
            yield _nothing(plan, execution, refused)
            return
        self._crossed("prepared")
        self._crossed("acting")
        yield acted(plan, execution, 1, handle)
        self._crossed("acted")
        yield from self._let(plan, execution, handle)
        self._crossed("running")

    def _let(self, plan: Plan, execution: Execution, handle: str) -> Iterator[NewRecord]:
        """Lets it go, unless this process has done so: another one may have ended just before."""
        if handle in self._let_go:
            return
        try:
            self._runners[plan.runner].act(plan, execution, handle)
        except RunnerError as refused:
            yield _nothing(plan, execution, refused)
            return
        self._let_go[handle] = NEVER

    def _look(self, plan: Plan, execution: Execution, result: Result, now: datetime) -> Iterator[NewRecord]:
        refused = [*self._let(plan, execution, result.handle)]
        if refused:
            yield from refused
            return
        if timedelta(0) <= now - self._let_go[result.handle] < AGAIN:
            return
        outcome = self._runners[plan.runner].look(plan, execution, result.handle)
        if outcome.state == "Running":
            self._let_go[result.handle] = now
            return
        self._crossed("ran")
        self._crossed("recording")
        yield recorded(plan.request, execution.id, execution.target, outcome)
        self._crossed("recorded")


def _nothing(plan: Plan, execution: Execution, refused: RunnerError) -> NewRecord:
    outcome = Outcome("Failed", f"nothing was started: {refused.message}")
    return recorded(plan.request, execution.id, execution.target, outcome)
