"""The operator put together: what each part is made of, and the parts that are kept running."""

import contextlib
import os
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from uuid import uuid4

import kopf

from assent.adapters import logs
from assent.adapters.health import Health, Heartbeat
from assent.adapters.kube import paths
from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.kube.api import Api, Login
from assent.adapters.kube.canary import Canary
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.events import Events
from assent.adapters.kube.informer import Informer
from assent.adapters.kube.informers import Informers
from assent.adapters.kube.leases import Lease
from assent.adapters.kube.namespaces import labelled
from assent.adapters.kube.statuses import Statuses
from assent.adapters.ledger import Ledger
from assent.api.names import CONFIGURATION, Ident, Ref
from assent.api.plans import RunnerName
from assent.api.sightings import Sighting
from assent.cluster import certificates, framework, handlers, settings, webhook
from assent.cluster.breaker import Breaker
from assent.cluster.desk import OperatorDesk
from assent.cluster.gauge import PassGauge
from assent.cluster.metrics import Metrics
from assent.cluster.options import Options
from assent.cluster.passing import Passing
from assent.cluster.showing import Showing
from assent.cluster.supervisor import Part, Supervisor, ended_by_signals
from assent.cluster.upkeep import Upkeep
from assent.errors import AssentError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.protocols import Crossing, RemoteRunner, Runner

CERTIFICATES = 60.0
"""Seconds between two looks at the webhook's certificate."""

OLD_ANCHOR = "the ledger's anchor in the cluster is an older one, as after a restored backup"

BROKEN_OFF = 2
"""Appends that may be behind the anchor where as many replicas were killed at once, each in the middle of one."""

STUCK = 120.0
"""Seconds after which a pass that has not ended counts as stuck; a list of everything takes a few."""

PATIENCE = 60.0
"""Seconds beyond its time after which a call that another replica began counts as lost."""


