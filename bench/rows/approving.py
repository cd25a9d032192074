"""From an approval to its Job, and the rate of writes under the ceiling: beside kopf handlers that do nothing."""

import base64
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from assent.adapters.kube import paths, webhooks
from assent.adapters.kube.api import Api
from assent.errors import ClusterError
from bench import ground
from bench.harness import OURS, Figure, Reach, Row, Run, agree, rounds
from bench.operators import PATIENCE, Kopf, Operator, free_port, until
from cluster import proxy

STATUS, ADMITS = "kopf on.event that writes a status", "kopf on.validate"
JUAN, MARIA = "juan@acme.example", "maria@acme.example"
JOBS = "/apis/batch/v1/namespaces/acme/jobs"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
COPY = "bench.assent.dev"
"""The group of kopf's own Requests: the same kind once more, in which nobody else writes."""

OURS_AT, THEIRS_AT = "client-0", "client-1"
"""Whose documents each webhook judges, of the two that stand side by side."""

WRITERS, WRITES = 4, 200
NOTHING = "bench-nothing"


class Stopwatch:
    """The moments at which a watch told of something, from now on."""

    def __init__(self, api: Api, path: str, counts: Callable[[Mapping[str, Any]], bool]) -> None:
        self._api, self._path, self._counts = api, path, counts
        self._moments: queue.Queue[float] = queue.Queue()
        self._at = api.get(path)["metadata"]["resourceVersion"]
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        """Until the API server is gone."""
        try:
            for event in self._api.stream(self._path, silence=4 * PATIENCE, resourceVersion=self._at):
                if self._counts(event):
                    self._moments.put(time.perf_counter())
        except ClusterError:
            return

    def timed(self, act: Callable[[], object]) -> float:
        """Milliseconds from before this until the next such moment."""
        began = time.perf_counter()
        act()
        return (self._moments.get(timeout=PATIENCE) - began) * 1000


class Decisions:
    """Requests that wait, one after the other, and what comes of the one line that Maria writes on each."""

    def __init__(self, one: ground.Ground) -> None:
        self.plane = one.plane
        self.count = 0
        self.jobs = Stopwatch(one.plane.admin, JOBS, lambda event: event["type"] == "ADDED")
        self.copies = f"/apis/{COPY}/v1alpha1/namespaces/acme/requests"
        self._copied()
        told = Stopwatch(one.plane.admin, self.copies, lambda event: "status" in event["object"])
        self.statuses = told

    def _copied(self) -> None:
        """The kind Request in another group; whoever declared it before has left it."""
        kind = yaml.safe_load((ground.ROOT / "crds" / "requests.yaml").read_text())
        kind["metadata"] = {"name": f"requests.{COPY}"}
        kind["spec"]["group"] = COPY
        kind["spec"]["names"].pop("shortNames", None)
        self.plane.admin.create(CRDS, kind)
        self.plane.until(lambda: self.plane.admin.get(self.copies), "the copy is not served")

    def ours(self) -> float:
        """Until the Job is there."""
        name, place = self._open(paths.collection("Request", "acme"), JUAN)
        status = self.plane.until(lambda: _waits(self.plane.admin.get(place)), f"{name} does not wait")
        line = f"approve as {MARIA} for {status['digest']}"
        return self.jobs.timed(partial(self._annotate, place, line))

    def kopf(self) -> float:
        """Until the status is there."""
        _, place = self._open(self.copies, "admin", ground.admission.MASTERS)
        time.sleep(0.2)  # it has been seen as it is, without an annotation
        return self.statuses.timed(partial(self._annotate, place, f"approve as {MARIA}"))

    def _open(self, collection: str, who: str, groups: tuple[str, ...] = ()) -> tuple[str, str]:
        self.count += 1
        name = f"bench-{self.count}"
        group = collection.removeprefix("/apis/").partition("/namespaces")[0].removesuffix("/requests")
        spec = {"microservice": {"name": "prepare-desktop"}, "parameters": {"count": self.count}, "reason": "New hires"}
        spec |= {"requester": JUAN} if who != JUAN else {}
        body = {"apiVersion": group, "kind": "Request", "metadata": {"name": name, "namespace": "acme"}, "spec": spec}
        self.plane.api(who, groups).create(collection, body)
        return name, f"{collection}/{name}"

    def _annotate(self, place: str, line: str) -> None:
        notes = {"metadata": {"annotations": {"approval.assent.dev/maria": line}}}
        self.plane.api(MARIA).patch(place, notes)


def _waits(held: Mapping[str, Any]) -> Mapping[str, Any] | None:
    status = held.get("status") or {}
    return status if any(one["state"] == "Open" for one in status.get("stages", ())) else None


class Ceiling:
    """Writes of roles by those who administer two clients, of which each has another webhook before it."""

    def __init__(self, one: ground.Ground) -> None:
        self.plane = one.plane
        self.number = 0

    def write(self, client: str, count: int) -> float:
        """So many real writes; how many of them a second."""
        self.number += 1
        api = self.plane.api(f"bea@{client}.example")
        roles = [f"role-{number % ground.ROLES}" for number in range(count)]

        def change(role: str) -> None:
            name = f"{role}, {self.number}.{time.perf_counter_ns()}"
            api.patch(f"{paths.collection('AccessRole', client)}/{role}", {"spec": {"displayName": name}})

        began = time.perf_counter()
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(change, roles))
        return count / (time.perf_counter() - began)

    def refused(self, client: str, levels: Mapping[str, str]) -> str:
        """What the API server says to a new role with these levels, as a dry run; empty where it takes it."""
        body = ground.document("AccessRole", "tried", {"entries": [{"organization": "*", "levels": levels}]}, client)
        try:
            self.plane.api(f"bea@{client}.example").create(paths.collection("AccessRole", client), body, dryRun="All")
        except ClusterError as refusal:
            return str(refusal)
        return ""


