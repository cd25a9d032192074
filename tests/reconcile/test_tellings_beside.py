"""Panel and mail write while a pass is going on: nothing is overtaken, and nothing is begun again for it."""

import time

import pytest

from assent.adapters import logs
from assent.cli import run
from assent.errors import ConflictError, LedgerError
from assent.reconcile.moments import Summary
from assent.reconcile.passes import Controller
from builders import ref
from reconcile.desk import Desk
from tellings import Busy, asking, left, mailing, telling, write

FREE = {"approvals": []}
KINDS = ("observed", "validated", "decided", "claimed", "acted", "recorded", "ended")


class Counting(Controller):
    """A controller that counts how often it begins from the ledger again."""

    recalls = 0

    def _recall(self):
        self.recalls += 1
        super()._recall()


def beside(desk, kind_of=Counting):
    """The desk with a ledger beside which others write, and a controller that counts."""
    desk.book = Busy()
    desk.controller = kind_of(desk.branch, desk.book, desk.runners, desk.points.append, desk.workers)
    desk.controller.start(desk.moment, desk.branch.head())
    desk.controller.recalls = 0
    return desk


def approved(*names):
    """A desk at which these requests are approved, and nothing has run."""
    desk = beside(Desk())
    desk.open(*names).step()
    return desk.approve(*names)


def withdrawal(name="b/r1"):
    return telling("rita@b", "withdraw as rita@b", request=name)


@pytest.mark.parametrize("kind", ["validated", "claimed"])
@pytest.mark.parametrize("said", ["withdraw", "cancel", "reject"])
def test_rule_18_what_is_told_before_the_claim_wins(kind, said):
    """Rule 18: told at any moment between the pass's read and its claim, a decision is judged before anything runs."""
    desk = beside(Desk(**FREE)) if kind == "validated" else approved("r1")
    if kind == "validated":
        desk.open("r1")
    lines = {
        "withdraw": ("rita@b", "withdraw as rita@b"),
        "cancel": ("max@b", "cancel as max@b because so"),
        "reject": ("bea@b", "reject as bea@b because no"),
    }
    desk.book.meanwhile = {kind: [telling(*lines[said])]}
    summary = desk.step()
    assert (0, [], []) == (summary.started, desk.hands.ran, desk.book.of("claimed"))
    assert desk.controller.told
    desk.wait().step()
    ended = {"withdraw": "Withdrawn", "cancel": "Cancelled", "reject": "Rejected"}[said]
    none = kind == "validated" and said == "reject"  # without a flow there is nobody to reject it

    assert ("Succeeded" if none else ended, 0) == (desk.phase("r1"), desk.controller.recalls)
    assert len(desk.hands.ran) == none


@pytest.mark.parametrize("kind", ["claimed", "acted", "recorded", "ended"])
def test_rule_18_what_is_told_while_another_one_is_claimed_wins_as_well(kind):
    """Rule 18: what was taken up by the way, for another request's sake, is not forgotten at the next claim."""
    desk = approved("r1", "r2")
    desk.book.meanwhile = {kind: [withdrawal("b/r2")]}
    desk.step()
    desk.wait().step()
    late = [voice.because for voice in desk.case("r2").voices if voice.verb == "withdraw"]

    assert "Succeeded" == desk.phase("r1")
    assert ("Withdrawn", [""]) == (desk.phase("r2"), late) if kind in {"claimed", "acted"} else late == ["RequestEnded"]
    assert ["b/r1", "b/r2"][: len(desk.hands.ran)] == [request for request, _ in desk.hands.ran]
    assert len(desk.hands.ran) == (1 if kind in {"claimed", "acted"} else 2)


def test_what_is_told_on_another_request_stops_no_claim():
    """The claim goes on in the same pass where the decision is on another request, or on none that there is."""
    desk = beside(Desk())
    desk.open("r1", "r2").step()
    desk.approve("r1")
    desk.book.meanwhile = {"claimed": [withdrawal("b/r2"), withdrawal("b/ghost"), mailing("rita@b"), left()]}
    summary = desk.step()

    assert (1, 0, "Succeeded") == (summary.started, desk.controller.recalls, desk.phase("r1"))
    assert "Withdrawn" == desk.steps(1).phase("r2")


