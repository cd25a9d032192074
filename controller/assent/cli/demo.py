"""`assent demo`: a throw-away world and a worked story in the terminal, by the real commands."""

import gc
import sys
import tempfile
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from assent.cli import output
from assent.cli.demos.story import Story
from assent.cli.demos.world import Ground, build


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Leave the world in this folder.")] = None,
) -> None:
    """Show the main job on a real Git repository: requests, approvals by signed commits, one run, and the proof.

    Then the world goes on with a panel and a mailbox on loopback, until Ctrl-C; `--once` ends after the story.
    The programs that run act on a small pretend estate (JSON files); nothing outside of a temporary folder is touched.
    """
    gc.enable()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that the controller's log stands where it belongs in a pipe
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assent-demo-") as folder:
        root = keep.absolute() if keep else Path(folder) / "demo"
        root.mkdir(parents=True)
        ground = build(root)
        Story(ground).tell()
        output.line()
        output.line(f"That was it, in {time.monotonic() - began:.0f} seconds.", "green")
        if not once:
            _go_on(ground)
    if keep:
        output.line(f"Look around: cd {keep / 'approvals'}")
    if not once:
        output.note("`assent init DIR` begins a repository of your own.")


def _go_on(ground: Ground) -> None:
    try:
        from assent.cli.demos.live import live  # noqa: PLC0415 -- brings the web framework
    except ModuleNotFoundError as error:
        output.note(f"the panel is not shown: the package {error.name!r} is not installed (pip install '.[portal]')")
        return
    live(ground)
