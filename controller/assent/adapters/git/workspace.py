"""A person's own work tree: the signed commits that they make here, of exactly what they mean to commit."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assent.adapters.git import paths, person, signatures, urls
from assent.adapters.git.headers import signature
from assent.adapters.git.objects import Store
from assent.adapters.git.person import HOW_TO_SIGN, keys_here
from assent.adapters.git.places import Located, locate
from assent.api.keys import fingerprint
from assent.errors import NotFoundError, RepositoryError

__all__ = ["HOW_TO_SIGN", "Workspace", "email_here", "find", "keys_here", "start"]


@dataclass(frozen=True)
class Workspace:
    """A work tree, and the fingerprint of the key that its owner signs with.

    Every write is one commit that carries a good signature by that key, or nothing; other changes in the work tree
    and the index stay as they are.
    """

    located: Located
    root: Path
    fingerprint: str

    def commit(
        self, files: Mapping[str, bytes | None], subject: str, trailers: Sequence[str] = (), *, push: bool = False
    ) -> str:
        """Writes files by their paths below the root (None: deletes) and commits them alone; returns the commit's id.

        Without files it is an empty commit, for its trailers. Raises RepositoryError where a file has changes that
        are not committed, where a merge or rebase is under way, and where Git refuses; then all is as it was.
        """
        self._refuse_unfinished()
        targets = {path: self._target(path) for path in files}
        for path, target in targets.items():
            self._refuse_changed(path, target)
        options = ("--quiet", "--gpg-sign", "--only", "--allow-empty", "--message", _message(subject, trailers))
        with self._undone_on_failure(targets):
            for path, data in files.items():
                _write(targets[path], data)
            if files:
                self._git("add", "--force", "--", *files)
                if not self._git("status", "--porcelain", "-z", "--", *files):
                    raise RepositoryError("nothing would change", "look at what is committed already")
            self._git("commit", *options, "--", *files)
        return self._signed(push=push)

    def merge(self, branch: str, subject: str, trailers: Sequence[str] = (), *, push: bool = False) -> str:
        """Merges a branch by one signed merge commit; returns its id.

        Raises RepositoryError where there is nothing to merge, where the index holds changes, and for a conflict,
        which is undone.
        """
        self._refuse_unfinished()
        if self._git("diff", "--cached", "--name-only", "-z"):
            raise RepositoryError("changes are staged that are not committed", "commit them, or put them aside, first")
        theirs = self._commit_of(branch)
        if self._git("rev-list", "--count", theirs, f"^{self._commit_of('HEAD')}").strip() == "0":
            raise RepositoryError(f"{branch} is merged already", "approve by the line in the request instead")
        options = ("--quiet", "--no-ff", "--no-edit", "--gpg-sign", "-m", _message(subject, trailers))
        try:
            self._git("merge", *options, theirs)
        except RepositoryError as refused:
            if (self.located.git_dir / "MERGE_HEAD").exists():
                self._git("merge", "--abort")
            raise RepositoryError(f"{branch} cannot be merged: {refused.message}", "merge it by hand") from None
        return self._signed(push=push)

    def push(self) -> str:
        """Pushes what is checked out to where its branch is followed; returns that place."""
        branch = self._branch()
        remote = person.config(self.root, f"branch.{branch}.remote") or "origin"
        target = person.config(self.root, f"branch.{branch}.merge") or f"refs/heads/{branch}"
        try:
            self._git("push", "--quiet", "--", remote, f"HEAD:{target}")
        except RepositoryError as refused:
            raise RepositoryError(
                f"the commit is made, but could not be pushed: {refused.message}",
                "`git pull --no-rebase`, then `git push`: a rebase would make the commit anew, without your signature",
            ) from None
        return f"{remote} {target.removeprefix('refs/heads/')}"

    def renew(self) -> None:
        """Brings the work tree to what was pushed to the branch that it follows; what only stands here is lost."""
        self.fetch()
        self._git("reset", "--quiet", "--hard", "@{upstream}")

    def fetch(self) -> None:
        """Brings in what was pushed to where its branch is followed; the work tree stays as it is."""
        remote = person.config(self.root, f"branch.{self._branch()}.remote") or "origin"
        self._git("fetch", "--quiet", "--", remote)

    def _branch(self) -> str:
        return self._git("symbolic-ref", "--quiet", "--short", "HEAD").strip()

    def _signed(self, *, push: bool) -> str:
        """The commit that was just made, after its signature has been checked as the controller will check it."""
        commit = self._commit_of("HEAD")
        with Store(self.located.common_dir) as store:
            ((_, raw),) = store.commits([commit])
            signer = signatures.signer(signature(raw, store.name_length))
        if signer.fingerprint != self.fingerprint:
            why = signer.unsigned or f"is signed by {signer.fingerprint}, not by {self.fingerprint}"
            raise RepositoryError(
                f"commit {commit} proves nothing: it {why}", f"undo it: git reset --soft HEAD~1; {HOW_TO_SIGN}"
            )
        if push:
            self.push()
        return commit

    def _target(self, path: str) -> Path:
        """Where a path lies on disk; no part of it may be a link, since writing would follow it."""
        parts = PurePosixPath(path)
        if path != str(parts) or parts.is_absolute() or paths.refusal(path.encode()):
            raise RepositoryError(f"{path!r} is no path below the work tree", "give it as Git shows it")
        target = self.root
        for part in parts.parts:
            target = target / part
            if target.is_symlink():
                raise RepositoryError(f"{target} is a symbolic link, which is not written through", "name another file")
        return target

    def _refuse_changed(self, path: str, target: Path) -> None:
        changed = self._git("status", "--porcelain", "--untracked-files=all", "--ignored", "-z", "--", path)
        known = self._git("ls-files", "-z", "--", path)
        if changed or (target.exists() and not known):
            raise RepositoryError(f"{path} has changes that are not committed", "commit them, or put them aside, first")

    def _refuse_unfinished(self) -> None:
        for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"):
            if (self.located.git_dir / name).exists():
                raise RepositoryError(
                    "a merge, rebase, cherry-pick or revert is under way", "finish it, or abort it, first"
                )

    @contextmanager
    def _undone_on_failure(self, targets: Mapping[str, Path]) -> Iterator[None]:
        before = {path: target.read_bytes() if target.is_file() else None for path, target in targets.items()}
        try:
            yield
        except BaseException:
            for path, data in before.items():
                _write(targets[path], data)
            if targets:
                self._git("reset", "--quiet", "--", *targets)
            raise

    def _commit_of(self, name: str) -> str:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{urls.revision(name)}^{{commit}}")
        try:
            return self._git(*words).strip()
        except RepositoryError:
            raise NotFoundError(f"there is no commit {name!r} in {self.root}", "fetch it, or name another") from None

    def _git(self, *arguments: str) -> str:
        return person.git(self.root, *arguments)


def find(place: Path) -> Workspace:
    """The work tree at or above a folder, and its owner's signing key.

    Raises NotFoundError where there is no work tree, RepositoryError where Git would not sign with an SSH key.
    """
    try:
        located = locate(place, named=False)
    except RepositoryError as error:
        raise NotFoundError(f"{place} is no work tree of Git", "go to your clone, or name it by -C") from error
    if located.work_tree is None:
        raise NotFoundError(f"{place} is no work tree of Git", "go to your clone, or name it by -C")
    return Workspace(located, located.work_tree, fingerprint(person.signing_key(located.work_tree)))


def email_here(place: Path = Path()) -> str:
    """The person's e-mail address, as Git knows it; empty where it does not."""
    return person.email(place)


def start(folder: Path) -> None:
    """A new repository in the folder, where there is none."""
    if not (folder / ".git").exists():
        person.git(folder, "init", "--quiet", "--initial-branch=main")


def _write(target: Path, data: bytes | None) -> None:
    """Writes a file, or takes it away; never through a link that was put there meanwhile."""
    if data is None:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o644), "wb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.write(data)


def _message(subject: str, trailers: Sequence[str]) -> str:
    return subject + ("\n\n" + "\n".join(trailers) if trailers else "")
