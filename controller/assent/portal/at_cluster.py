"""The panel's door at a cluster, opened: watches of every kind but Request, and the ledger with its anchor there."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.kube import paths
from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.kube.api import Api
from assent.adapters.kube.informers import Informers
from assent.adapters.ledger import Ledger, default_key
from assent.api.names import CONFIGURATION
from assent.errors import ClusterError, LedgerError, UsageError
from assent.portal.cluster_door import ClusterDoor

PATIENCE = 60.0
"""Seconds for which the first lists are waited for, and for a controller to begin."""


@dataclass(frozen=True)
class Where:
    """Which cluster and which ledger are meant."""

    context: str
    kubeconfig: Path | None
    namespace: str
    ledger: str
    ledger_key: Path | None


@contextmanager
def opened(where: Where) -> Iterator[ClusterDoor]:
    """The door, once it has seen everything.

    Raises:
        UsageError: no ledger is named.
        LedgerError: no controller has begun on it in time, or it cannot be trusted.
        ClusterError: not everything could be listed in time.
    """
    if not where.ledger:
        raise UsageError("the panel shares the operator's ledger, and none is named", "name it by --ledger FILE|URL")
    api = Api.connect(where.kubeconfig, where.context)
    informers = Informers(api, {kind: paths.collection(kind) for kind in CONFIGURATION})
    anchor = ConfigMapAnchor(api, where.namespace)
    _await(anchor)
    with Ledger.open(where.ledger, key_file=where.ledger_key or default_key(), anchor=anchor) as ledger:
        informers.start()
        try:
            if not informers.wait(PATIENCE):
                raise ClusterError(
                    "; ".join(informers.problems()) or "not every kind could be listed", "look at its log"
                )
            yield ClusterDoor(api, informers, ledger)
        finally:
            informers.stop()


def _await(anchor: ConfigMapAnchor) -> None:
    """Until a controller has begun: it alone makes a ledger, and the panel's account could not."""
    end = time.monotonic() + PATIENCE
    while anchor.read() is None:
        if time.monotonic() > end:
            text = f"no controller has begun on the ledger yet: there is no {anchor.name}"
            raise LedgerError(text, "start the operator, and see what its log says")
        time.sleep(1)
