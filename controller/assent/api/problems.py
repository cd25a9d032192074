"""What is wrong with a document, in words: pydantic's errors as sentences that say what to do next."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

_WIDTH = 80
"""As much of a value as a line of a terminal shows."""


Values = tuple[tuple[str, str | int | float], ...]
"""What stands in a sentence, by name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one document: `path` leads to the field, as keys and indices.

    `code` and `values` say what `message` says, for whoever makes a sentence of it in another language; no code means
    that there are no words for it but these.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    code: str = ""
    values: Values = ()

    @property
    def field(self) -> str:
        """The path as people write it: `spec.stages[0].quorum`."""
        return field(self.path)

    @property
    def sentence(self) -> str:
        """The field and what is wrong with it; what is wrong with the whole stands by itself."""
        return f"{self.field}: {self.message}" if self.path else self.message


def sentences(problems: Iterable[Problem]) -> str:
    """Everything that is wrong, on one line."""
    return "; ".join(problem.sentence for problem in problems)


def field(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `spec.stages[0].quorum`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: object) -> str:
    """The value, safe to print on one line: escaped, and cut."""
    text = ascii(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def closest(word: str, known: Iterable[str]) -> str:
    """A hint: the known word that was probably meant, or all of them."""
    words = list(known)
    close = get_close_matches(word, words, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are: {', '.join(words)}" if words else "take it out"


def problems(model: type[BaseModel], refused: ValidationError) -> list[Problem]:
    """All of pydantic's errors in our words; a list is not called too short because an entry of it is wrong."""
    errors: list[dict[str, Any]] = [dict(error) for error in refused.errors(include_url=False)]
    places = [error["loc"] for error in errors]

    def follows(error: dict[str, Any]) -> bool:
        own = error["loc"]
        return error["type"] == "too_short" and any(len(loc) > len(own) and loc[: len(own)] == own for loc in places)

    return [_problem(model, error) for error in errors if not follows(error)]


def _problem(model: type[BaseModel], error: dict[str, Any]) -> Problem:
    path = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return Problem(path, "is no field that is known here", closest(str(path[-1]), _siblings(model, path)))
    if error["type"] == "missing":
        return Problem(path, "is required and missing", f"write `{path[-1]}:`", "Missing")
    say = _SENTENCES.get(error["type"])
    if say is None:
        return Problem(path, error["msg"][:1].lower() + error["msg"][1:])
    bounds = error.get("ctx", {})
    return Problem(path, *say(error["input"], bounds), *_coded(error["type"], bounds))


def _coded(kind: str, bounds: dict[str, Any]) -> tuple[str, Values]:
    """The code of the sentence, with the limit where it is about one."""
    if kind == "string_too_long":
        return "TooLong", (("limit", bounds["max_length"]),)
    return ("TooShort", (("limit", bounds["min_length"]),)) if kind == "string_too_short" else ("", ())


Say = Callable[[Any, dict[str, Any]], tuple[str, str]]
"""A sentence and a hint, from the value refused and the bounds that pydantic names beside it."""


def _must_be(what: str, hint: str = "") -> Say:
    return lambda given, _: (f"must be {what}, not {_named(given)}", hint)


def _named(given: object) -> str:
    """A value of the wrong type: a scalar as it is, the rest by its type."""
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, bool):
        return str(given).lower()
    return "a list" if isinstance(given, list | tuple) else shown(given)


def _size(unit: str) -> Say:
    """A text, list or mapping that is too long or too short."""

    def say(given: Any, bounds: dict[str, Any]) -> tuple[str, str]:  # noqa: ANN401 -- whatever was written
        least, most = bounds.get("min_length"), bounds.get("max_length")
        wanted = f"at most {most}" if most is not None else f"at least {least}"
        return f"has {len(given)} {unit}, and must have {wanted}", ""

    return say


def _choice(given: object, bounds: dict[str, Any]) -> tuple[str, str]:
    words = re.findall(r"'([^']*)'", bounds["expected"])
    close = get_close_matches(str(given), words, n=1)
    return f"{shown(given)} is none of {', '.join(words)}", f"did you mean {close[0]}?" if close else ""


_SENTENCES: dict[str, Say] = {
    "bool_type": _must_be("true or false"),
    "datetime_type": _must_be("a time", 'write it in quotes, like "2026-01-01T00:00:00Z"'),
    "dict_type": _must_be("a mapping"),
    "greater_than_equal": lambda given, bounds: (f"is {shown(given)}, and must be at least {bounds['ge']}", ""),
    "int_type": _must_be("a whole number"),
    "less_than_equal": lambda given, bounds: (f"is {shown(given)}, and must be at most {bounds['le']}", ""),
    "literal_error": _choice,
    "model_type": _must_be("a mapping"),
    "string_pattern_mismatch": lambda given, bounds: (f"{shown(given)} does not match {bounds['pattern']}", ""),
    "string_too_long": _size("characters"),
    "string_too_short": _size("characters"),
    "string_type": _must_be("text", "write text in quotes"),
    "too_long": _size("entries"),
    "too_short": _size("entries"),
    "tuple_type": _must_be("a list"),
    "value_error": lambda _, bounds: (str(bounds["error"]), ""),
}


def _siblings(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The field names that stand where an unknown one was found, for a suggestion."""
    schema = model.model_json_schema(by_alias=True)
    here: dict[str, Any] = schema
    for part in path[:-1]:
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
        options = [here, *here.get("anyOf", [])]
        reference = next((option["$ref"] for option in options if "$ref" in option), None)
        if reference:
            here = schema["$defs"][reference.rsplit("/", 1)[-1]]
    return list(here.get("properties", {}))
