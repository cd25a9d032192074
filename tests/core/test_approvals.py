"""Whose approvals count, each person once, and which people fill which stages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import flow, stage, use, user
from core.lives import Life, asking, company, named, offering

CHANNELS = ("Annotation", "Merge", "Panel", "Mail")
LEAD = stage("lead", "Requesting")


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
