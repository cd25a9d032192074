"""`python -m bench`: measures the rows, shows the table, and writes `docs/benchmarks.md` and the README's."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import machine, page, results
from bench.harness import Row, Run, Shared
from bench.results import Result
from bench.rows import ROWS

ROUNDS, QUICK_ROUNDS = 7, 2
WIDE = 160
"""Columns of the table where nobody's terminal says how many."""


def bench(
    *,
    rows: Annotated[str, typer.Option("--rows", metavar="N,…", help="Some rows alone, such as 3,4.")] = "",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds of each contender.")] = ROUNDS,
    sizes: Annotated[
        str, typer.Option("--sizes", metavar="N,…", help="Other sizes than the rows' own; nothing is written.")
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Tiny sizes: prove that everything runs and agrees.")] = False,
    write: Annotated[bool, typer.Option("--write/--no-write", help="Write results, page and pictures.")] = True,
) -> None:
    """Measure Assent beside what people would use instead; with --quick, prove that it can be measured."""
    chosen = _chosen(rows)
    wanted = [int(one) for one in sizes.split(",") if one]
    found = measured(chosen, QUICK_ROUNDS if quick else rounds, wanted, quick=quick, console=Console(stderr=True))
    out = Console() if sys.stdout.isatty() else Console(width=WIDE)
    out.print(shown(chosen, found))
    for one in found:
        out.print(*(f"[dim]row {one.number}: {note}[/dim]" for note in one.notes), sep="\n")
    if write and not (quick or wanted):
        kept = results.load() | {one.number: one for one in found if one.figures}
        results.save(kept.values())
        page.write(ROWS, kept)
        page.tell(ROWS, kept)


def _chosen(rows: str) -> list[Row]:
    known = {row.number: row for row in ROWS}
    numbers = [int(one) for one in rows.split(",") if one] or list(known)
    unknown = [one for one in numbers if one not in known]
    if unknown:
        raise typer.BadParameter(f"there is no row {unknown[0]}; there are {', '.join(map(str, known))}")
    return [known[one] for one in numbers]


def measured(
    rows: Sequence[Row], rounds: int, sizes: Sequence[int] = (), *, quick: bool = False, console: Console | None = None
) -> list[Result]:
    """Every row at every size; what cannot be measured here says why, and is left out."""
    about = (machine.machine(), machine.versions())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console or Console(quiet=True), transient=True) as progress, ExitStack() as stack:
        steps = [(row, size) for row in rows for size in _sizes(row, sizes, quick=quick)]
        task = progress.add_task("", total=len(steps))
        by_row: dict[int, Result] = {}
        shared = stack.enter_context(closing(Shared()))
        for (row, size), after in zip(steps, [*(one for one, _ in steps[1:]), None], strict=True):
            why = row.needs()
            result = by_row.setdefault(row.number, Result(row.number, [], [], *about, rounds))
            if why:
                result.notes = [f"not measured here: {why}"]
            else:
                _measure(
                    row,
                    size,
                    rounds,
                    result,
                    shared,
                    quick=quick,
                    tell=lambda what, row=row, size=size: progress.update(
                        task, description=f"row {row.number}, {size:,} {row.over}: {what}"
                    ),
                )
            if not row.ground or after is None or after.ground != row.ground:
                shared.close()
            progress.advance(task)
    return list(by_row.values())


def _sizes(row: Row, sizes: Sequence[int], *, quick: bool) -> Sequence[int]:
    if quick:
        return [row.small]
    return sizes or sorted({row.size, *row.growth})


def _measure(  # noqa: PLR0913 -- one caller
    row: Row,
    size: int,
    rounds: int,
    result: Result,
    shared: Shared,
    *,
    quick: bool,
    tell: Callable[[str], None],
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="assent-bench-"))
    try:
        run = Run(size, rounds if size <= row.size else max(3, rounds // 2), folder, tell, quick, shared=shared)
        result.figures.extend(row.measure(run))
        if size == row.size or quick:
            result.notes = run.notes
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown(rows: Sequence[Row], found: Sequence[Result]) -> Table:
    """Every figure, as the page has them."""
    table = Table("row", "work", "against", "size", "Assent", "peer", "ratio", "to reach", "noise", title="Benchmarks")
    by_number = {one.number: one for one in found}
    for row in rows:
        result = by_number[row.number]
        for figure in result.figures:
            style = "" if figure.met is None else "green" if figure.met else "red"
            told = [one.replace("**", "") for one in page.cells(row, figure)]
            table.add_row(str(row.number), *told, style=style)
    return table


if __name__ == "__main__":
    typer.run(bench)
