"""kopf as this operator needs it: no memory of its own that counts, no scanning, no peers, patience with the API."""

from typing import Final

import kopf

from assent.adapters.kube.waits import JitteredForever

PREFIX: Final = "assent.dev"
FINALIZER: Final = f"{PREFIX}/finalizer"
"""kopf's own, should a handler ever need one; ours on Organizations is another, and not set by kopf."""


def configure(settings: kopf.OperatorSettings) -> None:
    """Sets what differs from kopf's own defaults, or must not change with them; times are in seconds."""
    _quietly(settings)
    _patiently(settings)
    _watching(settings)
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=PREFIX, v1=False)
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=PREFIX, v1=False)
    settings.persistence.consistency_timeout = 10
    settings.execution.default_backoff = 15
    settings.process.ultimate_exiting_timeout = 20


def _quietly(settings: kopf.OperatorSettings) -> None:
    """Nothing is written or read that is not needed: `admission.managed` stays unset, the chart owns the webhook."""
    settings.posting.loggers = False  # a log line is no Event
    settings.peering.standalone = True  # a peer must not be able to pause this operator
    settings.scanning.disabled = True  # our kinds are fixed, and looking for others needs more rights
    settings.admission.managed = None


def _patiently(settings: kopf.OperatorSettings) -> None:
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 10
    settings.networking.error_backoffs = JitteredForever()
    settings.networking.enforce_retry_after = True
    settings.queueing.worker_limit = None  # a limit caps the objects a second at limit / idle_timeout
    settings.queueing.idle_timeout = 1.0
    settings.queueing.error_delays = (1, 2, 5, 10, 30, 60)


def _watching(settings: kopf.OperatorSettings) -> None:
    settings.watching.server_timeout = 240  # planned reconnects
    settings.watching.client_timeout = 300
    settings.watching.inactivity_timeout = 70  # bookmarks come about every minute; less would drop healthy watches
    settings.watching.connect_timeout = 10
