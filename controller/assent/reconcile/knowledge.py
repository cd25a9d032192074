"""What a controller knows between two passes: the ledger's state, the world in force, and which versions those are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from assent.api.evidence import Version
from assent.api.kinds import AnyKind, Problem, parse
from assent.api.names import Ident
from assent.api.problems import sentences
from assent.core.intake import Documents
from assent.core.state import State, fold
from assent.core.world import World
from assent.errors import HistoryError
from assent.reconcile.protocols import Ledger, Repository

KEPT = 1 << 16
"""Parsed documents kept by version: more than any tree within the limits holds."""


@dataclass(frozen=True)
class Knowledge:
    """State, world and the versions in force; `unread` are the root's documents that say nothing that can be read."""

    state: State
    world: World
    forced: Mapping[Ident, Version]
    unread: Mapping[Ident, str]


def documents(repository: Repository) -> Documents:
    """A look-up of documents by version, which remembers: a version never changes."""

    @lru_cache(maxsize=KEPT)
    def found(version: Version) -> tuple[AnyKind | None, tuple[Problem, ...]]:
        return parse(repository.document(version))

    return found


def recall(repository: Repository, ledger: Ledger, look_up: Documents) -> Knowledge:
    """Everything that the ledger says, with the documents that its versions stand for."""
    return restored(repository, fold(ledger.records()), look_up)


def restored(repository: Repository, state: State, look_up: Documents) -> Knowledge:
    """The world in force after this state: the trust root's tree, and over it whatever was taken over since."""
    if not state.root:
        return Knowledge(state, World(), {}, {})
    forced, unread = rooted(repository.snapshot(state.root), look_up)
    for ident, written in state.written.items():
        unread.pop(ident, None)
        if written.version is None:
            forced.pop(ident, None)
        else:
            forced[ident] = written.version
    world = World().changed({ident: _document(look_up, version) for ident, version in forced.items()})
    notes = {ident: written.provenance for ident, written in state.written.items()}
    return Knowledge(state, replace(world, provenance=notes), forced, unread)


def rooted(
    snapshot: Mapping[Ident, tuple[Version, ...]], look_up: Documents
) -> tuple[dict[Ident, Version], dict[Ident, str]]:
    """The versions of configuration that a trusted tree puts in force, and why others are not."""
    forced: dict[Ident, Version] = {}
    unread: dict[Ident, str] = {}
    for ident, versions in snapshot.items():
        if ident.kind == "Request":
            continue
        document, problems = look_up(versions[0])
        if len(versions) > 1:
            unread[ident] = "two documents have this name, so neither is in force"
        elif document is None:
            unread[ident] = sentences(problems)
        else:
            forced[ident] = versions[0]
    return forced, unread


def _document(look_up: Documents, version: Version) -> AnyKind:
    document, problems = look_up(version)
    if document is None:
        what = f"the document {version.blob[:12]}#{version.index} in force cannot be read any more"
        raise HistoryError(f"{what}: {problems[0].message}", "use the version of assent that took it over")
    return document
