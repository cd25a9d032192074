"""The pass of cluster mode, with the API server in memory: what is noted, heard, claimed and run, and what is not."""

import pytest

from assent.api.sightings import Examined
from assent.core.cases import Case
from assent.errors import ClusterError, ConflictError, LedgerError
from assent.reconcile.clusters import UNPROVEN
from builders import ident, ref, request, role, user
from reconcile.cluster_desk import Desk


@pytest.fixture
def desk():
    return Desk()


def test_two_people_and_one_run(desk):
    """A request waits, is approved by a line that admission let in, and runs once."""
    desk.ask("r1")
    waits = desk.phase("r1")
    desk.approve("r1").steps(4)

    assert ("PendingApproval", "Succeeded") == (waits, desk.phase("r1"))
    assert 1 == len(desk.hands.ran)


def test_a_restart_comes_to_the_same(desk):
    """All that a controller knows is a fold over the ledger and what the API server holds."""
    desk.ask("r1")
    desk.approve("r1").steps(4)
    before = (desk.status("r1"), desk.controller.knowledge.state)
    records = len(desk.book.pages)
    desk.begin().steps(3)

    assert before == (desk.status("r1"), desk.controller.knowledge.state)
    assert records == len(desk.book.pages)


def test_what_was_there_before_an_empty_ledger_never_runs(desk):
    """Requests that an empty ledger finds are recorded as cancelled, and their names as used."""
    desk.objects.put(desk.objects.asked.get(ref("b/r1")) or _request("r1"), writer="rita@b")
    desk.book.__init__()
    desk.begin().steps(3)

    assert ("Cancelled", "LedgerRestarted") == (desk.phase("r1"), desk.reason("r1"))
    assert [] == desk.hands.ran


def _request(name):
    return request(f"b/{name}", "vdi", "rita@b")


@pytest.mark.parametrize("creator", ["bea@b", "system:serviceaccount:assent-system:assent-portal", ""])
def test_whoever_creates_in_anothers_name_proves_nothing(desk, creator):
    """A request counts as its requester's where their own login created it, and holds otherwise."""
    desk.objects.put(_request("r1"), writer=creator)
    desk.touch("r1").step()

    assert ("Submitted", "RequesterUnproven") == (desk.phase("r1"), desk.reason("r1"))


def test_a_requester_who_is_declared_later(desk):
    """A login that becomes a person's is proven from then on."""
    desk.ask("r1", who="nina@b")
    unknown = desk.reason("r1")
    desk.objects.put(user("b/nina", "asks", username="nina@b"), writer="admin")
    desk.controller.resync()
    desk.step()

    assert ("RequesterUnknown", "PendingApproval") == (unknown, desk.phase("r1"))
    assert ref("b/nina") == desk.case("r1").proven_by


def test_rule_8_another_object_under_a_used_name(desk):
    """A request that is deleted and added again under its name is another one, and invalid."""
    desk.ask("r1")
    line = desk.line("r1")
    del desk.objects.asked[ref("b/r1")]
    desk.ask("r1")
    desk.annotate("r1", line).steps(3)

    assert ("Invalid", "NameUsedBefore") == (desk.phase("r1"), desk.reason("r1"))
    assert [] == desk.hands.ran


def test_an_object_that_is_deleted_never_runs(desk):
    """Whoever deletes a request's object behind everybody's back has cancelled it."""
    desk.ask("r1")
    desk.approve("r1")
    del desk.objects.asked[ref("b/r1")]
    desk.steps(3)

    assert ("Cancelled", "ObjectDeleted") == (desk.phase("r1"), desk.reason("r1"))
    assert [] == desk.hands.ran


def test_an_object_that_a_list_does_not_hold_is_gone(desk):
    """A deletion of which no event told shows at the next look at everything."""
    desk.ask("r1")
    del desk.objects.asked[ref("b/r1")]
    quiet = desk.step() and desk.phase("r1")
    desk.wait(61).step()

    assert ("PendingApproval", "Cancelled") == (quiet, desk.phase("r1"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("approve as rita@b for {digest}", "SelfApproval", id="the requester"),
        pytest.param("approve as max@b for {digest}", "", id="a manager may"),
        pytest.param("approve as cleo@c for {digest}", "NotAnApprover", id="from below"),
        pytest.param("approve as nobody@b for {digest}", "UnknownSigner", id="a login that is nobody's"),
        pytest.param("approve as bea@b for " + "0" * 64, "DigestStale", id="another digest"),
        pytest.param("please", "Malformed", id="no decision"),
    ],
)
def test_who_counts(desk, line, word):
    """An entry is judged once, by the rules of Git mode, and why it does not count stands in the ledger."""
    desk.ask("r1")
    desk.annotate("r1", line.format(digest=desk.case("r1").digest)).steps(2)

    assert ([word] if word else []) == desk.uncounted("r1")
    assert 1 == len(desk.case("r1").voices)


