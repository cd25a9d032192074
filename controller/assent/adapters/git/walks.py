"""What the tree of every commit says, each made from its parents' by the raw differences.

It is a function of the commit alone, wherever a walk begins: a file that cannot be read says what its path said in the
first parent that has the very same file there, else in the first that has the path, and nothing where none has.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assent.adapters.git import contents, graph, paths
from assent.adapters.git.contents import Content
from assent.adapters.git.objects import Row, Store
from assent.adapters.git.state import Leaf, State, check_size
from assent.errors import RepositoryError

_CHUNK_COMMITS = 200
_CHUNK_ROWS = 20_000
_STEPS_BACK = 100_000
"""How far is looked back for what unreadable files said, counted in commits and files together."""


@dataclass(frozen=True, slots=True)
class Step:
    """One commit of a walk: its state, its parents', and what its tree says otherwise than each of theirs.

    `rows` has one list a parent (against the empty tree where there is none), in the parents' order.
    """

    commit: str
    state: State
    before: tuple[State, ...]
    rows: tuple[list[Row], ...]


def steps(store: Store, order: Sequence[str]) -> Iterator[Step]:
    """The commits of `order`, in which parents stand before children; what is not in it is built when needed."""
    graph.learn(store, order)
    using = Counter(parent for name in order for parent in graph.parents(store, name))
    states: dict[str, State] = {}
    for chunk in _chunks(store, order):
        # A merge's further lists name nothing that is not in its first list or in its first parent.
        read = store.contents(_blobs(row for _, rows in chunk for row in rows[0]))
        store.check_folders(_trees(store, chunk))
        for name, rows in chunk:
            own = graph.parents(store, name)
            for parent in own:
                if parent not in states:
                    states[parent] = state_of(store, parent)
            before = tuple(states[parent] for parent in own)
            state = _next(graph.tree(store, name), before, rows[0], read)
            for parent in own:
                using[parent] -= 1
                if not using[parent]:
                    states.pop(parent, None)
            if using[name]:
                states[name] = state
            store.memory.states.put(name, state)
            yield Step(name, state, before, rows)


def state_of(store: Store, commit: str) -> State:
    """The state of one commit: remembered, or built from the nearest that is, or from the whole listing."""
    kept = store.memory.states.get(commit)
    if kept:
        return kept
    near = store.memory.states.latest()
    tree = graph.tree(store, commit)
    if near:
        (rows,) = store.differences([(near.tree, tree)])
        store.check_folders([tree, *(row.id for row in rows if row.mode == paths.FOLDER)])
    else:
        near, rows = State(store.empty_tree), listed(store, commit)
    read = store.contents(_blobs(rows))
    fresh = {paths.name(row.path): _leaf(row, read) for row in rows if _is_ours(row)}
    for path in near.kept - fresh.keys():
        leaf = near.leaves.get(path)
        fresh[path] = Leaf(leaf.mode, leaf.blob, own=False) if leaf else None
    unread = [path for path, leaf in fresh.items() if leaf and not leaf.own]
    for path, content in _kept(store, commit, unread).items():
        leaf = fresh[path]
        if leaf:
            fresh[path] = Leaf(leaf.mode, leaf.blob, content, own=False)
    state = near.changed(tree, fresh)
    store.memory.states.put(commit, state)
    return state


def listed(store: Store, commit: str) -> list[Row]:
    """Every path of a commit's tree, verified and within what is read."""
    tree = graph.tree(store, commit)
    found = store.listing(tree)
    store.check_folders([tree, *(row.id for row, _ in found if row.mode == paths.FOLDER)])
    ours = [size for row, size in found if _is_ours(row)]
    # Counted before anything is read; what is too large for one file is not read at all.
    check_size(tree, len(ours), sum(size for size in ours if size <= contents.FILE_BYTES))
    return [row for row, _ in found]


def _is_ours(row: Row) -> bool:
    return row.mode != paths.FOLDER and paths.is_read(row.path) and paths.refusal(row.path) is None


def _blobs(rows: Iterable[Row]) -> Iterator[str]:
    return (row.id for row in rows if row.mode == paths.REGULAR and _is_ours(row))


