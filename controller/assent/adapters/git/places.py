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
    for folder in (start, *start.parents):
        git_dir, work_tree = _found(folder)
        if work_tree is None and git_dir is not None and not (named and folder == start):
            raise RepositoryError(
                f"{git_dir} looks like a bare repository, and nobody named it",
                f"name it itself if it is meant: -C {git_dir}",
            )
        if git_dir is not None:
            return Located(git_dir, _common_dir(git_dir), work_tree)
    raise RepositoryError(f"there is no Git repository at {start}", "name one with -C, or run `git init`")


def _found(folder: Path) -> tuple[Path | None, Path | None]:
    """The Git folder that a folder has or is, and the work tree.

    Not by `git.Repo`, which reads the repository's configuration, and every file on disk that this includes.
    """
    # Imported here since it takes a tenth of a second and asks Git for its version, which few commands need.
    from git.repo import fun  # noqa: PLC0415

    try:
        inside = fun.find_submodule_git_dir(folder / ".git")
        if inside is not None:
            return Path(inside).resolve(), folder.resolve()
        return (folder.resolve() if fun.is_git_dir(folder) else None), None
    except Exception as error:  # noqa: BLE001 -- whatever it raises on a folder of somebody else's is a refusal
        raise RepositoryError(
            f"{folder} holds no Git repository that can be opened ({type(error).__name__})", "name another with -C"
        ) from None


def _common_dir(git_dir: Path) -> Path:
    """What the `commondir` of a linked work tree names; GitPython's own answer follows the environment."""
    pointer = git_dir / "commondir"
    if not pointer.is_file():
        return git_dir
    with pointer.open("rb") as file:
        text = file.read(_POINTER_BYTES)
    return (git_dir / text.rstrip(b"\r\n").decode("utf-8", "surrogateescape")).resolve()
