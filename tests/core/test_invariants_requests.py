"""The invariants of the domain that concern requests (17 to 24), and its open questions about them (Q14 to Q21).

Most of them with the flows and the catalogue that are shipped.
"""

import pytest

from assent.core.decide import Door
from builders import ADMIN, ALL, enablement, flow, organization, role, stage, use, user
from core.lives import Life, company, offering
from shipped import FLOWS, SERVICES, SHIPPED

LEVELS = {"workspaces": "L2", "automate": "Requester"}
ASKED = {"template": "win11-office", "count": 12}


def catalogue(tier="Enterprise", *documents, at="b/r1", microservice="create-workspaces", **asked):
    """A request for what the shipped catalogue has, where b has subscribed to this tier of FlexxDesktop."""
    subscribed = [{"product": "FlexxDesktop", **({"tier": tier} if tier else {})}] if tier != "none" else []
    shipped = [one for (kind, _), one in SHIPPED.items() if kind != "Request"]
    asks = [role("b/asks", {"*": LEVELS})]
    given = {"parameters": ASKED, **asked}
    everything = [*company(subscriptions=subscribed), *shipped, *asks, *documents]
    return Life(*everything, at=at, microservice=microservice, **given)


def simple(*stages, documents=(), asked=None, **rules):
    """A request under one flow of these stages."""
    one = offering(approvals=[use("platform/f")])
    return Life(*company(), one, flow("platform/f", *stages, **rules), *documents, **(asked or {}))


def came_to(life):
    """The phase, and the word of what stands in the way."""
    decision = life.decision
    return decision.phase, decision.hold.reason if decision.hold else ""


# Invariants ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "documents", "expected"),
    [
        pytest.param("Enterprise", [], ("PendingApproval", ""), id="active-enabled-subscribed"),
        pytest.param("none", [], ("Submitted", "NotOffered"), id="not-subscribed"),
        pytest.param(
            "Enterprise",
            [enablement("b/create-workspaces", "platform/create-workspaces", state="Disabled")],
            ("Submitted", "NotOffered"),
            id="disabled",
        ),
        pytest.param(
            "Enterprise",
            [organization("b", "Client", "a", categories=["Cloud"], subscriptions=[{"product": "FlexxDesktop"}])],
            ("Submitted", "NotOffered"),
            id="of-no-category-of-theirs",
        ),
    ],
)
def test_invariant_17_only_what_is_active_enabled_and_subscribed_can_be_requested(tier, documents, expected):
    """Whatever is not offered holds; nobody approves it and nothing of it runs."""
    assert expected == came_to(catalogue(tier, *documents))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(ASKED, ("PendingApproval", ""), id="one-of-the-choices"),
        pytest.param({**ASKED, "template": "win12"}, ("Submitted", "ParametersRefused"), id="another"),
        pytest.param({"count": 12}, ("Submitted", "ParametersRefused"), id="none"),
        pytest.param({**ASKED, "prefix": ""}, ("Submitted", "ParametersRefused"), id="a-free-text-needs-a-value"),
        pytest.param({**ASKED, "count": 51}, ("Submitted", "ParametersRefused"), id="more-than-may"),
    ],
)
def test_invariant_18_values_are_those_offered(parameters, expected):
    """A choice is one of the values offered, and a text is one that its pattern takes."""
    assert expected == came_to(catalogue(parameters=parameters))


def test_invariant_19_nothing_runs_before_every_stage_has_approved():
    """Behind every single approval but the last there is no claim; behind the last there is."""
    life = simple(stage("one", "Requesting", quorum=2), stage("two", "Partner"), stage("three", "Platform"))
    claims = [life.decision.claim is not None]
    for who in ("platform/igor", "b/bea", "a/alba", "b/ben"):
        life.say(who)
        claims.append(life.decision.claim is not None)

    assert [False, False, False, False, True] == claims


@pytest.mark.parametrize("said", [[], ["b/bea"], ["b/bea", "a/alba"]], ids=["at-once", "midway", "approved-by-all"])
def test_invariant_20_a_rejection_ends_the_request(said):
    """One rejection of an approver's is the end, however many have approved."""
    life = simple(stage("one", "Requesting"), stage("two", "Partner"))
    for who in said:
        life.say(who)
    life.say("b/bea", "reject")

    assert ("Rejected", None) == (life.decision.phase, life.decision.claim)
    life.end()
    assert "RequestEnded" == life.say("b/ben", digest="0" * 64)


