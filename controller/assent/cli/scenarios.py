"""`assent test`: scenarios played offline through the rules that a controller follows."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from assent.cli import output, sources
from assent.cli.options import Output
from assent.cli.output import Format
from assent.core.scenarios import Failure, play
from assent.errors import NotFoundError


def test(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Folders or files with scenarios; default: here.")
    ] = None,
    *,
    form: Output = Format.TABLE,
) -> None:
    """Play every scenario below the paths: given a world, when people ask and decide, then this must come of it.

    Ends with 0 where all came to what they expect, with 1 where one did not.

    Examples: `assent test`, `assent test policies examples/01-automate`.
    """
    gc.disable()
    found = sources.scenarios(paths or [Path()])
    for finding in found.findings:
        output.complain(f"{finding.place}: {finding.message}")
    if not found.scenarios and not found.findings:
        raise NotFoundError("no scenario is there", "name a folder that has one: assent test policies")
    results = [(one, play(one.scenario, one.world)) for one in found.scenarios]
    if form is Format.TABLE:
        for one, failures in results:
            _shown(one.scenario.metadata.name, str(one.file), failures)
    else:
        output.data(
            {"scenarios": [_item(one.scenario.metadata.name, str(one.file), failures) for one, failures in results]},
            form,
        )
    failed = sum(bool(failures) for _, failures in results)
    output.note(f"{len(results)} scenario{'' if len(results) == 1 else 's'}, {failed} failed")
    if failed or found.findings:
        raise typer.Exit(1)


def _shown(name: str, file: str, failures: tuple[Failure, ...]) -> None:
    if not failures:
        output.line(f"ok    {name}", "green")
        return
    output.line(f"FAIL  {name}  ({file})", "red")
    for failure in failures:
        output.line(f"      {failure.where}: {failure.message}")


def _item(name: str, file: str, failures: tuple[Failure, ...]) -> dict[str, object]:
    return {
        "name": name,
        "file": file,
        "passed": not failures,
        "failures": [{"where": one.where, "message": one.message} for one in failures],
    }
