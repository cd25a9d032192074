"""What the API server answers is read without what nobody asks for, and nothing else of it is lost."""

import json

import pytest

from assent.adapters.kube import answers

USERS = "/apis/assent.dev/v1alpha1/users"
MAPS = "/api/v1/namespaces/acme/configmaps"
ABOUT = {
    "name": "maria",
    "generateName": "m",
    "namespace": "acme",
    "selfLink": "/",
    "uid": "1",
    "resourceVersion": "2",
    "generation": 3,
    "creationTimestamp": "2026-01-01T00:00:00Z",
    "deletionTimestamp": "2026-01-02T00:00:00Z",
    "deletionGracePeriodSeconds": 0,
    "labels": {"a": "b"},
    "annotations": {"c": "d"},
    "ownerReferences": [{"uid": "5"}],
    "finalizers": ["assent.dev/held"],
}
"""All that Kubernetes' ObjectMeta has, but who wrote which field."""

USER = {"apiVersion": "assent.dev/v1alpha1", "kind": "User", "metadata": ABOUT, "spec": {"x": 2**70}, "status": {}}


def noted(item):
    """The object as the API server says it, with who wrote which field."""
    return {**item, "metadata": {**item["metadata"], "managedFields": [{"manager": "kubectl"}]}}


def said(value):
    return json.dumps(value).encode()


def test_of_our_objects_all_is_kept_but_who_wrote_which_field():
    assert USER == answers.whole(USERS)(said(noted(USER)))


def test_lists_and_watches_of_ours_are_read_alike():
    about = {"resourceVersion": "9", "continue": "more", "remainingItemCount": 4}
    listed = {"apiVersion": "assent.dev/v1alpha1", "kind": "UserList", "metadata": about}

    assert {**listed, "items": [USER]} == answers.whole(USERS)(said({**listed, "items": [noted(USER)]}))
    assert {"type": "ADDED", "object": USER} == answers.event(USERS)(said({"type": "ADDED", "object": noted(USER)}))


def test_why_the_api_server_refused_is_kept():
    status = {"kind": "Status", "metadata": {}, "status": "Failure", "code": 410, "reason": "Expired", "message": "no"}

    assert {"type": "ERROR", "object": status} == answers.event(USERS)(said({"type": "ERROR", "object": status}))


def test_objects_of_others_are_kept_whole():
    found = noted({"metadata": {"name": "one"}, "data": {"text": "1"}})

    assert found == answers.whole(MAPS)(said(found))
    assert found == answers.event(MAPS)(said(found))


@pytest.mark.parametrize(
    "other", [[], None, "text", {"metadata": "text"}, {"items": {}}, {"metadata": {}, "items": None}]
)
def test_what_has_another_form_is_read_as_it_is(other):
    """Whoever reads it says what is wrong with it."""
    assert other == answers.whole(USERS)(said(other))
    assert other == answers.versions(said(other))


def test_of_versions_nothing_is_kept_besides():
    about = {"name": "maria", "namespace": "acme", "uid": "1", "resourceVersion": "2"}
    item = {"metadata": {**about, "generation": USER["metadata"]["generation"]}}

    assert {"metadata": {"resourceVersion": "9"}, "items": [item]} == answers.versions(
        said({"kind": "List", "metadata": {"resourceVersion": "9"}, "items": [noted(USER)]})
    )


@pytest.mark.parametrize("broken", [b"", b"{", b'{"metadata": {"name": NaN}}', b"\xff", b'{"spec": "\xff"}'])
def test_what_is_no_json_is_refused(broken):
    with pytest.raises(ValueError):  # noqa: PT011 -- each reader of JSON has a sentence of its own
        answers.whole(USERS)(broken)
