"""Status, written whole in place of whatever stands there, and only where it says something else.

A PUT with the resourceVersion that was read: what somebody else wrote into it disappears, and a stale one conflicts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api, Json
from assent.adapters.kube.marks import FIELD
from assent.api.conditions import Condition
from assent.api.names import Ident
from assent.api.records import stamp
from assent.errors import CONFLICT, NOT_FOUND, ClusterError

TRIES = 3
"""Attempts to write one status, each from a fresh read; then the next pass has its turn."""


class Statuses:
    """The writer of all statuses; `written` is told of each."""

    def __init__(self, api: Api, written: Callable[[], object] = lambda: None) -> None:
        self._api = api
        self._written = written

    def show(
        self, ident: Ident, status: Mapping[str, Any], held: Mapping[str, Any] | None, now: datetime
    ) -> Mapping[str, Any] | None:
        """Makes the object say this: as it stands then, or None where it is not there (any more).

        `held` is it as it was read last. A status that somebody wrote since, as another replica that knows more, is not
        written over.

        Raises:
            ClusterError: it could not be written; what it said before stands.
        """
        before = held
        for left in reversed(range(TRIES)):
            try:
                held = held or self._api.get(paths.place(ident))
                before = before or held
                if _said(held) != _said(before):
                    break
                return self._put(ident, status, held, now)
            except ClusterError as refused:
                if refused.status == NOT_FOUND:
                    return None
                if refused.status != CONFLICT or not left:
                    raise
                held = None
        raise ClusterError(f"{ident}: somebody else has just written its status", status=CONFLICT)

    def _put(
        self, ident: Ident, status: Mapping[str, Any], held: Mapping[str, Any], now: datetime
    ) -> Mapping[str, Any]:
        if says(held, status, now):
            return held
        body: Json = {**held, "status": timed(status, held, now)}
        after = self._api.replace(f"{paths.place(ident)}/status", body)
        self._written()
        return after


def says(held: Mapping[str, Any], status: Mapping[str, Any], now: datetime) -> bool:
    """Whether the object, as it was read, says this already."""
    return timed(status, held, now) == _said(held)


def _said(held: Mapping[str, Any]) -> Json | None:
    """Its status, without the mark that says nothing to anybody."""
    status = held.get("status")
    return {name: one for name, one in status.items() if name != FIELD} if status else status


def timed(status: Mapping[str, Any], held: Mapping[str, Any], now: datetime) -> Json:
    """The status with the object's generation, and with times on conditions that bring none.

    A condition keeps the time at which it came to its status, whatever else of it changes.
    """
    generation = held["metadata"].get("generation", 1)
    before = {one.get("type"): one for one in (held.get("status") or {}).get("conditions") or []}
    conditions = [_timed(one, before.get(_type(one), {}), generation, now) for one in status.get("conditions", [])]
    return {**status, "observedGeneration": generation, "conditions": conditions}


def _type(one: Condition | Mapping[str, Any]) -> str:
    return one.type if isinstance(one, Condition) else str(one["type"])


def _timed(one: Condition | Mapping[str, Any], before: Mapping[str, Any], generation: int, now: datetime) -> Json:
    if not isinstance(one, Condition):
        return {**one, "observedGeneration": generation}
    since = before.get("lastTransitionTime") if before.get("status") == one.status else None
    return {
        "type": one.type,
        "status": one.status,
        "reason": one.reason,
        "message": one.message,
        "lastTransitionTime": since or stamp(now),
        "observedGeneration": generation,
    }
