"""`assent catalogue`: what an organization offers, what each asks for, and who approves it."""

from typing import Annotated

import typer

from assent.cli import cluster_views, clusters, output, views
from assent.cli.options import HERE, InContext, InOrganization, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.core.askable import offers, plain_offer
from assent.core.holds import Hold
from assent.core.offers import offered
from assent.core.world import World
from assent.errors import NotFoundError


def catalogue(  # noqa: PLR0913 -- an option each
    name: Annotated[str, typer.Argument(help="One offer, with its parameters; left out: all.")] = "",
    *,
    organization: InOrganization,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """List what may be requested in an organization, or show one offer with its parameters.

    Examples: `assent catalogue -n acme`, `assent catalogue create-workspaces -n acme -o yaml`.
    """
    cluster = clusters.meant(file, context, kubeconfig)
    world = cluster_views.catalogue(cluster, organization) if cluster else views.view(places, file, key).world
    if organization not in world.organizations.by_name:
        hint = "" if cluster else views.beyond(places, file)
        raise NotFoundError(output.unknown("organization", organization, world.organizations.by_name), hint)
    found = offers(world, organization)
    if not name:
        items = [plain_offer(one) for one in found]
        columns = {field: [str(item[field]) for item in items] for field in ("name", "displayName", "category")}
        columns["approvals"] = [", ".join(item["approvals"]) or "none" for item in items]
        output.listing(items, columns, form, empty=f"{organization} offers nothing")
        return
    offer = next((one for one in found if one.name == name), None)
    if offer is None:
        raise NotFoundError(output.unknown("offer", name, [one.name for one in found]), _why(world, organization, name))
    output.data(plain_offer(offer), Format.YAML if form is Format.TABLE else form)


def _why(world: World, organization: str, name: str) -> str:
    """What stands in the way of an offer that somebody expected."""
    found = offered(world, organization, name)
    owners = sorted(str(ref) for ref in world.microservices if ref.name == name)
    if owners and not any(ref.name == name and ref.namespace == organization for ref in world.enablements):
        return f"{owners[0]} exists: an EnabledMicroservice in {organization} offers it"
    return found.message if isinstance(found, Hold) else ""
