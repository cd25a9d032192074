"""One commit after another: what each brought in, judged in the world before it, as records for the ledger.

Configuration is taken over whole or not at all; each request and each decision is judged by itself.
What one commit brings in counts from the next on, so the result does not depend on how often anybody looks.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assent.api.evidence import Change, Commit, Version
from assent.api.kinds import AnyKind, Problem
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ident, Ref
from assent.api.requests import Request, RequestSpec
from assent.core.approvers import basis
from assent.core.cases import Case, Voice
from assent.core.configuration import Candidate, Judged, judge_changes
from assent.core.hearing import Heard, Speaker, hear
from assent.core.state import State, advance
from assent.core.world import World

Documents = Callable[[Version], tuple[AnyKind | None, tuple[Problem, ...]]]
"""The document that a version stands for, or what is wrong with it."""


class Intake:
    """The state and world as they move from commit to commit, and the records that say so.

    `records` are to be appended in this order, in one transaction; their sequence numbers follow the state's.
    """

    def __init__(self, state: State, world: World, forced: Mapping[Ident, Version], *, documents: Documents) -> None:
        self.state = state.copy()
        self.world = world
        self.forced = dict(forced)
        self.records: list[NewRecord] = []
        self._documents = documents
        self._accepted: dict[tuple[Ident, str], Ref | None] = {}

    def note(self, record: NewRecord, now: datetime) -> None:
        """Adds a record, and moves the state on."""
        self.records.append(record)
        at = self.state.sequence + 1
        self.state = advance(self.state, Record(at, now, record.kind, record.subject, record.body))

    def take(self, commit: Commit, now: datetime) -> None:
        """Everything that one commit brought in: requests and decisions in the world before it, then configuration."""
        speaker = speaker_of(self.world, commit, now)
        for change in commit.changes:
            if change.ident.kind == "Request":
                self._request(change, speaker, commit, now)
        for entry in commit.entries:
            self._hear(entry.request, Heard(entry.value, "Annotation", commit.id, entry.key), speaker, now)
        for approval in commit.approvals:
            user = self.world.people.by_ref.get(speaker.person) if speaker.person else None
            text = f"approve as {user.spec.username if user else 'nobody'} for {approval.digest}"
            self._hear(approval.request, Heard(text, "Merge", commit.id), speaker, now)
        self._configure(commit, speaker, now)

    def _hear(self, ref: Ref, heard: Heard, speaker: Speaker, now: datetime) -> None:
        case = self.state.cases.get(ref)
        if case:
            self._decided(case, hear(self.world, case, heard, speaker, now), now)

    def _decided(self, case: Case, voice: Voice, now: datetime) -> None:
        self.note(NewRecord("decided", str(case.ref), voice_body(voice)), now)

    def _request(self, change: Change, speaker: Speaker, commit: Commit, now: datetime) -> None:
        ref, case = change.ident.ref, self.state.cases.get(change.ident.ref)
        if not change.after:
            self._gone(case, speaker, commit, now)
        elif len(change.after) > 1:
            self._refuse(ref, "DeclaredTwice", "two documents have this name; keep one", commit, now)
        else:
            document, problems = self._documents(change.after[0])
            if isinstance(document, Request):
                self._there(ref, case, document.spec, speaker=speaker, commit=commit, now=now)
            else:
                text = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
                self._refuse(ref, "Invalid", text, commit, now)

    def _there(
        self, ref: Ref, case: Case | None, spec: RequestSpec, *, speaker: Speaker, commit: Commit, now: datetime
    ) -> None:
        """A request's document that is new, came back, or says something else."""
        requester = self.world.people.named(spec.requester)
        proven = speaker.person if speaker.person is not None and speaker.person == requester else None
        if case is None:
            self.note(observation(self.world, ref, spec, proven, commit.id), now)
        elif not case.present or (case.spec != spec and not case.open):
            self._refuse(ref, "NameUsedBefore", f"another request was {ref} before; choose another name", commit, now)
        elif case.spec != spec:
            text = "a request's spec never changes: restore it, withdraw the request, and open another by another name"
            self._refuse(ref, "RequestChanged", text, commit, now)
        elif proven and case.proven_by is None:
            self.note(NewRecord("proven", str(ref), {"provenBy": str(proven), "commit": commit.id}), now)

    def _gone(self, case: Case | None, speaker: Speaker, commit: Commit, now: datetime) -> None:
        """A request's document is gone: a withdrawal by its requester while it is open, else nothing or refused."""
        if case is None:
            return
        requester = self.world.people.named(case.spec.requester)
        if case.open and not case.claim and (speaker.person is None or speaker.person != requester):
            text = f"only {case.spec.requester} takes it away while it is open; put the document back"
            self._refuse(case.ref, "RequestDeleted", text, commit, now)
            return
        if case.open and not case.claim:
            text = f"withdraw as {case.spec.requester}"
            self._decided(case, hear(self.world, case, Heard(text, "Annotation", commit.id), speaker, now), now)
        self.note(NewRecord("removed", str(case.ref), {"commit": commit.id}), now)

    def _refuse(self, ref: Ref, reason: str, message: str, commit: Commit, now: datetime) -> None:
        body = {"reason": reason, "message": message, "commit": commit.id}
        self.note(NewRecord("refused", str(ref), body), now)

    def _configure(self, commit: Commit, speaker: Speaker, now: datetime) -> None:
        """The commit's own changes as one, then each document on which a merge chose between its parents."""
        adopts = set(commit.adopts)
        changes = {one.ident: one.after for one in commit.changes if one.ident.kind != "Request"}
        changes |= {
            ident: self.state.standing[ident].versions
            for ident in adopts
            if ident in self.state.standing and ident not in changes
        }
        if changes or commit.unreadable:
            self._judge(changes, speaker.person, commit, now, adopts=frozenset(adopts))
        for taken in commit.taken:
            self._retake(taken, commit, now)

    def _retake(self, taken: Change, commit: Commit, now: datetime) -> None:
        """A merge took one parent's version: it counts as its writer's if it counted when it was brought in."""
        ident, digest = taken.ident, taken.after[0].digest if len(taken.after) == 1 else ""
        in_force = self.forced.get(ident)
        if ident.kind == "Request" or (in_force and in_force.digest == digest and ident not in self.state.standing):
            return
        if (in_force and in_force.digest == digest) or (ident, digest) in self._accepted:
            author = self._accepted.get((ident, digest))
            self._judge({ident: taken.after}, author, commit, now, adopts=frozenset({ident}))

    def _judge(
        self,
        changes: Mapping[Ident, tuple[Version, ...]],
        author: Ref | None,
        commit: Commit,
        now: datetime,
        *,
        adopts: frozenset[Ident],
    ) -> None:
        candidates = [self._candidate(ident, versions, adopts) for ident, versions in sorted(changes.items())]
        judged = judge_changes(self.world, candidates, author, commit=commit, now=now, cases=self.state.cases)
        self._take_over([one for one in judged if one.accepted and not one.restored], author)
        body = {
            "commit": commit.id,
            "author": str(author) if author else None,
            "changes": [one.body() for one in judged],
            "unreadable": [{"file": one.place.file, "message": one.message} for one in commit.unreadable],
        }
        self.note(NewRecord("configured", commit.id, body), now)
        notes = {
            one.ident: self.state.written[one.ident].provenance for one in judged if one.ident in self.state.written
        }
        self.world = self.world.written(notes)

    def _candidate(self, ident: Ident, versions: tuple[Version, ...], adopts: frozenset[Ident]) -> Candidate:
        in_force = self.forced.get(ident)
        document, problems = self._documents(versions[0]) if len(versions) == 1 else (None, ())
        needs_adoption = ident in self.state.standing and ident not in adopts
        same = (in_force.digest if in_force else None) == (versions[0].digest if len(versions) == 1 else None)
        restored = same and len(versions) <= 1
        return Candidate(ident, versions, document, problems, restored=restored, needs_adoption=needs_adoption)

    def _take_over(self, accepted: list[Judged], author: Ref | None) -> None:
        self.world = self.world.changed({one.ident: one.document for one in accepted})
        for one in accepted:
            before = self.forced.pop(one.ident, None)
            if before:
                written = self.state.written.get(one.ident)
                self._accepted.setdefault(
                    (one.ident, before.digest), written.provenance.document.author if written else None
                )
            if one.versions:
                self.forced[one.ident] = one.versions[0]
                self._accepted[one.ident, one.versions[0].digest] = author


