"""Requests at admission, on a real API server: who opened one is proven, and nothing of it changes afterwards."""

import json

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY
from assent.api.names import API_VERSION, Ident
from assent.errors import ClusterError
from cluster.admission import AGENT, OPERATOR, PANEL, request
from cluster.opened import DIGEST, ENTRY, JUAN, MARIA, OWNER, refusal


def test_a_request_says_who_opened_it(opened):
    """Requester and creator are filled in with the proven name; a forged creator is overwritten."""
    held = opened.create(MARIA, request("r2", opened.organization, annotations={"assent.dev/created-by": JUAN}))

    assert (MARIA, MARIA) == (held["spec"]["requester"], held["metadata"]["annotations"]["assent.dev/created-by"])


@pytest.mark.parametrize("who", [MARIA, "admin", "somebody with spaces"])
def test_nobody_opens_in_anothers_name(opened, who):
    """The requester is whoever creates it, whatever power they have."""
    assert "spec.requester is you" in refusal(opened.create, who, request("r2", opened.organization, JUAN))


def test_the_panel_opens_for_the_people_who_signed_in(opened):
    """The panel's own account may name another requester; who created it stays to be seen."""
    held = opened.create(PANEL, request("r2", opened.organization, JUAN))

    assert (JUAN, PANEL) == (held["spec"]["requester"], held["metadata"]["annotations"]["assent.dev/created-by"])


@pytest.mark.parametrize("who", [OPERATOR, AGENT, "other", "system:serviceaccount:flux-system:kustomize-controller"])
def test_machines_open_no_requests(opened, who):
    """Whoever writes configuration for others, or runs what others asked for, asks for nothing: by no call."""
    place = paths.place(Ident("Request", opened.organization, "r2"))
    body = request("r2", opened.organization)

    assert "opens no requests" in refusal(opened.create, who, body)
    assert "opens no requests" in refusal(opened.api(who).patch, place, body, APPLY, fieldManager="argocd")


def test_a_request_is_applied_by_its_requester(opened):
    """Server-side apply opens a request too, and the same again changes nothing; `kubectl apply` is no worse."""
    place = paths.place(Ident("Request", opened.organization, "r2"))
    body = request("r2", opened.organization)
    first = opened.api(MARIA).patch(place, body, APPLY, fieldManager="kubectl")
    again = opened.api(MARIA).patch(place, body, APPLY, fieldManager="kubectl")
    applied = json.dumps(request("r3", opened.organization))
    ran = [opened.plane.kubectl(MARIA, "apply", "-f", "-", stdin=applied).returncode for _ in range(2)]

    assert (MARIA, first["metadata"]["uid"]) == (again["spec"]["requester"], again["metadata"]["uid"])
    assert [0, 0] == ran


def test_a_generated_name_is_fine(opened):
    """The API server may choose the name; the requester is filled in all the same."""
    body = request("", opened.organization)
    body["metadata"] = {"generateName": "vdi-"}

    assert MARIA == opened.create(MARIA, body)["spec"]["requester"]
    assert "spec.requester is you" in refusal(
        opened.create, JUAN, {**body, "spec": {**body["spec"], "requester": MARIA}}
    )


def test_what_is_no_request_is_told_so(opened):
    """Where the spec is missing, the answer names the fields, not the policy's inside."""
    body = {"apiVersion": API_VERSION, "kind": "Request", "metadata": {"name": "r2"}}

    assert "spec.microservice: Required value" in refusal(opened.create, MARIA, body)


# What is left of the limit beside the stamp and the annotation's own name.
ROOM = 16384 - len("assent.dev/created-by") - len(JUAN) - len("example.org/long")

BORN = {
    "approved": {"annotations": {ENTRY: f"approve as {JUAN} for {DIGEST}"}},
    "approved in capitals": {"annotations": {"Approval.Assent.Dev/maria": "x"}},
    "owned": {"ownerReferences": [OWNER]},
    "with a finalizer": {"finalizers": ["example.org/x"]},
    "handled by kopf": {"annotations": {"kopf.zalando.org/last-handled-configuration": "{}"}},
    "handled by kopf here": {"annotations": {"assent.dev/last-handled-configuration": "{}"}},
    "written by": {"annotations": {"assent.dev/written-by": "maria"}},
    "with 32 annotations": {"annotations": {f"example.org/{at}": "" for at in range(32)}},
    "with 33 labels": {"labels": {f"example.org/{at}": "" for at in range(33)}},
    "with 65537 characters": {"annotations": {"example.org/long": "x" * (ROOM + 1)}},
}


