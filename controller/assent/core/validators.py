"""jsonschema with our keywords: RE2 for patterns, texts compared by their canonical JSON, our own sentences.

The library is imported for the first value that a glance does not tell to match: it takes a tenth of a second.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from assent.api.canonical import canonical
from assent.api.kinds import Problem
from assent.core.faults import fault, made
from assent.core.glance import Glance, glance
from assent.core.keywords import Path, shown
from assent.core.patterns import compile_pattern
from assent.core.pointers import measure
from assent.core.schemas import schema_problems, secret_parameters, subschemas

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

    `size` is how many subschemas a value may have to be compared with, `secrets` are its secret parameters; they are
    known of a wrong schema too.
    """

    problems: tuple[Problem, ...]
    size: int = 0
    judge: Callable[[], Judge] | None = None
    glance: Glance | None = None
    secrets: frozenset[str] = frozenset()

    def accepts(self, value: Any) -> bool:  # noqa: ANN401 -- any JSON value
        """Whether the value matches; a schema that is wrong accepts nothing."""
        if self.glance and self.glance(value):
            return True
        return self.judge is not None and self.judge().is_valid(value)

    def refusals(self, value: Any) -> list[Problem]:  # noqa: ANN401 -- any JSON value
        """What is wrong with the value, sorted; collections in it are not repeated."""
        if self.judge is None:
            return [fault("SchemaWrong", hint="put that right first")]
        if self.glance and self.glance(value):
            return []
        found = islice(self.judge().iter_errors(value), MAX_PROBLEMS)
        return sorted({_problem(error) for error in found}, key=lambda one: (one.field, one.message))


def validator(schema: Mapping[str, Any]) -> Validator:
    """The schema's validator, kept by the schema's text: asking again costs a few microseconds."""
    try:
        return _kept(json.dumps(schema, sort_keys=True))
    except (RecursionError, TypeError, ValueError):
        secrets = secret_parameters(schema)
        return Validator(schema_problems(schema) or (Problem((), "is no JSON"),), secrets=secrets)


@lru_cache(maxsize=1024)
def _kept(text: str) -> Validator:
    schema = json.loads(text)
    problems, secrets = schema_problems(schema), secret_parameters(schema)
    if problems:
        return Validator(problems, secrets=secrets)
    return Validator((), measure(dict(subschemas(schema))).size, cache(lambda: _judge(text)), glance(schema), secrets)


def _judge(text: str) -> Judge:
    """The library's validator: made for the first value that a glance says nothing of."""
    schema = json.loads(text)
    for _, node in subschemas(schema):
        if isinstance(node, dict) and "enum" in node:
            node["enum"] = Choices(node["enum"])
    return _library()(schema)


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


def _error(
    code: str, name: str | None = None, *, hint: str = "", but: str = "", **values: str | float
) -> "ValidationError":
    """A problem in our own words, of a field of the value where one is named."""
    from jsonschema import ValidationError  # noqa: PLC0415 -- see the module's docstring

    told = made(code, values, (), hint, but)
    return ValidationError(told.message, path=() if name is None else (name,), cause=_Told(told))


class _Told(Exception):  # noqa: N818 -- a note that travels with an error
    """Marks an error whose problem is known already."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _pattern(_judge: Judge, pattern: str, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str) and not compile_pattern(pattern).matches(value):
        yield _error("Pattern", but=_but(value), shown=shown(pattern), pattern=pattern)


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
            hint = f"declared are: {', '.join(known)}" if known else "take it out"
            yield _error("NotDeclared", name, hint=hint)
        else:
            yield from judge.descend(value[name], subschema, path=name)


def _required(_judge: Judge, names: Sequence[str], value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if isinstance(value, dict):
        yield from (_error("Missing", name, hint=f"write `{name}:`") for name in names if name not in value)


def _required_beside(
    _judge: Judge,
    names: Mapping[str, Sequence[str]],
    value: Any,  # noqa: ANN401 -- the same
    _schema: Any,  # noqa: ANN401 -- the same
) -> Errors:
    if isinstance(value, dict):
        for given in names.keys() & value.keys():
            missing = (name for name in names[given] if name not in value)
            yield from (_error("MissingBeside", name, hint=f"write `{name}:`", other=given) for name in missing)


def _enum(_judge: Judge, choices: Choices, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if canonical(value) not in choices.texts:
        yield _error("NotOneOf", but=_but(value), choices=", ".join(map(shown, choices))[:200])


def _const(_judge: Judge, only: Any, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    if canonical(value) != canonical(only):
        yield _error("OnlyOne", but=_but(value), only=shown(only))


def _unique(_judge: Judge, wanted: bool, value: Any, _schema: Any) -> Errors:  # noqa: ANN401, FBT001 -- the same
    if wanted and isinstance(value, list) and len({canonical(item) for item in value}) < len(value):
        yield _error("NotUnique", hint="name each once")


def _multiple(_judge: Judge, step: float, value: Any, _schema: Any) -> Errors:  # noqa: ANN401 -- the same
    """In decimal, as people count: 19.99 is a multiple of 0.01."""
    if isinstance(value, int | float) and not isinstance(value, bool) and not _divides(step, value):
        yield _error("MultipleOf", but=_but(value), step=step)


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

CODES = {
    "type": "Type",
    "minimum": "AtLeast",
    "maximum": "AtMost",
    "exclusiveMinimum": "MoreThan",
    "exclusiveMaximum": "LessThan",
    "minLength": "TooShort",
    "maxLength": "TooLong",
    "minItems": "TooFewItems",
    "maxItems": "TooManyItems",
    "minProperties": "TooFewFields",
    "maxProperties": "TooManyFields",
    "minContains": "TooFewFitting",
    "maxContains": "TooManyFitting",
}
"""What the library's keywords limit, in our words."""

BARE = {
    "contains": "NoneFitting",
    "not": "Excluded",
    "anyOf": "NoAlternative",
    "oneOf": "NotOneAlternative",
    None: "NotAllowed",
}


def _problem(error: "ValidationError") -> Problem:
    path: Path = tuple(error.absolute_path)
    if isinstance(error.cause, _Told):
        return replace(error.cause.problem, path=path)
    keyword = error.validator if isinstance(error.validator, str) else None
    if keyword in CODES:
        limit = error.validator_value
        about = {"types": _plain(limit)} if keyword == "type" else {"limit": limit}
        return fault(CODES[keyword], path, but=_but(error.instance), **about)
    return fault(BARE[keyword], path) if keyword in BARE else fault("Keyword", path, keyword=str(keyword))


def _plain(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, list):
        return " or ".join(map(_plain, value))
    return value if isinstance(value, str) else shown(value)


def _but(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """What the value is instead; of a collection nothing is repeated, since a secret might be in it."""
    return "" if isinstance(value, dict | list) else f", not {shown(value)}"
