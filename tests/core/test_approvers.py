"""Who may decide a stage: by membership, role and name, by right, then and now."""

import pytest

from builders import flow, organization, role, stage, user
from core.lives import asking, named

LEAD = stage("lead", "Requesting")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"organizations": ["Requesting"]}, {"c"}, id="the-request's-own"),
        pytest.param({"organizations": ["Client"]}, {"b"}, id="its-client"),
        pytest.param({"organizations": ["Partner"]}, {"a"}, id="its-client's-partner"),
        pytest.param({"organizations": ["Platform"]}, {"platform"}, id="the-platform"),
        pytest.param({"organizations": ["b"]}, {"b"}, id="by-name"),
        pytest.param({"organizations": ["ghost"]}, set(), id="by-a-name-that-is-not-there"),
        pytest.param({"organizations": ["Requesting", "Partner"]}, {"a", "c"}, id="one-of-two"),
    ],
)
def test_an_entry_admits_by_membership(entry, expected):
    """Edge case 5 and Q15: membership in the request's line decides, never in a sibling; nobody is everybody."""
    life = asking({"name": "s", "approvers": [entry]}, at="c/r1", asked={"requester": "rita@c"})
    able = {path.split("/")[0] for path in life.can_decide()["s"]}

    assert expected == able


@pytest.mark.parametrize(
    ("at", "entry", "expected"),
    [
        pytest.param("b/r1", "Client", ["b/bea", "b/ben", "b/bob", "b/max"], id="a-client-is-its-own-client"),
        pytest.param("x/r1", "Partner", [], id="nobody-where-there-is-no-partner"),
        pytest.param("x/r1", "Client", ["x/xena"], id="a-client-of-no-partner"),
        pytest.param("a/r1", "Client", [], id="a-partner-has-no-client"),
        pytest.param("a/r1", "Partner", ["a/abel", "a/alba", "a/max"], id="a-partner-is-its-own-partner"),
        pytest.param(
            "platform/r1", "Platform", ["platform/igor", "platform/ingrid", "platform/max"], id="the-platform"
        ),
    ],
)
def test_relative_names_are_seen_from_the_request(at, entry, expected):
    """Requesting, Client and Partner are what they are to the request; where there is none, they name nobody."""
    place = at.split("/")[0]
    alone = [
        organization("x", "Client"),
        role("x/asks", {"*": {"automate": "Requester"}}),
        role("x/approves", {"*": {"automate": "Approver"}}),
        user("x/rita", "asks"),
        user("x/xena", "approves"),
    ]
    life = asking(stage("s", entry), documents=alone, at=at, asked={"requester": f"rita@{place}"})

    assert expected == life.can_decide()["s"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"users": named("bea", "a/alba")}, ["a/alba", "b/bea"], id="by-user"),
        pytest.param({"roles": [{"organization": "a", "name": "approves"}]}, ["a/abel", "a/alba"], id="by-role"),
        pytest.param(
            {"organizations": ["a"], "users": named("bea", "a/alba")},
            ["a/alba"],
            id="what-one-entry-says-must-all-hold",
        ),
        pytest.param(
            {"users": named("max"), "roles": [{"organization": "b", "name": "approves"}]}, [], id="and-may-fit-nobody"
        ),
        pytest.param({"users": [{"name": "ingrid"}]}, ["platform/ingrid"], id="a-bare-name-is-of-the-flow-s-owner"),
    ],
)
def test_an_entry_narrows_by_user_and_role(entry, expected):
    """Invariant 21: an approver is named by the stage and holds the right; what one entry says must all hold."""
    life = asking({"name": "s", "approvers": [entry]})

    assert expected == life.can_decide()["s"]


def test_entries_are_alternatives():
    """Whoever matches one entry of a stage may decide it."""
    life = asking({"name": "s", "approvers": [{"users": named("bea")}, {"organizations": ["Partner"]}]})

    assert ["a/abel", "a/alba", "a/max", "b/bea"] == life.can_decide()["s"]


ANYONE = stage("any", users=named("wanda", "b/bot", "susi", "rita", "bea", "a/alba", "c/cleo"))
OTHERS = [
    user("b/wanda"),
    user("b/susi", "approves", suspended=True),
    user("b/bot", "approves", type="Automation"),
]


@pytest.mark.parametrize(
    ("who", "word"),
    [
        pytest.param("b/bea", "", id="an-approver"),
        pytest.param("a/alba", "", id="from-above"),
        pytest.param("b/ben", "NotAnApprover", id="nobody-named-them"),
        pytest.param("b/wanda", "NotEntitled", id="named-but-without-the-right"),
        pytest.param("c/cleo", "NotEntitled", id="the-right-is-held-below"),
        pytest.param("b/rita", "SelfApproval", id="the-requester"),
        pytest.param("b/susi", "Suspended", id="suspended"),
        pytest.param("b/bot", "NotAutomation", id="an-automation"),
    ],
)
def test_an_approver_holds_the_right_is_human_and_not_suspended(who, word):
    """Invariant 21: being named is not enough, nor is the right alone."""
    assert word == asking(ANYONE, documents=OTHERS).say(who)


def test_members_of_the_platform_hold_the_right_in_the_platform():
    """Somebody of the platform approves by their right there; anybody else's right there is worth nothing."""
    nothing = role("platform/approves", {"b": {"automate": "Approver"}})
    life = asking(stage("platform", "Platform"))

    assert "" == life.say("platform/ingrid")
    assert "NotEntitled" == asking(stage("platform", "Platform"), documents=[nothing]).say("platform/ingrid")
    assert "NotAnApprover" == asking(stage("platform", "Platform")).say("b/bea")


