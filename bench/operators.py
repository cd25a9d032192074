"""Operators in processes of their own: Assent's, as it is installed, and a program of kopf's."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from bench.harness import environment, program

ROOT = Path(__file__).parents[1]
PATIENCE = 300
"""Seconds that anything may take before it counts as never happening."""

IDLE = 10
"""Percent of a processor: what watches and clocks take by themselves."""

LOOK = 0.02
"""Seconds between two looks at what an operator exposes."""


def until(ask: Callable[[], Any], why: Callable[[], str], pause: float = LOOK) -> Any:  # noqa: ANN401 -- whatever is asked for
    """What `ask` answers, once that is true."""
    end = time.monotonic() + PATIENCE
    while not (found := ask()):
        if time.monotonic() > end:
            raise TimeoutError(why())
        time.sleep(pause)
    return found


def free_port() -> int:
    """A port that nobody has at the moment."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class _Process:
    """A process with its log; ended as the block is left."""

    def __init__(self, command: list[str], log: Path, **options: Any) -> None:  # noqa: ANN401 -- as Popen has them
        self.log = log
        # Whatever becomes of the bench, even where it cannot clean up: what it started ends with it.
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with log.open("wb") as file:
            self.process = subprocess.Popen([*leash, *command], cwd=ROOT, stderr=file, env=environment(), **options)

    def mebibytes(self) -> float:
        """What it holds in memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / (1 << 20)

    def until_idle(self) -> None:
        """Until it does nothing any more, so that what it still had to do is in nobody else's time."""
        one = psutil.Process(self.process.pid)
        one.cpu_percent()
        until(lambda: self.alive() and one.cpu_percent() < IDLE, lambda: f"it is never idle: {self.said()}", 0.5)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def alive(self) -> bool:
        """Raises where it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"it ended with {self.process.returncode}: {self.said()}")
        return True

    def end(self) -> None:
        """Asks it to end, and waits."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


class Operator(_Process):
    """`assent operator`, with its ledger in a folder; what it has come to is read where it exposes it."""

    def __init__(self, folder: Path, config: Path, webhook: int = 0) -> None:
        self.port, self.webhook = free_port(), webhook or free_port()
        command = [program("assent"), "operator", "--kubeconfig", str(config), "--log", "json"]
        command += ["--ledger", str(folder / "ledger.sqlite"), "--ledger-key", str(folder / "ledger.key")]
        command += ["--http-port", str(self.port), "--webhook-host", "127.0.0.1", "--webhook-port", str(self.webhook)]
        command += ["--webhook-name", "127.0.0.1"]
        super().__init__(command, folder / "operator.log", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def get(self, path: str) -> tuple[int, str]:
        """What it says over HTTP; (0, "") where it does not answer yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, ""
        except OSError:
            return 0, ""

    def measure(self, name: str) -> float:
        """One of its measures, added up over its labels."""
        lines = (line.rpartition(" ") for line in self.get("/metrics")[1].splitlines() if line.startswith(name))
        return sum(float(value) for told, _, value in lines if told.partition("{")[0] == name)

    def measure_of(self, name: str, **labels: str) -> float:
        """One of its measures, of these labels."""
        told = ",".join(f'{label}="{value}"' for label, value in labels.items())
        lines = self.get("/metrics")[1].splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name}{{{told}}} ")), 0.0)

    def until_world(self, size: int, *, pause: float = LOOK) -> None:
        """Until so many documents are in the world by which it decides, and it is ready."""
        self._until(lambda: self.measure("assent_world_documents") >= size, f"{size} documents", pause)
        self._until(lambda: self.get("/readyz")[0] == 200, "readiness", pause)

    def until_proven(self) -> None:
        """Until it has made a whole pass, and found the admission policies in force."""
        self._until(lambda: self.measure("assent_admission_trusted") == 1, "proven policies", 0.2)

    def until_shown(self, size: int) -> None:
        """Until every document has its status: the work of a first start."""
        self.until_proven()
        self._until(lambda: self.measure("assent_status_writes_total") >= size, f"{size} statuses", 0.2)

    def _until(self, ask: Callable[[], bool], what: str, pause: float) -> None:
        until(lambda: self.alive() and ask(), lambda: f"no {what}: {self.said()}", pause)


class Kopf(_Process):
    """A program of kopf's: `bench.peers.kopf_program`, which says what it has seen, a line of JSON each."""

    def __init__(self, folder: Path, config: Path, work: str, **given: Any) -> None:  # noqa: ANN401 -- JSON
        command = [sys.executable, "-m", "bench.peers.kopf_program", str(config), work, json.dumps(given)]
        super().__init__(command, folder / f"kopf-{work}.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(self) -> Any:  # noqa: ANN401 -- JSON
        """The next thing that it says."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(f"kopf ended with {self.process.wait()}: {self.said()}")
        return json.loads(line)

    def ask(self, *what: Any) -> Any:  # noqa: ANN401 -- JSON
        """What it answers."""
        if self.process.stdin:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
        return self.told()

    def end(self) -> None:
        """Asks it to end, and waits."""
        super().end()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
