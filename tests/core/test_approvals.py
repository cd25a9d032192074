"""Who may decide a stage, whose decisions count, and which people fill which stages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.ledger import NewRecord
from assent.core.independence import independent
from builders import flow, organization, ref, role, stage, use, user
from core.lives import PEOPLE, Life, company, offering

CHANNELS = ("Annotation", "Merge", "Panel", "Mail")
LEAD = stage("lead", "Requesting")


def asking(*stages, documents=(), at="b/r1", asked=None, **rules):
    """A request that waits for these stages of one flow of the platform's."""
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"})
    return Life(*company(), *documents, one, flow("platform/f", *stages, **rules), at=at, **(asked or {}))


def named(*people):
    """A stage's entry that names people of b, or of `organization/name`."""
    paths = [one if "/" in one else f"b/{one}" for one in people]
    return [{"organization": path.split("/")[0], "name": path.split("/")[1]} for path in paths]


# Who is an approver -------------------------------------------------------------------------------------------------


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


# One person, one vote -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("again", CHANNELS)
def test_rule_10_one_person_is_one_vote_through_every_channel(channel, again):
    """Rule 10: whatever two ways a person's approvals come, by whichever of their names, they are one."""
    two = stage("two", "Requesting", quorum=2)
    life = asking(two, documents=[user("b/bea", "approves", aliases=["B.Jones"])], signInToDecide=False)
    first = life.say("b/bea", channel=channel, digest=life.digest)

    assert ("", "AlreadyJudged") == (first, life.say("b/bea", channel=again, as_="B.Jones"))
    assert {"two": "Open"} == life.stages()
    assert "b/bea" not in life.can_decide()["two"]
    assert "" == life.say("b/ben", channel=again)
    assert {"two": "Satisfied"} == life.stages()


def test_rule_10_one_person_counts_once_over_all_stages():
    """Rule 10 and edge case 9: a person who may fill two stages fills one; the other waits for somebody else."""
    life = asking(stage("one", "Requesting"), stage("two", "Requesting"), order="Parallel")
    life.say("b/bea")

    assert {"one": "Satisfied", "two": "Open"} == life.stages()
    assert "b/bea" not in life.can_decide()["two"]
    life.say("b/ben")
    assert "Approved" == life.decision.phase


IDENTITIES = {"the-username": ("rita@b", "rita@b"), "an-alias": ("rita@b", "r.jones"), "another": ("r.jones", "rita@b")}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("asked", "said"), [pytest.param(*both, id=name) for name, both in IDENTITIES.items()])
def test_rule_9_nobody_approves_their_own_request(channel, asked, said):
    """Rule 9 and edge case 7: by no name and no channel does the requester approve; it is heard, and not counted."""
    me = user("b/rita", "approves", aliases=["r.jones"])
    life = asking(LEAD, documents=[me], asked={"requester": asked}, signInToDecide=False)

    assert "SelfApproval" == life.say("b/rita", channel=channel, as_=said)
    assert {"lead": "Open"} == life.stages()
    assert "b/rita" not in life.can_decide()["lead"]
    assert ["SelfApproval"] == [voice.because for voice in life.case.voices]


def test_a_flow_may_allow_self_approval():
    """Where every flow allows it, the requester is an approver like others; a second flow that does not forbids it."""
    me = user("b/rita", "approves")
    allowed = asking(LEAD, documents=[me], selfApproval="Allowed")

    assert "" == allowed.say("b/rita")
    assert "Approved" == allowed.decision.phase


@pytest.mark.parametrize("self_approval", ["Forbidden", "Allowed"])
def test_on_whose_behalf_it_is_may_reject_and_not_approve(self_approval):
    """The person for whom it is asked never approves it, by none of their names, but may reject it."""
    me = user("b/bea", "approves", aliases=["B.Jones"])
    asked = {"onBehalfOf": "B.Jones"}
    life = asking(LEAD, documents=[me], asked=asked, selfApproval=self_approval)

    assert "OnBehalfOf" == life.say("b/bea")
    assert "b/bea" not in life.can_decide()["lead"]
    assert "" == life.say("b/bea", "reject")
    assert "Rejected" == life.decision.phase


