"""The words of the ledger: the kinds of record, and what their bodies hold."""

from datetime import UTC, datetime
from typing import Any

from assent.api.ledger import Record

NEVER = datetime.min.replace(tzinfo=UTC)
"""The moment before all others: of what has not been yet, and for questions whose answer hangs on no moment."""

KINDS: dict[str, str] = {
    "trusted": "A first trusted commit was named: its documents are in force as they stand.",
    "head": "The branch was read up to this commit.",
    "guarded": "The admission policies were tried: what they are, and whether they can be relied on.",
    "bootstrapped": "Somebody governs the Platform from now on: the bootstrap group writes no more.",
    "halted": "The API server went back, as after a restored backup: nothing runs until somebody confirms.",
    "resumed": "Somebody has looked at a restored API server: requests run again.",
    "configured": "A commit changed configuration: taken over whole, or refused.",
    "observed": "A request was seen for the first time; its name is used from now on.",
    "proven": "A signature of the requester's brought the request in.",
    "restored": "A change of a request that was refused was put right.",
    "refused": "A change of a request, or a request under a used name, was refused.",
    "asked": "Somebody signed in to the panel and asked for this: it is theirs, whoever writes its document.",
    "told": "Somebody decided in the panel, or by a mail's link: a pass judges it.",
    "decided": "A decision was judged: it counts, or it does not, and why.",
    "validated": "The request has this digest from now on; decisions on an earlier one are void.",
    "held": "The request is approved, but the controller could not run it, and why.",
    "claimed": "The run was claimed, with the plan that was digested.",
    "acted": "An execution is about to be started.",
    "recorded": "An execution ended, or what is known of it.",
    "ended": "The request ended.",
    "removed": "The document of a request is gone.",
    "mailed": "A mail was sent to somebody, or could not be, and why.",
    "signedOut": "Somebody signed out of the panel: that session is over, or all of theirs that had begun.",
}
"""Every kind of record with its meaning; the reference docs are checked against it."""

EVIDENCE = frozenset({"asked", "told", "mailed", "signedOut"})
"""What panel and mail write down: it changes nothing that has been judged, so nobody has to begin again for it."""


def stamp(at: datetime) -> str:
    """A time as the ledger and `status` write it: RFC 3339 in UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The reverse of `stamp`."""
    return datetime.fromisoformat(text)


def item(record: Record) -> dict[str, Any]:
    """One record as programs read it."""
    return {
        "sequence": record.sequence,
        "at": stamp(record.at),
        "kind": record.kind,
        "subject": record.subject,
        "body": record.body,
    }
