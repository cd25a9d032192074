"""A watch that has told of a mark has told of everything before it (rule 25); where that is not sure, all is listed."""

from types import SimpleNamespace

import pytest

from assent.adapters.kube import cluster as kube
from assent.adapters.kube import marks, paths
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.informers import Informers
from assent.adapters.kube.shelf import Shelf
from assent.api.names import CONFIGURATION
from assent.errors import ClusterError
from builders import ident, modules, role, tree, user
from cluster import admission, conftest

ANN, BEN = ident("User/a/ann"), ident("User/a/ben")


class Way:
    """The API as the operator has it; what it was asked for, and what becomes of a status that bears a mark."""

    def __init__(self, api):
        self.api, self.asked, self.pruned, self.gone = api, [], False, False

    def __getattr__(self, name):
        def call(path, *given, **named):
            self.asked.append((name, path))
            return getattr(self.api, name)(path, *given, **named)

        return call

    def replace(self, path, body):
        self.asked.append(("replace", path))
        if self.gone:
            raise ClusterError(f"{path} is not there", status=404)
        if self.pruned:
            body = {**body, "status": {name: one for name, one in body["status"].items() if name != marks.FIELD}}
        return self.api.replace(path, body)

    def users(self):
        """How users were looked at since the last time somebody asked."""
        found = [name for name, path in self.asked if path.startswith(paths.collection("User")) or "/users" in path]
        self.asked.clear()
        return found


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    with conftest.standing(tmp_path_factory, "marks") as one:
        one.admin.create("/api/v1/namespaces", {"metadata": {"name": "a"}})
        people = [user(f"a/{name}", "asks") for name in ("ann", "ben")]
        for document in [*tree("P+"), *modules(), role("a/asks", {"*": {"automate": "User"}}), *people]:
            one.admin.create(paths.collection(document.kind, document.namespace), document.plain())
        yield one


@pytest.fixture
def way(plane):
    return Way(plane.api(admission.OPERATOR, admission.MASTERS))


@pytest.fixture
def informers(plane):
    found = Informers(plane.admin, {kind: paths.collection(kind) for kind in CONFIGURATION})
    found.start()
    assert found.wait(60)
    yield found
    found.stop(60)


@pytest.fixture
def cluster(way, informers, monkeypatch):
    """Two people are many."""
    monkeypatch.setattr(kube, "MANY", 1)
    one = KubeCluster(way, informers)
    one.configuration(fresh=False)
    way.users()
    return one


def changed(plane, name):
    plane.admin.patch(paths.place(BEN), {"spec": {"displayName": name}})


def shown(held):
    return held[BEN].document.spec.display_name


def test_rule_25_what_was_written_before_is_known(plane, way, cluster):
    """Again and again, and nobody has listed."""
    for number in range(20):
        changed(plane, f"Ben {number}")
        assert f"Ben {number}" == shown(cluster.configuration(fresh=True))
        assert ["replace"] == way.users()

    assert marks.FIELD in plane.admin.get(paths.place(ANN))["status"]


def test_a_look_at_everything_marks_nothing(plane, way, cluster):
    """It is made by lists alone."""
    changed(plane, "Ben looked at")

    assert "Ben looked at" == shown(cluster.configuration(fresh=True, listed=True))
    looked = way.users()
    assert ("metadata" in looked, "replace" in looked) == (True, False)


def test_a_mark_alone_is_no_change(cluster):
    """What people declared is the same."""
    before = cluster.configuration(fresh=False)

    assert before is cluster.configuration(fresh=True)
    assert before is cluster.configuration(fresh=False)


@pytest.mark.parametrize("watch", ["lags", "tells"])
def test_rule_25_a_watch_that_lags_is_no_witness(plane, way, cluster, informers, monkeypatch, watch):
    """Nobody waits for it for long: what it has not told of is listed."""
    monkeypatch.setattr(marks, "PATIENCE", 0.2 if watch == "lags" else 10)
    if watch == "lags":
        informers.stop(60)
    changed(plane, f"Ben {watch}")

    assert f"Ben {watch}" == shown(cluster.configuration(fresh=True))
    assert ("metadata" in way.users()) == (watch == "lags")


def test_rule_25_a_mark_that_was_not_kept_proves_nothing(plane, way, cluster):
    """A kind whose status has no such field drops it, and the version stays: all is listed."""
    cluster.configuration(fresh=True)
    plane.admin.patch(f"{paths.place(ANN)}/status", {"status": {marks.FIELD: None}})
    plane.until(lambda: not (cluster.configuration(fresh=False) and cluster.last(ANN)["status"]), "the watch lags")
    way.users()
    way.pruned = True
    changed(plane, "Ben unmarked")

    assert "Ben unmarked" == shown(cluster.configuration(fresh=True))
    assert ["replace", "metadata"] == way.users()[:2]


def test_where_the_one_that_bears_it_is_gone_all_is_listed(plane, way, cluster):
    """Or it was written by somebody else, or may not be: nothing is known of the watch."""
    way.gone = True
    changed(plane, "Ben alone")

    assert "Ben alone" == shown(cluster.configuration(fresh=True))
    assert ["replace", "metadata"] == way.users()[:2]


def test_rule_45_a_version_below_what_the_watch_has_told_is_no_mark(plane, cluster, informers):
    """A restored server counts from before: its watches have come further than it has."""
    ahead = SimpleNamespace(shelves=lambda: {"User": Shelf(at=str(10**12))}, until=lambda *_: True)
    api = plane.api(admission.OPERATOR, admission.MASTERS)

    assert marks.mark(api, ahead, BEN, plane.admin.get(paths.place(BEN))) is None
    assert marks.mark(api, informers, BEN, plane.admin.get(paths.place(BEN))) > 0