def _trees(store: Store, chunk: Sequence[tuple[str, tuple[list[Row], ...]]]) -> Iterator[str]:
    for name, rows in chunk:
        yield graph.tree(store, name)
        yield from (row.id for row in rows[0] if row.mode == paths.FOLDER)


def _chunks(store: Store, order: Sequence[str]) -> Iterator[list[tuple[str, tuple[list[Row], ...]]]]:
    """Some commits at a time with their differences, so that what they need is read together."""
    pairs = []
    for name in order:
        olds = [graph.tree(store, parent) for parent in graph.parents(store, name)] or [store.empty_tree]
        pairs += [(old, graph.tree(store, name)) for old in olds]
    differences = store.differences(pairs)
    chunk: list[tuple[str, tuple[list[Row], ...]]] = []
    weight = 0
    for name in order:
        rows = tuple(next(differences) for _ in range(len(graph.parents(store, name)) or 1))
        chunk.append((name, rows))
        weight += sum(len(one) for one in rows)
        if len(chunk) >= _CHUNK_COMMITS or weight >= _CHUNK_ROWS:
            yield chunk
            chunk, weight = [], 0
    yield chunk
    list(differences)


def _leaf(row: Row, read: Mapping[str, Content]) -> Leaf | None:
    """What stands at a path; None where it is gone."""
    if row.mode == paths.GONE:
        return None
    content = read.get(row.id)
    if row.mode != paths.REGULAR or content is None or content.findings:
        return Leaf(row.mode, row.id, own=False)
    return Leaf(row.mode, row.id, content, size=content.size)


def _next(tree: str, before: Sequence[State], rows: Iterable[Row], read: Mapping[str, Content]) -> State:
    """A commit's state, from its first parent's and what it says otherwise."""
    leaves: dict[str, Leaf | None] = {}
    for row in rows:
        if not _is_ours(row):
            continue
        path = paths.name(row.path)
        leaf = _leaf(row, read)
        if leaf and not leaf.own:
            leaf = Leaf(leaf.mode, leaf.blob, _said_before(leaf, path, before), own=False)
        leaves[path] = leaf
    first = before[0] if before else State(tree)
    return first.changed(tree, leaves)


def _said_before(leaf: Leaf, path: str, before: Sequence[State]) -> Content:
    there = [found for state in before if (found := state.leaves.get(path))]
    same = [found for found in there if (found.mode, found.blob) == (leaf.mode, leaf.blob)]
    return next((found.content for found in same or there), contents.EMPTY)


def _kept(store: Store, commit: str, unread: Iterable[str]) -> dict[str, Content]:
    """What unreadable files of a commit said last, found by going back through its history."""
    budget = _STEPS_BACK
    found = {}
    for path in unread:
        at = commit
        while budget:
            budget -= 1
            step = _step_back(store, at, path)
            if isinstance(step, Content):
                found[path] = step
                break
            at = step
        else:
            raise RepositoryError(
                f"what {paths.shown(path)} said before it became unreadable lies too far back", "put the file right"
            )
    return found


def _step_back(store: Store, commit: str, path: str) -> Content | str:
    """What an unreadable path of a commit said in a parent, or the parent in which it is just as unreadable."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    here = _entry(store, commit, parts)
    there = [(parent, entry) for parent in graph.parents(store, commit) if (entry := _entry(store, parent, parts))]
    same = [parent for parent, entry in there if entry == here]
    if same or not there:
        return same[0] if same else contents.EMPTY
    parent, (mode, name) = there[0]
    content = store.contents([name])[name] if mode == paths.REGULAR else None
    return content if content and not content.findings else parent


def _entry(store: Store, commit: str, parts: Sequence[bytes]) -> tuple[str, str] | None:
    """Mode and object of a path that is no folder; None where there is none."""
    at = graph.tree(store, commit)
    for part in parts[:-1]:
        mode, at = store.folder(at).get(part, ("", ""))
        if mode != paths.FOLDER:
            return None
    entry = store.folder(at).get(parts[-1])
    return entry if entry and entry[0] != paths.FOLDER else None