@pytest.mark.parametrize(
    ("rules", "channel", "signed_in", "word"),
    [
        pytest.param({"accepts": ["Panel"]}, "Annotation", True, "ChannelNotAccepted", id="a-channel-not-accepted"),
        pytest.param({"accepts": ["Panel"]}, "Panel", True, "", id="the-one-accepted"),
        pytest.param({}, "Mail", False, "SignInRequired", id="a-mail-s-link-alone"),
        pytest.param({"signInToDecide": False}, "Mail", False, "", id="enough-where-the-flow-says-so"),
        pytest.param({}, "Merge", True, "", id="all-by-default"),
    ],
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_only_the_flow_s_channels_count(rules, channel, signed_in, word, verb):
    """A decision counts where every flow accepts the way it came, and with the proof that the flow asks for."""
    assert word == asking(LEAD, **rules).say("b/bea", verb, channel=channel, signed_in=signed_in)


# Then and now -------------------------------------------------------------------------------------------------------

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


# Stages -------------------------------------------------------------------------------------------------------------

ONE_TWO = (stage("one", users=named("bea", "ben")), stage("two", users=named("bea")))


@pytest.mark.parametrize(
    ("said", "stages", "can"),
    [
        pytest.param([], ["Open", "Waiting"], {"one": ["b/bea", "b/ben"]}, id="nothing"),
        pytest.param(["b/ben"], ["Satisfied", "Open"], {"two": ["b/bea"]}, id="the-first"),
        pytest.param(["b/bea"], ["Satisfied", "Open"], {"two": ["b/ben"]}, id="who-alone-could-fill-the-second"),
        pytest.param(["b/bea", "b/ben"], ["Satisfied", "Satisfied"], {}, id="moves-over"),
        pytest.param(["b/ben", "b/bea"], ["Satisfied", "Satisfied"], {}, id="in-either-order"),
    ],
)
def test_edge_case_9_an_overlap_starves_no_stage(said, stages, can):
    """Edge case 9: people are matched to stages, so whoever spoke first takes nobody's only place."""
    life = asking(*ONE_TWO)
    for who in said:
        assert "" == life.say(who)

    assert stages == list(life.stages().values())
    assert can == life.can_decide()


def test_sequential_stages_open_one_after_the_other():
    """A stage opens when those before it are satisfied; an approval given early counts when its stage opens."""
    life = asking(stage("one", "Requesting"), stage("two", "Partner"), stage("three", "Platform"))
    life.say("a/alba")

    assert {"one": "Open", "two": "Waiting", "three": "Waiting"} == life.stages()
    life.say("b/bea")
    assert {"one": "Satisfied", "two": "Satisfied", "three": "Open"} == life.stages()
    assert "PendingApproval" == life.decision.phase
    life.say("platform/igor")
    assert "Approved" == life.decision.phase


def test_parallel_stages_are_open_at_once():
    """Stages of a parallel flow are decided in any order; what comes behind the flow waits for all of them."""
    both = flow("platform/f", stage("one", "Requesting"), stage("two", "Partner"), order="Parallel")
    one = offering(approvals=[use("platform/f"), use("platform/g")])
    life = Life(*company(), one, both, flow("platform/g", stage("three", "Platform")))

    assert {"one": "Open", "two": "Open", "three": "Waiting"} == life.stages()
    life.say("a/alba")
    assert {"one": "Open", "two": "Satisfied", "three": "Waiting"} == life.stages()
    life.say("b/bea")
    assert {"one": "Satisfied", "two": "Satisfied", "three": "Open"} == life.stages()


@pytest.mark.parametrize("quorum", [1, 2, 3])
def test_a_quorum_is_of_different_people(quorum):
    """A stage is satisfied by as many different people as its quorum says, and not before."""
    life = asking(stage("lead", "Requesting", quorum=quorum))
    seen = []
    for who in ("b/bea", "b/ben", "b/bob"):
        life.say(who)
        seen.append(life.decision.phase)

    assert ["PendingApproval"] * (quorum - 1) + ["Approved"] * (4 - quorum) == seen


def test_whoever_came_first_is_shown():
    """An approval more than is needed displaces nobody: who satisfied a stage stays who satisfied it."""
    life = asking(LEAD)
    for who in ("b/bob", "b/ben", "b/bea"):
        life.say(who)

    assert ["bob@b"] == [one.username for some in life.decision.tally.stages for one in some.decisions]


CREW = ("bea", "ben", "bob", "dan", "eve")
PLACES = st.lists(st.tuples(st.sets(st.sampled_from(CREW), min_size=1), st.integers(1, 2)), min_size=1, max_size=3)
ORDERS = st.sampled_from(["Sequential", "Parallel"])
SPOKEN = st.lists(st.sampled_from(CREW), unique=True)


def crewed(places, order):
    """A request that waits for these stages, each `(people, quorum)`."""
    more = [user(f"b/{name}", "approves") for name in CREW[3:]]
    stages = [
        stage(f"s{number}", users=named(*sorted(people)), quorum=quorum)
        for number, (people, quorum) in enumerate(places)
    ]
    return asking(*stages, documents=more, order=order)


def fillable(slots, people):
    """Whether these slots, each the set of those who may fill it, can all be filled by different people."""
    if not slots:
        return True
    return any(fillable(slots[1:], people - {who}) for who in slots[0] & people)


def greedy(places, people):
    """How many places of each stage are filled where every place is taken that can be taken beside those before it."""
    chosen, filled = [], [0] * len(places)
    for number, (able, quorum) in enumerate(places):
        for _ in range(quorum):
            if fillable([*chosen, able], people):
                chosen.append(able)
                filled[number] += 1
    return chosen, filled


@settings(max_examples=80)
@given(PLACES, ORDERS, SPOKEN)
def test_all_stages_are_satisfied_exactly_where_people_can_be_assigned(places, order, spoken):
    """Invariant 19: approved is what some assignment of different people to all places fills, and nothing else."""
    life = crewed(places, order)
    for who in spoken:
        life.say(f"b/{who}")
    people = set(spoken)
    slots = [able for able, quorum in places for _ in range(quorum)]
    stages = life.decision.tally.stages
    counted = [str(voice.person).removeprefix("b/") for one in stages for voice in one.decisions]

    assert fillable(slots, people) == (life.decision.phase == "Approved")
    assert len(counted) == len(set(counted))
    assert greedy(places, people)[1] == [len(one.decisions) for one in stages]
    for (able, _), one in zip(places, stages, strict=True):
        assert {str(voice.person).removeprefix("b/") for voice in one.decisions} <= able & people


@settings(max_examples=80)
@given(PLACES, ORDERS, SPOKEN)
def test_stages_open_and_close_in_their_order(places, order, spoken):
    """A stage is satisfied when its places are filled and all before it are; open when they are and its are not."""
    life = crewed(places, order)
    for who in spoken:
        life.say(f"b/{who}")
    _, filled = greedy(places, set(spoken))
    full = [have == quorum for have, (_, quorum) in zip(filled, places, strict=True)]
    expected = [
        "Waiting" if order == "Sequential" and not all(full[:number]) else "Satisfied" if full[number] else "Open"
        for number in range(len(places))
    ]

    assert expected == list(life.stages().values())


@settings(max_examples=80)
@given(PLACES, ORDERS, SPOKEN)
def test_can_decide_is_exact(places, order, spoken):
    """Whoever is listed for an open stage fills one place more of it, with none lost; whoever is not, does not."""
    life = crewed(places, order)
    for who in spoken:
        life.say(f"b/{who}")
    people, can = set(spoken), life.can_decide()
    chosen, _ = greedy(places, people)
    for number, one in enumerate(life.decision.tally.stages):
        if one.state != "Open":
            assert () == one.can_decide
            continue
        able = {who for who in set(CREW) - people if fillable([*chosen, places[number][0]], people | {who})}
        assert sorted(f"b/{who}" for who in able) == can[f"s{number}"]


@settings(max_examples=60)
@given(PLACES, ORDERS, SPOKEN)
def test_can_decide_is_who_moves_something(places, order, spoken):
    """Saying it out loud moves a stage that is not satisfied for exactly those who are listed, in a row of stages."""
    life = crewed(places, order)
    for who in spoken:
        life.say(f"b/{who}")
    listed = {who for some in life.can_decide().values() for who in some}
    before = _filled(life)
    for who in sorted(set(CREW) - set(spoken)):
        then = life.state
        life.say(f"b/{who}")
        moved = [now > had for now, had in zip(_filled(life), before, strict=True)]
        states = list(life.stages().values()) if order == "Parallel" else None
        life.state = then
        opened = [one.state == "Open" for one in life.decision.tally.stages]

        assert (f"b/{who}" in listed) == any(up and open_ for up, open_ in zip(moved, opened, strict=True))
        assert states is None or "Waiting" not in states


def _filled(life):
    return [len(one.decisions) for one in life.decision.tally.stages]


@settings(max_examples=60)
@given(PLACES, ORDERS, st.permutations(CREW))
def test_the_order_of_approvals_does_not_matter(places, order, spoken):
    """The same people in another order come to the same."""
    one, other = crewed(places, order), crewed(places, order)
    for who in spoken:
        one.say(f"b/{who}")
    for who in reversed(spoken):
        other.say(f"b/{who}")

    assert one.stages() == other.stages()


# Rejections ---------------------------------------------------------------------------------------------------------

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


# Independent approvers ----------------------------------------------------------------------------------------------


def vouching(*edges, quorum=1, said=(), more=()):
    """A request for independent approvers; each edge `one>other` says that one last wrote the other's User."""
    life = asking(stage("lead", "Requesting", quorum=quorum), independentApprovers=True, documents=more)
    for edge in edges:
        one, other = edge.split(">")
        life.wrote(f"User/b/{other}", f"b/{one}")
    for who in said:
        assert "" == life.say(f"b/{who}")
    return life


def counted(life):
    """Who counts."""
    return {str(one.person).removeprefix("b/") for some in life.decision.tally.stages for one in some.decisions}


ALL = ("bea", "ben", "bob")


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        pytest.param([], {"bea", "ben", "bob"}, id="nobody-vouched"),
        pytest.param(["max>bea", "max>ben"], {"bea", "ben", "bob"}, id="somebody-who-does-not-decide"),
        pytest.param(["bea>bea"], {"bea", "ben", "bob"}, id="for-themselves"),
        pytest.param(["rita>bea"], {"ben", "bob"}, id="the-requester"),
        pytest.param(["bea>ben"], {"bea", "bob"}, id="another-who-counts"),
        pytest.param(["bea>ben", "ben>bob"], {"bea", "bob"}, id="a-chain-leaves-out-every-second"),
        pytest.param(["rita>bea", "bea>ben"], {"ben", "bob"}, id="who-does-not-count-costs-nobody-their-place"),
        pytest.param(["bea>ben", "ben>bea"], {"bob"}, id="for-each-other"),
        pytest.param(["bea>ben", "ben>bob", "bob>bea"], set(), id="in-a-circle"),
        pytest.param(["bea>ben", "ben>bea", "ben>bob"], set(), id="and-whom-the-circle-vouched-for"),
    ],
)
def test_independent_approvers_owe_their_place_to_nobody_concerned(edges, expected):
    """Left out is whom the requester, or another approver who counts, has vouched for; nobody else."""
    life = vouching(*edges, quorum=3, said=ALL)

    assert expected == counted(life)
    assert {f"b/{one}" for one in set(ALL) - expected} == life.dropped().keys()
    assert {"NotIndependent"} >= set(life.dropped().values())