class Operator:
    """One replica: everything that it is made of, and `run`."""

    def __init__(
        self,
        api: Api,
        ledger: tuple[Ledger, str],
        options: Options,
        runners: Mapping[RunnerName, Runner],
        remote: Mapping[RunnerName, RemoteRunner],
        crossed: Crossing,
    ) -> None:
        opened, old = ledger
        self._api = api
        self._ledger = opened
        self._options = options
        self.metrics = Metrics()
        self.logged_in = False
        self._count: tuple[object, Mapping[str, int]] = (None, {})
        self.informers = Informers(api, {kind: paths.collection(kind) for kind in CONFIGURATION}, changed=self._changed)
        self.lease = Lease(api, f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}", namespace=options.namespace)
        cluster = KubeCluster(api, self.informers)
        self.controller = ClusterController(
            cluster,
            Canary(api, options.namespace, options.canary_account, partial(labelled, api)),
            opened,
            runners,
            crossed,
            options.workers,
            remote=remote,
            patience=PATIENCE,
            resync=options.resync,
            restored=lambda: old or (OLD_ANCHOR if opened.went_back else ""),
        )
        self.desk = OperatorDesk(api, cluster, opened, options.namespace, options.bootstrap_group, known=self._open)
        self.passing = self._passing(cluster)

    def _open(self) -> list[Ref] | None:
        known = self.controller.known
        if known is None or not self.leads():
            return None
        return [ref for ref, case in [*known.state.cases.items()] if case.open]

    def _passing(self, cluster: KubeCluster) -> Passing:
        api, options, breaker = self._api, self._options, Breaker()
        statuses = Statuses(api, self.metrics.status_written)
        return Passing(
            self.controller,
            Showing(cluster, statuses, Events(api, "assent"), lambda key: breaker.allows(key, time.monotonic())),
            Upkeep(api, cluster, options.namespace, options.kept),
            leads=self.leads,
            gauge=PassGauge(self.metrics),
            log=options.log,
            confirmed=options.confirm_restored,
            passed=lambda controller: self.desk.follow(controller.held, controller.knowledge.world),
        )

    def leads(self) -> bool:
        """Whether this replica makes the passes."""
        return self._options.no_elect or self.lease.held()

    def run(self) -> int:
        """Serves and reconciles until a signal asks for the end; the process's exit code."""
        handlers.quieten(logs.logger(self._options.log))
        with tempfile.TemporaryDirectory(prefix="assent-webhook-") as folder:
            server = webhook.Server(
                Path(folder), addr=self._options.webhook_host or None, port=self._options.webhook_port
            )
            keeper = certificates.Keeper(self._api, self._source(), self._options.webhook_configuration, server.serve)
            self._look(keeper)
            heart = Heartbeat()
            health = Health(
                heart, self.why_not, self._measured, host=self._options.http_host, port=self._options.http_port
            )
            supervisor = Supervisor(
                self._parts(server, keeper),
                log=logs.logger(self._options.log),
                restarted=self.metrics.restarted,
                beat=lambda: self._beat(heart),
            )
            health.start()
            try:
                with ended_by_signals(supervisor):
                    return supervisor.run()
            finally:
                health.stop()

    def _source(self) -> certificates.Source:
        if self._options.webhook_certs is not None:
            return certificates.Given(self._options.webhook_certs)
        return certificates.SelfMade(self._api, self._options.namespace, self._options.webhook_names)

    def _parts(self, server: webhook.Server, keeper: certificates.Keeper) -> Sequence[Part]:
        registry = kopf.OperatorRegistry()
        handlers.register(registry, self._login, self.passing.touch)
        webhook.register(registry, self.desk)

        def configured() -> kopf.OperatorSettings:
            found = kopf.OperatorSettings()
            settings.configure(found)
            found.admission.server = server
            return found

        lease = [Part("lease", self.lease.run)] if not self._options.no_elect else []
        return [
            *(_informing(name, one) for name, one in self.informers.each.items()),
            *lease,
            Part("passes", self.passing.run, self.passing.wake),
            Part("certificates", _every(CERTIFICATES, lambda: self._look(keeper))),
            framework.part(registry, configured),
        ]

    def _login(self) -> Login:
        self.logged_in = True
        return self._api.login()

    def _look(self, keeper: certificates.Keeper) -> None:
        """What the API server cannot be told now is told at the next look; a certificate is served all the same."""
        try:
            keeper.look(datetime.now(UTC))
        except AssentError as refused:
            logs.trouble(self._options.log, refused)

    def why_not(self) -> list[str]:
        """What keeps this replica from being ready, a sentence each."""
        found = [*self.informers.problems()]
        if not self.logged_in:
            found.append("kopf has not logged in yet, so no request is watched")
        if self.lease.problem:
            found.append(f"the Lease cannot be had: {self.lease.problem}")
        if self.leads() and not self.controller.known:
            found.append("the ledger is not read yet")
        return found

    def _beat(self, heart: Heartbeat) -> None:
        """The main loop lives while a pass was begun not long ago."""
        if time.monotonic() - self.passing.alive < STUCK:
            heart.beat()

    def _measured(self) -> bytes:
        self.metrics.watched(self.informers.ages())
        leads, known = self.leads(), self.controller.known
        self.metrics.leads(leader=leads)
        if not leads:
            self.metrics.idle()
        elif known:
            self.metrics.world(self._counted(self.controller.held))
            with contextlib.suppress(AssentError):  # what else is measured is told all the same
                self.metrics.ledger_lag(max(0, self._ledger.reach() - known.state.sequence))
        return self.metrics.exposition()

    def _counted(self, held: Mapping[Ident, Sighting]) -> Mapping[str, int]:
        """How many of each kind can be read; counted once for each state, which is the same at most scrapes."""
        if self._count[0] is not held:
            self._count = (held, Counter(ident.kind for ident, one in held.items() if one.document is not None))
        return self._count[1]

    def _changed(self, _kind: str, _key: object) -> None:
        self.passing.wake()


def _informing(name: str, one: Informer) -> Part:
    return Part(f"informer-{name}", one.run, one.hang_up, lambda: one.synced)


def _every(seconds: float, act: Callable[[], None]) -> Callable[[Event], None]:
    def run(stop: Event) -> None:
        while not stop.wait(seconds):
            act()

    return run


def anchored(api: Api, options: Options) -> tuple[Ledger, str]:
    """The operator's ledger, whose anchor lies in the cluster; and how it shows that the anchor is an old one.

    An append that was broken off leaves the anchor behind by itself alone; further back it was put (rule 45).
    """
    anchor = ConfigMapAnchor(api, options.namespace)
    before = anchor.read()
    opened = Ledger.open(options.ledger, key_file=options.ledger_key, anchor=anchor, new=options.new_ledger)
    appends = {record.at for record in opened.records(before.length)} if before else set()
    return opened, OLD_ANCHOR if len(appends) > BROKEN_OFF else ""
