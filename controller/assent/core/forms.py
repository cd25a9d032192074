"""The form in which somebody asks for what an organization offers, made from the schemas that will judge it.

A form is a help, never a judge: what a schema says that no field can say is told by the schemas themselves.
A parameter that no field can ask for is asked for as JSON, so that everything that is valid can be asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from assent.api.kinds import Problem
from assent.api.services import TargetRules
from assent.core.clauses import (
    Clause,
    Node,
    Nodes,
    Test,
    Tests,
    admitted,
    clauses,
    closed,
    flat,
    given,
    negated,
    written_out,
)
from assent.core.drawing import choices, draw, html_name, label, loosest, said, silent, types
from assent.core.fields import Choice, Field, Kind, Names, When, key
from assent.core.offers import Offer
from assent.core.parameters import MAX_TARGETS, parameter_problems, target_problems
from assent.core.typed import Typed, printed, shown, typed
from assent.core.validators import validator

__all__ = ["Choice", "Field", "Kind", "Typed", "When", "fields", "problems", "shown", "target_field", "typed"]

TARGETS = "targets"
MAX_GROUPS = 4
"""Objects within each other that have fields of their own; deeper ones are asked for as JSON."""


class Place(NamedTuple):
    """Where fields stand: the object's path, the labels on the way, what must hold, and `Field.anchor`."""

    path: Names = ()
    labels: tuple[str, ...] = ()
    when: Tests = ()
    anchor: int = 0

    def within(self, path: Names, title: str) -> "Place":
        """Inside of the object at this path."""
        return self._replace(path=path, labels=(*self.labels, title))


class Draft(NamedTuple):
    """A field whose conditions still speak of parameters; `around` are those of the objects around it."""

    field: Field
    around: Tests
    when: Tests = ()
    needed: Tests = ()


def fields(offer: Offer) -> tuple[Field, ...]:
    """What the offer asks for, in the order of its schema; nothing where that schema is wrong, or there is none."""
    own, *narrowing = offer.schemas
    if own is None or validator(own).problems:
        return ()
    sound = [own, *(one for one in narrowing if one is not None and not validator(one).problems)]
    drafts = list(_object([node for one in sound for node in flat(written_out(one))], Place()))
    known = {one.field.path: one.field for one in drafts if one.field.part != "further"}
    return tuple(_settled(one, known) for one in drafts)


def target_field(offer: Offer) -> Field | None:
    """What asks for targets, one a line; None where none may be named. Its value is typed under `targets`."""
    rules = [one or TargetRules() for one, _ in offer.target_rules]
    if rules[0] == TargetRules():
        return None
    least = max(one.min_items or 0 for one in rules)
    most = min(MAX_TARGETS if one.max_items is None else one.max_items for one in rules)
    if most == 0:
        return None
    pattern = next((one.pattern for one in rules if one.pattern), None)
    return Field(
        TARGETS, "Targets", "lines", (TARGETS,), required=least > 0, min_items=least, max_items=most, pattern=pattern
    )


def problems(offer: Offer, parameters: Mapping[str, Any], targets: Sequence[str]) -> dict[str, list[Problem]]:
    """Everything for which the offer's schemas refuse this, by the field's name; what is about none under "".

    A path leads on from the field.
    """
    form, secrets, found = fields(offer), offer.secrets, dict[str, dict[Problem, None]]()
    for schema in offer.schemas:
        for problem in parameter_problems(schema, parameters, secrets=secrets):
            name, placed = _placed(problem, form)
            found.setdefault(name, {})[placed] = None
    asked = target_field(offer) is not None
    for rules, narrows in offer.target_rules:
        for problem in target_problems(rules, targets, narrows=narrows):
            placed = problem if asked else replace(problem, path=(TARGETS, *problem.path))
            found.setdefault(TARGETS if asked else "", {})[placed] = None
    return {name: list(some) for name, some in found.items()}


def _placed(problem: Problem, form: Sequence[Field]) -> tuple[str, Problem]:
    """The field nearest to what the problem is about, and the problem as it reads beside that field."""
    path = problem.path
    about = [
        one
        for one in form
        if path[: len(one.path)] == one.path and (one.part != "further" or len(path) > len(one.path))
    ]
    if not about:
        return "", problem
    nearest = max(about, key=lambda one: (len(one.path), one.part == "further"))
    return nearest.name, replace(problem, path=path[len(nearest.path) :])


def _object(nodes: Nodes, place: Place) -> Iterator[Draft]:
    """The fields of one object: of each parameter, and of those that are not declared where others are allowed."""
    told: dict[str, list[Clause]] = {}
    for node in nodes:
        for clause in clauses(_alone(node), place.path):
            # What a parameter's own value asks of itself is no condition on asking for it.
            if clause.when is None or all(test.path != (*place.path, clause.name) for test in clause.when):
                told.setdefault(clause.name, []).append(clause)
    for name, about in told.items():
        if admitted(nodes, name):
            yield from _parameter((*place.path, name), about, place)
    if not closed(nodes):
        further = Field(
            f"{html_name(place.path)}.~", "Further parameters", "json", place.path, "further", place.labels,
            anchor=place.anchor,
        )  # fmt: skip
        yield Draft(further, place.when)


