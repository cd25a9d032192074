"""Where a repository lies: GitPython opens and locates, and reads nothing more."""

from dataclasses import dataclass
from pathlib import Path

from assent.errors import RepositoryError

_POINTER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Located:
    """The folder of a checkout's own names (HEAD, index), that of its objects and branches, and its work tree.

    The first two differ in a linked work tree alone; a bare repository has no work tree.
    """

    git_dir: Path
    common_dir: Path
    work_tree: Path | None


def locate(path: Path, *, named: bool = True) -> Located:
    """The repository at a path or around it; raises RepositoryError where there is none, or one that is not taken.

    A bare repository is taken only where it was named itself: any folder of a work tree can be made to look like one.
    """
    start = path.absolute()
    git_dir, work_tree = _found(start)
    if work_tree is None and not (named and git_dir == start.resolve()):
        raise RepositoryError(
            f"{git_dir} looks like a bare repository, and nobody named it",
            f"name it itself if it is meant: -C {git_dir}",
        )
    return Located(git_dir, _common_dir(git_dir), work_tree)


def _found(start: Path) -> tuple[Path, Path | None]:
    # Imported here since it takes a tenth of a second and asks Git for its version, which few commands need.
    import git  # noqa: PLC0415

    try:
        with git.Repo(str(start), search_parent_directories=True, expand_vars=False) as repo:
            git_dir, work_tree = Path(repo.git_dir).resolve(), repo.working_tree_dir
    except Exception as error:  # noqa: BLE001 -- whatever it raises on a folder of somebody else's is a refusal
        raise RepositoryError(
            f"there is no Git repository at {start} ({type(error).__name__})", "name one with -C, or run `git init`"
        ) from None
    # Its own idea of a work tree follows GIT_WORK_TREE and core.worktree; only a .git beside the files makes one here.
    root = Path(work_tree).resolve() if work_tree else None
    return git_dir, root if root and (root / ".git").exists() else None


def _common_dir(git_dir: Path) -> Path:
    """What the `commondir` of a linked work tree names; GitPython's own answer follows the environment."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    with pointer.open("rb") as file:
        text = file.read(_POINTER_BYTES)
    return (git_dir / text.rstrip(b"\r\n").decode("utf-8", "surrogateescape")).resolve()
