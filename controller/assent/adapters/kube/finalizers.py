"""The finalizer of Organizations, which holds their deletion until nothing depends on them or lives in them."""

from collections.abc import Callable, Mapping
from typing import Any

from assent.adapters.kube import paths
from assent.adapters.kube.api import JSON_PATCH, Api, Json
from assent.api.names import CLUSTER_KINDS, Ident
from assent.errors import CONFLICT, NOT_FOUND, UNPROCESSABLE, ClusterError

FINALIZER = "assent.dev/organization"

TRIES = 3
"""Attempts to write one finalizer, each on a fresh read; then the next round has its turn."""

Raw = Mapping[str, Any]


class Finalizers:
    """Puts the finalizer on Organizations and takes it off; nothing else of them is written."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def hold(self, held: Raw) -> Raw | None:
        """Has the Organization, as it was read last, held; as it is now, None where it is not there any more.

        Raises:
            ClusterError: it could not be written.
        """
        return self._write(held, _put_on)

    def release(self, held: Raw) -> None:
        """Lets the Organization go, if it is being deleted still.

        Raises:
            ClusterError: it could not be written.
        """
        self._write(held, _take_off)

    def _write(self, held: Raw, steps: Callable[[Raw], list[Json]]) -> Raw | None:
        place = paths.place(Ident("Organization", "", held["metadata"]["name"]))
        uid, now = held["metadata"]["uid"], held
        for left in reversed(range(TRIES)):
            patch = steps(now)
            if not patch:
                return now
            version = {"op": "test", "path": "/metadata/resourceVersion", "value": now["metadata"]["resourceVersion"]}
            try:
                return self._api.patch(place, [version, *patch], JSON_PATCH)
            except ClusterError as refused:
                if refused.status != NOT_FOUND and (refused.status not in (CONFLICT, UNPROCESSABLE) or not left):
                    raise
            fresh = self._api.find(place)
            if fresh is None or fresh["metadata"]["uid"] != uid:
                return None
            now = fresh
        return None

    def inside(self, organization: str) -> list[tuple[Ident, Raw]]:
        """All that is there of the organization at this moment: who depends on it, and what lies in its namespace.

        Raises:
            ClusterError: it could not be read.
        """
        found = []
        for kind in paths.PLURALS:
            if kind != "Module":
                items = self._api.get(paths.collection(kind, organization)).get("items", [])
                found += [(_ident(kind, one), one) for one in items if _concerns(kind, one, organization)]
        return found


def leaving(held: Raw) -> bool:
    """Whether somebody has asked for the object's end."""
    return "deletionTimestamp" in held["metadata"]


def _concerns(kind: str, one: Raw, organization: str) -> bool:
    return kind not in CLUSTER_KINDS or (one.get("spec") or {}).get("parent") == organization


def _ident(kind: str, one: Raw) -> Ident:
    return Ident(kind, one["metadata"].get("namespace", ""), one["metadata"]["name"])


def _put_on(held: Raw) -> list[Json]:
    """Nothing is held that is leaving already: the API server would refuse it."""
    finalizers = held["metadata"].get("finalizers")
    if leaving(held) or FINALIZER in (finalizers or ()):
        return []
    if finalizers is None:
        return [{"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]}]
    return [{"op": "add", "path": "/metadata/finalizers/-", "value": FINALIZER}]


def _take_off(held: Raw) -> list[Json]:
    finalizers = held["metadata"].get("finalizers") or []
    if not leaving(held) or FINALIZER not in finalizers:
        return []
    return [{"op": "remove", "path": f"/metadata/finalizers/{finalizers.index(FINALIZER)}"}]
