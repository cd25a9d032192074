"""`assent approve`, `reject`, `withdraw`, `cancel`, `settle`: decide as oneself, by a signed commit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from assent.adapters import documents
from assent.adapters.documents import edit
from assent.adapters.git import trailers
from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import Line, Verb, parse
from assent.api.names import Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.cli import output, persons, views
from assent.cli.explain import brief
from assent.cli.options import HERE, InOrganization, LedgerFile, LedgerKey, Where
from assent.cli.persons import Person
from assent.core.decide import Decision
from assent.core.explain import explain
from assent.core.hearing import Heard, Speaker, hear
from assent.errors import AssentError, UsageError

Name = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's name.")]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason, for whoever reads it later.")]
Push = Annotated[bool, typer.Option("--push", help="Push the commit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

LEDGER_KNOWS = frozenset({"NothingToSettle", "RequestEnded", "AlreadyClaimed"})
"""What files alone cannot say of a request."""

MAX_ENTRIES = 4
"""Entries of one person on one request, as the cluster's admission allows."""


class Settled(StrEnum):
    """How an unknown or a manual run ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to write, and how it is to be made."""

    ref: Ref
    verb: Verb
    because: str
    places: list[str]
    file: str = ""
    key: LedgerKey = None
    push: bool = False
    yes: bool = False


