"""`assent portal` as a pod starts it: with the chart's account and files that are mounted, until it is asked to end."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

import postgres
from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.ledger import Ledger
from assent.errors import LedgerError
from assent.portal import at_cluster
from cluster.guarded import free_port
from cluster.panelled import standing

postgres.needed()

HASTY = """
import sys
from assent.__main__ import main
from assent.adapters.health import Heartbeat
from assent.portal import serving
serving.BEAT, serving.Heartbeat = 0.1, lambda: Heartbeat(1.0)
sys.exit(main(sys.argv[1:]))
"""
"""The program, which counts as dead one second after its last sign of life, and not after two minutes."""


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    with standing(request.config, tmp_path_factory, "panel-starts") as found:
        yield found


class Process:
    """`assent portal` as a process of its own; `get` asks its pages, `look` its health."""

    def __init__(self, world):
        self.port, self.health = free_port(), free_port()
        self.log = world.folder / f"panel-{self.port}.log"
        folder = world.folder / "mounted"
        folder.mkdir(exist_ok=True)
        key = folder / "panel.key"
        if not key.exists():
            key.write_bytes(os.urandom(32))
            key.chmod(0o400)
            folder.chmod(0o555)
        command = [sys.executable, "-c", HASTY, "portal", "--kubeconfig", str(world.accounts["portal"])]
        command += ["--ledger", world.house.ledger, "--ledger-key", str(world.key), "--secret-file", str(key)]
        command += ["--port", str(self.port), "--http-port", str(self.health), "--demo-login", "--log", "json"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def get(self, path):
        return ask(self.port, path)

    def look(self, path):
        return ask(self.health, path)

    def until(self, holds):
        end = time.monotonic() + 60
        while not holds():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, (self.look("/readyz"), self.log.read_text())
            time.sleep(0.1)

    def end(self):
        """Asks it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def ask(port, path):
    """Status and text; (0, "") where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def test_it_serves_until_it_is_asked_to_end(world):
    """Ready once it has seen everything, and alive for as long as it answers; it ends in time, with exit code 0."""
    panel = Process(world)
    try:
        panel.until(lambda: panel.look("/readyz") == (200, "ok\n"))
        time.sleep(2)
        page, alive, measures = panel.get("/signin"), panel.look("/healthz"), panel.look("/metrics")
        began = time.monotonic()
        code = panel.end()
        took = time.monotonic() - began
    finally:
        panel.process.kill()
        panel.process.wait()
    said = panel.log.read_text()

    assert (200, 200, 200) == (page[0], alive[0], measures[0])
    assert "juan@acme.example" in page[1]
    assert 0 == code, said
    assert took < 10
    assert "Traceback" not in said


def place(world, namespace, ledger):
    return at_cluster.Where("", world.plane.kubeconfig("admin", ("system:masters",)), namespace, ledger, world.key)


def test_a_panel_waits_until_a_controller_has_begun(request, world, monkeypatch):
    """It makes neither ledger nor anchor: where there is none it waits, and says in the end that nobody has begun."""
    monkeypatch.setattr(at_cluster, "PATIENCE", 1.0)
    with postgres.database(request.config) as ledger:
        where = place(world, "acme", ledger)
        with pytest.raises(LedgerError, match="no controller has begun on the ledger yet"), at_cluster.opened(where):
            pass
        anchor = ConfigMapAnchor(world.plane.admin, "acme")
        none = anchor.read()
        Ledger.open(ledger, key_file=world.key, anchor=anchor).close()
        monkeypatch.setattr(at_cluster, "PATIENCE", 60.0)
        with at_cluster.opened(where) as door:
            length = door.version()

    assert (None, 0) == (none, length)
