"""What is known of a collection follows lists and events, and never a stream that cannot be right."""

import pytest

from adapters.kube.scripted import bookmark, event, failure, thing
from assent.adapters.kube.shelf import FEW, Shelf, changes, listed, told
from assent.errors import ClusterError

ANN, BOB = ("acme", "ann"), ("acme", "bob")


def shelf(*items, at=5):
    return listed([{"kind": "UserList", "apiVersion": "v1", "metadata": {"resourceVersion": str(at)}, "items": items}])


def test_a_list_in_pages_is_one_list():
    """All pages are of the version that the first one names, and items get the kind that the list says once."""
    pages = [
        {"kind": "UserList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": [thing("ann", 3)]},
        {"kind": "UserList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": [thing("bob", 2)]},
    ]
    found = listed(pages)

    assert "7" == found.at
    assert {ANN, BOB} == found.held.keys()
    assert ("User", "v1") == (found.held[ANN]["kind"], found.held[ANN]["apiVersion"])


@pytest.mark.parametrize(
    ("one", "names", "changed"),
    [
        pytest.param(event("ADDED", thing("bob", 6)), {ANN, BOB}, BOB, id="added"),
        pytest.param(event("MODIFIED", thing("ann", 6)), {ANN}, ANN, id="modified"),
        pytest.param(event("DELETED", thing("ann", 6)), set(), ANN, id="deleted"),
        pytest.param(event("DELETED", thing("bob", 6)), {ANN}, None, id="deleted, and never known"),
        pytest.param(event("MODIFIED", thing("ann", 5)), {ANN}, None, id="the same once more"),
        pytest.param(bookmark(9), {ANN}, None, id="bookmark"),
    ],
)
def test_an_event_changes_what_it_names(one, names, changed):
    """Each event gives a new shelf of its version; the old one stays what it was."""
    before = shelf(thing("ann", 5))
    after, name = told(before, one)

    assert changed == name
    assert names == after.held.keys()
    assert one["object"]["metadata"]["resourceVersion"] == after.at
    assert {ANN} == before.held.keys()


@pytest.mark.parametrize(
    ("one", "status"),
    [
        pytest.param(failure(410), 410, id="the version is gone"),
        pytest.param(failure(500, "InternalError"), 500, id="the server failed"),
        pytest.param(event("ERROR", None), 0, id="an error that says nothing"),
        pytest.param(event("ADDED", thing("bob", 4)), 0, id="an event from before"),
        pytest.param(event("ADDED", {"metadata": {"resourceVersion": "6"}}), 0, id="an object without a name"),
        pytest.param(event("ADDED", {"metadata": {"name": "bob"}}), 0, id="an object without a version"),
        pytest.param(event("ADDED", {"metadata": 3}), 0, id="metadata that is none"),
        pytest.param(event("ADDED", 3), 0, id="no object"),
        pytest.param({}, 0, id="nothing"),
    ],
)
def test_what_cannot_be_followed_asks_for_a_new_list(one, status):
    """It is refused with a reason, which is what tells it from a connection that broke."""
    with pytest.raises(ClusterError) as refused:
        told(shelf(), one)

    assert status == refused.value.status
    assert refused.value.reason


def test_changes_are_found_between_two_lists():
    """New, changed, gone and replaced under the same name; not what stayed."""
    before = shelf(thing("ann", 1), thing("bob", 1), thing("cat", 1), thing("dan", 1))
    replaced = thing("cat", 1)
    replaced["metadata"]["uid"] = "another"
    after = shelf(thing("ann", 2), thing("dan", 1), replaced, thing("eve", 1))

    assert [("acme", name) for name in ("ann", "bob", "cat", "eve")] == changes(before, after)


def test_many_events_come_to_what_a_list_says():
    """However many there are between two looks, every look shows what stands then, and none changes afterwards."""
    names = [f"u{number}" for number in range(3 * FEW)]
    one, looks = shelf(thing("ann", 5)), []
    for version, name in enumerate(names, 6):
        one, _ = told(one, event("ADDED", thing(name, version)))
        looks.append(one.held)
    for version, name in enumerate(names[: 2 * FEW], 6 + len(names)):
        one, _ = told(one, event("DELETED", thing(name, version)))

    assert {ANN, *(("acme", name) for name in names[2 * FEW :])} == one.held.keys()
    assert [2 + number for number in range(len(names))] == [len(look) for look in looks]


def test_nobody_can_change_what_is_known():
    """A snapshot is read only."""
    with pytest.raises(TypeError):
        shelf(thing("ann", 1)).held[ANN] = {}

    assert {} == Shelf().held