def _alone(node: Node) -> Node:
    """A schema without what `flat` has put beside it."""
    taken = ("allOf", *(one for one in ("anyOf", "oneOf") if len(node.get(one, ())) == 1))
    return {keyword: value for keyword, value in node.items() if keyword not in taken}


def _parameter(path: Names, told: Sequence[Clause], place: Place) -> Iterator[Draft]:
    always = [one.schema for one in told if one.when == () and one.schema is not None]
    nodes = [node for schema in always for node in flat(schema)]
    others = [one for one in told if one.when != () and one.schema not in (None, False)]
    # A parameter of which nothing is said but on a condition is asked for on that condition.
    asked = _either([one.when for one in others]) if others and silent(nodes) else ()
    for one in told:
        asked += (negated(one.when) or ()) if one.schema is False else ()
    need = [one.when for one in told if one.schema is None and one.when is not None]
    needed = _either(need)
    required = () in need or (bool(asked) and needed == asked)
    shapes = _shapes(path, nodes, others)
    if any(one is False for one in always) or (not required and all(choices(one) == () for one in shapes)):
        return
    needed = () if required else needed
    if len(shapes) == 1 and _is_group(path, shapes[0]):
        if required and not asked:
            yield from _object(shapes[0], place.within(path, label(path[-1], shapes[0])))
        else:
            yield from _optional(path, shapes[0], place, asked, needed)
        return
    field = loosest([draw(path, one) for one in shapes])
    yield Draft(replace(field, group=place.labels, required=required, anchor=place.anchor), place.when, asked, needed)


def _shapes(path: Names, nodes: list[Node], others: Sequence[Clause]) -> list[list[Node]]:
    """The ways in which a parameter is declared: one, unless only conditions say what it is."""
    if _is_group(path, nodes) or draw(path, nodes).kind != "json":
        return [nodes]
    found = {key(one.schema): [*nodes, *flat(one.schema)] for one in others}
    return list(found.values()) if silent(nodes) and found else [nodes]


def _is_group(path: Names, nodes: Nodes) -> bool:
    """Whether the parameter is an object whose parts have fields of their own."""
    if len(path) > MAX_GROUPS or types(nodes) != {"object"} or choices(nodes) is not None:
        return False
    secret = any(node.get("secret") for node in nodes)
    return not secret and any(one.schema is not None for node in nodes for one in clauses(_alone(node), path))


def _optional(path: Names, nodes: Nodes, place: Place, asked: Tests, needed: Tests) -> Iterator[Draft]:
    """The parts of an object behind a box to tick, since it may be left out."""
    title = label(path[-1], nodes)
    box = Field(
        html_name(path), title, "flag", path, "group", place.labels, said(nodes, "description"),
        required=True, anchor=place.anchor,
    )  # fmt: skip
    yield Draft(box, place.when, asked, needed)
    inside = place.within(path, title)
    yield from _object(nodes, inside._replace(when=(*place.when, *asked, given(path)), anchor=len(path)))


def _either(whens: Sequence[Tests | None]) -> Tests:
    """The condition that holds where any of these does; nothing where a form cannot say it."""
    known = [one for one in whens if one]
    if not whens or len(known) < len(whens):
        return ()
    first = known[0]
    if all(one == first for one in known):
        return first
    tests = [one[0] for one in known if len(one) == 1 and not one[0].unless and one[0].path == first[0].path]
    if len(tests) < len(known):
        return ()
    values = tuple(value for test in tests for value in test.values)
    return (Test(first[0].path, values, any(test.absent for test in tests)),)


ALWAYS = When("", ("",))
"""Holds whatever is typed: no field has that name."""


def _settled(draft: Draft, known: Mapping[Names, Field]) -> Field:
    """The field with its conditions; where one cannot be said, anything may be given, and is asked for as JSON."""
    field, own = draft.field, [_condition(test, known) for test in draft.when]
    if None in own and field.part == "value":
        kind: Kind = "secret" if field.kind == "secret" else "json"
        field = Field(
            field.name, field.label, kind, field.path, group=field.group, help=field.help, anchor=field.anchor
        )
    when = [*(_condition(test, known) for test in draft.around), *own]
    needed = [_condition(test, known) for test in draft.needed]
    return replace(
        field,
        when=tuple(one for one in when if one and one is not ALWAYS),
        needed=() if None in needed else tuple(one for one in needed if one and one is not ALWAYS),
    )


def _condition(test: Test, known: Mapping[Names, Field]) -> When | None:
    """The condition as it is typed, or None where no field says what it is about."""
    other = known.get(test.path)
    if other is None or (
        test.values and (other.kind in ("choices", "lines", "json", "secret") or other.part == "group")
    ):
        return None
    if other.part == "group":
        return When(other.name, ("true",), unless=not test.unless)
    texts = [text for value in test.values for text in printed(other, value)]
    if other.kind == "flag" and other.required:
        if not test.values:
            return ALWAYS if test.unless else When(other.name, ())
        texts += [""] if "false" in texts else []
    elif test.absent:
        texts.append("")
    every = other.choices and {choice.text for choice in other.choices} <= set(texts) and not test.unless
    return ALWAYS if every else When(other.name, tuple(dict.fromkeys(texts)), test.unless)
