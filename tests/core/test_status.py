"""A request's status: the shape of its kind, stable in text and time, and the truth about who can decide."""

from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft7Validator

from assent.api.conditions import CONDITIONS, REASONS
from assent.api.records import stamp
from assent.core.decide import Door
from assent.core.status import conditions, status, waiting_for, why
from builders import flow, service, stage, use, user
from core.lives import NOW, Life, company, offering
from crd_files import nodes, python, schema

LEAD, PARTNER = stage("lead", "Requesting"), stage("partner", "Partner")
PROCESS = {"process": {"program": "p"}}
MANUAL = {"manual": {"instructions": "Plug it in."}}
ARCHIVED = offering(state="Archived")


def asking(*documents, stages=(LEAD, PARTNER), rules=None, asked=None, **more):
    """A request that waits for a lead of b's and then for its partner."""
    given = {"approvals": [use("platform/f")], "parameters": {"type": "object"}, "run": PROCESS, **more}
    one = offering(targetRules={"maxItems": 9}, **given)
    return Life(*company(), one, flow("platform/f", *stages, **(rules or {})), *documents, **(asked or {}))


def approved(**more):
    life = asking(**more)
    for who in ("b/bea", "a/alba"):
        life.wait(minutes=1).say(who)
    return life.validate()


def running(**more):
    life = approved(**more)
    life.wait(minutes=1).claim()
    return life


def came_to(*states, **more):
    """A request whose executions have come to these."""
    targets = [f"t{number}" for number in range(len(states))] if len(states) > 1 else []
    life = approved(asked={"targets": targets}, **more)
    plan = life.wait(minutes=1).claim()
    for execution, state in zip(plan.executions, states, strict=True):
        life.wait(minutes=1).record(execution, state)
    return life.wait(minutes=1).end()


def said(who, verb):
    life = asking().validate()
    life.wait(minutes=1).say(who, verb)
    return life.wait(minutes=1).end()


def reused():
    life = said("b/rita", "withdraw")
    life.state.cases[life.ref] = replace(life.case, reused=True)
    return life


LIVES = {
    "Submitted": lambda: asking(ARCHIVED),
    "Submitted, with a digest": lambda: asking(asked={"proven": False}).validate(),
    "PendingApproval": asking,
    "Approved": approved,
    "Approved, no approval needed": lambda: asking(approvals=[]),
    "Running": running,
    "Running, one of two": lambda: came_to("Succeeded", "Running"),
    "Running, by hand": lambda: came_to("Running", run=MANUAL),
    "Succeeded": lambda: came_to("Succeeded"),
    "Failed": lambda: came_to("Failed", "Failed"),
    "PartiallyFailed": lambda: came_to("Failed", "Succeeded"),
    "Unknown": lambda: came_to("Unknown"),
    "Rejected": lambda: said("b/bea", "reject"),
    "Withdrawn": lambda: said("b/rita", "withdraw"),
    "Cancelled": lambda: said("b/max", "cancel"),
    "Expired": lambda: asking(rules={"decideWithin": "1h"}).validate().wait(hours=2).end(),
    "Expired, approved": lambda: approved(rules={"runWithin": "1h"}).wait(hours=2).end(),
    "Invalid": lambda: asking(asked={"parameters": {"n": 2**60}}).end(),
    "Invalid, used before": reused,
}
"""A request in every phase, by the phase that it must be shown in."""


def shown(life, **more):
    """The status of a request."""
    return status(life.world, life.decide(**more))


def condition(found, kind):
    """One condition as its status and reason."""
    return next((one["status"], one["reason"]) for one in found["conditions"] if one["type"] == kind)


@pytest.mark.parametrize("name", LIVES)
def test_every_phase_is_shown_as_the_contract_says(name):
    """A status is one that the CRD takes, without a field that is not there, in the order of its page."""
    found = shown(LIVES[name]())
    fields = dict(nodes(schema("Request")["properties"]["status"]))

    assert name.split(",")[0] == found["phase"]
    assert [] == [error.message for error in Draft7Validator(_translated(fields[""])).iter_errors(found)]
    assert set() == set(_paths(found)) - set(fields)
    order = ["observedGeneration", "phase", "digest", "approve", "waitingFor", "conditions", "stages", "results"]
    assert [one for one in order if one in found] == list(found)


