"""Whether a watch has told of everything by now, without a list of it all: by a mark that it tells of behind the rest.

The API server tells a watch of the changes of one kind in their order. So a mark is written, into the status of one
object of the kind, and once the watch has told of it, it has told of whatever was there before the mark was.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.adapters.kube.shelf import Held, Shelf, identity
from assent.api.names import Ident
from assent.errors import ClusterError

FIELD = "watchedAt"
"""The field of a status that bears the mark; the next change of the status takes it away."""

PATIENCE = 0.5
"""Seconds within which a watch tells of the mark, or lags behind."""


class Watches(Protocol):
    """Watches that can be waited for."""

    def shelves(self) -> Mapping[str, Shelf]:
        """What each has told, by kind."""
        ...

    def until(self, kind: str, version: int, seconds: float) -> bool:
        """Whether one has come as far as this version of the API server's within so many seconds."""
        ...


def mark(api: Api, watches: Watches, ident: Ident, held: Held) -> int | None:
    """The version of a mark that the watch of its kind has told of.

    None where nobody knows whether the watch has told of everything: nothing was marked, or it did not tell in time.

    Args:
        api: who may write the status.
        watches: those of the object's kind and others.
        ident: the object that is to bear the mark.
        held: it, as it was read last.
    """
    before = watches.shelves()[ident.kind].reached
    status = {**(held.get("status") or {}), FIELD: datetime.now(UTC).isoformat()}
    try:
        marked = api.replace(f"{paths.place(ident)}/status", {**held, "status": status})
    except ClusterError:
        return None
    version = int(marked["metadata"]["resourceVersion"])
    # One that was there before, or a version below, is no mark: it was pruned, or the server was restored.
    if identity(marked) == identity(held) or version <= before:
        return None
    return version if watches.until(ident.kind, version, PATIENCE) else None
