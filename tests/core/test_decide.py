"""One request, one world, one moment: what it has come to, and what is to be done."""

from datetime import timedelta

import pytest

from assent.api.requests import ENDS
from assent.core.decide import Door
from assent.core.plans import PREFERENCE
from builders import flow, ref, stage, use, user
from core.lives import DOOR, NOW, Life, company, offering

LEAD = stage("lead", "Requesting")
PROCESS = {"process": {"program": "p"}}
ARCHIVED = offering(state="Archived")


def asking(*documents, stages=(LEAD,), rules=None, asked=None, **service):
    """A request that waits for these stages of one flow."""
    given = {"approvals": [use("platform/f")], "parameters": {"type": "object"}, "run": PROCESS, **service}
    one = offering(targetRules={"maxItems": 9}, **given)
    return Life(*company(), one, flow("platform/f", *stages, **(rules or {})), *documents, **(asked or {}))


def approved(**more):
    """A request that all have approved."""
    life = asking(**more)
    life.say("b/bea")
    return life


def came_to(life):
    """Phase, and the word of the hold or the end."""
    decision = life.decision
    why = decision.end or decision.hold
    return decision.phase, why.reason if why else ""


# One answer after the other -----------------------------------------------------------------------------------------


def test_the_life_of_a_request():
    """A request is pending until all have approved, approved until it is claimed, and runs until that is recorded."""
    life = asking()
    seen = [life.decision.phase]
    life.say("b/bea")
    seen.append(life.decision.phase)
    plan = life.claim()
    seen.append(life.decision.phase)
    life.record(plan.executions[0], "Succeeded")
    seen.append(life.decision.phase)
    life.end().wait(days=900)

    assert ["PendingApproval", "Approved", "Running", "Succeeded"] == seen
    assert ("Succeeded", None, None) == (life.decision.phase, life.decision.end, life.decision.claim)


def test_at_most_one_thing_is_to_be_done():
    """A decision starts something, or ends it, or waits; never two of these."""
    for life in (asking(), approved(), approved(rules={"runWithin": "1s"}).wait(days=1), asking(ARCHIVED)):
        decision = life.decision

        assert sum(one is not None for one in (decision.claim, decision.end)) <= 1
        assert not (decision.claim and decision.hold)


def test_without_a_flow_nothing_waits():
    """A microservice that names no flow runs what is valid at once."""
    life = asking(approvals=[])

    assert ("Approved", ()) == (life.decision.phase, life.decision.tally.stages)
    assert life.decision.claim is not None
    assert NOW == life.decision.tally.approved_at


@pytest.mark.parametrize(
    ("say", "world", "later", "expected"),
    [
        pytest.param([], [], {}, ("PendingApproval", ""), id="it-waits"),
        pytest.param(["approve"], [], {}, ("Approved", ""), id="approved"),
        pytest.param(["approve", "reject"], [], {}, ("Rejected", "Rejected"), id="rejected-after-all-approved"),
        pytest.param(["approve", "withdraw"], [], {}, ("Withdrawn", "Withdrawn"), id="withdrawn-after-it"),
        pytest.param(["approve", "cancel"], [], {}, ("Cancelled", "Cancelled"), id="cancelled-after-it"),
        pytest.param(["reject", "withdraw"], [], {}, ("Withdrawn", "Withdrawn"), id="withdrawn-before-rejected"),
        pytest.param(["withdraw", "cancel"], [], {}, ("Withdrawn", "Withdrawn"), id="the-first-of-two"),
        pytest.param(["cancel", "withdraw"], [], {}, ("Cancelled", "Cancelled"), id="the-first-of-the-two"),
        pytest.param(["withdraw"], [ARCHIVED], {}, ("Withdrawn", "Withdrawn"), id="withdrawn-although-it-holds"),
        pytest.param(["approve"], [ARCHIVED], {}, ("Submitted", "NotOffered"), id="edge-case-4-the-offer-is-gone"),
        pytest.param(["reject"], [ARCHIVED], {}, ("Submitted", "NotOffered"), id="rejected-and-holds"),
        pytest.param([], [], {"days": 8}, ("Expired", "DecisionDeadline"), id="too-late"),
        pytest.param(["reject"], [], {"days": 8}, ("Rejected", "Rejected"), id="rejected-in-time"),
        pytest.param(["approve"], [], {"days": 2}, ("Expired", "RunDeadline"), id="approved-and-too-late"),
        pytest.param(["approve"], [], {"days": 1}, ("Approved", ""), id="approved-and-just-in-time"),
        pytest.param(["cancel"], [], {"days": 99}, ("Cancelled", "Cancelled"), id="cancelled-before-late"),
    ],
)
def test_the_first_answer_that_applies(say, world, later, expected):
    """Ended, running, called back, held, rejected, expired, pending, approved: the first of these is the answer."""
    life = asking(rules={"decideWithin": "7d", "runWithin": "1d"})
    for verb in say:
        assert "" == life.say({"withdraw": "b/rita", "cancel": "b/max"}.get(verb, "b/bea"), verb)
    life.change(*world).wait(**later)

    assert expected == came_to(life)


