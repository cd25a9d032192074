"""The anchor in the cluster: how far the ledger reached, in a ConfigMap of the operator's, moved by compare-and-swap.

The API server takes the place of the file's lock: a PUT with the resourceVersion that was read succeeds only where
nobody moved the anchor since. What the ledger proves against it, and in which order, is the ledger's own affair.
"""

import contextlib
import re
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assent.adapters.kube.api import Api
from assent.api.heads import Head
from assent.errors import CONFLICT, NOT_FOUND, ClusterError, LedgerError

NAME = "assent-ledger-anchor"
PATIENCE = 10.0
"""Seconds that an API server may be away before an append gives up; a change of etcd's leader takes less."""

_SHORTEST, _LONGEST = 0.05, 1.0  # seconds between two tries
_LENGTH = re.compile(r"0|[1-9][0-9]{0,17}")


class ConfigMapAnchor:
    """The ConfigMap `assent-ledger-anchor` in `namespace`, read and written as the account of `api`.

    One for each open ledger; several operators may each have one for the same ConfigMap.
    """

    def __init__(self, api: Api, namespace: str, *, patience: float = PATIENCE) -> None:
        self._api = api
        self._namespace = namespace
        self._patience = patience
        self._lock = threading.Lock()
        self._held: dict[str, Any] | None = None  # as it was read last
        self._draft: Head | None = None
        self._doubts = _Doubts(self.name, patience)

    @property
    def name(self) -> str:
        """What people know it by."""
        return f"ConfigMap {self._namespace}/{NAME}"

    @property
    def advice(self) -> str:
        """What to do where it is missed."""
        return f"Put the {self.name} back as it was; docs/reference/ledger.md says how where there is no copy of it."

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """One thread at a time; other processes are told apart by the resourceVersion."""
        with self._lock:
            yield

    def read(self) -> Head | None:
        """What stands in the API server's store now (no resourceVersion is asked for, so no cache answers)."""
        doubts = _Doubts(self.name, self._patience)
        while True:
            try:
                self._held = self._api.get(self._path(NAME))
            except ClusterError as error:
                if error.status == NOT_FOUND:
                    self._held = None
                    return None
                doubts.bear(error, "read")
                continue
            return self._parsed(self._held)

    def draft(self, head: Head) -> None:
        """Nothing to prepare: that the API server answers was seen when the anchor was read."""
        self._draft = head

    def settle(self) -> bool:
        """Write the draft where the anchor is still the one that was read; with no answer nothing is known.

        A write that comes late meets another resourceVersion and changes nothing, so it may be tried again.
        """
        try:
            self._write()
        except ClusterError as error:
            # Somebody else's write, or that the anchor is gone, is for the next read to say.
            if not (error.status == NOT_FOUND and self._held):
                self._doubts.bear(error, "moved")
            return False
        self._doubts.end()
        return True

    def gone(self) -> tuple[tuple[Path, Head], ...]:
        """None: this anchor stays where it is when its ledger moves."""
        return ()

    def _write(self) -> None:
        if self._draft is None:
            raise ValueError("nothing was drafted")
        data = {"length": str(self._draft.length), "head": self._draft.mac}
        if self._held is None:
            about = {"name": NAME, "namespace": self._namespace}
            self._api.create(self._path(), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data})
            return
        about = {name: value for name, value in self._held["metadata"].items() if name != "managedFields"}
        self._api.replace(self._path(NAME), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data})

    def _path(self, name: str = "") -> str:
        return f"/api/v1/namespaces/{self._namespace}/configmaps" + (f"/{name}" if name else "")

    def _parsed(self, held: Mapping[str, Any]) -> Head:
        data = held.get("data") or {}
        length, mac = str(data.get("length", "")), str(data.get("head", ""))
        if _LENGTH.fullmatch(length) and (head := Head(int(length), mac)).well_formed:
            return head
        raise LedgerError(
            f"The ledger's anchor, {self.name}, cannot be read: it holds no length and head.", self.advice
        )


class _Doubts:
    """A run of failures, borne for so many seconds from the first one on."""

    def __init__(self, name: str, patience: float) -> None:
        self._name = name
        self._patience = patience
        self.end()

    def end(self) -> None:
        """It went well again."""
        self._since: float | None = None
        self._pause = _SHORTEST

    def bear(self, error: ClusterError, what: str) -> None:
        """Wait a moment, where the same may succeed later.

        Raises:
            LedgerError: it would not, or it was tried for long enough.
        """
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if not error.may_pass or now - self._since >= self._patience:
            self.end()
            raise LedgerError(
                f"The ledger's anchor, {self._name}, cannot be {what}: {error.message.rstrip('.')}.",
                "See that the API server answers, and that the operator may get, create and update it.",
            ) from error
        if error.status != CONFLICT:
            time.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST)
