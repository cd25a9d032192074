"""The fields of a form, as values: what is asked for, how it is typed, and when.

A field is named by where its value stands among the parameters, so that what is posted finds its place again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assent.api.canonical import canonical

Kind = Literal["choice", "choices", "text", "longtext", "integer", "number", "flag", "lines", "secret", "json"]
Part = Literal["value", "group", "further"]
Posted = Mapping[str, Sequence[str]]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values: `text` is what is posted for it."""

    text: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class When:
    """A condition on what is typed into another field; an empty text among `values` stands for nothing typed."""

    field: str
    values: tuple[str, ...]
    unless: bool = False

    def holds(self, posted: Posted) -> bool:
        """Whether what is typed there is one of the values; with `unless`, whether it is none of them."""
        return any(text in self.values for text in posted.get(self.field) or ("",)) != self.unless


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a form asks for; `required` and `when` hold where the object around it is given at all.

    Attributes:
        path: where its value stands among the parameters.
        part: `group` is a box to tick for an optional object that other fields make up (never a value by itself), and
            `further` a JSON object of the parameters that have no field of their own.
        group: the labels of the objects around it, the outermost first.
        required: an answer is needed; a flag that is required is a plain box, since not ticked is an answer too.
        default, minimum, maximum, min_length, max_length: as the schema has them, for the browser to help with.
        step: what the value is a multiple of; left out where any number will do.
        pattern: left out where a browser would read it in another way than RE2.
        item: what each of the `lines` is.
        when: all of these hold where the field is asked for; none means always.
        needed: all of these hold where it is required, though it is not always.
        anchor: the objects on its path behind this many are there whenever the one before them is.
    """

    name: str
    label: str
    kind: Kind
    path: Names
    part: Part = "value"
    group: tuple[str, ...] = ()
    help: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    default: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    item: Kind = "text"
    when: tuple[When, ...] = ()
    needed: tuple[When, ...] = ()
    anchor: int = 0

    @property
    def around(self) -> Names:
        """The path of the object that its value is a part of."""
        return self.path if self.part == "further" else self.path[:-1]


def key(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """What values are compared by, since 1 is 1.0 to JSON and is not true; empty where JSON cannot say the value."""
    try:
        return canonical(value)
    except ValueError:
        return b""
