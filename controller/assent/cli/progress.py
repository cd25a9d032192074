"""A sign of life on a terminal, for what takes longer than people wait without one."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from assent.cli import output

Item = TypeVar("Item")

PATIENCE = 1.0
"""Seconds: the limit at which a person's flow of thought breaks (Nielsen, Usability Engineering, 1993)."""


def watched(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; once they have taken a second, a terminal shows how many files have been read."""
    if output.quiet() or not sys.stderr.isatty():
        yield from items
        return
    rest, started = iter(items), time.monotonic()
    for count, item in enumerate(rest, start=1):
        yield item
        if time.monotonic() - started > PATIENCE:
            yield from _drawn(rest, count)


def _drawn(items: Iterator[Item], count: int) -> Iterator[Item]:
    from rich.console import Console  # noqa: PLC0415 -- most calls are done before it is needed
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415 -- the same

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} files read"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None, completed=count)
        for item in items:
            yield item
            progress.advance(task)
