"""jsonschema with our keywords: RE2 for patterns, texts compared by their canonical JSON, our own sentences.

The library is imported when the first value is judged: most commands never judge one, and it takes a tenth of a second.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from assent.api.canonical import canonical
from assent.api.kinds import Problem
from assent.core.keywords import Path, shown
from assent.core.patterns import compile_pattern
from assent.core.pointers import measure
from assent.core.schemas import schema_problems, subschemas

if TYPE_CHECKING:
    from jsonschema import ValidationError

Errors = Iterator["ValidationError"]

MAX_PROBLEMS = 100
"""Problems told of one value; whoever has more has one mistake repeated."""


class Judge(Protocol):
    """What we ask of the library's validator of one schema."""

    def is_valid(self, instance: Any) -> bool:  # noqa: ANN401 -- any JSON value
        """Whether the value matches."""

    def iter_errors(self, instance: Any) -> Errors:  # noqa: ANN401 -- any JSON value
        """Every mismatch."""

    def descend(self, instance: Any, schema: Any, path: Any = None, schema_path: Any = None) -> Errors:  # noqa: ANN401 -- any JSON value
        """Every mismatch of a part of the value with a subschema."""


class Validator(NamedTuple):
    """A schema ready to judge; `problems` are its own, and where it has any it judges nothing.

    `size` is how many subschemas a value may have to be compared with.
    """

    problems: tuple[Problem, ...]
    size: int = 0
    judge: Judge | None = None

    def accepts(self, value: Any) -> bool:  # noqa: ANN401 -- any JSON value
        """Whether the value matches; a schema that is wrong accepts nothing."""
        return self.judge is not None and self.judge.is_valid(value)

    def refusals(self, value: Any) -> list[Problem]:  # noqa: ANN401 -- any JSON value
        """What is wrong with the value, sorted; collections in it are not repeated."""
        if self.judge is None:
            return [
                Problem((), "are declared by a schema that is wrong, so nothing is accepted", "put that right first")
            ]
        found = islice(self.judge.iter_errors(value), MAX_PROBLEMS)
        return sorted({_problem(error) for error in found}, key=lambda one: (one.field, one.message))


def validator(schema: Mapping[str, Any]) -> Validator:
    """The schema's validator, kept by the schema's text: asking again costs a few microseconds."""
    try:
        return _kept(json.dumps(schema, sort_keys=True))
    except (RecursionError, TypeError, ValueError):
        return Validator(schema_problems(schema) or (Problem((), "is no JSON"),))


@lru_cache(maxsize=1024)
def _kept(text: str) -> Validator:
    schema = json.loads(text)
    problems = schema_problems(schema)
    if problems:
        return Validator(problems)
    nodes = dict(subschemas(schema))
    for node in nodes.values():
        if isinstance(node, dict) and "enum" in node:
            node["enum"] = Choices(node["enum"])
    return Validator((), measure(nodes).size, _library()(schema))


class Choices(list[Any]):
    """The values of an `enum`, found by their canonical JSON: 1 is 1.0, and is not true."""

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(values)
        self.texts = frozenset(map(canonical, values))


@cache
def _library() -> Callable[[Any], Judge]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 -- see the module's docstring
    from jsonschema.validators import extend  # noqa: PLC0415 -- the same

    made: Callable[[Any], Judge] = extend(Draft202012Validator, OURS)  # type: ignore[no-untyped-call]
    return made


def _error(message: str, name: str | None = None, hint: str = "") -> "ValidationError":
    """A problem in our own words, of a field of the value where one is named."""
    from jsonschema import ValidationError  # noqa: PLC0415 -- see the module's docstring

    return ValidationError(message, path=() if name is None else (name,), cause=_Told(hint))


class _Told(Exception):  # noqa: N818 -- a note that travels with an error
    """Marks an error whose message is ours already; its text is the hint."""


def _pattern(_judge: Judge, pattern: str, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str) and not compile_pattern(pattern).matches(value):
        yield _error(f"does not match the pattern {shown(pattern)} as a whole{_but(value)}")


