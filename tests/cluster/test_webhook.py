"""The ceiling at a real API server: people's own logins write, and what they may not is refused with the reason."""

import json
import ssl
import urllib.request
from dataclasses import replace

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY
from assent.api.names import CONFIGURATION
from assent.core.admissions import Bootstrap
from assent.errors import ClusterError
from builders import ALL, user
from cluster.guarded import MASTERS, body, standing


@pytest.fixture(scope="module")
def house(plane, tmp_path_factory):
    """A guarded client."""
    with standing(plane, tmp_path_factory.mktemp("webhook")) as made:
        yield made


def test_an_entitled_persons_write_is_stored(house):
    """The portal's administrator makes, changes and deletes a role within what they hold."""
    house.write(house.role("desk", {}), house.bea)
    changed = house.write(house.role("desk", {"portal": "User"}), house.bea)
    house.delete("AccessRole", "desk", house.bea)

    assert {"portal": "User"} == changed["spec"]["entries"][0]["levels"]
    with pytest.raises(ClusterError, match="not found"):
        house.plane.admin.get(house.place("AccessRole", "desk"))


def test_rule_12_a_breach_of_the_ceiling_is_refused_with_its_chain(house):
    """Who gives more than they hold reads what would be gained, the chain, and what to do; nothing is stored."""
    message = house.refused(house.role("more", {"portal": "User", "automate": "Approver"}), house.bea)

    assert 'admission webhook "ceiling.assent.dev" denied the request: CeilingExceeded: through AccessRole/' in message
    assert f"user: {house.bea} is a user of {house.name} → role: the user has the role admins" in message
    assert "give no more than you hold, or have it written by somebody who holds it" in message
    with pytest.raises(ClusterError, match="not found"):
        house.plane.admin.get(house.place("AccessRole", "more"))


def test_rule_13_nobody_raises_themselves(house):
    """A user gives themselves neither another role nor their role another level, whatever RBAC lets them do."""
    promoted = house.refused(user(f"{house.name}/otto", "admins"), house.otto)
    raised = house.refused(house.role("staff", ALL), house.otto)

    assert "AuthorNotAllowed: to change User/" in promoted
    assert "AuthorNotAllowed: to change AccessRole/" in raised


@pytest.mark.parametrize("by", ["stranger", "admin"])
def test_a_login_that_is_no_users_writes_nothing(house, by):
    """Being an administrator of the cluster is no right in Assent."""
    assert "AuthorUnproven" in house.refused(house.role("more", {}), by)


def test_what_is_needed_is_not_deleted(house):
    """A deletion is judged by what would be left without it."""
    with pytest.raises(ClusterError, match=r"StillNeeded: .* is still needed by .*/otto"):
        house.delete("AccessRole", "staff", house.bea)


def test_a_deletion_of_many_is_judged_one_by_one(house):
    """There is no way round in deleting a whole collection."""
    with pytest.raises(ClusterError, match="AuthorNotAllowed: to delete User/"):
        house.api[house.otto].delete(paths.collection("User", house.name))


def test_server_side_apply_is_judged_too(house):
    """Another way to write the same is no way round."""
    place = house.place("AccessRole", "applied")
    with pytest.raises(ClusterError, match="CeilingExceeded"):
        house.api[house.bea].patch(place, body(house.role("applied", ALL)), APPLY, fieldManager="x", force="true")


def test_a_dry_run_is_judged_alike_and_stores_nothing(house):
    """What a dry run says is what the write would come to."""
    house.write(house.role("dry", {}), house.bea, dryRun="All")

    assert "CeilingExceeded" in house.refused(house.role("dry", ALL), house.bea, dryRun="All")
    with pytest.raises(ClusterError, match="not found"):
        house.plane.admin.get(house.place("AccessRole", "dry"))


def test_status_is_not_judged_here(house):
    """RBAC keeps `status` to the operator; its writes do not wait for the webhook."""
    place = house.place("User", "otto")
    held = house.plane.admin.get(place)

    stored = house.plane.admin.replace(f"{place}/status", {**held, "status": {"observedGeneration": 1}})

    assert {"observedGeneration": 1} == stored["status"]


def test_owners_are_not_set_by_people(house):
    """An owner that is not there would have the garbage collector delete the document in its author's stead."""
    place = house.place("User", "otto")
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": "00000000-0000-0000-0000-000000000000"}

    with pytest.raises(ClusterError, match="RestrictedField: ownerReferences and finalizers"):
        house.api[house.bea].patch(place, {"metadata": {"ownerReferences": [owner]}})


def test_agents_write_unjudged(house):
    """An agent's writes were judged before they reached it; order is not theirs to choose."""
    house.desk.agents = frozenset({"founder"})
    try:
        stored = house.write(user(f"{house.name}/new", "not-yet"), "founder", dryRun="All")
    finally:
        house.desk.agents = frozenset()

    assert "not-yet" == stored["spec"]["role"]["name"]
    assert "AuthorUnproven" in house.refused(user(f"{house.name}/new", "not-yet"), "founder", dryRun="All")


def test_the_bootstrap_group_writes_until_it_ended(house):
    """While nobody governs the Platform the configured group writes; once the ledger says it ended, it does not."""
    house.desk.bootstrap = Bootstrap(MASTERS[0], ended=False)
    try:
        house.write(house.role("first", ALL), "founder", dryRun="All")
        house.desk.bootstrap = replace(house.desk.bootstrap, ended=True)
        refused = house.refused(house.role("first", ALL), "founder", dryRun="All")
    finally:
        house.desk.bootstrap = Bootstrap()

    assert "AuthorUnproven" in refused


def test_before_the_world_is_known_nothing_is_let_in(house):
    """A replica that has just started refuses, and says that it will pass."""
    house.desk.known = False
    try:
        message = house.refused(house.role("early", {}), house.bea)
    finally:
        house.desk.known = True

    assert "what is in force is not known yet; try again in a moment" in message


def test_rule_21_a_forged_review_changes_nothing(house):
    """Whoever calls the webhook themselves gets an answer, and nothing is stored, signed or patched."""
    before = held(house)
    forged = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "1",
            "operation": "CREATE",
            "resource": {"group": "assent.dev", "version": "v1alpha1", "resource": "accessroles"},
            "userInfo": {"username": house.bea, "groups": list(MASTERS)},
            "object": body(house.role("forged", {})),
        },
    }

    answers = [call(house, forged) for _ in range(20)]

    assert [{"uid": "1", "allowed": True}] * 20 == answers
    assert before == held(house)


def held(house):
    """Everything of ours in the cluster, with versions."""
    found = [one for kind in CONFIGURATION for one in house.plane.admin.get(paths.collection(kind))["items"]]
    return sorted((one["metadata"]["uid"], one["metadata"]["resourceVersion"]) for one in found)


def call(house, review):
    """A call as anybody on the network can make it, without any proof of who they are."""
    context = ssl.create_default_context(cadata=house.trusted)
    request = urllib.request.Request(house.url, json.dumps(review).encode(), method="POST")  # noqa: S310 -- https
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:  # noqa: S310 -- https
        return json.load(answer)["response"]
