"""Our trailers in a commit message: decisions about a request, and the taking over of documents that stand refused."""

import re
from dataclasses import dataclass, field

from assent.api.evidence import MergeApproval
from assent.api.findings import Finding
from assent.api.names import DNS_LABEL, Ident, Ref

ADOPT, APPROVE = "Assent-Adopt", "Assent-Approve"

_OURS = re.compile(r"\s*(assent-(?:adopt|approve))\s*:", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_SHOWN = 120
_TOLD = 100
_FORMS = {
    ADOPT.lower(): f"write {ADOPT}: <kind>/<namespace>/<name>, or {ADOPT}: <kind>/<name>",
    APPROVE.lower(): f"write {APPROVE}: <namespace>/<name> <64 hex digits>",
}


@dataclass(slots=True)
class Trailers:
    """What the trailers of one message say, in their order, each once (the keys of the dictionaries)."""

    adopts: dict[Ident, None] = field(default_factory=dict)
    approvals: dict[MergeApproval, None] = field(default_factory=dict)
    malformed: list[Finding] = field(default_factory=list)


def trailers(message: bytes) -> Trailers:
    """The trailers of a message: whole lines of its last paragraph, spelled exactly."""
    found = Trailers()
    paragraphs = _paragraphs(message.decode("utf-8", "replace"))
    for paragraph in paragraphs[:-1]:
        for line in filter(_OURS.match, paragraph):
            _complain(found, line, "git-trailer-misplaced", "stands before the last paragraph, so it does not count")
    for line, following in _with_next(paragraphs[-1] if paragraphs else []):
        if _OURS.match(line):
            _take(found, line, following)
    return found


def adopt(ident: Ident) -> str:
    """The trailer that takes over a document."""
    return f"{ADOPT}: {ident}"


def approve(request: Ref, digest: str) -> str:
    """The trailer that approves a request."""
    return f"{APPROVE}: {request} {digest}"


def _paragraphs(message: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in message.split("\n"):
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def _with_next(lines: list[str]) -> list[tuple[str, str]]:
    return list(zip(lines, [*lines, ""][1:], strict=True))


def _take(found: Trailers, line: str, following: str) -> None:
    key, _, value = line.partition(": ")
    try:
        _refuse_odd(key, following)
        if key == ADOPT:
            found.adopts[_named(Ident.parse(value))] = None
        else:
            found.approvals[_approval(value)] = None
    except ValueError as error:
        _complain(found, line, "git-trailer-malformed", f"cannot be read: {error}")


def _refuse_odd(key: str, following: str) -> None:
    if key not in {ADOPT, APPROVE}:
        raise ValueError("its key is not spelled exactly")
    if following.startswith((" ", "\t")):
        raise ValueError("it goes on in the next line")


def _approval(value: str) -> MergeApproval:
    request, _, digest = value.partition(" ")
    if not _DIGEST.match(digest):
        raise ValueError("it does not end in a whole digest")
    ref = Ref.parse(request)
    _named(Ident("Request", ref.namespace, ref.name))
    return MergeApproval(ref, digest)


def _named(ident: Ident) -> Ident:
    for name in filter(None, (ident.namespace, ident.name)):
        if not DNS_LABEL.match(name):
            raise ValueError(f"{name!a} is no name")
    return ident


def _complain(found: Trailers, line: str, rule: str, what: str) -> None:
    match = _OURS.match(line)
    if match and len(found.malformed) < _TOLD:
        shown = "".join(char if char.isprintable() else "?" for char in line)[:_SHOWN]
        found.malformed.append(Finding(rule, f"the trailer '{shown}' {what[:_SHOWN]}", _FORMS[match[1].lower()]))
