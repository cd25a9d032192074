"""What people write into a cluster: a Request as themselves, and one line on a request, proven by the API server."""

import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from assent.api.decisions import SETTLING, parse
from assent.api.names import Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX, ENDS, document
from assent.cli import asking, cluster_views, output, wishes
from assent.cli.asking import Wanted
from assent.cli.clusters import Cluster, Raw, asked
from assent.cli.telling import brief
from assent.cli.wishes import Wish
from assent.core.holds import Hold
from assent.core.offers import Offer
from assent.core.status import UNVALIDATED
from assent.errors import AssentError, ClusterError, UsageError

LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes itself makes names of: no vowels, so no words."""

WRITER = "assent"
"""The field manager under which the server notes these writes."""

TRIES = 99
"""Names for an entry that are looked at: those of other people count as taken too."""

STARTED = frozenset({"Running", "Unknown"})


def open_request(cluster: Cluster, wanted: Wanted, *, push: bool, yes: bool) -> None:
    """Creates the Request as whoever the server says is asking, and says what the operator made of it."""
    _no_git(push=push)
    me = cluster.me()
    found = cluster_views.offer(cluster, wanted.organization, wanted.microservice)
    if isinstance(found, Hold):
        hint = f"nothing was written; {cluster.command(f'catalogue -n {wanted.organization}')} lists what is offered"
        raise AssentError(f"it would not be accepted ({found.reason}): {found.message}", hint)
    if found is None and wanted.pairs:
        output.note(
            f"you may not read all that {wanted.microservice} is made of, so parameters are taken as JSON where they "
            "are any, else as text"
        )
    ref = Ref(wanted.organization, wanted.name or _name(wanted.microservice, me))
    value = document(ref, wanted.spec(me, found, guess=found is None))
    asking.parsed(value)
    output.line(f"{ref}, asked for by {me}")
    output.line(f"  microservice: {cluster_views.meaning(cluster, ref.namespace, wanted.microservice, found)}")
    wishes.details(value["spec"], ("onBehalfOf", "parameters", "targets", "reason"), found)
    wishes.ask(f"open the request {ref}?", yes=yes)
    _created(cluster, ref, value)
    output.line(f"Request {ref}: created as {me}", "green")
    _answered(cluster, ref)


def _created(cluster: Cluster, ref: Ref, value: dict[str, Any]) -> None:
    """Created without a requester, whom admission fills in: who asks is proven, never claimed."""
    from assent.adapters.kube import paths  # noqa: PLC0415 -- needed with a cluster alone

    spec = {name: one for name, one in value["spec"].items() if name != "requester"}
    where = paths.collection("Request", ref.namespace)
    try:
        asked(
            f"open {ref}",
            lambda: cluster.api.create(where, {**value, "spec": spec}, fieldManager=WRITER, fieldValidation="Strict"),
        )
    except ClusterError as refused:
        if refused.reason != "AlreadyExists":
            raise
        raise UsageError(f"the name {ref} is taken, and a name is used once", "give another one by --name") from None


def _answered(cluster: Cluster, ref: Ref) -> None:
    """What the operator made of it: phase, digest, and who decides."""
    raw = cluster.until(ref, lambda one: bool(_status(one).get("phase")), f"waiting for the operator to judge {ref}")
    told = cluster_views.told(cluster, raw)
    if not _status(raw).get("phase"):
        output.note(f"the operator has not judged it yet: {_look(cluster, ref)} says what it waits for")
        return
    brief(str(ref), told)
    output.line(f"  next: {told['next']}")
    if told["phase"] in UNVALIDATED:
        hint = "put right what it says; where nothing can, withdraw it and ask by another name"
        raise AssentError(f"{ref} is not accepted ({told['reason']}): {told['message']}", hint)


def decide(cluster: Cluster, wish: Wish) -> None:
    """Shows the request, then writes the line for the very digest shown; a change in between is a conflict."""
    _no_git(push=wish.push, merge=wish.merge)
    raw = cluster_views.request(cluster, wish.ref)
    me = cluster.me()
    text = _line(wish, raw, me)
    _show(cluster, wish, raw, text)
    _doubt(cluster, wish, raw, me)
    name = _entry(raw, me)
    wishes.ask(f"{wish.verb} {wish.ref}?", yes=wish.yes)
    _annotate(cluster, wish, raw, {ANNOTATION_PREFIX + name: text})
    output.line(f"{wish.verb.capitalize()} {wish.ref}: {ANNOTATION_PREFIX}{name}, written as {me}", "green")
    _heard(cluster, wish, raw)


def _no_git(*, push: bool, merge: str = "") -> None:
    if push or merge:
        raise UsageError("--push and --merge are for a repository, and this is a cluster", "leave them out")


def _status(raw: Raw) -> Mapping[str, Any]:
    return raw.get("status") or {}


def _line(wish: Wish, raw: Raw, me: str) -> str:
    phase = str(_status(raw).get("phase", ""))
    return wishes.line(wish, me, digest=_status(raw).get("digest"), ended=phase if phase in ENDS else "")


def _show(cluster: Cluster, wish: Wish, raw: Raw, text: str) -> None:
    name, inside = raw["spec"]["microservice"]["name"], wish.ref.namespace
    found = cluster_views.offer(cluster, inside, name)
    meant = cluster_views.meaning(cluster, inside, name, found)
    offer = found if isinstance(found, Offer) else None
    wishes.show(wish.ref, cluster_views.told(cluster, raw, found), raw["spec"], meant, offer)
    output.line(f"  writing: {text}")


def _doubt(cluster: Cluster, wish: Wish, raw: Raw, me: str) -> None:
    """What seems not to count, as far as the status says: only the operator knows, so it is said and no more."""
    status = _status(raw)
    named = {one for stage in status.get("stages", ()) for one in stage.get("canDecide", ())}
    phase = status.get("phase", "")
    if wish.verb in ("approve", "reject") and not _among(cluster, wish.ref, me, named):
        output.complain(f"as far as its status says, {me} is none of those who can decide it now; this may not count")
    if wish.verb == "withdraw" and not _among(cluster, wish.ref, me, {raw["spec"]["requester"]}):
        output.complain(f"as far as its spec says, {raw['spec']['requester']} asked, not {me}; this may not count")
    if (wish.verb in SETTLING) != (phase in STARTED):
        output.complain(f"as far as its status says, it is {phase or 'not judged yet'}; this may not count")


def _among(cluster: Cluster, ref: Ref, me: str, people: Collection[str]) -> bool:
    """Whether the person is one of them, by whichever of their names; users are looked up where the name is not."""
    return me in people or not cluster_views.names(cluster, ref.namespace, me).isdisjoint(people)


def _entry(raw: Raw, me: str) -> str:
    """A name for the entry that nobody has taken here: the person's own, then numbered."""
    notes = raw["metadata"].get("annotations") or {}
    mine = [name for name, text in notes.items() if name.startswith(ANNOTATION_PREFIX) and _author(text) == me]
    free = wishes.entry(_stem(me), notes, TRIES)
    if len(mine) >= wishes.MAX_ENTRIES or free is None:
        about = raw["metadata"]
        hint = (
            f"`kubectl annotate requests.assent.dev {about['name']} -n {about['namespace']} {min(mine, default='')}-`"
        )
        raise wishes.too_many(me, f"take one out: {hint}")
    return free


