"""What is kept up of an organization, and its deletion: held by whatever is left of it, and then let go."""

from datetime import UTC, datetime
from itertools import count

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.bindings import RBAC
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.finalizers import FINALIZER, Finalizers
from assent.adapters.kube.namespaces import LABEL, NAMESPACES
from assent.adapters.ledger import Ledger
from assent.api.names import API_VERSION, Ident
from assent.api.sightings import Examined
from assent.cluster.upkeep import Upkeep
from assent.errors import ClusterError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.moments import Moment
from cluster import admission, conftest
from cluster.housekeeping import keeper

ORGANIZATIONS = paths.collection("Organization")
_numbers = count(1)


@pytest.fixture(scope="module")
def upkept(tmp_path_factory):
    """A control plane whose Organizations are all kept up by these tests, and by nobody else."""
    with conftest.standing(tmp_path_factory, "upkept") as started:
        yield started


@pytest.fixture
def api(upkept):
    return keeper(upkept)


@pytest.fixture
def name():
    return f"org{next(_numbers)}"


def look(upkept, name):
    return upkept.admin.get(f"{NAMESPACES}/{name}")["metadata"]


def organization(upkept, name, parent=None, **about):
    spec = {"type": "SubOrganization", "parent": parent} if parent else {"type": "Client"}
    body = {"apiVersion": API_VERSION, "kind": "Organization", "metadata": {"name": name, **about}, "spec": spec}
    return upkept.admin.create(ORGANIZATIONS, body)


def finalizers(upkept, name):
    return upkept.admin.get(f"{ORGANIZATIONS}/{name}")["metadata"].get("finalizers")


@pytest.mark.parametrize("others", [None, ["tests.example/x"]])
def test_the_finalizer_is_put_on_once(upkept, api, name, others):
    """Beside those of others, and on what was written since it was read; a second time nothing is written."""
    stale = organization(upkept, name, **({"finalizers": others} if others else {}))
    upkept.admin.patch(f"{ORGANIZATIONS}/{name}", {"spec": {"displayName": "Changed"}})
    held = Finalizers(api).hold(stale)
    again = Finalizers(api).hold(held)

    assert [*(others or []), FINALIZER] == finalizers(upkept, name)
    assert "Changed" == held["spec"]["displayName"]
    assert held["metadata"]["resourceVersion"] == again["metadata"]["resourceVersion"]


def test_the_finalizer_is_taken_off_what_is_leaving(upkept, api, name):
    """Never off one that stays, and none of others' with it."""
    keeps = Finalizers(api)
    held = keeps.hold(organization(upkept, name, finalizers=["tests.example/x"]))
    keeps.release(held)
    stays = finalizers(upkept, name)
    keeps.release(upkept.admin.delete(f"{ORGANIZATIONS}/{name}"))

    assert ["tests.example/x", FINALIZER] == stays
    assert ["tests.example/x"] == finalizers(upkept, name)


def test_an_organization_that_is_another_by_now_is_left_alone(upkept, api, name):
    """What was read of one that is gone writes nothing to whatever has its name since."""
    old = organization(upkept, name)
    upkept.admin.delete(f"{ORGANIZATIONS}/{name}")
    gone = Finalizers(api).hold(old)
    organization(upkept, name)

    assert (None, None) == (gone, Finalizers(api).hold(old))
    assert finalizers(upkept, name) is None


class Trusting:
    """Whether entries count is asked elsewhere: here they do."""

    def examine(self):
        return Examined("policies", proven=True)


class House:
    """A controller and its upkeep over the whole control plane; `turn` is a pass and what follows from it."""

    def __init__(self, plane, api, folder, name):
        self.plane, self.name = plane, name
        cluster = KubeCluster(plane.admin)
        ledger = Ledger.open(folder / "ledger.sqlite", key_file=folder / "key")
        self.controller = ClusterController(cluster, Trusting(), ledger, {}, resync=0)
        self.controller.start(lambda: 0.0)
        self.upkeep = Upkeep(api, cluster, "assent-system", None)
        self._clock = count()

    def turn(self):
        """What is said of the organization; None where nothing is."""
        now = datetime.now(UTC)
        self.controller.step(Moment(now, float(next(self._clock))))
        return self.upkeep(self.controller, now).get(Ident("Organization", "", self.name))

    def create(self, kind, name, spec):
        body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, "namespace": self.name}}
        self.plane.admin.create(paths.collection(kind, self.name), {**body, "spec": spec})

    def delete(self, kind, name):
        namespace = "" if kind == "Organization" else self.name
        return self.plane.admin.delete(paths.place(Ident(kind, namespace, name)))

    def gone(self, name=None):
        with pytest.raises(ClusterError) as refused:
            self.plane.admin.get(f"{ORGANIZATIONS}/{name or self.name}")
        return 404 == refused.value.status

    def bound(self, name=None):
        items = self.plane.admin.get(f"{RBAC}/namespaces/{name or self.name}/rolebindings")["items"]
        return {one["metadata"]["name"] for one in items}


@pytest.fixture
def house(upkept, api, tmp_path, name):
    """An organization that is kept up."""
    organization(upkept, name)
    made = House(upkept, api, tmp_path, name)
    assert made.turn() is None
    return made


VIEW = {"functionality": "Requests", "action": "View", "grants": [{"level": "Viewer"}]}


