"""`assent check`: everything that is wrong with what is declared, at once."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.api.findings import Finding
from assent.api.names import API_VERSION
from assent.cli import clusters, output
from assent.cli.clusters import Cluster
from assent.cli.files import Files
from assent.cli.options import InContext, KubeConfig, LedgerKey
from assent.cli.output import Form
from assent.errors import UsageError

if TYPE_CHECKING:
    from assent.cli.reports import Report


def check(  # noqa: PLR0913 -- an option each
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders; default: this folder.")
    ] = None,
    *,
    base: Annotated[
        str, typer.Option("--base", metavar="REV", help="Judge what came since this commit, as the controller will.")
    ] = "",
    file: Annotated[
        str, typer.Option("--ledger", metavar="FILE|URL", help="With --base: what is in force is this ledger's to say.")
    ] = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Annotated[
        Form, typer.Option("--output", "-o", help="For people, for programs, or for a CI system.")
    ] = Form.TABLE,
) -> None:
    """Find everything that is wrong with what is declared, all of it at once.

    All files under the paths are one world. Each problem has its place, its value and what to do about it.
    Ends with 0 where nothing is an error (warnings leave it 0), with 1 where something is. Where there was nothing to
    look at, a warning on standard error says so.

    Examples: `assent check`, `assent check policies examples/01-automate`, `assent check -o sarif > assent.sarif`.
    `assent check --base origin/main` also says what the controller would refuse of the branch, and whose approvals
    would not count: the base judges, not the branch. `assent check --context NAME` judges what a cluster holds.
    """
    if file and not base:
        raise UsageError("--ledger says what is in force for --base REV, and goes with it", "name both, or neither")
    cluster = clusters.meant(file or base, context, kubeconfig, in_pods=False)
    places = paths or [Path()]
    report = _held(cluster) if cluster else declared(places)
    if base:
        report = replace(report, findings=_with_the_change(report, places[0], base, file, key))
    from assent.cli import reports  # noqa: PLC0415 -- see `declared`

    reports.show(report, form)
    output.note(report.summary)
    if report.idle and not cluster:
        _warn(places)
    if report.count("error"):
        raise typer.Exit(1)


def _warn(places: Sequence[Path]) -> None:
    """A check of nothing is most often one of the wrong folder, and a job of CI with a wrong path is green for ever."""
    from assent.cli import views  # noqa: PLC0415 -- brings the ledger's words, which a check has no need of

    where = ", ".join(f"'{place}'" for place in places)
    output.complain(f"warning: nothing was checked: no document of {API_VERSION} is in {where}")
    hint = views.beyond([str(place) for place in places], command="assent check")
    output.complain(f"hint: {hint or 'name the folder that holds them: `assent check PATH`'}")


def _held(cluster: Cluster) -> "Report":
    """What a cluster holds, judged by itself."""
    from assent.cli import cluster_views, reports  # noqa: PLC0415 -- needed with a cluster alone; see `declared`

    source = cluster_views.everything(cluster)
    return reports.Report(source.checked(), source.documents, source.skipped)


def _with_the_change(report: "Report", path: Path, base: str, file: str, key: Path | None) -> Sequence[Finding]:
    """What was found, and what the controller would refuse of the change."""
    from assent.cli import judging  # noqa: PLC0415 -- brings Git's and the ledger's libraries

    found = {*report.findings, *judging.judged(str(path), base, file, key)}
    return sorted(found, key=lambda one: one.order)


def declared(paths: Sequence[Path]) -> "Report":
    """What is declared under the paths, judged by itself."""
    collecting = gc.isenabled()
    gc.disable()  # thousands of documents are read and none is dropped, so collecting finds nothing
    try:
        files = Files(paths)
        from assent.cli import reports, sources  # noqa: PLC0415 -- imported while another process loads the files

        source = sources.taken(files)
        _leave(files, source)
        return reports.Report(source.checked(), source.documents, source.skipped, len(source.scenarios))
    finally:
        if collecting:
            gc.enable()


def _leave(*what: object) -> None:
    """Leaves it to the collector, which a process that ends never comes to: to give all of it back takes long."""
    circle: list[object] = [what]
    circle.append(circle)