def test_an_entry_taken_back_takes_nothing_back(desk):
    """Decisions are read from the ledger alone: a later edit of the annotation changes nothing."""
    desk = Desk(
        approvals=[
            {"flow": {"organization": "platform", "name": "f"}},
            {"flow": {"organization": "platform", "name": "f"}},
        ]
    )
    desk.ask("r1")
    desk.approve("r1").step()
    desk.annotate("r1").steps(2)

    assert ["bea@b"] == [voice.username for voice in desk.case("r1").voices]


def test_rule_20_entries_wait_while_admission_is_not_proven(desk):
    """While a forgery passes, or none can be tried, no entry counts; the request says why it waits."""
    desk.ask("r1")
    desk.policies.found = Examined("one", None, "the canary cannot try them")
    summary = desk.approve("r1").steps(2)
    waits = desk.phase("r1")
    desk.policies.found = Examined("one", True)
    desk.touch("r1").steps(3)

    assert ("PendingApproval", "Succeeded") == (waits, desk.phase("r1"))
    assert [] == desk.uncounted("r1")
    assert not summary.held or "the canary cannot try them" in summary.held[0]


@pytest.mark.parametrize("between", [Examined("two", True), Examined("one", False, "a forgery passed")])
def test_rule_20_what_was_written_across_a_change_must_be_written_again(desk, between):
    """Nobody can tell who wrote what was first seen while the policies were others; by another entry it counts."""
    desk.ask("r1")
    desk.policies.found = between
    desk.approve("r1").step()
    desk.policies.found = Examined("two", True)
    desk.touch("r1").step()
    void, waits = desk.uncounted("r1"), desk.phase("r1")
    desk.annotate("r1", desk.line("r1"), f"{desk.line('r1')} because it is so").steps(3)

    assert (["ApprovalsUntrusted"], "PendingApproval", "Succeeded") == (void, waits, desk.phase("r1"))


def test_rule_20_a_restart_remembers_what_was_proven(desk):
    """What was written while no controller looked counts only where the policies are those that were proven."""
    desk.ask("r1")
    line = desk.line("r1")
    desk.begin()
    desk.policies.found = Examined("changed meanwhile", True)
    desk.annotate("r1", line).steps(3)

    assert ["ApprovalsUntrusted"] == desk.uncounted("r1")
    assert [] == desk.hands.ran


def test_policies_that_were_not_proven_are_looked_at_again_soon(desk):
    """Nobody waits half a minute for an operator that came while an API server was still busy with its policies."""
    desk.policies.found = Examined("changed a moment ago", None)
    desk.begin().step()
    first, desk.policies.found = desk.controller.trusted, Examined("settled", True)
    desk.wait(UNPROVEN).step()

    assert (False, True) == (first, desk.controller.trusted)


def test_rule_11_an_approver_who_lost_the_right_before_the_claim(desk):
    """A right that is lost while the request waits for another stage does not count when it would run."""
    desk.ask("r1")
    desk.approve("r1")
    desk.hands.refuses = "not yet"
    desk.steps(2)
    desk.objects.put(user("b/bea", "approves", suspended=True), writer="admin")
    desk.hands.refuses = None
    desk.controller.resync()
    desk.steps(2)

    assert ("PendingApproval", []) == (desk.phase("r1"), desk.hands.ran)


def test_an_approver_of_a_later_day_does_not_count():
    """Nobody is made an approver for a request that already waits."""
    desk = Desk(user("b/late", "asks", username="late@b"))
    desk.ask("r1")
    desk.objects.put(user("b/late", "approves", username="late@b"), writer="admin")
    desk.controller.resync()
    desk.step()
    desk.approve("r1", "late@b").steps(2)

    assert ["ApproverTooNew"] == desk.uncounted("r1")


