"""When nothing may be started: a clock that cannot be trusted, and a root that is not."""

from datetime import timedelta

import pytest

from assent.errors import HistoryError
from assent.reconcile.passes import Controller, Moment
from builders import request
from core.lives import NOW, company
from core.memory import Book, Branch
from core.papers import ROOT, commit
from reconcile.desk import Desk, approved, killed_at


@pytest.mark.parametrize(
    ("seconds", "claimed"),
    [
        pytest.param(59, True, id="a-small-correction"),
        pytest.param(-59, True, id="a-small-one-back"),
        pytest.param(61, False, id="a-jump"),
        pytest.param(-61, False, id="a-jump-back"),
        pytest.param(86400, False, id="a-day"),
    ],
)
def test_rule_19_a_clock_that_jumps_starts_nothing(seconds, claimed):
    """Rule 19: where the time of day moves against the monotonic clock, nothing is started at that pass."""
    desk = approved("r1")
    desk.now += timedelta(seconds=seconds)
    summary = desk.step()

    assert (claimed, not claimed) == (summary.started == 1, "clock" in summary.paused)
    assert 2 == summary.commits + 1


def test_rule_19_a_clock_behind_the_ledger_starts_nothing():
    """Rule 19: a controller whose clock says less than the ledger's newest record waits until it is past it."""
    desk = approved("r1")
    desk.hands.refuses = "not yet"
    desk.wait(7200).step()
    desk.hands.refuses = None
    desk.now -= timedelta(seconds=3600)
    desk.begin()
    assert "before the ledger's own" in desk.step().paused
    assert [] == desk.hands.ran
    desk.wait(3600).step()

    assert 1 == len(desk.hands.ran)


def test_a_paused_pass_starts_nothing_that_was_claimed():
    """What was claimed by a process that is gone waits as well, until the clock can be trusted."""
    desk = killed_at(approved("r1"), "claimed")
    desk.now -= timedelta(seconds=3600)
    desk.begin().step()
    assert ([], "Running") == (desk.hands.ran, desk.phase("r1"))
    desk.wait(3600).step()

    assert "Succeeded" == desk.phase("r1")


def test_a_paused_pass_still_judges():
    """A pass that starts nothing still reads the branch, hears what is said, and ends what somebody ends."""
    desk = Desk().open("r1")
    desk.step()
    desk.add(commit("b/rita", says=[("b/r1", "withdraw as rita@b")]))
    desk.now += timedelta(hours=1)
    summary = desk.step()

    assert (True, 1, "Withdrawn") == (bool(summary.paused), summary.commits, desk.phase("r1"))


def test_an_empty_ledger_needs_a_first_trusted_commit():
    """Without one nothing begins; with one its documents are in force as they stand."""
    branch, book = Branch(*company()), Book()
    controller = Controller(branch, book, {})

    with pytest.raises(HistoryError, match="no first trusted commit is named"):
        controller.start(Moment(NOW, 0.0))
    with pytest.raises(HistoryError, match="has not started"):
        _ = Controller(branch, book, {}).knowledge
    controller.start(Moment(NOW, 0.0), ROOT)
    assert "b" in controller.knowledge.world.organizations.by_name


def test_requests_of_the_first_trusted_commit_never_run():
    """Requests in the trust root's tree are Cancelled, and their names are used."""
    desk = Desk(request("b/old", "vdi", "rita@b"))
    desk.open("old").steps(2)

    assert ("Cancelled", [], None) == (desk.phase("old"), desk.hands.ran, desk.decision("old").claim)


def test_naming_the_recorded_root_again_changes_nothing():
    """A controller that is started with the root that it knows goes on where it was."""
    desk = approved("r1")
    desk.steps(2)
    before = len(desk.book.pages)
    desk.begin(ROOT).steps(1)

    assert before == len(desk.book.pages)
    with pytest.raises(HistoryError, match="the branch does not contain"):
        desk.begin("f" * 40)


def test_what_was_judged_is_not_trusted_instead():
    """Another root is taken only where the branch was rewritten; what follows the recorded one is judged."""
    desk = Desk().open("r1")
    desk.steps(1)

    with pytest.raises(HistoryError, match="has judged all up to"):
        desk.begin(desk.branch.head())


def test_rule_39_a_branch_that_does_not_follow_is_not_read():
    """Rule 39: a rewritten branch stops the pass with a sentence, and nothing is written."""
    desk = approved("r1")
    desk.branch.rewritten = True
    before = len(desk.book.pages)

    with pytest.raises(HistoryError, match="does not follow"):
        desk.step()
    assert (before, []) == (len(desk.book.pages), desk.hands.ran)
