"""Why a request waits, who can move it, who cannot and why, and the line to write."""

from collections.abc import Mapping
from typing import Any

from assent.api.conditions import NOT_COUNTED
from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.api.records import stamp
from assent.core.access import holds
from assent.core.approvals import Bench, StageState
from assent.core.approvers import pool, why_not_entitled
from assent.core.decide import Decision
from assent.core.permissions import CANCEL
from assent.core.status import (
    approve_line,
    can_decide,
    decision_of,
    mails,
    not_counted,
    stages,
    status,
    waiting_for,
    why,
)
from assent.core.world import World

SILENT = frozenset({"NotAnApprover"})
"""People who have nothing to do with a stage are not listed as unable to decide it."""


def explain(world: World, decision: Decision) -> dict[str, Any]:
    """The JSON of `explain request`; `next` is one sentence, `notCounted` every decision that does not count."""
    reason, message = why(decision)
    return {
        "phase": decision.phase,
        "reason": reason,
        "message": message,
        "digest": decision.digest,
        "microservice": _microservice(decision),
        "approve": approve_line(decision.digest) if decision.digest else "",
        "stages": _stages(world, decision),
        "notCounted": [
            decision_of(voice) | {"because": word, "meaning": voice.message or NOT_COUNTED.get(word, "")}
            for voice, word in not_counted(decision)
        ],
        "mails": [_mail(one) for one in mails(decision)],
        "results": status(world, decision)["results"],
        "next": next_step(world, decision),
    }


def _mail(one: Mailing) -> dict[str, str]:
    found = {"username": one.username, "about": one.about, "stage": one.stage, "state": one.state, "at": stamp(one.at)}
    return found | ({"message": one.message} if one.message else {})


def next_step(world: World, decision: Decision) -> str:
    """What happens next, or what somebody has to do, in one sentence."""
    reason, message = why(decision)
    if decision.case.end and decision.phase != "Unknown":
        return f"Nothing: it ended as {decision.phase} ({message.removesuffix('.')})."
    if decision.phase == "Unknown":
        return f"Somebody finds out how the run ended: {_settling(world, decision)}"
    if decision.phase == "PendingApproval":
        return _who(world, decision)
    if decision.phase == "Running":
        by_hand = decision.case.claim is not None and decision.case.claim.plan["runner"] == "manual"
        return _settling(world, decision) if by_hand else "The run ends, and its results are recorded."
    if reason == "AllStagesSatisfied":
        return "It runs at the controller's next pass."
    return f"It waits until this is put right: {message.removesuffix('.')}."


def _settling(world: World, decision: Decision) -> str:
    """Who may say how the run ended, and how."""
    ref = decision.case.ref
    people = [one for one in pool(world, ref.namespace) if holds(world, one, ref.namespace, CANCEL)]
    names = ", ".join(sorted(world.people.by_ref[one].spec.username for one in people)) or "nobody as things stand"
    return f"assent settle {ref.name} -n {ref.namespace} --as Succeeded --because …, by one of: {names}."


def _who(world: World, decision: Decision) -> str:
    people = [
        world.people.by_ref[person].spec.username
        for stage in (decision.tally.stages if decision.tally else ())
        for person in can_decide(decision, stage)
    ]
    names, waiting = list(dict.fromkeys(people)), waiting_for(decision)
    if not names:
        return f"Nobody can decide {waiting} as things stand."
    one = names[0] if len(names) == 1 else f"One of {', '.join(names)}"
    return f"{one} approves or rejects it, for {waiting}."


def _microservice(decision: Decision) -> str:
    """Which one the offer's name stands for, with its owner; the bare name where nothing is offered by it."""
    if decision.valid is None:
        return (
            str(decision.case.claim.plan["microservice"])
            if decision.case.claim
            else decision.case.spec.microservice.name
        )
    return f"{decision.valid.offer.owner}/{decision.valid.offer.service.name}"


def _stages(world: World, decision: Decision) -> list[dict[str, Any]]:
    """The stages as `status` shows them, with the people who cannot decide those that wait for somebody."""
    shown = stages(world, decision)
    if decision.tally is None or decision.phase != "PendingApproval":
        return [{**one, "cannotDecide": []} for one in shown]
    weighed = zip(shown, decision.tally.stages, strict=True)
    return [{**one, "cannotDecide": _cannot(world, decision, stage)} for one, stage in weighed]


def _cannot(world: World, decision: Decision, stage: StageState) -> list[dict[str, str]]:
    """People whom a stage that is not satisfied names, or who asked, and why each cannot decide it."""
    if decision.valid is None or decision.tally is None or stage.state == "Satisfied":
        return []
    bench = Bench(world, decision.case, decision.valid.gate, decision.valid.digest)
    spoken = {voice.person: "AlreadyJudged" for one in decision.tally.stages for voice in one.decisions}
    spoken |= {voice.person: word for voice, word in decision.tally.not_counted if word == "NotIndependent"}
    found = []
    for person in sorted(set(pool(world, decision.case.ref.namespace)) - set(stage.can_decide)):
        word = _because(bench, stage, person, spoken)
        if word not in SILENT:
            username = world.people.by_ref[person].spec.username
            found.append({"username": username, "reason": word, "because": NOT_COUNTED[word]})
    return found


def _because(bench: Bench, stage: StageState, person: Ref, spoken: Mapping[Ref | None, str]) -> str:
    """The word why the person cannot decide the stage; a stage that waits is nobody's fault."""
    word = why_not_entitled(bench.world, stage.seat, person, bench.case.approvers)
    if person == bench.requester and not bench.gate.self_approval and word != "NotAnApprover":
        return "SelfApproval"
    if person == bench.on_behalf_of and not word:
        return "OnBehalfOf"
    if word or stage.state == "Waiting":
        return word or "NotAnApprover"
    return spoken.get(person, "NotIndependent")
