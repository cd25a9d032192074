"""What is known after every record of the ledger: the world in force, what stands refused, and every request's case.

State is a fold over records, so that a restart comes to the same state: apply(state, record) → state.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assent.api.evidence import Version
from assent.api.ledger import Record
from assent.api.names import Ident, Ref
from assent.api.records import moment
from assent.api.requests import RequestSpec
from assent.core.cases import Case, Claim, End, Result, Voice
from assent.core.world import Origin, Provenance


@dataclass(frozen=True, slots=True)
class Standing:
    """A change that was refused and stays so until it is put right: what the tree says, and why it does not count."""

    versions: tuple[Version, ...]
    reason: str
    message: str
    hint: str
    commit: str
    author: Ref | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """The version of a document in force (None: it was taken away), and who wrote it and its parts."""

    version: Version | None
    provenance: Provenance
    at: datetime


@dataclass(frozen=True)
class State:
    """Everything that the ledger says.

    `root` is the first trusted commit, trusted since `trusted_at`; `head` is the last one read. `written` are the
    documents that changed since the root: what is in force besides is the root's tree. A request's name is used for
    ever once `cases` has it. `refusals` are the changes of requests that were refused last. `accepted` are all versions
    of a document that ever counted, each by its digest (none: it was taken away), with whoever brought it in.
    `at` is the time of the newest record.
    """

    root: str = ""
    head: str = ""
    trusted_at: datetime | None = None
    sequence: int = 0
    written: dict[Ident, Written] = field(default_factory=dict)
    standing: dict[Ident, Standing] = field(default_factory=dict)
    accepted: dict[Ident, dict[tuple[str, ...], Ref | None]] = field(default_factory=dict)
    cases: dict[Ref, Case] = field(default_factory=dict)
    refusals: dict[Ref, tuple[str, str]] = field(default_factory=dict)
    at: datetime | None = None

    def copy(self) -> "State":
        """A state of one's own: `advance` may be called on it."""
        return replace(
            self,
            written=dict(self.written),
            standing=dict(self.standing),
            accepted=dict(self.accepted),
            cases=dict(self.cases),
            refusals=dict(self.refusals),
        )


def fold(records: Iterable[Record], start: State | None = None) -> State:
    """The state after these records."""
    state = (start or State()).copy()
    for record in records:
        state = advance(state, record)
    return state


def advance(state: State, record: Record) -> State:
    """The state after one more record; the mappings of `state` are taken over, so it must be one's own copy."""
    apply = FOLDS.get(record.kind)
    newest = max(record.at, state.at) if state.at else record.at
    return replace(apply(state, record) if apply else state, sequence=record.sequence, at=newest)


def _trusted(state: State, record: Record) -> State:
    """A first trusted commit: its tree is in force as it stands, whatever was refused or changed before."""
    if record.body["commit"] == state.root:
        return state
    commit = record.body["commit"]
    return replace(
        state, root=commit, head=commit, trusted_at=record.at, written={}, standing={}, accepted={}, refusals={}
    )


def _head(state: State, record: Record) -> State:
    return replace(state, head=record.body["commit"])


def _configured(state: State, record: Record) -> State:
    author = _person(record.body.get("author"))
    for change in record.body["changes"]:
        ident = Ident.parse(change["document"])
        versions = tuple(Version(one["digest"], one["blob"], one["index"]) for one in change["versions"])
        if change.get("refused"):
            why = change["refused"]
            state.standing[ident] = Standing(
                versions, why["reason"], why["message"], why["hint"], record.body["commit"], author, record.at
            )
            continue
        state.standing.pop(ident, None)
        if not change.get("restored"):
            version = versions[0] if versions else None
            provenance = _provenance(state, ident, change, Origin(author, record.sequence))
            state.written[ident] = Written(version, provenance, record.at)
            said = tuple(one.digest for one in versions)
            state.accepted[ident] = {**state.accepted.get(ident, {}), said: author}
    return state


def _provenance(state: State, ident: Ident, change: Mapping[str, Any], origin: Origin) -> Provenance:
    """Parts that this change wrote are its author's; the others keep theirs."""
    before = state.written[ident].provenance.parts if ident in state.written else {}
    nobody = Origin(None, 0)
    parts = {part: origin if part in change["wrote"] else before.get(part, nobody) for part in change["parts"]}
    return Provenance(origin, parts)


def _observed(state: State, record: Record) -> State:
    body, ref = record.body, Ref.parse(record.subject)
    end = None
    if body.get("restarted"):
        end = End(
            record.at, "Cancelled", "LedgerRestarted", "it was there when an empty ledger started, so it never runs"
        )
    case = Case(
        ref=ref,
        spec=RequestSpec.model_validate(body["spec"]),
        seen=record.sequence,
        seen_at=record.at,
        approvers={Ref.parse(person): Ref.parse(role) for person, role in body["approvers"].items()},
        proven_by=_person(body.get("provenBy")),
        end=end,
    )
    state.refusals.pop(ref, None)
    return _put(state, case)


