"""What somebody wants to write on a request, in whichever door: shown first, then one line, then a question."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assent.api.decisions import Line, Verb, parse
from assent.api.names import Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.cli import output
from assent.cli.telling import brief
from assent.core.offers import Offer
from assent.core.plans import AT_DOOR, PREFERENCE
from assent.errors import AssentError, UsageError

Push = Annotated[bool, typer.Option("--push", help="Push the commit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

Door = Literal["Git", "Cluster"]

ELSEWHERE: Mapping[Door, str] = {"Git": "in a cluster", "Cluster": "in Git mode"}
"""The other door, in words."""

MAX_ENTRIES = 4
"""Entries of one person on one request, as the cluster's admission allows."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to write, and how it is to be made."""

    ref: Ref
    verb: Verb
    because: str
    places: list[str]
    file: str = ""
    key: Path | None = None
    push: bool = False
    yes: bool = False
    merge: str = ""
    context: str = ""
    kubeconfig: Path | None = None


def line(wish: Wish, username: str, *, digest: str | None, ended: str) -> str:
    """The line to write; what the grammar refuses is refused before anything is touched.

    `digest` is the request's at this moment, `ended` the phase it has ended as, if it has.
    """
    if wish.verb == "approve" and not digest:
        raise AssentError(
            f"{wish.ref} has no digest yet, so there is nothing to approve", "`assent explain request` says why"
        )
    if ended:
        raise AssentError(f"{wish.ref} has ended as {ended}: nothing is decided any more")
    named = digest if wish.verb in ("approve", "reject") else None
    text = str(Line(wish.verb, username, named or None, wish.because or None))
    try:
        parse(text)
    except ValueError as refused:
        raise UsageError(str(refused)) from None
    return text


def show(ref: Ref, told: dict[str, Any], spec: Mapping[str, Any], meant: str, offer: Offer | None) -> None:
    """Request, effect and digest, before anything is written: nobody decides what they did not see."""
    brief(str(ref), told)
    output.line(f"  microservice: {meant}")
    details(spec, ("requester", "onBehalfOf", "parameters", "targets", "reason"), offer)


def details(spec: Mapping[str, Any], names: Collection[str], offer: Offer | None) -> None:
    """What the request says, field by field, and what it costs."""
    for name in names:
        if spec.get(name):
            output.line(f"  {name}: {output.compact(spec[name])}")
    if offer and offer.service.spec.cost_note:
        output.line(f"  cost: {offer.service.spec.cost_note}")


def runs(name: str, offer: Offer | None, door: Door = "Cluster") -> str:
    """Which microservice the name stands for, whose it is, and what it runs: the name alone could be anybody's.

    What can run at this door comes first, in the order in which a controller there takes what it has.
    """
    if offer is None:
        return name
    service = offer.service
    settings = service.spec.run.plain()
    means = {one: f"{one} {_program(settings[one])}".strip() for one in PREFERENCE if one in settings}
    here = " or ".join(text for one, text in means.items() if one in AT_DOOR[door])
    there = " or ".join(text for one, text in means.items() if one not in AT_DOOR[door])
    told = f"runs by {here}" if here else "runs by nothing here"
    beside = f" ({ELSEWHERE[door]} by {there})" if there else ""
    return f"{name}, which is {service.namespace}/{service.name} and {told}{beside}"


def _program(settings: dict[str, object]) -> str:
    """What a runner starts or calls."""
    return str(settings.get("program") or settings.get("url") or settings.get("image") or "")


def entry(stem: str, taken: Collection[str], most: int) -> str | None:
    """The first free name for an entry among `stem`, `stem-2` … up to so many; None where all are taken."""
    names = [stem, *(f"{stem}-{number}" for number in range(2, most + 1))]
    return next((name for name in names if ANNOTATION_PREFIX + name not in taken), None)


def too_many(username: str, hint: str) -> AssentError:
    """Somebody has as many entries as admission allows them."""
    return AssentError(f"{username} has {MAX_ENTRIES} entries on this request already", hint)


def ask(question: str, *, yes: bool) -> None:
    """On a terminal the person confirms; a script has said what it wants."""
    if not yes and output.interactive() and not typer.confirm(question, err=True):
        output.complain("nothing was written")
        raise typer.Exit(1)
