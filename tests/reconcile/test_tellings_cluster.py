"""What the panel and its mails are told, in a cluster: the same verdicts as in Git mode, beside the annotations."""

import pytest

from assent.core.admitted import MOST_SAID
from assent.errors import ConflictError
from assent.reconcile.clusters import ClusterController
from builders import ref, request, role, user
from core.memory import Hands
from reconcile.cluster_desk import Desk
from reconcile.desk import CrashError
from reconcile.test_tellings_cluster_asked import PANEL
from tellings import ANY, ONLY_TOLD, WORDS, Busy, asking, filled, left, mailing, people, telling, told, verdicts, write

GOVERNS = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})


def desk_of(*documents, **spec):
    """A desk at which rita's request r1 waits; a person can carry runs out as well."""
    desk = Desk(*documents, **spec)
    desk.controller.runners["manual"] = desk.controller.workshop._runners["manual"] = Hands("Running")
    desk.ask("r1")
    return desk


def annotated(desk, username, text):
    """The line on the object, as admission let it in: under the name that its writer signs in with."""
    notes = [one.value for one in desk.objects.asked[ref("b/r1")].entries]
    desk.annotate("r1", *notes, filled(desk, text))


def heard(said, say):
    desk = desk_of(*said.documents, **said.service)
    for username, text in said.before:
        say(desk, username, text)
        desk.steps(2)
    say(desk, said.username, said.text)
    desk.step()
    return desk


NO_ANNOTATION = {"in-anothers-name", "rule-9-an-alias-that-names-the-other", "again"}
"""Lines that admission lets nobody write, and the very line again, which is one annotation."""


@pytest.mark.parametrize("name", WORDS)
def test_what_is_told_is_judged_as_an_annotation_is(name):
    """Rules 7, 9, 11: the same line on either way has the same verdict, but for how it came and what proves it."""
    said = WORDS[name]
    panel = heard(said, told)
    one = verdicts(panel)[-1]

    assert said.word == one.get("because", "")
    panel.steps(2)
    assert (said.phase, len(said.before) + 1) == (panel.phase("r1"), len(verdicts(panel)))
    assert {} == panel.controller.knowledge.state.told
    if name not in NO_ANNOTATION:
        other = verdicts(heard(said, annotated))[-1]
        ways = ("channel", "proof", "entry", *(("via",) if said.word == "Malformed" else ()))
        assert {key: one[key] for key in one if key not in ways} == {
            key: other[key] for key in other if key not in ways
        }


@pytest.mark.parametrize("name", ONLY_TOLD)
def test_how_it_comes_counts_where_the_flow_says_so(name):
    """A flow says which ways it accepts, and whether a mail's link alone is enough."""
    rules, more, word = ONLY_TOLD[name]
    desk = desk_of(rules)
    one = told(desk, "bea@b", f"approve as bea@b for {ANY}", **more)
    desk.step()

    assert [word] == [verdict.get("because", "") for verdict in verdicts(desk, one)]


@pytest.mark.parametrize(
    ("author", "word"), [pytest.param("max@b", "NameTooNew", id="lent"), pytest.param("bea@b", "", id="own")]
)
def test_a_name_that_somebody_else_gave_since_proves_nobody(author, word):
    """Nobody lends a waiting request a voice: who signs in by a name that is newer needs to have written it."""
    desk = desk_of(GOVERNS, people("bea", "ben"))
    desk.objects.put(user("b/bea", "approves", aliases=["beatriz@b"]), writer=author)
    desk.touch("r1").step()
    one = told(desk, "beatriz@b", f"approve as bea@b for {ANY}")
    desk.step()

    assert [word] == [verdict.get("because", "") for verdict in verdicts(desk, one)]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        pytest.param({"request": "b/ghost"}, "RequestNotFound", id="no-such-request"),
        pytest.param({"username": "nobody@b"}, "UnknownSigner", id="no-user"),
    ],
)
def test_what_leads_nowhere_is_judged_all_the_same(more, word):
    """A telling of nobody's, or on nothing, has its verdict and waits no more."""
    desk = desk_of()
    one = told(desk, **{"username": "bea@b", "text": "reject as bea@b because no", **more})
    desk.steps(2)

    assert [word] == [verdict["because"] for verdict in verdicts(desk, one)]
    assert ("PendingApproval", {}) == (desk.phase("r1"), desk.controller.knowledge.state.told)


def test_rule_10_one_person_through_three_channels_is_one_vote():
    """Rule 10: panel, mail and annotation by one person fill one seat, however they sign in."""
    desk = desk_of(people("bea", "ben"), user("b/bea", "approves", aliases=["beatriz@b"]))
    annotated(desk, "bea@b", f"approve as bea@b for {ANY}")
    told(desk, "bea@b", f"approve as bea@b for {ANY}")
    told(desk, "beatriz@b", f"approve as beatriz@b for {ANY}", channel="Mail")
    desk.steps(3)
    words = sorted(verdict.get("because", "") for verdict in verdicts(desk))

    assert (["", "AlreadyJudged", "AlreadyJudged"], "PendingApproval") == (words, desk.phase("r1"))
    told(desk, "ben@b", f"approve as ben@b for {ANY}")
    desk.steps(3)
    assert "Succeeded" == desk.phase("r1")


