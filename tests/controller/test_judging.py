"""Rule 40: a branch that edits the rules it is judged by is judged by the base's."""

import json

import pytest

from assent.__main__ import main
from assent.cli import judging
from controller import declared


@pytest.fixture
def branch(ground):
    """A branch of the ground that is checked out; `main` stays behind."""
    ground.point(ground.head(), "change")
    (ground.repository / ".git" / "HEAD").write_text("ref: refs/heads/change\n")
    return ground


def judged(ground, **ledger):
    """What the controller would refuse or not count: (rule, document)."""
    found = judging.judged(str(ground.repository), "main", **ledger)
    return [(one.rule, f"{one.kind}/{one.namespace}/{one.name}") for one in found]


def write(ground, by, *values, **options):
    return ground.commit(by, *values, branch="change", **options)


def changed(ground, path, **spec):
    value = ground.value(path, ground.head("change"))
    value["spec"] |= spec
    return value


def test_what_is_fine_has_no_findings(branch):
    """An administrator's change, and a request by its requester."""
    write(branch, "alba", changed(branch, "user/acme/ana", displayName="Ana"))
    write(branch, "juan", declared.request("vdi", "one"))

    assert [] == judged(branch)


EDITED = {
    "the flow": ("juan", "approvalflow/platform/manager", {"selfApproval": "Allowed"}, "base-author-not-allowed"),
    "the approvers": ("juan", "accessrole/acme/acme-managers", {"entries": []}, "base-author-not-allowed"),
    "one's role": ("juan", "user/acme/juan", {"role": {"name": "acme-admins"}}, "base-author-not-allowed"),
    "by nobody": (None, "user/acme/juan", {"role": {"name": "acme-admins"}}, "base-author-unproven"),
}


@pytest.mark.parametrize(("by", "path", "spec", "rule"), EDITED.values(), ids=EDITED)
def test_rule_40_the_base_judges(branch, by, path, spec, rule):
    """Rule 40: what the branch says of its own rights is found out by the rights of the base."""
    write(branch, by, changed(branch, path, **spec))
    ((found, _),) = judged(branch)

    assert rule == found


def test_rule_40_nothing_is_built_on_what_the_branch_gave_itself(branch):
    """Rule 40: a second commit that uses the rights of the first is judged without them."""
    write(branch, "juan", changed(branch, "user/acme/juan", role={"name": "acme-admins"}))
    write(branch, "juan", changed(branch, "approvalflow/platform/manager", selfApproval="Allowed"))
    write(branch, "juan", declared.request("vdi", "one"))
    line = "approve as juan@acme.example for " + "0" * 64
    branch.decide("juan", "vdi", line, branch="change")
    found = judged(branch)

    assert {
        ("base-author-not-allowed", "User/acme/juan"),
        ("base-author-not-allowed", "ApprovalFlow/platform/manager"),
    } < {*found}
    assert ("base-self-approval", "Request/acme/vdi") in found


def test_rule_40_the_ledger_judges_where_it_is_named(branch):
    """Rule 40: what stands refused at the base is in force for nobody, where the ledger says so."""
    with branch.controller(branch.head()) as driver:
        branch.commit("juan", changed(branch, "user/acme/juan", role={"name": "acme-admins"}))
        driver.rest()
    branch.point(branch.head(), "change")
    write(branch, "juan", changed(branch, "user/acme/ana", role={"name": "acme-admins"}))

    assert [] == judged(branch)
    assert ("base-author-not-allowed", "User/acme/ana") in judged(branch, file=str(branch.ledger), key=branch.key)


def test_a_request_that_nobody_has_proven_is_told(branch):
    """A request in somebody else's name would wait for ever."""
    write(branch, "ana", declared.request("vdi", "one"))

    assert [("base-requester-unproven", "Request/acme/vdi")] == judged(branch)


def test_an_unreadable_file_is_told(branch):
    """And where it is."""
    write(branch, "alba", files={"requests/acme/bad.yaml": "apiVersion: assent.dev/v1alpha1\nkind: [\n"})
    (found,) = judging.judged(str(branch.repository), "main")

    assert ("requests/acme/bad.yaml", "error") == (found.place.file, found.severity)


def test_the_command_says_the_same(branch, capsys):
    """`assent check --base` ends with 1 and names the document, with its file."""
    write(branch, "juan", changed(branch, "user/acme/juan", role={"name": "acme-admins"}))
    branch.check_out("change")
    code = main(["check", str(branch.repository), "--base", "main", "-o", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]

    assert 1 == code
    (one,) = [one for one in found if one["severity"] == "error"]
    assert ("base-author-not-allowed", "User", "acme", "juan") == (
        one["rule"],
        one["kind"],
        one["namespace"],
        one["name"],
    )
    assert one["file"].endswith("user/acme/juan.yaml")