@pytest.mark.parametrize("about", BORN.values(), ids=BORN.keys())
def test_a_new_request_brings_nothing_with_it(opened, about):
    """Nobody opens a request that is decided, owned, held or handled already."""
    body = request("r2", opened.organization)
    body["metadata"] |= about

    assert "requests.assent.dev" in refusal(opened.create, JUAN, body)


FITS = {
    "notes and labels": {"annotations": {"example.org/ticket": "T-1"}, "labels": {"team": "finance"}},
    "31 annotations beside the stamp": {"annotations": {f"example.org/{at}": "" for at in range(31)}},
    "32 labels": {"labels": {f"example.org/{at}": "" for at in range(32)}},
    "16384 bytes": {"annotations": {"example.org/long": "x" * ROOM}},
}


@pytest.mark.parametrize("about", FITS.values(), ids=FITS.keys())
def test_rule_30_labels_and_notes_of_ones_own_are_fine(opened, about):
    """What decides nothing may stand on a new request, up to the limit that the refusal names."""
    body = request("r2", opened.organization)
    body["metadata"] |= about
    held = opened.create(JUAN, body)["metadata"]

    assert all(wanted.items() <= held[name].items() for name, wanted in about.items())


FROZEN = {
    "a label": {"labels": {"x": "y"}},
    "an owner": {"ownerReferences": [OWNER]},
    "a finalizer": {"finalizers": ["example.org/x"]},
    "a note": {"annotations": {"example.org/x": "y"}},
    "junk": {"annotations": {"example.org/x": "y" * 90_000}},
    "another creator": {"annotations": {"assent.dev/created-by": MARIA}},
    "no creator": {"annotations": {"assent.dev/created-by": None}},
    "kopf's memory": {"annotations": {"kopf.zalando.org/last-handled-configuration": "{}"}},
    "kopf's progress": {"annotations": {"kopf.zalando.org/look": '{"success": true}'}},
    "a long note of kubectl's": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x" * 65537}},
}


@pytest.mark.parametrize("about", FROZEN.values(), ids=FROZEN.keys())
@pytest.mark.parametrize("who", [JUAN, "admin", OPERATOR])
def test_nothing_else_of_a_request_changes(opened, who, about):
    """Labels, owners, finalizers, notes and the creator stay as they are, whoever asks."""
    before = opened.held()["metadata"]

    assert "requests.assent.dev" in refusal(opened.api(who).patch, opened.place, {"metadata": about})
    assert before == opened.held()["metadata"]


def test_rule_30_what_kubectl_notes_of_an_apply_is_the_requesters(opened):
    """The requester's own kubectl may note what it applied, up to the limit; nobody else's may."""
    note = {"kubectl.kubernetes.io/last-applied-configuration": "x" * 32768}
    said = refusal(opened.annotate, MARIA, note)
    opened.annotate(JUAN, note)

    assert "only entries" in said
    assert note.items() <= opened.notes().items()


@pytest.mark.parametrize("spec", [{"requester": MARIA}, {"reason": "another"}, {"parameters": {"x": 1}}])
def test_rule_7_a_spec_never_changes(opened, spec):
    """A request says what it said for ever."""
    assert "spec" in refusal(opened.api(JUAN).patch, opened.place, {"spec": spec})


def test_rule_7_a_parameter_is_not_renamed(opened):
    """What an approver reads is what was digested: the schema alone would let a key of free form be another one."""
    body = request("r3", opened.organization, parameters={"evil": "production", "keep": 1})
    opened.create(JUAN, body)
    place = paths.place(Ident("Request", opened.organization, "r3"))
    held = opened.plane.admin.get(place)
    held["spec"]["parameters"] = {"good": "test", "keep": 1}

    assert "a request never changes" in refusal(opened.api(MARIA).replace, place, held)
    assert {"evil": "production", "keep": 1} == opened.plane.admin.get(place)["spec"]["parameters"]


