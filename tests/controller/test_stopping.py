"""How a controller ends: by itself after `--once`, by SIGTERM after the current step, and never in the middle."""

import signal
import time

import pytest

from controller import declared, history, processes

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def working(ground):
    """A controller started as people start it, in whose hands a program runs until the test lets it end."""
    root = ground.head()
    ground.commit("olivia", declared.service("slow", program="slow", targetRules={"maxItems": 9}, concurrency=1))
    ground.commit("juan", declared.request("vdi", "slow", targets=["a", "b", "c"]))
    ground.commit("juan", declared.request("next", "slow"))
    child = processes.fresh(ground, "--trust-root", root, "--interval", "0.2", "--workers", "2")
    try:
        processes.until(lambda: len(ground.started()) == 2)
        yield ground, child
    finally:
        (ground.root / "go").touch()
        child.kill()
        child.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_current_step(working, number):
    """What runs is finished and recorded; nothing new is started; the next start goes on with what was claimed."""
    ground, child = working
    child.send_signal(number)
    time.sleep(0.7)
    assert child.poll() is None
    (ground.root / "go").touch()

    assert 0 == child.wait(timeout=30)
    assert 2 == len(ground.started())
    assert ["Succeeded", "Succeeded"] == [one.body["state"] for one in ground.records() if one.kind == "recorded"]
    assert 0 == processes.controller(ground).wait().code
    assert {"vdi": "Succeeded", "next": "Succeeded"} == history.phases(history.check(ground))
    assert 4 == len(ground.started())


def test_a_kill_leaves_what_ran_unknown(working):
    """Rule 6: the two that ran are Unknown, the third is started, and the request waits for somebody to settle it."""
    ground, child = working
    child.kill()
    child.wait()
    (ground.root / "go").touch()
    assert 0 == processes.controller(ground).wait().code
    state = history.check(ground)

    assert "Unknown" == history.phases(state)["vdi"]
    assert ["Succeeded", "Unknown", "Unknown"] == sorted(
        one.state for one in state.cases[history.ref("vdi")].results.values()
    )


def test_idle_it_ends_at_once(ground):
    """A controller that only waits does not wait for its interval to be over."""
    child = processes.fresh(ground, "--trust-root", ground.head(), "--interval", "3600")
    processes.until(lambda: '"pass"' in ground.log.read_text())
    child.terminate()
    began = time.monotonic()

    assert 0 == child.wait(timeout=30), ground.log.read_text()
    assert time.monotonic() - began < 10


def test_once_ends_by_itself(ground):
    """One pass and whatever it starts; what waits for people is left to wait."""
    root = ground.head()
    ground.commit(
        "juan", declared.request("vdi", "note"), declared.request("waits", "one"), declared.request("by-hand", "hand")
    )

    assert 0 == processes.controller(ground, "--trust-root", root).wait().code
    phases = history.phases(history.check(ground))
    assert {"vdi": "Succeeded", "waits": "open", "by-hand": "open"} == phases


def test_without_its_runner_a_claimed_run_waits(ground):
    """A controller started without --programs touches nothing that was claimed for a program; the next one runs it."""
    root = ground.head()
    ground.commit("juan", declared.request("vdi", "note"))
    processes.controller(ground, "--trust-root", root, crash="claimed:1").wait()
    without = ["run", "--once", "--ledger-key", str(ground.key)]
    assert 0 == processes.Forked(without, ground.environment(), ground.repository).wait().code
    assert {"vdi": "open"} == history.phases(history.check(ground))
    assert 0 == processes.controller(ground).wait().code

    assert {"vdi": "Succeeded"} == history.phases(history.check(ground))
    assert 1 == len(ground.started())


def test_first_seen_first_served(ground):
    """Where one run at a time is allowed, requests run in the order in which they were seen, not by their names."""
    root = ground.head()
    names = ["zebra", "monkey", "ant", "yak"]
    for name in names:
        ground.commit("juan", declared.request(name, "note"))
    with ground.controller(root) as driver:
        driver.rest()

    assert [f"acme/{name}" for name in names] == [request for request, *_ in ground.started()]
