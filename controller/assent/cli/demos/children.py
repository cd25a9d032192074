"""The demo's other processes: started in sessions of their own, watched, and ended with it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.cli.demos.asked import break_off
from assent.cli.demos.leash import GRACE
from assent.cli.demos.world import Ground
from assent.errors import AssentError

LINES = 12
"""How many lines of a log are quoted, the last ones: a log goes with the demo's folder."""

TOGETHER = 0.5
"""Seconds: whoever ends everything, as a machine that shuts down, reaches us that much later than a child at most."""


@dataclass(frozen=True)
class Child:
    """A process that the demo has started, and the log that it writes."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def broken(self, what: str) -> AssentError:
        """Something that should not be, with the last lines of its log, each of them whole."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:]
        told = "\n".join(f"  {line}" for line in lines) or "  (nothing)"
        hint = "this is a bug in assent; please report it with the lines above"
        return AssentError(f"the demo's {self.name} {what}; the end of its log:\n{told}", hint)


@contextmanager
def started(ground: Ground, person: str, name: str, arguments: Sequence[str]) -> Iterator[Child]:
    """A command of ours as this person, with its output in a file; it ends with the block, and with this process.

    In a session of its own it is not told of a terminal's Ctrl-C: we are, and end it.
    """
    log = ground.root / f"{name}.log"
    where = ["--ledger-key", str(ground.key), "-C", str(ground.repository)]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "assent.cli.demos.leash", *arguments, *where],
            env=ground.people[person].environment(),
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def ended(children: Sequence[Child]) -> Child | None:
    """The first of them that has ended, if one has."""
    return next((child for child in children if child.process.poll() is not None), None)


def watch(children: Sequence[Child], asked: Callable[[], bool]) -> None:
    """Until somebody has asked for the end, which raises KeyboardInterrupt; one that ends by itself is told."""
    while not (gone := ended(children)):
        if asked():
            break_off()
        time.sleep(0.2)
    time.sleep(TOGETHER)
    raise gone.broken(f"has ended by itself, with {gone.process.returncode}")
