"""What people see after a pass: the status of requests and of configuration, and an Event where something happened."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.events import Events
from assent.adapters.kube.statuses import Statuses, says
from assent.api.conditions import Condition
from assent.api.names import Ident
from assent.core.decide import Decision
from assent.core.readiness import statuses
from assent.core.status import status
from assent.errors import CONFLICT, ClusterError
from assent.reconcile.clusters import ClusterController

MOST_CAN_DECIDE = 100
"""People that a stage's `canDecide` names; status is for people to read, and every object's bytes are kept in etcd."""

GOOD = frozenset({"PendingApproval", "Approved", "Running", "Succeeded"})
"""Phases that come as an Event of type Normal; the others are Warnings."""


class Showing:
    """The one exit by which status leaves; what cannot be written now is shown at a later pass."""

    def __init__(
        self, cluster: KubeCluster, writer: Statuses, events: Events, may_write: Callable[[str], bool]
    ) -> None:
        self._cluster = cluster
        self._writer = writer
        self._events = events
        self._may_write = may_write
        self._said: dict[Ident, dict[str, Any]] = {}

    def requests(self, controller: ClusterController, now: datetime) -> list[ClusterError]:
        """Shows every request whose decision was made anew, and those whose document is refused."""
        troubles = []
        state = controller.knowledge.state
        for ref in sorted(controller.to_show):
            ident = Ident("Request", *ref)
            case = state.cases.get(ref)
            if case and not case.present:
                controller.to_show.discard(ref)
                continue
            refusal = state.refusals.get(ref)
            shown = self._decided(controller, controller.decision(ref, now)) if case else _refused(refusal)
            try:
                if shown is None or self._show(ident, shown, now):
                    controller.to_show.discard(ref)
            except ClusterError as trouble:
                controller.touch(ref)  # it is read anew, and judged by whatever the ledger says by then
                if trouble.status != CONFLICT:
                    troubles.append(trouble)
        return troubles

    def _decided(self, controller: ClusterController, decision: Decision) -> dict[str, Any]:
        shown = status(controller.knowledge.world, decision)
        stages = [{**one, "canDecide": one["canDecide"][:MOST_CAN_DECIDE]} for one in shown["stages"]]
        return {**shown, "stages": stages}

    def _show(self, ident: Ident, shown: Mapping[str, Any], now: datetime) -> bool:
        """Writes it where it differs, and tells people where the phase did; False where it must wait."""
        held = self._cluster.last(ident)
        if held and says(held, shown, now):
            return True
        if not self._may_write(str(ident)):
            return False
        before = ((held or {}).get("status") or {}).get("phase")
        there = self._writer.show(ident, shown, held, now)
        if there:
            self._cluster.wrote(ident, there)
        if there and held and before != shown.get("phase"):
            message = next(_message(one) for one in shown["conditions"])
            self._events.say(held, shown["phase"], message, now, good=shown["phase"] in GOOD)
        return True

    def configuration(
        self, controller: ClusterController, kept: Mapping[Ident, Condition], now: datetime
    ) -> list[ClusterError]:
        """Shows every document of configuration whose status differs from what was shown last."""
        held = controller.held
        unread = [ident for ident, one in held.items() if one.document is None]
        wanted = statuses(controller.knowledge.world, held, kept, unread)
        troubles = []
        for ident, shown in wanted.items():
            if self._said.get(ident) == shown and held[ident].uid == self._uid(ident):
                continue
            try:
                if self._configured(ident, shown, now):
                    self._said[ident] = shown
            except ClusterError as trouble:
                troubles.append(trouble)
        self._said = {ident: one for ident, one in self._said.items() if ident in wanted}
        return troubles

    def _configured(self, ident: Ident, shown: Mapping[str, Any], now: datetime) -> bool:
        """Whether the document says it now; not where it must wait."""
        held = self._cluster.last(ident)
        if held and says(held, shown, now):
            return True
        return self._may_write(str(ident)) and self._writer.show(ident, shown, held, now) is not None

    def forget(self) -> None:
        """What was shown is compared with the objects again: somebody else may have written."""
        self._said.clear()

    def _uid(self, ident: Ident) -> str:
        return str((self._cluster.last(ident) or {}).get("metadata", {}).get("uid", ""))


def _message(condition: Condition | Mapping[str, Any]) -> str:
    """The first condition is Ready, which says what matters most."""
    return condition.message if isinstance(condition, Condition) else str(condition["message"])


def _refused(refusal: tuple[str, str] | None) -> dict[str, Any] | None:
    """The status of a request whose document its kind refuses, so that it never became a case."""
    if refusal is None:
        return None
    reason, message = refusal
    conditions = [Condition("Ready", "False", reason, message), Condition("Validated", "False", reason, message)]
    return {"phase": "Invalid", "conditions": conditions, "stages": [], "results": []}