def _translated(node):
    """A schema with its patterns as Python reads them."""
    if isinstance(node, dict):
        return {name: python(one) if name == "pattern" else _translated(one) for name, one in node.items()}
    return [_translated(one) for one in node] if isinstance(node, list) else node


def _paths(value, path=""):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _paths(one, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{path}[]")
    else:
        yield path


@pytest.mark.parametrize("name", LIVES)
def test_every_condition_is_there_once_with_a_known_word(name):
    """Each of the four conditions stands once, with a word of the table and a sentence of one line."""
    found = shown(LIVES[name]())["conditions"]

    assert ["Ready", "Validated", "Approved", "Executed"] == [one["type"] for one in found]
    assert set(CONDITIONS) == {one["type"] for one in found}
    for one in found:
        assert one["reason"] in REASONS
        assert one["message"] == one["message"].strip() != ""
        assert "\n" not in one["message"]


SAID = {
    "Submitted": "False NotOffered, False NotOffered, False NotOffered, False NotRun",
    "Submitted, with a digest": f"{3 * 'False RequesterUnproven, '}False NotRun",
    "PendingApproval": "False WaitingForApproval, True Valid, False WaitingForApproval, False NotRun",
    "Approved": "False AllStagesSatisfied, True Valid, True AllStagesSatisfied, False NotRun",
    "Approved, no approval needed": "False AllStagesSatisfied, True Valid, True NoApprovalNeeded, False NotRun",
    "Running": "False Running, True Valid, True AllStagesSatisfied, False Running",
    "Running, one of two": "False Running, True Valid, True AllStagesSatisfied, False Running",
    "Running, by hand": "False Running, True Valid, True AllStagesSatisfied, False Running",
    "Succeeded": "True RunSucceeded, True Valid, True AllStagesSatisfied, True RunSucceeded",
    "Failed": "False RunFailed, True Valid, True AllStagesSatisfied, True RunFailed",
    "PartiallyFailed": "False RunPartlyFailed, True Valid, True AllStagesSatisfied, True RunPartlyFailed",
    "Unknown": "False RunUnknown, True Valid, True AllStagesSatisfied, Unknown RunUnknown",
    "Rejected": "False Rejected, True Valid, False Rejected, False NotRun",
    "Withdrawn": "False Withdrawn, True Valid, False Withdrawn, False NotRun",
    "Cancelled": "False Cancelled, True Valid, False Cancelled, False NotRun",
    "Expired": "False DecisionDeadline, True Valid, False DecisionDeadline, False NotRun",
    "Expired, approved": "False RunDeadline, True Valid, False RunDeadline, False NotRun",
    "Invalid": "False NumberTooLarge, False NumberTooLarge, False NumberTooLarge, False NotRun",
    "Invalid, used before": "False NameUsedBefore, False NameUsedBefore, False NameUsedBefore, False NotRun",
}


@pytest.mark.parametrize("name", LIVES)
def test_what_the_conditions_say(name):
    """Phase and conditions say the same: Submitted until Validated, Approved until claimed, Running until recorded."""
    found = shown(LIVES[name]())

    assert SAID[name] == ", ".join(f"{one['status']} {one['reason']}" for one in found["conditions"])


@pytest.mark.parametrize("name", LIVES)
def test_the_same_problem_is_told_in_the_same_words(name):
    """Conditions do not flap: while nothing happens, the status is the same text, whenever anybody looks."""
    life = LIVES[name]()
    before = shown(life)
    life.wait(minutes=3)

    assert before == shown(life)


@pytest.mark.parametrize("name", ["PendingApproval", "Approved"])
def test_an_end_says_the_same_before_and_after_it_is_written_down(name):
    """What a request has come to is shown the same, whether the end is recorded yet or not."""
    life = LIVES[name]()
    life.validate().wait(minutes=1).say("b/max", "cancel")
    before = shown(life)
    life.end()

    assert (before["phase"], before["conditions"]) == (shown(life)["phase"], shown(life)["conditions"])


TIMES = [
    pytest.param("PendingApproval", {"Ready": 0, "Validated": 0, "Approved": 0, "Executed": 0}, id="waiting"),
    pytest.param("Approved", {"Ready": 0, "Validated": 2, "Approved": 2, "Executed": 0}, id="approved"),
    pytest.param("Running", {"Ready": 0, "Validated": 2, "Approved": 2, "Executed": 0}, id="running"),
    pytest.param("Succeeded", {"Ready": 5, "Validated": 2, "Approved": 2, "Executed": 5}, id="succeeded"),
    pytest.param("Unknown", {"Ready": 0, "Validated": 2, "Approved": 2, "Executed": 5}, id="unknown"),
    pytest.param("Failed", {"Ready": 0, "Validated": 2, "Approved": 2, "Executed": 6}, id="failed"),
    pytest.param("Rejected", {"Ready": 0, "Validated": 0, "Approved": 0, "Executed": 0}, id="rejected"),
]


@pytest.mark.parametrize(("name", "minutes"), TIMES)
def test_a_condition_s_time_is_when_its_status_changed(name, minutes):
    """The time of a condition comes out of the ledger, and moves with its status, not with its reason."""
    found = {one["type"]: one["lastTransitionTime"] for one in shown(LIVES[name]())["conditions"]}

    assert {kind: stamp(NOW + timedelta(minutes=later)) for kind, later in minutes.items()} == found


def test_another_digest_is_no_transition():
    """A request that stays valid has been valid since it was, whatever its digest has become."""
    life = asking().validate()
    life.wait(hours=1).change(flow("platform/f", LEAD))
    life.validate()

    assert stamp(NOW) == shown(life)["conditions"][1]["lastTransitionTime"]


# Stages -------------------------------------------------------------------------------------------------------------


def test_a_request_that_waits_is_shown_like_the_contract_s_example():
    """The status of the page's own example: digest, the line to write, who decided, who can decide."""
    life = asking()
    life.wait(minutes=10).say("b/bea", because="budget is agreed")
    found = shown(life)
    digest = life.digest

    assert (digest, f"approve as <you> for {digest}", "partner") == (
        found["digest"],
        found["approve"],
        found["waitingFor"],
    )
    decided = {"decision": "approve", "username": "bea@b", "channel": "Annotation", "at": "2026-01-05T09:10:00Z"}
    lead = {"name": "lead", "flow": "platform/f", "quorum": 1, "state": "Satisfied", "canDecide": []}
    partner = {"name": "partner", "flow": "platform/f", "quorum": 1, "state": "Open", "decisions": []}
    assert [
        lead | {"decisions": [decided | {"digest": digest, "reason": "budget is agreed"}]},
        partner | {"canDecide": ["abel@a", "alba@a", "max@a"]},
    ] == found["stages"]
    assert [] == found["results"]


@pytest.mark.parametrize(
    ("order", "said", "expected"),
    [
        pytest.param("Sequential", [], "lead", id="the-first"),
        pytest.param("Sequential", ["b/bea"], "partner", id="the-next"),
        pytest.param("Parallel", [], "lead, partner", id="all-that-are-open"),
        pytest.param("Parallel", ["a/alba"], "lead", id="what-is-left"),
        pytest.param("Sequential", ["b/bea", "a/alba"], None, id="nothing"),
    ],
)
def test_waiting_for_is_the_open_stages(order, said, expected):
    """`waitingFor` is one text for people: the open stages, and not there where it waits for none."""
    life = asking(rules={"order": order})
    for who in said:
        life.say(who)

    assert expected == shown(life).get("waitingFor")
    assert (expected or "") == waiting_for(life.decision)


def test_nobody_can_decide_what_is_over():
    """An end names nobody as able to decide, whatever its stages were; who decided stays to be seen."""
    life = asking(rules={"decideWithin": "1h"}).validate()
    life.say("b/bea")
    life.wait(hours=2)
    before = shown(life)["stages"]
    life.end()

    assert before == shown(life)["stages"]
    assert [("Satisfied", ["bea@b"], []), ("Open", [], [])] == [
        (one["state"], [said["username"] for said in one["decisions"]], one["canDecide"]) for one in before
    ]


def test_who_decided_stays_to_be_seen():
    """After the claim the stages are shown as they were, also where an approver has left since."""
    life = running()
    before = shown(life)["stages"]
    life.change(gone=["User/b/bea", "ApprovalFlow/platform/f"])

    assert ["bea@b", "alba@a"] == [said["username"] for one in before for said in one["decisions"]]
    assert before == shown(life)["stages"]


def test_a_rejection_stands_in_its_stage():
    """The stage that was rejected shows the rejection, with its reason."""
    life = asking()
    life.say("b/bea", "reject", because="no budget")
    (lead, partner) = shown(life)["stages"]

    assert ("Rejected", ["no budget"]) == (lead["state"], [one["reason"] for one in lead["decisions"]])
    assert ("Waiting", []) == (partner["state"], partner["decisions"])


# What is running, and why it waits ----------------------------------------------------------------------------------


def test_results_are_one_a_target():
    """Results name their target, their state and their times; what is not known is left out."""
    found = shown(came_to("Succeeded", "Running"))["results"]

    first = {"target": "t0", "state": "Succeeded", "message": "so it ended"}
    assert first | {"startedAt": "2026-01-05T09:04:00Z", "endedAt": "2026-01-05T09:04:00Z"} == found[0]
    assert {"target": "t1", "state": "Running", "message": "so it ended", "startedAt": "2026-01-05T09:05:00Z"} == found[
        1
    ]
    assert "target" not in shown(came_to("Succeeded"))["results"][0]


@pytest.mark.parametrize(
    ("door", "held", "reason"),
    [
        pytest.param(Door(("manual",)), None, "RunnerNotAvailable", id="no-runner"),
        pytest.param(Door(("process",), lambda *_: 1), None, "ConcurrencyLimit", id="no-room"),
        pytest.param(
            Door(("process",)), ("RunnerNotAvailable", "no such program"), "RunnerNotAvailable", id="the-runner-said-so"
        ),
        pytest.param(
            Door(("process",), lambda *_: 1),
            ("RunnerNotAvailable", "no such program"),
            "ConcurrencyLimit",
            id="what-is-so-now-comes-first",
        ),
        pytest.param(Door(("process",)), None, "AllStagesSatisfied", id="nothing"),
    ],
)
def test_why_an_approved_request_does_not_run(door, held, reason):
    """What is approved and does not run says why, in Ready and in Executed."""
    life = approved()
    life.state.cases[life.ref] = replace(life.case, held=held)
    found = shown(life, door=door)

    assert ("False", reason) == condition(found, "Ready")
    assert ("False", reason if reason != "AllStagesSatisfied" else "NotRun") == condition(found, "Executed")
    assert ("True", "AllStagesSatisfied") == condition(found, "Approved")


def test_a_person_s_work_is_told():
    """A manual run shows what is to be done."""
    life = running(run=MANUAL)

    assert ("Running", "a person does it: Plug it in.") == why(life.decision)
    assert ("Running", "it is running") == why(running().decision)


def test_a_name_that_was_taken_again_says_so_only_where_that_is_the_end():
    """A request that still runs shows its run, even where its name was taken again meanwhile."""
    life = running()
    life.state.cases[life.ref] = replace(life.case, reused=True)

    assert ("Running", "Running") == (shown(life)["phase"], condition(shown(life), "Ready")[1])


def test_what_holds_is_valid_for_nobody():
    """A request that holds is not validated, also where it has a digest; the reason is the hold's."""
    life = asking(asked={"proven": False}).validate()
    found = shown(life)

    assert ("False", "RequesterUnproven") == condition(found, "Validated")
    assert life.digest == found["digest"]


def test_an_end_before_any_verdict_leaves_validity_unknown():
    """Whether a request would have been valid is not known where it ended before anybody could tell."""
    life = asking(ARCHIVED)
    life.say("b/rita", "withdraw")

    assert ("Unknown", "Withdrawn") == condition(shown(life.end()), "Validated")


def test_conditions_are_values():
    """Conditions of a decision are the same value every time."""
    life = asking(service("platform/other"), user("b/new", "approves"))

    assert conditions(life.decision) == conditions(life.decision)
