"""What the panel and its mails are told, in Git mode: judged once, in the next pass, as any other decision is."""

import pytest

from assent.adapters.runners import ManualRunner
from assent.errors import ConflictError
from builders import ref, request, role, user
from core.memory import Hands
from core.papers import commit
from reconcile.desk import Desk, killed_at
from tellings import ANY, ONLY_TOLD, WORDS, asking, filled, people, told, verdicts, write

SIGNED = {"margarita@b": "b/rita"}
GOVERNS = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})


def desk_of(*documents, **spec):
    """A desk at which rita's request r1 waits."""
    hands = Hands()
    desk = Desk(*documents, runners={"process": hands, "manual": ManualRunner()}, **spec)
    desk.hands = hands
    desk.open("r1").step()
    return desk.wait()


def annotated(desk, username, text):
    """Somebody commits the line, signed."""
    desk.add(commit(SIGNED.get(username, "{1}/{0}".format(*username.split("@"))), says=[("b/r1", filled(desk, text))]))


def heard(said, say):
    """The desk behind a decision that was made in this way, and the pass that judged it."""
    desk = desk_of(*said.documents, **said.service)
    for username, text in said.before:
        say(desk, username, text)
        desk.steps(2)
    say(desk, said.username, said.text)
    desk.wait().step()
    return desk


@pytest.mark.parametrize("name", WORDS)
def test_what_is_told_is_judged_as_an_annotation_is(name):
    """Rules 7, 9, 11: the same line on either way has the same verdict, but for how it came and what proves it."""
    said = WORDS[name]
    panel, git = heard(said, told), heard(said, annotated)
    one, other = verdicts(panel)[-1], verdicts(git)[-1]
    ways = ("channel", "proof", "entry", "via")

    assert said.word == one.get("because", "")
    assert {key: one[key] for key in one if key not in ways} == {key: other[key] for key in other if key not in ways}
    assert ("Panel", "Annotation") == (one["channel"], other["channel"])
    assert said.phase == panel.steps(2).phase("r1") == git.steps(2).phase("r1")
    assert len(verdicts(panel)) == len(said.before) + 1
    assert {} == panel.controller.knowledge.state.told


@pytest.mark.parametrize("name", ONLY_TOLD)
def test_how_it_comes_counts_where_the_flow_says_so(name):
    """A flow says which ways it accepts, and whether a mail's link alone is enough."""
    rules, more, word = ONLY_TOLD[name]
    desk = desk_of(rules)
    one = told(desk, "bea@b", f"approve as bea@b for {ANY}", **more)
    desk.step()
    (verdict,) = verdicts(desk, one)

    assert (word, more.get("channel", "Panel")) == (verdict.get("because", ""), verdict["channel"])
    assert more.get("signed_in", True) == verdict["signedIn"] == desk.case("r1").voices[-1].signed_in


@pytest.mark.parametrize(
    ("author", "word"), [pytest.param("b/max", "NameTooNew", id="lent"), pytest.param("b/bea", "", id="own")]
)
def test_a_name_that_somebody_else_gave_since_proves_nobody(author, word):
    """Nobody lends a waiting request a voice: who signs in by a name that is newer needs to have written it."""
    mighty = role("b/approves", {"*": {"automate": "Approver", "portal": "OrganizationAdmin"}})
    desk = desk_of(GOVERNS, mighty, people("bea", "ben"))
    desk.add(commit(author, user("b/bea", "approves", aliases=["beatriz@b"]))).step()
    assert {} == desk.controller.knowledge.state.standing
    one = told(desk, "beatriz@b", f"approve as bea@b for {ANY}")
    desk.wait().step()

    assert [word] == [verdict.get("because", "") for verdict in verdicts(desk, one)]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        pytest.param({"request": "b/ghost"}, "RequestNotFound", id="no-such-request"),
        pytest.param({"request": "nowhere/r1"}, "RequestNotFound", id="no-such-organization"),
        pytest.param({"username": "nobody@b"}, "UnknownSigner", id="no-user"),
        pytest.param({"username": ""}, "UnknownSigner", id="no-name"),
        pytest.param({"username": "BEA@b"}, "UnknownSigner", id="another-case"),
    ],
)
def test_what_leads_nowhere_is_judged_all_the_same(more, word):
    """A telling of nobody's, or on nothing, has its verdict and waits no more."""
    desk = desk_of()
    given = {"username": "bea@b", "text": "reject as bea@b because no", **more}
    one = told(desk, **given)
    desk.steps(2)

    assert [word] == [verdict["because"] for verdict in verdicts(desk, one)]
    assert ("PendingApproval", {}) == (desk.phase("r1"), desk.controller.knowledge.state.told)