def _author(text: str) -> str:
    try:
        return parse(text).username
    except ValueError:
        return ""


def _stem(username: str) -> str:
    """What an entry, or a request, of somebody's is named after: `maria` for maria@acme.example."""
    word = username.rpartition(":")[2].partition("@")[0].lower()
    return re.sub("[^a-z0-9]+", "-", word).strip("-")[:40].strip("-") or "me"


def _name(microservice: str, me: str) -> str:
    """A name that no request has had: what has ended is taken away some day, and its name stays used."""
    ending = "".join(secrets.choice(LETTERS) for _ in range(5))
    return f"{microservice[:30]}-{_stem(me)[:25]}".strip("-") + f"-{ending}"


def _annotate(cluster: Cluster, wish: Wish, raw: Raw, entry: Mapping[str, str]) -> None:
    """Lays the entry over the very version that was shown."""
    from assent.adapters.kube import paths  # noqa: PLC0415 -- needed with a cluster alone

    about = {"resourceVersion": raw["metadata"]["resourceVersion"], "annotations": {**entry}}
    where = paths.place(Ident("Request", *wish.ref))
    asked(f"{wish.verb} {wish.ref}", lambda: cluster.api.patch(where, {"metadata": about}, fieldManager=WRITER))


def _heard(cluster: Cluster, wish: Wish, before: Raw) -> None:
    """What happens next: the operator's own word, where it comes in time."""
    ref = wish.ref
    raw = cluster.until(ref, lambda one: _status(one) != _status(before), f"waiting for the operator to judge {ref}")
    if _status(raw) == _status(before):
        output.note(f"the operator judges it next: {_look(cluster, ref)} says what came of it")
        return
    told = cluster_views.told(cluster, raw)
    brief(str(ref), told)
    output.line(f"  next: {told['next']}")


def _look(cluster: Cluster, ref: Ref) -> str:
    return cluster.command(f"explain request {ref.name} -n {ref.namespace}")
