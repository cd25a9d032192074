"""Which commits descend from which, worked out from verified commits alone.

Git's own `A ^B` and merge bases lean on the dates that commits claim, and a back-dated commit can make them wrong;
who is answered for a merge hangs on them. So an answer is taken from Git only where no date can spoil it.
"""

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from assent.adapters.git.headers import header
from assent.adapters.git.memory import Memory
from assent.adapters.git.objects import Store
from assent.errors import HistoryError

_ONE, _TWO, _STALE = 1, 2, 4
_BOTH = _ONE | _TWO


@dataclass(frozen=True, slots=True)
class Apart:
    """Two commits side by side: what only the second reaches, and where they met last."""

    only: frozenset[str]
    bases: tuple[str, ...]


def learn(store: Store, commits: Iterable[str]) -> None:
    """Reads and verifies the headers that are not known yet."""
    known = store.memory.headers
    for name, raw in store.commits([name for name in commits if name not in known]):
        known[name] = header(name, raw)


def parents(store: Store, commit: str) -> tuple[str, ...]:
    """A commit's parents in their order."""
    if commit not in store.memory.headers:
        learn(store, [commit])
    return store.memory.headers[commit].parents


def tree(store: Store, commit: str) -> str:
    """A commit's tree."""
    if commit not in store.memory.headers:
        learn(store, [commit])
    return store.memory.headers[commit].tree


def between(store: Store, base: str, head: str) -> list[str]:
    """Every commit reachable from head and not from base, parents first, in an order that no date decides.

    At a merge the parents that descend from base come first, then the others, each in the commit's own order.
    Raises HistoryError where base is no ancestor of head: the branch was rewritten (rule 39).
    """
    _refuse_unknown(store, base, head)
    if base == head:
        return []
    # Git may list too much here, never too little: what it leaves out is reachable from base.
    listed = set(store.reachable(head, f"^{base}"))
    learn(store, sorted(listed))
    known = store.memory.headers
    border = {parent for name in listed for parent in known[name].parents} - listed
    if base not in border:
        raise rewritten(base, head)
    order = _parents_first(store, head, listed, ())
    descending: set[str] = {base}
    descending.update(name for name in order if not descending.isdisjoint(known[name].parents))
    if border != {base} or len(descending) <= len(listed):
        listed = set(apart(store, base, head).only)
    return _parents_first(store, head, listed, descending)


def rewritten(base: str, head: str) -> HistoryError:
    """The refusal of a branch that does not go on from where it was."""
    return HistoryError(
        f"the branch was rewritten: {head} does not descend from the recorded commit {base}",
        f"restore the branch, or accept its new head: assent run --trust-root {head}",
    )


def apart(store: Store, one: str, two: str) -> Apart:
    """What only the second of two commits reaches, and their merge bases; exact whatever dates commits claim."""
    generation = _generations(store, (one, two))
    flags = {one: _ONE}
    flags[two] = flags.get(two, 0) | _TWO
    heap = [(-generation[name], name) for name in flags]
    heapq.heapify(heap)
    fresh = len(heap)
    only: list[str] = []
    bases: list[str] = []
    while fresh:
        _, name = heapq.heappop(heap)
        flag = flags[name]
        fresh -= not flag & _STALE
        if flag == _BOTH:
            bases.append(name)
            flag |= _STALE
        elif flag == _TWO:
            only.append(name)
        for parent in store.memory.headers[name].parents:
            before = flags.get(parent)
            flags[parent] = (before or 0) | flag
            if before is None:
                heapq.heappush(heap, (-generation[parent], parent))
                fresh += not flag & _STALE
            elif not before & _STALE and flag & _STALE:
                fresh -= 1
    return Apart(frozenset(only), tuple(sorted(bases)))


def in_order(store: Store, commits: Collection[str]) -> list[str]:
    """The commits with parents before children."""
    generation = _generations(store, commits)
    return sorted(commits, key=lambda name: (generation[name], name))


def _refuse_unknown(store: Store, base: str, head: str) -> None:
    for name in (head, base):
        if not store.is_name(name):
            raise HistoryError(f"{name!r} is no whole commit id", "give all of its digits")
    # A branch that was rewritten long ago may have left its old commits to be cleaned away.
    told = store.run("rev-list", "--no-walk", "--ignore-missing", "--end-of-options", base, "--").split()
    if told != [base.encode()]:
        raise rewritten(base, head)


def _parents_first(store: Store, head: str, within: set[str], first: Collection[str]) -> list[str]:
    """Depth first from head, each commit behind its parents; `first` are visited before the others."""
    known: Memory = store.memory
    order: list[str] = []
    seen = {head}
    stack = [(head, _visits(known, head, within, first))]
    while stack:
        name, waiting = stack[-1]
        if not waiting:
            order.append(name)
            stack.pop()
            continue
        parent = waiting.pop()
        if parent not in seen:
            seen.add(parent)
            stack.append((parent, _visits(known, parent, within, first)))
    return order


def _visits(known: Memory, name: str, within: set[str], first: Collection[str]) -> list[str]:
    """The parents to visit, the next one last."""
    parents_ = [parent for parent in known.headers[name].parents if parent in within]
    return sorted(parents_, key=lambda parent: parent not in first)[::-1]


def _generations(store: Store, tips: Collection[str]) -> dict[str, int]:
    """Each commit's number: one more than the largest of its parents'. Knows all that the tips reach."""
    generations, headers = store.memory.generations, store.memory.headers
    stack = [tip for tip in tips if tip not in generations]
    while stack:
        name = stack[-1]
        if name not in headers:
            # Whatever lies behind it is wanted as well, and is read much faster together.
            learn(store, store.reachable(name))
        missing = [parent for parent in headers[name].parents if parent not in generations]
        if missing and name not in generations:
            stack.extend(missing)
            continue
        stack.pop()
        generations[name] = 1 + max((generations[parent] for parent in headers[name].parents), default=0)
    return generations