def _patterned(judge: Judge, patterns: Mapping[str, Any], value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if isinstance(value, dict):
        for pattern, subschema in patterns.items():
            for name in filter(compile_pattern(pattern).matches, value):
                yield from judge.descend(value[name], subschema, path=name, schema_path=pattern)


def _additional(judge: Judge, subschema: Any, value: Any, schema: Mapping[str, Any]) -> Errors:  # noqa: ANN401 -- the same
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    patterns = [compile_pattern(pattern) for pattern in schema.get("patternProperties", {})]
    for name in value:
        if name in known or any(pattern.matches(name) for pattern in patterns):
            continue
        if subschema is False:
            yield _error("is not declared", name, f"declared are: {', '.join(known)}" if known else "take it out")
        else:
            yield from judge.descend(value[name], subschema, path=name)


def _required(_judge: Judge, names: Sequence[str], value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if isinstance(value, dict):
        yield from (_error("is required and missing", name, f"write `{name}:`") for name in names if name not in value)


def _required_beside(
    _judge: Judge,
    names: Mapping[str, Sequence[str]],
    value: Any,  # noqa: ANN401 -- the same
    _schema: Any,  # noqa: ANN401 -- the same
) -> Errors:
    if isinstance(value, dict):
        for given in names.keys() & value.keys():
            missing = (name for name in names[given] if name not in value)
            yield from (
                _error(f"is required beside {given}, and missing", name, f"write `{name}:`") for name in missing
            )


def _enum(_judge: Judge, choices: Choices, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if canonical(value) not in choices.texts:
        yield _error(f"is none of the choices {', '.join(map(shown, choices))[:200]}{_but(value)}")


def _const(_judge: Judge, only: Any, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if canonical(value) != canonical(only):
        yield _error(f"must be {shown(only)}{_but(value)}")


def _unique(_judge: Judge, wanted: bool, value: Any, _schema: Any) -> Errors:  # noqa: ANN401, FBT001 -- the same
    if wanted and isinstance(value, list) and len({canonical(item) for item in value}) < len(value):
        yield _error("names something twice", hint="name each once")


def _multiple(_judge: Judge, step: float, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    """In decimal, as people count: 19.99 is a multiple of 0.01."""
    if isinstance(value, int | float) and not isinstance(value, bool) and not _divides(step, value):
        yield _error(f"must be a multiple of {shown(step)}{_but(value)}")


def _divides(step: float, value: float) -> bool:
    whole, part = Decimal(repr(value)), Decimal(repr(step))
    shift = max(-int(whole.as_tuple().exponent), -int(part.as_tuple().exponent), 0)
    return int(whole.scaleb(shift)) % int(part.scaleb(shift)) == 0


OURS: dict[str, Callable[..., Errors]] = {
    "pattern": _pattern,
    "patternProperties": _patterned,
    "additionalProperties": _additional,
    "required": _required,
    "dependentRequired": _required_beside,
    "enum": _enum,
    "const": _const,
    "uniqueItems": _unique,
    "multipleOf": _multiple,
}
"""What the library would judge by Python's patterns, in quadratic time, in binary fractions or in other words."""

SENTENCES = {
    "type": "must be of type {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must have at most {} fields",
    "minContains": "has fewer than {} of the items that are asked for",
    "maxContains": "has more than {} of the items that are asked for",
}
"""The library's keywords in our words; `{}` is what the schema says."""

BARE = {
    "contains": "has none of the items that are asked for",
    "not": "is what the schema excludes",
    "anyOf": "matches none of the alternatives",
    "oneOf": "must match exactly one of the alternatives",
    None: "is not allowed",
}


def _problem(error: "ValidationError") -> Problem:
    path: Path = tuple(error.absolute_path)
    if isinstance(error.cause, _Told):
        return Problem(path, error.message, str(error.cause))
    keyword = error.validator if isinstance(error.validator, str) else None
    if keyword in SENTENCES:
        said = SENTENCES[keyword].format(_plain(error.validator_value))
        return Problem(path, (said.removesuffix("s") if error.validator_value == 1 else said) + _but(error.instance))
    return Problem(path, BARE.get(keyword, f"does not match {keyword}"))


def _plain(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, list):
        return " or ".join(map(_plain, value))
    return value if isinstance(value, str) else shown(value)


def _but(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """What the value is instead; of a collection nothing is repeated, since a secret might be in it."""
    return "" if isinstance(value, dict | list) else f", not {shown(value)}"
