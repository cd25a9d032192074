"""What documents said in earlier commits: the memory behind "another parent's history had replaced it"."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from assent.adapters.git import graph, paths, walks
from assent.adapters.git.contents import NOTHING, Saying
from assent.adapters.git.graph import Apart
from assent.adapters.git.memory import Log
from assent.adapters.git.objects import Store
from assent.adapters.git.walks import Step
from assent.api.names import Ident


def differing(step: Step, parent: int) -> set[Ident]:
    """The documents of which a commit's tree may say otherwise than this parent's."""
    before = step.before[parent] if step.before else None
    touched = {paths.name(row.path) for row in step.rows[parent]}
    # The same unreadable file may say different things in two trees: each what it said there before.
    touched |= step.state.kept | (before.kept if before else frozenset())
    found = {ident for path in touched for ident in step.state.idents(path)}
    return found | {ident for path in touched for ident in (before.idents(path) if before else ())}


def remember(store: Store, step: Step, idents: Collection[Ident]) -> Log:
    """Keeps what a commit says otherwise than its first parent, of documents among which all such are."""
    before = step.before[0] if step.before else None
    log: Log = {}
    for ident in idents:
        now = step.state.saying(ident)
        if now != (before.saying(ident) if before else NOTHING):
            log[ident] = now
    store.memory.logs.put(step.commit, log)
    return log


def says(store: Store, commit: str, ident: Ident) -> Saying:
    """What the tree of any commit says of one document."""
    at = commit
    while True:
        state = store.memory.states.get(at)
        log = store.memory.logs.get(at) if state is None else None
        if state is None and log is None:
            state = walks.state_of(store, at)
        if state is not None:
            return state.saying(ident)
        if log is not None and ident in log:
            return log[ident]
        parents = graph.parents(store, at)
        if not parents:
            return NOTHING
        at = parents[0]


@dataclass(slots=True)
class Divergence:
    """What one parent's history said since it diverged from another's: at the merge bases, and in every commit since.

    Histories without a common commit diverged from nothing, where no document was.
    `since` holds the sayings that commits brought in; `edges` the commits whose first parent lies outside, with it.
    """

    store: Store
    bases: tuple[str, ...]
    since: dict[Ident, list[Saying]]
    edges: list[tuple[Log, str | None]]

    def said(self, ident: Ident, wanted: Callable[[Saying], bool]) -> bool:
        """Whether any of them said what is wanted of the document."""
        return any(wanted(one) for one in self._sayings(ident))

    def _sayings(self, ident: Ident) -> Iterator[Saying]:
        yield from self.since.get(ident, ())
        for base in self.bases:
            yield says(self.store, base, ident)
        if not self.bases:
            yield NOTHING
        for log, outside in self.edges:
            if ident not in log:
                yield says(self.store, outside, ident) if outside else NOTHING


def divergence(store: Store, one: str, other: str) -> Divergence:
    """What the history of `other` said since it diverged from `one`."""
    found: Apart = graph.apart(store, one, other)
    logs = _logs(store, found.only)
    since: dict[Ident, list[Saying]] = defaultdict(list)
    edges: list[tuple[Log, str | None]] = []
    for name, log in logs.items():
        for ident, saying in log.items():
            since[ident].append(saying)
        parents = graph.parents(store, name)
        if not parents or parents[0] not in found.only:
            edges.append((log, parents[0] if parents else None))
    return Divergence(store, found.bases, dict(since), edges)


def _logs(store: Store, commits: Collection[str]) -> dict[str, Log]:
    """The logs of all these commits; those that were never walked, or forgotten, are walked now."""
    kept = {name: log for name in commits if (log := store.memory.logs.get(name)) is not None}
    missing = [name for name in commits if name not in kept]
    if missing:
        for step in walks.steps(store, graph.in_order(store, missing)):
            kept[step.commit] = remember(store, step, differing(step, 0))
    return kept
