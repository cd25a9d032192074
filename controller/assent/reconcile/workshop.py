"""Where claimed runs are carried out: a few at a time, each execution announced in the ledger before it starts.

An execution whose outcome nobody can know, since its process is gone or its runner cannot tell, becomes Unknown,
unless its microservice says that it may be repeated (`idempotent`).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from assent.api.ledger import NewRecord
from assent.api.plans import Execution, Outcome, Plan, RunnerName
from assent.core.cases import Case, Result
from assent.errors import RunnerError
from assent.reconcile.protocols import Crossing, Runner
from assent.reconcile.records import acted, plan_of, recorded

MAX_ATTEMPTS = 3
"""How often an idempotent execution is tried in all before a person has to look."""


class Workshop:
    """The executions going on in this process.

    `patience` is there where other processes act on the same ledger: the seconds beyond its time after which one that
    was started elsewhere counts as lost. None: this process is alone, so what it does not know of is lost at once.
    """

    def __init__(
        self,
        runners: Mapping[RunnerName, Runner],
        crossed: Crossing,
        workers: int,
        *,
        patience: float | None = None,
    ) -> None:
        self._runners = runners
        self._crossed = crossed
        self._workers = workers
        self._patience = patience
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="execution")
        self._going: dict[str, _Going] = {}
        self._plans: dict[str, Plan] = {}

    @property
    def busy(self) -> bool:
        """Whether something is still going on."""
        return bool(self._going)

    def able(self, case: Case) -> bool:
        """Whether this process has the runner of a claimed run; one started with other options may not."""
        return case.claim is not None and case.claim.plan["runner"] in self._runners

    @staticmethod
    def claim(plan: Plan, stages: Sequence[Mapping[str, Any]]) -> NewRecord:
        """The record that claims a run, with who approved it: the ledger takes one a request, ever."""
        body = {"digest": plan.digest, "plan": asdict(plan), "stages": list(stages)}
        return NewRecord("claimed", plan.request, body, once=True)

    def lost(self, case: Case, now: datetime) -> list[NewRecord]:
        """What a process that is gone had started, and nobody knows how it ended."""
        if case.claim is None or case.end:
            return []
        plan = plan_of(case.claim.plan)
        if plan.runner == "manual":
            return []
        lost = []
        for execution, result in case.results.items():
            again = plan.idempotent and result.attempts < MAX_ATTEMPTS
            here = execution in self._going or self._elsewhere(plan, result, now)
            if result.state == "Running" and not here and not again:
                outcome = Outcome("Unknown", "the controller stopped while it ran, so its outcome cannot be known")
                lost.append(recorded(plan.request, execution, result.target, outcome))
        return lost

    def _elsewhere(self, plan: Plan, result: Result, now: datetime) -> bool:
        """Whether another process may still be at it."""
        if self._patience is None or result.started_at is None:
            return False
        return (now - result.started_at).total_seconds() < plan.timeout + self._patience

    def start(self, case: Case, now: datetime) -> list[NewRecord]:
        """The announcements of the executions for which there is room now; `go` starts each once it is written."""
        if case.claim is None or case.end or not self.able(case):
            return []
        plan = plan_of(case.claim.plan)
        records: list[NewRecord] = []
        for execution in plan.executions:
            result = case.results.get(execution.id)
            repeat = (
                result is not None
                and result.state == "Running"
                and plan.idempotent
                and plan.runner != "manual"
                and not self._elsewhere(plan, result, now)
            )
            room = len(self._going) + len(records) < self._workers
            if execution.id not in self._going and room and (result is None or repeat):
                attempt = result.attempts + 1 if result else 1
                self._plans[execution.id] = plan
                records.append(acted(plan, execution, attempt))
        return records

    def go(self, record: NewRecord) -> None:
        """Starts an execution whose announcement is in the ledger."""
        self._crossed("acted")
        execution = record.body["execution"]
        plan = self._plans.pop(execution)
        chosen = next(one for one in plan.executions if one.id == execution)
        future = self._pool.submit(self._run, plan, chosen)
        self._going[execution] = _Going(plan, chosen, record.body["attempt"], future)

    def _run(self, plan: Plan, execution: Execution) -> Outcome:
        self._crossed("running")
        try:
            outcome = self._runners[plan.runner].act(plan, execution)
        except RunnerError as refused:
            outcome = Outcome("Failed", f"nothing was started: {refused.message}")
        except Exception as bug:  # noqa: BLE001 -- whatever happened, what was started is unknown, and is said so
            outcome = Outcome("Unknown", f"the runner broke off ({type(bug).__name__}), so the outcome cannot be known")
        self._crossed("ran")
        return outcome

    def ended(self) -> list[NewRecord]:
        """The records of all executions that have ended; each is told again until it is forgotten."""
        return [
            recorded(one.plan.request, execution, one.execution.target, one.outcome())
            for execution, one in self._going.items()
            if one.future.done()
        ]

    def forget(self, record: NewRecord) -> None:
        """Lets go of an execution whose end is in the ledger."""
        del self._going[record.body["execution"]]


@dataclass(frozen=True, slots=True)
class _Going:
    """One execution that this process started."""

    plan: Plan
    execution: Execution
    attempt: int
    future: Future[Outcome]

    def outcome(self) -> Outcome:
        """How it ended; one that nobody can know goes on, where it may be repeated without a person."""
        outcome = self.future.result()
        if outcome.state != "Unknown" or not self.plan.idempotent or self.attempt >= MAX_ATTEMPTS:
            return outcome
        text = f"attempt {self.attempt} of {MAX_ATTEMPTS}: {outcome.message}"
        return replace(outcome, state="Running", message=text)
