"""Decisions at admission, on a real API server: people write their own, for the digest shown, and no more."""

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY, JSON_PATCH
from assent.api.names import Ident
from cluster.admission import AGENT, OPERATOR, PANEL, request
from cluster.opened import DIGEST, ENTRY, JUAN, MARIA, refusal

LINES = [
    pytest.param(f"approve as {MARIA} for {DIGEST}", id="approve"),
    pytest.param(f"approve as {MARIA} for {DIGEST} because the budget is agreed", id="approve with a reason"),
    pytest.param(f"reject as {MARIA} because no", id="reject"),
    pytest.param(f"reject as {MARIA} for {DIGEST} because ¡qué no! 不", id="reject in any language"),
    pytest.param(f"withdraw as {MARIA}", id="withdraw"),
    pytest.param(f"cancel as {MARIA} because of the move", id="cancel"),
    pytest.param(f"settle-succeeded as {MARIA} because I saw it", id="settle"),
    pytest.param(f"settle-failed as {MARIA} because I saw it not", id="settle otherwise"),
]


@pytest.mark.parametrize("line", LINES)
def test_everybody_writes_as_themselves(opened, line):
    """Each verb is let in from the person it names: whether it counts is judged elsewhere."""
    opened.annotate(MARIA, {ENTRY: line})

    assert line == opened.notes()[ENTRY]


def test_an_entry_is_changed_and_removed_by_its_author(opened):
    """Whoever wrote an entry may change or remove it."""
    opened.annotate(MARIA, {ENTRY: f"approve as {MARIA} for {DIGEST}"})
    opened.annotate(MARIA, {ENTRY: f"reject as {MARIA} because not now"})
    opened.annotate(MARIA, {ENTRY: None})

    assert ENTRY not in opened.notes()


REFUSED = [
    pytest.param(f"approve as {JUAN} for {DIGEST}", "nobody decides in the name", id="another's name"),
    pytest.param(f"approve as {MARIA.upper()} for {DIGEST}", "nobody decides in the name", id="another case"),
    pytest.param(f"approve as {MARIA}", "write", id="no digest"),
    pytest.param(f"approve as {MARIA} for {DIGEST[:63]}", "write", id="a short digest"),
    pytest.param(f"approve as {MARIA} for {DIGEST.upper()}", "write", id="a digest in capitals"),
    pytest.param(f"approve as {MARIA} for {'0' * 64}", "the digest to approve is", id="another digest"),
    pytest.param(f"reject as {MARIA}", "write", id="no reason"),
    pytest.param(f"cancel as {MARIA} because ", "write", id="an empty reason"),
    pytest.param(f"approve  as {MARIA} for {DIGEST}", "write", id="two spaces"),
    pytest.param(f"approve\tas {MARIA} for {DIGEST}", "write", id="a tab"),
    pytest.param(f"approve as {MARIA} for {DIGEST}\n", "write", id="a line feed"),
    pytest.param(f"reject as {MARIA} because {'x' * 513}", "write", id="too long"),
    pytest.param(f"reject as {MARIA} because a\u202eb", "not shown", id="a bidirectional override"),
    pytest.param(f"reject as {MARIA} because a\u200bb", "not shown", id="a zero-width space"),
    pytest.param(f"reject as {MARIA} because a\u2800b", "not shown", id="a blank pattern"),
    pytest.param(f"reject as {MARIA}\u00a0 because b", "write", id="a no-break space"),
    pytest.param("yes", "write", id="no decision"),
    pytest.param("", "write", id="nothing"),
]


@pytest.mark.parametrize(("line", "why"), REFUSED)
def test_what_is_no_decision_of_the_writer_is_refused(opened, line, why):
    """A line outside of the grammar, in another's name or for another digest never stands on a request."""
    assert why in refusal(opened.annotate, MARIA, {ENTRY: line})
    assert ENTRY not in opened.notes()


@pytest.mark.parametrize("who", ["admin", OPERATOR, PANEL, AGENT, JUAN])
def test_rule_20_no_account_is_exempt(opened, who):
    """No power over the cluster lets anybody write another's decision: not the operator's either."""
    assert "nobody decides in the name" in refusal(opened.annotate, who, {ENTRY: f"approve as {MARIA} for {DIGEST}"})


@pytest.mark.parametrize("who", [OPERATOR, AGENT])
def test_machines_decide_nothing(opened, who):
    """A machine's account writes no entry in its own name either."""
    assert "is no person" in refusal(opened.annotate, who, {ENTRY: f"approve as {who} for {DIGEST}"})


def test_a_name_with_a_space_cannot_decide_here(opened):
    """A decision is one line of words: who signs in by two words speaks for nobody else, and opens no request."""
    lines = (f"approve as Ana Ruiz for {DIGEST}", f"approve as Ana for {DIGEST}", "withdraw as Ana", "withdraw as Ruiz")
    said = [refusal(opened.annotate, "Ana Ruiz", {ENTRY: line}) for line in lines]

    assert [True, True, True, True] == ["requests.assent.dev" in one for one in said]
    assert "spec.requester: Invalid value" in refusal(opened.create, "Ana Ruiz", request("r2", opened.organization))
    assert ENTRY not in opened.notes()


