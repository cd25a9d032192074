"""A decision as `status` shows it: stable in text and time, since its times come from the ledger alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assent.api.conditions import Condition, ConditionStatus
from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.api.records import moment, stamp
from assent.api.requests import ENDS
from assent.core.approvals import StageState
from assent.core.cases import Case, Result, Voice
from assent.core.decide import Decision
from assent.core.world import World

MOST_UNSENT = 3
"""People who are named where mails to them could not be sent."""

UNVALIDATED = frozenset({"Submitted", "Invalid"})
"""Phases of a request that could not be judged, or not yet."""


def status(world: World, decision: Decision) -> dict[str, Any]:
    """The request's whole `status`, in the field order of its kind."""
    found: dict[str, Any] = {"observedGeneration": 1, "phase": decision.phase}
    if decision.digest:
        found |= {"digest": decision.digest, "approve": approve_line(decision.digest)}
    waiting = waiting_for(decision)
    if waiting:
        found["waitingFor"] = waiting
    shown = stages(world, decision)
    found["conditions"] = [_condition(one, _since(decision.case, one, shown)) for one in conditions(decision)]
    found["stages"] = shown
    found["results"] = [_result(one) for one in decision.case.results.values()]
    return found


def approve_line(digest: str) -> str:
    """What an approver writes, with their own name in its place."""
    return f"approve as <you> for {digest}"


def waiting_for(decision: Decision) -> str:
    """The open stages, for people; empty where it waits for no stage."""
    tally = decision.tally
    open_stages = [one.seat.stage.name for one in tally.stages if one.state == "Open"] if tally else []
    return ", ".join(open_stages) if decision.phase == "PendingApproval" else ""


def conditions(decision: Decision) -> tuple[Condition, ...]:
    """Ready, Validated, Approved, Executed: each with a word and a sentence."""
    return (_ready(decision), _validated(decision), _approved(decision), _executed(decision))


def why(decision: Decision) -> tuple[str, str]:
    """The one word and sentence that matter most now."""
    end = decision.end or decision.case.end
    if decision.case.reused and decision.phase == "Invalid":
        return "NameUsedBefore", "another request has had this name; choose another one"
    if end:
        return end.reason, end.message
    return _why_open(decision)


def _why_open(decision: Decision) -> tuple[str, str]:
    if decision.phase == "Running":
        return "Running", _running(decision.case)
    if decision.hold:
        return decision.hold.reason, decision.hold.message
    if decision.case.held and decision.phase == "Approved":
        return decision.case.held
    if decision.phase == "PendingApproval":
        return "WaitingForApproval", f"it waits for {waiting_for(decision)}{_unsent(decision)}"
    return "AllStagesSatisfied", "it is approved and runs next"


def mails(decision: Decision) -> list[Mailing]:
    """The mails about what the request is now: those of another digest are about a question that is no more."""
    found = decision.case.mails.values()
    return sorted((one for one in found if one.digest in ("", decision.digest)), key=lambda one: (one.at, one.key))


def unreached(decision: Decision) -> list[Mailing]:
    """The mails that did not reach people, where they were the last ones to them."""
    last = {one.username: one for one in mails(decision) if one.about != "Ended"}
    return [one for one in last.values() if one.state == "Failed"]


def _unsent(decision: Decision) -> str:
    """Whom the last mail did not reach, and why; it blocks nothing, so it is only told."""
    failed = unreached(decision)
    names = ", ".join(one.username for one in failed[:MOST_UNSENT])
    more = f" and {len(failed) - MOST_UNSENT} others" if len(failed) > MOST_UNSENT else ""
    return f"; no mail reached {names}{more}: {failed[0].message}" if failed else ""


def _running(case: Case) -> str:
    if case.claim and case.claim.plan["runner"] == "manual":
        return f"a person does it: {case.claim.plan['settings'].get('instructions', '')}"
    return "it is running"


def _ready(decision: Decision) -> Condition:
    reason, message = why(decision)
    good = decision.phase == "Succeeded"
    return Condition("Ready", "True" if good else "False", reason, message)


def _validated(decision: Decision) -> Condition:
    reason, message = why(decision)
    if decision.phase in UNVALIDATED:
        return Condition("Validated", "False", reason, message)
    if decision.valid or decision.case.digest:
        return Condition("Validated", "True", "Valid", "the request is valid")
    return Condition("Validated", "Unknown", reason, message)