@pytest.mark.parametrize(
    ("verb", "who", "message"),
    [
        pytest.param("withdraw", "b/rita", "rita@b withdrew it", id="withdrawn"),
        pytest.param("cancel", "b/max", "max@b cancelled it: it is so", id="cancelled"),
        pytest.param("reject", "b/bea", "bea@b rejected it: it is so", id="rejected"),
    ],
)
def test_an_end_says_who_and_why(verb, who, message):
    """An end that somebody makes names them, their reason, and when they said it."""
    life = asking()
    life.wait(minutes=3).say(who, verb)
    life.wait(days=1)
    end = life.decision.end

    assert (message, who, NOW + timedelta(minutes=3)) == (end.message, end.by, end.at)


BEFORE_THE_CLAIM = {
    "holding": lambda: asking(ARCHIVED),
    "unproven": lambda: asking(asked={"proven": False}),
    "waiting": asking,
    "half-approved": lambda: approved(stages=(stage("lead", "Requesting", quorum=2),)),
    "approved": approved,
    "approved-and-held": lambda: approved(run={"job": {"image": "i"}}),
}


@pytest.mark.parametrize(
    ("who", "verb", "phase"), [("b/rita", "withdraw", "Withdrawn"), ("b/max", "cancel", "Cancelled")]
)
@pytest.mark.parametrize("state", BEFORE_THE_CLAIM)
def test_edge_case_14_whatever_has_not_been_claimed_can_be_called_back(state, who, verb, phase):
    """Edge case 14: withdrawing and cancelling work in every state until the claim, also where nothing could run."""
    life = BEFORE_THE_CLAIM[state]()

    assert ("", phase) == (life.say(who, verb), life.decide(Door(("process",))).phase)


def test_a_withdrawal_may_give_a_reason():
    """A reason that is given is told."""
    life = asking()
    life.say("b/rita", "withdraw", because="not needed")

    assert "rita@b withdrew it: not needed" == life.decision.end.message


# Deadlines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "phase"),
    [pytest.param(3600, "PendingApproval", id="the-last-second"), pytest.param(3601, "Expired", id="one-more")],
)
def test_rule_19_decisions_have_a_deadline_from_the_first_sight(seconds, phase):
    """Rule 19: the time to decide runs from when the request was first seen, whatever changes meanwhile."""
    life = asking(rules={"decideWithin": "1h"})
    life.wait(seconds=seconds).change(user("b/new", "approves"))

    assert phase == life.decision.phase
    assert (NOW + timedelta(hours=1) if phase != "Expired" else None) == life.decision.look_at


@pytest.mark.parametrize(
    ("seconds", "claimed"), [pytest.param(3600, True, id="the-last-second"), pytest.param(3601, False, id="one-more")]
)
def test_rule_19_an_approval_has_a_deadline_to_start(seconds, claimed):
    """Rule 19: the time to start runs from the last approval that was needed; after it nothing runs."""
    life = asking(stages=(stage("lead", "Requesting", quorum=2),), rules={"runWithin": "1h"})
    life.say("b/bea")
    life.wait(minutes=30).say("b/ben")
    last = life.now
    life.wait(minutes=10).say("b/bob")
    life.now = last + timedelta(seconds=seconds)

    assert claimed == (life.decision.claim is not None)
    assert ("Approved" if claimed else "Expired") == life.decision.phase
    assert (last + timedelta(hours=1) if claimed else None) == life.decision.look_at


def test_what_expired_is_shown_in_the_flow_s_own_unit():
    """The sentence names the time that the flow gives."""
    for within, shown in (("90s", "90s"), ("120s", "2m"), ("24h", "1d"), ("36h", "36h"), ("60m", "1h")):
        life = asking(rules={"decideWithin": within}).wait(days=9)
        assert f"not every stage was satisfied within {shown} of its first observation" == life.decision.end.message
        late = approved(rules={"runWithin": within}).wait(days=9)
        assert f"it was approved, but did not start within {shown}" == late.decision.end.message


