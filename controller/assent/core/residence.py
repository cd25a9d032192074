"""What keeps an organization from being deleted: whatever depends on it, lives in it, or is still under way in it.

Ended requests do not: they are kept for a time, and the ledger keeps what they were.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assent.api.names import Ident, Ref
from assent.core.cases import Case

SHOWN = 3
"""Names of one sort that the sentence says; the others are counted."""

_CALLED = {
    "AccessRole": "access role",
    "User": "user",
    "Microservice": "microservice",
    "EnabledMicroservice": "enabled microservice",
    "ApprovalFlow": "approval flow",
}
"""What documents are called, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Residents:
    """What is there of one organization: dependents with types, documents, and requests under way with phases."""

    children: Mapping[str, str]
    documents: frozenset[Ident]
    requests: Mapping[Ref, str]


def under_way(cases: Mapping[Ref, Case], organization: str) -> list[Ref]:
    """The requests of the organization to which something may still happen, sorted.

    An unknown outcome is settled on the request's object; where that is gone nobody can, and nothing waits for it.
    """
    own = (case for ref, case in cases.items() if ref.namespace == organization)
    return sorted(case.ref for case in own if case.end is None or (case.open and case.present))


def held_by(organization: str, residents: Residents) -> str:
    """By what the deletion is held, in a sentence that stays the same for the same things; empty where by nothing."""
    found = "; ".join([*_children(residents), *_documents(residents), *_requests(residents)])
    return f"{organization} is kept until these are gone: {found}" if found else ""


def _children(residents: Residents) -> Iterator[str]:
    by_type: dict[str, list[str]] = {}
    for name, sort in sorted(residents.children.items()):
        by_type.setdefault(sort, []).append(name)
    yield from (f"{sort} {_some(names)}" for sort, names in sorted(by_type.items()))


def _documents(residents: Residents) -> Iterator[str]:
    for kind, word in _CALLED.items():
        names = sorted(one.name for one in residents.documents if one.kind == kind)
        if names:
            yield f"{len(names)} {word}{'s' if len(names) > 1 else ''} ({_some(names)})"


def _requests(residents: Residents) -> Iterator[str]:
    found = [f"{ref} ({phase})" for ref, phase in sorted(residents.requests.items())]
    if found:
        yield f"{'requests' if len(found) > 1 else 'request'} {_some(found)}"


def _some(names: Iterable[str]) -> str:
    every = [*names]
    return ", ".join(every[:SHOWN]) + (f" and {len(every) - SHOWN} more" if len(every) > SHOWN else "")
