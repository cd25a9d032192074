"""An informer follows a real API server: through pages, planned ends, forgotten versions, restarts and lost rights."""

import signal
import time

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.informer import Informer, Pace
from assent.adapters.kube.informers import Informers
from assent.adapters.kube.objects import plain
from assent.adapters.kube.shelf import Shelf
from assent.api.kinds import identify
from assent.api.names import Ident
from cluster.plane import LEFT_OPEN

pytestmark = pytest.mark.filterwarnings(LEFT_OPEN)
PATIENCE = 60
QUICK = Pace(shortest=0.05, longest=0.5)


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def follow():
    """Starts informers, and ends them after the test."""
    running = []

    def start(api, path, pace=QUICK):
        one = Informer(api, path, pace=pace)
        running.append(one)
        one.start()
        return one

    yield start
    assert all(one.stop(10) for one in running)


@pytest.fixture
def maps(organization):
    """Where this test's own objects lie."""
    return f"/api/v1/namespaces/{organization}/configmaps"


def write(plane, maps, *names):
    for name in names:
        plane.admin.create(maps, {"metadata": {"name": name}, "data": {"text": "1"}})


def stop(plane):
    """Ends the API server, without the long farewell that it would give its watchers."""
    plane.end("kube-controller-manager")
    plane.end("kube-apiserver", signal.SIGKILL)


def start(plane):
    plane.start_api_server()
    plane.start_controllers()


def names(informer):
    return {name for _, name in informer.shelf().held}


def test_it_follows_what_happens(plane, maps, follow):
    """What is there, what comes, changes and goes is known soon after, as the API server holds it."""
    write(plane, maps, "one", "two")
    informer = follow(plane.admin, maps)
    until(lambda: names(informer) == {"one", "two"})
    listed = {(item["apiVersion"], item["kind"]) for item in informer.shelf().held.values()}
    write(plane, maps, "three")
    plane.admin.patch(f"{maps}/one", {"data": {"text": "2"}})
    plane.admin.delete(f"{maps}/two")
    until(lambda: names(informer) == {"one", "three"})

    assert {("v1", "ConfigMap")} == listed
    assert {"1", "2"} == {item["data"]["text"] for item in informer.shelf().held.values()}
    assert informer.failure is None


def test_kinds_of_ours_are_known_as_documents(plane, organization, follow):
    """An object that was listed says which document it is, as one that was watched does."""
    api = paths.collection("Organization")
    body = {"apiVersion": "assent.dev/v1alpha1", "kind": "Organization", "metadata": {"name": organization}}
    informer = follow(plane.admin, api)
    until(lambda: informer.synced)
    plane.admin.create(api, {**body, "spec": {"type": "Platform"}})
    try:
        until(lambda: ("", organization) in informer.shelf().held)
        again = follow(plane.admin, api)
        until(lambda: again.synced)
        found = [identify(plain(one.shelf().held["", organization])) for one in (informer, again)]
    finally:
        plane.admin.delete(f"{api}/{organization}")

    assert [Ident("Organization", "", organization)] * 2 == found


def test_a_list_in_pages_is_whole(plane, maps, follow):
    """Pages of two give all seven."""
    wanted = {f"map-{number}" for number in range(7)}
    write(plane, maps, *wanted)
    informer = follow(plane.admin, maps, Pace(page=2))
    until(lambda: informer.synced)

    assert wanted == names(informer)


def test_rule_25_a_ghost_is_gone_after_a_forgotten_version(plane, maps, follow):
    """The API server forgot the version that a watch goes on from; what was deleted since is known no more."""
    write(plane, maps, "one")
    stop(plane)
    start(plane)  # what it remembers begins anew, after version 1
    informer = Informer(plane.admin, maps, pace=QUICK)
    ghost = {"metadata": {"name": "ghost", "uid": "gone", "resourceVersion": "1"}}
    informer._shelf = Shelf({("", "ghost"): ghost}, at="1")
    informer._due = time.monotonic() + 600
    informer.start()
    try:
        until(lambda: names(informer) == {"one"})
    finally:
        assert informer.stop(10)


def test_rule_26_planned_ends_lose_nothing(plane, maps, follow):
    """The server ends the watch every two seconds; every object arrives, and no fault is seen."""
    informer = follow(plane.admin, maps, Pace(server=2))
    until(lambda: informer.synced)
    wanted = {f"map-{number}" for number in range(20)}
    for name in sorted(wanted):
        write(plane, maps, name)
        time.sleep(0.2)  # spreads them over several watches
    until(lambda: names(informer) == wanted)

    assert "" == informer.problem


def test_it_ends_in_a_silent_stream(plane, maps, follow):
    """Over TLS too a stop does not wait for the stream to say something."""
    informer = follow(plane.admin, maps)
    until(lambda: informer.synced and informer._line._open is not None)
    time.sleep(0.5)  # the watch is open and says nothing
    began = time.monotonic()

    assert informer.stop(10)
    assert time.monotonic() - began < 2


def test_rule_27_lost_rights_are_said_and_given_ones_taken_up(plane, maps, organization, follow):
    """Without the right to list it says so and tries again; with it, it goes on by itself."""
    write(plane, maps, "one")
    informer = follow(plane.api(f"watcher-{organization}"), maps)
    until(lambda: informer.problem)
    refused = informer.problem
    role = {
        "metadata": {"name": "w"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"]}],
    }
    subject = {"kind": "User", "name": f"watcher-{organization}", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "w", "apiGroup": "rbac.authorization.k8s.io"}
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{organization}"
    plane.admin.create(f"{rbac}/roles", role)
    plane.admin.create(f"{rbac}/rolebindings", {"metadata": {"name": "w"}, "roleRef": reference, "subjects": [subject]})
    until(lambda: names(informer) == {"one"})

    assert "cannot list resource" in refused


def test_rule_26_a_restart_of_the_api_server_is_survived(plane, maps, follow):
    """What comes and goes while nobody could watch is known soon after the server is back."""
    write(plane, maps, "one", "two")
    informer = follow(plane.admin, maps)
    until(lambda: names(informer) == {"one", "two"})
    stop(plane)
    until(lambda: informer.problem)
    start(plane)
    plane.admin.delete(f"{maps}/one")
    write(plane, maps, "three")
    until(lambda: names(informer) == {"two", "three"})

    assert informer.failure is None


def test_the_seven_kinds_are_one_group(plane):
    """All declared kinds are listed, watched and ended together."""
    kinds = {kind: paths.collection(kind) for kind in paths.PLURALS if kind != "Request"}
    group = Informers(plane.admin, kinds)
    group.start()
    try:
        assert group.wait(PATIENCE)
        assert kinds.keys() == group.shelves().keys()
        assert [] == group.problems()
        assert group.age() < PATIENCE
    finally:
        assert group.stop(10)
