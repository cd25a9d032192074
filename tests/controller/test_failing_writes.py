"""Rule 3: a write to the ledger that fails, before or after it took effect, repeats nothing and loses nothing."""

from functools import partial

import pytest

from assent.errors import LedgerError
from controller import declared, history
from controller.ground import Ground
from controller.story import EXPECTED, told

FIRST, LAST = 2, 51
"""The appends that fail, one a telling: all but the first, without which the controller does not start."""


class Failing:
    """A ledger of which one append fails: as if the disk were full, or as if the answer had got lost."""

    def __init__(self, ledger, number, *, took_effect):
        self.ledger = ledger
        self.number = number
        self.took_effect = took_effect
        self.appends = []

    def records(self, after=0):
        return self.ledger.records(after)

    def reach(self):
        return self.ledger.reach()

    def append(self, records, at, after=None):
        self.appends.append(records[0].kind)
        failing = len(self.appends) == self.number
        if failing and not self.took_effect:
            raise LedgerError("the disk is full")
        written = self.ledger.append(records, at, after)
        if failing:
            raise LedgerError("the answer got lost")
        return written


@pytest.fixture(scope="module")
def story(shared):
    return told(Ground(shared / "story").build())


def played(story, ground, number, *, took_effect):
    """The story in one process that goes on after every refusal; what was appended."""
    ground.point(story.root)
    with ground.controller(story.root, wrap=partial(Failing, number=number, took_effect=took_effect)) as driver:
        for head in story.heads:
            ground.point(head)
            driver.rest_in_the_end()
    return driver.controller.ledger.appends


@pytest.mark.parametrize("number", range(FIRST, LAST + 1, 2))
def test_rule_3_a_write_that_fails_changes_nothing(story, root, number):
    """Rule 3: what was not written is written later; every request comes to the end that it always comes to."""
    ground = story.ground.copied(root / "ground")

    played(story, ground, number, took_effect=False)

    assert EXPECTED == history.phases(history.check(ground))


@pytest.mark.parametrize("number", range(FIRST, LAST + 1))
def test_rule_3_a_write_that_fails_after_its_effect_is_not_repeated(story, root, number):
    """Rule 3: what was written all the same stands; only a start that nobody saw written leaves an unknown outcome."""
    ground = story.ground.copied(root / "ground")
    kind = "".join(played(story, ground, number, took_effect=True)[number - 1 : number])
    phases = history.phases(history.check(ground))
    unknown = {name for name, phase in phases.items() if phase == "Unknown"}

    assert {name: phase for name, phase in EXPECTED.items() if name not in unknown} == {
        name: phase for name, phase in phases.items() if name not in unknown
    }
    assert len(unknown) <= (kind == "acted")


def test_every_append_fails_once(story, root):
    """The story takes no more appends than the tests above let fail one by one."""
    assert LAST >= len(played(story, story.ground.copied(root / "ground"), 0, took_effect=False))


def test_rule_3_a_disk_that_stays_full_runs_nothing(ground):
    """Rule 3: without the claim in the ledger no program is started, however often it is tried."""

    class Full(Failing):
        def append(self, records, at, after=None):
            if records[0].kind == "claimed":
                raise LedgerError("the disk is full")
            return self.ledger.append(records, at, after)

    root = ground.head()
    ground.commit("juan", declared.request("plain", "note"))
    with ground.controller(root, wrap=partial(Full, number=0, took_effect=False)) as driver:
        for _ in range(3):
            with pytest.raises(LedgerError, match="full"):
                driver.step()

        assert "Approved" == driver.phase("plain")
    assert [] == ground.started()
