"""Why a request waits, who can move it, who cannot and why, and the line to write."""

import pytest

from assent.api.conditions import NOT_COUNTED
from assent.core.explain import explain
from builders import flow, role, stage, use, user
from core.lives import Life, company, offering

LEAD = stage("lead", "Requesting")
PROCESS, MANUAL = {"process": {"program": "p"}}, {"manual": {"instructions": "Do it."}}

UNPROVEN = "nothing proves that rita@b brought it in; they sign the commit, or create it as themselves"


def asking(*documents, stages=(LEAD,), rules=None, asked=None, **more):
    """A request that waits for these stages."""
    given = {"approvals": [use("platform/f")], "parameters": {"type": "object"}, "run": PROCESS, **more}
    return Life(
        *company(), offering(**given), flow("platform/f", *stages, **(rules or {})), *documents, **(asked or {})
    )


def told(life):
    """The explanation of a request."""
    return explain(life.world, life.decision)


def cannot(life, stage="lead"):
    """Who cannot decide a stage, with the word why."""
    found = next(one for one in told(life)["stages"] if one["name"] == stage)
    return {one["username"]: one["reason"] for one in found["cannotDecide"]}


def test_the_shape_that_others_parse():
    """The JSON holds what scripts rely on: phase, digest, the line to write, every stage, and one sentence."""
    life = asking()
    found = told(life)
    (lead,) = found["stages"]

    assert {"phase", "digest", "approve", "stages", "next"} <= set(found)
    assert ("PendingApproval", life.digest, f"approve as <you> for {life.digest}") == (
        found["phase"],
        found["digest"],
        found["approve"],
    )
    assert {"name", "state", "quorum", "canDecide", "cannotDecide"} <= set(lead)
    assert ("lead", "Open", 1, ["bea@b", "ben@b", "bob@b", "max@b"]) == (
        lead["name"],
        lead["state"],
        lead["quorum"],
        lead["canDecide"],
    )
    assert all({"username", "because"} <= set(one) for one in lead["cannotDecide"])


NAMES = ("bea", "ben", "bob", "rita", "wanda", "susi", "bot", "new")
NAMED = stage("lead", users=[{"organization": "b", "name": name} for name in NAMES], quorum=2)
STAFF = [
    user("b/wanda"),
    user("b/susi", "approves", suspended=True),
    user("b/bot", "approves", type="Automation"),
]


def test_whoever_cannot_decide_is_told_why():
    """Everybody whom a stage names and who cannot decide it is listed with the word and what it means."""
    life = asking(*STAFF, stages=(NAMED,), asked={"onBehalfOf": "bob@b"})
    life.say("b/bea")
    life.change(user("b/new", "approves"))
    found = told(life)["stages"][0]

    assert ["ben@b"] == found["canDecide"]
    assert {
        "bea@b": "AlreadyJudged",
        "bob@b": "OnBehalfOf",
        "bot@b": "NotAutomation",
        "new@b": "ApproverTooNew",
        "rita@b": "SelfApproval",
        "susi@b": "Suspended",
        "wanda@b": "NotEntitled",
    } == cannot(life)
    assert all(NOT_COUNTED[one["reason"]] == one["because"] for one in found["cannotDecide"])


def test_whoever_is_not_independent_is_told_so():
    """Whom somebody concerned vouched for is listed, whether they have spoken or not."""
    life = asking(stages=(NAMED,), rules={"independentApprovers": True})
    life.wrote("User/b/bea", "b/rita").wrote("User/b/ben", "b/bob")
    assert "" == life.say("b/bea")
    assert "" == life.say("b/bob")

    assert {"bea@b": "NotIndependent", "ben@b": "NotIndependent", "bob@b": "AlreadyJudged"} == {
        name: word for name, word in cannot(life).items() if name != "rita@b"
    }


def test_nobody_is_told_of_a_stage_that_is_satisfied():
    """A stage that is satisfied waits for nobody, so nobody is unable to decide it; nor is one that only waits."""
    life = asking(stages=(LEAD, stage("partner", users=[{"organization": "a", "name": "alba"}])))
    assert {} == cannot(life, "partner")
    assert {"rita@b": "SelfApproval"} == cannot(life)
    life.say("b/bea")

    assert ({}, {}) == (cannot(life), cannot(life, "partner"))


def test_people_of_a_waiting_stage_who_never_can_are_told():
    """A stage that waits tells who will not be able to decide it."""
    life = asking(*STAFF, stages=(stage("first", "Partner"), NAMED))

    assert {"SelfApproval", "NotAutomation", "NotEntitled", "Suspended"} == set(cannot(life).values())


