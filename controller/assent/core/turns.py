"""What each record does to the case of the one request that it is about: turn(case, record) → case."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from assent.api.ledger import Record
from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.api.records import moment
from assent.core.cases import Case, Claim, End, Result, Voice


def person_of(text: Any) -> Ref | None:  # noqa: ANN401 -- a JSON value
    """The person that a record names; None where it names nobody."""
    return Ref.parse(text) if text else None


def _proven(case: Case, record: Record) -> Case:
    return replace(case, proven_by=person_of(record.body["provenBy"]))


def _decided(case: Case, record: Record) -> Case:
    body = record.body
    voice = Voice(
        sequence=record.sequence,
        at=record.at,
        verb=body.get("verb"),
        username=body.get("username", ""),
        person=person_of(body.get("person")),
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
    return replace(case, voices=(*case.voices, voice))


def _validated(case: Case, record: Record) -> Case:
    first = case.validated_at or record.at
    return replace(case, digest=record.body["digest"], digest_at=record.at, validated_at=first)


def _claimed(case: Case, record: Record) -> Case:
    claim = Claim(record.at, record.body["digest"], record.body["plan"])
    return replace(case, claim=claim, held=None, stages=tuple(record.body["stages"]))


def _acted(case: Case, record: Record) -> Case:
    before = case.results.get(record.body["execution"])
    attempts = before.attempts + 1 if before else 1
    result = Result(
        record.body["target"], "Running", started_at=record.at, attempts=attempts, handle=record.body.get("handle", "")
    )
    return replace(case, results={**case.results, record.body["execution"]: result})


def _recorded(case: Case, record: Record) -> Case:
    body = record.body
    before = case.results.get(body["execution"], Result(body.get("target"), "Running"))
    result = replace(
        before,
        state=body["state"],
        ended_at=None if body["state"] == "Running" else record.at,
        exit_code=body.get("exitCode"),
        message=body["message"],
        output=body.get("output", ""),
    )
    return replace(case, results={**case.results, body["execution"]: result})


def _held(case: Case, record: Record) -> Case:
    return replace(case, held=(record.body["reason"], record.body["message"]))


def _ended(case: Case, record: Record) -> Case:
    body = record.body
    end = End(moment(body["at"]), body["phase"], body["reason"], body["message"], body.get("by", ""))
    return replace(case, end=end, results=_settled(case, end), stages=tuple(body.get("stages", case.stages)))


def _settled(case: Case, end: End) -> Mapping[str, Result]:
    """Results that nobody knew, or that a person carried out, end as that person says."""
    if end.phase not in ("Succeeded", "Failed"):
        return case.results
    return {
        execution: replace(one, state=end.phase, ended_at=end.at, message=end.message) if one.unsure else one
        for execution, one in case.results.items()
    }


def _mailed(case: Case, record: Record) -> Case:
    body = record.body
    mailing = Mailing(
        record.subject,
        case.ref,
        body["username"],
        body["about"],
        body["stage"],
        body["digest"],
        body["state"],
        body["message"],
        record.at,
    )
    return replace(case, mails={**case.mails, mailing.key: mailing})


TURNS: dict[str, Callable[[Case, Record], Case]] = {
    "proven": _proven,
    "decided": _decided,
    "validated": _validated,
    "claimed": _claimed,
    "acted": _acted,
    "recorded": _recorded,
    "held": _held,
    "ended": _ended,
    "mailed": _mailed,
}
"""Every kind of record that is about one request alone."""
