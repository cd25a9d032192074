"""One Request of juan's that waits for approval in a guarded cluster, and whoever writes to it."""

import pytest

from assent.adapters.kube import paths
from assent.api.names import Ident
from assent.errors import ClusterError
from cluster.admission import MASTERS, OPERATOR, request

JUAN, MARIA = "juan@acme.example", "maria@acme.example"
DIGEST = "4c1d09b2" * 8
ENTRY = "approval.assent.dev/maria"
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x"}


class Opened:
    """The Request `r1`, digested; `who` is anybody's username, "admin" one of system:masters."""

    def __init__(self, plane, organization):
        self.plane, self.organization = plane, organization
        self.collection = paths.collection("Request", organization)
        self.place = paths.place(Ident("Request", organization, "r1"))
        self.create(JUAN, request("r1", organization))
        self.status(DIGEST)

    def api(self, who):
        return self.plane.api(who, MASTERS if who == "admin" else ())

    def create(self, who, body, **query):
        return self.api(who).create(self.collection, body, **query)

    def status(self, digest, phase="PendingApproval", who=OPERATOR):
        held = self.held()
        return self.api(who).replace(f"{self.place}/status", {**held, "status": {"phase": phase, "digest": digest}})

    def annotate(self, who, notes, **query):
        return self.api(who).patch(self.place, {"metadata": {"annotations": notes}}, **query)

    def held(self):
        return self.plane.admin.get(self.place)

    def notes(self):
        return self.held()["metadata"]["annotations"]


def refusal(act, *arguments, **options):
    """What the API server refuses it with."""
    with pytest.raises(ClusterError) as refused:
        act(*arguments, **options)
    return refused.value.message
