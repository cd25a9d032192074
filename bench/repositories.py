"""Repositories of an estate, written by one `git fast-import`: a first commit, and others that change some files."""

import random
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.cli.demos.keys import signed
from bench import estate

WHO = "Anyone <anyone@example.com> 1767225600 +0000"
NAMED = re.compile(r"^  displayName: ([A-Z][A-Za-z ]*)$", re.MULTILINE)
"""What a commit changes in a document: a name in plain text, as people, flows and microservices have one."""


class Repository:
    """A bare repository whose branch grows by commits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
        self.commits: list[str] = []

    def add(self, commits: Sequence[Mapping[str, str]], message: str = "A change") -> list[str]:
        """Commits of files by path, one on top of the other; their ids."""
        stream = "".join(self._stream(commits, message))
        marks = self.folder / "marks"
        _git(self.folder, "fast-import", "--quiet", "--date-format=raw", f"--export-marks={marks}", given=stream)
        found = dict(line.split() for line in marks.read_text().splitlines())
        new = [found[f":{number}"] for number in range(1, len(commits) + 1)]
        self.commits += new
        return new

    def _stream(self, commits: Sequence[Mapping[str, str]], message: str) -> Iterator[str]:
        for number, files in enumerate(commits, start=1):
            yield f"commit refs/heads/main\nmark :{number}\ncommitter {WHO}\ndata {len(message)}\n{message}\n"
            if number > 1 or self.commits:
                yield f"from {f':{number - 1}' if number > 1 else self.commits[-1]}\n"
            for path, text in files.items():
                yield f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"

    def sign(self, key: Ed25519PrivateKey) -> str:
        """The newest commit again, signed; its id."""
        raw = _git(self.folder, "cat-file", "commit", self.commits[-1])
        head, _, message = raw.partition("\n\n")
        signature = signed(key, raw.encode()).decode().rstrip("\n").replace("\n", "\n ")
        whole = f"{head}\ngpgsig {signature}\n\n{message}"
        self.commits[-1] = _git(self.folder, "hash-object", "-t", "commit", "-w", "--stdin", given=whole).strip()
        _git(self.folder, "update-ref", "refs/heads/main", self.commits[-1])
        return self.commits[-1]


def _git(folder: Path, *arguments: str, given: str = "") -> str:
    command = ["git", "-C", str(folder), "-c", "core.fsync=none", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout


def changes(size: int, changed: int, count: int, seed: int = 5) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The files of an estate, and so many commits that change so many of them, each in its own way."""
    files = dict(estate.files(size))
    able = [path for path, text in files.items() if NAMED.search(text)]
    chance = random.Random(seed)
    found = []
    for number in range(count):
        paths = chance.sample(able, min(changed, len(able)))
        found.append({path: NAMED.sub(rf"  displayName: \1 {number}", files[path], count=1) for path in paths})
    return files, found