def test_a_name_that_somebody_else_gave_is_too_new(desk):
    """A login that another person wrote into a User counts for no request that waits already; one's own does."""
    desk.ask("r1")
    desk.objects.put(user("b/bea", "approves", aliases=["lent"]), writer="admin")
    desk.controller.resync()
    desk.step()
    desk.approve("r1", "lent").steps(2)

    assert ["NameTooNew"] == desk.uncounted("r1")


def test_what_did_not_change_keeps_its_origin_over_a_restart(desk):
    """A change of one part of a User makes no other part of it new, though documents are not kept."""
    desk.ask("r1")
    desk.begin()
    desk.objects.put(user("b/bea", "approves", displayName="Bea"), writer="admin")
    desk.controller.resync()
    desk.step()
    desk.approve("r1").steps(4)

    assert "Succeeded" == desk.phase("r1")


def test_who_wrote_what_stands_in_the_ledger(desk):
    """Each change of configuration is noted with the login that admission stamped, and the person whose it is."""
    desk.objects.put(role("b/extra", {"*": {"automate": "Viewer"}}), writer="max@b")
    desk.objects.put(role("b/other", {"*": {"automate": "Viewer"}}), writer="system:serviceaccount:argocd:agent")
    del desk.objects.held[ident("User/b/ben")]
    desk.controller.resync()
    desk.step()
    records = desk.book.of("configured")[-3:]

    assert [("", None), ("max@b", "b/max"), ("system:serviceaccount:argocd:agent", None)] == [
        (one.body["writer"], one.body["author"]) for one in records
    ]
    assert ["User/b/ben"] == [one["document"] for one in records[0].body["changes"]]


def test_a_document_that_its_kind_refuses_is_not_in_force(desk):
    """What the models refuse though the API server took it is unknown: it is not in force, and noted once."""
    bad = desk.objects.held[ident("User/b/bea")].document.plain()
    bad["spec"]["username"] = "two words and\ta tab"
    desk.objects.put(bad, writer="admin")
    desk.controller.resync()
    desk.steps(2)
    noted = len(desk.book.of("configured"))
    desk.controller.resync()
    desk.step()

    assert None is desk.controller.knowledge.world.get(ident("User/b/bea"))
    assert "Invalid" == desk.controller.knowledge.state.standing[ident("User/b/bea")].reason
    assert noted == len(desk.book.of("configured"))


REMOTE = {"run": {"job": {"image": "registry.example/a@sha256:" + "0" * 64}}}


def running(desk):
    desk.ask("r1")
    desk.approve("r1").steps(2)
    return desk


def test_many_passes_in_a_second_look_once_at_what_goes_on():
    """An approval that comes beside a hundred running Jobs does not wait for a look at each of them."""
    desk = running(Desk(**REMOTE))
    before = desk.yard.looks
    for _ in range(5):
        desk.controller.step(desk.wait(0.1).moment)
    soon = desk.yard.looks - before
    desk.wait(1).step()

    assert (0, 1) == (soon, desk.yard.looks - before - soon)


def test_what_something_new_was_told_of_comes_before_what_runs():
    """A run is prepared before anybody looks at another one that has gone on for a while."""
    desk = running(Desk(concurrency=9, **REMOTE))
    desk.ask("r2")
    desk.approve("r2")
    desk.points.clear()
    desk.yard.ends[next(iter(desk.case("r1").results))] = "Succeeded"
    desk.step()

    assert desk.points.index("prepared") < desk.points.index("ran")


def test_a_run_elsewhere_is_prepared_announced_and_let_go():
    """Its handle is in the ledger before it is let go, and its end is recorded once it is seen."""
    desk = running(Desk(**REMOTE))
    execution = next(iter(desk.case("r1").results))
    runs = desk.phase("r1")
    desk.yard.ends[execution] = "Succeeded"
    desk.steps(2)

    assert ("Running", "Succeeded") == (runs, desk.phase("r1"))
    assert "handle-1" == desk.book.of("acted")[0].body["handle"]
    assert desk.points.index("prepared") < desk.points.index("acted") < desk.points.index("running")


