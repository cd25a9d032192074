"""`assent explain`: why a request waits, who can move it, and the line to write; why a permission is as it is."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assent.api.names import Ref
from assent.cli import can as asking
from assent.cli import cluster_views, clusters, output, views
from assent.cli.clusters import Cluster
from assent.cli.options import HERE, InContext, InOrganization, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.cli.telling import tell
from assent.core.explain import explain as explained

explain = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Say why a request waits, or why a permission is as it is."
)
explain.command(name="permission")(asking.can)


@explain.command()
def request(  # noqa: PLR0913 -- an option each
    name: Annotated[str, typer.Argument(help="The request's name.")],
    *,
    organization: InOrganization,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """Say why a request waits, who can decide it and who cannot and why, and what to write.

    Example: `assent explain request vdi -n acme`.
    """
    ref = Ref(organization, name)
    cluster = clusters.meant(file, context, kubeconfig)
    told = _by_status(cluster, ref) if cluster else _by_files(places, file, key, ref)
    if form is Format.TABLE:
        tell(f"{organization}/{name}", told)
    else:
        output.data(told, form)


def _by_files(places: list[str], file: str, key: Path | None, ref: Ref) -> dict[str, Any]:
    with views.found_here(places, file):
        seen = views.view(places, file, key)
        told = explained(seen.world, seen.decision(ref))
    if not seen.proven:
        told["next"] = f"As far as these files say: {told['next']}"
    return told


def _by_status(cluster: Cluster, ref: Ref) -> dict[str, Any]:
    from assent.cli import cluster_stages  # noqa: PLC0415 -- needed with a cluster alone

    raw = cluster_views.request(cluster, ref)
    told = cluster_views.told(
        cluster, raw, cluster_views.offer(cluster, ref.namespace, raw["spec"]["microservice"]["name"])
    )
    unable = cluster_stages.unable(cluster, raw)
    if unable is None:
        output.note("this is what its status says; who cannot decide, and what did not count, cannot be told from here")
        return told
    output.note("this is what its status says; what did not count is not told there")
    stages = [{**one, "cannotDecide": cannot} for one, cannot in zip(told["stages"], unable, strict=True)]
    return {**told, "stages": stages}
