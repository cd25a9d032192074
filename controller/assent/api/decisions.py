"""Decisions in text: `<verb> as <username>[ for <digest>][ because <text>]`, the same in a file and on an object."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from assent.api.characters import UNSAFE
from assent.api.problems import shown

Verb = Literal["approve", "reject", "withdraw", "cancel", "settle-succeeded", "settle-failed"]
VERBS: tuple[Verb, ...] = get_args(Verb)
SETTLING: frozenset[Verb] = frozenset({"settle-succeeded", "settle-failed"})
"""How a person says what a run came to."""

NEEDS_REASON: frozenset[Verb] = frozenset({"reject", "cancel", *SETTLING})
MAX_REASON = 512
MAX_USERNAME = 253

_LINE = re.compile(
    rf"(?P<verb>[a-z-]+) as (?P<username>[^\s]{{1,{MAX_USERNAME}}})"
    rf"(?: for (?P<digest>[0-9a-f]{{64}}))?(?: because (?P<reason>[^\s].{{0,{MAX_REASON - 1}}}))?\Z"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision as somebody wrote it; who wrote it is proven elsewhere, or it does not count."""

    verb: Verb
    username: str
    digest: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        """The text to write."""
        wanted = f" for {self.digest}" if self.digest else ""
        because = f" because {self.reason}" if self.reason else ""
        return f"{self.verb} as {self.username}{wanted}{because}"


def parse(text: str) -> Line:
    """The decision that this text says; raises ValueError with what is wrong and what to write."""
    found = _LINE.match(text)
    verb = next((verb for verb in VERBS if found and verb == found["verb"]), None)
    if found is None or verb is None or UNSAFE.search(text):
        raise ValueError(
            f"{shown(text)} is no decision: write '<verb> as <username>[ for <digest>][ because <text>]' on one line, "
            f"single spaces, the verb one of {', '.join(VERBS)}"
        )
    line = Line(verb, found["username"], found["digest"], found["reason"])
    if verb == "approve" and line.digest is None:
        raise ValueError("an approval names the whole digest it is for: 'approve as <username> for <64 hex digits>'")
    if verb in NEEDS_REASON and not (line.reason or "").strip():
        raise ValueError(f"{verb} needs a reason: add ' because <text>'")
    return line