@pytest.fixture
def ana(upkept, house, name):
    """Somebody of the organization who sees requests, in it and below."""
    module = {"levels": [{"name": "Viewer"}], "permissions": [VIEW]}
    body = {"apiVersion": API_VERSION, "kind": "Module", "metadata": {"name": "automate"}, "spec": module}
    upkept.admin.create(paths.collection("Module"), body)
    house.create("AccessRole", "r", {"entries": [{"organization": "*", "levels": {"automate": "Viewer"}}]})
    house.create("User", "ana", {"username": f"ana@{name}", "role": {"name": "r"}})
    yield f"ana@{name}"
    upkept.admin.delete(f"{paths.collection('Module')}/automate")


def test_rule_16_a_deletion_is_held_until_all_is_gone(upkept, house, ana, name):
    """Rule 16: by dependents, documents and requests under way, one after another; then the Organization is gone."""
    organization(upkept, f"{name}-labs", name)
    upkept.admin.create(paths.collection("Request", name), admission.request("vdi", name, ana))
    house.turn()
    bound = house.bound()
    house.delete("Organization", name)
    said = []
    for kind, one in (("Organization", f"{name}-labs"), ("AccessRole", "r"), ("User", "ana"), ("Request", "vdi")):
        said.append(house.turn())
        house.delete(kind, one)
        house.turn()
    still = house.turn()
    until = f"{name} is kept until these are gone: "

    assert {"assent-viewer"} == bound
    assert {("False", "DeletionHeld")} == {(one.status, one.reason) for one in said}
    assert [
        f"{until}SubOrganization {name}-labs; 1 access role (r); 1 user (ana); request {name}/vdi (Submitted)",
        f"{until}1 access role (r); 1 user (ana); request {name}/vdi (Submitted)",
        f"{until}1 user (ana); request {name}/vdi (Submitted)",
        f"{until}request {name}/vdi (Submitted)",
    ] == [one.message for one in said]
    assert still is None
    assert house.gone()


def test_rule_16_no_right_outlives_the_organization(upkept, house, ana, name):
    """Rule 16: who had rights in it from above has none any more where it was, and keeps them above."""
    labs = f"{name}-labs"
    organization(upkept, labs, name)
    house.turn()
    before = house.bound(labs)
    house.delete("Organization", labs)
    house.turn()

    assert ({"assent-viewer"}, set()) == (before, house.bound(labs))
    assert {"assent-viewer"} == house.bound()
    assert house.gone(labs)


def test_the_namespace_outlives_its_organization(upkept, house, name):
    """What other people put there stays; nothing of ours is bound in it any more, and it is no organization's."""
    config = {"metadata": {"name": "theirs"}, "data": {"x": "y"}}
    upkept.admin.create(f"{NAMESPACES}/{name}/configmaps", config)
    house.delete("Organization", name)
    house.turn()

    assert house.gone()
    assert {"x": "y"} == upkept.admin.get(f"{NAMESPACES}/{name}/configmaps/theirs")["data"]
    assert LABEL not in look(upkept, name)["labels"]


def test_an_ended_request_keeps_no_organization(upkept, house, name):
    """Its object stays as long as ended requests do, and its organization may go before it."""
    upkept.admin.create(paths.collection("Request", name), admission.request("vdi", name, "ana"))
    house.turn()
    house.delete("Organization", name)
    held = house.turn()
    house.delete("Request", "vdi")
    upkept.admin.create(paths.collection("Request", name), admission.request("vdi", name, "ana"))
    house.turn()

    assert "DeletionHeld" == held.reason
    assert house.gone()
    assert "vdi" == upkept.admin.get(f"{paths.collection('Request', name)}/vdi")["metadata"]["name"]


def test_one_that_cannot_be_kept_up_keeps_no_other(upkept, house, name):
    """A namespace that is somebody else's is said of its Organization; the next one has all that it needs."""
    foreign, other = f"{name}-foreign", f"{name}-other"
    upkept.admin.create(NAMESPACES, {"metadata": {"name": foreign}})
    organization(upkept, foreign)
    organization(upkept, other)
    house.turn()
    found = house.upkeep(house.controller, datetime.now(UTC))

    assert "NamespaceConflict" == found[Ident("Organization", "", foreign)].reason
    assert Ident("Organization", "", other) not in found
    assert [[FINALIZER]] * 2 == [finalizers(upkept, one) for one in (foreign, other)]
    assert other == look(upkept, other)["labels"][LABEL]


def test_a_second_round_writes_nothing(upkept, house, name):
    """What is kept up already is read, and not written."""
    upkept.admin.patch(f"{ORGANIZATIONS}/{name}", {"spec": {"displayName": "x"}})
    house.turn()
    before = upkept.admin.get(f"{ORGANIZATIONS}/{name}"), look(upkept, name)
    house.turn()

    assert before == (upkept.admin.get(f"{ORGANIZATIONS}/{name}"), look(upkept, name))


def test_one_that_went_before_it_was_held_leaves_no_namespace(upkept, house, name):
    """Its label would be there for ever, and while it is, admission lets nobody delete the namespace."""
    short = f"{name}-short"
    organization(upkept, short)
    house.controller.step(Moment(datetime.now(UTC), 99.0))
    upkept.admin.delete(f"{ORGANIZATIONS}/{short}")
    house.upkeep(house.controller, datetime.now(UTC))

    with pytest.raises(ClusterError, match="not found"):
        look(upkept, short)
