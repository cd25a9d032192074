"""Reads what is declared: the files under some paths, or one commit's tree, as a world with the place of everything."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.documents import Document, Loaded, load, may_be_mistaken, mistaken, ours
from assent.api.findings import Finding, Place
from assent.api.kinds import Problem
from assent.api.names import API_VERSION, Ident, Ref
from assent.api.requests import Request
from assent.api.scenarios import Scenario
from assent.cli.beside import judged
from assent.cli.files import Files
from assent.cli.progress import watched
from assent.cli.reading import RULES, Declared, Read, Spot, Steps, Value, declared, finding, parsed
from assent.core.checks import check
from assent.core.world import World, world

if TYPE_CHECKING:
    from assent.adapters.git.objects import Store

__all__ = ["RULES", "Play", "Plays", "Source", "held", "read", "read_commit", "scenarios", "taken"]

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
        faults = check(self.world, self.requests, unread=self.unread, hidden=self.hidden, judged=judged)
        told = [finding(one.rule, one.ident, one, self.place(one.ident, one.path)) for one in faults]
        return tuple(sorted({*self.findings, *told}, key=lambda one: one.order))


@dataclass
class _Pile:
    """What is gathered on the way: `read` are documents with the number of their file."""

    read: list[tuple[int, Read]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    skipped: int = 0

    def source(self) -> Source:
        """All of it, in the order of the files."""
        said: Declared = declared(one for _, one in sorted(self.read, key=lambda one: one[0]))
        configuration = [one for one in said.documents.values() if not isinstance(one, Request)]
        findings = sorted({*self.findings, *said.findings}, key=lambda one: one.order)
        return Source(
            world=world(configuration),
            requests={Ref(one.namespace, one.name): one for one in said.documents.values() if isinstance(one, Request)},
            findings=tuple(findings),
            documents=sum(one.value.get("apiVersion") == API_VERSION for _, one in self.read),
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
    return taken(Files(paths))


def taken(files: Files) -> Source:
    """The world of files that have begun to load, each document parsed as soon as it is there."""
    pile = _Pile(findings=files.findings)
    for number, (file, data), loaded in watched(files.reading.loaded()):
        _add(pile, number, file, data, loaded)
    return pile.source()


def held(values: Iterable[Value]) -> Source:
    """Documents that stand in no file, as one world: a cluster's."""
    return _Pile(read=[(0, parsed(value, Spot("", 0, 0, bytes), loaded=False)) for value in values]).source()


def _add(pile: _Pile, number: int, file: str, data: bytes, loaded: Loaded | None) -> None:
    """One file: its documents, or why it cannot be read, or that it is somebody else's."""
    if loaded is None:
        _pass_over(pile, file, data, load(data, file) if may_be_mistaken(data) else None)
    elif loaded.findings:
        pile.findings.extend(loaded.findings)
        pile.hidden.update(word.decode() for word in _WORD.findall(data))
    elif not any(ours(document.value) for document in loaded.documents):
        _pass_over(pile, file, data, loaded)
    else:
        for one in loaded.documents:
            pile.read.append((number, parsed(one.value, _spot(file, data, one))))


def _pass_over(pile: _Pile, file: str, data: bytes, loaded: Loaded | None) -> None:
    """Counts somebody else's file; a document that was probably meant to be ours is told of."""
    pile.skipped += 1
    for one in loaded.documents if loaded else ():
        if found := mistaken(one.value):
            pile.findings.append(replace(found, place=_spot(file, data, one).place((found.path,))))


def _spot(file: str, data: bytes, one: Document) -> Spot:
    return Spot(file, one.index, one.line, partial(_same, data))


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
            pile.read.append((0, parsed(tree.document(version), spot)))
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
