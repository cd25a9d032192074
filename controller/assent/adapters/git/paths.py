"""The names in a tree: which files are read, which are passed over, and which names are refused.

Nothing is checked out here, so no name can do harm; but whoever reviews or builds from the same tree has a disk.
"""

import re
import stat
import unicodedata
from functools import lru_cache

from assent.api.findings import Finding, Place

REGULAR, EXECUTABLE, LINK, SUBMODULE, FOLDER, GONE = "100644", "100755", "120000", "160000", "040000", "000000"

ENDINGS = (b".yaml", b".yml")
PATH_BYTES = 4096
"""Longer ones cannot be made on Linux (`PATH_MAX`)."""

_PLAIN = re.compile(rb"(?:[A-Za-z0-9_][A-Za-z0-9_.,+=@ -]*/)*[A-Za-z0-9_][A-Za-z0-9_.,+=@ -]*\Z")
"""Nearly every name; no file system takes one of these for another."""

_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_REFUSED_MODES = {
    EXECUTABLE: ("git-executable-file", "is marked executable", "git update-index --chmod=-x"),
    LINK: ("git-symbolic-link", "is a symbolic link, which is not followed", "put the file itself here"),
    SUBMODULE: ("git-submodule", "is a submodule, which is not read", "give the submodule another name"),
}


def is_read(path: bytes) -> bool:
    """Whether a path is one of the files that may hold documents: YAML outside folders that begin with a dot."""
    if not path.endswith(ENDINGS):
        return False
    folder = path[: path.rfind(b"/") + 1]
    return not folder.startswith(b".") and b"/." not in folder


def name(path: bytes) -> str:
    """A path as text; bytes that are no UTF-8 are kept as surrogates, and such a path is always refused."""
    return path.decode("utf-8", "surrogateescape")


def shown(path: str) -> str:
    """A path as messages show it: what cannot be printed is escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in path)


def folded(path: str) -> str:
    """What a file system that ignores case and Unicode form makes of a path."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def refusal(path: bytes) -> Finding | None:
    """Why a path is refused by its name alone; None where it is not."""
    if len(path) <= PATH_BYTES and _PLAIN.match(path):
        return None
    folder, slash, last = path.rpartition(b"/")
    if (slash and _leads_astray(folder)) or _leads_astray(last):
        return _finding("git-hostile-name", path, "has a name that could lead a checkout astray")
    if is_read(path) and _odd(path):
        return _finding("git-odd-name", path, "has a name that cannot be shown safely")
    return None


@lru_cache(maxsize=256)
def canonical_mode(raw: bytes) -> str:
    """A mode as Git understands it; what old tools wrote (100664) is to it a plain file, what is odd a submodule."""
    mode = int(raw, 8)
    if stat.S_ISREG(mode):
        return EXECUTABLE if mode & stat.S_IXUSR else REGULAR
    if stat.S_ISLNK(mode):
        return LINK
    return FOLDER if stat.S_ISDIR(mode) else SUBMODULE


def mode_refusal(path: bytes, mode: str) -> Finding | None:
    """Why a YAML file is not read for its mode; None where it is a plain file."""
    if mode == REGULAR:
        return None
    rule, message, hint = _REFUSED_MODES[mode]
    return _finding(rule, path, message, hint)


def collision(path: str, other: str) -> Finding:
    """Two names that some systems hold for one."""
    message = f"{shown(path)} and {shown(other)} are one file where case or Unicode form do not count"
    return Finding("git-names-collide", message, "rename one of them", place=Place(shown(path)))


def shadow(path: bytes) -> Finding:
    """A link or submodule in the place of a folder with files of ours, or different from one in case alone."""
    return _finding("git-shadowed-folder", path, "stands in the place of a folder with YAML files")


def _finding(rule: str, path: bytes, message: str, hint: str = "rename it") -> Finding:
    file = shown(name(path))
    return Finding(rule, f"{file} {message}", hint, place=Place(file))


def _odd(path: bytes) -> bool:
    text = name(path)
    return not text.isprintable() or "\\" in text or len(path) > PATH_BYTES


@lru_cache(maxsize=65536)
def _leads_astray(path: bytes) -> bool:
    """Whether a part of the path is empty, `.`, `..`, or `.git` to any file system (Git's own checks, and NFKC)."""
    return any(_is_trick(part) for part in path.split(b"/"))


def _is_trick(part: bytes) -> bool:
    if part in {b"", b".", b".."}:
        return True
    if part.isascii() and not part.startswith(b".") and b"\\" not in part and b"~" not in part:
        return False
    for piece in name(part).split("\\"):
        text = unicodedata.normalize("NFKC", _IGNORED_BY_HFS.sub("", piece)).casefold()
        # NTFS ends a name at a colon and ignores dots and blanks at its end; it also knows .git as git~1.
        text = text.partition(":")[0].rstrip(". ")
        if text in {".git", "git~1"} or (not text and piece.startswith(".")) or piece == "..":
            return True
    return False
