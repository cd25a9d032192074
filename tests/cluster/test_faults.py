"""The short form of the soak, and single faults at single calls, each of which has its own right end."""

import itertools
import json
import signal
import time

import pytest

from assent.adapters.kube import paths
from assent.api.names import Ident
from assent.cluster.breaker import LIMIT
from cluster import oracle
from cluster.faulty import faulty
from cluster.lives import ending
from cluster.plane import LEFT_OPEN
from cluster.soak import Soak

_numbers = itertools.count(1)
pytestmark = pytest.mark.filterwarnings(LEFT_OPEN)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """An operator that goes on from test to test, behind a proxy that errs when it is told to."""
    with faulty(tmp_path_factory, "faults") as found:
        found.way = found.proxy(found.stack)
        found.running = found.start(found.way)
        yield found


def carried(world, way="approve"):
    """One request from its beginning to its end."""
    name = f"request-{next(_numbers)}-{way}"
    world.lives.open(name, way)
    world.lives.until_over()
    return f"acme/{name}"


def jobs(wanted):
    return lambda method, path: method == wanted and "/namespaces/acme/jobs" in path


def writes(method, path):
    return method != "GET" and ("/acme/" in path or "/configmaps/" in path) and "token" not in path


WRITES = [
    pytest.param([("lost", jobs("POST"))] * 2 + [("lost", jobs("PATCH"))], id="done, and the answer lost"),
    pytest.param([("late", jobs("PATCH"))], id="done, and answered after the time-out"),
    pytest.param([(fault, jobs("PATCH")) for fault in ("409", "429", "500", "503")], id="a Job let go"),
    pytest.param([(fault, jobs("POST")) for fault in ("429", "500", "503", "cut")], id="a Job made"),
    pytest.param([(fault, writes) for fault in ("409", "500", "401", "lost", "cut")] * 3, id="every write"),
]


@pytest.mark.parametrize("planned", WRITES)
def test_rule_3_a_write_that_fails(world, planned):
    """Whatever a write comes to, and whatever is known of it, the run is carried out once."""
    faults = world.way.faults
    before = faults.counts.total()
    faults.exact += planned
    carried(world)
    left = len(faults.exact)
    faults.exact.clear()

    assert 0 == left
    assert len(planned) == faults.counts.total() - before
    assert [] == world.judge()


def test_rule_27_a_job_that_is_refused_for_good(world):
    """What the API server will not take is a failure that says so, and nothing was started."""
    started = world.kubelet.started.total()
    world.way.faults.exact.append(("422", lambda method, path: jobs("POST")(method, path) and _made(world)))
    world.lives.open("refused", "approve")
    world.lives.right["acme/refused"] = "Failed"
    world.lives.until_over()
    result = world.house.status("acme/refused")["results"][0]["message"]

    assert "nothing was started" in result
    assert started == world.kubelet.started.total()
    assert [] == world.judge()


def _made(world):
    """Whether the call is the one that makes the Job: the one before it is a dry run, which asks whether it may."""
    before = [call for call in world.way.calls if call.method == "POST" and "/acme/jobs" in call.path]
    return bool(before and "dryRun" in before[-1].query)


@pytest.mark.parametrize(
    "kinds", [["silent"], ["torn", "gone", "broken", "swallowed", "twice"]], ids=["silent", "broken in every way"]
)
def test_rule_26_streams_that_err(world, kinds):
    """Whatever becomes of the watches, requests are taken in at the next look at everything, and none twice."""
    faults, each = world.way.faults, itertools.cycle(kinds)
    faults.stream = lambda: (faults._counted(next(each)), 0.2)
    world.way.away(0.2)  # hangs up, so that every watch is opened anew
    world.plane.until(lambda: all(faults.counts[one] for one in kinds), "the watches are not opened again")
    began = time.monotonic()
    carried(world)
    took = time.monotonic() - began
    del faults.stream
    world.way.away(0.1)

    assert took < 120
    assert [] == world.judge()


def test_rule_27_calls_are_bounded_while_all_of_them_fail(world):
    """Six seconds in which everything is answered with 500: no hot loop, and it goes on by itself afterwards."""
    faults = world.way.faults
    began = len(world.way.calls)
    faults.choose = lambda method, path, *, watch=False: faults._counted("500")
    time.sleep(6)  # what is measured is what happens in this time
    del faults.choose
    calls = world.way.calls[began:]
    carried(world)
    alike = max(map(len, _alike(calls).values()))

    assert world.running.process.poll() is None, world.house.said()
    assert alike <= 40, {key: len(found) for key, found in _alike(calls).items()}
    assert [] == world.judge()


def _alike(calls):
    found = {}
    for call in calls:
        found.setdefault(json.dumps([call.method, call.path, sorted(call.query)]), []).append(call)
    return found


def test_rule_27_the_control_plane_is_killed_and_started_again(world):
    """The API server and etcd are gone for a moment, with a request half decided: it goes on where it was."""
    name = f"request-{next(_numbers)}-approve"
    world.lives.open(name)
    world.house.until_open(f"acme/{name}", "manager")
    for program in ("kube-controller-manager", "kube-apiserver", "etcd"):
        world.plane.end(program, signal.SIGKILL)
    world.plane.start_etcd()
    world.plane.start_api_server()
    world.plane.start_controllers()
    world.lives.until_over()

    assert world.running.process.poll() is None, world.house.said()
    assert [] == world.judge()


def test_rule_29_status_is_written_a_few_times(world):
    """A request that goes all its way takes at most five writes for each change of its phase."""
    ref = carried(world)
    path = world.house.place(ref)

    def over():
        """What was written, once the proxy has heard of the last of it: the API server shows it before that."""
        found = oracle.statuses(world.way.calls)[path]
        return found if "Succeeded" in found else None

    written = world.plane.until(over, "the proxy does not hear of its end")

    assert "Succeeded" == written[-1]
    assert len(written) <= 5 * len(set(written))


def test_rule_29_looks_are_no_writes(world):
    """A run is looked at more often than its status may be written in a minute, and its end is shown at once."""

    def looks():
        return sum(call.method == "GET" and "/acme/jobs/" in call.path for call in world.way.calls)

    def looked_at():
        note = {"spec": {"displayName": f"Ana {next(_numbers)}"}}
        world.plane.admin.patch(paths.place(Ident("User", "acme", "ana")), note)
        return looks() > before + LIMIT + 5

    name, before = f"request-{next(_numbers)}", looks()
    world.kubelet.ending = lambda _pod: None
    world.lives.open(name)
    world.plane.until(lambda: world.lives.tend() and looks() > before, "it does not run")
    world.plane.until(looked_at, "it is not looked at")
    world.kubelet.ending = ending
    began = time.monotonic()
    world.lives.until_over()
    took = time.monotonic() - began

    assert took < 30
    assert [] == world.judge()


def test_rule_2_random_kills_and_faults(tmp_path_factory):
    """Six kills at random moments while calls and watches err: each request has its right end, and ran once."""
    with faulty(tmp_path_factory, "short") as world:
        soak = Soak(world, 7).run(6, 10, time.monotonic() + 120)

        assert [] == soak.wrong(), soak.table()
        assert soak.kills >= 6
        assert soak.faults.counts.total() >= 10
