"""`assent request`: open a request as oneself, by a signed commit or in a cluster."""

from collections.abc import Mapping
from itertools import count
from typing import Annotated, Any

import typer

from assent.adapters.documents import edit
from assent.api.names import Ref
from assent.api.requests import document
from assent.cli import asking, cluster_writes, clusters, output, persons, views, wishes
from assent.cli.asking import Wanted
from assent.cli.options import HERE, InContext, InOrganization, KubeConfig, LedgerFile, LedgerKey, Where
from assent.cli.persons import Person
from assent.cli.telling import brief
from assent.cli.views import View
from assent.cli.wishes import Push, Yes
from assent.core.askable import offers
from assent.core.decide import Decision
from assent.core.explain import explain
from assent.core.holds import Hold
from assent.core.offers import offered
from assent.core.status import UNVALIDATED, why
from assent.core.world import World
from assent.errors import AssentError, NotFoundError, UsageError

REFUSED = frozenset({"ParametersRefused", "TargetsRefused"})
"""Why it would not be accepted, where the microservice itself says what it takes."""


def request(  # noqa: PLR0913 -- an option each
    microservice: Annotated[str, typer.Argument(help="The name under which the organization offers it.")],
    *,
    organization: InOrganization,
    name: Annotated[str, typer.Option("--name", metavar="N", help="The request's own name; default: a free one.")] = "",
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="KEY=VALUE", help="A parameter; may be repeated.")
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="T", help="A target; may be repeated.")
    ] = None,
    on_behalf_of: Annotated[str, typer.Option("--on-behalf-of", metavar="USER", help="For whom you ask.")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever decides.")] = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Open a request, by a commit signed with your own key; what would not be accepted is not written.

    On a cluster the request is created as yourself, and the operator says what it has come to.

    Example: `assent request create-workspaces -n acme -p template=win11-office -p count=12 --reason "New hires"`.
    """
    wanted = Wanted(organization, microservice, name, parameter or (), target or (), on_behalf_of, reason)
    cluster = clusters.meant(file, context, kubeconfig)
    if cluster:
        cluster_writes.open_request(cluster, wanted, push=push, yes=yes)
        return
    seen = views.view(places, file, key)
    if organization not in seen.world.organizations.by_name:
        hint = views.beyond(places, file) or "nothing was written; `assent tree` shows all organizations"
        raise NotFoundError(output.unknown("organization", organization, seen.world.organizations.by_name), hint)
    me = persons.me(places[0], seen.world)
    ref = Ref(organization, name or _free(seen, me, organization, microservice))
    if ref in seen.state.cases:
        raise UsageError(f"the name {ref} has been used, and a name is used once", "give another one by --name")
    offer = offered(seen.world, organization, microservice)
    spec = wanted.spec(me.username, None if isinstance(offer, Hold) else offer)
    _written(seen, me, ref, spec, push=push, yes=yes)


def _written(seen: View, me: Person, ref: Ref, spec: Mapping[str, Any], *, push: bool, yes: bool) -> None:
    value = document(ref, spec)
    imagined = views.imagined(seen.world, {ref: asking.parsed(value)}, seen.now)
    decision = imagined.decision(ref)
    if decision.phase in UNVALIDATED:
        reason, message = why(decision)
        hint = f"nothing was written; {_next(imagined.world, decision, reason)}"
        raise AssentError(f"{ref} would not be accepted ({reason}): {message}", hint)
    brief(str(ref), explain(imagined.world, decision))
    wishes.details(spec, ("parameters", "targets", "reason"), decision.valid.offer if decision.valid else None)
    wishes.ask(f"open the request {ref}?", yes=yes)
    path = _path(ref)
    if (me.workspace.root / path).exists():
        raise UsageError(f"the file {path} is there already", "give another name by --name")
    commit = me.workspace.commit({path: edit.dump(value)}, f"Request {ref}", push=push)
    output.line(f"Request {ref}: {path}, commit {commit[:12]}, signed as {me.username}", "green")


def _next(world: World, decision: Decision, reason: str) -> str:
    """What to do about a request that would not be accepted."""
    organization, spec = decision.case.ref.namespace, decision.case.spec
    name = spec.microservice.name
    if isinstance(offered(world, organization, name), Hold):
        meant = output.meaning(name, [one.name for one in offers(world, organization)])
        return f"{meant} `assent catalogue -n {organization}` lists what is offered".lstrip()
    if reason in REFUSED:
        return f"`assent catalogue {name} -n {organization}` shows what it asks for"
    if reason == "RequesterNotAllowed":
        return f"`assent can {spec.requester} --list -n {organization}` lists what you may do there"
    return "put right what it says, and ask again"


def _free(seen: View, me: Person, organization: str, microservice: str) -> str:
    """The first free number behind microservice and person, so that two people's names do not meet.

    A name is free that neither the ledger knows nor a file here has: the controller may not have looked since.
    """
    stem = f"{microservice}-{me.ref.name}"[:58]
    refs = (Ref(organization, f"{stem}-{number}") for number in count(1))
    free = (one for one in refs if one not in seen.state.cases and not (me.workspace.root / _path(one)).exists())
    return next(free).name


def _path(ref: Ref) -> str:
    return f"requests/{ref.namespace}/{ref.name}.yaml"