def test_another_process_goes_on_with_a_run_elsewhere():
    """What goes on under a name of its own is not lost with the process that started it."""
    desk = running(Desk(**REMOTE))
    execution = next(iter(desk.case("r1").results))
    desk.begin().step()
    runs = desk.phase("r1")
    desk.yard.ends[execution] = "Failed"
    desk.steps(2)

    assert ("Running", "Failed") == (runs, desk.phase("r1"))
    assert 1 == len(desk.yard.there)


def test_rule_6_a_run_elsewhere_that_vanished_is_unknown():
    """Nobody can know how it ended, so a person settles it; it is not started again."""
    desk = running(Desk(**REMOTE))
    desk.yard.there.clear()
    desk.steps(2)

    assert ("Unknown", {}) == (desk.phase("r1"), desk.yard.there)


def test_rule_5_a_name_that_is_taken_fails():
    """What stands under the name of a run and is not ours is never taken for it."""
    desk = Desk(**REMOTE)
    desk.yard.foreign = True
    running(desk)

    assert "Failed" == desk.phase("r1")
    assert "the name is taken" in desk.status("r1")["results"][0]["message"]


def test_what_cannot_be_seen_is_looked_at_again():
    """While the API server does not answer, a run stands as it stood."""
    desk = Desk(**REMOTE)
    desk.yard.blind = True
    summary = running(desk).step()
    desk.yard.blind = False
    desk.steps(2)

    assert "Running" == desk.phase("r1")
    assert ["b/r1: no answer"] == [*summary.held]
    assert 1 == len(desk.yard.going)


@pytest.mark.parametrize("point", ["claimed", "preparing", "prepared", "acting", "acted", "running"])
def test_rule_2_killed_anywhere_a_run_elsewhere_goes_on_once(point):
    """Wherever the process ends, the next one finds what is there, and lets it go once."""
    desk = Desk(**REMOTE)
    desk.ask("r1")

    def crossed(name):
        if name == point:
            raise KeyboardInterrupt

    desk.controller.crossed = desk.controller.remote._crossed = crossed
    with pytest.raises(KeyboardInterrupt):
        desk.approve("r1").steps(2)
    desk.begin().steps(3)
    execution = next(iter(desk.case("r1").results))
    desk.yard.ends[execution] = "Succeeded"
    desk.steps(2)

    assert ("Succeeded", 1, {execution}) == (desk.phase("r1"), len(desk.yard.there), desk.yard.going)


def test_rule_4_two_controllers_on_one_ledger_claim_once(desk):
    """Whoever comes second finds the claim, or a record that it did not know, and looks again."""
    desk.ask("r1")
    desk.approve("r1").step()
    other = Desk.__new__(Desk)
    other.__dict__.update(desk.__dict__)
    desk.ask("r2")
    other.begin(patience=60.0)
    desk.approve("r2")
    other.controller.touch(ref("b/r2"))
    for _ in range(4):
        for one in (desk, other):
            try:
                one.step()
            except ConflictError:
                continue

    assert 2 == len(desk.hands.ran)
    assert {"Succeeded"} == {desk.phase("r1"), desk.phase("r2")}


def test_rule_3_a_write_that_failed_is_read_again(desk):
    """An append that took effect though it failed is found in the ledger, and done no second time."""
    desk.ask("r1")
    desk.book.fails, desk.book.late = 1, True
    desk.approve("r1")
    with pytest.raises(LedgerError):
        desk.step()
    desk.steps(4)

    assert "Succeeded" == desk.phase("r1")
    assert 1 == len(desk.hands.ran)
    assert isinstance(desk.case("r1"), Case)


def test_rule_45_a_restored_api_server_runs_nothing_until_somebody_confirms(desk):
    """Where the API server's version goes back, what was approved waits, also over a restart, and then runs once."""
    desk.ask("r1")
    desk.approve("r1")
    desk.objects.reached = 50
    desk.wait(61)
    paused = desk.steps(2).paused
    desk.begin().steps(2)
    waits = desk.phase("r1")
    desk.begin(confirmed=True).steps(4)

    assert "went back from version 100 to 50" in paused
    assert ("Approved", "Succeeded") == (waits, desk.phase("r1"))
    assert 1 == len(desk.hands.ran)


