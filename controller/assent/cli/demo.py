"""`assent demo`: a throw-away world and a worked story in the terminal, by the real commands."""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from assent.cli import folders, output
from assent.cli.demos import asked
from assent.cli.demos.story import Story
from assent.cli.demos.world import Ground, build


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Leave the world in this new folder.")
    ] = None,
) -> None:
    """Show the main job on a real Git repository: requests, approvals by signed commits, one run, and the proof.

    Then the world goes on with a panel and a mailbox on loopback, until Ctrl-C; `--once` ends after the story.
    The programs that run act on a small pretend estate (JSON files); nothing outside of a temporary folder is touched.
    """
    gc.enable()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that the controller's log stands where it belongs in a pipe
    with asked.heard() as ending, tempfile.TemporaryDirectory(prefix="assent-demo-") as folder:
        ground = build(_kept(keep) if keep else Path(folder) / "demo")
        _tell(Story(ground, ending))
        if not once:
            _go_on(ground, ending)
    if keep:
        output.line(f"Look around: cd {keep / 'approvals'}")
    if not once:
        gone = "everything has ended" if keep else "everything has ended, and its folder is gone"
        output.note(f"{gone}; thank you for looking in. `assent init DIR` begins a repository of your own.")


def _kept(folder: Path) -> Path:
    return folders.new(folder, called=f"--keep {folder}", why=": each demo is a world of its own")


def _tell(story: Story) -> None:
    began = time.monotonic()
    try:
        story.tell()
    except KeyboardInterrupt:
        output.complain("\nstopped in the middle of the story; `assent demo` begins it again")
        raise
    output.line()
    output.line(f"That was it, in {time.monotonic() - began:.0f} seconds.", "green")


def _go_on(ground: Ground, ending: Callable[[], bool]) -> None:
    try:
        from assent.cli.demos.live import live  # noqa: PLC0415 -- brings the web framework
    except ModuleNotFoundError as error:
        output.note(f"the panel is not shown: the package {error.name!r} is not installed (pip install '.[portal]')")
        return
    live(ground, ending)
