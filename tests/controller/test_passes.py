"""What a pass costs, and when it starts nothing (rules 19 and 29)."""

import json
import time
from collections import Counter

import pytest

from assent.reconcile.passes import MAX_JUMP
from controller import declared, processes
from controller.deciding import MARIA, approve, ask, line

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def everything(ground):
    """All bytes of the ledger and of what lies beside its key, but for SQLite's own memory of who reads now."""
    folders = (ground.ledger.parent, ground.key.parent)
    files = (path for folder in folders for path in folder.iterdir() if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.endswith("-shm")}


@pytest.fixture
def busy(ground, passing):
    """A controller with one request of every standing."""
    ground.commit("olivia", declared.service("lost", program="lost"))
    for name in ("note", "one", "break", "hand", "lost", "unheard-of"):
        ask(ground, passing, name, name=name)
    return passing


def test_rule_29_a_pass_with_nothing_new_writes_nothing(ground, busy):
    """Rule 29: not one byte of the ledger, its anchor or its key changes, whatever waits, is held or has ended."""
    before, began = everything(ground), time.perf_counter()
    for _ in range(20):
        busy.step()
    print(f"\na pass with nothing new: {(time.perf_counter() - began) / 20 * 1000:.1f} ms")  # noqa: T201 -- a figure

    assert before == everything(ground)


def test_rule_29_nor_does_a_restart(ground, busy):
    """Rule 29: the same for a controller that starts anew."""
    length = len(ground.records())
    with ground.controller() as again:
        again.rest()

    assert length == len(ground.records())


def test_rule_29_a_request_costs_a_bounded_number_of_records(ground, passing):
    """Rule 29: from its first sight to its end a request leaves what it is about, and nothing twice."""
    ask(ground, passing, "two")
    approve(ground, passing, "maria")
    approve(ground, passing, "ingrid")
    kinds = Counter(record.kind for record in ground.records())

    expected = {"observed": 1, "validated": 1, "decided": 2, "claimed": 1, "acted": 1, "recorded": 1, "ended": 1}
    assert {"trusted": 1, "head": 3, **expected} == kinds


def test_rule_29_what_is_held_is_written_once_a_reason(ground, busy):
    """Rule 29: a runner that is missing is said once, however often it is looked for."""
    for number in range(5):
        ask(ground, busy, "note", name=f"note-{number}")

    assert 1 == sum(record.kind == "held" for record in ground.records())


def test_one_line_a_pass(ground):
    """What the controller says of its passes is one JSON object a line, and nothing else."""
    root = ground.head()
    ground.commit("juan", declared.request("vdi", "note"))
    ran = processes.controller(ground, "--trust-root", root).wait()
    first, *others = [json.loads(text) for text in ran.err.splitlines()]

    assert (0, "") == (ran.code, ran.out)
    assert {"pass"} == {one["event"] for one in (first, *others)}
    assert (1, 1, ground.head()[:12]) == (first["started"], first["commits"], first["head"])
    assert 1 == sum(one.get("ended", 0) for one in (first, *others))


@pytest.mark.parametrize("seconds", [MAX_JUMP + 1, -MAX_JUMP - 1, 86_400, -86_400])
def test_rule_19_a_clock_that_moved_starts_nothing(ground, passing, seconds):
    """Rule 19: the time of day moved against the monotonic clock: what is approved waits for another look."""
    passing.jump(seconds)
    ground.commit("juan", declared.request("vdi", "note"))
    summary = passing.step()

    assert summary.paused
    assert ("Approved", []) == (passing.phase("vdi"), ground.started())


@pytest.mark.parametrize("seconds", [1, -1, MAX_JUMP - 2, 2 - MAX_JUMP])
def test_rule_19_a_clock_that_is_set_right_is_no_reason(ground, passing, seconds):
    """Rule 19: up to a minute is what clocks are corrected by."""
    passing.jump(seconds)
    ground.commit("juan", declared.request("vdi", "note"))

    assert not passing.step().paused
    assert "Succeeded" == passing.phase("vdi")


@pytest.fixture
def held(ground, passing):
    """A request that is approved two hours after it was seen, and waits for its program."""
    flow = declared.FLOWS["platform/manager"] | {"decideWithin": "3h", "runWithin": "1h"}
    ground.commit("olivia", declared.document("ApprovalFlow", "hasty", flow, "platform"))
    ground.commit("olivia", declared.service("lost", program="lost", flows=["hasty"]))
    ask(ground, passing, "lost")
    passing.tick(7200)
    approve(ground, passing, "maria")
    assert "RunnerNotAvailable" == passing.reason("vdi")
    return passing


def test_rule_19_a_clock_behind_the_ledger_starts_nothing(ground, held):
    """Rule 19: a restart with a clock that was put back cannot judge deadlines, so it waits until the time has come."""
    ground.program("lost")
    with ground.controller() as again:
        assert "which is before the ledger's own" in again.step().paused
        assert [] == ground.started()
        again.tick(7200)
        again.rest()

    assert 1 == len(ground.started())


def test_rule_19_what_has_expired_does_not_run(ground, held):
    """Rule 19: an approval that is too old runs nothing, when its program is there at last or the clock is put back."""
    held.tick(3601)
    ground.program("lost")
    assert ("Expired", "RunDeadline") == (held.rest().phase("vdi"), held.reason("vdi"))
    held.jump(-7200)
    held.rest()
    held.rest()

    assert ("Expired", []) == (held.phase("vdi"), ground.started())


@pytest.mark.parametrize(("seconds", "phase"), [(3 * 3600 - 10, "Approved"), (3 * 3600 + 10, "Expired")])
def test_a_decision_in_time(ground, held, seconds, phase):
    """Deadlines count from the first observation: an approval counts up to the last moment, and not behind it."""
    ask(ground, held, "lost", name="late")
    held.tick(seconds)
    held.rest()
    ground.decide("maria", "late", line(held, MARIA, "late"))
    held.rest()

    assert phase == held.phase("late")
    assert [] == ground.started()