KEYS = {
    "capitals in the domain": "Approval.assent.dev/maria",
    "capitals further on": "approval.Assent.dev/maria",
    "capitals in the name": "approval.assent.dev/Maria",
    "a dash in front": "approval.assent.dev/-m",
    "a dash at the end": "approval.assent.dev/m-",
    "too long": "approval.assent.dev/" + "m" * 64,
    "another alphabet": "\u0430pproval.assent.dev/maria",
    "another alphabet in the name": "approval.assent.dev/m\u0430ria",
    "a zero-width space": "approval.assent.dev/mar\u200bia",
    "a bidirectional override": "approval.assent.dev/\u202emaria",
    "a neighbour": "approvals.assent.dev/maria",
    "below": "x.approval.assent.dev/maria",
    "no name": "approval.assent.dev/",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_names_of_entries_that_look_alike_are_refused(opened, key):
    """An entry's name is lower case, so that two that look alike are one."""
    assert refusal(opened.annotate, MARIA, {key: f"approve as {MARIA} for {DIGEST}"})
    assert key not in opened.notes()


def test_nobody_touches_anothers_entry(opened):
    """An entry is changed and removed by its author alone, by whatever call."""
    opened.annotate(MARIA, {ENTRY: f"approve as {MARIA} for {DIGEST}"})
    held = opened.held()
    mine = f"reject as {JUAN} because no"
    without = {**held, "metadata": {**held["metadata"], "annotations": {"assent.dev/created-by": JUAN}}}
    applied = request("r1", opened.organization, JUAN, annotations={ENTRY: mine})
    patch = [{"op": "remove", "path": "/metadata/annotations/approval.assent.dev~1maria"}]

    assert "another person's" in refusal(opened.annotate, JUAN, {ENTRY: None})
    assert "another person's" in refusal(opened.annotate, JUAN, {ENTRY: mine})
    assert "another person's" in refusal(opened.api(JUAN).patch, opened.place, patch, JSON_PATCH)
    assert "another person's" in refusal(opened.api(JUAN).replace, opened.place, without)
    assert "another person's" in refusal(
        opened.api(JUAN).patch, opened.place, applied, APPLY, fieldManager="other", force="true"
    )
    assert f"approve as {MARIA} for {DIGEST}" == opened.notes()[ENTRY]


def test_four_entries_a_person(opened):
    """A fifth entry of one person is refused; another person has four of their own."""
    for at in range(4):
        opened.annotate(MARIA, {f"{ENTRY}{at}": f"reject as {MARIA} because of {at}"})
    fifth = refusal(opened.annotate, MARIA, {f"{ENTRY}4": f"reject as {MARIA} because of 4"})
    opened.annotate(JUAN, {"approval.assent.dev/juan": f"withdraw as {JUAN}"})

    assert "at most 4 entries" in fifth
    assert "approval.assent.dev/juan" in opened.notes()


def test_a_decision_changes_nothing_beside_itself(opened):
    """One write that decides and changes something else is refused whole (the field's oldest trick)."""
    patch = {"metadata": {"annotations": {ENTRY: f"approve as {MARIA} for {DIGEST}"}, "labels": {"x": "y"}}}
    both = {ENTRY: f"approve as {MARIA} for {DIGEST}", "approval.assent.dev/juan": f"approve as {JUAN} for {DIGEST}"}
    status = {"metadata": {"annotations": {ENTRY: f"approve as {MARIA} for {DIGEST}"}}, "status": {"phase": "Approved"}}
    opened.api(MARIA).patch(opened.place, status, dryRun="All")

    assert "do not change" in refusal(opened.api(MARIA).patch, opened.place, patch)
    assert "nobody decides in the name" in refusal(opened.annotate, MARIA, both)
    assert "PendingApproval" == opened.held()["status"]["phase"]
    assert ENTRY not in opened.notes()


def test_no_approval_before_there_is_a_digest(opened):
    """Nobody approves what nobody can have seen."""
    opened.create(JUAN, request("r2", opened.organization))
    place = paths.place(Ident("Request", opened.organization, "r2"))
    patch = {"metadata": {"annotations": {ENTRY: f"approve as {MARIA} for {DIGEST}"}}}

    assert "no digest yet" in refusal(opened.api(MARIA).patch, place, patch)


def test_kubectl_annotate_is_all_that_it_takes(opened):
    """What the documentation says works with the real kubectl, and a refusal says what to write."""
    place = ("-n", opened.organization, "requests.assent.dev", "r1")
    bad = opened.plane.kubectl(MARIA, "annotate", *place, f"{ENTRY}=approve as {JUAN} for {DIGEST}")
    good = opened.plane.kubectl(MARIA, "annotate", *place, f"{ENTRY}=approve as {MARIA} for {DIGEST}")

    assert (1, 0) == (bad.returncode, good.returncode)
    assert f"you are {MARIA}: nobody decides in the name of another" in bad.stderr
