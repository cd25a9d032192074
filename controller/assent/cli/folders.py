"""A folder to write a world into, which nobody has written into before."""

from collections.abc import Collection
from pathlib import Path

from assent.errors import UsageError


def new(folder: Path, *, called: str = "", spared: Collection[str] = (), why: str = "") -> Path:
    """The folder, made where it was not there, by its absolute path.

    Args:
        folder: as it was named.
        called: how it is told of; by its name where nothing is given.
        spared: names that may be in it.
        why: why it has to be empty, behind the refusal.

    Raises:
        UsageError: it holds something else, is a file, or cannot be made.
    """
    told = called or str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(one.name not in spared for one in folder.iterdir())
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{told} is a file, or lies below one", "name a new folder") from None
    except OSError as error:
        raise UsageError(f"{told} cannot be made or looked into: {error.strerror}", "name another folder") from None
    if taken:
        raise UsageError(f"{told} is not empty{why}", "name a new folder")
    return folder.absolute()
