"""What one commit's tree says, as a value that the next commit's is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assent.adapters.git import paths
from assent.adapters.git.contents import EMPTY, NOTHING, Content, Said, Saying, saying
from assent.adapters.git.shelf import Shelf
from assent.api.names import Ident
from assent.errors import RepositoryError

TREE_FILES = 50_000
TREE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Leaf:
    """One YAML file: what stands there, and what its path says.

    Where the file cannot be read, `content` is what the path said before and `own` is False: an unreadable file
    changes nothing, it is only told. `size` is the blob's, as far as it was read.
    """

    mode: str
    blob: str
    content: Content = EMPTY
    own: bool = True
    size: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """All YAML files of a tree by path, and by identity what they say.

    `kept` are the paths that say what they said before; `folded` finds names that some systems hold for one.
    """

    tree: str
    leaves: Shelf[str, Leaf] = field(default_factory=Shelf)
    said: Shelf[Ident, tuple[Said, ...]] = field(default_factory=Shelf)
    folded: Shelf[str, tuple[str, ...]] = field(default_factory=Shelf)
    kept: frozenset[str] = frozenset()
    files: int = 0
    size: int = 0

    def saying(self, ident: Ident) -> Saying:
        """What the tree says of one document."""
        said = self.said.get(ident)
        return saying(said) if said else NOTHING

    def idents(self, path: str) -> Iterable[Ident]:
        """The documents that a path speaks of."""
        leaf = self.leaves.get(path)
        return [one.ident for one in leaf.content.said] if leaf else ()

    def collides(self, path: str) -> str | None:
        """Another path of this tree that differs from it in case or Unicode form alone."""
        others = self.folded.get(paths.folded(path)) or ()
        return next((other for other in others if other != path), None)

    def changed(self, tree: str, leaves: Mapping[str, Leaf | None]) -> "State":
        """The state of another tree that differs in these paths; None where a path is gone."""
        said: dict[Ident, list[Said]] = {}
        folds: dict[str, tuple[str, ...]] = {}
        kept, files, size = set(self.kept), self.files, self.size
        for path, leaf in leaves.items():
            before = self.leaves.get(path)
            if before:
                files, size = files - 1, size - before.size
                kept.discard(path)
                self._take(said, before.content.said)
            if leaf:
                files, size = files + 1, size + leaf.size
                kept.update(() if leaf.own else (path,))
                self._put(said, leaf.content.said)
            if (leaf is None) != (before is None):
                self._fold(folds, path, there=leaf is not None)
        check_size(tree, files, size)
        return State(
            tree,
            self.leaves.changed(leaves),
            self.said.changed({ident: _sorted(all_said) for ident, all_said in said.items()}),
            self.folded.changed({name: there or None for name, there in folds.items()}),
            self.kept if kept == self.kept else frozenset(kept),
            files,
            size,
        )

    def _of(self, said: dict[Ident, list[Said]], ident: Ident) -> list[Said]:
        if ident not in said:
            said[ident] = list(self.said.get(ident) or ())
        return said[ident]

    def _take(self, said: dict[Ident, list[Said]], gone: Iterable[Said]) -> None:
        for one in gone:
            self._of(said, one.ident).remove(one)

    def _put(self, said: dict[Ident, list[Said]], new: Iterable[Said]) -> None:
        for one in new:
            self._of(said, one.ident).append(one)

    def _fold(self, folds: dict[str, tuple[str, ...]], path: str, *, there: bool) -> None:
        name = paths.folded(path)
        others = tuple(other for other in folds.get(name, self.folded.get(name) or ()) if other != path)
        folds[name] = (*others, path) if there else others


def _sorted(said: list[Said]) -> tuple[Said, ...] | None:
    return tuple(sorted(said, key=lambda one: one.version)) or None


_TOO_LARGE = (
    "take the commit off the branch; where that cannot be, take the files out, and start with --new-ledger and "
    "--trust-root at a commit after that"
)


def check_size(tree: str, files: int, size: int) -> None:
    """Raises RepositoryError for a tree with more YAML than is read."""
    if files > TREE_FILES:
        raise RepositoryError(
            f"the tree {tree} holds {files:,} YAML files; at most {TREE_FILES:,} are read", _TOO_LARGE
        )
    if size > TREE_BYTES:
        raise RepositoryError(
            f"the tree {tree} holds {size >> 20} MiB of YAML; at most {TREE_BYTES >> 20} are read", _TOO_LARGE
        )