def test_rule_18_what_was_written_before_the_claim_is_not_overtaken(desk):
    """A withdrawal that another process records between the last read and the claim wins: nothing is claimed."""
    desk.ask("r1")
    desk.approve("r1")
    other = Desk.__new__(Desk)
    other.__dict__.update(desk.__dict__)

    def crossed(point):
        if point == "claiming" and not desk.book.of("ended"):
            desk.objects.asked[ref("b/r1")] = withdrawn
            other.begin()
            other.touch("r1").step()

    asked = desk.objects.asked[ref("b/r1")]
    withdrawn = desk.annotate("r1", "withdraw as rita@b") and desk.objects.asked[ref("b/r1")]
    desk.objects.asked[ref("b/r1")] = asked
    desk.controller.crossed = crossed
    with pytest.raises(ConflictError):
        desk.steps(2)
    desk.steps(3)

    assert "Withdrawn" == desk.phase("r1")
    assert ([], []) == (desk.hands.ran, desk.book.of("claimed"))


def test_rule_20_a_request_waits_unseen_while_admission_is_not_proven(desk):
    """Who created it could be forged, so nothing is noted of a new request until that can be told."""
    desk.policies.found = Examined("one", None, "the canary cannot try them")
    waits = desk.ask("r1").held
    noted = desk.book.of("observed")
    desk.policies.found = Examined("one", True)
    desk.touch("r1").step()

    assert ("b/r1 waits: the canary cannot try them",) == waits
    assert [] == noted
    assert "PendingApproval" == desk.phase("r1")


def test_rule_20_a_request_of_a_gap_is_nobodys(desk):
    """A request first seen across a change of the policies proves nothing, however often it is looked at later."""
    desk.policies.found = Examined("two", True)
    desk.ask("r1")
    desk.touch("r1").steps(3)

    assert ("Submitted", "RequesterUnproven") == (desk.phase("r1"), desk.reason("r1"))


def test_rule_20_a_creator_is_remembered_as_first_seen(desk):
    """What is written over an object's creator later, while nothing refuses it, changes nothing."""
    desk.objects.put(_request("r1"), writer="forger")
    desk.touch("r1").step()
    desk.objects.put(_request("r1"), writer="rita@b")
    desk.touch("r1").steps(2)

    assert "RequesterUnproven" == desk.reason("r1")


def test_rule_20_who_wrote_configuration_in_a_gap_is_unknown(desk):
    """A writer's name that could have been forged is taken for nobody's."""
    desk.policies.found = Examined("two", True)
    desk.objects.put(role("b/extra", {"*": {"automate": "Viewer"}}), writer="max@b")
    desk.controller.resync()
    desk.step()

    assert ("", None) == (desk.book.of("configured")[-1].body["writer"], desk.book.of("configured")[-1].body["author"])


def test_rule_28_one_request_that_is_refused_stands_in_no_others_way(desk, monkeypatch):
    """What the API server keeps refusing for one request is said of it, and the next ones run."""
    desk.ask("r1")
    desk.ask("r2")
    check = desk.hands.check

    def refusing(plan):
        if plan.request == "b/r1":
            raise ClusterError("somebody's webhook is away", status=500)
        return check(plan)

    monkeypatch.setattr(desk.hands, "check", refusing)
    desk.approve("r1")
    desk.approve("r2")
    held = desk.steps(3).held

    assert ("Approved", "Succeeded") == (desk.phase("r1"), desk.phase("r2"))
    assert ("b/r1: somebody's webhook is away",) == held


def test_rule_7_nothing_counts_while_the_object_says_something_else(desk):
    """Where a spec was changed behind everybody's back, nobody can tell what the approver read: it waits."""
    desk.ask("r1")
    line = desk.line("r1")
    desk.objects.put(request("b/r1", "vdi", "rita@b", reason="another"), writer="rita@b")
    desk.annotate("r1", line).steps(3)

    assert ["ApprovalsUntrusted"] == desk.uncounted("r1")
    assert ("PendingApproval", []) == (desk.phase("r1"), desk.hands.ran)


def test_one_person_does_not_fill_the_ledger(desk):
    """After 32 verdicts on one person's lines on a request, what they write there is unheard; others are heard."""
    desk.ask("r1")
    for number in range(50):
        desk.annotate("r1", f"reject as rita@b because of {number}").step()
    voices = len(desk.case("r1").voices)
    desk.approve("r1").steps(3)

    assert (32, "Succeeded") == (voices, desk.phase("r1"))
