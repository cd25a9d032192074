"""The third answer: held. What is unknown, unreadable or unproven neither approves nor denies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request waits: a word of `conditions.HOLDS` and a sentence that stays the same for the same problem."""

    reason: str
    message: str
