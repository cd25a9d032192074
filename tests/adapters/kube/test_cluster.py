"""What watches and lists say of configuration is taken in piece by piece, and comes to what a list alone would say."""

import threading

import pytest

from adapters.kube.scripted import thing
from assent.adapters.kube import paths
from assent.adapters.kube.cluster import CONFIGURATION, FEW, FIRST, KubeCluster
from assent.adapters.kube.shelf import Shelf
from assent.api.names import Ident

OURS = "assent.dev/v1alpha1"


class Server:
    """An API server's lists; `asked` are the kinds of which whole objects were listed, `glanced` those of the others.

    With `meets` a list of anything is answered only together with another one.
    """

    def __init__(self):
        self.items, self.at, self.asked, self.glanced = {}, 10, [], []
        self.meets, self.under_way, self.two = False, [], threading.Event()

    def get(self, path):
        kind, found = self.listed(path)
        self.asked.append(kind)
        return {"metadata": {"resourceVersion": str(self.at)}, "items": [{**one} for one in found]}

    def metadata(self, path):
        kind, found = self.listed(path)
        self.glanced.append(kind)
        items = [{"metadata": one["metadata"]} for one in found]
        return {"metadata": {"resourceVersion": str(self.at)}, "items": items or None}  # as it is said there

    def listed(self, path):
        self.under_way.append(path)
        if len(self.under_way) > 1:
            self.two.set()
        if self.meets and not self.two.wait(5):
            raise AssertionError(f"{path} was asked for alone")
        within = path.partition("/namespaces/")[2].partition("/")[0]
        kind = next(kind for kind in paths.PLURALS if paths.collection(kind, within) == path)
        found = [one for one in self.items.values() if one["kind"] == kind]
        return kind + f" of {within}" * bool(within), [
            one for one in found if not within or one["metadata"]["namespace"] == within
        ]


class Memory:
    """What watches have told; `synced` where all of it was listed."""

    def __init__(self):
        self.items, self.version, self.at, self.synced, self.parsed = {}, 0, 20, True, {}
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
    assert {"ann", "bob", "dan"} == {ident.name for ident in cluster.raw}


def test_a_status_alone_is_no_change_of_what_is_declared(cluster, memory):
    """The mapping is the one of before, and whoever writes the status finds the newest version."""
    memory.tell(user("ann", 1))
    before = cluster.configuration(fresh=False)
    memory.tell({**user("ann", 2), "status": {"conditions": []}})

    assert cluster.configuration(fresh=False) is before
    assert "2" == cluster.raw[Ident("User", "acme", "ann")]["metadata"]["resourceVersion"]


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


def test_watches_that_have_not_listed_all_are_no_world(cluster, server, memory):
    """Until every kind was listed by its watch, lists of one's own say what there is."""
    memory.tell(user("ann", 1))
    memory.synced = False
    server.items = {"ann": user("ann", 1), "bob": user("bob", 2)}

    assert {"ann", "bob"} == named(cluster.configuration(fresh=False)).keys()
    assert server.asked


def test_what_two_readers_are_told_is_parsed_once(server, memory):
    """Both see the same sighting of the same version."""
    memory.tell(user("ann", 1))
    one, other = (KubeCluster(server, memory).configuration(fresh=False) for _ in range(2))

    assert one[Ident("User", "acme", "ann")] is other[Ident("User", "acme", "ann")]


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
    """`raw` may hold a version that whoever writes statuses read: what it declares is not known yet."""
    server.items = {"ann": user("ann", 1)}
    cluster.configuration(fresh=True)
    server.items = {"ann": user("ann", 2, displayName="Ann")}
    cluster.raw[Ident("User", "acme", "ann")] = server.items["ann"]

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


def test_kinds_are_listed_side_by_side(cluster, server):
    """None waits for the answer to another."""
    server.meets = True
    cluster.configuration(fresh=True)

    assert {*CONFIGURATION} == {*server.asked}


MANY = {f"u{number}": user(f"u{number}", number + 1) for number in range(FEW)}
ELSEWHERE = {name: {**one, "metadata": {**one["metadata"], "namespace": "other"}} for name, one in MANY.items()}


@pytest.fixture
def crowd(cluster, server, memory):
    """Many people of acme and of another organization, as the watches have told of them."""
    memory.tell(*MANY.values(), *ELSEWHERE.values())
    server.at = memory.at
    held = cluster.configuration(fresh=False)
    server.asked = []
    return held


