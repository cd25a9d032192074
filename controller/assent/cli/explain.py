"""`assent explain`: why a request waits, who can move it, and the line to write; why a permission is as it is."""

from typing import Annotated, Any

import typer

from assent.api.names import Ref
from assent.cli import can as asking
from assent.cli import ledgers, output, views
from assent.cli.options import HERE, InOrganization, Output, Where
from assent.cli.output import Format
from assent.core.explain import explain as explained

explain = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Say why a request waits, or why a permission is as it is."
)
explain.command(name="permission")(asking.can)


@explain.command()
def request(
    name: Annotated[str, typer.Argument(help="The request's name.")],
    *,
    organization: InOrganization,
    places: Where = HERE,
    file: ledgers.File = "",
    key: ledgers.Key = None,
    form: Output = Format.TABLE,
) -> None:
    """Say why a request waits, who can decide it and who cannot and why, and what to write.

    Example: `assent explain request vdi -n acme`.
    """
    seen = views.view(places, file, key)
    told = explained(seen.world, seen.decision(Ref(organization, name)))
    if form is Format.TABLE:
        tell(f"{organization}/{name}", told)
    else:
        output.data(told, form)


PHASE_COLORS = {"Succeeded": "green", "Approved": "green", "PendingApproval": "yellow", "Running": "cyan"}


def tell(name: str, told: dict[str, Any]) -> None:
    """The explanation for people."""
    output.line(f"{name}: {told['phase']} ({told['reason']})", PHASE_COLORS.get(told["phase"], "red"))
    output.line(f"  {told['message']}")
    if told["digest"]:
        output.line(f"  digest {told['digest']}")
    for stage in told["stages"]:
        _stage(stage)
    for one in told["notCounted"]:
        _not_counted(one)
    output.line(f"  next: {told['next']}")
    if told["phase"] == "PendingApproval":
        output.line(f"  to approve: {told['approve']}")


def _stage(stage: dict[str, Any]) -> None:
    output.line(f"  stage {stage['name']} ({stage['flow']}): {stage['state']}, quorum {stage['quorum']}")
    for one in stage["decisions"]:
        because = f" because {one['reason']}" if one.get("reason") else ""
        output.line(f"    {one['decision']} by {one['username']} ({one['channel']}, {one['at']}){because}")
    if stage["canDecide"]:
        output.line(f"    can decide: {', '.join(stage['canDecide'])}")
    for one in stage["cannotDecide"]:
        output.line(f"    cannot: {one['username']}, {one['reason']}: {one['because']}")


def _not_counted(one: dict[str, Any]) -> None:
    what = f"{one['decision'] or 'a line'} by {one['username'] or 'nobody proven'}"
    output.line(f"  not counted: {what}, {one['because']}: {one['meaning']}", "yellow")
