"""The panel on a cluster: it reads by watches and the operator's ledger, and creates Requests by its own account.

Admission lets that account name another requester; what it creates counts only with the evidence in the ledger.
What the watches remember decides what is shown, and nothing else: a pass judges from reads of its own.
"""

from collections.abc import Mapping
from typing import Any, Literal

from assent.adapters.kube import objects, paths
from assent.adapters.kube.api import Api
from assent.adapters.kube.cluster import KubeCluster, Memory
from assent.adapters.ledger import Ledger
from assent.api.names import Ident, Ref
from assent.api.requests import document
from assent.api.sightings import Sighting
from assent.core.declared import world_of
from assent.core.state import State
from assent.core.world import World
from assent.errors import ClusterError
from assent.portal.doors import NameTakenError
from assent.portal.reading import Reading

WRITER = "assent-portal"
"""The field manager under which the server notes these writes."""


class ClusterDoor(Reading):
    """One API server and the ledger of its operator; `memory` are the watches of all kinds but Request."""

    name: Literal["Cluster"] = "Cluster"

    def __init__(self, api: Api, memory: Memory, ledger: Ledger) -> None:
        super().__init__(ledger, self._declared)
        self._api = api
        self._cluster = KubeCluster(api, memory)
        self._held: Mapping[Ident, Sighting] = {}

    def _declared(self, state: State, world: World, told: bool) -> World:  # noqa: FBT001 -- a builder's form
        held = self._cluster.configuration(fresh=False)
        world = world_of(world, self._held, held, state.written)
        self._held = held
        return world.written({ident: one.provenance for ident, one in state.written.items()}) if told else world

    def open(self, ref: Ref, spec: Mapping[str, Any], username: str) -> None:  # noqa: ARG002 -- the evidence names them
        """Creates the Request; one that is there already as it should be is left."""
        value = document(ref, spec)
        where = paths.collection("Request", ref.namespace)
        try:
            self._api.create(where, value, fieldManager=WRITER, fieldValidation="Strict")
        except ClusterError as refused:
            if refused.reason != "AlreadyExists":
                raise
            held = objects.plain(self._api.get(paths.place(Ident("Request", *ref))))
            if held.get("spec") != value["spec"]:
                raise NameTakenError(f"the name {ref} is taken, and a name is used once", "give another one") from None