def test_strangers_are_not_listed():
    """People with whom a stage has nothing to do are neither able nor unable."""
    life = asking(stages=(stage("lead", users=[{"organization": "b", "name": "bea"}]),))

    assert {} == cannot(life)
    assert ["bea@b"] == told(life)["stages"][0]["canDecide"]


def test_decisions_that_do_not_count_are_told():
    """Every decision that does not count is there with its word and what that means; those that do are not."""
    life = asking(stages=(stage("lead", "Requesting", quorum=2),))
    life.say("b/bea")
    life.say("b/rita")
    life.say("b/ben", digest="0" * 64)
    life.change(user("b/bea"))
    found = told(life)["notCounted"]

    assert {("rita@b", "SelfApproval"), ("ben@b", "DigestStale"), ("bea@b", "RightLost")} == {
        (one["username"], one["because"]) for one in found
    }
    stale = next(one for one in found if one["username"] == "ben@b")
    assert f"it names {'0' * 64}, which is not the digest of b/r1 at this point" == stale["meaning"]
    lost = next(one for one in found if one["username"] == "bea@b")
    assert NOT_COUNTED["RightLost"] == lost["meaning"]


def approved(**more):
    life = asking(**more)
    life.say("b/bea")
    return life


def came_to(state, run=PROCESS):
    life = approved(run=run)
    life.record(life.claim().executions[0], state)
    return life.end()


def claimed():
    life = approved()
    life.claim()
    return life


def rejected():
    life = asking()
    life.say("b/bea", "reject", because="no budget")
    return life.end()


def impossible():
    return asking(stages=(stage("lead", users=[{"organization": "b", "name": "ghost"}]),))


ONE = stage("lead", users=[{"organization": "b", "name": "bea"}])
SETTLE = "assent settle r1 -n b --as Succeeded --because …, by one of: max@a, max@b."

NEXT = {
    "one-person": (lambda: asking(stages=(ONE,)), "bea@b approves or rejects it, for lead."),
    "several": (asking, "One of bea@b, ben@b, bob@b, max@b approves or rejects it, for lead."),
    "nobody": (impossible, "Nobody can decide lead as things stand."),
    "approved": (approved, "It runs at the controller's next pass."),
    "running": (claimed, "The run ends, and its results are recorded."),
    "by-hand": (lambda: came_to("Running", MANUAL), SETTLE),
    "unknown": (lambda: came_to("Unknown"), f"Somebody finds out how the run ended: {SETTLE}"),
    "succeeded": (lambda: came_to("Succeeded"), "Nothing: it ended as Succeeded (the run succeeded)."),
    "rejected": (rejected, "Nothing: it ended as Rejected (bea@b rejected it: no budget)."),
    "holds": (
        lambda: asking(asked={"proven": False}),
        f"It waits until this is put right: {UNPROVEN}.",
    ),
}


@pytest.mark.parametrize("name", NEXT)
def test_one_sentence_says_what_comes_next(name):
    """One sentence says who has to do what, or that nobody has."""
    life, expected = NEXT[name]

    assert expected == told(life())["next"]


def test_whoever_can_settle_is_told_also_where_nobody_can():
    """Where nobody holds the right to settle, that is said."""
    idle = [role(f"{place}/manages", {}) for place in ("a", "b")]
    life = came_to("Unknown")
    life.change(*idle)

    assert told(life)["next"].endswith("by one of: nobody as things stand.")


@pytest.mark.parametrize("life", [pytest.param(one, id=name) for name, (one, _) in NEXT.items()])
def test_explaining_changes_nothing(life):
    """Explaining twice says the same, and nothing in it depends on the moment while nothing happens."""
    made = life()
    before = told(made)
    made.wait(minutes=1)

    assert before == told(made)


def test_a_request_without_a_digest_has_no_line_to_write():
    """Where there is nothing to approve, no line is shown."""
    found = told(asking(offering(state="Archived")))

    assert (None, "", [], "NotOffered") == (found["digest"], found["approve"], found["stages"], found["reason"])


def test_stages_of_what_is_over_are_shown_as_they_were():
    """After the claim, and after the end, the stages are those recorded, and nobody is asked any more."""
    for life in (claimed(), rejected(), came_to("Succeeded")):
        (lead,) = told(life)["stages"]

        assert [] == lead["canDecide"] == lead["cannotDecide"]
        assert ["bea@b"] == [one["username"] for one in lead["decisions"]]


def test_results_are_part_of_it():
    """What came of each execution is told beside the rest."""
    assert ["Succeeded"] == [one["state"] for one in told(came_to("Succeeded"))["results"]]
