"""Reads what is declared: the files under some paths, or one commit's tree, as a world with the place of everything."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.documents import load, may_be_ours, ours, scan
from assent.api.findings import Finding, Place
from assent.api.kinds import Problem
from assent.api.names import API_VERSION, Ident, Ref
from assent.api.requests import Request
from assent.api.scenarios import Scenario
from assent.cli.progress import watched
from assent.cli.reading import RULES, Declared, Spot, Steps, Value, declared, finding
from assent.core.checks import check
from assent.core.world import World, world

if TYPE_CHECKING:
    from assent.adapters.git.objects import Store

__all__ = ["RULES", "Play", "Plays", "Source", "held", "read", "read_commit", "scenarios"]

_WORD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._@-]*")


@dataclass(frozen=True)
class Source:
    """Everything that was read: what can be used, and what is wrong with the rest.

    `documents` counts those of the eight kinds, `skipped` the files in which nothing is ours. `unread` are
    documents that are there and cannot be used, `hidden` the words of files that cannot be read.
    """

    world: World
    requests: Mapping[Ref, Request]
    findings: tuple[Finding, ...]
    documents: int = 0
    skipped: int = 0
    unread: frozenset[Ident] = frozenset()
    hidden: frozenset[str] = frozenset()
    scenarios: tuple[tuple[Scenario, Spot], ...] = ()
    spots: Mapping[Ident, Spot] = field(default_factory=dict, repr=False)

    def place(self, ident: Ident, path: Steps = ()) -> Place:
        """Where a field of a document stands; an empty place for a document that was not read here."""
        spot = self.spots.get(ident)
        return spot.place(path) if spot else Place()

    def checked(self) -> tuple[Finding, ...]:
        """Every finding, of reading and of the world as a whole, in the order of their places."""
        faults = check(self.world, self.requests, unread=self.unread, hidden=self.hidden)
        told = [finding(one.rule, one.ident, one, self.place(one.ident, one.path)) for one in faults]
        return tuple(sorted({*self.findings, *told}, key=lambda one: one.order))


@dataclass
class _Pile:
    """What is gathered on the way."""

    found: list[tuple[Value, Spot]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    skipped: int = 0

    def source(self) -> Source:
        """All of it, parsed."""
        said: Declared = declared(self.found)
        configuration = [one for one in said.documents.values() if not isinstance(one, Request)]
        findings = sorted({*self.findings, *said.findings}, key=lambda one: one.order)
        return Source(
            world=world(configuration),
            requests={Ref(one.namespace, one.name): one for one in said.documents.values() if isinstance(one, Request)},
            findings=tuple(findings),
            documents=sum(value.get("apiVersion") == API_VERSION for value, _ in self.found),
            skipped=self.skipped,
            unread=frozenset(said.unread),
            hidden=frozenset(self.hidden),
            scenarios=tuple(said.scenarios),
            spots=said.spots,
        )


def read(paths: Sequence[Path]) -> Source:
    """All YAML files under these files and folders, as one world; a file that two paths lead to is read once.

    Raises NotFoundError for a path that is not there, RepositoryError for more than is read.
    """
    pile = _Pile()
    for file, data in watched(_files(paths, pile)):
        _add(pile, file, data)
    return pile.source()


def held(values: Iterable[Value]) -> Source:
    """Documents that stand in no file, as one world: a cluster's."""
    return _Pile(found=[(value, Spot("", 0, 0, bytes)) for value in values]).source()


def _files(paths: Iterable[Path], pile: _Pile) -> Iterator[tuple[str, bytes]]:
    """Every file under its name as people would write it from here."""
    seen: set[str] = set()
    for path in paths:
        folder = path.is_dir()
        above = path if folder else path.parent
        before = "" if above == Path() else f"{above.as_posix().rstrip('/')}/"

        def refused(one: Finding, above: Path = above) -> None:
            pile.findings.append(_moved(one, above))

        # No link is followed below a folder, so where the folder really is says where all of its files are.
        real = str(path.resolve())
        for name, data in scan(path, refused=refused):
            where = f"{real}/{name}" if folder else real
            if where not in seen:
                seen.add(where)
                yield before + name, data


def _moved(one: Finding, above: Path) -> Finding:
    """A finding whose file is named from the folder that was scanned, named from here."""
    place = (
        Place((above / one.place.file).as_posix(), one.place.line, one.place.column) if one.place.file else one.place
    )
    return Finding(one.rule, one.message, one.hint, one.severity, place)


def _add(pile: _Pile, file: str, data: bytes) -> None:
    """One file: its documents, or why it cannot be read, or that it is somebody else's."""
    if not may_be_ours(data):
        pile.skipped += 1
        return
    loaded = load(data, file)
    if loaded.findings:
        pile.findings.extend(loaded.findings)
        pile.hidden.update(word.decode() for word in _WORD.findall(data))
    elif not any(ours(document.value) for document in loaded.documents):
        pile.skipped += 1
    else:
        for one in loaded.documents:
            pile.found.append((one.value, Spot(file, one.index, one.line, partial(_same, data))))


def _same(data: bytes) -> bytes:
    return data


def read_commit(store: "Store", commit: str) -> Source:
    """What the tree of one commit declares, read from the objects alone (rule 36)."""
    from assent.adapters.git.trees import snapshot  # noqa: PLC0415 -- files are read without Git

    tree = snapshot(store, commit)
    pile = _Pile(findings=list(tree.findings), skipped=tree.skipped)

    @cache
    def blob(name: str) -> bytes:
        return store.run("cat-file", "blob", name)

    for versions in tree.versions.values():
        for version in versions:
            place = tree.places[version]
            spot = Spot(place.file, version.index, place.line, partial(blob, version.blob))
            pile.found.append((tree.document(version), spot))
    return pile.source()


@dataclass(frozen=True)
class Play:
    """A scenario with the world that it is played in, and the file that it stands in."""

    scenario: Scenario
    world: World
    file: Path


@dataclass(frozen=True)
class Plays:
    """Every scenario that can be played, and why others cannot."""

    scenarios: tuple[Play, ...]
    findings: tuple[Finding, ...]


def scenarios(paths: Sequence[Path]) -> Plays:
    """The scenarios under these paths, each with the world of the folders that it names, relative to its file."""
    found = read(paths)
    # One tree may hold many worlds: what is wrong with each is told where it is read for a scenario.
    findings = {one for one in found.findings if one.kind in ("", "Scenario")}
    worlds: dict[tuple[Path, ...], Source] = {}
    plays = []
    for scenario, spot in found.scenarios:
        file = Path(spot.file)
        folders = tuple((file.parent / name).resolve() for name in scenario.spec.world)
        missing = [at for at, folder in enumerate(folders) if not folder.exists()]
        findings.update(_nowhere(scenario, spot, at) for at in missing)
        if missing:
            continue
        if folders not in worlds:
            worlds[folders] = read([file.parent / name for name in scenario.spec.world])
            findings.update(one for one in worlds[folders].findings if one.severity == "error")
        plays.append(Play(scenario, worlds[folders].world, file))
    return Plays(tuple(plays), tuple(sorted(findings, key=lambda one: one.order)))


def _nowhere(scenario: Scenario, spot: Spot, at: int) -> Finding:
    path = ("spec", "world", at)
    name = scenario.spec.world[at]
    problem = Problem(path, f"names the folder {name!a}, which is not there", "name it relative to this file")
    return finding("scenario-world-missing", Ident("Scenario", "", scenario.metadata.name), problem, spot.place(path))
