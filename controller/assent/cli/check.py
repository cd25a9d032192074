"""`assent check`: everything that is wrong with what is declared, at once."""

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assent.cli import output, reports, sources
from assent.cli.reports import Form, Report


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders; default: this folder.")
    ] = None,
    *,
    form: Annotated[
        Form, typer.Option("--output", "-o", help="For people, for programs, or for a CI system.")
    ] = Form.TABLE,
) -> None:
    """Find everything that is wrong with what is declared, all of it at once.

    All files under the paths are one world. Each problem has its place, its value and what to do about it.
    Ends with 0 where nothing is an error (warnings leave it 0), with 1 where something is.

    Examples: `assent check`, `assent check policies examples/01-automate`, `assent check -o sarif > assent.sarif`.
    """
    report = declared(paths or [Path()])
    reports.show(report, form)
    output.note(report.summary)
    if report.count("error"):
        raise typer.Exit(1)


def declared(paths: Sequence[Path]) -> Report:
    """What is declared under the paths, judged by itself."""
    collecting = gc.isenabled()
    gc.disable()  # thousands of documents are read and none is dropped, so collecting finds nothing
    try:
        source = sources.read(paths)
        return Report(source.checked(), source.documents, source.skipped)
    finally:
        if collecting:
            gc.enable()
