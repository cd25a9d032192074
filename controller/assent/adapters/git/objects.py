"""Read-only access to a repository's objects, each hashed again against its name."""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from assent.adapters.git import contents, paths, plumbing
from assent.adapters.git.contents import Content, Value
from assent.adapters.git.memory import Memory
from assent.adapters.git.pipes import Pipe
from assent.api.evidence import Version
from assent.errors import RepositoryError

COMMIT_BYTES = 1 << 20
FOLDER_BYTES = 32 << 20
LISTING_BYTES = 64 << 20
"""A listing of about half a million files of any kind, or of a million and a half commits."""

ROWS = 500_000
"""Paths in which two trees may differ."""

_BATCH = 500
_HASHES = {"sha1": (40, hashlib.sha1), "sha256": (64, hashlib.sha256)}
_EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class Row(NamedTuple):
    """One path of a tree, or of the difference of two: `mode` is 000000 where the newer one lacks the path."""

    path: bytes
    mode: str
    id: str


class Store:
    """A repository's objects.

    Raises RepositoryError for a shallow repository, for one that borrows objects from another folder, and for every
    object that is missing, larger than is read, or not what it is named. Replace refs, grafts, an edited commit-graph
    and promisor remotes have no effect. One thread at a time; `close` ends the processes that are kept.
    """

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir.absolute()
        self._refuse_borrowed()
        format_ = self.run("rev-parse", "--show-object-format").decode().strip()
        if format_ not in _HASHES:
            raise RepositoryError(f"objects named by {format_} are not read", "use a SHA-1 or SHA-256 repository")
        self.name_length, self._hash = _HASHES[format_]
        self.empty_tree = _EMPTY_TREE[format_]
        self.memory = Memory()
        self._name = re.compile(rf"[0-9a-f]{{{self.name_length}}}\Z")
        self._entry = re.compile(rb"([0-7]+) ([^\0/]+)\0(.{%d})" % (self.name_length // 2), re.DOTALL)
        self._named = re.compile(rb"([0-7]+) ([^\0/]+)\0.{%d}" % (self.name_length // 2), re.DOTALL)
        self._pipe: Pipe | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the kept process; the store may be used again."""
        if self._pipe:
            self._pipe.close()
            self._pipe = None

    def run(self, *arguments: str, git_dir: Path | None = None) -> bytes:
        """One plumbing command that only reads; `git_dir` is a linked work tree's own folder, where HEAD is."""
        return plumbing.run(plumbing.command(git_dir or self.git_dir, *arguments))

    def is_name(self, text: str) -> bool:
        """Whether the text is a whole object name."""
        return bool(self._name.match(text))

    def commits(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The raw commits in the order asked for."""
        for name, size, data in self._objects(names, b"commit", COMMIT_BYTES):
            if data is None:
                raise RepositoryError(f"commit {name} has {size:,} bytes; at most {COMMIT_BYTES:,} are read")
            yield name, data

    def contents(self, blobs: Iterable[str]) -> dict[str, Content]:
        """What blobs say, by their names."""
        wanted = dict.fromkeys(blobs)
        found = {name: kept for name in wanted if (kept := self.memory.contents.get(name))}
        for name, size, data in self._objects(
            (name for name in wanted if name not in found), b"blob", contents.FILE_BYTES
        ):
            if data is None:
                found[name] = contents.too_large(size)
            else:
                found[name], values = contents.read(name, data)
                if values:
                    self.memory.values.put(name, (len(data), values))
            self.memory.contents.put(name, found[name])
        return found

    def blob(self, name: str) -> bytes:
        """The bytes of one file; raises RepositoryError where it is larger than is read."""
        if not self.is_name(name):
            raise RepositoryError(f"{name!r} is no whole object name")
        ((_, size, data),) = self._objects([name], b"blob", contents.FILE_BYTES)
        if data is None:
            raise RepositoryError(f"blob {name} has {size:,} bytes; at most {contents.FILE_BYTES:,} are read")
        return data

    def document(self, version: Version) -> Value:
        """The parsed document of a version; whoever gets it must not change it."""
        kept = self.memory.values.get(version.blob)
        if kept is None:
            data = self.blob(version.blob)
            kept = (len(data), contents.values(data))
            self.memory.values.put(version.blob, kept)
        if version.index >= len(kept[1]):
            raise RepositoryError(f"blob {version.blob} holds no document {version.index + 1} that can be read")
        return kept[1][version.index]

    def listing(self, tree: str) -> list[tuple[Row, int]]:
        """Every path of a tree, folders too, with the size of its blob."""
        pipe = Pipe(plumbing.command(self.git_dir, "ls-tree", "-r", "-t", "-z", "-l", "--full-tree", tree))
        pipe.finish()
        found = []
        for record in pipe.rest(LISTING_BYTES).split(b"\0")[:-1]:
            about, _, path = record.partition(b"\t")
            mode, _, name, size = about.split()
            found.append((Row(path, mode.decode(), name.decode()), int(size) if size.isdigit() else 0))
        return found

    def differences(self, pairs: Sequence[tuple[str, str]]) -> Iterator[list[Row]]:
        """For each pair of trees what the second says otherwise, folders too, in one process."""
        pipe = Pipe(plumbing.command(self.git_dir, *_DIFFERENCES))
        try:
            pipe.send("".join(f"{old} {new}\n" for old, new in pairs if old != new).encode())
            pipe.finish()
            for old, new in pairs:
                if old == new:
                    yield []
                    continue
                if pipe.line() != f"{old} {new}".encode():
                    raise RepositoryError(f"the trees {old} and {new} cannot be compared")
                yield list(self._difference(pipe))
            pipe.done()
        finally:
            pipe.close()

    def check_folders(self, names: Iterable[str]) -> None:
        """Hashes trees against their names; raises RepositoryError for one that Git itself would not write."""
        wanted = dict.fromkeys(name for name in names if name != self.empty_tree)
        for name, data in self._folders(name for name in wanted if not self.memory.checked.get(name)):
            self._check_folder(name, data)

    def folder(self, name: str) -> dict[bytes, tuple[str, str]]:
        """The entries of one tree: name to mode and object."""
        kept = self.memory.folders.get(name)
        if kept is None:
            data = b"" if name == self.empty_tree else dict(self._folders([name]))[name]
            self._check_folder(name, data)
            kept = {path: (paths.canonical_mode(mode), to.hex()) for mode, path, to in self._entry.findall(data)}
            self.memory.folders.put(name, kept)
        return kept

    def reachable(self, *revisions: str) -> list[str]:
        """Every commit that can be reached from the revisions; those after `^` are left out as far as Git sees them."""
        pipe = Pipe(plumbing.command(self.git_dir, "rev-list", "--end-of-options", *revisions, "--"))
        pipe.finish()
        return pipe.rest(LISTING_BYTES).decode().split()

    def _refuse_borrowed(self) -> None:
        for name, what, hint in _REFUSED:
            if (self.git_dir / name).exists() and (self.git_dir / name).stat().st_size:
                raise RepositoryError(f"{self.git_dir} {what}", hint)

    def _difference(self, pipe: Pipe) -> Iterator[Row]:
        for _ in range(ROWS):
            if pipe.peek() != b":":
                return
            _, mode, _, name, _ = pipe.field().decode("ascii").split(" ")
            yield Row(pipe.field(), mode, name)
        raise RepositoryError(f"two trees differ in more than {ROWS:,} paths", "the repository is too large")

    def _objects(self, names: Iterable[str], kind: bytes, limit: int) -> Iterator[tuple[str, int, bytes | None]]:
        """Name, size and content of objects; None for content beyond the limit, which is never kept in memory."""
        source = iter(names)
        while batch := list(itertools.islice(source, _BATCH)):
            if self._pipe is None:
                self._pipe = Pipe(plumbing.command(self.git_dir, "cat-file", "--batch"))
            self._pipe.send("".join(f"{name}\n" for name in batch).encode())
            try:
                for name in batch:
                    yield self._object(self._pipe, name, kind, limit)
            except BaseException:
                # Answers that nobody reads any more would be taken for the next question's.
                self.close()
                raise

    def _object(self, pipe: Pipe, name: str, kind: bytes, limit: int) -> tuple[str, int, bytes | None]:
        told = pipe.line().split(b" ")
        if told[-1] == b"missing":
            hint = "fetch the whole repository: a partial clone lacks objects" if self.is_name(name) else ""
            raise RepositoryError(f"the {kind.decode()} {name} is missing", hint)
        if len(told) != 3 or told[:2] != [name.encode(), kind]:  # noqa: PLR2004 -- name, kind, size
            raise RepositoryError(f"{name} is no {kind.decode()}")
        size = int(told[2])
        data = pipe.take(size) if size <= limit else None
        pipe.skip(1 if data is not None else size + 1)
        if data is not None:
            digest = self._hash(b"%b %d\0" % (kind, size), usedforsecurity=False)
            digest.update(data)
            if digest.hexdigest() != name:
                raise RepositoryError(
                    f"the {kind.decode()} {name} is not what it is named", "clone the repository anew"
                )
        return name, size, data

    def _folders(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for name, size, data in self._objects(names, b"tree", FOLDER_BYTES):
            if data is None:
                raise RepositoryError(f"tree {name} has {size:,} bytes; at most {FOLDER_BYTES:,} are read")
            yield name, data

    def _check_folder(self, name: str, data: bytes) -> None:
        """Each entry once, in Git's order, without a slash: two readers could read any other tree differently."""
        found = self._named.findall(data)
        modes, names = zip(*found, strict=True) if found else ((), ())
        order = [path + b"/" if paths.canonical_mode(mode) == paths.FOLDER else path for mode, path in found]
        length = sum(map(len, modes)) + sum(map(len, names)) + len(found) * (2 + self.name_length // 2)
        if length != len(data) or len(set(names)) != len(names) or order != sorted(order):
            raise RepositoryError(
                f"the tree {name} is not as Git writes it", "it names a path twice, out of order, or with a slash"
            )
        self.memory.checked.put(name, item=True)


_DIFFERENCES = (
    "diff-tree", "--stdin", "-r", "-t", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
    "--no-ext-diff", "--no-textconv",
)  # fmt: skip
_REFUSED = (
    ("shallow", "is a shallow clone: its oldest commit would seem to have written all of it", "git fetch --unshallow"),
    (
        "objects/info/alternates",
        "borrows objects from another folder",
        "make it whole: git repack -ad, then remove objects/info/alternates",
    ),
)
