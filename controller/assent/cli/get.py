"""`assent get`: documents in force, with what they have come to."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from assent.api.canonical import revision
from assent.api.kinds import AnyKind
from assent.api.names import API_VERSION, CLUSTER_KINDS, Ident, Ref
from assent.api.records import stamp
from assent.api.services import EnabledMicroservice
from assent.cli import cluster_views, clusters, kinds, output, views
from assent.cli.clusters import Cluster
from assent.cli.options import HERE, InContext, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.cli.views import View
from assent.core.state import State
from assent.core.status import status
from assent.errors import NotFoundError, UsageError


def get(  # noqa: PLR0913 -- an option each
    kind: Annotated[str, typer.Argument(help="A kind, its plural or its short name: requests, msvc, User, …")],
    name: Annotated[str, typer.Argument(help="One document; left out: all.")] = "",
    *,
    organization: Annotated[str, typer.Option("--organization", "-n", metavar="ORG", help="One organization's.")] = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """List documents of a kind, or show one, with its status.

    Examples: `assent get requests -n acme`, `assent get request vdi -n acme -o yaml`, `assent get org`.
    """
    meant = kinds.kind(kind)
    cluster = clusters.meant(file, context, kubeconfig)
    if name:
        ident = _ident(meant, name, organization)
        found = cluster_views.shown(cluster.get(ident)) if cluster else _one(places, file, key, ident)
        output.data(found, Format.YAML if form is Format.TABLE else form)
        return
    items = (
        _in_cluster(cluster, meant, organization) if cluster else _in_repository(places, file, key, meant, organization)
    )
    output.listing(
        items, _columns(meant, items), form, empty=f"no {meant}" + (f" in {organization}" if organization else "")
    )
    hint = "" if items or cluster else views.beyond(places, file)
    if hint:
        output.note(f"hint: {hint}")


def _in_cluster(cluster: Cluster, kind: str, organization: str) -> list[dict[str, Any]]:
    return [cluster_views.shown(one) for one in cluster.items(kind, organization)]


def _one(places: list[str], file: str, key: Path | None, ident: Ident) -> dict[str, Any]:
    with views.found_here(places, file):
        return shown(views.view(places, file, key), ident)


def _in_repository(
    places: list[str], file: str, key: Path | None, kind: str, organization: str
) -> list[dict[str, Any]]:
    seen = views.view(places, file, key)
    return [shown(seen, one) for one in _idents(seen, kind) if organization in ("", one.namespace)]


def shown(seen: View, ident: Ident) -> dict[str, Any]:
    """One document as its kind's page has it, with its status."""
    if ident.kind == "Request":
        return _request(seen, ident.ref)
    document = seen.world.get(ident)
    if document is None:
        known = [one.name for one in _idents(seen, ident.kind) if one.namespace == ident.namespace]
        raise NotFoundError(output.unknown(ident.kind, ident.name, known))
    return _head(document.plain(), ident) | {"status": _status(seen, ident, document)}


def _head(plain: dict[str, Any], ident: Ident) -> dict[str, Any]:
    """A document as people write it: in the usual order, without metadata that says nothing."""
    metadata = {name: value for name, value in plain.get("metadata", {}).items() if value}
    metadata = metadata or ({"namespace": ident.namespace} if ident.namespace else {}) | {"name": ident.name}
    return {"apiVersion": API_VERSION, "kind": ident.kind, "metadata": metadata, "spec": plain.get("spec", {})}


def _ident(kind: str, name: str, organization: str) -> Ident:
    if kind in CLUSTER_KINDS:
        return Ident(kind, "", name)
    if not organization:
        raise UsageError(f"a {kind} belongs to an organization", "name it by -n ORG")
    return Ident(kind, organization, name)


def _idents(seen: View, kind: str) -> list[Ident]:
    if kind == "Request":
        return [Ident(kind, *ref) for ref in sorted(seen.state.cases)]
    return [one for one in seen.world.idents() if one.kind == kind]


def _request(seen: View, ref: Ref) -> dict[str, Any]:
    decision = seen.decision(ref)
    document = seen.requests.get(ref)
    head = _head(document.plain() if document else {}, Ident("Request", *ref))
    return head | {"spec": decision.case.spec.plain(), "status": status(seen.world, decision)}


def _status(seen: View, ident: Ident, document: AnyKind) -> dict[str, Any]:
    """Ready, or the change that was refused; an enablement repeats what people need of its microservice."""
    standing = seen.state.standing.get(ident)
    reason, message = (standing.reason, standing.message) if standing else ("InForce", "the document is in force")
    ready: dict[str, Any] = {"type": "Ready", "status": "False" if standing else "True"}
    ready |= {"reason": reason, "message": message}
    since = _since(seen.state, ident)
    ready |= {"lastTransitionTime": stamp(since)} if since else {}
    found: dict[str, Any] = {"observedGeneration": 1}
    if isinstance(document, EnabledMicroservice):
        reference = document.spec.microservice
        service = seen.world.microservices.get(Ref(reference.owner(document.namespace), reference.name))
        if service:
            found |= {"displayName": service.spec.display_name, "category": service.spec.category}
            found |= {"products": list(service.spec.products), "revision": revision(service)}
    return found | {"conditions": [ready | {"observedGeneration": 1}]}


def _since(state: State, ident: Ident) -> datetime | None:
    """Since when it has been as it is; unknown where there is no ledger."""
    found = state.standing.get(ident) or state.written.get(ident)
    return found.at if found else state.trusted_at


def _columns(kind: str, items: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What the kind's table shows, as `kubectl get` would."""
    columns = (
        {"organization": [str(one["metadata"].get("namespace", "")) for one in items]}
        if kind not in CLUSTER_KINDS
        else {}
    )
    columns["name"] = [one["metadata"]["name"] for one in items]
    if kind == "Request":
        columns["phase"] = [one["status"].get("phase", "") for one in items]
        columns["microservice"] = [one["spec"]["microservice"]["name"] for one in items]
        columns["requester"] = [one["spec"]["requester"] for one in items]
        columns["waiting for"] = [one["status"].get("waitingFor", "") for one in items]
        return columns
    if kind == "Organization":
        columns["type"] = [one["spec"]["type"] for one in items]
        columns["parent"] = [one["spec"].get("parent", "") for one in items]
    columns["ready"] = [_ready(one["status"]) for one in items]
    return columns


def _ready(status: dict[str, Any]) -> str:
    """Whether the document is in force; empty where nobody has said so yet."""
    return next((one["status"] for one in status.get("conditions", ()) if one["type"] == "Ready"), "")