def test_a_name_that_two_share_is_nobodys():
    """Where two Users sign in by one name, a decision by it counts for neither."""
    desk = desk_of(user("b/twin", "approves", aliases=["bea@b"]))
    one = told(desk, "bea@b", "reject as bea@b because no")
    desk.step()

    assert ["UnknownSigner"] == [verdict["because"] for verdict in verdicts(desk, one)]


def test_rule_10_one_person_through_three_channels_is_one_vote():
    """Rule 10: panel, mail and annotation by one person fill one seat, however they sign in."""
    desk = desk_of(people("bea", "ben"), user("b/bea", "approves", aliases=["beatriz@b"]))
    annotated(desk, "bea@b", f"approve as bea@b for {ANY}")
    told(desk, "bea@b", f"approve as bea@b for {ANY}")
    told(desk, "beatriz@b", f"approve as beatriz@b for {ANY}", channel="Mail")
    desk.steps(2)
    words = sorted(verdict.get("because", "") for verdict in verdicts(desk))

    assert (["", "AlreadyJudged", "AlreadyJudged"], "PendingApproval") == (words, desk.phase("r1"))
    told(desk, "ben@b", f"approve as ben@b for {ANY}")
    assert "Succeeded" == desk.steps(2).phase("r1")


def test_the_same_telling_stands_once():
    """A double click writes the same telling, which the ledger has already; so is the second refused."""
    desk = desk_of()
    first = told(desk, "bea@b", f"approve as bea@b for {ANY}", name="f" * 32)
    for _ in range(2):
        with pytest.raises(ConflictError):
            told(desk, "bea@b", f"approve as bea@b for {ANY}", name="f" * 32)
        desk.steps(2)

    assert (1, "Succeeded") == (len(verdicts(desk, first)), desk.phase("r1"))


def test_they_are_judged_in_their_order():
    """What was told first is judged first: a withdrawal ends it before anything that was told later."""
    desk = desk_of()
    told(desk, "rita@b", "withdraw as rita@b", name="f" * 32)
    told(desk, "bea@b", f"approve as bea@b for {ANY}", name="0" * 32)
    desk.step()

    assert ["", "RequestEnded"] == [verdict.get("because", "") for verdict in verdicts(desk)]
    assert [] == desk.hands.ran


def test_a_verdict_on_what_was_told_outlives_a_restart():
    """Whoever starts anew judges nothing again, and knows what was judged."""
    desk = desk_of(people("bea", "ben"))
    one = told(desk, "bea@b", f"approve as bea@b for {ANY}")
    desk.step()
    before = desk.controller.knowledge.state
    desk.begin().steps(3)

    assert (before, 1) == (desk.controller.knowledge.state, len(verdicts(desk, one)))


POINTS = (
    "judged", "noted", "read", "validated", "claiming", "claimed", "acting", "acted", "recording", "recorded",
    "ending", "ended",
)  # fmt: skip


@pytest.mark.parametrize("points", [*((one,) for one in POINTS), ("judged", "judged", "noted", "claiming")])
def test_rule_2_a_crash_with_tellings_waiting_loses_none_and_judges_none_twice(points):
    """Rule 2: killed at each point with decisions and a request waiting; each has one verdict, and one run at most."""
    desk = desk_of()
    desk.open("r2", "r5").step()
    mine = request("b/r4", "vdi", "rita@b")
    names = [
        told(desk, "bea@b", f"approve as bea@b for {ANY}"),
        told(desk, "rita@b", "withdraw as rita@b", request="b/r2"),
        told(desk, "bea@b", "reject as bea@b because no", request="b/ghost"),
    ]
    write(desk.book, asking(mine.plain()["spec"], request="b/r4"))
    desk.add(commit(None, mine))
    for point in points:
        killed_at(desk, point).begin()
    desk.steps(3)

    assert [1, 1, 1] == [len(verdicts(desk, one)) for one in names]
    assert ["PendingApproval", "Withdrawn"] == [desk.phase("r5"), desk.phase("r2")]
    assert desk.phase("r1") in {"Succeeded", "Unknown"}
    assert 1 >= len(desk.hands.ran) >= (desk.phase("r1") == "Succeeded")
    assert ({}, ref("b/rita")) == (desk.controller.knowledge.state.told, desk.case("r4").proven_by)
