"""Scenarios tell what came out otherwise: where, what was expected, and what it is."""

import pytest

from assent.api.scenarios import Scenario
from assent.core.scenarios import play
from builders import flow, stage, use, world
from core.lives import company, offering

WORLD = world(
    *company(),
    offering(approvals=[use("platform/f")]),
    flow("platform/f", stage("lead", "Requesting"), stage("partner", "Partner"), decideWithin="1h"),
)
ASK = {"request": {"name": "r1", "organization": "b", "microservice": "vdi", "requester": "rita@b"}}


def played(*steps, permissions=()):
    """What came out otherwise than these steps expect."""
    spec = {"world": ["."], "now": "2026-01-05T09:00:00Z", "steps": list(steps), "permissions": list(permissions)}
    metadata = {"name": "one"}
    document = {"apiVersion": "test.assent.dev/v1alpha1", "kind": "Scenario", "metadata": metadata, "spec": spec}
    return [(one.where, one.message) for one in play(Scenario.model_validate(document), WORLD)]


def expect(**more):
    return {"expect": {"request": "r1", **more}}


def says(who, verb, **more):
    return {"decide": {"request": "r1", "as": who, "verb": verb, **more}}


def test_a_story_that_goes_as_it_is_told():
    """Where everything is as expected nothing is said; what is left out is not looked at."""
    told = played(
        ASK,
        expect(phase="PendingApproval", reason="WaitingForApproval", waitingFor="lead"),
        says("bea@b", "approve"),
        expect(
            stages={"lead": "Satisfied", "partner": "Open"},
            canDecide={"lead": [], "partner": ["alba@a", "abel@a", "max@a"]},
        ),
        says("alba@a", "reject", because="no budget"),
        expect(phase="Rejected", reason="Rejected", stages={"lead": "Satisfied", "partner": "Rejected"}),
        {"wait": "2h"},
        expect(phase="Rejected"),
        expect(),
    )

    assert [] == told


@pytest.mark.parametrize(
    ("steps", "where", "words"),
    [
        pytest.param(
            [ASK, expect(phase="Approved")], "step 2", "phase of r1: expected 'Approved', and it is", id="phase"
        ),
        pytest.param([ASK, expect(reason="Valid")], "step 2", "reason of r1: expected 'Valid'", id="reason"),
        pytest.param(
            [ASK, expect(waitingFor="x")], "step 2", "waitingFor of r1: expected 'x', and it is 'lead'", id="for"
        ),
        pytest.param(
            [ASK, expect(stages={"partner": "Open"})], "step 2", "expected 'Open', and it is 'Waiting'", id="a-stage"
        ),
        pytest.param([ASK, expect(stages={"x": "Open"})], "step 2", "and it is 'none'", id="no-such-stage"),
        pytest.param([ASK, expect(canDecide={"lead": []})], "step 2", "canDecide.lead of r1: expected []", id="who"),
        pytest.param([ASK, expect(canDecide={"x": []})], "step 2", "expected [], and it is None", id="who-of-none"),
        pytest.param([expect(phase="Approved")], "step 1", "no step before opens a request 'r1'", id="never-opened"),
        pytest.param([ASK, ASK], "step 2", "the request b/r1 was opened before", id="opened-twice"),
        pytest.param(
            [{"request": {**ASK["request"], "microservice": "x"}}, says("bea@b", "approve")],
            "step 2",
            "b/r1 has no digest to approve: b has no offer of the name 'x'",
            id="nothing-to-approve",
        ),
        pytest.param(
            [ASK, says("nobody@b", "approve"), expect(phase="Approved")],
            "step 3",
            "expected 'Approved'",
            id="a-stranger",
        ),
        pytest.param(
            [ASK, says("bea@b", "approve", **{"for": "0" * 64}), expect(waitingFor="partner")],
            "step 3",
            "expected 'partner', and it is 'lead'",
            id="another-digest",
        ),
        pytest.param(
            [ASK, {"wait": "61m"}, expect(phase="PendingApproval")], "step 3", "and it is 'Expired'", id="time-passes"
        ),
    ],
)
def test_what_came_out_otherwise(steps, where, words):
    """A failure names its step, the field, what was expected and what it is."""
    (failure,) = played(*steps)

    assert where == failure[0]
    assert words in failure[1]


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(("user", "holds"), [("bea@b", True), ("rita@b", False), ("ghost@b", False)])
def test_permissions_are_expected_too(user, holds, allowed):
    """A permission that is not as expected says which, and why it is as it is."""
    asked = {"user": user, "organization": "b", "module": "automate", "functionality": "Requests", "action": "Approve"}
    told = played(permissions=[{**asked, "allowed": allowed}])

    assert (holds != allowed) == bool(told)
    for where, message in told:
        assert user in where
        assert f"expected {'allowed' if allowed else 'denied'}, and it is" in message
