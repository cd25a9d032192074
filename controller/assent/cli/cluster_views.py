"""What a cluster shows to a person: the objects with the status that the operator wrote, and the world they may read.

People have no ledger here. Whatever rests on documents that the person may not read is no answer, and says so.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from assent.api.names import API_VERSION, CONFIGURATION, Ident, Ref
from assent.api.requests import ENDS
from assent.cli import output
from assent.cli.clusters import RIGHTS, Cluster, Held, Raw
from assent.cli.sources import Source, held
from assent.cli.wishes import runs
from assent.cli.worlds import Declared
from assent.core.holds import Hold
from assent.core.offers import Offer, offered
from assent.core.organizations import Organizations
from assent.core.world import World
from assent.errors import AssentError

OFFERING = ("Microservice", "EnabledMicroservice")
DONE_BY_HAND = "a person does it"
"""How the message of a manual run begins (`core.status`)."""


def shown(raw: Raw) -> dict[str, Any]:
    """One object as its kind's page has it, with its status, without what the server notes for itself."""
    from assent.adapters.kube import objects  # noqa: PLC0415 -- needed with a cluster alone

    document = objects.plain(raw)
    return {"apiVersion": API_VERSION, **document, "status": raw.get("status") or {}}


def tree(cluster: Cluster) -> Declared:
    """The organizations and what they own, as far as the person may list it everywhere."""
    organizations = _organizations(cluster)
    found = cluster.held([kind for kind in CONFIGURATION if kind != "Organization"] + ["Request"])
    if found.unread:
        output.note(f"not counted, since you may not list them everywhere: {', '.join(found.unread)}")
    source = _source(cluster, organizations, found)
    return Declared(source.world, source.requests)


def permissions(cluster: Cluster, user: str, organization: str) -> World:
    """The world in which `can` answers about this person in this organization.

    Raises:
        AssentError: the answer would rest on what the person at the keyboard may not read.
    """
    organizations = _organizations(cluster)
    found = cluster.held(("Module", "User"), line(organizations, organization))
    person = held(found.values).world.people.named(user)
    roles = cluster.held(("AccessRole",), {person.namespace}) if person else Held(())
    missing = [one for one in found.unread if person is None or one == "modules"] + [*roles.unread]
    if missing:
        raise no_answer(f"what {user} may do in {organization} cannot be told", missing)
    if found.unread:
        output.note(f"as far as you may read: you may not list the {', '.join(found.unread)}")
    return _source(cluster, organizations, Held(found.values + roles.values)).world


def catalogue(cluster: Cluster, organization: str) -> World:
    """The world in which the organization's offers are told; AssentError where not all of it may be read."""
    organizations = _organizations(cluster)
    found = cluster.held(OFFERING, line(organizations, organization))
    if found.unread:
        listing = cluster.command(f"get enabledmicroservices -n {organization}")
        hint = f"{listing} lists what is enabled there by name"
        raise no_answer(f"what {organization} offers cannot be told", found.unread, hint)
    return _source(cluster, organizations, found).world


def whole(cluster: Cluster, organization: str) -> World | None:
    """All that may have a say in the organization; None at the first kind that the person may not list there."""
    try:
        organizations = _organizations(cluster)
    except AssentError:
        return None
    values: list[dict[str, Any]] = []
    for kind in (one for one in CONFIGURATION if one != "Organization"):
        found = cluster.held((kind,), line(organizations, organization))
        if found.unread:
            return None
        values += found.values
    return _source(cluster, organizations, Held(tuple(values))).world


def names(cluster: Cluster, organization: str, username: str) -> frozenset[str]:
    """Every name that the same person signs in with, as far as whoever looks may list users there."""
    try:
        found = cluster.held(("User",), line(_organizations(cluster), organization))
    except AssentError:
        return frozenset({username})
    people = held(found.values).world.people
    person = people.named(username)
    return frozenset({username, *(people.by_ref[person].spec.names if person else ())})


def offer(cluster: Cluster, organization: str, name: str) -> Offer | Hold | None:
    """What the name stands for in the organization, or why for nothing; None where the person may not read enough."""
    try:
        return offered(catalogue(cluster, organization), organization, name)
    except AssentError:
        return None


def meaning(cluster: Cluster, organization: str, name: str, found: Offer | Hold | None) -> str:
    """The same for people who decide: whose microservice it is, and what it runs, as far as they may read."""
    if isinstance(found, Offer):
        return runs(name, found)
    if found:
        return f"{name}, which stands for nothing now: {found.message}"
    try:
        enabled = cluster.get(Ident("EnabledMicroservice", organization, name))["spec"]["microservice"]
    except AssentError:
        return f"{name} (you may not read what it stands for)"
    whose = enabled.get("organization", organization)
    return f"{name}, which is {whose}/{enabled['name']} (you may not read what it runs)"