def test_a_partner_that_is_shut_out_has_no_approver():
    """Under `partnerAccess: Denied` the partner's people hold nothing, so they decide nothing."""
    shut = organization("b", "Client", "a", partnerAccess="Denied")
    life = asking(stage("partner", "Partner"), documents=[shut])

    assert ("NotEntitled", []) == (life.say("a/alba"), life.can_decide()["partner"])


LATER = {
    "a-new-user": [user("b/new", "approves")],
    "another-role": [user("b/wanda", "approves")],
    "a-new-entry": [role("b/idle", {"b": {"automate": "Approver"}})],
    "a-higher-level": [role("b/low", {"b": {"automate": "Manager"}})],
    "no-longer-suspended": [user("b/susi", "approves")],
    "no-automation-any-more": [user("b/bot", "approves", type="Human")],
    "moved-into-the-line": [organization("x", "Partner"), organization("b", "Client", "x")],
}
WHO = {
    "a-new-user": "b/new",
    "another-role": "b/wanda",
    "a-new-entry": "b/ida",
    "a-higher-level": "b/lou",
    "no-longer-suspended": "b/susi",
    "no-automation-any-more": "b/bot",
    "moved-into-the-line": "x/xena",
}
BEFORE = [
    *OTHERS,
    role("b/idle", {}),
    role("b/low", {"b": {"automate": "Requester"}}),
    user("b/ida", "idle"),
    user("b/lou", "low"),
    organization("x", "Partner"),
    role("x/approves", {"*": {"automate": "Approver"}}),
    user("x/xena", "approves"),
]


@pytest.mark.parametrize("way", LATER)
def test_rule_17_nobody_is_made_an_approver_of_a_request_that_waits(way):
    """Rule 17: a right given after the request was first seen counts for the next one, by whatever way it was given."""
    anyone = stage("any", "Requesting", "Partner")
    life = asking(anyone, documents=BEFORE)
    life.change(*LATER[way])
    fresh = asking(anyone, documents=[*BEFORE, *LATER[way]])

    assert "ApproverTooNew" == life.say(WHO[way])
    assert WHO[way] not in life.can_decide()["any"]
    assert "" == fresh.say(WHO[way])


def test_rule_17_a_role_given_later_does_not_fill_a_role_s_stage():
    """Rule 17: who was an approver already, and is given the role that a stage asks for, is none for that stage."""
    finance = [role("b/finance", {"*": {"automate": "Approver"}}), user("b/fina", "finance")]
    life = asking(stage("finance", roles=[{"organization": "b", "name": "finance"}]), documents=finance)
    life.change(user("b/bea", "finance"))

    assert ("ApproverTooNew", "") == (life.say("b/bea"), life.say("b/fina"))


def test_rule_17_a_flow_that_names_others_now_counts_as_it_stands():
    """Rule 17: whom a flow names is in the digest, so a changed flow asks again, and those it names may answer."""
    life = asking(stage("s", users=named("bea")))
    life.say("b/bea")
    life.change(flow("platform/f", stage("s", users=named("ben"))))

    assert {"b/bea": "RightLost"} == life.dropped() or {"b/bea": "DigestStale"} == life.dropped()
    assert ("PendingApproval", {"s": ["b/ben"]}) == (life.decision.phase, life.can_decide())
    assert "" == life.say("b/ben")
    assert "Approved" == life.decision.phase


LOST = {
    "suspended": ([user("b/bea", "approves", suspended=True)], (), "Suspended"),
    "another-role": ([role("b/idle", {}), user("b/bea", "idle")], (), "RightLost"),
    "no-role": ([user("b/bea")], (), "RightLost"),
    "a-lower-level": ([role("b/approves", {"*": {"automate": "Requester"}})], (), "RightLost"),
    "the-entry-gone": ([role("b/approves", {"c": {"automate": "Approver"}})], (), "RightLost"),
    "an-automation": ([user("b/bea", "approves", type="Automation")], (), "NotAutomation"),
    "gone": ([], ["User/b/bea"], "RightLost"),
    "the-role-gone": ([], ["AccessRole/b/approves"], "RightLost"),
}


@pytest.mark.parametrize("way", LOST)
def test_rule_11_a_right_that_was_lost_does_not_count_at_execution(way):
    """Rule 11 and edge case 10: an approver who has lost the right since does not count any more, and it is shown."""
    documents, gone, word = LOST[way]
    life = asking(LEAD)
    life.say("b/bea")
    assert "Approved" == life.decision.phase
    life.change(*documents, gone=gone)

    assert (word, "PendingApproval") == (life.dropped()["b/bea"], life.decision.phase)


def test_rule_11_who_has_it_again_counts_again():
    """Rule 11: what counts is the right then and now; a decision once judged is not judged away."""
    life = asking(LEAD)
    life.say("b/bea")
    life.change(user("b/bea", "approves", suspended=True)).change(user("b/bea", "approves"))

    assert "Approved" == life.decision.phase


def test_rule_15_a_request_whose_organization_moved_asks_its_new_line():
    """Rule 15: after a move the old line's people are none any more, the new one's are too new, the digest another."""
    life = asking(stage("partner", "Partner"), stage("lead", "Requesting"), documents=BEFORE, order="Parallel")
    before = life.digest
    life.say("a/alba")
    life.say("b/bea")
    assert "Approved" == life.decision.phase
    life.change(*LATER["moved-into-the-line"])

    assert before != life.digest
    assert ("PendingApproval", "ApproverTooNew") == (life.decision.phase, life.say("x/xena"))
    assert {"a/alba": "RightLost", "b/bea": "DigestStale"} == life.dropped()
    assert {"partner": [], "lead": ["b/bea", "b/ben", "b/bob", "b/max"]} == life.can_decide()
