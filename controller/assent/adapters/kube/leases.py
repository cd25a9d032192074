"""One active replica by a Lease: it saves work; safety never rests on it.

Whether another's lease has run out is judged by how long its record has not changed on our own monotonic clock,
since the wall times in it are another machine's (client-go's rule).
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

from assent.adapters.kube.api import Api, Json
from assent.adapters.kube.waits import jittered
from assent.errors import CONFLICT, ClusterError

LONGEST = 60.0
"""Seconds; no record is believed to hold for longer without being renewed."""


@dataclass(frozen=True, slots=True)
class Term:
    """Seconds: how long a lease holds, how often it is renewed, and how long before its end it is held no more."""

    duration: int = 15
    renew: float = 5.0
    margin: float = 5.0


class Lease:
    """The Lease of this name, sought for `identity`, which no other process has.

    `problem` is why it could not be had or renewed at the last try; empty where it is ours, or somebody else's.
    """

    def __init__(
        self,
        api: Api,
        identity: str,
        *,
        namespace: str = "assent-system",
        name: str = "assent-operator",
        term: Term | None = None,
    ) -> None:
        self.identity = identity
        self.problem = ""
        self.holder = ""
        self._api = api
        self._namespace, self._name = namespace, name
        self._term = term or Term()
        self._until = 0.0
        self._seen: object = None
        self._since = 0.0

    def held(self) -> bool:
        """Whether it is ours and will be for a while; asks nobody."""
        return time.monotonic() < self._until

    def run(self, stop: Event) -> None:
        """Seeks and renews it until `stop` is set, then releases it."""
        while not stop.is_set():
            self.step()
            stop.wait(jittered(self._term.renew))
        self.release()

    def step(self) -> None:
        """One try: takes the lease where it is free, renews it where it is ours; never raises for the API's faults."""
        sent = time.monotonic()
        try:
            ours = self._try(sent)
            self.problem = ""
        except ClusterError as error:
            self.problem = "" if error.status == CONFLICT else error.message
            return
        self._until = sent + self._term.duration - self._term.margin if ours else 0.0

    def release(self) -> None:
        """Gives it up at once, so that another need not wait for its end; where that fails, it ends by itself."""
        held, self._until = self.held(), 0.0
        try:
            found = self._api.get(self._path) if held else {}
            if _spec(found).get("holderIdentity") == self.identity:
                self._write(found, "", 1)
        except ClusterError as error:
            self.problem = error.message

    @property
    def _path(self) -> str:
        return f"{self._collection}/{self._name}"

    @property
    def _collection(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases"

    def _try(self, sent: float) -> bool:
        found = self._api.find(self._path)
        if found is None:
            self._create()
            return True
        self.holder = str(_spec(found).get("holderIdentity") or "")
        if self.holder != self.identity and not self._free(_spec(found), sent):
            return False
        self._write(found, self.identity, self._term.duration)
        self.holder = self.identity
        return True

    def _free(self, spec: Json, now: float) -> bool:
        """Whether nobody holds it, or whoever did has not renewed it for its whole duration while we looked."""
        if self._seen != spec:
            self._seen, self._since = spec, now
        duration = spec.get("leaseDurationSeconds")
        lasts = min(float(duration) if isinstance(duration, int) else LONGEST, LONGEST)
        return not spec.get("holderIdentity") or now - self._since >= lasts

    def _create(self) -> None:
        metadata = {"name": self._name, "namespace": self._namespace}
        spec = self._record({}, self.identity, self._term.duration)
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        self._api.create(self._collection, lease)
        self.holder = self.identity

    def _write(self, found: Json, holder: str, seconds: int) -> None:
        """By its resourceVersion: of two that take it at once, one is refused."""
        self._api.replace(self._path, {**found, "spec": self._record(_spec(found), holder, seconds)})

    def _record(self, spec: Json, holder: str, seconds: int) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        same = spec.get("holderIdentity") == holder
        transitions = spec.get("leaseTransitions") or 0
        return {
            "holderIdentity": holder,
            "leaseDurationSeconds": seconds,
            "acquireTime": spec.get("acquireTime") or now if same else now,
            "renewTime": now,
            "leaseTransitions": transitions + 1 if spec and holder and not same else transitions,
        }


def _spec(found: Json) -> Json:
    spec: Json = found.get("spec") or {}
    return spec