@pytest.mark.parametrize(
    ("who", "word"),
    [
        pytest.param("b/bea", "", id="named-and-with-the-right"),
        pytest.param("b/ben", "NotAnApprover", id="with-the-right-and-not-named"),
        pytest.param("b/wanda", "NotEntitled", id="named-and-without-the-right"),
    ],
)
def test_invariant_21_an_approver_is_named_and_holds_the_right_at_that_moment(who, word):
    """Both are needed, when the decision is heard and when the request runs."""
    named = [{"organization": "b", "name": name} for name in ("bea", "wanda")]
    life = simple(stage("one", users=named), documents=[user("b/wanda", "asks")])

    assert word == life.say(who)
    life.change(role("b/approves", {}))
    assert life.decision.claim is None


@pytest.mark.parametrize(
    ("tier", "stages"),
    [
        pytest.param("Standard", ["manager"], id="standard"),
        pytest.param(None, ["manager"], id="no-tier"),
        pytest.param("Advanced", ["manager", "platform"], id="advanced"),
        pytest.param("Enterprise", ["manager", "platform"], id="enterprise"),
        pytest.param("Edge", ["manager", "platform"], id="edge"),
    ],
)
def test_invariant_22_resources_under_a_managed_tier_need_the_platform(tier, stages):
    """What deploys resources is studied by the platform under Advanced, Enterprise and Edge, and there alone."""
    assert stages == list(catalogue(tier).stages())


def test_invariant_22_cannot_be_got_round_by_an_enablement():
    """An enablement adds flows in front; none that it names takes the platform's stage away."""
    own = enablement("b/create-workspaces", "platform/create-workspaces", approvals=[use("platform/manager")])
    changed = catalogue("Enterprise", own)

    assert ["manager", "manager", "platform"] == [one.seat.stage.name for one in changed.decision.tally.stages]


def test_invariant_23_an_approval_is_bound_to_the_exact_content():
    """Another microservice, version, parameter or target is another content, and no approval fits it."""
    digests = {
        catalogue().digest,
        catalogue(parameters={**ASKED, "count": 13}).digest,
        catalogue(at="b/r2").digest,
        catalogue(onBehalfOf="bob@b").digest,
        catalogue("Edge").digest,
        catalogue("Enterprise", SERVICES["create-workspaces"].model_copy(update={"spec": _slower()})).digest,
    }

    assert 6 == len(digests)


def _slower():
    return SERVICES["create-workspaces"].spec.model_copy(update={"timeout": "3h"})


@pytest.mark.parametrize("verb", ["cancel", "withdraw", "reject"])
def test_invariant_24_nothing_is_called_back_once_it_has_started(verb):
    """Until the claim a request can be cancelled; from then on it cannot, and it runs to its end."""
    who = {"cancel": "b/max", "withdraw": "b/rita", "reject": "b/ben"}[verb]
    life = simple(stage("one", "Requesting"))
    life.say("b/bea")
    assert "" == life.hear(who, verb).because
    plan = life.claim()

    assert "AlreadyClaimed" == life.say(who, verb)
    life.record(plan.executions[0], "Succeeded")
    assert "Succeeded" == life.decision.phase


# Readings taken where the domain is silent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "opens", "approves"),
    [
        pytest.param(ADMIN, False, False, id="an-administrator-of-the-portal"),
        pytest.param({"workspaces": "L2"}, False, False, id="whoever-works-in-workspaces"),
        pytest.param({"automate": "Viewer"}, False, False, id="a-viewer"),
        pytest.param({"automate": "Requester"}, True, False, id="a-requester"),
        pytest.param({"automate": "Approver"}, True, True, id="an-approver"),
        pytest.param(ALL, True, True, id="somebody-with-everything"),
    ],
)
def test_question_14_opening_and_approving_are_rights_of_their_own(levels, opens, approves):
    """Q14: neither follows from being an administrator; both are said by a level of `automate`."""
    people = [role("b/some", {"*": levels}), user("b/sam", "some")]
    opened = simple(stage("one", "Requesting"), documents=people, asked={"requester": "sam@b"})
    decided = simple(stage("one", "Requesting"), documents=people)

    assert ("PendingApproval" if opens else "Submitted") == opened.decision.phase
    assert ("" if approves else "NotEntitled") == decided.say("b/sam")


