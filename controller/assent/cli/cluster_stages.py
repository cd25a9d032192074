"""Who cannot decide a request in a cluster, and why: worked out by the core from what the person may list.

The status is the operator's word and stands. What the core says is told beside it only where both come to the same:
whatever the operator knows from its ledger alone, such as who became an approver too late, shows as a difference.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assent.adapters.kube import objects
from assent.api.decisions import Line
from assent.api.kinds import parse
from assent.api.names import Ref
from assent.api.requests import ANNOTATION_PREFIX, Request
from assent.cli import cluster_views, views
from assent.cli.clusters import Cluster, Raw
from assent.core.explain import explain

Stages = Sequence[Mapping[str, Any]]


def unable(cluster: Cluster, raw: Raw) -> list[list[dict[str, str]]] | None:
    """Stage by stage, the people who cannot decide it; None where that rests on more than the person may read."""
    status = raw.get("status") or {}
    stages = status.get("stages", ())
    if status.get("phase") != "PendingApproval":
        return [[] for _ in stages]
    request = _with_what_counts(raw, stages)
    world = cluster_views.whole(cluster, raw["metadata"]["namespace"])
    if world is None or request is None:
        return None
    ref = Ref(request.namespace, request.name)
    told = explain(world, views.imagined(world, {ref: request}, datetime.now(UTC)).decision(ref))
    if told["digest"] != status.get("digest") or _gist(told["stages"]) != _gist(stages):
        return None
    return [one["cannotDecide"] for one in told["stages"]]


def _gist(stages: Stages) -> list[tuple[Any, ...]]:
    """What has to be the same in both: how each stage stands, who decided it, and who can."""
    return [
        (
            one["flow"],
            one["name"],
            one["quorum"],
            one["state"],
            sorted((said["decision"], said["username"]) for said in one.get("decisions", ())),
            sorted(one.get("canDecide", ())),
        )
        for one in stages
    ]


def _with_what_counts(raw: Raw, stages: Stages) -> Request | None:
    """The request with the decisions that the operator counts as its entries, and no others."""
    said = [
        str(Line(one["decision"], one["username"], one.get("digest"), one.get("reason")))
        for stage in stages
        for one in stage.get("decisions", ())
    ]
    plain = objects.plain(raw)
    entries = {f"{ANNOTATION_PREFIX}{number:04}": text for number, text in enumerate(dict.fromkeys(said))}
    found, _ = parse({**plain, "metadata": {**plain["metadata"], "annotations": entries}})
    return found if isinstance(found, Request) else None
