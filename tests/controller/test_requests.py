"""Requests that are changed, copied, taken away and added again, and decisions that race (rules 8 and 18)."""

import pytest

from controller import declared
from controller.deciding import INGRID, MARIA, REQUEST, approve, ask, line, words


def test_rule_8_an_approval_copied_to_another_request_does_not_count(ground, passing):
    """Rule 8: a line names one request's digest; on another it is stale, even where the approver commits it."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    copied = ground.value(REQUEST)["metadata"]["annotations"]
    twin = declared.request("twin", "two", parameters={})
    ground.commit("juan", {**twin, "metadata": {**twin["metadata"], "annotations": copied}})
    passing.rest()
    ground.decide("maria", "twin", line(passing, MARIA), entry="again")
    passing.rest()

    assert {(MARIA, "SignerMismatch"), (MARIA, "DigestStale")} == set(passing.uncounted("twin"))
    assert "manager" == passing.status("twin")["waitingFor"]
    assert "platform" == passing.status("vdi")["waitingFor"]


def test_rule_8_a_name_is_used_once(ground, passing):
    """Rule 8: a request that was taken away and added again, with its approvals, is Invalid and never runs."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    kept = ground.files(ground.head())[f"{REQUEST}.yaml"]
    ground.commit("juan", files={f"{REQUEST}.yaml": None})
    assert "Withdrawn" == passing.rest().phase("vdi")
    ground.commit("juan", files={f"{REQUEST}.yaml": kept})
    approve(ground, passing, "ingrid")

    assert ("Invalid", "NameUsedBefore") == (passing.phase("vdi"), passing.reason("vdi"))
    assert [] == ground.started()


def test_rule_8_taken_away_and_added_again_in_one_look(ground, passing):
    """Rule 8: the controller looks once, behind both commits; it makes no difference."""
    ask(ground, passing, "note", name="first")
    kept = ground.files(ground.head())["requests/acme/first.yaml"]
    ground.commit("juan", files={"requests/acme/first.yaml": None})
    ground.commit("juan", files={"requests/acme/first.yaml": kept})
    passing.rest()

    assert ("Invalid", "NameUsedBefore") == (passing.phase("first"), passing.refused("first"))
    assert 1 == len(ground.started())


def test_an_old_digest_is_stale_and_shown_so(ground, passing):
    """The microservice changes: whoever approved before approved something else."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    before = passing.digest("vdi")
    ground.change("olivia", "microservice/platform/two", costNote="about 40 EUR")
    passing.rest()

    assert before != passing.digest("vdi")
    assert [(MARIA, "DigestStale")] == passing.uncounted("vdi")
    ground.decide("ingrid", "vdi", f"approve as {INGRID} for {before}")
    assert {(MARIA, "DigestStale"), (INGRID, "DigestStale")} == set(passing.rest().uncounted("vdi"))
    assert [] == ground.started()


SHIFTED = {
    "the microservice": ("olivia", "microservice/platform/one", {"costNote": "twice as much"}),
    "its program": ("olivia", "microservice/platform/one", {"run": {"process": {"program": "slow"}}}),
    "the flow": ("olivia", "approvalflow/platform/manager", {"displayName": "Somebody"}),
    "the approvers": (
        "olivia",
        "approvalflow/platform/manager",
        {"stages": [{"name": "manager", "approvers": [{"users": [{"organization": "acme", "name": "marc"}]}]}]},
    ),
    "the organization's line": ("olivia", "organization/acme", {"parent": "northwind"}),
}


@pytest.mark.parametrize("order", ["before", "behind"])
@pytest.mark.parametrize(("by", "path", "spec"), SHIFTED.values(), ids=SHIFTED)
def test_rules_7_and_17_what_is_changed_beside_the_approval_is_not_approved(ground, passing, by, path, spec, order):
    """Rules 7, 15, 17: an input changes just before or behind the approval, and both are seen at once: nothing runs."""
    ground.commit("olivia", declared.document("Organization", "northwind", {"type": "Partner"}))
    ask(ground, passing, "one")
    approval = line(passing, MARIA)
    if order == "before":
        ground.change(by, path, **spec)
    ground.decide("maria", "vdi", approval)
    if order == "behind":
        ground.change(by, path, **spec)
    passing.rest()

    assert {} == passing.standing()
    assert words(passing) in (["DigestStale"], ["NotAnApprover"], ["RightLost"])
    assert [] == ground.started()


def test_a_request_in_somebody_elses_name_holds_until_it_is_proven(ground, passing):
    """Ana writes a request in Juan's name; it is his once he signs a commit that brings the same in."""
    base = ground.head()
    ground.commit("ana", declared.request("vdi", "note"))
    passing.rest()
    assert ("Submitted", "RequesterUnproven") == (passing.phase("vdi"), passing.reason("vdi"))
    ground.point(base, "aside")
    ground.commit("juan", declared.request("vdi", "note"), branch="aside")
    ground.merge("olivia", "aside")
    passing.rest()

    assert "Succeeded" == passing.phase("vdi")
    assert 1 == len(ground.started())


