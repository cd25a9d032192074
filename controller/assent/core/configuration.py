"""A commit's changes of configuration, judged together: all of them are taken over, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assent.api.evidence import Commit, Version
from assent.api.kinds import AnyKind, Problem
from assent.api.names import Ident, Ref
from assent.api.problems import sentences
from assent.core.cases import Case
from assent.core.world import World
from assent.core.writes import judge, origins


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document that a commit changes, against what is in force."""

    ident: Ident
    versions: tuple[Version, ...]
    document: AnyKind | None
    problems: tuple[Problem, ...]
    restored: bool
    needs_adoption: bool
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """Why a change is not taken over."""

    reason: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate and what came of it; `wrote` and `parts` name those parts that are judged one by one."""

    ident: Ident
    versions: tuple[Version, ...]
    document: AnyKind | None
    restored: bool
    why: Why | None
    wrote: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it is in force from now on."""
        return self.why is None

    def body(self) -> dict[str, Any]:
        """The change as the ledger keeps it."""
        versions = [{"digest": one.digest, "blob": one.blob, "index": one.index} for one in self.versions]
        body: dict[str, Any] = {"document": str(self.ident), "versions": versions}
        if self.why:
            body["refused"] = {"reason": self.why.reason, "message": self.why.message, "hint": self.why.hint}
        elif self.restored:
            body["restored"] = True
        else:
            body |= {"wrote": list(self.wrote), "parts": list(self.parts)}
        return body


def judge_changes(
    world: World,
    candidates: Sequence[Candidate],
    author: Ref | None,
    *,
    commit: Commit,
    now: datetime,
    cases: Mapping[Ref, Case],
) -> list[Judged]:
    """Every candidate with what came of it; one that restores what is in force is never refused."""
    changed = [one for one in candidates if not one.restored]
    why = _formal(changed, commit)
    if not why and changed:
        why = _by_the_rules(world, changed, author, now=now, cases=cases)
    parts = origins(world, {one.ident: one.document for one in changed}, author, -1) if not why and changed else {}
    judged = []
    for one in candidates:
        refused = None if one.restored else why.get(one.ident) or _with_the_others(why)
        notes = parts[one.ident].parts if one.ident in parts else {}
        wrote = tuple(sorted(part for part, origin in notes.items() if origin.since == -1))
        judged.append(Judged(one.ident, one.versions, one.document, one.restored, refused, wrote, tuple(sorted(notes))))
    return judged


def _with_the_others(why: Mapping[Ident, Why]) -> Why | None:
    """A commit is taken over whole or not at all."""
    if not why:
        return None
    first = min(why)
    text = f"the commit is taken over whole or not at all, and {first} was refused"
    return Why(why[first].reason, text, "put that right, or bring this change in by a commit of its own")


def _formal(changed: Sequence[Candidate], commit: Commit) -> dict[Ident, Why]:
    """What can be said without looking at the world."""
    if commit.unreadable:
        bad = commit.unreadable[0]
        text = f"the commit brought in {bad.place}, which cannot be read: {bad.message}"
        return {one.ident: Why("Unreadable", text, bad.hint) for one in changed}
    found = ((one.ident, _malformed(one) or _out_of_turn(one)) for one in changed)
    return {ident: why for ident, why in found if why}


def _malformed(one: Candidate) -> Why | None:
    """What the document itself cannot be."""
    if len(one.versions) > 1:
        return Why("DeclaredTwice", "two documents have this name; the one in force stays", "keep one")
    if one.versions and one.document is None:
        return Why("Invalid", sentences(one.problems), "put it right; `assent check` shows the place")
    return None


def _out_of_turn(one: Candidate) -> Why | None:
    """What was written over something else than what is in force."""
    if one.stale:
        text = "it was written over another version than the one in force, which it would undo unseen"
        hint = "merge the branch into yours, put the document right there, and sign the merge"
        return Why("WrittenOverAnother", text, hint)
    if one.needs_adoption:
        hint = "restore the version in force, or, entitled to the whole difference, sign a commit with the trailer "
        text = "an earlier change of it stands refused, and this one builds on it"
        return Why("AdoptionRequired", text, f"{hint}'Assent-Adopt: {one.ident}'")
    return None


def _by_the_rules(
    world: World, changed: Sequence[Candidate], author: Ref | None, *, now: datetime, cases: Mapping[Ref, Case]
) -> dict[Ident, Why]:
    """Who may write what, and the grant ceiling."""
    pending = [ref for ref, case in cases.items() if case.open]
    refusals = judge(world, {one.ident: one.document for one in changed}, author, at=now, open_requests=pending)
    why: dict[Ident, Why] = {}
    for refusal in refusals:
        why.setdefault(refusal.ident, Why(refusal.reason, refusal.message, refusal.hint))
    return why
