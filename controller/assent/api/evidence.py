"""What a door hands in as proof: who brought in what, as plain values.

In Git these values are made by `adapters/git` from the commit graph, in a cluster by `adapters/kube` from its objects.
Nothing here has judged anything yet: `core.intake` and `core.admitted` do.
"""

from dataclasses import dataclass
from typing import Literal

from assent.api.findings import Finding
from assent.api.names import Ident, Ref

Channel = Literal["Annotation", "Merge", "Panel", "Mail"]


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One document as it stands in one blob.

    `blob` is the blob's object id (40 or 64 hex digits), `index` counts the documents of that blob from 0.
    `digest` is SHA-256 in hex over the canonical JSON of what the document says: all of it, but for a Request its
    `spec` alone, since its annotations are compared entry by entry. Two versions with one digest are one version.
    """

    digest: str
    blob: str
    index: int


@dataclass(frozen=True, slots=True)
class Change:
    """One document that a commit brought in: what it says there; empty: it is gone; several: it is declared twice.

    `over` is what the commit was written over: the digests that each parent's tree says of the document. None: whoever
    tells of the change has compared it with what is in force already.
    """

    ident: Ident
    after: tuple[Version, ...]
    over: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One annotation `approval.assent.dev/<key>` that a commit brought in; `key` is the part behind the slash."""

    request: Ref
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class MergeApproval:
    """One trailer `Assent-Approve: <namespace>/<name> <digest>`."""

    request: Ref
    digest: str


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit brought in, and whose signature it carries.

    `signer` is the fingerprint (`SHA256:…`, as `ssh-keygen -l` prints it) of the key whose good SSH signature the
    commit carries, or None; `unsigned` then says in one sentence why not.
    `changes` and `entries` are what this commit brought in itself, against every parent, sorted.
    `taken` are documents on which the parents of a merge differ and the merge took one parent's version without
    bringing it in itself. `adopted` is what the commit's own tree says of each document in `adopts`.
    `malformed` are the trailers that could not be read, as findings.
    `unreadable` are the findings of files of ours that this commit brought in and that cannot be read: their earlier
    content stays what the tree says, and nothing that the commit brought in may be taken over.
    """

    id: str
    parents: tuple[str, ...]
    signer: str | None
    unsigned: str = ""
    changes: tuple[Change, ...] = ()
    entries: tuple[Entry, ...] = ()
    taken: tuple[Change, ...] = ()
    adopts: tuple[Ident, ...] = ()
    adopted: tuple[Change, ...] = ()
    approvals: tuple[MergeApproval, ...] = ()
    unreadable: tuple[Finding, ...] = ()
    malformed: tuple[Finding, ...] = ()
