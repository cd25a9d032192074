"""The YAML files of a folder, as bytes: read as data, in one order, within bounds, without following links."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from assent.adapters.documents import limits
from assent.adapters.documents.characters import ODD_IN_VALUE
from assent.adapters.documents.refusals import shown_name
from assent.api.findings import Finding, Place
from assent.errors import NotFoundError, RepositoryError

_ENDINGS = (".yaml", ".yml")


def scan(root: Path, *, refused: Callable[[Finding], None] | None = None) -> Iterator[tuple[str, bytes]]:
    """Every `*.yaml` and `*.yml` under a folder with its name relative to it, sorted by that name.

    Folders whose name begins with a dot are left out. A file that is given itself is read whatever its ending.
    Links and whatever else is no plain file are not read; `refused` is told of each, and of names that mislead.
    Of a file that is too large only as much is read as `load` needs to say so.
    Raises NotFoundError for a root that is not there, RepositoryError beyond 50,000 files or 64 MiB.
    """
    if root.is_file():
        yield root.name, _bytes(str(root), root.name, os.O_RDONLY)
        return
    if not root.is_dir():
        raise NotFoundError(f"{shown_name(root)} is no folder and no file", "name a folder or a YAML file")
    size, above = 0, os.path.join(root, "")  # noqa: PTH118 -- a path object for each of thousands of files costs more
    for name in sorted(_names(root, refused or _ignore)):
        data = _bytes(f"{above}{name}", name, os.O_RDONLY | os.O_NOFOLLOW)
        size += len(data)
        if size > limits.TREE_BYTES:
            message = f"{shown_name(root)} holds more than {limits.TREE_BYTES >> 20} MiB of YAML"
            raise RepositoryError(message, "name the folders to read one by one")
        yield name, data


def _ignore(_: Finding) -> None:
    """Nobody asked what is left out."""


def _names(root: Path, refused: Callable[[Finding], None]) -> list[str]:
    found: list[str] = []
    folders, above = [""], os.path.join(root, "")  # noqa: PTH118 -- see `scan`
    while folders:
        folder = folders.pop()
        for entry in _entries(above + folder, folder):
            name = folder + entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.extend([] if entry.name.startswith(".") else [f"{name}/"])
            elif entry.name.endswith(_ENDINGS) and _readable(entry, name, refused):
                found.append(name)
        if len(found) > limits.TREE_FILES:
            message = f"{shown_name(root)} holds more than {limits.TREE_FILES:,} YAML files"
            raise RepositoryError(message, "name the folders to read one by one")
    return found


def _entries(folder: str, name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise RepositoryError(f"the folder {shown_name(name or '.')} cannot be read: {error.strerror}") from error


def _readable(entry: os.DirEntry[str], name: str, refused: Callable[[Finding], None]) -> bool:
    tame = name.isascii() and name.isprintable()
    if not tame and (ODD_IN_VALUE.search(name) or "\n" in name or not _is_utf8(name)):
        refused(Finding("tree-odd-name", f"the file {shown_name(name)} has a name that cannot be shown", "rename it"))
        return False
    if not entry.is_file(follow_symlinks=False):
        what = "a symbolic link" if entry.is_symlink() else "no plain file"
        message = f"{shown_name(name)} is {what}, which is not read"
        refused(Finding("tree-not-a-file", message, "put the file itself here", place=Place(name)))
        return False
    return True


def _read(file: int, size: int) -> bytes:
    """What the file holds, of a larger one the beginning; one that grows or shrinks meanwhile, as it is by then."""
    most = limits.FILE_BYTES + 1
    data = os.read(file, min(size + 1, most))  # as much as there is to read is made room for
    while len(data) != size and len(data) < most and (more := os.read(file, most - len(data))):
        data += more
    return data


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _bytes(path: str, name: str, flags: int) -> bytes:
    """A file's bytes, at most one more than `load` takes; what has become a pipe or a link since is refused."""
    try:
        file = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            about = os.fstat(file)
            if stat.S_ISREG(about.st_mode):
                return _read(file, about.st_size)
        finally:
            os.close(file)
    except OSError as error:
        raise RepositoryError(f"{shown_name(name)} cannot be read: {error.strerror}") from error
    raise RepositoryError(f"{shown_name(name)} is no plain file", "put the file itself here")
