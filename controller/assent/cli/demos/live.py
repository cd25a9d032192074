"""The demo's world goes on: a controller that follows the branch, the panel, and the mailbox, until Ctrl-C."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from urllib.error import URLError
from urllib.request import urlopen

from assent.cli import output
from assent.cli.demos import mailbox
from assent.cli.demos.children import Child, ended, started, watch
from assent.cli.demos.ports import free
from assent.cli.demos.world import PANEL, Ground

PATIENCE = 60.0
"""Seconds for the panel to be there; it takes two on an idle machine."""

PEOPLE = (
    ("juan@acme.example", 'asks, for example for "Create a set of APPServers or VDIs"'),
    ("maria@acme.example", "approves for the client acme"),
    ("ingrid@platform.example", "approves for the platform"),
    ("nadia@northwind.example", "runs the partner: organizations, access, operations, ledger"),
    ("olivia@platform.example", "looks after the platform: the overview of all organizations"),
)


def live(ground: Ground, asked: Callable[[], bool]) -> None:
    """Serves until somebody presses Ctrl-C, or asks for the end in another way; then everything ends."""
    children: list[Child] = []
    with ExitStack() as all_of_it:
        try:
            box, smtp = all_of_it.enter_context(mailbox.served())
            port, health = free(8080), free()
            url = f"http://127.0.0.1:{port}/"
            run = ["run", "--interval", "1", "--log", "text", "--programs", str(ground.programs)]
            panel = ["portal", "--demo-login", "--port", str(port), "--http-port", str(health), "--log", "text"]
            panel += ["--smtp", f"127.0.0.1:{smtp}", "--smtp-security", "Plain"]
            panel += ["--mail-from", "Assent <assent@demo.example>"]
            children.append(all_of_it.enter_context(started(ground, "olivia", "controller", run)))
            children.append(all_of_it.enter_context(started(ground, PANEL, "panel", panel)))
            _await(url, children)
            _tell(url, box)
            watch(children, asked)
        except KeyboardInterrupt:
            for child in children:  # all at once, so that none waits for another
                child.process.terminate()
            output.line()
            output.note("ending the panel, the controller and the mailbox")


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


def _await(url: str, children: Sequence[Child]) -> None:
    """Until the panel answers; one that ends before, or a panel that never does, is told."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not (gone := ended(children)):
        try:
            with urlopen(f"{url}signin", timeout=2):  # noqa: S310 -- an address of our own on loopback
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise (gone or children[-1]).broken("did not start")