def test_a_request_that_holds_is_not_expired():
    """While nobody can decide a request, its time to decide ends nothing; once somebody can, it does."""
    life = asking(ARCHIVED, rules={"decideWithin": "1h"}).wait(hours=9)
    assert ("Submitted", "NotOffered") == came_to(life)
    life.change(offering(approvals=[use("platform/f")], parameters={"type": "object"}, run=PROCESS))

    assert ("Expired", "DecisionDeadline") == came_to(life)


# What is to run -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concurrency", "running", "claimed"),
    [
        pytest.param(1, 0, True, id="room"),
        pytest.param(1, 1, False, id="no-room"),
        pytest.param(3, 2, True, id="room-for-one-more"),
        pytest.param(3, 3, False, id="as-many-as-may"),
        pytest.param(1, 9, False, id="more-than-may"),
    ],
)
def test_as_many_run_at_once_as_may(concurrency, running, claimed):
    """Runs of a microservice in one organization are bounded; what is approved waits for room."""
    asked = []
    life = approved(concurrency=concurrency)
    door = Door(PREFERENCE, lambda *where: asked.append(where) or running)
    decision = life.decide(door)

    assert (claimed, "Approved") == (decision.claim is not None, decision.phase)
    assert (None if claimed else "ConcurrencyLimit") == (decision.hold.reason if decision.hold else None)
    assert [("b", "platform/vdi")] == asked


@pytest.mark.parametrize(
    ("run", "runners", "reason"),
    [
        pytest.param({"job": {"image": "i"}}, ("process", "manual"), "RunnerNotAvailable", id="no-runner"),
        pytest.param(
            {"process": {"program": "p", "arguments": [{"parameter": "a"}]}},
            PREFERENCE,
            "ParametersRefused",
            id="an-argument-that-cannot-be-passed",
        ),
    ],
)
def test_what_cannot_run_here_waits_approved(run, runners, reason):
    """An approved request that this controller cannot run holds, with its deadline still running."""
    life = approved(run=run, rules={"runWithin": "1h"}, asked={"parameters": {"a": "-rf"}})
    decision = life.decide(Door(runners))

    assert ("Approved", reason, None) == (decision.phase, decision.hold.reason, decision.claim)
    assert NOW + timedelta(hours=1) == decision.look_at


def test_what_is_claimed_is_what_was_approved():
    """The plan carries the very digest that everybody approved."""
    life = approved(asked={"parameters": {"a": 1}, "targets": ["t1", "t2"]})
    digests = {voice.digest for voice in life.case.voices}

    assert digests == {life.decision.claim.digest} == {life.decision.digest}
    assert ["t1", "t2"] == [one.target for one in life.decision.claim.executions]


def test_after_the_claim_the_digest_is_the_one_claimed():
    """Whatever changes around a run, what it shows is what was claimed."""
    life = approved()
    before = life.digest
    life.claim()
    life.change(ARCHIVED)

    assert ("Running", before) == (life.decision.phase, life.decision.digest)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([], ("Running", ""), id="nothing-yet"),
        pytest.param(["Succeeded"], ("Running", ""), id="one-of-three"),
        pytest.param(["Succeeded", "Running", "Failed"], ("Running", ""), id="one-goes-on"),
        pytest.param(["Succeeded"] * 3, ("Succeeded", "RunSucceeded"), id="all-succeeded"),
        pytest.param(["Failed"] * 3, ("Failed", "RunFailed"), id="all-failed"),
        pytest.param(["Succeeded", "Failed", "Succeeded"], ("PartiallyFailed", "RunPartlyFailed"), id="one-failed"),
        pytest.param(["Failed", "Failed", "Succeeded"], ("PartiallyFailed", "RunPartlyFailed"), id="one-succeeded"),
        pytest.param(["Succeeded", "Unknown", "Succeeded"], ("Unknown", "RunUnknown"), id="one-unknown"),
        pytest.param(["Failed", "Unknown", "Failed"], ("Unknown", "RunUnknown"), id="unknown-before-failed"),
        pytest.param(["Unknown", "Running", "Failed"], ("Running", ""), id="unknown-while-one-goes-on"),
    ],
)
def test_what_the_results_come_to(results, expected):
    """A run ends when all of its executions have; what nobody can know makes it Unknown, never Failed."""
    life = approved(asked={"targets": ["t1", "t2", "t3"]})
    plan = life.claim()
    for execution, state in zip(plan.executions, results, strict=False):
        life.record(execution, state)

    assert expected == came_to(life)


