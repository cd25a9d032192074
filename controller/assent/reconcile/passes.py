"""The pass of Git mode: what the branch brought in is judged, commit by commit."""

from collections.abc import Mapping
from dataclasses import replace

from assent.api.ledger import NewRecord
from assent.api.plans import RunnerName
from assent.core.intake import Intake
from assent.core.state import fold
from assent.core.tellings import judge, waiting
from assent.errors import HistoryError
from assent.reconcile.engine import Engine
from assent.reconcile.knowledge import Knowledge, documents, recall
from assent.reconcile.moments import MAX_JUMP, Moment, Summary
from assent.reconcile.protocols import Crossing, Ledger, Repository, Runner
from assent.reconcile.trust import trusting

__all__ = ["MAX_JUMP", "Controller", "Moment", "Summary"]


class Controller(Engine):
    """A branch, a ledger and some runners, and what is known between two passes."""

    def __init__(
        self,
        repository: Repository,
        ledger: Ledger,
        runners: Mapping[RunnerName, Runner],
        crossed: Crossing = lambda _point: None,
        workers: int = 4,
    ) -> None:
        super().__init__(ledger, runners, crossed, workers)
        self.repository = repository
        self.look_up = documents(repository)

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

    def _recalled(self) -> Knowledge:
        return recall(self.repository, self.ledger, self.look_up)

    def _read(self, moment: Moment, summary: Summary) -> None:
        """Judges what panel and mail were told, and every commit since the last head; records all of it at once."""
        summary.head, summary.commits = self.repository.head(), 0
        state = self.knowledge.state
        if summary.head == state.head and not waiting(state, self.knowledge.world):
            return
        intake = Intake(state, self.knowledge.world, self.knowledge.forced, documents=self.look_up)
        judge(intake, moment.now)
        for commit in self.repository.commits(state.head, summary.head):
            intake.take(commit, moment.now)
            summary.commits += 1
        if summary.head != state.head:
            intake.note(NewRecord("head", summary.head, {"commit": summary.head}), moment.now)
        self.crossed("judged")
        written = self._write(intake.records, moment.now)
        self.crossed("noted")
        summary.refused = len(intake.state.standing)
        if intake.world is not self.knowledge.world:
            self.decisions.clear()
        for ref in [one for one in self.decisions if intake.state.cases[one] is not state.cases.get(one)]:
            del self.decisions[ref]
        self.known = replace(self.knowledge, state=fold(written, state), world=intake.world, forced=intake.forced)
