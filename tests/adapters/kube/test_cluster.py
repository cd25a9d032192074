"""What watches and lists say of configuration is taken in piece by piece, and comes to what a list alone would say."""

import threading

import pytest

from adapters.kube.scripted import thing
from assent.adapters.kube import cluster as module
from assent.adapters.kube import paths
from assent.adapters.kube.cluster import FIRST, KubeCluster
from assent.adapters.kube.shelf import Shelf
from assent.adapters.kube.sightings import sighting
from assent.api.names import CONFIGURATION, Ident
from builders import service

OURS = "assent.dev/v1alpha1"


class Server:
    """An API server's lists; `asked` are the kinds of which whole objects were listed, `glanced` those of the others.

    With `meets` a list of anything is answered only together with another one; `meanwhile` is what happens while the
    answer with whole Users is on its way, `while_glanced` while one with their metadata is.
    """

    def __init__(self):
        self.items, self.at, self.asked, self.glanced = {}, 10, [], []
        self.meets, self.under_way, self.two = False, [], threading.Event()
        self.meanwhile = self.while_glanced = lambda: None

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
        self.while_glanced()
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

    server.while_glanced = meanwhile

    assert {"ann"} == named(cluster.configuration(fresh=True)).keys()
    assert {"ann"} == named(cluster.configuration(fresh=False)).keys()


def test_an_object_that_went_meanwhile_is_not_put_back(cluster, memory):
    """What an API server answered to a write is kept of an object that is still there, and of no other."""
    memory.tell(user("ann", 1))
    cluster.configuration(fresh=False)
    memory.tell()
    cluster.configuration(fresh=False)
    cluster.wrote(Ident("User", "acme", "ann"), user("ann", 2))

    assert cluster.last(Ident("User", "acme", "ann")) is None


class Late(Server):
    """A server of which the answer to the first list of Users, once it is `armed`, arrives late."""

    def __init__(self):
        super().__init__()
        self.armed, self.made, self.arrives = False, threading.Event(), threading.Event()

    def get(self, path):
        answer = super().get(path)
        if self.armed and path == paths.collection("User"):
            self.armed = False
            self.made.set()
            assert self.arrives.wait(10)
        return answer


def test_rule_25_an_answer_that_comes_late_takes_nothing_back():
    """A pass has asked for a list before a writer's judgement did, and hears of it afterwards."""
    server, memory = Late(), Memory()
    memory.tell(user("ann", 1))
    server.items, server.at = {"ann": user("ann", 30)}, 30
    cluster = KubeCluster(server, memory)
    cluster.configuration(fresh=False)
    server.armed = True
    looking = threading.Thread(target=lambda: cluster.configuration(fresh=True, listed=True))
    looking.start()
    assert server.made.wait(10)
    server.items, server.at = {"ann": user("ann", 40, suspended=True)}, 40
    cluster.renew(["User"], server)
    server.arrives.set()
    looking.join()
    memory.tell(user("ann", 30))
    memory.at = 30

    assert cluster.configuration(fresh=False)[Ident("User", "acme", "ann")].document.spec.suspended


def test_what_renews_is_asked_by_whoever_bounds_the_calls(cluster, memory):
    """A writer waits five seconds at most."""
    memory.tell(user("ann", 1))
    other = Server()
    other.items = {"ann": user("ann", 30, displayName="Ann")}
    other.at = 30
    cluster.renew(["User"], other)

    assert {"ann": "Ann"} == named(cluster.configuration(fresh=False))
    assert other.under_way


@pytest.mark.parametrize("listed", [False, True], ids=["told", "listed"])
def test_rule_28_one_object_that_cannot_be_taken_in_takes_no_other_along(server, memory, monkeypatch, listed):
    """Whatever goes wrong with one of them: what came with it is taken in at the next look, though nothing changed."""
    memory.tell(user("ann", 1), user("bob", 2))
    server.items, server.at = {"ann": user("ann", 1), "bob": user("bob", 2)}, 21
    cluster = KubeCluster(server, memory)
    cluster.configuration(fresh=True)
    changed = [user("ann", 30, displayName="Ann"), user("bob", 31, displayName="Bob")]
    server.items, server.at = {one["metadata"]["name"]: one for one in changed}, 32
    if not listed:
        memory.tell(*changed)
        memory.at = 32
    sound = module.sighting

    def spoiled(raw):
        if raw["metadata"]["name"] == "ann":
            raise RecursionError
        return sound(raw)

    monkeypatch.setattr(module, "sighting", spoiled)
    with pytest.raises(RecursionError):
        cluster.configuration(fresh=listed, listed=listed)
    monkeypatch.undo()

    assert {"ann": "Ann", "bob": "Bob"} == named(cluster.configuration(fresh=listed, listed=listed))


def test_what_was_written_takes_nothing_back_that_was_told_since(cluster, memory):
    """The answer to a write of one's own comes after a thread has taken in a later version, or another object."""
    ann = Ident("User", "acme", "ann")
    memory.tell(user("ann", 23))
    cluster.configuration(fresh=False)
    cluster.wrote(ann, user("ann", 22))
    assert "23" == cluster.last(ann)["metadata"]["resourceVersion"]
    cluster.wrote(ann, user("ann", 24))
    assert "24" == cluster.last(ann)["metadata"]["resourceVersion"]
    another = user("ann", 25)
    another["metadata"] = {**another["metadata"], "uid": "another"}
    cluster.wrote(ann, another)
    assert "24" == cluster.last(ann)["metadata"]["resourceVersion"]


def nested(levels):
    """A Microservice as the API server holds it, whose schema nests so deep."""
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return microservice({"x": schema})


def microservice(properties):
    parameters = {"type": "object", "additionalProperties": False, "properties": properties}
    body = service("a/m", run={"process": {"program": "p"}}).plain()
    about = {**body["metadata"], "uid": "u", "resourceVersion": "5"}
    return {**body, "metadata": about, "spec": {**body["spec"], "parameters": parameters}}


@pytest.mark.parametrize(
    ("held", "why"),
    [
        pytest.param(nested(400), "has more than 32 levels of mappings and lists", id="deep"),
        pytest.param(nested(5000), "has more than 32 levels of mappings and lists", id="deeper than any stack"),
        pytest.param(microservice({"x": {"maximum": 2**60}}), "is an integer beyond 2^53-1", id="large"),
    ],
)
def test_rule_28_what_has_no_digest_is_no_document(held, why):
    """The API server takes it; whoever reads it here is told what is wrong, and everything else goes on."""
    found = sighting(held)

    assert found.document is None
    assert "" == found.version.digest
    assert [why] == [one.message[: len(why)] for one in found.problems]


def test_kinds_are_listed_side_by_side(cluster, server):
    """None waits for the answer to another."""
    server.meets = True
    cluster.configuration(fresh=True)

    assert {*CONFIGURATION} == {*server.asked}