def test_how_many_failed_is_told():
    """The sentence counts the targets."""
    life = approved(asked={"targets": ["t1", "t2", "t3"]})
    for execution, state in zip(life.claim().executions, ["Succeeded", "Failed", "Failed"], strict=True):
        life.record(execution, state)

    assert "2 of 3 targets failed" == life.decision.end.message


@pytest.mark.parametrize("result", ["Unknown", "Running"])
@pytest.mark.parametrize(
    ("verb", "phase", "reason"),
    [("settle-succeeded", "Succeeded", "RunSucceeded"), ("settle-failed", "Failed", "RunFailed")],
)
def test_a_person_settles_what_nobody_knows(result, verb, phase, reason):
    """Rule 6: an unknown outcome, and a manual run, end as somebody who may cancel says; then for good."""
    life = approved(run={"manual": {"instructions": "Do it."}})
    life.record(life.claim().executions[0], result)
    life.end()
    assert ("Unknown" if result == "Unknown" else "Running") == life.decision.phase
    assert "" == life.say("b/max", verb, because="I looked")

    assert (phase, reason) == came_to(life)
    assert ("max@b settled it: I looked", "b/max") == (life.decision.end.message, life.decision.end.by)
    life.end()
    assert [phase] == [one.state for one in life.case.results.values()]
    assert (phase, None) == (life.decision.phase, life.decision.end)


def test_unknown_waits_for_a_person_for_ever():
    """An unknown outcome is never tried again by itself, and no time ends it."""
    life = approved(rules={"runWithin": "1h"})
    life.record(life.claim().executions[0], "Unknown")
    life.end().wait(days=999)

    assert ("Unknown", None, None) == (life.decision.phase, life.decision.claim, life.decision.end)


def test_a_settlement_that_did_not_count_settles_nothing():
    """What was judged not to count ends no run."""
    life = approved()
    life.say("b/max", "settle-succeeded")
    life.record(life.claim().executions[0], "Unknown")
    life.end()

    assert "Unknown" == life.decision.phase


# Ends are final -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", sorted(ENDS))
def test_no_end_is_ever_left(phase):
    """Edge cases 6 and 13: whatever is said, changed or waited for afterwards, an end stays as it is."""
    life = _ended(phase)
    assert phase == life.decision.phase
    for who, verb in (("b/bea", "approve"), ("b/bea", "reject"), ("b/rita", "withdraw"), ("b/max", "settle-failed")):
        life.say(who, verb, digest="0" * 64 if verb == "approve" else "")
        life.change(offering(), ARCHIVED).wait(days=30)

        assert (phase, None, None) == (life.decision.phase, life.decision.claim, life.decision.end)


def _ended(phase):
    """A request that has come to this end."""
    if phase == "Invalid":
        return asking(asked={"parameters": {"n": 2**60}}).end()
    said = {"Rejected": ("b/bea", "reject"), "Withdrawn": ("b/rita", "withdraw"), "Cancelled": ("b/max", "cancel")}
    if phase in said:
        life = asking()
        life.say(*said[phase])
        return life.end()
    if phase == "Expired":
        return asking(rules={"decideWithin": "1s"}).wait(days=1).end()
    life = approved(asked={"targets": ["t1", "t2"]})
    states = {"PartiallyFailed": ["Succeeded", "Failed"]}.get(phase, [phase, phase])
    for execution, state in zip(life.claim().executions, states, strict=True):
        life.record(execution, state)
    return life.end()


def test_an_integer_that_readers_disagree_on_is_never_valid():
    """A number beyond 2^53-1 makes a request Invalid at once, and says what to write."""
    life = asking(asked={"parameters": {"n": {"deep": [2**53]}}})

    assert ("Invalid", "NumberTooLarge") == came_to(life)
    assert "write it as text" in life.decision.end.message
    assert ("PendingApproval", "") == came_to(asking(asked={"parameters": {"n": 2**53 - 1}}))


def test_what_one_moment_says_depends_on_nothing_else():
    """Deciding changes nothing: the same request in the same world at the same moment comes to the same."""
    life = approved()

    assert life.decide(DOOR) == life.decide(DOOR)
    assert ref("b/r1") == life.decision.case.ref
