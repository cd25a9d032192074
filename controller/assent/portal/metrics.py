"""What the panel measures, for Prometheus: gauges say what is so now, counters what has happened since the start."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from assent.portal.mails.outbox import Figures


class Metrics(Collector):
    """The panel's own registry; where no mails are sent there is nothing to count."""

    def __init__(self, figures: Callable[[], Figures] | None) -> None:
        self._figures = figures
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Every measure as it stands at this moment."""
        if self._figures is None:
            return
        now = self._figures()
        yield GaugeMetricFamily("assent_mails_waiting", "Mails that are due and not sent yet.", now.waiting)
        yield CounterMetricFamily("assent_mails_sent", "Mails that the server took.", now.sent)
        yield CounterMetricFamily("assent_mails_failed", "Tries that came to nothing.", now.failed)

    def exposition(self) -> bytes:
        """All of it as text."""
        return generate_latest(self.registry)
