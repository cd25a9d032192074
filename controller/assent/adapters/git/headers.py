"""The header of one commit, by one strict grammar: what two readers could read differently proves nothing.

Tree and parents are read exactly as Git reads them, so that the graph is the same for both. Whether the rest is odd
concerns the signature alone: a repeated one, one in front of its place, a NUL, a second tree.
"""

import re
from dataclasses import dataclass

from assent.errors import RepositoryError

_START = re.compile(rb"tree (?P<tree>[0-9a-f]+)\n(?P<parents>(?:parent [0-9a-f]+\n)*)")
_PEOPLE = re.compile(rb"author [^\n]*\ncommitter [^\n]*\Z")
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9:._-]* ?")
_STRUCTURE = (b"tree ", b"parent ", b"author ", b"committer ")
_SIGNATURES = {40: b"gpgsig", 64: b"gpgsig-sha256"}
"""The length of the repository's object names to the header in which a signature stands."""


@dataclass(frozen=True, slots=True)
class Header:
    """What places a commit in the graph."""

    tree: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a commit as it stands, what it was made over, and what is odd about the header (empty: nothing).

    `armored` is None where there is none.
    """

    armored: bytes | None
    payload: bytes
    odd: str = ""


def header(commit: str, raw: bytes) -> Header:
    """Tree and parents; raises RepositoryError for what Git would call no commit."""
    start = _START.match(raw)
    parents = re.findall(rb"parent ([0-9a-f]+)\n", start["parents"]) if start else []
    if not start or any(len(name) != len(commit) for name in (start["tree"], *parents)):
        raise RepositoryError(
            f"commit {commit} has no proper header", "the branch cannot be read on from it; take it out of the branch"
        )
    return Header(start["tree"].decode(), tuple(name.decode() for name in parents))


def message(raw: bytes) -> bytes:
    """What stands behind the header; empty where the header does not end."""
    return raw.partition(b"\n\n")[2]


def signature(raw: bytes, name_length: int = 40) -> Signature:
    """The signature of a commit whose object names have so many digits."""
    head, gap, text = raw.partition(b"\n\n")
    odd = _oddity(head, gap, raw)
    ours = _SIGNATURES[name_length]
    kept: list[bytes] = []
    signed: list[list[bytes]] = []
    into: list[bytes] = kept
    for line in head.split(b"\n"):
        if line.startswith(b" ") and into is not kept:
            into.append(line[1:])
            continue
        into = kept
        if line.startswith(b"gpgsig"):
            name, _, first = line.partition(b" ")
            odd = odd or ("" if name == ours else f"a field {name.decode('ascii', 'replace')}")
            signed.append(into := [first])
        else:
            kept.append(line)
    if len(signed) > 1:
        odd = odd or "more than one signature"
    armored = b"\n".join(signed[0]) + b"\n" if signed else None
    return Signature(armored, b"\n".join(kept) + gap + text, odd)


def _oddity(head: bytes, gap: bytes, raw: bytes) -> str:
    """Why readers could disagree on this header; empty where they could not."""
    if not gap:
        return "it does not end"
    if b"\0" in raw:
        return "a NUL"
    start = _START.match(raw)
    lines = head[start.end() :].split(b"\n") if start else []
    if not _PEOPLE.match(b"\n".join(lines[:2])):
        return "author and committer are not where they belong"
    for line in lines[2:]:
        if line.startswith(_STRUCTURE):
            return f"a second {line.partition(b' ')[0].decode('ascii')}"
        if not line.startswith(b" ") and not _FIELD.match(line):
            return "a line without a field name"
    return ""
