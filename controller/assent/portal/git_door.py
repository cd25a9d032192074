"""The panel in Git mode: it reads by the controller's ledger, and brings requests in by commits of its own key.

Its commits prove nothing of who asks: the evidence in the ledger does, which was written before.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

from assent.adapters.documents import edit
from assent.adapters.git.workspace import Workspace
from assent.adapters.ledger import Ledger
from assent.api.names import Ref
from assent.api.requests import document
from assent.core.state import State
from assent.core.world import World
from assent.errors import RepositoryError
from assent.portal.doors import NameTakenError
from assent.portal.reading import Reading
from assent.reconcile.knowledge import documents, restored
from assent.reconcile.protocols import Repository

MOST: Final = 12
"""Requests that are brought in or wait for that; each keeps one of the threads that pages are made in."""

EACH: Final = 4
"""The same of one person."""


class GitDoor(Reading):
    """A branch and its ledger; `workspace` is a work tree in which the panel commits, and pushes from where told to.

    With `push` the work tree is the panel's alone: it is brought to what was pushed before each commit.
    """

    name: Literal["Git"] = "Git"

    def __init__(self, branch: Repository, ledger: Ledger, workspace: Workspace, *, push: bool = False) -> None:
        super().__init__(ledger, self._forced)
        self._branch = branch
        self._look_up = documents(branch)
        self._workspace = workspace
        self._push = push
        self._hand = threading.Lock()
        self._counting = threading.Lock()
        self._coming: Counter[str] = Counter()

    def _forced(self, state: State, world: World, told: bool) -> World:  # noqa: FBT001 -- a builder's form
        if not told:
            return world
        try:
            return restored(self._branch, state, self._look_up).world
        except RepositoryError:
            if not self._push:
                raise
        # The controller has read on at the forge; a clone of the panel's own has not. Nobody who pushes is waited for.
        self._workspace.fetch()
        return restored(self._branch, state, self._look_up).world

    def open(self, ref: Ref, spec: Mapping[str, Any], username: str) -> None:
        """Commits the request's document; one that is there already as it should be is left.

        Raises RepositoryError where too many come at once: who pushes slowly keeps nobody from reading pages.
        """
        value = document(ref, spec)
        path = f"requests/{ref.namespace}/{ref.name}.yaml"
        with self._place(username), self._hand:
            self._commit(path, edit.dump(value), f"Request {ref}, asked for by {username} in the panel")

    @contextmanager
    def _place(self, username: str) -> Iterator[None]:
        """A place among those who come; raises RepositoryError where there is none."""
        with self._counting:
            if self._coming[username] >= EACH or self._coming.total() >= MOST:
                raise RepositoryError("many requests are being brought in at this moment", "send it again in a moment")
            self._coming[username] += 1
        try:
            yield
        finally:
            with self._counting:
                self._coming[username] -= 1
                self._coming += Counter()  # whoever has none is forgotten

    def _commit(self, path: str, text: bytes, subject: str) -> None:
        if self._push:
            self._workspace.renew()
        file = self._workspace.root / path
        if file.is_file() and not file.is_symlink() and file.read_bytes() == text:
            return
        if file.exists():
            raise NameTakenError(f"the file {path} is there already", "give the request another name")
        self._workspace.commit({path: text}, subject, push=self._push)
