"""What is known after every record of the ledger: the world in force, what stands refused, and every request's case.

State is a fold over records, so that a restart comes to the same state: apply(state, record) → state.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from assent.api.evidence import Version
from assent.api.ledger import Record
from assent.api.names import Ident, Ref
from assent.api.requests import RequestSpec
from assent.api.tellings import Asked, Told
from assent.core.cases import Case, End
from assent.core.turns import TURNS, person_of
from assent.core.versions import Standing, Written
from assent.core.world import Origin, Provenance

LONGEST_SESSION = timedelta(days=7)
"""Longer than any session of the panel may last."""

TOLD = "told:"
"""What the proof of a decision begins with that the panel or a mail's link was told; behind it stands which one."""

NAMED = "name:"
"""What stands before a name whose sessions are over, to tell it from a session."""


IN_CLUSTER = "cluster"
"""The root of a ledger whose documents lie in a cluster: there is no first commit."""


@dataclass(frozen=True)
class State:
    """Everything that the ledger says.

    `root` is the first trusted commit, trusted since `trusted_at`; `head` is the last one read. `written` are the
    documents that changed since the root: what is in force besides is the root's tree. A request's name is used for
    ever once `cases` has it. `refusals` are the changes of requests that were refused last. `accepted` are all versions
    of a document that ever counted, each by its digest (none: it was taken away), with whoever brought it in; merges
    alone bring an older one back, so in a cluster there are none.
    `guarded` is what the admission policies were when they were proven last, and empty where they were not.
    `told` are the decisions made in the panel or by mail that no pass has judged yet, `asked` the requests asked for
    there whose requester is not proven yet. `signed_out` says since when a session is over, or all of a name (`NAMED`).
    `halted` is why nothing runs until somebody says so. `at` is the time of the newest record.
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
    told: dict[str, Told] = field(default_factory=dict)
    asked: dict[Ref, Asked] = field(default_factory=dict)
    signed_out: dict[str, datetime] = field(default_factory=dict)
    guarded: str = ""
    bootstrapped: bool = False
    halted: str = ""
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
            told=dict(self.told),
            asked=dict(self.asked),
            signed_out=dict(self.signed_out),
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


def _guarded(state: State, record: Record) -> State:
    """The policies that stand before approval entries were tried: what they are, or that they cannot be relied on."""
    return replace(state, guarded=record.body["policies"] if record.body["proven"] else "")


def _bootstrapped(state: State, record: Record) -> State:  # noqa: ARG001 -- a fold's form
    """Somebody governs the Platform: nobody writes without a right of their own any more."""
    return replace(state, bootstrapped=True)


def _halted(state: State, record: Record) -> State:
    """Nothing runs from now on, for this reason."""
    return replace(state, halted=record.body["message"])


def _resumed(state: State, record: Record) -> State:  # noqa: ARG001 -- a fold's form
    """Somebody said to go on."""
    return replace(state, halted="")


def _configured(state: State, record: Record) -> State:
    author = person_of(record.body.get("author"))
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
            state.written[ident] = Written(version, provenance, record.at, change.get("said", {}))
            if state.root != IN_CLUSTER:
                said = tuple(one.digest for one in versions)
                state.accepted[ident] = {**state.accepted.get(ident, {}), said: author}
    return state


def _provenance(state: State, ident: Ident, change: Mapping[str, Any], origin: Origin) -> Provenance:
    """Parts that this change wrote are its author's; the others keep theirs, and a User that its person wrote too."""
    before = state.written[ident].provenance.parts if ident in state.written else {}
    nobody = Origin(None, 0)
    document, own = origin, change.get("inherits")
    if own:
        document = state.written[ident].provenance.document if ident in state.written else nobody
        origin = Origin(person_of(own["author"]), own["since"])
    parts = {part: origin if part in change["wrote"] else before.get(part, nobody) for part in change["parts"]}
    return Provenance(document, parts)


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
        proven_by=person_of(body.get("provenBy")),
        beneficiary=person_of(body.get("beneficiary")),
        end=end,
        proof=body.get("commit", ""),
        creator=body.get("creator", ""),
    )
    state.refusals.pop(ref, None)
    if case.proven_by:
        state.asked.pop(ref, None)
    return _put(state, case)


def _asked(state: State, record: Record) -> State:
    state.asked[Ref.parse(record.subject)] = Asked(record.body["username"], record.body["spec"])
    return state


def _told(state: State, record: Record) -> State:
    body, ref = record.body, Ref.parse(record.body["request"])
    state.told[record.subject] = Told(
        record.subject, ref, body["channel"], body["username"], body["text"], body["signedIn"], record.sequence
    )
    return state


def _decided(state: State, record: Record) -> State:
    """A verdict; what the panel was told is judged by it."""
    proof = record.body.get("proof", "")
    if proof.startswith(TOLD):
        state.told.pop(proof.removeprefix(TOLD), None)
    return _turned(state, record)


def _proven(state: State, record: Record) -> State:
    state.asked.pop(Ref.parse(record.subject), None)
    return _turned(state, record)


def _signed_out(state: State, record: Record) -> State:
    """That session is over, or all of some names until now; one that ended by itself long ago need not be remembered.

    Only the oldest are looked at: somebody who signs out ten thousand times makes reading the ledger no slower.
    """
    names = record.body.get("everywhere", ())
    for one in [f"{NAMED}{name}" for name in names] or [record.subject]:
        state.signed_out.pop(one, None)  # the newest come last
        state.signed_out[one] = record.at
    oldest = next(iter(state.signed_out))
    while record.at - state.signed_out[oldest] >= LONGEST_SESSION:
        del state.signed_out[oldest]
        oldest = next(iter(state.signed_out))
    return state


def _turned(state: State, record: Record) -> State:
    """A record of one request alone."""
    case = _case(state, record)
    return _put(state, TURNS[record.kind](case, record)) if case else state


def _ended(state: State, record: Record) -> State:
    """How it ended; a document that was taken away before may stay away."""
    ref = Ref.parse(record.subject)
    if state.refusals.get(ref, ("",))[0] == "RequestDeleted":
        del state.refusals[ref]
    return _turned(state, record)


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
    **dict.fromkeys(TURNS, _turned),
    "asked": _asked,
    "told": _told,
    "decided": _decided,
    "proven": _proven,
    "signedOut": _signed_out,
    "trusted": _trusted,
    "head": _head,
    "guarded": _guarded,
    "bootstrapped": _bootstrapped,
    "halted": _halted,
    "resumed": _resumed,
    "configured": _configured,
    "observed": _observed,
    "ended": _ended,
    "removed": _removed,
    "restored": _restored,
    "refused": _refused,
}
"""What each kind of record does to the state; a kind that is not here changes nothing."""


def _case(state: State, record: Record) -> Case | None:
    return state.cases.get(Ref.parse(record.body.get("request", record.subject)))


def _put(state: State, case: Case) -> State:
    state.cases[case.ref] = case
    return state
