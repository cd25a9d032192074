"""Who brought in what: the walk over every commit since a trusted one (rules 38 and 39).

A commit brought in a version of a document when no parent's tree says the same of it. Absence is a version like any
other. A merge that takes a version which another parent's history had, and replaced since the two diverged, brought
it in itself; otherwise whoever wrote what a merge only takes is answerable for it, whoever merges.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from assent.adapters.git import graph, past, signatures, trees, walks
from assent.adapters.git.contents import NOTHING, Saying
from assent.adapters.git.headers import message, signature
from assent.adapters.git.objects import Store
from assent.adapters.git.past import Divergence
from assent.adapters.git.trailers import trailers
from assent.adapters.git.walks import Step
from assent.api.evidence import Change, Commit, Entry
from assent.api.names import Ident

_RAW_COMMITS = 200


def commits(store: Store, base: str, head: str) -> Iterator[Commit]:
    """Every commit reachable from head and not from base, parents first, with what it brought in.

    The order follows the graph alone, never dates; what a commit brought in follows from the graph behind it alone,
    never from where the walk began. Raises HistoryError at once where head does not descend from base.
    """
    return _commits(store, graph.between(store, base, head))


def _commits(store: Store, order: Sequence[str]) -> Iterator[Commit]:
    if order:
        for step, raw in zip(walks.steps(store, order), _raw(store, order), strict=True):
            yield _commit(store, step, raw)


def _raw(store: Store, order: Sequence[str]) -> Iterator[bytes]:
    for start in range(0, len(order), _RAW_COMMITS):
        yield from [raw for _, raw in store.commits(order[start : start + _RAW_COMMITS])]


def _commit(store: Store, step: Step, raw: bytes) -> Commit:
    brought = _Brought(store, step)
    brought.judge()
    signed = signatures.signer(signature(raw, store.name_length))
    told = trailers(message(raw))
    return Commit(
        id=step.commit,
        parents=graph.parents(store, step.commit),
        signer=signed.fingerprint,
        unsigned=signed.unsigned,
        changes=tuple(brought.changes),
        entries=tuple(brought.entries),
        taken=tuple(brought.taken),
        adopts=tuple(told.adopts),
        adopted=tuple(_adopted(step, ident) for ident in told.adopts),
        approvals=tuple(told.approvals),
        unreadable=trees.brought_in(store, step),
        malformed=tuple(told.malformed),
    )


def _adopted(step: Step, ident: Ident) -> Change:
    """What the tree that was signed says of a document that the commit takes over."""
    return Change(ident, tuple(one.version for one in step.state.said.get(ident) or ()))


def _holds(entry: tuple[str, str], saying: Saying) -> bool:
    return entry in saying.entries


@dataclass(slots=True)
class _Brought:
    """What one commit brought in, and what it only took, found by comparing it with each of its parents."""

    store: Store
    step: Step
    changes: list[Change] = field(default_factory=list)
    taken: list[Change] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    _divergences: dict[tuple[int, int], Divergence] = field(default_factory=dict)

    def judge(self) -> None:
        """Looks at every document of which some parent says otherwise, in the order of their identities."""
        first, *others = [past.differing(self.step, parent) for parent in range(len(self.step.rows))]
        past.remember(self.store, self.step, first)
        for ident in sorted(first.union(*others)):
            now = self.step.state.saying(ident)
            before = [state.saying(ident) for state in self.step.before] or [NOTHING]
            self._document(ident, now, before)
            self._entries(ident, now, before)

    def _document(self, ident: Ident, now: Saying, before: Sequence[Saying]) -> None:
        holders = [parent for parent, saying in enumerate(before) if saying.digests == now.digests]
        if len(holders) == len(before):
            return
        said = self.step.state.said.get(ident) or ()
        change = Change(ident, tuple(one.version for one in said), tuple(saying.digests for saying in before))
        if self._own(ident, holders, len(before), lambda saying: saying.digests == now.digests):
            self.changes.append(change)
        else:
            self.taken.append(change)

    def _entries(self, ident: Ident, now: Saying, before: Sequence[Saying]) -> None:
        known = frozenset.intersection(*(saying.entries for saying in before))
        for entry in sorted(now.entries - known):
            holders = [parent for parent, saying in enumerate(before) if entry in saying.entries]
            if self._own(ident, holders, len(before), partial(_holds, entry)):
                self.entries.append(Entry(ident.ref, *entry))

    def _own(self, ident: Ident, holders: Sequence[int], parents: int, wanted: Callable[[Saying], bool]) -> bool:
        """Whether what some parents say, and others do not, is the merge's own doing.

        It is where no parent says so; and where, for every parent that does, the history of one that does not had
        said so and replaced it.
        """
        others = [parent for parent in range(parents) if parent not in holders]
        return all(any(self._divergence(holder, other).said(ident, wanted) for other in others) for holder in holders)

    def _divergence(self, one: int, other: int) -> Divergence:
        found = self._divergences.get((one, other))
        if found is None:
            parents = graph.parents(self.store, self.step.commit)
            found = past.divergence(self.store, parents[one], parents[other])
            self._divergences[one, other] = found
        return found
