"""Events: what has happened, for people who look at an object with kubectl."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assent.adapters.kube.api import Api
from assent.api.records import stamp
from assent.errors import ClusterError

MOST = 1000
"""Characters of an Event's message; the API server takes no more than 1,024 bytes."""

EXISTS = 409


class Events:
    """Says each thing once, since its name is made of the object and of what happened."""

    def __init__(self, api: Api, reporter: str) -> None:
        self._api = api
        self._reporter = reporter

    def say(self, held: Mapping[str, Any], reason: str, message: str, now: datetime, *, good: bool) -> None:
        """One Event on an object; one that stands already is left as it is.

        Raises:
            ClusterError: it could not be written.
        """
        metadata = held["metadata"]
        namespace = metadata.get("namespace", "default")
        name = f"{metadata['name'][:200]}.{str(metadata['uid'])[:8]}.{reason.lower()}"
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": {
                "apiVersion": held["apiVersion"],
                "kind": held["kind"],
                **{field: metadata[field] for field in ("name", "namespace", "uid") if field in metadata},
            },
            "reason": reason,
            "message": message[:MOST],
            "type": "Normal" if good else "Warning",
            "source": {"component": self._reporter},
            "firstTimestamp": stamp(now),
            "lastTimestamp": stamp(now),
            "count": 1,
        }
        try:
            self._api.create(f"/api/v1/namespaces/{namespace}/events", body)
        except ClusterError as refused:
            if refused.status != EXISTS:
                raise