@pytest.mark.parametrize(
    ("document", "parts", "left_out"),
    [
        pytest.param("User/b/bea", {}, {"bea"}, id="the-user"),
        pytest.param("AccessRole/b/approves", {}, {"bea", "ben"}, id="the-role"),
        pytest.param("User/b/other", {}, set(), id="another's-user"),
        pytest.param("AccessRole/b/asks", {}, set(), id="another-role"),
    ],
)
def test_vouching_is_by_user_and_role(document, parts, left_out):
    """Whoever last wrote a person's User or role has vouched for them."""
    life = vouching(quorum=2, said=("bea", "ben"), more=[user("b/other", "approves")])
    life.wrote(document, "b/rita", **parts)

    assert {"bea", "ben"} - left_out == counted(life)


@pytest.mark.parametrize(
    ("part", "left_out"),
    [
        pytest.param("entry_*", {"bea"}, id="the-entry-for-all"),
        pytest.param("entry_b", {"bea"}, id="the-organization's-entry"),
        pytest.param("entry_a", {"bea"}, id="an-entry-above"),
        pytest.param("entry_c", set(), id="an-entry-for-elsewhere"),
    ],
)
def test_vouching_is_by_the_entry_that_counts(part, left_out):
    """Whoever last wrote the role's entry for this organization has vouched for whoever has the role."""
    life = vouching(said=("bea",))
    life.wrote("AccessRole/b/approves", "b/max", **{part: "b/rita"})

    assert {"bea"} - left_out == counted(life)


