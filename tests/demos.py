"""The demo as a process of its own, at a terminal or at none, and what is left of it."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 300
"""Seconds that a loaded machine may take."""
SOON = 5
"""Seconds in which Ctrl-C ends everything."""
COLOR = re.compile(r"\x1b\[[0-9;]*m")
CTRL_C = b"\x03"
DEMO = ["-m", "assent", "demo"]
SHORT = """
import sys
from assent.__main__ import main
from assent.cli.demos.story import Story
Story.tell = Story.opening
sys.exit(main(["demo"]))
"""
UNTOLD = ["-c", SHORT]
"""The demo with the first of its scenes alone: for what comes behind them."""
TERMINAL = """
import os, pty, signal, sys
if {ignored}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
"""
"""A terminal: what is written to its input is typed; `ignored`: as a shell starts what runs behind it."""


class Demo:
    """The running demo, and what it has printed."""

    def __init__(self, folder, arguments, before):
        self.folder = folder
        self.log = folder / "printed.txt"
        environment = os.environ | {"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1", "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        command = [*before, sys.executable, *arguments]
        keys = subprocess.PIPE if before else subprocess.DEVNULL
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=keys, env=environment, start_new_session=True
            )

    def address(self, name):
        """What it says after this name, once it does."""
        found = self.until(lambda: re.search(rf"^{name}: (http://127\.0\.0\.1:\d+/)$", self.printed, re.MULTILINE))
        return found[1]

    def types(self, keys):
        """Somebody types at its terminal."""
        self.process.stdin.write(keys)
        self.process.stdin.flush()

    @property
    def printed(self):
        """What it has printed, without colours; a terminal at which it asks waits for ever."""
        text = COLOR.sub("", self.log.read_text().replace("\r\n", "\n"))
        assert "[y/N]" not in text, text[-300:]
        return text

    def until(self, condition):
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < end, self.log.read_text()[-2000:]
            time.sleep(0.1)
        return found

    def end(self, ask, *what):
        """How it ends once it is asked to, and after how many seconds."""
        began = time.monotonic()
        ask(*what)
        return self.process.wait(PATIENCE), time.monotonic() - began

    def processes(self, word=""):
        """Those that it has started and that are still there, by their numbers."""
        lines = {path.parent.name: _read(path) for path in Path("/proc").glob("[0-9]*/cmdline")}
        ours = {number: line for number, line in lines.items() if str(self.folder).encode() in line}
        return [int(number) for number, line in ours.items() if word.encode() in line.split(b"\0")]

    @property
    def left(self):
        """The processes and folders that are still there."""
        return self.processes() + [path for path in self.folder.iterdir() if path != self.log]


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def running(folder, arguments=DEMO, before=()):
    demo = Demo(folder, arguments, before)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            os.killpg(demo.process.pid, signal.SIGKILL)
            demo.process.wait()
        for number in demo.processes():  # what a broken demo leaves
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        if demo.process.stdin:
            demo.process.stdin.close()


def at_a_terminal(folder, arguments=DEMO, *, ignored=False):
    """The demo as somebody sees it who starts it at a terminal."""
    return running(folder, arguments, [sys.executable, "-c", TERMINAL.format(ignored=ignored)])
