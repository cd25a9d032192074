"""The ledger's anchor as a ConfigMap on a real API server: lost answers, refusals, a server that is away."""

import shlex
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import postgres
from assent.adapters.kube.anchors import NAME
from assent.adapters.kube.api import Api
from assent.errors import ConflictError, LedgerError
from cluster.anchoring import MASTERS, NOW, Faulty, housed, record
from cluster.plane import LEFT_OPEN

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "ledger.md"

postgres.needed()

pytestmark = pytest.mark.filterwarnings(LEFT_OPEN)


@pytest.fixture
def cluster(request, plane, tmp_path):
    with housed(request, plane, tmp_path) as found:
        yield found


def test_the_anchor_is_a_configmap(cluster):
    """Length and head stand in it, it follows every append, and what people note on it stays."""
    with cluster.open() as ledger:
        assert {"length": "0", "head": "0" * 64} == cluster.held()["data"]
        cluster.change(metadata={"labels": {"team": "platform"}})
        ledger.append([record(1), record(2)], NOW)

        assert {"length": "2", "head": ledger.verify().head} == cluster.held()["data"]
    assert "platform" == cluster.held()["metadata"]["labels"]["team"]
    assert [cluster.key] == list(cluster.key.parent.iterdir())


def test_a_ledger_in_a_file_may_be_anchored_in_the_cluster(cluster, tmp_path):
    """One replica with SQLite: an older copy of its volume is refused."""
    cluster.url = tmp_path / "ledger.sqlite"
    with cluster.open() as ledger:
        ledger.append([record(1)], NOW)
    for name in ("", "-wal", "-shm"):
        (tmp_path / f"ledger.sqlite{name}").unlink(missing_ok=True)

    with pytest.raises(LedgerError, match="is empty or gone, and held 1 records"):
        cluster.open()


def test_rule_45_what_is_missed_stops(cluster):
    """Rule 45: a lost anchor, an unreadable one and a shorter ledger stop; `new` alone begins again."""
    with cluster.open() as ledger:
        ledger.append([record(1), record(2)], NOW)
        ledger.append([record(3)], NOW)
        kept = cluster.held()["data"]
        cluster.change(data={"length": "03"})
        with pytest.raises(LedgerError, match=f"ConfigMap {cluster.namespace}/{NAME}, cannot be read"):
            ledger.append([record(4)], NOW)
        cluster.take_away()
        with pytest.raises(LedgerError, match=f"ConfigMap {cluster.namespace}/{NAME} of the ledger .* is gone"):
            ledger.append([record(4)], NOW)
        with pytest.raises(LedgerError, match="what is missing cannot be known"):
            cluster.open()
        cluster.plane.admin.create(cluster.collection, {"metadata": {"name": NAME}, "data": kept})
        assert [4] == [one.sequence for one in ledger.append([record(4)], NOW)]
        with ledger._store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM ledger_records WHERE sequence > 2")
    for options in ({}, {"read_only": True}):
        with pytest.raises(LedgerError, match=r"Record 3 .* is missing: the ledger ends before it, and held 4 records"):
            cluster.open(**options)


def test_a_lost_anchor_is_vouched_for(cluster):
    """Who knows that the ledger is whole writes an anchor of length 0, as the page says, and the end is anchored."""
    with cluster.open() as ledger:
        ledger.append([record(1), record(2)], NOW)
    cluster.take_away()
    words = shlex.split(PAGE.read_text().split("```console\n")[-1].split("```")[0].replace("\\\n", ""))
    words[words.index("assent-system")] = cluster.namespace
    done = cluster.plane.kubectl("anchoring", *words[1:], groups=MASTERS)

    assert 0 == done.returncode, done.stderr
    with cluster.open() as ledger:
        assert 2 == ledger.verify().length == cluster.anchored()


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([0], id="a time-out behind the effect"),
        pytest.param([500, 503, 429, 401], id="faults that pass"),
        pytest.param([409], id="a conflict that was none"),
        pytest.param([500, 0], id="a fault and then a lost answer"),
    ],
)
def test_a_lost_answer_is_asked_for(cluster, faults):
    """Each append returns once it is anchored, and moves the anchor by one write that counts."""
    faulty = Faulty(cluster.api())
    with cluster.open(faulty) as ledger:
        faulty.faults = list(faults)
        ledger.append([record(1)], NOW)
        assert 1 == cluster.anchored()
        ledger.append([record(2)], NOW)

        assert 2 == ledger.verify().length == cluster.anchored()
    assert [] == faulty.faults


