"""Approvers who owe their place to nobody concerned."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.core.independence import independent
from builders import ref, stage, user
from core.lives import asking

LEAD = stage("lead", "Requesting")


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
