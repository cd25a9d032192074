"""Everything that one commit's tree says, and what is wrong with the files in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from assent.adapters.git import paths, walks
from assent.adapters.git.contents import Value, placed
from assent.adapters.git.objects import Row, Store
from assent.adapters.git.state import State
from assent.adapters.git.walks import Step
from assent.api.evidence import Version
from assent.api.findings import Finding, Place
from assent.api.names import Ident

FINDINGS = 100
"""Problems told of one tree or commit; whoever has more has one mistake repeated, or means harm."""


@dataclass(frozen=True, slots=True)
class Tree:
    """All documents of one commit by identity, as versions; more than one where a document is declared twice.

    A file that cannot be read is a finding, and says what it said before. `skipped` counts the YAML files in which
    nothing has our apiVersion. `places` has file and line of each version.
    """

    commit: str
    versions: Mapping[Ident, tuple[Version, ...]]
    places: Mapping[Version, Place]
    findings: tuple[Finding, ...]
    skipped: int
    _store: Store = field(repr=False, compare=False)

    def document(self, version: Version) -> Value:
        """The parsed document of a version; whoever gets it must not change it."""
        return self._store.document(version)


def snapshot(store: Store, commit: str) -> Tree:
    """What the tree of a commit says."""
    rows = walks.listed(store, commit)
    state = walks.state_of(store, commit)
    leaves = sorted(state.leaves.items())
    places: dict[Version, Place] = {}
    for path, leaf in leaves:
        for said in leaf.content.said:
            places.setdefault(said.version, Place(path, said.line))
    return Tree(
        commit,
        {ident: tuple(one.version for one in said) for ident, said in sorted(state.said.items())},
        places,
        _bounded(_problems(store, state, rows)),
        sum(leaf.own and leaf.content.passed_over for _, leaf in leaves),
        store,
    )


def brought_in(store: Store, step: Step) -> tuple[Finding, ...]:
    """What is wrong with the files that a commit has and none of its parents has."""
    first, *others = step.rows
    common = set.intersection(*({row.path for row in rows} for rows in others)) if others else None
    rows = [row for row in first if row.mode != paths.GONE and (common is None or row.path in common)]
    return _bounded(_problems(store, step.state, rows, gone=[row.path for row in first if row.mode == paths.GONE]))


def _bounded(problems: Iterable[Finding]) -> tuple[Finding, ...]:
    found = list(islice(problems, FINDINGS + 1))
    if len(found) > FINDINGS:
        message = f"more than {FINDINGS} problems with files; the rest is not told"
        found[FINDINGS:] = [Finding("git-too-many-problems", message, "put these right first")]
    return tuple(sorted(found, key=lambda finding: finding.order))


def _problems(store: Store, state: State, rows: Iterable[Row], gone: Iterable[bytes] = ()) -> Iterator[Finding]:
    folders: set[str] | None = None
    for row in rows:
        if row.mode == paths.FOLDER:
            continue
        refusal = paths.refusal(row.path)
        if refusal:
            yield refusal
        elif paths.is_read(row.path):
            yield from _file_problems(store, state, row)
        elif row.mode in {paths.LINK, paths.SUBMODULE}:
            if folders is None:
                folders = _folders(name for name, there in state.folded.items() if there)
                folders |= _folders(paths.folded(paths.name(path)) for path in gone if paths.is_read(path))
            if paths.folded(paths.name(row.path)) in folders:
                yield paths.shadow(row.path)


def _file_problems(store: Store, state: State, row: Row) -> Iterator[Finding]:
    path = paths.name(row.path)
    refusal = paths.mode_refusal(row.path, row.mode)
    if refusal:
        yield refusal
        return
    yield from (placed(finding, path) for finding in store.contents([row.id])[row.id].findings)
    other = state.collides(path)
    if other:
        yield paths.collision(path, other)


def _folders(names: Iterable[str]) -> set[str]:
    """Every folder above the files of these names."""
    found: set[str] = set()
    for name in names:
        while (name := name.rpartition("/")[0]) and name not in found:
            found.add(name)
    return found
