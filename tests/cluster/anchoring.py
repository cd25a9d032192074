"""Where the anchor's tests play: a namespace, a ledger on a server, connections that fail, a watch of the anchor."""

import contextlib
import os
import signal
import threading
from datetime import UTC, datetime

import postgres
from assent.adapters.kube.anchors import NAME, ConfigMapAnchor
from assent.adapters.kube.api import Api
from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord
from assent.errors import ClusterError

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MASTERS = ("system:masters",)


class Cluster:
    """A namespace of its own with an anchor in it, and a ledger on a server beside it."""

    def __init__(self, plane, namespace, url, key):
        self.plane = plane
        self.namespace = namespace
        self.url = url
        self.key = key
        self.kubeconfig = plane.kubeconfig("anchoring", groups=MASTERS)
        self.collection = f"/api/v1/namespaces/{namespace}/configmaps"

    def api(self):
        """A connection that no other operator uses."""
        return Api.connect(self.kubeconfig)

    def open(self, api=None, *, patience=5.0, **options):
        """The ledger as one operator opens it."""
        anchor = ConfigMapAnchor(api or self.api(), self.namespace, patience=patience)
        return Ledger.open(self.url, key_file=self.key, anchor=anchor, **options)

    def held(self):
        return self.plane.admin.get(f"{self.collection}/{NAME}")

    def anchored(self):
        return int(self.held()["data"]["length"])

    def change(self, **fields):
        self.plane.admin.patch(f"{self.collection}/{NAME}", fields)

    def take_away(self):
        self.plane.admin.delete(f"{self.collection}/{NAME}")


@contextlib.contextmanager
def housed(request, plane, tmp_path):
    """A cluster of this test's own; the ledger's database is gone afterwards."""
    name = f"anchor-{os.urandom(5).hex()}"
    plane.admin.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    with postgres.database(request.config) as url:
        yield Cluster(plane, name, url, tmp_path / "configuration" / "ledger.key")


def record(number, **options):
    return NewRecord("observed", f"acme/request-{number}", {"number": number}, **options)


LAST_WORD = "last word"


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Faulty:
    """An operator's connection to the API server; `faults` come one a write of the anchor.

    A status refuses it, 0 loses its answer, something to call happens before it, and LAST_WORD ends the process behind.
    """

    def __init__(self, api, *faults):
        self._api = api
        self.faults = list(faults)

    def __getattr__(self, name):
        return getattr(self._api, name)

    def replace(self, path, body):
        """A real write whose answer is lost, or that never gets there, or that something happens before."""
        fault = self.faults.pop(0) if self.faults else None
        if callable(fault):
            fault()
        elif isinstance(fault, int) and fault:
            raise ClusterError("the server says no", status=fault)
        done = self._api.replace(path, body)
        if fault is LAST_WORD:
            die()
        if fault == 0:
            raise ClusterError("no answer (ReadTimeoutError)")
        return done


@contextlib.contextmanager
def lengths(cluster):
    """Every length that the anchor ever had, in order, from a watch."""
    seen, api, version = [], cluster.api(), cluster.held()["metadata"]["resourceVersion"]
    query = {"fieldSelector": f"metadata.name={NAME}", "resourceVersion": version}

    def watch():
        for event in api.stream(cluster.collection, silence=60, **query):
            if event["type"] != "MODIFIED" or "end" in event["object"]["metadata"].get("labels", {}):
                return
            seen.append(int(event["object"]["data"]["length"]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        cluster.change(metadata={"labels": {"end": ""}})
        thread.join(60)
    assert not thread.is_alive()
