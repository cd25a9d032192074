"""An operator's start over a real API server, until all that is declared there is in its world."""

import time
from collections.abc import Iterator

from bench import ground
from bench.harness import OURS, Figure, Reach, Row, Run, agree, rounds
from bench.operators import Kopf

KOPF, HALF = "kopf on.event", "half as many"
ROUNDS = 5
"""More would only take long: what is measured are seconds."""


def measure(run: Run) -> Iterator[Figure]:
    """From the start of a process; half as many objects stand in another control plane, and are measured in turns."""
    whole, half = (ground.shared(run, size) for size in (run.size, run.size // 2))
    run.tell("compares what is seen")
    _compare(run, whole)
    cases = {
        OURS: lambda: _ours(whole),
        KOPF: lambda: _kopf(whole),
        HALF: lambda: _ours(half),
    }
    values = rounds(run, cases, count=min(run.rounds, ROUNDS))
    what = "operator start until all objects are in the world"
    beside = {name: values[name] for name in (OURS, KOPF)}
    yield Figure(6, what, run.size, "s", beside, KOPF, reach=Reach(2))
    grown = {name: values[name] for name in (OURS, HALF)}
    yield Figure(6, "the same beside half as many objects", run.size, "s", grown, HALF, share=True, reach=GROWTH)


GROWTH = Reach(2.5, at_most=True)


def _ours(one: ground.Ground) -> float:
    began = time.perf_counter()
    with one.operator() as operator:
        operator.until_world(one.size)
        return time.perf_counter() - began


def _kopf(one: ground.Ground) -> float:
    began = time.perf_counter()
    with Kopf(one.house, one.config, "watching", plurals=ground.PLURALS, seen=one.size, remember=False) as peer:
        peer.told()
        return time.perf_counter() - began


def _compare(run: Run, one: ground.Ground) -> None:
    """Both have seen every object that the API server holds: ours by its own count of each kind, kopf by version."""
    held = [*one.held()]
    with one.operator() as operator:
        operator.until_world(one.size)
        counted = {kind: operator.measure_of("assent_world_documents", kind=kind) for kind in ground.ORDER}
    agree("objects of each kind", {"the API server": _by_kind([raw["kind"] for raw in held]), OURS: counted})
    with Kopf(one.house, one.config, "watching", plurals=ground.PLURALS, seen=one.size, remember=True) as peer:
        peer.told()
        seen = {(key, version) for key, version in peer.ask(0).items()}
    agree("objects and their versions", {"the API server": {ground.versioned(raw) for raw in held}, KOPF: seen})
    run.note(f"the API server is that of Kubernetes {ground.planes.VERSION}, with the shipped policies in force")
    run.note(f"both come to the {one.size:,} objects that the API server holds, no more and no fewer")


def _by_kind(kinds: list[str]) -> dict[str, int]:
    return {kind: kinds.count(kind) for kind in ground.ORDER}


ROW = Row(
    6,
    "operator start until 10,000 declared objects are in the world, on the real API server",
    "kopf `on.event` that does nothing but count, tuned; and itself with half as many objects",
    measure,
    size=10_000,
    small=300,
    over="objects",
    unmeasured=(
        "The very first start, in which Assent records who wrote each document, and writes every status.",
        "What Assent does at a start besides, which is in its time: it reads the ledger, takes the Lease and serves.",
        "A network between operator and API server; here both share two processors.",
    ),
    needs=ground.missing,
    ground="control plane",
)
