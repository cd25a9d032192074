"""One commit after another: what each brought in, judged in the world before it, as records for the ledger.

Configuration is taken over whole or not at all; each request and each decision is judged by itself.
What one commit brings in counts from the next on, so the result does not depend on how often anybody looks.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from assent.api.evidence import Change, Commit, Version
from assent.api.kinds import AnyKind, Problem
from assent.api.ledger import NewRecord
from assent.api.names import Ident, Ref
from assent.api.problems import sentences
from assent.api.requests import Request, RequestSpec
from assent.core.cases import Case
from assent.core.configuration import Candidate, Judged, judge_changes
from assent.core.hearing import Heard, Speaker
from assent.core.notebook import Notebook, observation
from assent.core.state import State
from assent.core.world import World

Documents = Callable[[Version], tuple[AnyKind | None, tuple[Problem, ...]]]
"""The document that a version stands for, or what is wrong with it."""


MOST_UNSIGNED = 100
"""New requests that one commit without a user's signature brings in: each is kept for ever, with who may approve it."""


class Intake(Notebook):
    """The notebook of a branch, commit by commit; `forced` are the versions of documents in force."""

    def __init__(self, state: State, world: World, forced: Mapping[Ident, Version], *, documents: Documents) -> None:
        super().__init__(state, world)
        self.forced = dict(forced)
        self._documents = documents
        self._unsigned = 0

    def take(self, commit: Commit, now: datetime) -> None:
        """Everything that one commit brought in: requests and decisions in the world before it, then configuration."""
        speaker = speaker_of(self.world, commit, now)
        self._unsigned = 0
        for change in commit.changes:
            if change.ident.kind == "Request":
                self._request(change, speaker, commit, now)
        for entry in commit.entries:
            self.hear(entry.request, Heard(entry.value, "Annotation", commit.id, entry.key), speaker, now)
        for approval in commit.approvals:
            user = self.world.people.by_ref.get(speaker.person) if speaker.person else None
            text = f"approve as {user.spec.username if user else 'nobody'} for {approval.digest}"
            self.hear(approval.request, Heard(text, "Merge", commit.id), speaker, now)
        self._configure(commit, speaker, now)

    def _request(self, change: Change, speaker: Speaker, commit: Commit, now: datetime) -> None:
        ref, case = change.ident.ref, self.state.cases.get(change.ident.ref)
        if not change.after:
            self._gone(ref, case, speaker, commit, now)
        elif len(change.after) > 1:
            self.refuse(ref, "DeclaredTwice", "two documents have this name; keep one", commit.id, now)
        else:
            document, problems = self._documents(change.after[0])
            if isinstance(document, Request):
                self._there(ref, case, document.spec, speaker=speaker, commit=commit, now=now)
            else:
                self.refuse(ref, "Invalid", sentences(problems), commit.id, now)

    def _there(
        self, ref: Ref, case: Case | None, spec: RequestSpec, *, speaker: Speaker, commit: Commit, now: datetime
    ) -> None:
        """A request's document that is new, came back, or says something else."""
        requester = self.world.people.named(spec.requester)
        signed = speaker.person if speaker.person is not None and speaker.person == requester else None
        proven = signed or self.asked_by(ref, spec)
        if case is None and (speaker.person or proven) is None and self._unsigned == MOST_UNSIGNED:
            text = (
                f"the commit brings in more than {MOST_UNSIGNED} new requests and no user's signature; "
                "take this one out, and add it again in a signed commit or in a smaller one"
            )
            self.refuse(ref, "TooManyUnsigned", text, commit.id, now)
        elif case is None:
            self._unsigned += (speaker.person or proven) is None
            self.note(observation(self.world, ref, spec, proven, commit.id), now)
        elif case.reused or not case.present:
            self.refuse(ref, "NameUsedBefore", f"another request was {ref} before; choose another name", commit.id, now)
        elif case.spec != spec:
            text = "a request's spec never changes: restore it, and open another request by another name"
            self.refuse(ref, "RequestChanged", text, commit.id, now)
        else:
            if ref in self.state.refusals:
                self.note(NewRecord("restored", str(ref), {"commit": commit.id}), now)
            if proven and case.proven_by is None:
                self.note(NewRecord("proven", str(ref), {"provenBy": str(proven), "commit": commit.id}), now)

    def _gone(self, ref: Ref, case: Case | None, speaker: Speaker, commit: Commit, now: datetime) -> None:
        """A request's document is gone: a withdrawal by its requester while it is open, else nothing or refused."""
        if case and case.open:
            requester = self.world.people.named(case.spec.requester)
            text = f"only {case.spec.requester} takes it away while it is open; put the document back"
            if speaker.person is None or speaker.person != requester:
                self.refuse(ref, "RequestDeleted", text, commit.id, now)
                return
            withdrawal = Heard(f"withdraw as {case.spec.requester}", "Annotation", commit.id)
            self.hear(ref, withdrawal, speaker, now)
            if self.state.cases[ref].open and not case.claim:
                self.refuse(ref, "RequestDeleted", text, commit.id, now)
                return
        if case or ref in self.state.refusals:
            self.note(NewRecord("removed", str(ref), {"commit": commit.id}), now)

    def _configure(self, commit: Commit, speaker: Speaker, now: datetime) -> None:
        """The commit's own changes as one, then each document on which a merge chose between its parents."""
        changes = {one.ident: one for one in commit.changes if one.ident.kind != "Request"}
        adopts = set(commit.adopts) & {one.ident for one in commit.adopted if self._is_what_stands(one)} | (
            set(commit.adopts) & set(changes)
        )
        changes |= {
            ident: Change(ident, standing.versions)
            for ident, standing in self.state.standing.items()
            if ident in commit.adopts and ident not in changes
        }
        if changes or commit.unreadable:
            candidates = [self._candidate(changes[ident], adopts) for ident in sorted(changes)]
            self._judge(candidates, speaker, commit, now)
        for taken in commit.taken:
            if taken.ident.kind != "Request":
                # What a merge only took, others had brought in: a file of its own that cannot be read is no fault here.
                self._retake(taken, replace(commit, unreadable=()), now)

    def _retake(self, taken: Change, commit: Commit, now: datetime) -> None:
        """A merge took one parent's version: it counts as its writer's if it counted when it was brought in.

        One that did not count then stands refused again: what the tree says and what is in force never differ silently.
        """
        ident, said = taken.ident, tuple(one.digest for one in taken.after)
        standing = self.state.standing.get(ident)
        if standing is None and said == self._in_force(ident):
            return
        if standing and said == tuple(one.digest for one in standing.versions):
            return
        writers = self.state.accepted.get(ident, {})
        candidate = self._candidate(Change(ident, taken.after), {ident})
        known = candidate.restored or said in writers
        self._judge([replace(candidate, needs_adoption=not known)], Speaker(writers.get(said)), commit, now)

    def _in_force(self, ident: Ident) -> tuple[str, ...]:
        """The digest of the version in force; empty where there is none."""
        version = self.forced.get(ident)
        return (version.digest,) if version else ()

    def _is_what_stands(self, change: Change) -> bool:
        """Whether the tree that was signed says the very version that stands refused: what was seen is adopted."""
        standing = self.state.standing.get(change.ident)
        return standing is not None and digests(change.after) == digests(standing.versions)

    def _judge(self, candidates: list[Candidate], speaker: Speaker, commit: Commit, now: datetime) -> None:
        author = speaker.person
        judged = judge_changes(self.world, candidates, author, commit=commit, now=now, cases=self.state.cases)
        changes = [one.body() | self._inherited(one, speaker) for one in judged]
        self._take_over([one for one in judged if one.accepted and not one.restored])
        body = {
            "commit": commit.id,
            "author": str(author) if author else None,
            "changes": changes,
            "unreadable": [{"file": one.place.file, "message": one.message} for one in commit.unreadable],
        }
        self.note(NewRecord("configured", commit.id, body), now)
        notes = {
            one.ident: self.state.written[one.ident].provenance for one in judged if one.ident in self.state.written
        }
        self.world = self.world.written(notes)

    def _inherited(self, one: Judged, speaker: Speaker) -> dict[str, Any]:
        """What a person writes into their own User is as old, and as much their own, as the key they signed with."""
        return self.inherited(one.ident, speaker) if one.accepted and not one.restored else {}

    def _candidate(self, change: Change, adopts: Collection[Ident]) -> Candidate:
        ident, versions = change.ident, change.after
        document, problems = self._documents(versions[0]) if len(versions) == 1 else (None, ())
        standing, in_force = self.state.standing.get(ident), self._in_force(ident)
        seen = change.over is None or in_force in change.over
        merged = (
            seen and standing is not None and standing.reason == "WrittenOverAnother" and len(change.over or ()) > 1
        )
        stale = ident not in adopts and not seen
        return Candidate(
            ident,
            versions,
            document,
            problems,
            restored=digests(versions) == in_force,
            needs_adoption=ident not in adopts and standing is not None and not merged,
            stale=stale and (standing is None or standing.reason == "WrittenOverAnother"),
        )

    def _take_over(self, accepted: list[Judged]) -> None:
        self.world = self.world.changed({one.ident: one.document for one in accepted})
        for one in accepted:
            self.forced.pop(one.ident, None)
            self.forced.update({one.ident: one.versions[0]} if one.versions else {})


def digests(versions: tuple[Version, ...]) -> tuple[str, ...]:
    """What a document says, in one value to compare."""
    return tuple(one.digest for one in versions)


def speaker_of(world: World, commit: Commit, now: datetime) -> Speaker:
    """Whose signature the commit carries: a key in force of exactly one user, good at this moment."""
    if commit.signer is None:
        return Speaker(None, unproven=f"the commit {commit.id[:12]} {commit.unsigned}")
    found = world.people.signer(commit.signer)
    if found is None:
        text = f"the commit {commit.id[:12]} is signed by the key {commit.signer}, which is no user's in force"
        return Speaker(None, unproven=text, word="UnknownSigner")
    person, key = found
    if not key.valid(now):
        text = f"the commit {commit.id[:12]} is signed by a key of {person} that is not valid now"
        return Speaker(None, unproven=text, word="UnknownSigner")
    return Speaker(person, via=f"key:{commit.signer}")
