"""The demo's world goes on: a controller that follows the branch, the panel, and the mailbox, until Ctrl-C."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from assent.cli import output
from assent.cli.demos import mailbox
from assent.cli.demos.ports import free
from assent.cli.demos.world import PANEL, Ground
from assent.errors import AssentError

PATIENCE = 60.0
"""Seconds for the panel to be there; it takes two on an idle machine."""

GRACE = 4.0
"""Seconds in which whatever was started has to end."""

PEOPLE = (
    ("juan@acme.example", 'asks, for example for "Create a set of APPServers or VDIs"'),
    ("maria@acme.example", "approves for the client acme"),
    ("ingrid@platform.example", "approves for the platform"),
    ("nadia@northwind.example", "runs the partner: organizations, access, operations, ledger"),
    ("olivia@platform.example", "looks after the platform: the overview of all organizations"),
)


def live(ground: Ground) -> None:
    """Serves until somebody presses Ctrl-C; then everything ends."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # asked to end, or left by its terminal: as by Ctrl-C
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as started:
        box, smtp = started.enter_context(mailbox.served())
        port, health = free(8080), free()
        url = f"http://127.0.0.1:{port}/"
        run = ["run", "--interval", "1", "--log", "text", "--programs", str(ground.programs)]
        panel = ["portal", "--demo-login", "--port", str(port), "--http-port", str(health), "--log", "text"]
        panel += [
            "--smtp",
            f"127.0.0.1:{smtp}",
            "--smtp-security",
            "Plain",
            "--mail-from",
            "Assent <assent@demo.example>",
        ]
        controller = started.enter_context(_child(ground, "olivia", "controller", run))
        portal = started.enter_context(_child(ground, PANEL, "panel", panel))
        _await(url, [controller, portal], ground.root)
        _tell(url, box)
        _until_stopped([controller, portal], ground.root)


def _tell(url: str, box: str) -> None:
    output.line()
    output.line(f"Panel: {url}", "green")
    output.line(
        "  Sign in as one of these, without a password; pages are in each one's language (juan and maria: Spanish):"
    )
    width = max(len(name) for name, _ in PEOPLE)
    for name, what in PEOPLE:
        output.line(f"    {name:{width}}  {what}")
    output.line(f"Mailbox: {box}", "green")
    output.line("  Every mail that the panel sends, whoever it is to.")
    output.line("Ctrl-C ends all of it.")


@contextmanager
def _child(ground: Ground, person: str, name: str, arguments: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A command of ours as this person, with its output in a file; it ends with the block."""
    command = [
        sys.executable,
        "-m",
        "assent",
        *arguments,
        "--ledger-key",
        str(ground.key),
        "-C",
        str(ground.repository),
    ]
    with (ground.root / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            command, env=ground.people[person].environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield child
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _await(url: str, children: Sequence["subprocess.Popen[bytes]"], logs: Path) -> None:
    """Until the panel answers; one that ends before is told with the last lines of its log."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and all(child.poll() is None for child in children):
        try:
            with urlopen(f"{url}signin", timeout=2):  # noqa: S310 -- an address of our own on loopback
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise _broken("the demo's panel did not start", logs)


def _broken(what: str, logs: Path) -> AssentError:
    """Something that should not be, with the last lines of what was started."""
    told = " ".join((logs / f"{name}.log").read_text(errors="replace")[-500:] for name in ("controller", "panel"))
    return AssentError(f"{what}: {told.strip()}", "this is a bug in assent")


def _until_stopped(children: Sequence["subprocess.Popen[bytes]"], logs: Path) -> None:
    """Until Ctrl-C; all are asked to end at once, so that none waits for another."""
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        output.line()
        output.note("ending")
        for child in children:
            child.terminate()
    else:
        raise _broken("the demo's panel or its controller has ended by itself", logs)
