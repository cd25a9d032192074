"""The questions that a pass asks of the outside world; each adapter answers its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from assent.api.evidence import Commit, Version
from assent.api.holdings import Objects
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ident, Ref
from assent.api.plans import Execution, Outcome, Plan
from assent.api.sightings import Examined, Sighting


class Repository(Protocol):
    """A branch, read by commit; all of it is data."""

    def head(self) -> str:
        """The newest commit of the branch."""
        ...

    def commits(self, base: str, head: str) -> Iterable[Commit]:
        """What every commit since `base` brought in, parents first; HistoryError where head does not follow base."""
        ...

    def snapshot(self, commit: str) -> Mapping[Ident, tuple[Version, ...]]:
        """What the tree of one commit says of each document."""
        ...

    def document(self, version: Version) -> Mapping[str, Any]:
        """The plain values of one version."""
        ...


class Ledger(Protocol):
    """The history: appended to, never changed."""

    def append(self, records: Sequence[NewRecord], at: datetime, after: int | None = None) -> Sequence[Record]:
        """All of these records or none, durable when it returns.

        Raises ConflictError where one that is to be there once stands already, and where the ledger is longer than
        `after`: somebody else has written what the caller does not know.
        """
        ...

    def records(self, after: int = 0) -> Iterator[Record]:
        """Every record behind this sequence number, proven."""
        ...

    def reach(self) -> int:
        """How many records there are at this moment, proven or not."""
        ...


class Runner(Protocol):
    """What runs one execution of a plan."""

    def check(self, plan: Plan) -> str | None:
        """Why this plan cannot be run here, in a sentence; asked before the claim, and without effect."""
        ...

    def act(self, plan: Plan, execution: Execution) -> Outcome:
        """Runs it and says how it ended; RunnerError where nothing was started."""
        ...


class RemoteRunner(Protocol):
    """What starts executions that go on elsewhere under a name of their own, and sees how they stand.

    Raises ClusterError where nothing can be seen at the moment; whoever asks asks again.
    """

    def check(self, plan: Plan) -> str | None:
        """Why this plan cannot be run here, in a sentence; asked before the claim, and without effect."""
        ...

    def prepare(self, plan: Plan, execution: Execution) -> str:
        """Makes it ready without starting anything; the handle tells it from whatever has its name later.

        Raises RunnerError where it cannot be: its name is taken by something foreign.
        """
        ...

    def act(self, plan: Plan, execution: Execution, handle: str) -> None:
        """Lets it go; to do so again does nothing. Raises RunnerError where it never will start."""
        ...

    def remove(self, plan: Plan, execution: Execution, handle: str) -> None:
        """Takes away what is left of one that has ended."""
        ...

    def look(self, plan: Plan, execution: Execution, handle: str) -> Outcome:
        """How it stands: `Running` as long as it goes on, `Unknown` where nobody can know any more."""
        ...


Crossing = Callable[[str], None]
"""Called at every named point of the protocol; the tests end the process there."""

CRASH_POINTS = (
    "trusting", "trusted",
    "judged", "noted", "read",
    "validated", "held",
    "claiming", "claimed",
    "acting", "acted", "running", "ran", "recording", "recorded", "lost",
    "ending", "ended",
)  # fmt: skip
"""Every named point, in the order of a request's life: one before and one behind whatever leaves a trace."""

REMOTE_POINTS = ("preparing", "prepared")
"""Those that a run crosses besides, between its claim and its announcement, where it goes on elsewhere."""


class Cluster(Protocol):
    """The objects of ours that an API server holds."""

    def configuration(self, *, fresh: bool, listed: bool = False) -> Objects:
        """Every document but Requests: as a watch last told of it, or as it is at this moment.

        `listed`: what a watch can tell is no witness of it either, since it may have lost something.
        """
        ...

    def request(self, ref: Ref) -> Sighting | None:
        """One request at this moment; None where there is none."""
        ...

    def requests(self) -> Mapping[Ref, Sighting]:
        """All requests at this moment."""
        ...

    def version(self) -> int:
        """The API server's own version at the last list of anything; it only grows, unless it was restored."""
        ...


class Guard(Protocol):
    """Whoever tries the admission policies."""

    def examine(self) -> Examined:
        """What the policies are at this moment, and whether they hold."""
        ...
