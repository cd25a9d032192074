"""Rule 25: what decides is read at the moment, whatever a watch has told of; and what goes wrong in between."""

import pytest

from assent.api.evidence import Version
from assent.api.names import Ident
from assent.api.sightings import Sighting
from assent.core.declared import world_of
from assent.core.world import World
from assent.errors import ClusterError
from builders import flow, ident, ref, role, stage, user
from core.lives import PEOPLE
from core.memory import Hands
from reconcile.cluster_desk import Desk
from tellings import MANUAL, Busy, mailing, told

VIEWS = {"*": {"automate": "Viewer"}}


@pytest.fixture
def desk():
    return Desk(concurrency=5)


def asked(desk, name):
    desk.ask(name)
    return desk


def waiting_for_its_runner(desk):
    """r1 is approved, and its runner takes nothing for the moment."""
    desk.ask("r1")
    desk.approve("r1")
    desk.hands.refuses = "not yet"
    desk.steps(2)
    desk.wait(5)
    desk.hands.refuses = None
    return desk


def test_rule_29_who_waits_for_a_runner_has_nothing_read_anew(desk):
    """A look at all configuration may write a mark, whose event wakes the next pass, which would look again."""
    waiting_for_its_runner(desk).hands.refuses = "exceeded quota"
    desk.objects.reads.clear()
    for _ in range(58):
        desk.step()

    assert "Approved" == desk.phase("r1")
    assert "fresh" not in desk.objects.reads


def revoked(desk):
    """Nobody of b may approve any more, and the watch has not told of it."""
    desk.objects.put(role("b/approves", VIEWS), writer="admin").hide("AccessRole/b/approves")
    desk.hands.refuses = None
    return desk


def test_rule_25_the_moment_of_the_claim_is_read_fresh(desk):
    """A right that was taken away counts as gone though no watch has told of it: the claim rests on a list."""
    revoked(waiting_for_its_runner(desk)).steps(2)

    assert ("PendingApproval", []) == (desk.phase("r1"), desk.hands.ran)


def test_rule_25_what_was_read_for_a_word_is_too_old_for_a_claim_a_while_later(desk):
    """A list counts as this moment's for a second, whatever it was made for."""
    waiting_for_its_runner(desk).hands.refuses = "not yet"
    desk.ask("r2")
    revoked(desk.wait(5)).steps(2)

    assert ("PendingApproval", []) == (desk.phase("r1"), desk.hands.ran)


@pytest.mark.parametrize("place", ["b", "a", "platform"])
def test_rule_25_whoever_lost_their_right_decides_nothing(desk, place):
    """However far up their role lies, and though no watch has told of it."""
    approver = f"{PEOPLE[place][0]}@{place}"
    desk.objects.put(flow("platform/f", stage("lead", {"b": "Requesting", "a": "Partner"}.get(place, "Platform"))))
    desk.controller.resync()
    desk.step()
    desk.ask("r1")
    desk.objects.put(role(f"{place}/approves", VIEWS), writer="admin")
    desk.objects.hide(f"AccessRole/{place}/approves")
    desk.approve("r1", approver).steps(2)

    assert ["NotEntitled"] == desk.uncounted("r1")


TWIN = user("c/twin", "asks", username="bea@b")


def test_rule_25_a_name_that_two_have_by_now_is_nobodys(desk):
    """The other one may lie anywhere, and no watch has told of them: their one name proves neither."""
    desk.ask("r1")
    desk.objects.put(TWIN, writer="admin")
    desk.objects.hide("User/c/twin")
    desk.approve("r1").steps(2)

    assert ["UnknownSigner"] == desk.uncounted("r1")


def test_rule_25_a_name_that_two_have_by_now_is_nobodys_in_the_panel_either(desk):
    """What was told there is judged on a list of the moment as well."""
    desk.ask("r1")
    desk.objects.put(TWIN, writer="admin")
    desk.objects.hide("User/c/twin")
    told(desk, "bea@b", desk.line("r1"))
    desk.steps(2)

    assert ["UnknownSigner"] == desk.uncounted("r1")


def test_rule_25_whom_a_run_is_for_is_there_at_this_moment(desk):
    """A person of another organization who is gone gets nothing, though no watch has told of it."""
    desk.objects.put(user("c/cleo", "asks"), writer="admin")
    desk.ask("r1", onBehalfOf="cleo@c")
    desk.approve("r1")
    desk.objects.drop("User/c/cleo")
    desk.steps(2)

    assert [] == desk.hands.ran


def test_what_says_nothing_new_is_no_reason_to_list(desk):
    """A request whose status changed alone is read; what it rests on need not be, until it would run."""
    desk.ask("r1")
    desk.objects.reads.clear()
    desk.touch("r1").step()

    assert ["b/r1", "remembered"] == desk.objects.reads


