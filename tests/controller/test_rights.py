"""Rights that come and go while a request waits (rule 11)."""

import pytest

from controller.deciding import INGRID, MARIA, approve, ask, line, words


def lower(ground):
    value = ground.value("accessrole/acme/acme-managers")
    value["spec"]["entries"][0]["levels"] = {"portal": "User", "automate": "Requester"}
    ground.commit("alba", value)


def change(**spec):
    return lambda ground: ground.change("alba", "user/acme/maria", **spec)


LOST = {
    "another role": (change(role={"name": "acme-viewers"}), "RightLost"),
    "suspended": (change(suspended=True), "Suspended"),
    "gone": (lambda ground: ground.commit("alba", files={"user/acme/maria.yaml": None}), "RightLost"),
    "a lower level": (lower, "RightLost"),
}


@pytest.mark.parametrize("moment", ["between", "in front", "behind"])
@pytest.mark.parametrize(("revoke", "word"), LOST.values(), ids=LOST)
def test_rule_11_a_right_that_is_lost_before_execution_does_not_count(ground, passing, revoke, word, moment):
    """Rule 11: Maria has approved; her right is taken away before, with and behind the approval that was missing."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    if moment != "behind":
        revoke(ground)
    if moment == "between":
        passing.rest()
    ground.decide("ingrid", "vdi", line(passing, INGRID))
    if moment == "behind":
        revoke(ground)
    passing.rest()

    assert (MARIA, word) in passing.uncounted("vdi")
    assert ("PendingApproval", "manager") == (passing.phase("vdi"), passing.status("vdi")["waitingFor"])
    assert [] == ground.started()


def test_rule_11_a_right_that_is_back_counts_again(ground, passing):
    """Rule 11: it is the moment of execution that counts; what the ledger heard stays heard."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    ground.change("alba", "user/acme/maria", suspended=True)
    approve(ground, passing, "ingrid")
    assert "PendingApproval" == passing.phase("vdi")
    ground.change("alba", "user/acme/maria", suspended=False)
    passing.rest()

    assert "Succeeded" == passing.phase("vdi")


def test_nobody_is_made_an_approver_for_a_request_that_waits(ground, passing):
    """Ana becomes a manager after the request was first seen: she decides later requests, not this one."""
    ask(ground, passing, "one")
    ground.change("alba", "user/acme/ana", role={"name": "acme-managers"})
    approve(ground, passing, "ana")
    assert ["ApproverTooNew"] == words(passing)
    approve(ground, ask(ground, passing, "one", name="later"), "ana", name="later")

    assert ("PendingApproval", "Succeeded") == (passing.phase("vdi"), passing.phase("later"))