def approve(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because = "",
    merge: Annotated[str, typer.Option("--merge", metavar="BRANCH", help="Approve by merging this branch.")] = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Approve a request, for the very digest that is shown, by a commit signed with your own key.

    Examples: `assent approve vdi -n acme --because "budget is agreed"`, `assent approve vdi -n acme --merge vdi`.
    """
    wish = Wish(Ref(organization, name), "approve", because, places, file, key, push, yes)
    _merged(wish, merge) if merge else _written(wish)


def reject(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Reject a request, with a reason; this ends it.

    Example: `assent reject vdi -n acme --because "no budget this year"`.
    """
    _written(Wish(Ref(organization, name), "reject", because, places, file, key, push, yes))


def withdraw(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because = "",
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Withdraw your own request before it runs.

    Example: `assent withdraw vdi -n acme`.
    """
    _written(Wish(Ref(organization, name), "withdraw", because, places, file, key, push, yes))


def cancel(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Cancel somebody's request before it runs, by the right automate Requests Cancel.

    Example: `assent cancel vdi -n acme --because "the template is being replaced"`.
    """
    _written(Wish(Ref(organization, name), "cancel", because, places, file, key, push, yes))


def settle(  # noqa: PLR0913 -- an option each
    name: Name,
    *,
    organization: InOrganization,
    outcome: Annotated[Settled, typer.Option("--as", help="How the run ended.")],
    because: Because,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    push: Push = False,
    yes: Yes = False,
) -> None:
    """Say how a run ended that nobody else can know: an unknown one, or one that a person did.

    Example: `assent settle vdi -n acme --as Succeeded --because "all twelve machines are there"`.
    """
    verb: Verb = "settle-succeeded" if outcome is Settled.SUCCEEDED else "settle-failed"
    _written(Wish(Ref(organization, name), verb, because, places, file, key, push, yes))


def _written(wish: Wish) -> None:
    """Adds the line to the request's document, and commits it as the person."""
    seen = views.view(wish.places, wish.file, wish.key)
    decision = seen.decision(wish.ref)
    me = persons.me(wish.places[0], seen.world)
    line = _line(wish, decision, me)
    _show(seen, decision, line)
    _refuse_uncounted(seen, decision, Heard(line, "Annotation", ""), me)
    path, index, text = persons.request_file(me, wish.ref)
    entry = _entry(me, text, index)
    _ask(wish)
    changed = edit.add_annotation(text, index, ANNOTATION_PREFIX + entry, line)
    subject = f"{wish.verb.capitalize()} {wish.ref}"
    commit = me.workspace.commit({path: changed}, subject, push=wish.push)
    output.line(f"{subject}: commit {commit[:12]}, signed as {me.username}", "green")


def _merged(wish: Wish, branch: str) -> None:
    """Merges the branch with a trailer that names request and digest."""
    seen = views.view(wish.places, wish.file, wish.key)
    decision = seen.decision(wish.ref)
    me = persons.me(wish.places[0], seen.world)
    line = _line(wish, decision, me)
    _show(seen, decision, line)
    _refuse_uncounted(seen, decision, Heard(line, "Merge", ""), me)
    _ask(wish)
    approving = [trailers.approve(wish.ref, str(decision.digest))]
    commit = me.workspace.merge(branch, f"Merge {branch}: approve {wish.ref}", approving, push=wish.push)
    output.line(f"Approve {wish.ref}: merge {commit[:12]}, signed as {me.username}", "green")


def _line(wish: Wish, decision: Decision, me: Person) -> str:
    """The line to write; what the grammar refuses is refused before anything is touched."""
    if wish.verb == "approve" and decision.digest is None:
        raise AssentError(
            f"{wish.ref} has no digest yet, so there is nothing to approve", "`assent explain request` says why"
        )
    if not decision.case.open:
        raise AssentError(f"{wish.ref} has ended as {decision.phase}: nothing is decided any more")
    digest = decision.digest if wish.verb in ("approve", "reject") else None
    text = str(Line(wish.verb, me.username, digest, wish.because or None))
    try:
        parse(text)
    except ValueError as refused:
        raise UsageError(str(refused)) from None
    return text


def _refuse_uncounted(seen: views.View, decision: Decision, heard: Heard, me: Person) -> None:
    """What is known not to count is not written; without a ledger nobody can know, and a note says what seems so."""
    speaker = Speaker(me.ref, f"key:{me.workspace.fingerprint}")
    voice = hear(seen.world, decision.case, heard, speaker, seen.now)
    if not voice.because:
        return
    why = voice.message or NOT_COUNTED[voice.because]
    if seen.proven:
        raise AssentError(f"this would not count ({voice.because}): {why}", "nothing was written")
    if voice.because not in LEDGER_KNOWS:
        output.complain(f"as far as these files say, this would not count ({voice.because}): {why}")


def _show(seen: views.View, decision: Decision, line: str) -> None:
    """Request, effect and digest, before anything is written: nobody decides what they did not see."""
    spec = decision.case.spec.plain()
    brief(str(decision.case.ref), explain(seen.world, decision))
    output.line(f"  microservice: {_meant(decision)}")
    for name in ("requester", "onBehalfOf", "parameters", "targets", "reason"):
        if spec.get(name):
            output.line(f"  {name}: {output.compact(spec[name])}")
    if decision.valid and decision.valid.offer.service.spec.cost_note:
        output.line(f"  cost: {decision.valid.offer.service.spec.cost_note}")
    output.line(f"  writing: {line}")


def _meant(decision: Decision) -> str:
    """Which microservice the name stands for, whose it is, and what it runs: the name alone could be anybody's."""
    name = decision.case.spec.microservice.name
    if decision.valid is None:
        return name
    service = decision.valid.offer.service
    runs = ", ".join(f"{runner} {_program(settings)}".strip() for runner, settings in service.spec.run.plain().items())
    return f"{name}, which is {service.namespace}/{service.name} and runs by {runs}"


def _program(settings: dict[str, object]) -> str:
    """What a runner starts or calls."""
    return str(settings.get("program") or settings.get("url") or settings.get("image") or "")


def _entry(me: Person, text: bytes, index: int) -> str:
    """A name for the entry that is free in the file: the person's own, then numbered."""
    metadata = documents.load(text).documents[index].value.get("metadata")
    annotations = metadata.get("annotations", {}) if isinstance(metadata, dict) else {}
    names = [me.ref.name, *(f"{me.ref.name}-{number}" for number in range(2, MAX_ENTRIES + 1))]
    free = next((name for name in names if ANNOTATION_PREFIX + name not in annotations), None)
    if free is None:
        raise AssentError(
            f"{me.username} has {MAX_ENTRIES} entries on this request already", "take one out, and commit that"
        )
    return free


def _ask(wish: Wish) -> None:
    """On a terminal the person confirms; a script has said what it wants."""
    if not wish.yes and output.interactive() and not typer.confirm(f"{wish.verb} {wish.ref}?", err=True):
        output.complain("nothing was written")
        raise typer.Exit(1)
