"""`assent request`: open a request as oneself, by a signed commit."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Annotated, Any

import typer

from assent.adapters.documents import edit
from assent.api.kinds import Problem, parse
from assent.api.names import API_VERSION, Ref
from assent.api.requests import Request
from assent.cli import output, persons, views
from assent.cli.decisions import Push, Yes
from assent.cli.explain import brief
from assent.cli.options import HERE, InOrganization, LedgerFile, LedgerKey, Where
from assent.cli.persons import Person
from assent.cli.views import View
from assent.core.explain import explain
from assent.core.holds import Hold
from assent.core.offers import offered
from assent.core.status import UNVALIDATED, why
from assent.errors import AssentError, UsageError


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
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Open a request, by a commit signed with your own key; what would not be accepted is not written.

    Example: `assent request create-workspaces -n acme -p template=win11-office -p count=12 --reason "New hires"`.
    """
    seen = views.view(places, file, key)
    me = persons.me(places[0], seen.world)
    ref = Ref(organization, name or _free(seen, me, organization, microservice))
    if ref in seen.state.cases:
        raise UsageError(f"the name {ref} has been used, and a name is used once", "give another one by --name")
    spec: dict[str, Any] = {"microservice": {"name": microservice}, "requester": me.username}
    spec |= {"onBehalfOf": on_behalf_of} if on_behalf_of else {}
    spec |= {"parameters": _values(parameter or [], _types(seen, organization, microservice))} if parameter else {}
    spec |= {"targets": list(target)} if target else {}
    spec |= {"reason": reason} if reason else {}
    _written(seen, me, ref, spec, push=push, yes=yes)


def _written(seen: View, me: Person, ref: Ref, spec: Mapping[str, Any], *, push: bool, yes: bool) -> None:
    metadata = {"name": ref.name, "namespace": ref.namespace}
    value: dict[str, object] = {"apiVersion": API_VERSION, "kind": "Request", "metadata": metadata, "spec": dict(spec)}
    document = _parsed(value)
    imagined = views.imagined(seen.world, {ref: document}, seen.now)
    decision = imagined.decision(ref)
    if decision.phase in UNVALIDATED:
        reason, message = why(decision)
        hint = f"nothing was written; `assent catalogue -n {ref.namespace}` lists what is offered"
        raise AssentError(f"{ref} would not be accepted ({reason}): {message}", hint)
    brief(str(ref), explain(imagined.world, decision))
    for name in ("parameters", "targets", "reason"):
        if spec.get(name):
            output.line(f"  {name}: {output.compact(spec[name])}")
    if decision.valid and decision.valid.offer.service.spec.cost_note:
        output.line(f"  cost: {decision.valid.offer.service.spec.cost_note}")
    if not yes and output.interactive() and not typer.confirm(f"open the request {ref}?", err=True):
        output.complain("nothing was written")
        raise typer.Exit(1)
    path = _path(ref)
    if (me.workspace.root / path).exists():
        raise UsageError(f"the file {path} is there already", "give another name by --name")
    commit = me.workspace.commit({path: edit.dump(value)}, f"Request {ref}", push=push)
    output.line(f"Request {ref}: {path}, commit {commit[:12]}, signed as {me.username}", "green")


def _parsed(value: Mapping[str, Any]) -> Request:
    document, problems = parse(value)
    if not isinstance(document, Request):
        raise UsageError("; ".join(_sentence(problem) for problem in problems))
    return document


def _sentence(problem: Problem) -> str:
    return problem.sentence + (f" ({problem.hint})" if problem.hint else "")


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


def _types(seen: View, organization: str, microservice: str) -> Mapping[str, Any]:
    """The schema of each parameter; none where the organization does not offer the microservice."""
    offer = offered(seen.world, organization, microservice)
    schema = None if isinstance(offer, Hold) else offer.service.spec.parameters
    properties = (schema or {}).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def _values(pairs: Sequence[str], types: Mapping[str, Any]) -> dict[str, Any]:
    """`key=value` pairs: text where the schema says text, else what the value says as JSON."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"-p {pair!r} is not KEY=VALUE", "for example -p count=12")
        values[name] = _value(name, text, types.get(name))
    return values


def _value(name: str, text: str, schema: object) -> Any:  # noqa: ANN401 -- any JSON value
    wanted = schema.get("type", "string") if isinstance(schema, Mapping) else "string"
    if wanted == "string":
        return text
    if wanted == "array" and not text.startswith("["):
        return text.split(",")
    try:
        return json.loads(text)
    except ValueError:
        raise UsageError(f"-p {name}: {text!r} is no {wanted}", f"for example -p {name}={_example(wanted)}") from None


def _example(wanted: object) -> str:
    examples = {"integer": "12", "number": "1.5", "boolean": "true", "array": '["a","b"]'}
    return examples.get(str(wanted), '\'{"secretRef":"name"}\'')
