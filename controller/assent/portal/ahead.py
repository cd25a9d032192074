"""A request before it is sent, in words: what is asked for, and whom it has to pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from babel.lists import format_list

from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.core.approvals import StageState
from assent.core.approvers import Seat, belongs_to_platform
from assent.core.decide import Decision
from assent.core.fields import Field
from assent.core.forms import TARGETS, shown
from assent.core.status import can_decide
from assent.core.world import World
from assent.portal.boxes import label_of
from assent.portal.wanted import Place

MOST: Final = 5
"""People who are named for a stage; more are counted."""


@dataclass(frozen=True)
class Reader:
    """Who reads it: their language, and what turns a message into it."""

    language: str
    translate: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is asked for: its label, and its value as lines; `code` is shown as it is."""

    label: str
    lines: Sequence[str]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One stage ahead; `people` are who can decide it once it opens, where that is known already."""

    name: str
    flow: str
    state: str
    quorum: int
    people: Sequence[str]


def wishes(place: Place, spec: RequestSpec, reader: Reader) -> list[Said]:
    """Every parameter that is given and the targets, by the labels of the form."""
    values = shown(place.fields, spec.parameters)
    found = [
        Said(
            " · ".join((*one.group, label_of(one, reader.translate))), _lines(one, values[one.name], reader), _code(one)
        )
        for one in place.fields
        if values[one.name] and one.part != "group"
    ]
    targets = [Said(label_of(one, reader.translate), spec.targets) for one in place.targets if one.name == TARGETS]
    return found + [one for one in targets if one.lines]


def steps(world: World, decision: Decision) -> list[Step]:
    """Every stage of it in order; without people where it cannot be judged yet."""
    if decision.tally:
        return [_step(world, one, can_decide(decision, one)) for one in decision.tally.stages]
    seats = decision.valid.gate.seats if decision.valid else ()
    return [_step(world, StageState(seat, "Waiting"), ()) for seat in seats]


def path(world: World, decision: Decision, reader: Reader) -> str:
    """Whom it has to pass, in a sentence: "Maria Lopez or Pedro Santos, then the platform"; empty where nobody is."""
    _ = reader.translate
    if decision.tally is None or decision.valid is None:
        return ""
    stages, parts = iter(decision.tally.stages), []
    for group in decision.valid.gate.groups:
        here = [_whom(world, one, can_decide(decision, one), reader) for one in islice(stages, len(group))]
        parts.append(_joined(here, "standard", reader))
    found = parts[0] if parts else ""
    for part in parts[1:]:
        found = _("%(first)s, then %(next)s") % {"first": found, "next": part}
    return found


def display(world: World, person: Ref) -> str:
    """What a person is called."""
    spec = world.people.by_ref[person].spec
    return spec.display_name or spec.username


def listed(names: Sequence[str], style: Literal["standard", "or"], reader: Reader) -> str:
    """Some of them by name, and how many more there are."""
    _, found = reader.translate, list(names[:MOST])
    if len(names) > MOST:
        found.append(_("%(count)s others") % {"count": len(names) - MOST})
    return _joined(found, style, reader)


def _step(world: World, stage: StageState, people: Sequence[Ref]) -> Step:
    flow = world.flows.get(stage.seat.flow)
    title = (flow.spec.display_name if flow else None) or stage.seat.flow.name
    names = [display(world, person) for person in people]
    return Step(stage.seat.stage.name, title, stage.state, stage.seat.stage.quorum, names)


def _whom(world: World, stage: StageState, people: Sequence[Ref], reader: Reader) -> str:
    _ = reader.translate
    if stage.state != "Open":
        return _stage(world, stage.seat, reader)
    if not people:
        return _("nobody as things stand")
    names, quorum = [display(world, person) for person in people], stage.seat.stage.quorum
    if quorum > 1:
        return _("%(count)s of %(people)s") % {"count": quorum, "people": listed(names, "standard", reader)}
    return listed(names, "or", reader)


def _stage(world: World, seat: Seat, reader: Reader) -> str:
    _ = reader.translate
    if belongs_to_platform(world, seat):
        return _("the platform")
    return _("the stage “%(name)s”") % {"name": seat.stage.name}


def _joined(names: Sequence[str], style: Literal["standard", "or"], reader: Reader) -> str:
    return format_list(list(names), style=style, locale=reader.language)


def _lines(field: Field, texts: Sequence[str], reader: Reader) -> list[str]:
    """A value as people say it."""
    _ = reader.translate
    if field.kind == "secret":
        return [_("the Secret “%(name)s”") % {"name": texts[0]}]
    if field.kind == "flag":
        return [_("yes") if texts[0] == "true" else _("no")]
    if field.choices:
        titles = {choice.text: choice.label for choice in field.choices}
        return [titles.get(line, line) for text in texts for line in text.split("\n")]
    return [line for text in texts for line in text.split("\n")]


def _code(field: Field) -> bool:
    return field.kind == "json"