@pytest.mark.parametrize("kind", KINDS)
def test_mails_and_sessions_stop_nothing_and_recall_nothing(kind):
    """What became of a mail and that somebody signed out is taken up at any moment; nothing is begun again for it."""
    desk = approved("r1")
    desk.open("r2")
    world = desk.controller.knowledge.world
    desk.book.meanwhile = {kind: [mailing("bea@b", state="Failed"), mailing(key="k2", request="b/ghost"), left()]}
    desk.step()

    assert {} == desk.book.meanwhile
    assert (0, "Succeeded", "PendingApproval") == (desk.controller.recalls, desk.phase("r1"), desk.phase("r2"))
    assert ({"k1"}, 1) == (set(desk.case("r1").mails), len(desk.controller.knowledge.state.signed_out))
    assert world is desk.controller.knowledge.world


def test_evidence_between_passes_recalls_nothing_and_decides_only_what_it_is_about():
    """Of a mail only its own request is looked at again; of the end of a session none."""
    desk = beside(Desk())
    desk.open("r1", "r2").step()
    kept = desk.controller.decisions[ref("b/r2")]
    world = desk.controller.knowledge.world
    write(desk.book, left(), mailing(state="Failed"))
    summary = desk.wait().step()

    assert (1, 0) == (summary.decided, desk.controller.recalls)
    assert kept is desk.controller.decisions[ref("b/r2")]
    assert world is desk.controller.knowledge.world


def test_a_mail_taken_up_by_the_way_is_shown():
    """A mail that failed while another request was written down is part of the very next decision on its own."""
    desk = beside(Desk())
    desk.open("r1", "r2")
    desk.book.meanwhile = {"validated": [mailing(state="Failed", request="b/r2")]}
    desk.step()

    assert {"k1"} == set(desk.controller.decisions[ref("b/r2")].case.mails)


def test_a_ledger_that_is_never_still_gives_the_pass_up():
    """Where others write at every single try the pass ends, and says so; the next one goes on."""

    class Restless(Busy):
        busy = False

        def append(self, records, at, after=None):
            if self.busy and records[0].kind == "claimed":
                super().append([left()], at)
            return super().append(records, at, after)

    desk = approved("r1")
    desk.book.__class__ = Restless
    desk.book.busy = True
    with pytest.raises(ConflictError):
        desk.step()
    desk.book.busy = False
    desk.wait().step()

    assert ("Succeeded", 1) == (desk.phase("r1"), len(desk.hands.ran))


def test_a_mail_wakes_nobody_and_a_decision_does():
    """What was told ends the pause between two passes, also where it was taken up by the way; a mail does not."""
    desk = beside(Desk())
    desk.open("r1").step()
    controller = desk.controller
    write(desk.book, mailing(), left(), asking({}, request="b/r9"))
    quiet = controller.listen()
    write(desk.book, withdrawal())
    loud = [controller.listen(), controller.listen(), controller.restless]
    desk.wait().step()

    assert (False, [True] * 3, False, False) == (quiet, loud, controller.listen(), controller.restless)


def test_what_another_controller_wrote_wakes():
    """Records that are no evidence are looked at in a pass."""
    desk = approved("r1")
    other = Controller(desk.branch, desk.book, {})
    other.start(desk.moment)
    other.step(desk.moment)

    assert desk.controller.listen()


@pytest.mark.parametrize("passed", [Summary(), None], ids=["behind-a-pass", "behind-one-that-failed"])
def test_rule_27_a_ledger_that_does_not_answer_ends_no_pause(passed, monkeypatch):
    """Rule 27: a look that fails between two passes is no end of the controller, and no reason to hurry."""
    desk = beside(Desk())

    def reach():
        raise LedgerError("the server is being restarted")

    desk.book.reach = reach
    monkeypatch.setattr(run, "SLICE", 0.01)
    began = time.monotonic()
    run._wait(desk.controller, logs.Style.AUTO, Stopped(), passed, pause=0.1, once=False)

    assert 0.1 <= time.monotonic() - began < 5


def test_rule_27_nobody_hurries_behind_a_pass_that_failed(monkeypatch):
    """Rule 27: what was told does not make a failing pass fail as often as anybody speaks."""
    desk = beside(Desk())
    write(desk.book, withdrawal())
    monkeypatch.setattr(run, "SLICE", 0.01)
    ways = []
    for passed in (None, Summary()):
        began = time.monotonic()
        run._wait(desk.controller, logs.Style.AUTO, Stopped(), passed, pause=1.0, once=False)
        ways.append(time.monotonic() - began >= 1)

    assert [True, False] == ways


class Stopped:
    """Nobody has asked for the end."""

    asked = False
