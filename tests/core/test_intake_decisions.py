"""Decisions as commits bring them in: judged in the world before, and ending what they end."""

from datetime import timedelta

import pytest

from builders import ALL, enablement, flow, role, stage, use, user
from core.branch import asked, history, opened
from core.papers import commit


def test_a_decision_is_judged_in_the_world_before_its_commit():
    """What one commit brings in counts from the next on: nobody decides by a right that the same commit gives."""
    by_role = flow("platform/f", stage("lead", roles=[{"organization": "b", "name": "chiefs"}]))
    found = opened(role("b/chiefs", {"*": ALL}), by_role)
    line = found.approval("b/ada", "b/r1")
    found.take(commit("b/ada", user("b/ada", "chiefs"), says=[line]))

    assert (["NotAnApprover"], {}) == (found.words("b/r1"), found.standing())
    assert "chiefs" == found.said("User/b/ada")["role"]["name"]


def test_edge_case_1_a_quorum_lowered_beside_an_approval_is_another_flow():
    """Edge case 1: whoever lowers what is asked for beside their approval has approved what is asked for no more."""
    two, one = (flow("b/f", stage("lead", "Requesting", quorum=quorum)) for quorum in (2, 1))
    in_front = enablement("b/vdi", "platform/vdi", approvals=[use("b/f")])
    found = opened(two, in_front)
    before = found.digest("b/r1")
    found.take(commit("b/ada", one, says=[("b/r1", f"approve as ada@b for {before}")]))

    assert ([""], {}, True) == (found.words("b/r1"), found.standing(), before != found.digest("b/r1"))
    assert ["DigestStale"] == [word for _, word in found.decision("b/r1").tally.not_counted]


def test_a_right_that_the_same_commit_takes_away_counts_in_it():
    """The world before the commit judges what it says, also where the commit takes the author's right away."""
    found = opened()
    line = found.approval("b/bea", "b/r1")
    own = user("b/bea", "approves", language="en")
    found.take(commit("b/bea", own, says=[line]))

    assert [""] == found.words("b/r1")


def test_a_request_and_its_approval_may_come_in_one_commit():
    """Decisions are judged after the requests of their commit, so an approval beside its request finds it."""
    found = history()
    ahead = history().take(commit("b/rita", asked()))
    found.take(commit("b/bea", asked(), says=[ahead.approval("b/bea", "b/r1")]))

    assert ([""], "RequesterUnproven") == (found.words("b/r1"), found.decision("b/r1").hold.reason)


@pytest.mark.parametrize(
    ("by", "line", "word"),
    [
        pytest.param("b/bea", "approve as bea@b for {0}", "", id="one's-own"),
        pytest.param("b/ben", "approve as bea@b for {0}", "SignerMismatch", id="another's"),
        pytest.param(None, "approve as bea@b for {0}", "Unproven", id="unsigned"),
        pytest.param("b/bea", "approve as bea@b", "Malformed", id="without-a-digest"),
    ],
)
def test_a_line_counts_for_whoever_signed_the_commit_that_brought_it_in(by, line, word):
    """A line in a file counts only as its own signer's."""
    found = opened()
    found.take(commit(by, says=[("b/r1", line.format(found.digest("b/r1")))]))

    assert [word] == found.words("b/r1")


@pytest.mark.parametrize(
    ("by", "word", "name"),
    [
        pytest.param("b/bea", "", "bea@b", id="an-approver"),
        pytest.param("b/rita", "SelfApproval", "rita@b", id="the-requester"),
        pytest.param(None, "Unproven", "nobody", id="a-forge's-own-merge"),
    ],
)
def test_a_merge_is_an_approval_of_whoever_signed_it(by, word, name):
    """A trailer approves in the name of the commit's signer, and in nobody else's."""
    found = opened()
    found.take(commit(by, merges=[("b/r1", found.digest("b/r1"))]))

    assert [(word, name, "Merge")] == [(one.because, one.username, one.channel) for one in found.case("b/r1").voices]


def test_a_merge_counts_where_the_flow_accepts_it():
    """The channel of a trailer is Merge, that of a line in a file Annotation."""
    found = opened(flow("platform/f", stage("lead", "Requesting"), accepts=["Merge"]))
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))
    found.take(commit("b/bea", merges=[("b/r1", found.digest("b/r1"))]))

    assert ["ChannelNotAccepted", ""] == found.words("b/r1")


def test_a_decision_on_what_is_not_there_is_kept():
    """Whoever decides a request that does not exist can be told; it becomes no request by that."""
    found = history().take(commit("b/bea", says=[("b/ghost", "reject as bea@b because no")]))
    last = found.records[-1]

    assert ("decided", "b/ghost", "RequestNotFound") == (last.kind, last.subject, last.body["because"])
    assert found.case("b/ghost") is None


def test_a_line_taken_back_stays_said():
    """Decisions are read from the ledger alone: that the annotation goes away takes nothing back."""
    found = opened()
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))
    found.take(commit("b/bea", asked()))

    assert "Approved" == found.decision("b/r1").phase


@pytest.mark.parametrize(
    ("by", "line", "phase"),
    [
        pytest.param("b/rita", "withdraw as rita@b", "Withdrawn", id="withdrawn"),
        pytest.param("b/max", "cancel as max@b because no", "Cancelled", id="cancelled"),
        pytest.param("b/bea", "reject as bea@b because no", "Rejected", id="rejected"),
    ],
)
def test_an_end_that_somebody_makes_is_made_at_its_commit(by, line, phase):
    """Whoever ends a request ends it where they say so: nothing that comes later, seen at once or not, undoes it."""
    found = opened()
    approval = found.approval("b/ben", "b/r1")
    leaver = {"b/rita": "asks", "b/max": "manages", "b/bea": "approves"}[by]
    found.take(
        commit(by, says=[("b/r1", line)]),
        commit("b/ada", user(by, leaver, suspended=True)),
        commit("b/ben", says=[approval]),
    )

    assert (phase, ["", "RequestEnded"]) == (found.case("b/r1").end.phase, found.words("b/r1"))


def test_what_ends_by_itself_is_not_ended_by_a_commit():
    """Deadlines are the controller's to see: a commit that comes late ends nothing, and does not count."""
    found = opened(flow("platform/f", stage("lead", "Requesting"), decideWithin="1h"))
    line = found.approval("b/bea", "b/r1")
    found.now += timedelta(hours=2)
    found.take(commit("b/bea", says=[line]))

    assert (None, ["TooLate"], "Expired") == (
        found.case("b/r1").end,
        found.words("b/r1"),
        found.decision("b/r1").phase,
    )


def test_a_waiting_rejection_ends_it_at_the_approval_that_opens_its_stage():
    """A rejection that waited for its stage ends the request in the commit that opens that."""
    found = opened(flow("platform/f", stage("one", "Requesting"), stage("two", "Platform")))
    found.take(commit("platform/igor", says=[("b/r1", "reject as igor@platform because no")]))
    assert found.case("b/r1").end is None
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))

    assert ("Rejected", "platform/igor") == (found.case("b/r1").end.phase, found.case("b/r1").end.by)
    assert ["validated", "ended"] == [one.kind for one in found.records[-2:]]