def nested(depth):
    return {"a": nested(depth - 1)} if depth else {}


HEAVY = [
    pytest.param({"n": [{"x": 2**53}]}, "beyond 2^53-1", id="an integer too large"),
    pytest.param({"n": -(2**60)}, "beyond 2^53-1", id="far below"),
    pytest.param(nested(17), "at most 16 deep", id="too deep"),
    pytest.param(nested(300), "at most 16 deep", id="far too deep"),
    pytest.param({"a": "x" * 32_769}, "at most 32768 characters", id="too long"),
    pytest.param({"l": [*range(7000)]}, "at most 4096 values", id="too many"),
]


@pytest.mark.parametrize(("parameters", "why"), HEAVY)
def test_rule_30_what_no_reader_could_hold_is_refused(opened, parameters, why):
    """A request that could not be read would stand in everybody's way, and nobody deletes one."""
    assert why in refusal(opened.create, JUAN, request("r4", opened.organization, parameters=parameters))


LIGHT = [
    {"a": {"b": [1, {"c": "x"}, [2, [3]], True, 1.5]}, "l": [], "m": {}},
    {"n": 2**53 - 1, "m": -(2**53) + 1},
    nested(14),
    {"a": {"b": "x" * 30_000}},
    {"l": [*range(4000)]},
]


@pytest.mark.parametrize("parameters", LIGHT, ids=range(len(LIGHT)))
def test_rule_30_what_is_within_the_limits_is_taken(opened, parameters):
    """The limits are not in the way of what people ask for."""
    held = opened.create(JUAN, request("r5", opened.organization, parameters=parameters), dryRun="All")

    assert parameters == held["spec"]["parameters"]


@pytest.mark.parametrize("who", [JUAN, "admin", PANEL, AGENT])
def test_rule_23_status_is_the_operators(opened, who):
    """Nobody but the operator writes status, and an entry through it is ignored."""
    said = refusal(opened.status, "0" * 64, "Approved", who)
    held = opened.held()
    entry = {**held["metadata"]["annotations"], ENTRY: f"approve as {MARIA} for {DIGEST}"}
    held["metadata"]["annotations"] = entry
    opened.api(OPERATOR).replace(f"{opened.place}/status", held)

    assert "written by the operator alone" in said
    assert ENTRY not in opened.notes()


@pytest.mark.parametrize("who", [JUAN, MARIA, "admin", OPERATOR, AGENT])
def test_nobody_deletes_an_open_request(opened, who):
    """A request is withdrawn or cancelled, and never deleted while it is open, nor with all others of its namespace."""
    said = [refusal(opened.api(who).delete, place) for place in (opened.place, opened.collection)]

    assert [True, True] == ["a request is not deleted" in one for one in said]
    assert "r1" == opened.held()["metadata"]["name"]


@pytest.mark.parametrize("phase", ["Approved", "Running", "Unknown"])
def test_the_operator_keeps_what_a_person_may_still_move(opened, phase):
    """What has not ended is not let go: an unknown outcome waits for a person."""
    opened.status(DIGEST, phase)

    assert "a request is not deleted" in refusal(opened.api(OPERATOR).delete, opened.place)


@pytest.mark.parametrize(
    "phase",
    ["Succeeded", "Failed", "PartiallyFailed", "Invalid", "Rejected", "Withdrawn", "Cancelled", "Expired"],
)
def test_the_operator_lets_an_ended_request_go(opened, phase):
    """What has ended may be deleted when its time is over, by the operator alone."""
    opened.status(DIGEST, phase)
    by_others = refusal(opened.api(JUAN).delete, opened.place)
    opened.api(OPERATOR).delete(opened.place)

    assert "a request is not deleted" in by_others
    assert "not found" in refusal(opened.plane.admin.get, opened.place)


def test_a_namespace_that_goes_takes_its_requests_along(guarded_plane, opened):
    """Kubernetes' own housekeepers are not held up."""
    guarded_plane.api(OPERATOR).delete(f"/api/v1/namespaces/{opened.organization}")

    assert guarded_plane.until(lambda: _gone(guarded_plane, opened.place), "the request stays")


def _gone(plane, place):
    try:
        plane.admin.get(place)
    except ClusterError as error:
        return error.status == 404
    return False
