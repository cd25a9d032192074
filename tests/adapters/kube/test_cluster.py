"""What watches and lists say of configuration is taken in piece by piece, and comes to what a list alone would say."""

import threading

import pytest

from adapters.kube.scripted import thing
from assent.adapters.kube import paths
from assent.adapters.kube.cluster import CONFIGURATION, FIRST, KubeCluster
from assent.adapters.kube.shelf import Shelf
from assent.api.names import Ident

OURS = "assent.dev/v1alpha1"


class Server:
    """An API server's lists; `asked` are the kinds of which whole objects were listed, `glanced` those of the others.

    With `meets` a list of anything is answered only together with another one; `meanwhile` is what happens while the
    answer with whole Users is on its way, `then` while one with their metadata is.
    """

    def __init__(self):
        self.items, self.at, self.asked, self.glanced = {}, 10, [], []
        self.meets, self.under_way, self.two = False, [], threading.Event()
        self.meanwhile = self.then = lambda: None

    def get(self, path):
        kind, found = self.listed(path)
        self.asked.append(kind)
        answer = {"apiVersion": OURS, "kind": f"{kind}List", "metadata": {"resourceVersion": str(self.at)}}
        answer["items"] = [{**one} for one in found]
        if kind == "User":
            self.meanwhile()
        return answer

    def metadata(self, path):
        kind, found = self.listed(path)
        self.glanced.append(kind)
        self.then()
        items = [{"metadata": one["metadata"]} for one in found]
        return {"metadata": {"resourceVersion": str(self.at)}, "items": items or None}  # as it is said there

    def listed(self, path):
        self.under_way.append(path)
        if len(self.under_way) > 1:
            self.two.set()
        if self.meets and not self.two.wait(5):
            raise AssertionError(f"{path} was asked for alone")
        kind = next(kind for kind in paths.PLURALS if paths.collection(kind) == path)
        return kind, [one for one in self.items.values() if one["kind"] == kind]


class Memory:
    """What watches have told; `synced` where all of it was listed."""

    def __init__(self):
        self.items, self.version, self.at, self.synced = {}, 0, 20, True
        self.waited = []

    def tell(self, *items):
        """All that there is from now on."""
        self.items = {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in items}
        self.version += 1
        self.at += 1

    def shelves(self):
        return {**dict.fromkeys(paths.PLURALS, Shelf(at=str(self.at))), "User": Shelf(self.items, str(self.at))}

    def wait(self, seconds):
        self.waited.append(seconds)
        return self.synced


def user(name, version, **spec):
    """A User as the API server holds it."""
    spec = {"username": f"{name}@acme.example", **spec}
    return {**thing(name, version), "apiVersion": OURS, "kind": "User", "spec": spec}


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def cluster(server, memory):
    return KubeCluster(server, memory)


def named(held):
    return {ident.name: one.document.spec.display_name for ident, one in held.items()}


def test_what_a_watch_told_is_taken_in_piece_by_piece(cluster, memory):
    """What came, changed and went is all that differs; what stayed is the very same as before."""
    ann = user("ann", 1)
    memory.tell(ann, user("bob", 2), user("cat", 3))
    before = cluster.configuration(fresh=False)
    memory.tell(ann, user("bob", 4, displayName="Bob"), user("dan", 5))
    after = cluster.configuration(fresh=False)

    assert {"ann": None, "bob": "Bob", "dan": None} == named(after)
    assert before[Ident("User", "acme", "ann")] is after[Ident("User", "acme", "ann")]
    assert {"ann", "bob", "cat"} == named(before).keys()
    assert [True, True, False, True] == [
        bool(cluster.last(Ident("User", "acme", one))) for one in ("ann", "bob", "cat", "dan")
    ]


def test_a_status_alone_is_no_change_of_what_is_declared(cluster, memory):
    """The mapping is the one of before, and whoever writes the status finds the newest version."""
    memory.tell(user("ann", 1))
    before = cluster.configuration(fresh=False)
    memory.tell({**user("ann", 2), "status": {"conditions": []}})

    assert cluster.configuration(fresh=False) is before
    assert "2" == cluster.last(Ident("User", "acme", "ann"))["metadata"]["resourceVersion"]


def test_a_list_and_the_watch_behind_it_say_the_same(cluster, server, memory):
    """A list replaces all that was known; what a watch tells from then on is taken in on top of it."""
    memory.tell(user("ann", 1), user("bob", 2))
    cluster.configuration(fresh=False)
    server.items = {"ann": user("ann", 3, displayName="Ann")}
    server.at = 30
    listed = cluster.configuration(fresh=True)
    remembered = cluster.configuration(fresh=False)
    memory.tell(user("ann", 3, displayName="Ann"), user("cat", 4))
    memory.at = 31

    assert {"ann": "Ann"} == named(listed)
    assert listed is remembered
    assert {"ann": "Ann", "cat": None} == named(cluster.configuration(fresh=False))


def test_rule_25_what_somebody_else_was_told_meanwhile_is_not_taken_back(cluster, server, memory):
    """A list that was under way while another thread took in something newer replaces nothing of that."""
    memory.tell(user("ann", 1))
    cluster.configuration(fresh=False)
    server.items = {"ann": user("ann", 25, displayName="Ann")}
    server.at = 25
    seen = []

    def meanwhile():
        memory.tell(user("ann", 26, suspended=True))
        memory.at = 26
        seen.append(cluster.configuration(fresh=False))

    server.meanwhile = meanwhile
    listed = cluster.configuration(fresh=True)

    assert {"ann": None} == named(listed)
    assert listed[Ident("User", "acme", "ann")].document.spec.suspended
    assert seen == [listed]
    assert listed is cluster.configuration(fresh=False)


