"""`assent can`: one decision with the chain that led to it, or all that somebody may do."""

from typing import Annotated

import typer

from assent.cli import clusters, output, worlds
from assent.cli.clusters import Cluster
from assent.cli.options import HERE, InContext, InOrganization, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.core import access
from assent.core.permissions import Matrices, Permission
from assent.core.world import World
from assent.errors import NotFoundError, UsageError


def can(  # noqa: PLR0913 -- an option each
    user: Annotated[str, typer.Argument(metavar="USER", help="Any name that the person signs in with.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action of the row, such as Approve.")] = "",
    functionality: Annotated[
        str, typer.Argument(metavar="FUNCTIONALITY", help="The functionality of the row, such as Requests.")
    ] = "",
    *,
    organization: InOrganization,
    module: Annotated[
        str, typer.Option("--module", metavar="MODULE", help="The module of the row, such as automate.")
    ] = "",
    everything: Annotated[bool, typer.Option("--list", help="List all that the person may do there.")] = False,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """Say whether somebody may do something in an organization, and why.

    Ends with 0 where it is allowed, with 1 where it is not, with 2 where no module has such a row. On a cluster there
    is no answer where you may not read what it would rest on; that ends with 1 as well, and says so.

    Examples: `assent can maria Approve Requests -n acme --module automate`, `assent can maria --list -n acme`.
    """
    asked = (module, functionality, action)
    if everything and any(asked):
        raise UsageError("--list asks for everything, so no action, functionality or --module goes with it")
    if not everything and not all(asked):
        raise UsageError(
            "a question needs USER, ACTION, FUNCTIONALITY and --module",
            f"assent can {user} Approve Requests -n {organization} --module automate; or --list for everything",
        )
    cluster = clusters.meant(file, context, kubeconfig)
    world = _held(cluster, user, organization) if cluster else worlds.load(places, file, key).world
    if everything:
        _list(world, user, organization, form)
    else:
        _answer(world, user, organization, Permission(*asked), form)


def _held(cluster: Cluster, user: str, organization: str) -> World:
    from assent.cli import cluster_views  # noqa: PLC0415 -- brings the reader of documents

    return cluster_views.permissions(cluster, user, organization)


def _answer(world: World, user: str, organization: str, permission: Permission, form: Format) -> None:
    _refuse_unknown(world.matrices, permission)
    answer = access.allowed(world, user, organization, permission)
    if form is Format.TABLE:
        verdict = "allowed" if answer.allowed else "denied"
        output.line(f"{verdict}: {user}, {permission}, in {organization}", "green" if answer.allowed else "red")
        for depth, step in enumerate(answer.chain):
            output.line(f"{'   ' * depth}└─ {step.step}: {step.because}")
    else:
        chain = [step.plain() for step in answer.chain]
        output.data({"allowed": answer.allowed, "chain": chain}, form)
    if not answer.allowed:
        raise typer.Exit(1)


def _refuse_unknown(matrices: Matrices, permission: Permission) -> None:
    """A word that no module has is a mistake in the question: `denied` would be true, and say nothing."""
    module, functionality, action = permission
    if module not in matrices.by_name:
        hint = f"known are {', '.join(sorted(matrices.by_name))}" if matrices.by_name else "no Module is declared here"
        raise UsageError(output.unknown("module", module, matrices.by_name), hint)
    rows = [row for row in matrices.rows if row.module == module]
    functionalities = sorted({row.functionality for row in rows})
    if functionality not in functionalities:
        hint = f"{module} has {', '.join(functionalities)}"
        raise UsageError(output.unknown("functionality", functionality, functionalities), hint)
    actions = sorted(row.action for row in rows if row.functionality == functionality)
    if action not in actions:
        hint = f"{module}: {functionality} has {', '.join(actions)}"
        raise UsageError(output.unknown("action", action, actions), hint)


def _list(world: World, user: str, organization: str, form: Format) -> None:
    person = world.people.named(user)
    if person is None:
        known = (name for one in world.people.by_ref.values() for name in one.spec.names)
        raise NotFoundError(output.unknown("user", user, known))
    if organization not in world.organizations.by_name:
        raise NotFoundError(output.unknown("organization", organization, world.organizations.by_name))
    held = sorted(access.held(world, person, organization))
    if form is Format.TABLE:
        columns = {name: [getattr(one, name) for one in held] for name in Permission._fields}
        output.table(columns, empty=f"{user} may do nothing in {organization}")
    else:
        permissions = [one._asdict() for one in held]
        output.data({"user": user, "organization": organization, "permissions": permissions}, form)
