"""What a pass shows of itself, as measures."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from assent.api.names import Ref
from assent.api.records import moment
from assent.cluster.metrics import Metrics
from assent.core.cases import Case
from assent.core.status import why
from assent.errors import AssentError, ClusterError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.moments import Summary


class PassGauge:
    """Counts what each pass leaves; of stages and executions only what is new since the pass before."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seen: set[tuple[Ref, str]] | None = None

    def passed(self, controller: ClusterController, summary: Summary, seconds: float) -> None:
        """A pass is over."""
        self._metrics.passed(seconds)
        self._metrics.trusted(proven=controller.trusted)
        self._oldest(controller)
        if not (summary.decided or summary.ended):
            return
        decisions = [*controller.decisions.values()]
        cases = controller.knowledge.state.cases.values()
        phases: list[str] = [case.end.phase for case in cases if case.end]
        self._metrics.requests(Counter([*phases, *(one.phase for one in decisions if not one.case.end)]))
        self._metrics.held(Counter(why(one)[0] for one in decisions if not one.case.end and not one.case.claim))
        self._executions(controller)

    def trouble(self, error: AssentError) -> None:
        """A call of the pass came to nothing."""
        if isinstance(error, ClusterError):
            self._metrics.api_error(error.status)

    def _oldest(self, controller: ClusterController) -> None:
        waiting = [one.case.seen_at for one in controller.decisions.values() if one.phase == "PendingApproval"]
        age = (datetime.now(UTC) - min(waiting)).total_seconds() if waiting else 0.0
        self._metrics.oldest_pending(max(0.0, age))

    def _executions(self, controller: ClusterController) -> None:
        """Executions that have ended, and stages that were satisfied, each once; not those of before the start."""
        first, seen = self._seen is None, self._seen or set()
        for ref, case in controller.knowledge.state.cases.items():
            ended = {f"{one}:{result.state}": result.state for one, result in case.results.items()}
            for mark, state in ended.items():
                if state != "Running" and (ref, mark) not in seen:
                    seen.add((ref, mark))
                    if not first:
                        self._metrics.executed(state)
            if case.claim and (ref, "") not in seen:
                seen.add((ref, ""))
                for stage, seconds in () if first else waits(case):
                    self._metrics.decided(stage, seconds)
        self._seen = seen


def waits(case: Case) -> Iterator[tuple[str, float]]:
    """How long each stage of a claimed request was open, in seconds; a stage opens when the one before is satisfied."""
    opened = case.validated_at or case.seen_at
    for stage in case.stages:
        decided = [moment(one["at"]) for one in stage["decisions"]]
        satisfied = max(decided, default=opened)
        yield str(stage["name"]), max(0.0, (satisfied - opened).total_seconds())
        opened = max(opened, satisfied)