def test_a_look_at_everything_lists_it(desk):
    """Whatever a watch could tell: what it lost shows at the latest then, and nobody writes marks for nothing."""
    desk.objects.reads.clear()
    desk.controller.resync()
    desk.step()

    assert ["listed"] == desk.objects.reads


def two_waiting(desk):
    """r1 and r2 are approved, and their runner takes nothing for the moment."""
    desk.hands.refuses = "not yet"
    for name in ("r1", "r2"):
        asked(desk, name).approve(name).step()
    desk.step()
    return desk.wait(5)


def test_two_that_wait_for_their_runner_both_run(desk):
    """What the tests below find not to run would, had nobody taken the approvers' right away."""
    two_waiting(desk).hands.refuses = None
    desk.steps(1)

    assert ["b/r1", "b/r2"] == [request for request, _ in desk.hands.ran]


def once(act, fails):
    """As it is, but for the first call of which this holds."""
    left = [True]

    def acting(*given, **named):
        if left[0] and fails(*given, **named):
            left[0] = False
            raise ClusterError("no answer")
        return act(*given, **named)

    return acting


def test_rule_25_panel_and_mail_write_beside_a_look_at_the_moment(desk):
    """What was found at the claim is found again where somebody wrote evidence before it was noted."""
    waiting_for_its_runner(desk)
    busy = Busy()
    busy.__dict__.update(desk.book.__dict__)
    busy.meanwhile = {"configured": [mailing()]}
    desk.book = desk.controller.ledger = busy
    revoked(desk).steps(1)

    assert [] == desk.hands.ran


def test_rule_25_a_request_that_cannot_be_read_is_no_look_for_another(desk):
    """A list that came to nothing is none: what another request rests on is listed again."""
    two_waiting(desk)
    desk.objects.request = once(desk.objects.request, lambda asked: asked == ref("b/r1"))
    revoked(desk).steps(1)

    assert [] == desk.hands.ran


def test_rule_25_policies_that_cannot_be_tried_are_no_look_for_another(desk):
    """The same where the guard of admission gave no answer."""
    two_waiting(desk)
    desk.policies.examine = once(desk.policies.examine, lambda: True)
    revoked(desk).steps(1)

    assert [] == desk.hands.ran


def test_rule_25_a_list_is_as_old_as_its_first_word(desk):
    """Where a list takes long, what it said first is no reason for a second run."""
    two_waiting(desk)
    configuration = desk.objects.configuration

    def slow(*, fresh, listed=False):
        found = configuration(fresh=fresh, listed=listed)
        if fresh:
            revoked(desk)
            desk.ticks += 20
        return found

    desk.hands.refuses = None
    desk.objects.configuration = slow
    desk.steps(1)

    assert 1 == len(desk.hands.ran)


@pytest.mark.parametrize(
    ("changed", "who", "line"),
    [
        pytest.param(role("b/manages", VIEWS), "max@b", "cancel as max@b because so", id="cancel"),
        pytest.param(user("b/bea", "approves", suspended=True), "bea@b", "reject as bea@b because no", id="reject"),
    ],
)
def test_rule_25_what_the_panel_is_told_ends_nothing_by_a_right_that_is_gone(desk, changed, who, line):
    """Nobody is heard by what a watch has not told of yet."""
    desk.ask("r1")
    desk.objects.put(changed, writer="admin").hide(f"{changed.kind}/b/{changed.name}")
    told(desk, who, line)
    desk.steps(2)

    assert "PendingApproval" == desk.phase("r1")


def test_rule_25_a_run_is_settled_by_nobody_who_lost_the_right():
    """The end that a person tells of a run by hand."""
    desk = Desk(**MANUAL)
    desk.controller.runners["manual"] = desk.controller.workshop._runners["manual"] = Hands("Running")
    asked(desk, "r1").approve("r1").steps(2)
    desk.objects.put(role("b/manages", VIEWS), writer="admin").hide("AccessRole/b/manages")
    told(desk, "max@b", "settle-succeeded as max@b because it is done")
    desk.steps(2)

    assert "Running" == desk.phase("r1")