def in_server(server, people, others=ELSEWHERE):
    server.items = {**people, **{f"other {name}": one for name, one in others.items()}}
    server.at += 1


def test_of_many_objects_those_are_listed_that_matter(cluster, server, crowd):
    """Where nothing has changed their metadata say so, and nobody asks for the others."""
    in_server(server, MANY, {})
    held = cluster.configuration(fresh=True, within=["acme"])

    assert held is crowd
    assert ["User of acme"] == [one for one in server.glanced if one.startswith("User")]
    assert not [one for one in server.asked if one.startswith("User")]


@pytest.mark.parametrize(
    "people",
    [
        {**MANY, "u0": user("u0", 999, displayName="Changed")},
        {name: one for name, one in MANY.items() if name != "u0"},
        {**MANY, "new": user("new", 999)},
        {},
    ],
    ids=["changed", "gone", "new", "nobody"],
)
def test_what_changed_where_it_matters_is_read_at_once(cluster, server, crowd, people):
    """A watch that lags brings nothing of it back, and what changed elsewhere comes with the watch."""
    in_server(server, people, {})
    held = cluster.configuration(fresh=True, within=["acme"])
    acme = {ident.name for ident in held if ident.namespace == "acme"}

    assert people.keys() == acme
    assert {one["spec"].get("displayName") for one in people.values()} == {
        held[Ident("User", "acme", name)].document.spec.display_name for name in people
    }
    assert len(ELSEWHERE) == len(held) - len(acme)
    assert held is cluster.configuration(fresh=False)


def test_what_a_watch_tells_behind_such_a_list_is_taken_in(cluster, server, memory, crowd):
    """Once the watch has come as far as the list, all that it says counts."""
    in_server(server, {**MANY, "u0": user("u0", 999, displayName="Changed")})
    cluster.configuration(fresh=True, within=["acme"])
    memory.tell(*server.items.values(), user("dan", 1000))

    held = cluster.configuration(fresh=False)
    assert {*MANY, "dan"} == {ident.name for ident in held if ident.namespace == "acme"}
    assert "Changed" == held[Ident("User", "acme", "u0")].document.spec.display_name


def test_what_lies_elsewhere_comes_with_the_watch_though_it_lags_behind_such_a_list(cluster, server, memory, crowd):
    """Nothing of acme is brought back by what a watch told late, and nothing of others is held up by acme's list."""
    server.at = 30
    in_server(server, {**MANY, "u0": user("u0", 29, displayName="Changed")})
    cluster.configuration(fresh=True, within=["acme"])
    moved = {**ELSEWHERE["u1"], "spec": {"username": "u1@other.example", "displayName": "Moved"}}
    moved["metadata"] = {**moved["metadata"], "resourceVersion": "25"}
    told = [*MANY.values(), user("ghost", 24), *ELSEWHERE.values()]
    memory.tell(*(moved if one is ELSEWHERE["u1"] else one for one in told))
    late = cluster.configuration(fresh=False)
    memory.items = {key: one for key, one in memory.items.items() if key[1] != "ghost"}
    memory.items["acme", "u0"] = server.items["u0"]
    memory.at = 31  # a bookmark, which is no change
    after = cluster.configuration(fresh=False)

    for held in (late, after):
        assert "Moved" == held[Ident("User", "other", "u1")].document.spec.display_name
        assert "Changed" == held[Ident("User", "acme", "u0")].document.spec.display_name
        assert Ident("User", "acme", "ghost") not in held


def test_a_list_of_all_takes_the_place_of_what_was_listed_in_part(cluster, server, memory, crowd):
    """A restored server counts from an earlier version on, and its watches are followed again."""
    server.at = 80
    in_server(server, MANY)
    cluster.configuration(fresh=True, within=["acme"])
    server.at = memory.at
    in_server(server, MANY)
    cluster.configuration(fresh=True)
    memory.at = server.at
    memory.tell(*server.items.values(), user("dan", 40))

    assert Ident("User", "acme", "dan") in cluster.configuration(fresh=False)


def test_few_objects_are_listed_whole(cluster, server, memory):
    """One call is less than several."""
    server.items = {"ann": user("ann", 1)}
    memory.tell(*server.items.values())
    cluster.configuration(fresh=False)
    cluster.configuration(fresh=True, within=["acme", "other"])

    assert ["User"] == [one for one in server.glanced if one.startswith("User")]
