"""Decisions, the world that they rest on, and all that one person may do: beside cedarpy and pycasbin."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from bench.harness import OURS, Figure, Reach, Row, Run, agree, rounds
from bench.workers import Worker

CASBIN, CEDAR = "pycasbin FastEnforcer", "cedarpy"
TARGETS = {
    OURS: "bench.rights:Assent",
    CASBIN: "bench.peers.casbin_rules:Casbin",
    CEDAR: "bench.peers.cedar_entities:Cedar",
}
SINGLY = "cedarpy, one by one"
ASKED = 20_000
"""Questions a round."""

COMPARED = 20_000
"""Questions by which the answers are compared, denials included."""

CHANGED = {OURS: 20, CASBIN: 3}
LISTED = {OURS: 200, CASBIN: 3}
"""People a round."""


@contextmanager
def contenders(run: Run, *names: str) -> Iterator[Mapping[str, Worker]]:
    """Those contenders, each in a process of its own, when all of them have given the same answers."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            run.tell(f"builds the world: {name}")
            found[name] = stack.enter_context(Worker(TARGETS[name], size=run.size))
        count = 2_000 if run.quick else COMPARED
        run.tell("compares answers")
        answers = {name: one.ask("answers", 0, count) for name, one in found.items()}
        agree("decisions", answers)
        agree("decisions by their chain", {OURS: answers[OURS], "its chain": found[OURS].ask("chained", 0, count)})
        allowed = sum(answers[OURS])
        if not 0 < allowed < count:
            raise ValueError("the questions are no test: all answers are the same")
        run.note(f"{count:,} decisions were compared, {allowed / count:.0%} of them allowed: all alike")
        yield found


def decisions(run: Run) -> Iterator[Figure]:
    """Decisions a second: the same questions in every round; then other ones each time, which nobody has met before."""
    with contenders(run, OURS, CEDAR, CASBIN) as found:
        asked = ASKED // 10 if run.quick else ASKED
        seeds = dict.fromkeys(found, 1)

        def decide(name: str, method: str, *, fresh: bool = False) -> float:
            seeds[name] += fresh
            return float(found[name].ask(method, seeds[name], asked))

        for name in found:  # nobody is measured cold
            decide(name, "decide")
        same = {name: (lambda name=name: decide(name, "decide")) for name in found}
        same[SINGLY] = lambda: decide(CEDAR, "decide_singly")
        values = rounds(run, same)
        best = max((CASBIN, CEDAR, SINGLY), key=lambda name: statistics.median(values[name]))
        yield Figure(3, "decisions", run.size, "decisions/s", values, best, rate=True, reach=Reach(20))
        peer, method = (CEDAR, "decide_singly") if best == SINGLY else (best, "decide")
        fresh = rounds(
            run,
            {
                OURS: lambda: decide(OURS, "decide", fresh=True),
                best: lambda: decide(peer, method, fresh=True),
            },
        )
        yield Figure(3, "decisions never asked for before", run.size, "decisions/s", fresh, best, rate=True)
        explained = rounds(run, {OURS: lambda: decide(OURS, "explain"), best: same[best]})
        yield Figure(3, "decisions with the chain that says why", run.size, "decisions/s", explained, best, rate=True)


def world(run: Run) -> Iterator[Figure]:
    """The world built anew in every round; memory is what the process grew by, of which one round tells enough."""
    names = (OURS, CASBIN)
    built: dict[str, list[float]] = {name: [] for name in names}
    grown: dict[str, list[float]] = {name: [] for name in names}
    whole: dict[str, list[float]] = {name: [] for name in names}

    def build(name: str) -> float:
        with Worker(TARGETS[name], size=run.size) as one:
            grown[name].append(one.built["mebibytes"])
            built[name].append(one.built["build"])
            whole[name].append(one.built["prepare"] + one.built["build"])
        return built[name][-1]

    rounds(run, {name: (lambda name=name: build(name)) for name in names})
    yield Figure(4, "building the world", run.size, "s", built, CASBIN, reach=Reach(1.5))
    yield Figure(4, "building it, with every document validated first", run.size, "s", whole, CASBIN)
    yield Figure(4, "memory of the world", run.size, "MiB", grown, CASBIN, share=True, reach=Reach(0.9, at_most=True))
    with contenders(run, *names) as found:
        cases = {name: (lambda name=name: float(found[name].ask("change", run.size, CHANGED[name]))) for name in names}
        values = rounds(run, cases)
        what = "one person's role changed, until decisions are right"
        yield Figure(4, what, run.size, "ms", values, CASBIN, reach=Reach(20))


def everything(run: Run) -> Iterator[Figure]:
    """All permissions of one person, by organization; casbin gives its rules, without where they hold."""
    with contenders(run, OURS, CASBIN) as found:
        agree("all permissions", {name: one.ask("everything", 1, 20) for name, one in found.items()})
        cases = {name: (lambda name=name: float(found[name].ask("list_all", 2, LISTED[name]))) for name in found}
        yield Figure(5, "all permissions of one person", run.size, "ms", rounds(run, cases), CASBIN, reach=Reach(100))


_UNMEASURED = (
    "Policies in other languages (Rego, Polar) and services that are asked over a network.",
    "Peers that forget or share their rules between processes.",
)

DECISIONS = Row(
    3,
    "decisions a second over 10,000 organizations, 100,000 users and 1,000 roles",
    "the faster of cedarpy (handles reused, one batch) and pycasbin FastEnforcer",
    decisions,
    size=10_000,
    small=300,
    growth=(1_000, 10_000, 100_000),
    grows="decisions",
    over="organizations",
    unmeasured=_UNMEASURED,
)
WORLD = Row(
    4,
    "building that world; one change until decisions are right; its memory",
    "pycasbin FastEnforcer, its rules given from memory",
    world,
    size=10_000,
    small=300,
    growth=(1_000, 10_000, 100_000),
    grows="building the world",
    over="organizations",
    unmeasured=(
        "What it takes to work out the peers' rules from the same documents, and to read either from a disk.",
        "Changes that reach many organizations at once, such as a parent that moves.",
    ),
)
EVERYTHING = Row(
    5,
    "all permissions of one person",
    "pycasbin FastEnforcer, get_implicit_permissions_for_user",
    everything,
    size=10_000,
    small=300,
    over="organizations",
    unmeasured=("cedarpy, which has no such question.",),
)
