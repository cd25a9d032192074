"""What the panel measures, for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from assent.portal.mails.outbox import Figures

MEASURED = {
    "waiting": ("assent_mails_waiting", "Mails that are due and not sent yet."),
    "sent": ("assent_mails_sent", "Mails that the server took since the start."),
    "failed": ("assent_mails_failed", "Tries that came to nothing since the start."),
}
"""Each figure of the mails with its metric and what that says."""


class Metrics:
    """The panel's own registry; where no mails are sent there is nothing to count."""

    def __init__(self, figures: Callable[[], Figures] | None) -> None:
        self.registry = CollectorRegistry()
        for field, (name, told) in (MEASURED if figures else {}).items():
            gauge = Gauge(name, told, registry=self.registry)
            gauge.set_function(lambda field=field: float(getattr(figures(), field)))  # type: ignore[misc] # not None here

    def exposition(self) -> bytes:
        """All of it as text."""
        return generate_latest(self.registry)
