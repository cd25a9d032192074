"""Configuration at admission, on a real API server: who wrote a document is stamped on it, and whose it is kept."""

from itertools import count

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY, JSON_PATCH
from assent.api.names import API_VERSION, Ident
from cluster.admission import AGENT, HOUSEKEEPER, OPERATOR, user, without_policies
from cluster.opened import OWNER, refusal

MARIA, PEDRO = "maria@acme.example", "pedro@acme.example"
BY = "assent.dev/written-by"
_numbers = count(1)


@pytest.fixture
def juan(guarded_plane, organization):
    """A User that maria wrote: its path."""
    guarded_plane.api(MARIA).create(paths.collection("User", organization), user("juan", organization))
    return paths.place(Ident("User", organization, "juan"))


def writer(plane, place):
    return plane.admin.get(place)["metadata"]["annotations"][BY]


def test_whoever_writes_is_stamped(guarded_plane, juan):
    """The last writer of what a document says stands on it, by their proven name."""
    first = writer(guarded_plane, juan)
    guarded_plane.api(PEDRO).patch(juan, {"spec": {"displayName": "Juan"}})

    assert (MARIA, PEDRO) == (first, writer(guarded_plane, juan))


@pytest.mark.parametrize("forged", [PEDRO, "", "x" * 300, None], ids=["another", "nobody", "long", "gone"])
def test_nobody_writes_another_writer(guarded_plane, juan, forged):
    """What stands as the writer is the API server's word: a forged one is overwritten."""
    guarded_plane.api("forger").patch(juan, {"metadata": {"annotations": {BY: forged}}, "spec": {"language": "es"}})

    assert "forger" == writer(guarded_plane, juan)


def test_what_says_nothing_new_keeps_its_writer(guarded_plane, juan):
    """The same again, or only another name as its writer, changes nothing that the document says."""
    guarded_plane.api(PEDRO).patch(juan, {"metadata": {"annotations": {BY: PEDRO}}})
    guarded_plane.api(PEDRO).patch(juan, {"metadata": {"annotations": {BY: None}}})
    guarded_plane.api(PEDRO).replace(juan, guarded_plane.admin.get(juan))
    guarded_plane.api(HOUSEKEEPER).patch(juan, {"metadata": {"ownerReferences": []}})

    assert MARIA == writer(guarded_plane, juan)


def test_a_status_keeps_the_writer(guarded_plane, juan):
    """What the operator says of a document is no change of it."""
    held = guarded_plane.admin.get(juan)
    condition = {"type": "Ready", "status": "True", "reason": "InForce", "message": "it is"}
    condition["lastTransitionTime"] = "2026-01-05T09:00:00Z"
    guarded_plane.api(OPERATOR).replace(f"{juan}/status", {**held, "status": {"conditions": [condition]}})

    assert MARIA == writer(guarded_plane, juan)


def test_an_agent_is_stamped_as_itself(guarded_plane, organization):
    """A GitOps agent writes configuration in its own name, by server-side apply as well."""
    place = paths.place(Ident("User", organization, "ana"))
    guarded_plane.api(AGENT).patch(place, user("ana", organization), APPLY, fieldManager="argocd")
    guarded_plane.api(AGENT).patch(place, user("ana", organization), APPLY, fieldManager="argocd")

    assert AGENT == writer(guarded_plane, place)


@pytest.mark.parametrize("key", ["kopf.zalando.org/last-handled-configuration", "assent.dev/other", "Kopf.dev/x"])
def test_notes_that_a_machine_might_believe_are_refused(guarded_plane, juan, key):
    """Nobody writes annotations of ours, or of the framework's."""
    patch = {"metadata": {"annotations": {key: "{}"}}}

    assert "not yours to write" in refusal(guarded_plane.api(MARIA).patch, juan, patch)


@pytest.mark.parametrize("who", [MARIA, "admin", AGENT])
@pytest.mark.parametrize("kind", [kind for kind in paths.PLURALS if kind != "Request"])
def test_rule_23_every_status_is_the_operators(guarded_plane, organization, who, kind):
    """No kind's status is written by anybody but the operator; each kind's writer is stamped."""
    whole = kind in {"Organization", "Module"}
    ident = Ident(kind, "" if whole else organization, f"x{next(_numbers)}")
    body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": ident.name}, "spec": SPECS[kind]}
    place, status = paths.place(ident), {"status": {"conditions": []}}
    api = guarded_plane.api(who)
    api.create(paths.collection(kind, ident.namespace), body)
    guarded_plane.api(OPERATOR).patch(f"{place}/status", status)

    assert "written by the operator alone" in refusal(api.patch, f"{place}/status", status)
    assert who == writer(guarded_plane, place)


