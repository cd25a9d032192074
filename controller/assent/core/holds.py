"""The third answer: held. What is unknown, unreadable or unproven neither approves nor denies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assent.api.problems import Problem, Values

DETAILS: Final[Mapping[str, str]] = {
    "BeneficiaryChanged": "RequesterUnknown",
    "FlowMissing": "ReferenceNotFound",
    "FlowNotUsable": "ReferenceNotFound",
    "MicroserviceMissing": "ReferenceNotFound",
    "NobodyNamed": "RequesterUnknown",
    "OfferMissing": "ReferenceNotFound",
    "RightMissing": "RequesterNotAllowed",
    "RoleMissing": "RequesterNotAllowed",
    "RunsFull": "ConcurrencyLimit",
    "Unproven": "RequesterUnproven",
}
"""What a reason is about more exactly, where it has values to say it by; with the reason that each belongs to."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request waits: a word of `conditions.HOLDS` and a sentence that stays the same for the same problem.

    `detail`, `values` and `problems` say what the sentence says, for whoever makes one in another language.
    """

    reason: str
    message: str
    detail: str = ""
    values: Values = ()
    problems: tuple[Problem, ...] = ()


def detailed(detail: str, message: str, **values: str | int) -> Hold:
    """A hold of the reason that this detail belongs to."""
    return Hold(DETAILS[detail], message, detail, tuple(values.items()))
