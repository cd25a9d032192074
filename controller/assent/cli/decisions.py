"""`assent approve`, `reject`, `withdraw`, `cancel`, `settle`: decide as oneself, by a signed commit or in a cluster."""

from enum import StrEnum
from typing import Annotated

import typer

from assent.adapters import documents
from assent.adapters.documents import edit
from assent.adapters.git import trailers
from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import Verb
from assent.api.names import Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.cli import cluster_writes, clusters, output, persons, views, wishes
from assent.cli.options import HERE, InContext, InOrganization, KubeConfig, LedgerFile, LedgerKey, Where
from assent.cli.persons import Person
from assent.cli.wishes import Push, Wish, Yes
from assent.core.decide import Decision
from assent.core.explain import explain
from assent.core.hearing import Heard, Speaker, hear
from assent.errors import AssentError

Name = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's name.")]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason, for whoever reads it later.")]

LEDGER_KNOWS = frozenset({"NothingToSettle", "RequestEnded", "AlreadyClaimed"})
"""What files alone cannot say of a request."""

FOR_GOOD = frozenset(
    {"ChannelNotAccepted", "NotAnApprover", "NotAutomation", "NotEntitled", "OnBehalfOf", "SelfApproval"}
)
"""What waiting does not change: who asked stands in a spec that never changes, and a right that somebody is given
after the request was first seen makes nobody its approver."""

STALE = "nothing was written; if these files are behind, pull first, or name the controller's ledger by --ledger"
"""What to do where files say no for good: they may be old, and only that could make them wrong."""


class Settled(StrEnum):
    """How an unknown or a manual run ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


def approve(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because = "",
    merge: Annotated[str, typer.Option("--merge", metavar="BRANCH", help="Approve by merging this branch.")] = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Approve a request, for the very digest that is shown, by a commit signed with your own key.

    On a cluster the line becomes an annotation of the request, and the API server proves whose it is.

    Examples: `assent approve vdi -n acme --because "budget is agreed"`, `assent approve vdi -n acme --merge vdi`.
    """
    where = (places, file, key, push, yes)
    _decided(Wish(Ref(organization, name), "approve", because, *where, merge, context, kubeconfig))


def reject(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Reject a request, with a reason; this ends it.

    Example: `assent reject vdi -n acme --because "no budget this year"`.
    """
    where = (places, file, key, push, yes)
    _decided(Wish(Ref(organization, name), "reject", because, *where, context=context, kubeconfig=kubeconfig))


def withdraw(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Withdraw your own request before it runs.

    Example: `assent withdraw vdi -n acme`.
    """
    where = (places, file, key, push, yes)
    _decided(Wish(Ref(organization, name), "withdraw", because, *where, context=context, kubeconfig=kubeconfig))


def cancel(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Cancel somebody's request before it runs, by the right automate Requests Cancel.

    Example: `assent cancel vdi -n acme --because "the template is being replaced"`.
    """
    where = (places, file, key, push, yes)
    _decided(Wish(Ref(organization, name), "cancel", because, *where, context=context, kubeconfig=kubeconfig))


def settle(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    outcome: Annotated[Settled, typer.Option("--as", help="How the run ended.")],
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Say how a run ended that nobody else can know: an unknown one, or one that a person did.

    Example: `assent settle vdi -n acme --as Succeeded --because "all twelve machines are there"`.
    """
    verb: Verb = "settle-succeeded" if outcome is Settled.SUCCEEDED else "settle-failed"
    where = (places, file, key, push, yes)
    _decided(Wish(Ref(organization, name), verb, because, *where, context=context, kubeconfig=kubeconfig))


def _decided(wish: Wish) -> None:
    """In the cluster that is meant, or in the repository."""
    cluster = clusters.meant(wish.file, wish.context, wish.kubeconfig)
    if cluster:
        cluster_writes.decide(cluster, wish)
    elif wish.merge:
        _merged(wish)
    else:
        _written(wish)


def _written(wish: Wish) -> None:
    """Adds the line to the request's document, and commits it as the person."""
    seen, decision, me, line = _shown(wish)
    _refuse_uncounted(seen, decision, Heard(line, "Annotation", ""), me)
    path, index, text = persons.request_file(me, wish.ref)
    entry = _entry(me, text, index)
    wishes.ask(f"{wish.verb} {wish.ref}?", yes=wish.yes)
    changed = edit.add_annotation(text, index, ANNOTATION_PREFIX + entry, line)
    subject = f"{wish.verb.capitalize()} {wish.ref}"
    commit = me.workspace.commit({path: changed}, subject, push=wish.push)
    output.line(f"{subject}: commit {commit[:12]}, signed as {me.username}", "green")


def _merged(wish: Wish) -> None:
    """Merges the branch with a trailer that names request and digest."""
    seen, decision, me, line = _shown(wish)
    _refuse_uncounted(seen, decision, Heard(line, "Merge", ""), me)
    wishes.ask(f"{wish.verb} {wish.ref}?", yes=wish.yes)
    approving = [trailers.approve(wish.ref, str(decision.digest))]
    commit = me.workspace.merge(wish.merge, f"Merge {wish.merge}: approve {wish.ref}", approving, push=wish.push)
    output.line(f"Approve {wish.ref}: merge {commit[:12]}, signed as {me.username}", "green")


def _shown(wish: Wish) -> tuple[views.View, Decision, Person, str]:
    """The request as the repository knows it, whoever is at the keyboard, and the line: shown, not written yet."""
    with views.found_here(wish.places, wish.file):
        seen = views.view(wish.places, wish.file, wish.key)
        decision = seen.decision(wish.ref)
    me = persons.me(wish.places[0], seen.world)
    ended = "" if decision.case.open else decision.phase
    line = wishes.line(wish, me.username, digest=decision.digest, ended=ended)
    spec, offer = decision.case.spec, decision.valid.offer if decision.valid else None
    told = explain(seen.world, decision)
    wishes.show(wish.ref, told, spec.plain(), wishes.runs(spec.microservice.name, offer, "Git"), offer)
    output.line(f"  writing: {line}")
    return seen, decision, me, line


def _refuse_uncounted(seen: views.View, decision: Decision, heard: Heard, me: Person) -> None:
    """What is known not to count is not written; without a ledger that is what waiting does not change.

    The rest only the ledger knows for sure, so a note says what seems so.
    """
    speaker = Speaker(me.ref, f"key:{me.workspace.fingerprint}")
    voice = hear(seen.world, decision.case, heard, speaker, seen.now)
    if not voice.because:
        return
    why = voice.message or NOT_COUNTED[voice.because]
    if seen.proven:
        raise AssentError(f"this would not count ({voice.because}): {why}", "nothing was written")
    if voice.because in FOR_GOOD:
        raise AssentError(f"as far as these files say, this would not count ({voice.because}): {why}", STALE)
    if voice.because not in LEDGER_KNOWS:
        output.complain(f"as far as these files say, this would not count ({voice.because}): {why}")


def _entry(me: Person, text: bytes, index: int) -> str:
    """A name for the entry that is free in the file: the person's own, then numbered."""
    metadata = documents.load(text).documents[index].value.get("metadata")
    annotations = metadata.get("annotations", {}) if isinstance(metadata, dict) else {}
    free = wishes.entry(me.ref.name, annotations, wishes.MAX_ENTRIES)
    if free is None:
        raise wishes.too_many(me.username, "take one out, and commit that")
    return free