@pytest.mark.parametrize(
    ("who", "word"),
    [
        pytest.param("c/cleo", "", id="of-the-suborganization"),
        pytest.param("b/bea", "", id="of-its-client"),
        pytest.param("a/alba", "", id="of-the-client's-partner"),
        pytest.param("d/dora", "NotAnApprover", id="of-a-sibling"),
        pytest.param("platform/igor", "NotAnApprover", id="of-the-platform"),
    ],
)
def test_question_15_a_manager_is_of_the_request_s_own_line(who, word):
    """Q15: a manager is of the requesting organization, its client or its partner, and never of a sibling."""
    sibling = [
        organization("d", "Client", "a"),
        role("d/approves", {"*": {"automate": "Approver"}}),
        user("d/dora", "approves"),
    ]
    one = offering(approvals=[use("platform/manager")])
    life = Life(*company(), *sibling, one, FLOWS["manager"], at="c/r1", requester="rita@c")

    assert word == life.say(who)


def test_question_16_one_approval_fills_a_stage_unless_it_says_more():
    """Q16: a quorum is one by default; any rejection ends the request, whatever the quorum."""
    life = simple(stage("one", "Requesting"))
    life.say("b/bea")
    assert "Approved" == life.decision.phase
    assert {1} == {one.quorum for some in FLOWS.values() for one in some.spec.stages}

    two = simple(stage("one", "Requesting", quorum=2))
    two.say("b/bea")
    two.say("b/ben", "reject")
    assert "Rejected" == two.decision.phase


def test_question_17_the_manager_comes_before_the_platform():
    """Q17: the platform studies a request after the client's side wants it; its stage waits until then."""
    life = catalogue("Enterprise")

    assert {"manager": "Open", "platform": "Waiting"} == life.stages()
    life.say("b/bea")
    assert {"manager": "Satisfied", "platform": "Open"} == life.stages()
    assert {"platform": ["platform/igor", "platform/ingrid", "platform/max"]} == life.can_decide()


def test_question_18_nobody_approves_their_own_request():
    """Q18: self-approval is forbidden unless a flow allows it, and no shipped flow does."""
    assert {"Forbidden"} == {one.spec.self_approval for one in FLOWS.values()}
    assert "SelfApproval" == simple(stage("one", "Requesting"), asked={"requester": "bea@b"}).say("b/bea")


def test_question_19_nothing_expires_unless_a_flow_says_so():
    """Q19: without a deadline a request waits for ever, and an approved one too."""
    life = simple(stage("one", "Requesting")).wait(days=9999)
    assert ("PendingApproval", None) == (life.decision.phase, life.decision.look_at)
    life.say("b/bea")
    life.wait(days=9999)

    assert "Approved" == life.decide(Door(("manual",), lambda *_: 1)).phase
    assert {(None, None)} == {(one.spec.decide_within, one.spec.run_within) for one in FLOWS.values()}


def test_question_20_the_platform_is_no_partner():
    """Q20: the platform has a say where a stage names it, by its own people's right there, and nowhere else."""
    named, unnamed = simple(stage("one", "Platform")), simple(stage("one", "Partner", "Client", "Requesting"))

    assert "" == named.say("platform/igor")
    assert "NotAnApprover" == unnamed.say("platform/igor")
    assert "NotEntitled" == unnamed.say("platform/max", "cancel")


@pytest.mark.parametrize(
    ("deploys", "tier", "expected"),
    [
        pytest.param(True, "Enterprise", "PlatformStageMissing", id="both"),
        pytest.param(True, "Standard", "", id="not-under-such-a-tier"),
        pytest.param(False, "Enterprise", "", id="without-resources"),
    ],
)
def test_question_21_the_second_stage_follows_from_both(deploys, tier, expected):
    """Q21: what deploys resources under a managed tier holds where its flow leaves the platform out."""
    subscribed = [{"product": "FlexxDesktop", "tier": tier}]
    one = offering(products=["FlexxDesktop"], deploysResources=deploys, approvals=[use("platform/manager")])
    life = Life(*company(subscriptions=subscribed), one, FLOWS["manager"])

    assert expected == came_to(life)[1]