def test_rule_25_an_end_is_for_good_and_rests_on_the_moment_too():
    """Ben's rejection waits for stage two; the watch tells what opens it, and not that he lost his right."""
    stages = [stage(name, users=[{"organization": "b", "name": who}]) for name, who in (("one", "bea"), ("two", "ben"))]
    other = role("b/other", {"*": {"automate": "Approver"}})
    desk = Desk(flow("platform/f", *stages), other, user("b/ben", "other"))
    asked(desk, "r1").approve("r1").step()
    desk.objects.put(user("b/bea", "approves", suspended=True), writer="admin")
    desk.controller.resync()
    desk.step()
    digest = desk.case("r1").digest
    desk.annotate("r1", f"approve as bea@b for {digest}", "reject as ben@b because no").steps(2)
    waits = desk.phase("r1")
    desk.wait(5)
    desk.objects.put(user("b/bea", "approves"), role("b/other", VIEWS), writer="admin").hide("AccessRole/b/other")
    desk.steps(2)

    assert ("PendingApproval", "PendingApproval") == (waits, desk.phase("r1"))


@pytest.mark.parametrize("seen", [True, False])
def test_rule_11_a_vote_is_its_persons_and_not_their_successors(desk, seen):
    """Another human under the same document's name has another name to sign in with: the vote was not theirs."""
    waiting_for_its_runner(desk)
    del desk.objects.held[Ident("User", "b", "bea")]
    desk.controller.resync()
    if seen:
        desk.step()
    desk.objects.put(user("b/bea", "approves", username="beatrix@b"), writer="admin")
    desk.controller.resync()
    desk.steps(2)

    assert ([], "PendingApproval") == (desk.hands.ran, desk.phase("r1"))
    assert ["RightLost"] == [word for _, word in desk.decision("r1").tally.not_counted]


def test_rule_7_whoever_wrote_by_a_name_is_known_though_they_dropped_it():
    """Two writes between two looks: the role of the approvers, and then the alias by which it was written."""
    asks = role("b/asks", {"*": {"automate": "Requester", "portal": "OrganizationAdmin"}})
    lead = flow("platform/f", stage("lead", "Requesting"), independentApprovers=True)
    desk = Desk(lead, asks, user("b/rita", "asks", aliases=["r2@b"]))
    desk.objects.put(role("b/approves", {"*": {"automate": "Approver"}}, displayName="mine"), writer="r2@b")
    desk.objects.put(user("b/rita", "asks"), writer="rita@b")
    desk.controller.resync()
    desk.step()
    asked(desk, "r1").approve("r1").steps(3)

    assert "PendingApproval" == desk.phase("r1")


def test_rule_28_what_runs_is_looked_at_in_turn_and_holds_up_nothing_new():
    """While requests are touched a pass looks at one run, the one that was looked at longest ago."""
    desk = Desk(run={"job": {"image": "i", "command": ["c"]}}, concurrency=5)
    names = ("r1", "r2", "r3")
    for name in names:
        asked(desk, name).approve(name).steps(2)
    looks = []
    look, request = desk.yard.look, desk.objects.request
    desk.yard.look = lambda plan, *given: looks.append(plan.request.removeprefix("b/")) or look(plan, *given)

    def touching(one):
        desk.touch("r1")
        return request(one)

    desk.objects.request = touching
    desk.touch("r1").wait(5).steps(3)
    pressed = looks.copy()
    desk.objects.request = request
    desk.step()
    looks.clear()
    desk.step()

    assert [*names] == sorted(pressed)
    assert [*names] == sorted(looks)


def test_a_document_without_a_digest_is_taken_as_it_is_by_now():
    """Numbers that have no canonical form leave none: nobody can tell that such a document is the one of before."""
    name = ident("AccessRole/b/x")
    one, two = (Sighting(name, "uid", Version("", "uid", 0), "", role("b/x", levels)) for levels in ({}, VIEWS))
    before = world_of(World(), {}, {name: one}, {})

    assert two.document == world_of(before, {name: one}, {name: two}, {}).get(name)


def test_rule_45_a_list_that_is_older_than_the_one_before_stops_everything(desk):
    """A restored API server shows at the very claim, though the last look at all requests was before it."""
    waiting_for_its_runner(desk)
    desk.objects.reached = 5000
    desk.controller.resync()
    desk.hands.refuses = "not yet"
    desk.step()
    desk.objects.reached = 4000
    desk.hands.refuses = None
    desk.wait(5).steps(2)

    assert [] == desk.hands.ran
    assert "went back from version 5000 to 4000" in desk.controller.knowledge.state.halted


def test_rule_45_an_old_anchor_that_the_claim_itself_finds_lets_nothing_go():
    """The ledger knows only as it appends that somebody put an old anchor back."""
    desk = Desk()
    asked(desk, "r1").approve("r1")
    desk.begin(restored=lambda: "an old anchor" if "claimed" in [page.kind for page in desk.book.pages] else "")
    desk.steps(3)

    assert [] == desk.hands.ran
    assert "an old anchor" == desk.controller.knowledge.state.halted
