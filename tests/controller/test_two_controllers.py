"""Rule 4: two controllers at once are safe, only slower."""

import threading
from collections import Counter
from contextlib import nullcontext, suppress

import pytest

from assent.adapters.ledger import Ledger
from assent.errors import ConflictError
from controller import declared, history, processes

# Python warns of a fork beside threads; nothing is imported or locked in these children that another thread holds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

REQUESTS = 12


def asked(ground):
    """Requests that need no approval, one of three with three targets each."""
    root = ground.head()
    single = [declared.request(f"note-{number}", "note") for number in range(REQUESTS)]
    wide = [declared.request(f"sweep-{number}", "sweep", targets=["a", "b", "c"]) for number in range(REQUESTS // 3)]
    again = [declared.request(f"again-{number}", "again") for number in range(REQUESTS // 3)]
    many = [declared.service("note", concurrency=50), declared.service("again", idempotent=True, concurrency=50)]
    ground.commit("olivia", *many)
    ground.commit("juan", *single, *wide, *again)
    return root


def test_rule_4_the_second_is_refused_in_one_sentence(ground):
    """Rule 4: while one controller holds the ledger, another one ends at once, and says who it is that holds it."""
    root = ground.head()
    ground.commit("juan", declared.request("slow", "slow"))
    first = processes.controller(ground, "--trust-root", root)
    processes.until(ground.started)
    second = processes.controller(ground).wait()
    (ground.root / "go").touch()

    assert 0 == first.wait().code
    assert (1, "") == (second.code, second.out)
    first_line, hint = second.err.splitlines()
    assert f"assent: Another controller acts on the ledger {ground.ledger}: process {first.pid} on " in first_line
    assert hint.startswith("hint: Stop the other one first")
    assert {"slow": "Succeeded"} == history.phases(history.check(ground))


def test_the_lock_ends_with_its_process(ground):
    """Whoever was killed holds nothing any more."""
    root = ground.head()
    assert -9 == processes.controller(ground, "--trust-root", root, crash="read:1").wait().code
    assert 0 == processes.controller(ground).wait().code


def unlocked(ground, act):
    """Two controllers past the lock, each with a ledger object of its own, in step with one another."""
    barrier = threading.Barrier(2)

    def controller():
        with ground.controller() as driver:
            for _ in range(8):
                barrier.wait()
                with suppress(ConflictError):
                    act(driver)

    threads = [threading.Thread(target=controller) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_rules_4_and_18_past_the_lock_each_run_is_claimed_by_one(ground):
    """Rules 4, 18: two controllers that both believe to be alone claim each run once, and start each program once."""
    root = asked(ground)
    with ground.controller(root):
        pass
    unlocked(ground, lambda driver: driver.step())
    with ground.controller() as driver:
        driver.rest()
    records = ground.records()
    plans = {one.subject: one.body["plan"] for one in records if one.kind == "claimed"}
    started = Counter((request, execution) for request, _, execution, _ in ground.started())

    assert len(plans) == Counter(one.kind for one in records)["claimed"] == 2 * REQUESTS - REQUESTS // 3
    assert {1} == {count for (request, _), count in started.items() if not plans[request]["idempotent"]}
    assert [] == sorted(history.open_requests(driver.state))


def test_rule_4_two_processes_past_the_lock(ground):
    """Rule 4: the same with two processes, of which none waits for the other."""
    root = asked(ground)
    with ground.controller(root):
        pass

    def without_lock():
        Ledger.lock = lambda _ledger: nullcontext()

    children = [processes.controller(ground, prepare=without_lock) for _ in range(2)]
    for child in children:
        child.wait()
    with ground.controller() as driver:
        driver.rest()
    plans = {one.subject: one.body["plan"] for one in ground.records() if one.kind == "claimed"}
    started = Counter((request, execution) for request, _, execution, _ in ground.started())

    assert {1} == set(Counter(one.subject for one in ground.records() if one.kind == "claimed").values())
    assert {1} == {count for (request, _), count in started.items() if not plans[request]["idempotent"]}
