"""Organizations' namespaces at admission, on a real API server: whose one is, is the operator's word."""

from itertools import count

import pytest

from cluster.admission import AGENT, HOUSEKEEPER, OPERATOR
from cluster.opened import refusal

MARIA = "maria@acme.example"
_numbers = count(1)
LABEL = "assent.dev/organization"


def namespace(name, label=None):
    return {"metadata": {"name": name, "labels": {LABEL: label} if label else {}}}


@pytest.mark.parametrize(
    ("who", "label"),
    [
        pytest.param("admin", "{name}", id="a person"),
        pytest.param(AGENT, "another", id="an agent for another"),
        pytest.param(OPERATOR, "another", id="the operator for another"),
    ],
)
def test_nobody_calls_a_namespace_an_organizations(guarded_plane, who, label):
    """The label is the operator's to write, and an agent's, and it is the namespace's own name."""
    name = f"ns{next(_numbers)}"
    body = namespace(name, label.format(name=name))

    assert "the label assent.dev/organization" in refusal(guarded_plane.api(who).create, "/api/v1/namespaces", body)


@pytest.mark.parametrize("who", [OPERATOR, AGENT])
def test_an_organizations_namespace_is_made_by_those_who_may(guarded_plane, who):
    """The operator makes it, or an agent that applies it beside its Organization; nobody takes the label away."""
    name = f"ns{next(_numbers)}"
    guarded_plane.api(who).create("/api/v1/namespaces", namespace(name, name))
    place = f"/api/v1/namespaces/{name}"

    assert refusal(guarded_plane.admin.patch, place, {"metadata": {"labels": {LABEL: None}}})
    assert refusal(guarded_plane.admin.patch, place, {"metadata": {"labels": {LABEL: "another"}}})
    assert "x" == guarded_plane.admin.patch(place, {"metadata": {"labels": {"x": "x"}}})["metadata"]["labels"]["x"]


@pytest.mark.parametrize("who", [MARIA, "admin", AGENT, HOUSEKEEPER])
def test_an_organizations_namespace_is_not_deleted_by_hand(guarded_plane, organization, who):
    """Whoever deletes one would take all of the organization's documents along; nor does an owner of it that goes."""
    place = f"/api/v1/namespaces/{organization}"
    said = refusal(guarded_plane.api(who).delete, place)
    guarded_plane.api(OPERATOR).delete(place)

    assert "is an organization's" in said


@pytest.mark.parametrize("through", ["", "/status", "/finalize"])
@pytest.mark.parametrize("who", [MARIA, "admin", AGENT])
def test_no_way_round_leads_to_the_label(guarded_plane, organization, who, through):
    """The API server takes labels through subresources too: none adopts a namespace, or lets one go."""
    api = guarded_plane.api(who)
    name = f"ns{next(_numbers)}"
    other = api.create("/api/v1/namespaces", namespace(name))
    other["metadata"]["labels"][LABEL] = name
    held = api.get(f"/api/v1/namespaces/{organization}")
    del held["metadata"]["labels"][LABEL]

    assert "the label assent.dev/organization" in refusal(api.replace, f"/api/v1/namespaces/{name}{through}", other)
    assert "the label assent.dev/organization" in refusal(
        api.replace, f"/api/v1/namespaces/{organization}{through}", held
    )


def test_the_operator_labels_a_namespace(guarded_plane):
    """The operator's account may take a namespace over, and let it go again."""
    name = f"ns{next(_numbers)}"
    guarded_plane.api(MARIA).create("/api/v1/namespaces", namespace(name))
    place = f"/api/v1/namespaces/{name}"
    taken = guarded_plane.api(OPERATOR).patch(place, {"metadata": {"labels": {LABEL: name}}})
    let_go = guarded_plane.api(OPERATOR).patch(place, {"metadata": {"labels": {LABEL: None}}})

    assert name == taken["metadata"]["labels"][LABEL]
    assert LABEL not in let_go["metadata"]["labels"]


def test_other_namespaces_are_nobodys_business(guarded_plane):
    """What does not carry the label never comes to the policy."""
    name = f"ns{next(_numbers)}"
    guarded_plane.api(MARIA).create("/api/v1/namespaces", namespace(name))
    adopted = refusal(guarded_plane.api(MARIA).patch, f"/api/v1/namespaces/{name}", namespace(name, name))
    guarded_plane.api(MARIA).delete(f"/api/v1/namespaces/{name}")

    assert "the label assent.dev/organization" in adopted
