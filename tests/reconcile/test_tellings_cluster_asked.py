"""A request that somebody asked for in the panel of a cluster is theirs, though the panel's account created it."""

import pytest

from builders import ref, request
from reconcile.cluster_desk import Desk
from tellings import asking, write

PANEL = "system:serviceaccount:assent-system:assent-panel"


@pytest.mark.parametrize("first", ["evidence", "object"])
def test_what_was_asked_for_in_the_panel_is_its_requesters(first):
    """The panel's account created it; that its requester asked for this very spec is in the ledger."""
    desk, mine = Desk(), request("b/r1", "vdi", "rita@b")
    steps = [
        lambda: write(desk.book, asking(mine.plain()["spec"])),
        lambda: desk.objects.put(mine, writer=PANEL) and desk.touch("r1"),
    ]
    for step in steps if first == "evidence" else reversed(steps):
        step()
        desk.step()

    assert ("PendingApproval", ref("b/rita"), PANEL) == (
        desk.phase("r1"),
        desk.case("r1").proven_by,
        desk.case("r1").creator,
    )
    records = len(desk.book.pages)
    desk.steps(2)
    assert records == len(desk.book.pages)


@pytest.mark.parametrize("first", ["evidence", "object"])
@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(asking({"microservice": {"name": "vdi"}, "requester": "rita@b"}, "bea@b"), id="another-person"),
        pytest.param(
            asking({"microservice": {"name": "vdi"}, "requester": "rita@b"}, request="b/r2"), id="another-name"
        ),
        pytest.param(
            asking({"microservice": {"name": "vdi"}, "requester": "rita@b", "reason": "x"}), id="another-spec"
        ),
    ],
)
def test_what_was_not_asked_for_stays_unproven(evidence, first):
    """What the panel's account creates proves nothing by itself, nor with evidence of anything else."""
    desk, mine = Desk(), request("b/r1", "vdi", "rita@b")
    steps = [lambda: write(desk.book, evidence), lambda: desk.objects.put(mine, writer=PANEL) and desk.touch("r1")]
    for step in steps if first == "evidence" else reversed(steps):
        step()
        desk.step()

    assert ("Submitted", "RequesterUnproven") == (desk.phase("r1"), desk.reason("r1"))


def test_a_name_that_is_used_already_is_asked_for_in_vain():
    """Evidence on a name that a request has had does nothing, even where it says the same."""
    desk = Desk()
    desk.ask("r1")
    desk.annotate("r1", "withdraw as rita@b").steps(2)
    write(desk.book, asking(desk.case("r1").spec.plain()))
    before = desk.case("r1")
    desk.steps(2)

    assert (before, "asked") == (desk.case("r1"), desk.book.pages[-1].kind)