SPECS = {
    "Organization": {"type": "Client"},
    "Module": {
        "levels": [{"name": "L1"}],
        "permissions": [{"functionality": "x", "action": "View", "grants": [{"level": "L1"}]}],
    },
    "AccessRole": {"entries": []},
    "User": {"username": "x"},
    "Microservice": {"displayName": "x", "category": "x", "run": {"manual": {"instructions": "x"}}},
    "EnabledMicroservice": {"microservice": {"name": "x"}},
    "ApprovalFlow": {"stages": [{"name": "s", "approvers": [{"organizations": ["Requesting"]}]}]},
}


BONDS = {
    "an owner": {"ownerReferences": [OWNER]},
    "a finalizer": {"finalizers": ["example.org/x"]},
    "the finalizer of Organizations": {"finalizers": ["assent.dev/organization"]},
}


@pytest.mark.parametrize("bond", BONDS.values(), ids=BONDS.keys())
@pytest.mark.parametrize("who", [MARIA, "admin", AGENT])
def test_nothing_is_bound_to_a_document(guarded_plane, organization, juan, who, bond):
    """The garbage collector would delete it in nobody's name, a finalizer would keep what a person deleted."""
    born = user("ana", organization)
    born["metadata"] |= bond

    assert "configuration.assent.dev" in refusal(guarded_plane.api(who).patch, juan, {"metadata": bond})
    assert "configuration.assent.dev" in refusal(
        guarded_plane.api(who).create, paths.collection("User", organization), born
    )


def test_a_document_older_than_the_policy_has_no_writer_until_it_says_something(guarded_plane, organization):
    """Neither the operator's finalizer nor a touch makes anybody the writer of what was there before."""
    name = f"old{next(_numbers)}"
    place = paths.place(Ident("Organization", "", name))
    with without_policies(guarded_plane, "configuration.assent.dev"):
        guarded_plane.api(MARIA).create(paths.collection("Organization"), organization_named(name))
    touched = guarded_plane.api(OPERATOR).patch(place, {"metadata": {"finalizers": ["assent.dev/organization"]}})
    forged = refusal(guarded_plane.api(PEDRO).patch, place, {"metadata": {"annotations": {BY: MARIA}}})
    guarded_plane.api(PEDRO).patch(place, {"spec": {"displayName": "Acme"}})

    assert BY not in touched["metadata"].get("annotations", {})
    assert "written by the API server alone" in forged
    assert PEDRO == writer(guarded_plane, place)


@pytest.fixture
def acme(guarded_plane):
    """An Organization that maria wrote: its path."""
    name = f"acme{next(_numbers)}"
    guarded_plane.api(MARIA).create(paths.collection("Organization"), organization_named(name))
    return paths.place(Ident("Organization", "", name))


def organization_named(name):
    return {"apiVersion": API_VERSION, "kind": "Organization", "metadata": {"name": name}, "spec": {"type": "Client"}}


@pytest.mark.parametrize("who", [MARIA, "admin", AGENT, HOUSEKEEPER])
def test_rule_16_the_operator_alone_lets_an_organization_go(guarded_plane, acme, who):
    """Nobody takes the finalizer off by hand, so that what depends on an Organization is not left alone."""
    guarded_plane.api(OPERATOR).patch(acme, {"metadata": {"finalizers": ["assent.dev/organization"]}})
    guarded_plane.api(MARIA).delete(acme)
    said = refusal(guarded_plane.api(who).patch, acme, {"metadata": {"finalizers": []}})
    guarded_plane.api(OPERATOR).patch(acme, {"metadata": {"finalizers": []}})

    assert "the operator takes this finalizer off" in said
    assert "not found" in refusal(guarded_plane.admin.get, acme)


def test_the_operator_writes_the_finalizer_alone(guarded_plane, acme, juan, organization):
    """Of our documents the operator's account changes the finalizer of Organizations, and nothing that they say."""
    api = guarded_plane.api(OPERATOR)
    api.patch(acme, {"metadata": {"finalizers": ["assent.dev/organization"]}})
    stamped = writer(guarded_plane, acme)
    said = [
        refusal(api.patch, acme, {"spec": {"displayName": "x"}}),
        refusal(api.patch, acme, {"metadata": {"labels": {"x": "y"}}}),
        refusal(api.patch, acme, {"metadata": {"annotations": {"x": "y"}}}),
        refusal(api.create, paths.collection("User", organization), user("ana", organization)),
        refusal(api.patch, juan, {"spec": {"displayName": "x"}}),
    ]
    bound = [
        refusal(api.patch, acme, {"metadata": {"ownerReferences": [OWNER]}}),
        refusal(api.patch, acme, {"metadata": {"finalizers": ["assent.dev/organization", "example.org/x"]}}),
        refusal(api.patch, juan, {"metadata": {"finalizers": ["assent.dev/organization"]}}),
    ]
    deleted = refusal(api.delete, juan)
    api.patch(acme, [{"op": "remove", "path": "/metadata/finalizers"}], JSON_PATCH)

    assert MARIA == stamped
    assert [True] * 5 == ["the operator writes no configuration" in one for one in said]
    assert [True] * 3 == ["configuration.assent.dev" in one for one in bound]
    assert "the operator deletes no configuration" in deleted
