"""A burst of changes that an operator takes in, and what it holds in memory afterwards."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from assent.adapters.kube import objects, paths
from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.ledger import Ledger
from assent.api.canonical import sha256
from assent.api.kinds import identify
from assent.core.state import fold
from bench import ground
from bench.gate import Gate
from bench.harness import OURS, Figure, Reach, Row, Run, agree, rounds
from bench.operators import Kopf, Operator, until

KOPF = "kopf on.event"
ROUNDS = 5
REST = 3.0
"""Seconds after a burst until memory is looked at: kopf lets its workers go after one."""


class Burst:
    """Both operators, each behind a gate of its own; every change is written once and waits at both gates.

    The last write of a burst is a new object: whoever has it has seen all that was changed before.
    """

    def __init__(self, run: Run, stack: ExitStack) -> None:
        self.ground = ground.shared(run, run.size)
        self.people = [one for one in self.ground.declared if one["kind"] == "User"]
        self.changes = len(self.people)
        self.number = 0
        self.waiting: set[str] = set()
        self.gates = {
            name: stack.enter_context(Gate(self.ground, self.ground.folder / f"gate-{at}-{run.size}").run())
            for at, name in enumerate((OURS, KOPF))
        }
        self.ours: Operator = stack.enter_context(self.ground.operator(self.gates[OURS].kubeconfig))
        self.ours.until_world(run.size)
        self.ours.until_proven()

    @contextmanager
    def peer(self, *, remember: bool) -> Iterator[None]:
        """A kopf that has seen all there is; what it remembers is for comparing answers, and in nobody's time."""
        given = {"plurals": ground.PLURALS, "seen": self.ground.size, "remember": remember}
        with Kopf(self.ground.house, self.gates[KOPF].kubeconfig, "watching", **given) as self.kopf:
            self.kopf.told()
            self.held = {OURS: [], KOPF: []}
            yield

    def write(self) -> None:
        """Changes every person while the gates are shut."""
        for gate in self.gates.values():
            gate.shut()
        self.number += 1
        with ThreadPoolExecutor(ground.WRITERS) as pool:
            list(pool.map(self._change, self.people))
        self.ground.create(self._last())
        for name, gate in self.gates.items():
            until(lambda gate=gate: gate.held_up() > self.changes, lambda name=name: f"the gate of {name} keeps less")

    def _change(self, one: Mapping[str, Any]) -> None:
        about = one["metadata"]
        place = f"{paths.collection('User', about['namespace'])}/{about['name']}"
        self.ground.plane.admin.patch(place, {"spec": {"displayName": f"Changed {self.number}"}})

    def _last(self) -> Mapping[str, Any]:
        about = {"name": "last", "namespace": "client-0"}
        spec = {"username": "last@client-0.example", "role": {"name": "role-0"}}
        return {"apiVersion": "assent.dev/v1alpha1", "kind": "User", "metadata": about, "spec": spec}

    def take(self, name: str) -> float:
        """Changes a second of one of them, from the opening of its gate; the first of a round has the burst written."""
        if not self.waiting:
            self.write()
            self.waiting = {OURS, KOPF}
        for one in (self.ours, self.kopf):
            one.until_idle()
        seconds = self._ours() if name == OURS else self._kopf()
        self.waiting.discard(name)
        if not self.waiting:
            self._forget()
        return (self.changes + 1) / seconds

    def _ours(self) -> float:
        began = time.perf_counter()
        self.gates[OURS].open()
        self.ours.until_world(self.ground.size + 1)
        return time.perf_counter() - began

    def _kopf(self) -> float:
        self.kopf.ask(self.changes + 1)
        began = time.perf_counter()
        self.gates[KOPF].open()
        self.kopf.told()
        return time.perf_counter() - began

    def _forget(self) -> None:
        """Takes the last object away again, once both are at rest and their memory was looked at."""
        time.sleep(REST)
        for name, one in ((OURS, self.ours), (KOPF, self.kopf)):
            one.until_idle()
            self.held[name].append(one.mebibytes())
        self.kopf.ask(1)
        self.ground.plane.admin.delete(f"{paths.collection('User', 'client-0')}/last")
        self.kopf.told()
        size = self.ground.size
        until(lambda: self.ours.measure("assent_world_documents") == size, lambda: f"not {size}: {self.ours.said()}")


def measure(run: Run) -> Iterator[Figure]:
    """Every round is one burst, written once; each takes it in while nobody writes and the other has nothing to do."""
    with ExitStack() as stack:
        run.tell("starts both")
        burst = Burst(run, stack)
        cases = {name: (lambda name=name: burst.take(name)) for name in (OURS, KOPF)}
        with burst.peer(remember=True):
            rounds(run, cases, count=1)
            _compare(run, burst)
        with burst.peer(remember=False):
            values = rounds(run, cases, count=min(run.rounds, ROUNDS))
    yield Figure(7, "changes taken in", run.size, "changes/s", values, KOPF, rate=True, reach=Reach(2))
    reach = Reach(0.9, at_most=True)
    yield Figure(7, "memory of the process afterwards", run.size, "MiB", burst.held, KOPF, share=True, reach=reach)


def _compare(run: Run, burst: Burst) -> None:
    """Both have what the API server holds: ours by its ledger's digest of each document, kopf by each version."""
    run.tell("compares what was taken in")
    held = [*burst.ground.held()]
    burst.ours.until_idle()
    api = burst.ground.plane.admin
    anchor = ConfigMapAnchor(api, "assent-system")
    ledger = burst.ground.house / "ledger.sqlite"
    with closing(Ledger.open(ledger, key_file=ledger.with_name("ledger.key"), anchor=anchor, read_only=True)) as one:
        written = fold(one.records()).written
    noted = {(str(ident), note.version.digest) for ident, note in written.items() if note.version}
    plain = [objects.plain(raw) for raw in held]
    there = {(str(identify(one)), sha256(one)) for one in plain}
    agree("documents, by their digests", {"the API server": there, OURS: noted})
    seen = set(burst.kopf.ask(0).items())
    agree("objects and their versions", {"the API server": {ground.versioned(raw) for raw in held}, KOPF: seen})
    run.note(
        f"{burst.changes:,} people were changed in a burst, and after it both had every object as the API server "
        "holds it: Assent by its ledger's digests, kopf by their versions"
    )


ROW = Row(
    7,
    "a burst of 10,000 changes taken in; memory after",
    "kopf `on.event` that does nothing but count",
    measure,
    size=10_000,
    small=300,
    over="objects",
    unmeasured=(
        "How fast the API server takes the writes: they are held up on their way to both, and let go at once.",
        "A burst of Requests: Assent reads each of them anew, where kopf's handler does nothing.",
        "What Assent does once a change is in its world: its ledger and statuses, which come after it.",
    ),
    needs=ground.missing,
    ground="control plane",
)
