"""Opening a repository: by path as it lies there, or by URL as a bare mirror of one branch (rule 37)."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.git import mirrors, urls
from assent.adapters.git.objects import Store
from assent.adapters.git.places import Located, locate
from assent.errors import NotFoundError, RepositoryError


@dataclass(slots=True)
class Repository:
    """An open repository: its objects, and the names by which its commits are found.

    `url` and `branch` are a mirror's; a repository at a path has neither.
    """

    located: Located
    store: Store
    url: str = ""
    branch: str = ""
    _fetched: bool = False

    @property
    def where(self) -> str:
        """The URL or the path, as people know it."""
        return self.url or str(self.located.work_tree or self.located.git_dir)

    def refresh(self) -> None:
        """Fetches a mirror's branch; nothing for a repository at a path."""
        if self.url:
            mirrors.fetch(self.located.git_dir, self.url, self.branch)
            self._fetched = True

    def head(self, branch: str | None = None) -> str:
        """The commit id at the head of a branch; without one, of the mirrored branch, or of what is checked out.

        A mirror is fetched first, but for the first time after it was opened. Raises NotFoundError.
        """
        if not self._fetched:
            self.refresh()
        self._fetched = False
        name = branch or self.branch
        found = self._commit(f"refs/heads/{urls.branch(name)}" if name else "HEAD")
        if found is None:
            what = f"branch {name}" if name else "commit yet"
            raise NotFoundError(f"{self.where} has no {what}", "look at `git branch`")
        return found

    def resolve(self, revision: str) -> str:
        """The id of the commit that a person's own words name; raises NotFoundError."""
        found = self._commit(urls.revision(revision))
        if found is None:
            raise NotFoundError(f"{self.where} knows no commit {revision!r}", "give a branch, a tag or a commit id")
        return found

    def _commit(self, name: str) -> str | None:
        """The commit that a name leads to; None where there is no such name."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        own = self.located.git_dir
        try:
            found = self.store.run(*words, name, git_dir=own).decode("ascii", "replace").strip()
        except RepositoryError:
            return None
        # What it names may be broken or no commit at all, which is no missing name and is told as it is.
        return self.store.run("rev-parse", "--verify", "--end-of-options", f"{found}^{{commit}}").decode().strip()


@contextmanager
def opened(where: str, branch: str | None = None, *, cache: Path | None = None) -> Iterator[Repository]:
    """The repository that a person named by path or URL; what is kept for reading it ends with the block.

    Args:
        where: a path, which is taken as one wherever something is there; else an https or ssh URL.
        branch: the branch to mirror of a URL; default: the remote's own.
        cache: the folder of mirrors; default: the person's own cache.
    """
    found = open_url(where, cache or _cache(), branch) if _means_url(where) else open_path(Path(where))
    with found.store:
        yield found


def open_path(path: Path, *, named: bool = True) -> Repository:
    """The repository at a path, or the one whose work tree the path is in.

    Args:
        path: a work tree or a folder in one, a `.git` folder, or a bare repository.
        named: whether a person named this very path; a bare repository is not taken otherwise, since any folder of
            a work tree can be made to look like one.
    """
    located = locate(path, named=named)
    return Repository(located, Store(located.common_dir))


def open_url(url: str, cache: Path, branch: str | None = None) -> Repository:
    """A mirror of one branch, fetched, in a folder of the cache that is named after the URL."""
    urls.refuse_local(url)
    checked = urls.checked(url)
    chosen = urls.branch(branch or mirrors.default_branch(checked))
    git_dir = cache.absolute() / f"{hashlib.sha256(checked.encode()).hexdigest()[:32]}.git"
    mirrors.make(git_dir)
    mirrors.fetch(git_dir, checked, chosen)
    return Repository(Located(git_dir, git_dir, None), Store(git_dir), checked, chosen, _fetched=True)


def git_dir(where: str) -> Path | None:
    """The Git folder that all work trees of a repository share; None where it is none on this machine."""
    if _means_url(where):
        return None
    try:
        return locate(Path(where)).common_dir
    except RepositoryError:
        return None


def is_bare(where: str) -> bool:
    """Whether a bare repository is there, which has no files to look at."""
    try:
        return locate(Path(where)).work_tree is None
    except RepositoryError:
        return False


def _means_url(where: str) -> bool:
    try:
        there = Path(where).exists()
    except (OSError, ValueError):
        there = False
    return not there and urls.is_url(where)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "assent" / "mirrors"
