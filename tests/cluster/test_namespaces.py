"""The namespaces of organizations: made where there is none, used where they say whose they are, else left alone."""

from itertools import count

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.finalizers import Finalizers
from assent.adapters.kube.namespaces import LABEL, NAMESPACES, SECURITY, Namespaces
from assent.api.names import API_VERSION
from assent.errors import ClusterError
from cluster import admission
from cluster.housekeeping import keeper

ORGANIZATIONS = paths.collection("Organization")
_numbers = count(1)


@pytest.fixture
def api(plane):
    return keeper(plane)


@pytest.fixture
def name():
    return f"kept{next(_numbers)}"


@pytest.fixture
def namespaces(api):
    return Namespaces(api, "assent-system")


def look(plane, name):
    return plane.admin.get(f"{NAMESPACES}/{name}")["metadata"]


def make(plane, name, labels=None, **about):
    return plane.admin.create(NAMESPACES, {"metadata": {"name": name, "labels": labels or {}, **about}})["metadata"]


def test_an_absent_namespace_is_made(plane, namespaces, name):
    """It says whose it is, restricts its pods, and has no owner; a second look writes nothing."""
    kept = namespaces.keep([name])
    made = look(plane, name)
    namespaces.keep([name])

    assert {LABEL: name, **SECURITY}.items() <= made["labels"].items()
    assert "ownerReferences" not in made
    assert (name in kept.ours, kept.said) == (True, {})
    assert made == look(plane, name)


@pytest.mark.parametrize("mode", ["enforce", "warn", "audit"])
def test_one_that_says_whose_it_is_is_used(plane, namespaces, name, mode):
    """Only the labels of Pod Security are put right; whatever else it has stays."""
    make(plane, name, {LABEL: name, "team": "x", f"pod-security.kubernetes.io/{mode}": "privileged"})
    kept = namespaces.keep([name])

    assert {LABEL: name, "team": "x", **SECURITY}.items() <= look(plane, name)["labels"].items()
    assert (name in kept.ours, kept.said) == (True, {})


@pytest.mark.parametrize(
    "labels", [pytest.param({}, id="no-label"), pytest.param({LABEL: "another"}, id="the-label-of-another")]
)
def test_a_foreign_one_is_left_alone(plane, namespaces, name, labels):
    """Nobody's namespace is taken over: the Organization says so, and nothing is written."""
    before = make(plane, name, labels)
    kept = namespaces.keep([name])

    assert "NamespaceConflict" == kept.said[name].reason
    assert f"lacks the label `assent.dev/organization: {name}`" in kept.said[name].message
    assert name not in kept.ours
    assert before == look(plane, name)


@pytest.mark.parametrize(
    ("taken", "whose"),
    [
        ("default", "kept by Kubernetes"),
        ("kube-system", "kept by Kubernetes"),
        ("assent-system", "the controller's own"),
    ],
)
def test_reserved_ones_are_nobodys(plane, namespaces, taken, whose):
    """Not even the label makes an organization's namespace of them."""
    before = look(plane, taken)
    plane.admin.patch(f"{NAMESPACES}/{taken}", {"metadata": {"labels": {LABEL: taken}}})
    kept = namespaces.keep([taken])
    plane.admin.patch(f"{NAMESPACES}/{taken}", {"metadata": {"labels": {LABEL: None}}})

    assert ("False", "NamespaceConflict") == (kept.said[taken].status, kept.said[taken].reason)
    assert f"the namespace {taken!r} is {whose}" in kept.said[taken].message
    assert taken not in kept.ours
    assert before["labels"] == look(plane, taken)["labels"]


def test_one_that_is_being_deleted_is_waited_for(plane, namespaces, name):
    """While it goes nothing is done in it; once it is gone it is made anew."""
    old = make(plane, name, {LABEL: name}, finalizers=["tests.example/stays"])
    plane.admin.delete(f"{NAMESPACES}/{name}")
    kept = namespaces.keep([name])
    plane.admin.patch(f"{NAMESPACES}/{name}", {"metadata": {"finalizers": None}})
    plane.until(lambda: name in namespaces.keep([name]).ours, "it is not made anew")

    assert ("NotKeptUp", False) == (kept.said[name].reason, name in kept.ours)
    assert "is being deleted" in kept.said[name].message
    assert old["uid"] != look(plane, name)["uid"]


def test_what_is_refused_for_one_keeps_no_other(namespaces, name):
    """A namespace that the API server will not have is told; the others are made."""
    kept = namespaces.keep([f"{name}_x", name])

    assert ["NotKeptUp"] == [kept.said[one].reason for one in kept.said]
    assert "could not be kept up: POST /api/v1/namespaces: " in kept.said[f"{name}_x"].message
    assert name in kept.ours


def test_rule_27_no_answer_is_no_verdict(api, name):
    """Rule 27: while the API server does not let the operator in, nothing is said of anybody."""
    with pytest.raises(ClusterError):
        Namespaces(api.as_bearer("not a token"), "assent-system").keep([name])


def test_the_shipped_policies_let_the_operator_do_all_of_it(guarded_plane, name):
    """Under the admission policies the operator makes, holds and lets go; then whoever may delete namespaces does."""
    operator = guarded_plane.api(admission.OPERATOR)
    namespaces, keeps = Namespaces(operator, "assent-system"), Finalizers(operator)
    body = {"apiVersion": API_VERSION, "kind": "Organization", "metadata": {"name": name}, "spec": {"type": "Client"}}
    guarded_plane.admin.create(ORGANIZATIONS, body)
    kept = namespaces.keep([name])
    keeps.hold(guarded_plane.admin.get(f"{ORGANIZATIONS}/{name}"))
    with pytest.raises(ClusterError, match="can be deleted like any other"):
        guarded_plane.admin.delete(f"{NAMESPACES}/{name}")
    leaving = guarded_plane.admin.delete(f"{ORGANIZATIONS}/{name}")
    namespaces.release(name)
    keeps.release(leaving)
    deleted = guarded_plane.admin.delete(f"{NAMESPACES}/{name}")

    assert (name in kept.ours, kept.said) == (True, {})
    assert "deletionTimestamp" in deleted["metadata"]
    with pytest.raises(ClusterError, match="not found"):
        guarded_plane.admin.get(f"{ORGANIZATIONS}/{name}")
