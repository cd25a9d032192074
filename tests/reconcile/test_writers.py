"""A ledger that fails, and another controller that writes to it."""

import pytest

from assent.errors import ConflictError, LedgerError
from assent.reconcile.passes import Controller
from reconcile.desk import approved


@pytest.mark.parametrize("late", [False, True], ids=["without-effect", "with-effect"])
@pytest.mark.parametrize("number", range(7))
def test_rule_3_a_write_that_fails_is_looked_up_and_not_repeated(number, late):
    """Rule 3: whichever write fails, whether it took effect or not, the run is claimed once and runs once at most."""
    desk = approved("r1")
    for _ in range(8):
        due = desk.book.appends >= 4 + number
        desk.book.late, desk.book.fails = late, int(due and not desk.points.count("failed"))
        if desk.book.fails:
            desk.points.append("failed")
        try:
            desk.wait().step()
        except LedgerError:
            desk.book.fails = 0

    assert 1 == len(desk.book.of("claimed")) == len(desk.book.of("acted"))
    assert 1 >= len(desk.hands.ran)
    assert desk.phase("r1") in ("Succeeded", "Unknown")


def test_an_end_that_could_not_be_recorded_is_recorded_later():
    """Rule 3: where the end of an execution cannot be written, it is kept until it can; nothing runs again for it."""
    desk = approved("r1")
    summary = desk.controller.step(desk.moment)
    for one in desk.controller.workshop._going.values():
        one.future.result()
    desk.book.fails = 1
    with pytest.raises(LedgerError):
        desk.controller.collect(desk.moment, summary)
    assert "Running" == desk.phase("r1")
    desk.controller.collect(desk.moment, summary)

    assert ("Succeeded", 1) == (desk.phase("r1"), len(desk.hands.ran))


def test_rule_18_of_two_controllers_one_claims():
    """Rules 4 and 18: where two decide at once, the ledger takes one claim, and the other is told and reads again."""
    desk = approved("r1")
    desk.hands.refuses = "not yet"
    desk.step()
    desk.hands.refuses = None
    other = Controller(desk.branch, desk.book, desk.runners, lambda point: point == "claiming" and desk.step())
    other.start(desk.moment)
    desk.wait()

    with pytest.raises(ConflictError):
        other.step(desk.moment)
    summary = other.step(desk.moment)
    assert (0, 0, 1) == (summary.started, summary.waiting, len(desk.hands.ran))
    assert other.knowledge.state == desk.controller.knowledge.state


def test_what_somebody_else_wrote_is_read_first():
    """Where other records came in between, what was judged beside them is read again before anything is run."""
    desk = approved("r1")
    other = Controller(desk.branch, desk.book, {})
    other.start(desk.moment)
    other.step(desk.moment)
    desk.points.clear()
    desk.wait().step()

    assert "judged" not in desk.points
    assert ("Succeeded", 1) == (desk.phase("r1"), len(desk.hands.ran))