def speaker_of(world: World, commit: Commit, now: datetime) -> Speaker:
    """Whose signature the commit carries: a key in force of exactly one user, good at this moment."""
    if commit.signer is None:
        return Speaker(None, unproven=f"the commit {commit.id[:12]} {commit.unsigned}")
    found = world.people.signer(commit.signer)
    if found is None:
        text = f"the commit {commit.id[:12]} is signed by the key {commit.signer}, which is no user's in force"
        return Speaker(None, unproven=text, unknown=True)
    person, key = found
    if not key.valid(now):
        text = f"the commit {commit.id[:12]} is signed by a key of {person} that is not valid now"
        return Speaker(None, unproven=text, unknown=True)
    return Speaker(person, via=f"key:{commit.signer}")


def observation(world: World, ref: Ref, spec: RequestSpec, proven: Ref | None, proof: str) -> NewRecord:
    """The first sight of a request: what it says, whose it is, and who may approve at this point."""
    approvers = {str(person): str(role) for person, role in sorted(basis(world, ref.namespace).items())}
    body: dict[str, Any] = {"spec": spec.plain(), "approvers": approvers, "commit": proof}
    body["provenBy"] = str(proven) if proven else None
    return NewRecord("observed", str(ref), body, once=True)


def voice_body(voice: Voice) -> dict[str, Any]:
    """A decision as the ledger keeps it."""
    body = {
        "verb": voice.verb,
        "username": voice.username,
        "person": str(voice.person) if voice.person else None,
        "channel": voice.channel,
        "proof": voice.proof,
        "entry": voice.entry,
        "digest": voice.digest,
        "reason": voice.reason,
        "because": voice.because,
        "message": voice.message,
        "via": voice.via,
        "signedIn": voice.signed_in,
    }
    return {name: value for name, value in body.items() if value not in (None, "")}
