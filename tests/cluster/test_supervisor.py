"""Parts that end are started again, one that cannot live ends the process, and the end that is asked for comes soon."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import structlog
from structlog.testing import CapturingLogger

from assent.cluster.supervisor import Part, Patience, Supervisor
from assent.errors import ClusterError

QUICK = Patience(failures=4, window=60, settled=60, shortest=0.01, longest=0.02, grace=5)


class Running:
    """A supervisor on a thread of its own, what it logged, and the code that it ended with."""

    def __init__(self, *parts, patience=QUICK):
        self.logger = CapturingLogger()
        self.restarts = []
        self.code = None
        log = structlog.wrap_logger(self.logger, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0))
        self.supervisor = Supervisor(parts, log=log, restarted=self.restarts.append, patience=patience)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        self.code = self.supervisor.run()

    def end(self):
        self.supervisor.ask()
        return self.wait()

    def wait(self):
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.code

    @property
    def lines(self):
        return [call.kwargs for call in self.logger.calls]


def patient(started=None):
    """A part's body that does as it is told."""

    def run(stop):
        if started is not None:
            started.set()
        stop.wait()

    return run


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_ends_when_asked():
    """All parts are told, the wakening call included, and the code says that all went well."""
    started, woken = threading.Event(), threading.Event()
    running = Running(Part("one", patient(started)), Part("two", lambda _: woken.wait(), wake=woken.set))
    started.wait(20)

    assert 0 == running.end()
    assert [] == running.restarts


def test_a_part_that_ends_is_started_again():
    """Whether it raises or returns, its next run follows; the log says why, in our words alone."""
    runs = []

    def run(stop):
        runs.append(1)
        if len(runs) == 1:
            raise ClusterError("GET /x: no")
        if len(runs) == 2:
            raise ValueError("a secret may stand here")
        if len(runs) == 3:
            return
        stop.wait()

    running = Running(Part("one", run))
    until(lambda: len(runs) == 4)

    assert 0 == running.end()
    assert ["one"] * 3 == running.restarts
    assert "GET /x: no" == running.lines[0]["problem"]
    assert running.lines[1]["problem"].startswith("ValueError at test_supervisor.py:")
    assert "it ended unasked" == running.lines[2]["problem"]


@pytest.mark.parametrize("fault", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
def test_rule_27_a_part_that_cannot_live_ends_the_process(fault):
    """After so many failures in the window the rest is ended too, and the code is not zero."""
    runs = []

    def run(_stop):
        runs.append(1)
        raise fault

    running = Running(Part("broken", run), Part("sound", patient()))

    assert 1 == running.wait()
    assert QUICK.failures == len(runs)
    assert ("broken", "given up after 4 failures") == (running.lines[-1]["part"], running.lines[-1]["hint"])


@pytest.mark.parametrize(("healthy", "code"), [(True, 0), (False, 1)])
def test_a_healthy_run_starts_the_count_again(healthy, code):
    """A part that did its work before it ended may fail as often as it likes; one that never did may not."""
    runs = []
    patience = Patience(failures=3, window=60, settled=0, shortest=0.01, longest=0.02, grace=5)
    running = Running(Part("one", lambda _: runs.append(1), healthy=lambda: healthy), patience=patience)
    until(lambda: len(runs) >= 10 or running.code is not None)

    assert code == running.end()


def test_failures_long_ago_do_not_count():
    """Only failures within the window add up."""
    runs = []
    patience = Patience(failures=3, window=0.05, settled=60, shortest=0.1, longest=0.1, grace=5)
    running = Running(Part("one", lambda _: runs.append(1)), patience=patience)
    until(lambda: len(runs) >= 6 or running.code is not None)

    assert 0 == running.end()


def test_a_deaf_part_does_not_keep_the_process():
    """A part that does not end is named, and the process ends at its deadline with a code that is not zero."""
    forever = threading.Event()
    patience = Patience(grace=0.5)
    running = Running(Part("deaf", lambda _: forever.wait()), Part("sound", patient()), patience=patience)
    began = time.monotonic()

    assert 1 == running.end()
    assert time.monotonic() - began < 10
    assert "these did not end in 0.5 s: deaf" == running.lines[-1]["problem"]
    forever.set()


def test_a_part_that_cannot_be_woken_keeps_nobody_else():
    """A fault in one part's wakening call is logged, and all the others are told."""

    def broken():
        raise ZeroDivisionError

    woken = threading.Event()
    parts = (Part("one", patient(), wake=broken), Part("two", lambda _: woken.wait(), wake=woken.set))

    assert 0 == Running(*parts).end()


PROGRAM = """
import sys, structlog
from assent.cluster.supervisor import Part, Supervisor, ended_by_signals
supervisor = Supervisor([Part("one", lambda stop: (print("up", flush=True), stop.wait()))], log=structlog.get_logger())
with ended_by_signals(supervisor):
    code = supervisor.run()
print("down", flush=True)
sys.exit(code)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_signal_ends_the_process_within_twenty_seconds(number):
    """SIGTERM and Ctrl-C end every part in order, and the process with code 0."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        up = process.stdout.readline()
        os.kill(process.pid, number)
        rest, _ = process.communicate(timeout=20)

    assert ("up\n", "down\n", 0) == (up, rest, process.returncode)