def everything(cluster: Cluster) -> Source:
    """All documents of ours; AssentError where one kind may not be listed everywhere."""
    found = cluster.held([*CONFIGURATION, "Request"])
    if found.unread:
        raise no_answer("the cluster cannot be checked", found.unread)
    return held(found.values)


def no_answer(what: str, unread: Iterable[str], hint: str = RIGHTS) -> AssentError:
    """A question that the person may not read enough to have answered: neither yes nor no."""
    return AssentError(f"{what}: you may not list the {', '.join(unread)}", hint)


def line(organizations: Organizations, organization: str) -> Collection[str]:
    """The organization, those above it, and the Platform: whatever may have a say in it lies in these."""
    above = organizations.path(organization)
    return {*above, *([organizations.platform] if above and organizations.platform else [])}


def _organizations(cluster: Cluster) -> Organizations:
    """All of them, which every answer rests on."""
    found = cluster.held(["Organization"])
    if found.unread:
        raise no_answer("there is no answer without the tree of organizations", found.unread)
    return held(found.values).world.organizations


def _source(cluster: Cluster, organizations: Organizations, found: Held) -> Source:
    """Documents of a cluster as one world, under these organizations."""
    source = held([*(one.plain() for one in organizations.by_name.values()), *found.values])
    wrong = sum(one.severity == "error" for one in source.findings)
    if wrong:
        output.note(f"{wrong} problems are left out of account; {cluster.command('check')} lists them")
    return source


def request(cluster: Cluster, ref: Ref) -> Raw:
    """The request as it is at this moment."""
    return cluster.get(Ident("Request", *ref))


def told(cluster: Cluster, raw: Raw, found: Offer | Hold | None = None) -> dict[str, Any]:
    """The explanation that the status holds, in the shape of `explain request`; who cannot decide is not in it."""
    status = raw.get("status") or {}
    ready: Raw = next((one for one in status.get("conditions", ()) if one["type"] == "Ready"), {})
    service = found.service if isinstance(found, Offer) else None
    return {
        "phase": status.get("phase", "Submitted"),
        "reason": ready.get("reason", ""),
        "message": ready.get("message", "the operator has not looked at it yet"),
        "digest": status.get("digest"),
        "microservice": f"{service.namespace}/{service.name}" if service else raw["spec"]["microservice"]["name"],
        "approve": status.get("approve", ""),
        "stages": [_stage(one) for one in status.get("stages", ())],
        "notCounted": [],
        "mails": [],
        "results": status.get("results", []),
        "next": _next(cluster, raw, ready.get("message", "")),
    }


def _stage(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "decisions": one.get("decisions", []), "canDecide": one.get("canDecide", []), "cannotDecide": []}


def _next(cluster: Cluster, raw: Raw, message: str) -> str:
    """What happens next, or what somebody has to do, in one sentence."""
    status = raw.get("status") or {}
    phase, name = status.get("phase", ""), raw["metadata"]["name"]
    if not phase:
        return "The operator looks at it."
    if phase in ENDS:
        return f"Nothing: it ended as {phase} ({message.removesuffix('.')})."
    if phase in ("Running", "Unknown"):
        settling = cluster.command(f"settle {name} -n {raw['metadata']['namespace']} --as Succeeded --because …")
        return _running(settling, phase, message)
    if phase == "PendingApproval":
        return _who(status)
    if phase == "Approved" and any(one["reason"] == "NotRun" for one in status.get("conditions", ())):
        return "It runs at the operator's next pass."
    return f"It waits until this is put right: {message.removesuffix('.')}."


def _running(settling: str, phase: str, message: str) -> str:
    if phase == "Unknown":
        return f"Somebody finds out how the run ended: {settling}"
    return settling if message.startswith(DONE_BY_HAND) else "The run ends, and its results are recorded."


def _who(status: Mapping[str, Any]) -> str:
    people = dict.fromkeys(one for stage in status.get("stages", ()) for one in stage.get("canDecide", ()))
    waiting = status.get("waitingFor", "")
    if not people:
        return f"Nobody can decide {waiting} as things stand."
    one = next(iter(people)) if len(people) == 1 else f"One of {', '.join(people)}"
    return f"{one} approves or rejects it, for {waiting}."
