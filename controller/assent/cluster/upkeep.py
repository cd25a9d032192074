"""What follows from configuration and is kept up after a pass.

Every organization has its namespace and is held by its finalizer, people have the bindings that their rights come to,
what may go is let go: organizations that nothing needs any more, and ended requests when their time is over.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.adapters.kube.bindings import Bindings, unanswered
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.finalizers import FINALIZER, Finalizers, leaving
from assent.adapters.kube.namespaces import Namespaces, not_kept_up
from assent.api.conditions import Condition
from assent.api.names import Ident, Ref
from assent.core import bindings as rights
from assent.core.cases import Case
from assent.core.residence import Residents, held_by, under_way
from assent.core.world import World
from assent.errors import CONFLICT, NOT_FOUND, ClusterError
from assent.reconcile.clusters import ClusterController

A_ROUND = 100
"""Ended requests that one round deletes, so that a pass does not wait for thousands of calls."""

Raw = Mapping[str, Any]
Said = dict[str, Condition]
"""What is to be said of organizations, by name."""


class Upkeep:
    """Called after a pass, whenever configuration changed and at every resync.

    What the API server refuses concerns one organization, and is said of it; the others are kept up all the same.

    Raises:
        ClusterError: from a call, no answer came, or what is nobody's in particular was refused; the next pass goes on.
    """

    def __init__(self, api: Api, cluster: KubeCluster, namespace: str, keep: int | None) -> None:
        self._api = api
        self._cluster = cluster
        self._keep = timedelta(seconds=keep) if keep is not None else None
        self._namespaces = Namespaces(api, namespace)
        self._bindings = Bindings(api)
        self._finalizers = Finalizers(api)
        self._wanted: tuple[World, rights.Bindings] = (World(), {})

    def __call__(self, controller: ClusterController, now: datetime) -> Mapping[Ident, Condition]:
        """Does what is due; what is to be said of an object whatever its document says."""
        held = self._cluster.organizations()
        staying = [name for name, raw in held.items() if not leaving(raw)]
        said = self._each(staying, lambda name: self._hold(name, held[name]))
        # A namespace only for what is held: that of an Organization which went meanwhile nobody could delete any more.
        kept = self._namespaces.keep(name for name in staying if self._is_held(name))
        said |= kept.said
        held_up = self._held_up(controller, {name: held[name] for name in held.keys() - staying}, now)
        free = [name for name, condition in held_up.items() if condition is None]
        refused = self._bind(controller.knowledge.world, kept.ours, free)
        released = self._each((name for name in free if name not in refused), lambda name: self._release(held[name]))
        said |= refused | released | {name: one for name, one in held_up.items() if one}
        return {Ident("Organization", "", name): condition for name, condition in said.items()}

    def _each(self, names: Iterable[str], act: Callable[[str], None]) -> Said:
        """Acts for every organization; what is refused for one stands in no other's way."""
        said = {}
        for name in sorted(names):
            try:
                act(name)
            except ClusterError as refused:
                if unanswered(refused):
                    raise
                said[name] = not_kept_up(refused)
        return said

    def _hold(self, name: str, raw: Raw) -> None:
        now = self._finalizers.hold(raw)
        if now is not None:
            self._cluster.wrote(Ident("Organization", "", name), now)

    def _is_held(self, name: str) -> bool:
        raw = self._cluster.last(Ident("Organization", "", name))
        return raw is not None and FINALIZER in raw["metadata"].get("finalizers", ())

    def _release(self, raw: Raw) -> None:
        """The namespace first: once the Organization is gone nothing would come back to it."""
        self._namespaces.release(raw["metadata"]["name"])
        self._finalizers.release(raw)

    def _bind(self, world: World, ours: Iterable[str], free: Iterable[str]) -> Said:
        """Binds what rights come to; in the namespace of an organization that goes, nothing is bound any more."""
        if self._wanted[0] is not world:
            self._wanted = (world, rights.desired(world))
        wanted = {place: names for place, names in self._wanted[1].items() if place[0] not in {*free}}
        refused = self._bindings.keep(wanted, frozenset(ours))
        return {name: not_kept_up(error) for name, error in refused.items()}

    def _held_up(
        self, controller: ClusterController, going: Mapping[str, Raw], now: datetime
    ) -> dict[str, Condition | None]:
        """By what each organization that is to go is held; None where by nothing."""
        found: dict[str, Condition | None] = {}
        for name, raw in sorted(going.items()):
            if FINALIZER in raw["metadata"].get("finalizers", ()):
                text = held_by(name, self._residents(controller, name, now))
                found[name] = Condition("Ready", "False", "DeletionHeld", text) if text else None
        return found

    def _residents(self, controller: ClusterController, name: str, now: datetime) -> Residents:
        """Who is in the organization, read at this moment: nothing brings one back that was let go too early."""
        state = controller.knowledge.state
        found = dict(self._finalizers.inside(name))
        phases: dict[Ref, str] = {
            ident.ref: "Submitted"
            for ident in found
            if ident.kind == "Request" and ident.ref not in state.cases and ident.ref not in state.refusals
        }
        phases |= {ref: controller.decision(ref, now).phase for ref in under_way(state.cases, name)}
        children = {ident.name: raw["spec"]["type"] for ident, raw in found.items() if ident.kind == "Organization"}
        documents = frozenset(ident for ident in found if ident.kind not in ("Organization", "Request"))
        return Residents(children, documents, phases)

    def let_go(self, controller: ClusterController, now: datetime) -> list[ClusterError]:
        """Deletes the objects of requests that ended long ago, and their Jobs; the ledger keeps what they were.

        What could not be deleted is returned, and stands in no other's way.
        """
        if self._keep is None:
            return []
        over = [
            case
            for case in controller.knowledge.state.cases.values()
            if case.end and not case.open and case.present and now - case.end.at > self._keep and not self._going(case)
        ]
        return [error for case in over[:A_ROUND] if (error := self._delete(controller, case))]

    def _delete(self, controller: ClusterController, case: Case) -> ClusterError | None:
        """Why one could not be deleted; the others go all the same."""
        try:
            controller.remote.clear(case)
            self._api.delete(paths.place(Ident("Request", *case.ref)), {"preconditions": {"uid": case.proof}})
        except ClusterError as refused:
            if refused.status not in (NOT_FOUND, CONFLICT):
                return refused
        controller.touch(case.ref)
        return None

    def _going(self, case: Case) -> bool:
        """Whether its deletion was asked for already, and something holds it up."""
        raw = self._cluster.last(Ident("Request", *case.ref))
        return raw is not None and leaving(raw)