def test_a_list_replaces_what_somebody_else_was_told_before_it(cluster, server, memory):
    """A watch that moved on, and is still behind the list, holds nothing up."""
    memory.tell(user("ann", 1))
    cluster.configuration(fresh=False)
    server.items = {"ann": user("ann", 30, displayName="Ann")}
    server.at = 30

    def meanwhile():
        memory.tell(user("ann", 24))
        memory.at = 24
        cluster.configuration(fresh=False)

    server.meanwhile = meanwhile

    assert {"ann": "Ann"} == named(cluster.configuration(fresh=True))
    assert {"ann": "Ann"} == named(cluster.configuration(fresh=False))


def test_watches_that_have_not_listed_all_are_no_world(cluster, server, memory):
    """Until every kind was listed by its watch, lists of one's own say what there is."""
    memory.tell(user("ann", 1))
    memory.synced = False
    server.items = {"ann": user("ann", 1), "bob": user("bob", 2)}

    assert {"ann", "bob"} == named(cluster.configuration(fresh=False)).keys()
    assert server.asked


def test_watches_that_tell_nothing_are_waited_for_once(cluster, server, memory):
    """Whoever asks while a kind cannot be watched lists by themselves, and at once."""
    memory.synced = False
    server.items = {"ann": user("ann", 3)}
    held = [cluster.configuration(fresh=False) for _ in range(3)]

    assert [{"ann": None}] * 3 == [named(one) for one in held]
    assert memory.waited == [FIRST, 0, 0]


def test_what_is_held_already_is_not_listed_whole_again(cluster, server, memory):
    """The metadata of this moment says that nothing has changed; what changed, came or went is read whole."""
    server.items = {"ann": user("ann", 1), "bob": user("bob", 2)}
    memory.tell(*server.items.values())
    before = cluster.configuration(fresh=False)
    assert before is cluster.configuration(fresh=True)
    assert (["User"], False) == (server.glanced, "User" in server.asked)

    for items in (
        {"ann": user("ann", 3, displayName="Ann"), "bob": user("bob", 2)},
        {"ann": user("ann", 3, displayName="Ann")},
        {"ann": user("ann", 3, displayName="Ann"), "cat": user("cat", 4)},
        {},
    ):
        server.items, server.asked = items, []
        held = cluster.configuration(fresh=True)
        assert "User" in server.asked
        assert {name: one["spec"].get("displayName") for name, one in items.items()} == named(held)


def test_another_object_under_the_same_name_is_no_object_that_is_held(cluster, server):
    """A restored server gives versions again; the uid tells them apart."""
    server.items = {"ann": user("ann", 1)}
    cluster.configuration(fresh=True)
    other = user("ann", 1, displayName="Another")
    server.items = {"ann": {**other, "metadata": {**other["metadata"], "uid": "another"}}}

    assert {"ann": "Another"} == named(cluster.configuration(fresh=True))


def test_what_somebody_else_read_is_no_reason_to_look_less(cluster, server):
    """What whoever writes statuses was answered is a version of which it is not known yet what it declares."""
    server.items = {"ann": user("ann", 1)}
    cluster.configuration(fresh=True)
    server.items = {"ann": user("ann", 2, displayName="Ann")}
    cluster.wrote(Ident("User", "acme", "ann"), server.items["ann"])

    assert {"ann": "Ann"} == named(cluster.configuration(fresh=True))


def test_a_list_that_finds_nothing_new_leaves_what_was_told_in_order(cluster, server, memory):
    """What came and went between two looks at the watches leaves no ghost, whichever way it was seen."""
    ann = user("ann", 1)
    server.items = {"ann": ann}
    memory.tell(ann)
    cluster.configuration(fresh=False)
    cluster.configuration(fresh=True)
    server.items, server.at = {"ann": ann, "bob": user("bob", 22)}, 22
    assert {"ann", "bob"} == named(cluster.configuration(fresh=True)).keys()
    memory.tell(ann)
    memory.at = 23

    assert {"ann"} == named(cluster.configuration(fresh=False)).keys()


def test_rule_25_what_a_list_confirmed_is_not_taken_back_while_others_are_listed(cluster, server, memory):
    """The metadata at version 30 are what is known; a watch that comes to 25 meanwhile brings bob back to nobody."""
    ann, bob = user("ann", 1), user("bob", 2)
    server.items, server.at = {"ann": ann}, 29
    memory.tell(ann, bob)
    cluster.configuration(fresh=False)
    cluster.configuration(fresh=True)
    server.at = 30

    def meanwhile():
        memory.tell(ann, bob)
        memory.at = 25
        cluster.configuration(fresh=False)

    server.then = meanwhile

    assert {"ann"} == named(cluster.configuration(fresh=True)).keys()
    assert {"ann"} == named(cluster.configuration(fresh=False)).keys()


def test_an_organization_that_went_meanwhile_is_not_put_back(cluster, server, memory):
    """What an API server answered to a write is kept of an object that is still there, and of no other."""
    memory.tell(user("ann", 1))
    cluster.configuration(fresh=False)
    memory.tell()
    cluster.configuration(fresh=False)
    cluster.wrote(Ident("User", "acme", "ann"), user("ann", 2))

    assert cluster.last(Ident("User", "acme", "ann")) is None


def test_kinds_are_listed_side_by_side(cluster, server):
    """None waits for the answer to another."""
    server.meets = True
    cluster.configuration(fresh=True)

    assert {*CONFIGURATION} == {*server.asked}