@pytest.mark.parametrize("by", [None, "ana", "alba", "maria"])
def test_only_the_requester_takes_an_open_request_away(ground, passing, by):
    """Somebody else's deletion is refused, and the request goes on as it was."""
    ask(ground, passing, "one")
    ground.commit(by, files={f"{REQUEST}.yaml": None})
    passing.rest()

    assert ("PendingApproval", "RequestDeleted") == (passing.phase("vdi"), passing.refused("vdi"))


@pytest.mark.parametrize("by", ["juan", "ana", "olivia", None])
def test_a_spec_never_changes(ground, passing, by):
    """Whoever changes a waiting request's spec, what was first seen stands and the change is refused."""
    ask(ground, passing, "one", parameters={"text": "as it was"})
    ground.change(by, REQUEST, parameters={"text": "changed"})
    passing.rest()
    assert "RequestChanged" == passing.refused("vdi")
    ground.decide("maria", "vdi", line(passing, MARIA))
    passing.rest()

    assert "-- as it was" == ground.started()[0][3]


ENDS = {
    "rejected by an approver": ("maria", f"reject as {MARIA} because no", "Rejected"),
    "withdrawn by its requester": ("juan", "withdraw as juan@acme.example", "Withdrawn"),
    "cancelled by an administrator": ("alba", "cancel as alba@acme.example because moved", "Cancelled"),
    "rejected by the requester": ("juan", "reject as juan@acme.example because no", "PendingApproval"),
    "withdrawn by another": ("maria", f"withdraw as {MARIA}", "PendingApproval"),
    "cancelled without the right": ("maria", f"cancel as {MARIA} because no", "PendingApproval"),
    "settled though nothing ran": ("alba", "settle-failed as alba@acme.example because no", "PendingApproval"),
}


@pytest.mark.parametrize(("by", "said", "phase"), ENDS.values(), ids=ENDS)
def test_who_ends_a_request_before_it_runs(ground, passing, by, said, phase):
    """Each verb is for whom it is for, and for nobody else."""
    ask(ground, passing, "one")
    ground.decide(by, "vdi", said)
    passing.rest()

    assert phase == passing.phase("vdi")
    assert [] == ground.started()


def test_rule_18_a_decision_that_comes_too_late_is_told_so(ground, passing):
    """Rule 18: approval and rejection race; what the ledger took first holds, and the loser's line says why not."""
    ask(ground, passing, "one")
    approve(ground, passing, "maria")
    ground.decide("marc", "vdi", "reject as marc@acme.example because no")
    ground.decide("juan", "vdi", "withdraw as juan@acme.example")
    passing.rest()

    assert "Succeeded" == passing.phase("vdi")
    assert {"RequestEnded"} == set(words(passing))


def test_rule_18_of_two_branches_the_order_of_the_history_decides(ground, passing):
    """Rule 18: approved on one branch and rejected on another, merged before anybody looked: it is rejected."""
    ask(ground, passing, "one")
    path = f"{REQUEST}.yaml"
    ground.point(ground.head(), "aside")
    ground.decide("maria", "vdi", line(passing, MARIA))
    both = ground.with_entry(ground.head(), "vdi", "marc", "reject as marc@acme.example because no")
    ground.decide("marc", "vdi", "reject as marc@acme.example because no", branch="aside")
    ground.merge("olivia", "aside", files={path: both})
    passing.rest()

    assert "Rejected" == passing.phase("vdi")
    assert [] == ground.started()
