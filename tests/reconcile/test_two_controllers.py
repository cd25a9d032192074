"""Two controllers of one cluster on one ledger: what one wrote the other knows before it acts, and before it shows."""

import pytest

from builders import ref
from reconcile.cluster_desk import Desk


@pytest.fixture
def desk():
    return Desk()


def beside(desk):
    """Another controller of the same objects, with the same ledger, hands and clock."""
    other = Desk.__new__(Desk)
    other.__dict__.update(desk.__dict__)
    return other.begin(patience=60.0)


def test_rule_4_what_another_one_ended_is_known_before_it_is_shown(desk):
    """A controller with nothing to write of its own reads on in the ledger before it tells people how things stand."""
    desk.ask("r1")
    other = beside(desk)
    other.annotate("r1", "withdraw as rita@b").step()
    desk.controller.to_show.clear()
    desk.touch("r1").step()

    assert "Withdrawn" == desk.phase("r1")
    assert {ref("b/r1")} == desk.controller.to_show


def test_rule_45_a_newer_list_of_another_one_is_no_restored_backup(desk):
    """The ledger knows a later version of the API server than this controller's last list: that was another's list."""
    other = beside(desk)
    desk.objects.reached += 10
    other.controller.resync()
    other.ask("r1")
    desk.objects.reached -= 5
    desk.touch("r1").step()
    desk.objects.reached += 20
    desk.controller.resync()
    desk.approve("r1").steps(3)

    assert "Succeeded" == desk.phase("r1")