@pytest.mark.parametrize("status", [403, 422, 500])
def test_rule_3_an_anchor_that_cannot_be_moved_stops(cluster, status):
    """Rule 3: the claim stands and its writer is refused: at once where trying helps nothing, else within bounds."""
    faulty = Faulty(cluster.api())
    with cluster.open(faulty, patience=1.0) as ledger, cluster.open() as other:
        faulty.faults = [status] * 1000
        begun = time.monotonic()
        with pytest.raises(LedgerError, match="cannot be moved: the server says no"):
            ledger.append([record(1, once=True)], NOW)
        assert time.monotonic() - begun < 60
        assert (0, 1) == (cluster.anchored(), other.verify().length)
        with pytest.raises(ConflictError):
            other.append([record(1, once=True)], NOW)
        other.append([record(2)], NOW)

        assert 2 == cluster.anchored()


def test_while_the_server_is_away_nothing_is_appended(cluster):
    """Nothing is committed that cannot be anchored: the refusal says so, and nothing has to be undone."""
    with cluster.open(patience=0.5) as ledger:
        api = ledger._anchor._api
        ledger._anchor._api = Api.connect(away(cluster), timeout=1.0)
        with pytest.raises(LedgerError, match=r"cannot be read: .* no answer"):
            ledger.append([record(1)], NOW)
        assert 0 == ledger.verify().length
        ledger._anchor._api = api

        assert [1] == [one.sequence for one in ledger.append([record(1)], NOW)]


def test_a_restart_of_the_server_is_borne(cluster):
    """An append that meets a killed API server waits for it to come back, and is anchored then."""
    with cluster.open(patience=120) as ledger, ThreadPoolExecutor(1) as pool:
        ledger.append([record(1)], NOW)
        for program in ("kube-controller-manager", "kube-apiserver"):
            cluster.plane.end(program, signal.SIGKILL)
        coming = pool.submit(ledger.append, [record(2)], NOW)
        # On this thread, which lives as long as the tests: what it starts is ended with it.
        cluster.plane.start_api_server()
        appended = [one.sequence for one in coming.result()]
        cluster.plane.start_controllers()

        assert [2] == appended
        assert 2 == cluster.anchored()


def test_an_account_without_rights_is_refused_at_once(cluster):
    """What an administrator must grant is said, without waiting."""
    begun = time.monotonic()
    with pytest.raises(LedgerError, match=r"cannot be read: .*forbidden") as refused:
        cluster.open(cluster.plane.api("nobody"), patience=600)

    assert time.monotonic() - begun < 60
    assert "may get, create and update it" in refused.value.hint


def test_the_other_operator_in_between(cluster):
    """Between one's commit and its PUT the other commits and anchors both: the first is done, and wrote no less."""
    faulty = Faulty(cluster.api())
    with cluster.open(faulty) as one, cluster.open() as two:
        faulty.faults = [lambda: two.append([record(2)], NOW)]
        assert [1] == [found.sequence for found in one.append([record(1)], NOW)]
        assert 2 == cluster.anchored()
        two.append([record(3)], NOW)
        assert [4] == [found.sequence for found in one.append([record(4)], NOW)]

        assert 4 == cluster.anchored() == two.verify().length


def away(cluster):
    """A kubeconfig for a port that nothing listens on."""
    path = cluster.key.with_name("away")
    path.write_text(
        '{"apiVersion": "v1", "kind": "Config", "current-context": "c", "users": [{"name": "u", "user": {}}],'
        ' "contexts": [{"name": "c", "context": {"cluster": "s", "user": "u"}}],'
        ' "clusters": [{"name": "s", "cluster": {"server": "http://127.0.0.1:1"}}]}'
    )
    return path
