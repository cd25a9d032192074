"""What is known of the ledger, and how it is written to: after what is known and nothing else.

Panel and mail write beside a controller. What they write is evidence, which changes nothing that has been judged, so it
is taken up and the write goes on; whatever else was written in between has to be recalled and judged first.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from assent.api.ledger import NewRecord, Record
from assent.api.names import Ref
from assent.api.records import EVIDENCE
from assent.core.decide import Decision
from assent.core.state import advance, fold
from assent.core.tellings import waiting
from assent.errors import ConflictError, HistoryError, LedgerError
from assent.reconcile.knowledge import Knowledge
from assent.reconcile.protocols import Ledger

TRIES = 9
"""Times that something is written where panel and mail write beside it; after that the next pass goes on."""

_Done = TypeVar("_Done")


class Scribe:
    """A ledger, what it says, and what was decided on that; where documents come from is a subclass's."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.known: Knowledge | None = None
        self.decisions: dict[Ref, Decision] = {}
        self._stale = False

    def _recalled(self) -> Knowledge:
        """Everything that the ledger says, with the documents in force."""
        raise NotImplementedError

    def _shown(self, ref: Ref) -> None:
        """Told of every request whose decision was applied, so that people may be shown it."""

    def _recall(self) -> None:
        """Everything anew from the ledger, which alone says what is so."""
        self.known = self._recalled()
        self.decisions.clear()
        self._stale = False

    @property
    def knowledge(self) -> Knowledge:
        """What is known; `start` has been called."""
        if self.known is None:
            raise HistoryError("the controller has not started")
        return self.known

    @property
    def told(self) -> bool:
        """Whether something is known that the next pass judges."""
        return waiting(self.knowledge.state, self.knowledge.world)

    def listen(self) -> bool:
        """Takes up what panel and mail wrote since the last look; whether the next pass has something to judge."""
        known = self.ledger.reach() == self.knowledge.state.sequence or self._listen()
        return not known or self.told

    def _listen(self) -> bool:
        """Takes up what was written since, where that is evidence alone; else all has to be recalled."""
        more = [*self.ledger.records(self.knowledge.state.sequence)]
        self._stale = any(record.kind not in EVIDENCE for record in more)
        if not self._stale:
            self._took(more)
        return not self._stale

    def _took(self, records: Sequence[Record]) -> None:
        """Moves the state on by evidence; the requests that it is about are decided anew."""
        if not records:
            return
        before = self.knowledge.state
        after = fold(records, before)
        for ref in {Ref.parse(record.body["request"]) for record in records if "request" in record.body}:
            self.decisions.pop(ref, None)
            self._shown(ref)
        self.known = replace(self.knowledge, state=after)

    def append(self, records: list[NewRecord], now: datetime) -> None:
        """Writes records down and moves the state on by what the ledger says it wrote.

        Raises:
            ConflictError: somebody else wrote what has to be judged first.
        """
        if records:
            self._beside(lambda: self._appended(records, now))

    def _appended(self, records: Sequence[NewRecord], now: datetime) -> None:
        self._refuse_overtaking(records)
        written, state = self._write(records, now), self.knowledge.state
        for record in written:  # the state is this object's own: to copy it for each record would be quadratic
            state = advance(state, record)
        self.known = replace(self.knowledge, state=state)

    def _beside(self, act: Callable[[], _Done]) -> _Done:
        """Does something that writes; from its beginning where panel or mail wrote meanwhile what it has to know."""
        left = TRIES
        while True:
            before, left = self.knowledge.state.sequence, left - 1
            try:
                return act()
            except ConflictError:
                stale = self._stale
                if not left or not self._listen() or self.knowledge.state.sequence == before:
                    self._stale |= stale
                    raise

    def _refuse_overtaking(self, records: Sequence[NewRecord]) -> None:
        """No claim goes before a decision on its request that somebody was told is taken."""
        claimed = {record.subject for record in records if record.kind == "claimed"}
        if any(str(told.request) in claimed for told in self.knowledge.state.told.values()):
            raise ConflictError("A decision was made on the request meanwhile.", "Look again.")

    def _write(self, records: Sequence[NewRecord], now: datetime) -> Sequence[Record]:
        """Appends to what is known, and to nothing else; where that fails the ledger is read again first.

        It may have failed and have taken effect all the same; or somebody else wrote what must not be overtaken, as a
        withdrawal between the last read and a claim.
        """
        try:
            return self.ledger.append(records, now, self.known.state.sequence if self.known else None)
        except LedgerError:
            self._stale = True
            raise
