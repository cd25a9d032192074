"""What the bytes of one blob say: documents with identity, digest and approval entries, or why they are not read."""

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

from assent.adapters import documents
from assent.adapters.documents import Document
from assent.api import canonical, kinds
from assent.api.evidence import Version
from assent.api.findings import Finding, Place
from assent.api.names import API_VERSION, Ident
from assent.api.requests import ANNOTATION_PREFIX

FILE_BYTES = 1 << 20
"""1 MiB a file."""

Value = dict[str, Any]


class Saying(NamedTuple):
    """What one tree says of one document: the digests of its versions, sorted, and a Request's entries (key, value)."""

    digests: tuple[str, ...] = ()
    entries: frozenset[tuple[str, str]] = frozenset()


NOTHING = Saying()


@dataclass(frozen=True, slots=True)
class Said:
    """One document as it stands in one blob; `line` counts from 1."""

    ident: Ident
    version: Version
    line: int
    entries: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Content:
    """One blob: its documents of ours, or the findings for which it is unreadable; their places have no file yet.

    `passed_over` is a file in which nothing has our apiVersion.
    """

    said: tuple[Said, ...] = ()
    findings: tuple[Finding, ...] = ()
    passed_over: bool = False
    size: int = 0


EMPTY = Content()


def too_large(size: int) -> Content:
    """A blob that is not read at all."""
    message = f"the file has {size:,} bytes; at most {FILE_BYTES:,} are read"
    return Content(findings=(Finding("git-file-too-large", message, "split it"),), size=size)


def read(blob: str, data: bytes) -> tuple[Content, tuple[Value, ...]]:
    """What a blob says, and the values of its documents in their order."""
    if not documents.may_be_ours(data):
        return Content(passed_over=True, size=len(data)), ()
    loaded = documents.load(data)
    if loaded.findings:
        return Content(findings=loaded.findings, size=len(data)), ()
    if not any(documents.ours(document.value) for document in loaded.documents):
        return Content(passed_over=True, size=len(data)), ()
    told = [_told(blob, document) for document in loaded.documents]
    findings = tuple(one for one in told if isinstance(one, Finding))
    said = () if findings else tuple(one for one in told if isinstance(one, Said))
    return Content(said, findings, size=len(data)), tuple(document.value for document in loaded.documents)


def values(data: bytes) -> tuple[Value, ...]:
    """The documents of a blob that is known to be readable."""
    return tuple(document.value for document in documents.load(data).documents)


def placed(finding: Finding, file: str) -> Finding:
    """The finding with the file that it is in."""
    return dataclasses.replace(finding, place=dataclasses.replace(finding.place, file=file))


def saying(said: tuple[Said, ...]) -> Saying:
    """All versions of one document as one value to compare."""
    if not said:
        return NOTHING
    digests = tuple(sorted(one.version.digest for one in said))
    return Saying(digests, said[0].entries.union(*(one.entries for one in said[1:])))


def _told(blob: str, document: Document) -> Said | Finding | None:
    """What one document of a file of ours says; None for one that is allowed there and not ours to judge."""
    value: Value = document.value
    if documents.beside(value):
        return None
    place, kind = Place(line=document.line), str(value.get("kind"))
    if finding := documents.foreign(value):
        return dataclasses.replace(finding, place=place)
    ident = kinds.identify(value)
    if ident is None:
        message = f"the name or namespace of this {kind} cannot be told"
        hint = "write metadata.name, and metadata.namespace for every kind but Organization and Module"
        return Finding("file-unnamed-document", message, hint, place=place, kind=kind)
    try:
        digest = canonical.sha256(_judged(ident, value))
    except ValueError as error:
        message = f"{ident} has no digest: {error}"
        hint = "write large numbers as text"
        return Finding("file-without-digest", message, hint, place=place, kind=kind, name=ident.name)
    return Said(ident, Version(digest, blob, document.index), document.line, _entries(ident, value))


def _judged(ident: Ident, value: Value) -> Value:
    """What a version's digest covers: all of a document, but for a Request what never changes."""
    if ident.kind != "Request":
        return value
    own = {"apiVersion": API_VERSION, "kind": ident.kind, "namespace": ident.namespace, "name": ident.name}
    return own | ({"spec": value["spec"]} if "spec" in value else {})


def _entries(ident: Ident, value: Value) -> frozenset[tuple[str, str]]:
    annotations = value["metadata"].get("annotations")
    if ident.kind != "Request" or not isinstance(annotations, dict):
        return NOTHING.entries
    return frozenset(
        (key.removeprefix(ANNOTATION_PREFIX), text)
        for key, text in annotations.items()
        if key.startswith(ANNOTATION_PREFIX) and isinstance(text, str)
    )