def test_vouching_matters_only_where_a_flow_asks_for_it():
    """Without `independentApprovers` nobody asks who wrote whose User."""
    life = asking(LEAD)
    life.wrote("User/b/bea", "b/rita")

    assert ("", "Approved") == (life.say("b/bea"), life.decision.phase)


def test_who_is_not_independent_may_still_reject():
    """Leaving somebody out of the approvals takes nobody's word against the request."""
    life = vouching("rita>bea", "bea>ben", "ben>bea")
    life.say("b/bea", "reject")

    assert "Rejected" == life.decision.phase


def test_can_decide_knows_who_is_independent():
    """Listed is whose approval would count beside those that do, and who would not put somebody else out."""
    assert {"lead": ["b/ben", "b/bob", "b/max"]} == vouching("rita>bea").can_decide()
    assert {"lead": ["b/bob", "b/max"]} == vouching("bea>ben", quorum=2, said=["bea"]).can_decide()
    assert {"lead": ["b/bob", "b/max"]} == vouching("bea>ben", quorum=2, said=["ben"]).can_decide()


ARROWS = st.sets(st.tuples(st.sampled_from("wxyz"), st.sampled_from("wxyzr")), max_size=8)


@settings(max_examples=400)
@given(ARROWS)
def test_who_counts_is_what_the_sentence_says(arrows):
    """Nobody who counts was vouched for by another who counts; and where no circle is, everybody else was."""
    vouched = {ref(f"b/{one}"): frozenset(ref(f"b/{by}") for to, by in arrows if to == one) for one in "wxyz"}
    requester = ref("b/r")
    found = independent(vouched, requester)
    against = {one: (some - {one}) & (found | {requester}) for one, some in vouched.items()}

    assert all(not against[one] for one in found)
    if not _circle(arrows):
        assert all(against[one] for one in vouched.keys() - found)


def _circle(arrows):
    """Whether anybody vouched for anybody who, over however many, vouched for them."""
    reach = {(to, by) for to, by in arrows if to != by}
    while more := {(to, by) for to, via in reach for one, by in reach if one == via} - reach:
        reach |= more
    return any(to == by for to, by in reach)


# Time ---------------------------------------------------------------------------------------------------------------


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
