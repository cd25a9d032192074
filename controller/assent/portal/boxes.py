"""Fields as a page has them: what stands in them, what is wrong, and their conditions in words."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from assent.core.fields import Field, When
from assent.core.forms import TARGETS
from assent.portal.patterns import for_browsers
from assent.portal.sentences.limits import limits
from assent.portal.wanted import BENEFICIARY, NAME, REASON, Texts

Translate = Callable[[str], str]

FEW: Final = 5
"""Choices that are shown all at once; more are a list to open."""
OWN: Final = {NAME: "request-name", BENEFICIARY: "request-for", REASON: "request-reason"}
"""The ids of the fields that every request has."""


@dataclass(frozen=True, slots=True)
class Box:
    """One field on the page; `conditions` is JSON for the script that hides it: a field, values, and whether not."""

    id: str
    field: Field
    label: str
    texts: Sequence[str]
    wrong: Sequence[str]
    hints: Sequence[str]
    when: Sequence[str]
    conditions: str

    @property
    def text(self) -> str:
        """What stands in a field of one text."""
        return self.texts[0] if self.texts else ""

    @property
    def is_open(self) -> bool:
        """Whether all its choices are shown at once."""
        return len(self.field.choices) <= FEW

    @property
    def required(self) -> bool:
        """Whether a browser may insist on an answer: not where the field may turn out not to be asked for."""
        return self.field.required and not self.field.when

    @property
    def number(self) -> bool:
        """Whether what stands in it is a number, or nothing: a number's field would show nothing else."""
        try:
            return not self.text or math.isfinite(float(self.text))
        except ValueError:
            return False

    @property
    def pattern(self) -> str:
        """What a browser holds a text against; empty for nothing."""
        return for_browsers(self.field.pattern) if self.field.pattern and self.field.kind == "text" else ""

    @property
    def step(self) -> str:
        """What a browser steps by; anything, where what stands there is refused and would shift its steps."""
        known = self.field.step is not None and not self.wrong
        return str(self.field.step) if known else "any"

    @property
    def options(self) -> list[tuple[str, str]]:
        """Its choices: what is posted for each, and what it is called."""
        return [(choice.text, choice.label) for choice in self.field.choices]

    @property
    def described_by(self) -> str:
        """The ids of what is said about it."""
        parts = (("when", self.when), ("hint", self.hints), ("error", self.wrong))
        return " ".join(f"{self.id}-{part}" for part, said in parts if said)


def boxes(fields: Sequence[Field], texts: Texts, wrong: Mapping[str, Sequence[str]], _: Translate) -> list[Box]:
    """Every field with what was typed into it; what was typed in place of a secret's name is never shown again."""
    known = {one.name: one for one in fields}
    found = []
    for at, one in enumerate(fields):
        said = texts.get(one.name, ()) if one.kind != "secret" or one.name not in wrong else ()
        when = [_sentence(test, known[test.field], _) for test in one.when if test.field in known]
        needed = [_sentence(test, known[test.field], _) for test in one.needed if test.field in known]
        hints = [*_hints(one, _), *(_("Needed as well: %(when)s") % {"when": text} for text in needed)]
        tests = json.dumps([[test.field, test.values, test.unless] for test in one.when]) if one.when else ""
        label = label_of(one, _)
        found.append(Box(f"field-{at}", one, label, said, wrong.get(one.name, ()), hints, when, tests))
    return found


def groups(found: Sequence[Box]) -> list[tuple[str, list[Box]]]:
    """The boxes by what is around them, in their order; an empty name for those that stand by themselves."""
    return [(" · ".join(names), list(some)) for names, some in groupby(found, lambda one: one.field.group)]


def complaints(found: Sequence[Box], wrong: Mapping[str, Sequence[str]], _: Translate) -> list[tuple[str, str]]:
    """All that is wrong as it is listed above the form: the id of the field (empty for none), and a sentence."""
    own = {NAME: _("Name of the request"), BENEFICIARY: _("On behalf of"), REASON: _("Reason")}
    places = [(one.field.name, one.id, one.label) for one in found]
    places += [(name, OWN[name], label) for name, label in own.items()]
    listed = [(ident, f"{label}: {text}") for name, ident, label in places for text in wrong.get(name, ())]
    return [*(("", text) for text in wrong.get("", ())), *listed]


def label_of(field: Field, _: Translate) -> str:
    """What the field is called: in the words of whoever offers it, but for what every form may have."""
    if field.part == "further":
        return _("Further parameters")
    return _("Targets") if field.path == (TARGETS,) and field.name == TARGETS else field.label


def _hints(field: Field, _: Translate) -> Iterator[str]:
    if field.help:
        yield field.help
    if field.kind == "secret":
        yield _("The name of a Secret, never the secret itself: put the value into a Secret first, and name that here.")
    if field.kind in ("lines", "choices"):
        yield from _counts(field, _)
    yield from limits(field, _)
    if field.kind == "lines" and field.choices:
        yield _("Each is one of: %(choices)s") % {"choices": ", ".join(choice.text for choice in field.choices)}
    if field.kind == "json":
        yield _('As JSON, for example {"name": "value"}.') if field.part == "further" else _("As JSON.")
    if field.when and field.default:
        yield _("Usually: %(default)s") % {"default": ", ".join(field.default)}


def _counts(field: Field, _: Translate) -> Iterator[str]:
    if field.kind == "lines":
        yield _("One a line.")
    if field.min_items:
        yield _("At least %(count)s.") % {"count": field.min_items}
    if field.max_items is not None:
        yield _("At most %(count)s.") % {"count": field.max_items}


def _sentence(test: When, other: Field, _: Translate) -> str:
    """A condition in words, by the labels that the reader sees."""
    label = label_of(other, _)
    if other.kind == "flag" and set(test.values) <= {"true"}:
        ticked = bool(test.values) != test.unless
        text = _("Only if “%(field)s” is chosen.") if ticked else _("Only if “%(field)s” is not chosen.")
        return text % {"field": label}
    if tuple(test.values) == ("",):
        text = _("Only if “%(field)s” is filled in.") if test.unless else _("Only if “%(field)s” is left empty.")
        return text % {"field": label}
    titles = {choice.text: choice.label for choice in other.choices} | {"": _("nothing")}
    given = [text for text in test.values if text or not other.required]
    values = ", ".join(titles.get(text, text) for text in given)
    text = _("Only if “%(field)s” is none of: %(values)s.") if test.unless else _("Only if “%(field)s” is: %(values)s.")
    return text % {"field": label, "values": values}