def _approved(decision: Decision) -> Condition:
    if not decision.case.claim and decision.phase != "Approved":
        return Condition("Approved", "False", *why(decision))
    if decision.tally.stages if decision.tally else decision.case.stages:
        return Condition("Approved", "True", "AllStagesSatisfied", "every stage is satisfied")
    return Condition("Approved", "True", "NoApprovalNeeded", "the microservice names no approval flow")


def _executed(decision: Decision) -> Condition:
    reason, message = why(decision)
    if not decision.case.claim:
        held = decision.phase == "Approved" and reason != "AllStagesSatisfied"
        return Condition("Executed", "False", reason if held else "NotRun", message if held else "it has not run")
    state: ConditionStatus = "True" if decision.phase in ENDS else "Unknown" if decision.phase == "Unknown" else "False"
    return Condition("Executed", state, reason, message)


def _since(case: Case, one: Condition, shown: Sequence[Mapping[str, Any]]) -> datetime:
    """When the condition came to its status, out of the ledger: no clock of the moment shows.

    What is not so has not been so since the request was first seen.
    """
    ended = case.end.at if case.end else case.seen_at
    if one.status == "False":
        return case.seen_at
    if one.type == "Validated":
        return (case.validated_at or case.seen_at) if one.status == "True" else ended
    if one.type == "Approved":
        decided = [moment(said["at"]) for stage in shown for said in stage["decisions"]]
        return max(decided, default=case.validated_at or case.seen_at)
    return ended


def _condition(one: Condition, since: datetime) -> dict[str, Any]:
    return {
        "type": one.type,
        "status": one.status,
        "reason": one.reason,
        "message": one.message,
        "lastTransitionTime": stamp(since),
        "observedGeneration": 1,
    }


def stages(world: World, decision: Decision) -> list[dict[str, Any]]:
    """Every stage as it stands, or as it stood when the request was claimed or ended."""
    if decision.tally is None:
        return [dict(one) for one in decision.case.stages]
    return [_stage(world, one, can_decide(decision, one)) for one in decision.tally.stages]


def can_decide(decision: Decision, stage: StageState) -> tuple[Ref, ...]:
    """Who can decide the stage now: nobody, where the request waits for nothing or has just ended."""
    return stage.can_decide if decision.phase == "PendingApproval" else ()


def _stage(world: World, one: StageState, can: Sequence[Ref]) -> dict[str, Any]:
    return {
        "name": one.seat.stage.name,
        "flow": str(one.seat.flow),
        "quorum": one.seat.stage.quorum,
        "state": one.state,
        "decisions": [decision_of(voice) for voice in one.decisions],
        "canDecide": [world.people.by_ref[person].spec.username for person in can],
    }


def decision_of(voice: Voice) -> dict[str, Any]:
    """One decision as `status` shows it."""
    found: dict[str, Any] = {
        "decision": voice.verb,
        "username": voice.username,
        "channel": voice.channel,
        "at": stamp(voice.at),
    }
    found |= {"digest": voice.digest} if voice.digest else {}
    return found | ({"reason": voice.reason} if voice.reason else {})


def _result(one: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "target": one.target,
        "state": one.state,
        "message": one.message,
        "exitCode": one.exit_code,
    }
    found["startedAt"] = stamp(one.started_at) if one.started_at else None
    found["endedAt"] = stamp(one.ended_at) if one.ended_at else None
    return {name: value for name, value in found.items() if value is not None}


def not_counted(decision: Decision) -> list[tuple[Voice, str]]:
    """Every decision that does not count, with the word why: judged so at once, a right lost since, another digest."""
    tally, case = decision.tally, decision.case
    weighed = list(tally.not_counted) if tally else _stale(case)
    known = {voice.sequence for voice, _ in weighed}
    return weighed + [(voice, voice.because) for voice in case.voices if voice.because and voice.sequence not in known]


def dropped(decision: Decision) -> dict[int, str]:
    """The words of `not_counted`, each by the place in the ledger of what does not count."""
    return {voice.sequence: word for voice, word in not_counted(decision)}


def _stale(case: Case) -> list[tuple[Voice, str]]:
    """Approvals of what the request no longer was when it ended or was claimed, after which nothing is weighed."""
    last = case.claim.digest if case.claim else case.digest
    given = (voice for voice in case.voices if voice.verb == "approve" and not voice.because)
    return [(voice, "DigestStale") for voice in given if voice.digest not in (None, last)]