def _proven(state: State, record: Record) -> State:
    case = _case(state, record)
    return _put(state, replace(case, proven_by=_person(record.body["provenBy"]))) if case else state


def _decided(state: State, record: Record) -> State:
    case, body = _case(state, record), record.body
    if case is None:
        return state
    voice = Voice(
        sequence=record.sequence,
        at=record.at,
        verb=body.get("verb"),
        username=body.get("username", ""),
        person=_person(body.get("person")),
        channel=body["channel"],
        proof=body.get("proof", ""),
        entry=body.get("entry", ""),
        digest=body.get("digest"),
        reason=body.get("reason"),
        because=body.get("because", ""),
        message=body.get("message", ""),
        via=body.get("via", ""),
        signed_in=body.get("signedIn", True),
    )
    return _put(state, replace(case, voices=(*case.voices, voice)))


def _validated(state: State, record: Record) -> State:
    case = _case(state, record)
    return _put(state, replace(case, digest=record.body["digest"], digest_at=record.at)) if case else state


def _claimed(state: State, record: Record) -> State:
    case, body = _case(state, record), record.body
    if case is None:
        return state
    claim = Claim(record.at, body["digest"], body["plan"])
    return _put(state, replace(case, claim=claim, held=None, stages=tuple(body["stages"])))


def _acted(state: State, record: Record) -> State:
    case, body = _case(state, record, body_key="request"), record.body
    if case is None:
        return state
    before = case.results.get(body["execution"])
    attempts = before.attempts + 1 if before else 1
    result = Result(body["target"], "Running", started_at=record.at, attempts=attempts)
    return _put(state, replace(case, results={**case.results, body["execution"]: result}))


def _recorded(state: State, record: Record) -> State:
    case, body = _case(state, record, body_key="request"), record.body
    if case is None:
        return state
    before = case.results.get(body["execution"], Result(body.get("target"), "Running"))
    result = replace(
        before,
        state=body["state"],
        ended_at=None if body["state"] == "Running" else record.at,
        exit_code=body.get("exitCode"),
        message=body["message"],
        output=body.get("output", ""),
    )
    return _put(state, replace(case, results={**case.results, body["execution"]: result}))


def _held(state: State, record: Record) -> State:
    case = _case(state, record)
    return _put(state, replace(case, held=(record.body["reason"], record.body["message"]))) if case else state


def _ended(state: State, record: Record) -> State:
    """How it ended; a document that was taken away before may stay away."""
    case, body = _case(state, record), record.body
    if case is None:
        return state
    if state.refusals.get(case.ref, ("",))[0] == "RequestDeleted":
        del state.refusals[case.ref]
    end = End(moment(body["at"]), body["phase"], body["reason"], body["message"], body.get("by", ""))
    stages = tuple(body.get("stages", case.stages))
    return _put(state, replace(case, end=end, results=_settled(case, end), stages=stages))


def _settled(case: Case, end: End) -> Mapping[str, Result]:
    """Results that nobody knew, or that a person carried out, end as that person says."""
    if end.phase not in ("Succeeded", "Failed"):
        return case.results
    return {
        execution: replace(one, state=end.phase, ended_at=end.at, message=end.message)
        if one.state in ("Running", "Unknown")
        else one
        for execution, one in case.results.items()
    }


def _removed(state: State, record: Record) -> State:
    """The document is gone, and with it whatever was wrong with it."""
    case = _case(state, record)
    state.refusals.pop(Ref.parse(record.subject), None)
    return _put(state, replace(case, present=False, reused=False)) if case else state


def _restored(state: State, record: Record) -> State:
    """The document says again what it said when it was first seen."""
    state.refusals.pop(Ref.parse(record.subject), None)
    return state


def _refused(state: State, record: Record) -> State:
    """A change of a request that does not count; a name taken again shows on the request that had it first."""
    case, body = _case(state, record), record.body
    if case and body["reason"] == "NameUsedBefore":
        state = _put(state, replace(case, reused=True, present=True))
    state.refusals[Ref.parse(record.subject)] = (body["reason"], body["message"])
    return state


FOLDS: dict[str, Callable[[State, Record], State]] = {
    "trusted": _trusted,
    "head": _head,
    "configured": _configured,
    "observed": _observed,
    "proven": _proven,
    "decided": _decided,
    "validated": _validated,
    "claimed": _claimed,
    "acted": _acted,
    "recorded": _recorded,
    "held": _held,
    "ended": _ended,
    "removed": _removed,
    "restored": _restored,
    "refused": _refused,
}
"""What each kind of record does to the state; a kind that is not here changes nothing."""


def _person(text: Any) -> Ref | None:  # noqa: ANN401 -- a JSON value
    return Ref.parse(text) if text else None


def _case(state: State, record: Record, body_key: str = "") -> Case | None:
    return state.cases.get(Ref.parse(record.body[body_key] if body_key else record.subject))


def _put(state: State, case: Case) -> State:
    state.cases[case.ref] = case
    return state
