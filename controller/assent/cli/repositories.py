"""A repository as a pass sees it: one branch of it, read by commit."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from assent.adapters.git import history, repository, trees
from assent.adapters.git.objects import Store
from assent.api.evidence import Commit, Version
from assent.api.names import Ident


@dataclass
class Branch:
    """One branch of an opened repository; answers what `reconcile.protocols.Repository` asks."""

    source: repository.Repository
    name: str
    _trees: dict[str, trees.Tree] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Its objects."""
        return self.source.store

    def head(self) -> str:
        """The newest commit; of a remote repository the branch is fetched first."""
        self.source.refresh()
        return self.source.head(self.name or None)

    def commits(self, base: str, head: str) -> Iterable[Commit]:
        """What every commit since `base` brought in."""
        return history.commits(self.store, base, head)

    def tree(self, commit: str) -> trees.Tree:
        """Everything that one commit's tree says; the last one asked for is kept."""
        if commit not in self._trees:
            self._trees = {commit: trees.snapshot(self.store, commit)}
        return self._trees[commit]

    def snapshot(self, commit: str) -> Mapping[Ident, tuple[Version, ...]]:
        """What the tree of one commit says of each document."""
        return self.tree(commit).versions

    def document(self, version: Version) -> Mapping[str, Any]:
        """The plain values of one version."""
        found = self.store.document(version)
        return found if isinstance(found, Mapping) else {}


@contextmanager
def opened(place: str, branch: str = "") -> Iterator[Branch]:
    """The branch of the repository at this path or URL."""
    with repository.opened(place, branch or None) as source:
        yield Branch(source, branch)
