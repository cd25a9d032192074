"""The panel's writer and `assent run`, two processes on one ledger: every telling is judged, once, and soon."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from assent.adapters.ledger import Ledger
from assent.core.state import fold
from controller import declared, history, processes
from tellings import left, mailing, telling

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

REQUESTS = 60
LINES = {
    "maria": "approve as maria@acme.example for {digest}",
    "marc": "approve as marc@acme.example for {digest}",
    "juan": "withdraw as juan@acme.example",
    "ana": "approve as ana@acme.example for {digest}",
}


def panel(ground):
    """The ledger as the panel opens it, beside the controller."""
    return Ledger.open(ground.ledger, key_file=ground.key)


def digests(ground):
    """The digest of every request that has one."""
    state = fold(ground.records())
    return {ref.name: case.digest for ref, case in state.cases.items() if case.digest}


def say(ledger, who, line, name, **more):
    record = telling(f"{who}@acme.example", line, request=f"acme/{name}", **more)
    ledger.append([record], datetime.now(UTC))
    return record.subject


def verdicts(ground):
    """How often each telling was judged."""
    proofs = [one.body["proof"] for one in ground.records() if one.kind == "decided"]
    return Counter(proof.removeprefix("told:") for proof in proofs)


@pytest.fixture
def running(ground):
    """`assent run` as people start it, at which requests wait for their manager; its interval is the test's."""
    children = []
    root = ground.head()
    ground.commit("olivia", declared.service("one", flows=["manager"], concurrency=50))
    ground.commit("juan", *(declared.request(f"r{number}", "one") for number in range(REQUESTS)))

    def start(interval):
        children.append(processes.fresh(ground, "--trust-root", root, "--interval", interval))
        processes.until(lambda: '"pass"' in ground.log.read_text())
        assert REQUESTS == len(digests(ground))
        return children[0]

    yield start
    for child in children:
        child.terminate()
        child.wait(timeout=30)


def test_tellings_as_fast_as_anybody_writes_are_each_judged_once(ground, running):
    """300 tellings beside a working controller: none is lost, none is judged twice, each request ends right."""
    child = running("0.5")
    known = digests(ground)
    told = []
    with panel(ground) as ledger:
        for number in range(REQUESTS):
            name = f"r{number}"
            order = ["juan", "maria", "marc", "ana", "juan"] if number % 3 == 0 else ["ana", "maria", "marc", "juan"]
            told += [say(ledger, who, LINES[who].format(digest=known[name]), name) for who in order]
            ledger.append([mailing(request=f"acme/{name}", key=f"k{number}"), left()], datetime.now(UTC))
            told.append(say(ledger, "maria", "reject as maria@acme.example because no", "ghost"))
    processes.until(lambda: set(told) <= set(verdicts(ground)))
    processes.until(lambda: not history.open_requests(fold(ground.records())))
    child.terminate()

    assert 0 == child.wait(timeout=60), ground.log.read_text()
    assert 300 <= len(told) == sum(verdicts(ground).values())
    phases = history.phases(history.check(ground))
    assert {"Withdrawn"} == {phases[f"r{number}"] for number in range(0, REQUESTS, 3)}
    assert {"Succeeded", "Withdrawn"} >= set(phases.values())
    ended = [name for name, phase in phases.items() if phase == "Succeeded"]
    assert Counter(f"acme/{name}" for name in ended) == Counter(request for request, *_ in ground.started())
    with panel(ground) as ledger:
        assert ledger.verify().length == len(ground.records())
    verify = processes.Forked(["ledger", "verify", "--ledger-key", ground.key], ground.environment(), ground.repository)
    assert 0 == verify.wait().code
    assert "Traceback" not in ground.log.read_text()


def test_a_telling_wakes_the_controller(ground, running):
    """With an interval of ten seconds and more a decision in the panel is judged at once, and a mail wakes nobody."""
    running("60")
    known = digests(ground)
    times = []
    with panel(ground) as ledger:
        for number in range(3):
            began = time.monotonic()
            one = say(ledger, "maria", LINES["maria"].format(digest=known[f"r{number}"]), f"r{number}")
            processes.until(lambda one=one: one in verdicts(ground), 20)
            times.append(time.monotonic() - began)
        processes.until(lambda: len(ground.started()) == 3, 20)
        processes.until(lambda: ground.log.read_text().count('"pass"') == 4)
        ledger.append([mailing(request="acme/r9"), left()], datetime.now(UTC))
        time.sleep(1)

    assert max(times) < 5, times
    assert 4 == ground.log.read_text().count('"pass"'), ground.log.read_text()


def test_once_judges_what_waits(ground):
    """`assent run --once` judges what the panel was told before it, and whatever is told while it works."""
    root = ground.head()
    ground.commit("juan", declared.request("vdi", "one"))
    assert 0 == processes.controller(ground, "--trust-root", root).wait().code
    with panel(ground) as ledger:
        one = say(ledger, "maria", LINES["maria"].format(digest=digests(ground)["vdi"]), "vdi")
        two = say(ledger, "juan", LINES["juan"], "vdi")
    assert 0 == processes.controller(ground).wait().code

    assert {one: 1, two: 1} == verdicts(ground)
    assert {"vdi": "Withdrawn"} == history.phases(history.check(ground))


@pytest.mark.parametrize("point", ["judged", "noted", "claiming", "claimed", "acting", "ended"])
def test_rule_2_killed_with_tellings_waiting(ground, point):
    """Rule 2: killed at each crossing of a point while the panel writes; each telling has one verdict in the end."""
    root = ground.head()
    ground.commit("juan", *(declared.request(f"r{number}", "one") for number in range(6)))
    assert 0 == processes.controller(ground, "--trust-root", root).wait().code
    known = digests(ground)

    def tell():
        with panel(ground) as ledger:
            for number in range(6):
                for who in ("maria", "ana") if number % 2 else ("juan", "maria"):
                    say(ledger, who, LINES[who].format(digest=known[f"r{number}"]), f"r{number}")
                    time.sleep(0.01)

    writer = processes.Forked(["--version"], ground.environment(), ground.repository, prepare=tell)
    processes.until(lambda: any(one.kind == "told" for one in ground.records()))  # else none waits for the first
    killed = 0
    for crossing in (1, 2, 1):
        killed += processes.controller(ground, crash=f"{point}:{crossing}").wait().code < 0
    assert 0 == writer.wait().code
    for crash in (f"{point}:1", "", ""):
        killed += processes.controller(ground, crash=crash).wait().code < 0

    assert killed
    assert {1} == set(verdicts(ground).values())
    assert {one.subject for one in ground.records() if one.kind == "told"} == set(verdicts(ground))
    phases = history.phases(history.check(ground))
    assert {"Withdrawn"} == {phases[f"r{number}"] for number in range(0, 6, 2)}
    assert {"Succeeded", "Withdrawn"} >= set(phases.values())
