"""One rejection is enough, and a decision counts until its deadline."""

import pytest

from assent.api.ledger import NewRecord
from builders import flow, ref, stage, user
from core.lives import PEOPLE, asking, named

LEAD = stage("lead", "Requesting")
OTHERS = [user("b/wanda"), user("b/susi", "approves", suspended=True)]


THREE = (stage("one", users=named("bea")), stage("two", users=named("ben")), stage("three", users=named("bob")))


@pytest.mark.parametrize(
    ("said", "who", "stages"),
    [
        pytest.param([], "b/bea", ["Rejected", "Waiting", "Waiting"], id="in-an-open-stage"),
        pytest.param(["b/bea"], "b/bea", ["Rejected", "Waiting", "Waiting"], id="in-a-satisfied-stage"),
        pytest.param(["b/bea"], "b/ben", ["Satisfied", "Rejected", "Waiting"], id="in-the-next"),
        pytest.param(["b/bea", "b/ben", "b/bob"], "b/ben", ["Satisfied", "Rejected", "Waiting"], id="approved-by-all"),
    ],
)
def test_a_rejection_in_an_open_or_satisfied_stage_ends_it(said, who, stages):
    """Invariant 20: until the claim any approver of an open or a satisfied stage ends the request by a rejection."""
    life = asking(*THREE)
    for one in said:
        life.say(one)
    assert "" == life.say(who, "reject", because="no budget")

    assert ("Rejected", stages) == (life.decision.phase, list(life.stages().values()))
    assert f"{who.split('/')[1]}@b rejected it: no budget" == life.decision.end.message


def test_a_rejection_for_a_waiting_stage_counts_when_that_opens():
    """A rejection for a stage that waits ends nothing yet; when its stage opens it does."""
    life = asking(*THREE)
    life.say("b/bob", "reject")

    assert ("PendingApproval", {"one": ["b/bea"]}) == (life.decision.phase, life.can_decide())
    life.say("b/bea")
    assert "PendingApproval" == life.decision.phase
    life.say("b/ben")
    assert ("Rejected", ["Satisfied", "Satisfied", "Rejected"]) == (
        life.decision.phase,
        list(life.stages().values()),
    )
    assert {} == life.can_decide()


@pytest.mark.parametrize(
    ("who", "word"),
    [
        pytest.param("a/alba", "NotAnApprover", id="no-approver-of-any-stage"),
        pytest.param("b/rita", "NotAnApprover", id="the-requester-withdraws-instead"),
        pytest.param("b/wanda", "NotEntitled", id="without-the-right"),
        pytest.param("b/susi", "Suspended", id="suspended"),
    ],
)
def test_only_an_approver_rejects(who, word):
    """A rejection is an approver's, as an approval is; anybody else's ends nothing."""
    life = asking(stage("s", users=named("bea", "wanda", "susi")), documents=OTHERS)

    assert (word, "PendingApproval") == (life.say(who, "reject"), life.decision.phase)


def test_one_rejection_is_enough_and_the_first_is_told():
    """Of several rejections the first one that counts is the end."""
    life = asking(stage("s", "Requesting", quorum=3))
    life.say("b/ben", "reject", because="first")
    life.say("b/bob", "reject", because="second")

    assert ("ben@b rejected it: first", "b/ben") == (life.decision.end.message, life.decision.end.by)


def test_two_rejections_of_one_person_are_one():
    """Whoever rejects the digest and then the request has rejected once."""
    life = asking(*THREE)
    life.say("b/bob", "reject", digest=life.digest)
    life.say("b/bob", "reject")

    assert ["AlreadyJudged"] == [word for _, word in life.decision.tally.not_counted]


def test_what_nobody_proven_said_never_counts():
    """A record of a decision that names no person counts for nobody, whatever else it says."""
    life = asking(LEAD)
    body = {"verb": "approve", "username": "bea@b", "channel": "Annotation", "digest": life.digest}
    life.note(NewRecord("decided", "b/r1", body))

    assert ("PendingApproval", ["Unproven"]) == (
        life.decision.phase,
        [word for _, word in life.decision.tally.not_counted],
    )


def test_a_rejection_of_another_digest_is_stale():
    """A rejection that names a digest is for that one; without one it is for the request, whatever becomes of it."""
    life = asking(LEAD)
    before = life.digest
    life.change(flow("platform/f", LEAD, decideWithin="9d"))

    assert "DigestStale" == life.say("b/bea", "reject", digest=before)
    assert "" == life.say("b/bea", "reject")
    assert "Rejected" == life.decision.phase


@pytest.mark.parametrize(
    ("waited", "word", "phase"),
    [
        pytest.param({"hours": 23}, "", "Approved", id="in-time"),
        pytest.param({"hours": 24}, "", "Approved", id="at-the-last-moment"),
        pytest.param({"hours": 24, "seconds": 1}, "TooLate", "Expired", id="edge-case-6-a-second-late"),
    ],
)
def test_a_decision_counts_until_the_deadline(waited, word, phase):
    """Edge case 6 and rule 19: the deadline is compared when a decision is judged; nobody has to sweep first."""
    life = asking(LEAD, decideWithin="24h").wait(**waited)

    assert (word, phase) == (life.say("b/bea"), life.decision.phase)


def test_what_was_decided_in_time_stays_decided():
    """A deadline is for the last decision: once all have approved, it has been kept."""
    life = asking(LEAD, decideWithin="24h")
    life.say("b/bea")
    life.wait(days=9)

    assert "Approved" == life.decision.phase


def test_a_deadline_that_is_shortened_is_another_flow():
    """A shorter deadline is another digest; a decision given before it is stale, and one after it late."""
    life = asking(LEAD, decideWithin="24h").wait(hours=5)
    life.say("b/bea")
    life.change(flow("platform/f", LEAD, decideWithin="1h"))

    assert ("Expired", "TooLate") == (life.decision.phase, life.say("b/ben"))


def test_all_approvers_of_this_page_hold_the_right():
    """The people of these tests are what their roles make them."""
    life = asking(LEAD)

    assert {ref(f"b/{name}") for name in PEOPLE["b"]} <= life.case.approvers.keys()