def test_what_is_told_uses_up_nobody_s_annotations():
    """Verdicts on what the panel was told are no lines on the object: those are heard as if nothing had been told."""
    desk = desk_of()
    for number in range(MOST_SAID + 2):
        told(desk, "ben@b", f"approve as bea@b for {number:064}")
    desk.step()
    desk.approve("r1").steps(3)

    assert "Succeeded" == desk.phase("r1")


@pytest.mark.parametrize("point", ["judged", "noted", "read", "claiming", "claimed", "acting", "acted", "recorded"])
def test_rule_2_a_crash_with_tellings_waiting_loses_none_and_judges_none_twice(point):
    """Rule 2: killed at each point with decisions and a request waiting; each has one verdict, and one run at most."""
    desk = desk_of()
    desk.ask("r2")
    mine = request("b/r4", "vdi", "rita@b")
    names = [
        told(desk, "bea@b", f"approve as bea@b for {ANY}"),
        told(desk, "rita@b", "withdraw as rita@b", request="b/r2"),
        told(desk, "bea@b", "reject as bea@b because no", request="b/ghost"),
    ]
    write(desk.book, asking(mine.plain()["spec"], request="b/r4"))
    desk.objects.put(mine, writer=PANEL)

    def crossed(here):
        if here == point:
            raise CrashError(here)

    desk.controller.crossed = desk.controller.workshop._crossed = crossed
    with pytest.raises(CrashError):
        desk.touch("r4").step()
    desk.begin().steps(4)

    assert [1, 1, 1] == [len(verdicts(desk, one)) for one in names]
    assert ("Withdrawn", ref("b/rita")) == (desk.phase("r2"), desk.case("r4").proven_by)
    assert desk.phase("r1") in {"Succeeded", "Unknown"}
    assert 1 >= len(desk.hands.ran) >= (desk.phase("r1") == "Succeeded")


class Counting(ClusterController):
    """A controller that counts how often it begins from the ledger again."""

    recalls = 0

    def _recall(self):
        self.recalls += 1
        super()._recall()


def beside(*documents, **spec):
    """A desk whose ledger others write to as well, with a controller that counts."""
    desk = Desk(*documents, **spec)
    pages, desk.book = desk.book.pages, Busy()
    desk.book.pages = pages
    desk.controller = Counting(desk.objects, desk.policies, desk.book, {"process": desk.hands}, desk.points.append)
    desk.controller.start(lambda: desk.ticks)
    desk.step()
    desk.controller.recalls = 0
    return desk


@pytest.mark.parametrize("kind", ["validated", "claimed"])
def test_rule_18_what_is_told_before_the_claim_wins(kind):
    """Rule 18: told between the pass's read and its claim, a withdrawal is judged before anything runs."""
    desk = beside(**({"approvals": []} if kind == "validated" else {}))
    desk.book.meanwhile = {kind: [telling("rita@b", "withdraw as rita@b")]}
    desk.ask("r1")
    if kind == "claimed":
        desk.approve("r1").step()
    desk.steps(2)

    assert ("Withdrawn", [], 0) == (desk.phase("r1"), desk.hands.ran, desk.controller.recalls)


@pytest.mark.parametrize("kind", ["observed", "head", "validated", "decided", "claimed", "acted", "recorded", "ended"])
def test_mails_and_sessions_stop_nothing_and_recall_nothing(kind):
    """What became of a mail and that somebody signed out is taken up at any moment; nothing is begun again for it."""
    desk = beside()
    desk.ask("r1")
    desk.approve("r1")
    desk.objects.put(request("b/r2", "vdi", "rita@b"), writer="rita@b")
    desk.touch("r2")
    desk.book.meanwhile = {kind: [mailing(state="Failed"), left()]}
    desk.step()

    assert ({}, 0) == (desk.book.meanwhile, desk.controller.recalls)
    assert ("Succeeded", {"k1"}) == (desk.phase("r1"), set(desk.case("r1").mails))


def test_a_mail_beside_the_last_look_before_a_claim_stops_nothing():
    """Between the last look and what it writes down a mail may fail: the run is claimed in the same pass."""
    desk = beside()
    desk.ask("r1")
    desk.approve("r1")

    def crossed(point):
        if point == "read":
            told(desk, "max@b", "cancel as bea@b because it is not mine")
            desk.controller.listen()
            desk.book.meanwhile = {"decided": [mailing(state="Failed")]}

    desk.controller.crossed = crossed
    desk.step()

    assert ({}, 0, "Succeeded") == (desk.book.meanwhile, desk.controller.recalls, desk.phase("r1"))


def test_the_same_telling_stands_once():
    """A double click writes the same telling, which the ledger has already."""
    desk = desk_of()
    told(desk, "bea@b", f"approve as bea@b for {ANY}", name="f" * 32)
    with pytest.raises(ConflictError):
        told(desk, "bea@b", f"approve as bea@b for {ANY}", name="f" * 32)
    desk.steps(3)

    assert (1, "Succeeded") == (len(verdicts(desk)), desk.phase("r1"))