HELD, NOT_HELD = {"portal": "User"}, {"automate": "Manager"}
"""What bea may give, and what she does not hold herself."""


@contextmanager
def webhook(one: ground.Ground, name: str, url: str, bundle: bytes, client: str, *, others: bool) -> Iterator[None]:
    """The chart's own configuration, pointed at a process here, for this client's documents or for all others'."""
    written = yaml.safe_load((ground.ROOT / "tests" / "cluster" / "webhook_configuration.yaml").read_text())
    written["metadata"]["name"] = name
    operator = "NotIn" if others else "In"
    where = {"key": "kubernetes.io/metadata.name", "operator": operator, "values": [client]}
    for hook in written["webhooks"]:
        hook["clientConfig"] = {"url": url, **({"caBundle": base64.b64encode(bundle).decode()} if bundle else {})}
        hook["namespaceSelector"] = {"matchExpressions": [where]}
    one.plane.admin.create(webhooks.VALIDATING, written)
    try:
        yield
    finally:
        one.plane.admin.delete(f"{webhooks.VALIDATING}/{name}")


def measure(run: Run) -> Iterator[Figure]:
    """Assent's operator does both at once, as it is; kopf has a process for each."""
    one = ground.shared(run, run.size)
    port = free_port()
    with ExitStack() as stack:
        run.tell("starts all of them")
        # the API server stops asking the webhook before the operator ends
        ours = stack.enter_context(_operating(one, port))
        stack.enter_context(_admitting(run, one))
        decisions, ceiling = Decisions(one), Ceiling(one)
        stack.callback(one.plane.admin.delete, f"{CRDS}/requests.{COPY}")
        stack.enter_context(Kopf(one.house, one.config, "showing", group=COPY, plural="requests"))
        ours.until_world(run.size)
        ours.until_proven()
        yield from _decided(run, decisions)
        yield from _admitted(run, ceiling, ours)


@contextmanager
def _operating(one: ground.Ground, port: int) -> Iterator[Operator]:
    with ExitStack() as stack:
        url = f"https://127.0.0.1:{port}/ceiling"
        before = stack.enter_context(ExitStack())
        before.enter_context(webhook(one, "assent-ceiling", url, b"", THEIRS_AT, others=True))
        with one.operator(webhook=port) as ours:
            yield ours
            before.close()


@contextmanager
def _admitting(run: Run, one: ground.Ground) -> Iterator[None]:
    folder = run.folder / "kopf"
    folder.mkdir()
    certificate, key = proxy._certificate(folder)  # noqa: SLF001 -- for a server on this machine, as the proxy is one
    port = free_port()
    serving = {"port": port, "certfile": str(certificate), "pkeyfile": str(key)}
    with Kopf(one.house, one.config, "admitting", plurals=["accessroles"], serving=serving):
        url = f"https://127.0.0.1:{port}/nothing"
        with webhook(one, NOTHING, url, Path(certificate).read_bytes(), THEIRS_AT, others=False):
            yield


def _decided(run: Run, decisions: Decisions) -> Iterator[Figure]:
    run.tell("compares what comes of it")
    cases = {OURS: decisions.ours, STATUS: decisions.kopf}
    before = len(decisions.plane.admin.get(JOBS)["items"])
    warm = rounds(run, cases, count=1)
    values = rounds(run, cases)
    jobs = decisions.plane.admin.get(JOBS)["items"]
    agree("Jobs", {"approvals": len(values[OURS]) + len(warm[OURS]), OURS: len(jobs) - before})
    told = decisions.plane.admin.get(decisions.copies)["items"]
    agree("statuses", {"annotations": len(told), STATUS: sum("status" in each for each in told)})
    run.note("each approval came to one Job, and each annotation of kopf's to one status")
    what = "an approval annotated until its Job is there"
    yield Figure(8, what, run.size, "ms", values, STATUS, share=True, reach=Reach(3, at_most=True))


def _admitted(run: Run, ceiling: Ceiling, ours: Operator) -> Iterator[Figure]:
    run.tell("compares what is admitted")
    clients = {OURS: OURS_AT, ADMITS: THEIRS_AT}
    for client in clients.values():
        ask = partial(ceiling.refused, client, HELD)
        until(lambda ask=ask: ours.alive() and ask() == "", ask)
    agree("what may be written", {name: ceiling.refused(client, HELD) for name, client in clients.items()})
    above = {name: ceiling.refused(client, NOT_HELD) for name, client in clients.items()}
    if not above[OURS] or above[ADMITS]:
        raise ValueError(f"of a role above its author's own, {above}")
    run.note("both admit the same writes; the one above its author's own rights is refused by Assent alone")
    count = WRITES // 5 if run.quick else WRITES
    cases = {name: (lambda client=client: ceiling.write(client, count)) for name, client in clients.items()}
    rounds(run, cases, count=1)
    values = rounds(run, cases)
    what = "writes admitted under the ceiling"
    yield Figure(8, what, run.size, "writes/s", values, ADMITS, rate=True, reach=Reach(0.8))


ROW = Row(
    8,
    "approval annotated until its Job is created, with 10,000 objects watched; admission with the ceiling",
    "a kopf handler that only writes a status; kopf `on.validate` that does nothing",
    measure,
    size=10_000,
    small=300,
    over="objects",
    unmeasured=(
        "The pod: nothing runs in a control plane alone, so a Job is there and goes no further.",
        "What the writes cost without any webhook: the API server's own work is in both rates.",
    ),
    needs=ground.missing,
    ground="control plane",
)
