"""What can be measured from outside, in Prometheus' words; whoever reports here needs to know nothing of Prometheus."""

from collections.abc import Iterable, Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from assent.adapters.kube.paths import PLURALS
from assent.api.conditions import REASONS
from assent.api.names import CONFIGURATION
from assent.api.plans import ResultState
from assent.api.requests import Phase

OTHER = "other"
STAGES = 50
"""How many names of stages are told apart: people make them up, and every value is kept for ever."""

_WAITS = (60, 300, 900, 1800, 3600, 4 * 3600, 8 * 3600, 86400, 3 * 86400, 7 * 86400, 30 * 86400)
_WORK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One process's measures, in a registry of their own; every method may be called from any thread.

    Label values are bounded: a word that is not one of ours counts as `other`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._make_gauges(self.registry)
        self._make_counters(self.registry)
        self._stages: set[str] = set()
        self.trusted(proven=False)
        self.leads(leader=False)

    def exposition(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self.registry)

    def oldest_pending(self, seconds: float) -> None:
        """How long the request has waited that has waited longest; 0 where none does."""
        self._oldest.set(seconds)

    def decided(self, stage: str, seconds: float) -> None:
        """A stage was satisfied, so many seconds after it opened."""
        if stage not in self._stages and len(self._stages) < STAGES:
            self._stages.add(stage)
        self._decision.labels(stage if stage in self._stages else OTHER).observe(seconds)

    def requests(self, phases: Mapping[str, int]) -> None:
        """How many requests there are in each phase; a phase that is not named has none."""
        _set_all(self._requests, phases, get_args(Phase))

    def held(self, reasons: Mapping[str, int]) -> None:
        """How many requests wait for each reason; a reason that is not named holds none."""
        _set_all(self._held, reasons, REASONS)

    def passed(self, seconds: float) -> None:
        """One pass took so long."""
        self._pass.observe(seconds)

    def watched(self, ages: Mapping[str, float]) -> None:
        """Seconds since the watch of each kind last gave a proof of life."""
        for kind, seconds in ages.items():
            self._watch.labels(kind if kind in PLURALS else OTHER).set(seconds)

    def world(self, documents: Mapping[str, int]) -> None:
        """How many documents of each kind are in force here; a kind that is not named has none."""
        _set_all(self._world, documents, CONFIGURATION)

    def ledger_lag(self, records: int) -> None:
        """How many records others have written that have not been read."""
        self._lag.set(records)

    def executed(self, outcome: str) -> None:
        """An execution came to this end."""
        self._executions.labels(outcome if outcome in get_args(ResultState) else OTHER).inc()

    def status_written(self) -> None:
        """One status was written."""
        self._writes.inc()

    def api_error(self, status: int) -> None:
        """The API server refused a call with this HTTP status; 0: no answer came."""
        self._errors.labels(f"{status // 100}xx" if status in range(100, 600) else "none").inc()

    def trusted(self, *, proven: bool) -> None:
        """Whether admission is proven to be in force."""
        self._trusted.set(proven)

    def idle(self) -> None:
        """Another replica is the active one: what this one counted when it was says nothing any more."""
        self.trusted(proven=False)
        self.requests({})
        self.held({})
        self.oldest_pending(0)
        self.world({})
        self.ledger_lag(0)

    def leads(self, *, leader: bool) -> None:
        """Whether this replica is the active one."""
        self._leader.set(leader)

    def restarted(self, part: str) -> None:
        """A part of the process ended and was started again; parts are named in code, so their names are few."""
        self._restarts.labels(part).inc()

    def _make_gauges(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"assent_{name}", text, labels, registry=registry)

        self._oldest = gauge("oldest_pending_request_seconds", "Seconds that the oldest pending request has waited.")
        self._requests = gauge("requests", "Requests in each phase.", "phase")
        self._held = gauge(
            "requests_held", "Requests that wait, by the reason of the condition that says why.", "reason"
        )
        self._watch = gauge("watch_age_seconds", "Seconds since the watch last gave a proof of life.", "kind")
        self._world = gauge("world_documents", "Documents of configuration that decisions rest on.", "kind")
        self._lag = gauge("ledger_lag_records", "Ledger records written by others that are not read yet.")
        self._trusted = gauge("admission_trusted", "1 while admission is proven to refuse forgeries, else 0.")
        self._leader = gauge("leader", "1 while this replica is the active one, else 0.")

    def _make_counters(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"assent_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: Iterable[float], *labels: str) -> Histogram:
            return Histogram(f"assent_{name}", text, labels, buckets=tuple(buckets), registry=registry)

        self._decision = histogram(
            "decision_seconds", "Seconds from a stage's opening to its satisfaction.", _WAITS, "stage"
        )
        self._pass = histogram("pass_seconds", "Seconds that one reconciling pass took.", _WORK)
        self._executions = counter("executions_total", "Executions that ended, by outcome.", "outcome")
        self._writes = counter("status_writes_total", "Writes of an object's status.")
        self._errors = counter(
            "api_errors_total", "Calls that the API server refused, or did not answer (none).", "class"
        )
        self._restarts = counter("restarts_total", "Restarts of a part of this process after it had ended.", "part")


def _set_all(gauge: Gauge, counts: Mapping[str, int], words: Iterable[str]) -> None:
    """Each word's count, with what is none of the words under `other`."""
    known = dict.fromkeys(words, 0)
    others = 0
    for word, count in counts.items():
        if word in known:
            known[word] = count
        else:
            others += count
    for word, count in {**known, OTHER: others}.items():
        gauge.labels(word).set(count)
