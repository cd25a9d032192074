"""A quick yes: whether a value matches a schema of the everyday kind, for certain.

Nearly all parameters match, by schemas of a dozen keywords. A glance says so in a few microseconds; where it does not,
or a schema says more than is read here, the library judges (`core.validators`), and has the words for what is wrong.
"""

from collections.abc import Callable, Mapping
from typing import Any

from assent.core.keywords import ANNOTATIONS
from assent.core.patterns import compile_pattern

Glance = Callable[[Any], bool]

SILENT = ANNOTATIONS | {"$schema", "contentEncoding", "contentMediaType", "secret"}
"""Keywords that refuse no value."""


def glance(schema: Any) -> Glance | None:  # noqa: ANN401 -- a sound schema, or a part of one
    """What says of a value that it matches this sound schema; None where the schema says more than is read here.

    Its yes is the library's yes; its no says nothing.
    """
    if not isinstance(schema, dict):
        return None
    parts: list[Glance] = []
    for keyword in schema.keys() - SILENT:
        part = MAKERS[keyword](schema[keyword], schema) if keyword in MAKERS else None
        if part is None:
            return None
        parts.append(part)
    return parts[0] if len(parts) == 1 else lambda value: all(part(value) for part in parts)


def _type(wanted: Any, _: Any) -> Glance | None:  # noqa: ANN401 -- a keyword's value
    return TYPES.get(wanted) if isinstance(wanted, str) else None


def _choices(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    """Texts alone: of other values some are equal in Python and not in JSON."""
    texts = frozenset(one for one in wanted if type(one) is str)
    return lambda value: type(value) is str and value in texts


def _only(wanted: Any, schema: Any) -> Glance:  # noqa: ANN401 -- the same
    return _choices([wanted], schema)


def _least(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: _number(value) and value >= wanted


def _most(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: _number(value) and value <= wanted


def _long(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: type(value) is str and len(value) >= wanted


def _short(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: type(value) is str and len(value) <= wanted


def _pattern(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    matches = compile_pattern(wanted).matches
    return lambda value: type(value) is str and matches(value)


def _required(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    names = frozenset(wanted)
    return lambda value: type(value) is dict and names <= value.keys()


def _properties(wanted: Any, _: Any) -> Glance | None:  # noqa: ANN401 -- the same
    parts = {name: part for name, one in wanted.items() if (part := glance(one))}
    if len(parts) < len(wanted):
        return None
    return lambda value: type(value) is dict and all(parts[name](value[name]) for name in parts.keys() & value.keys())


def _others(wanted: Any, schema: Any) -> Glance | None:  # noqa: ANN401 -- the same
    names = frozenset(schema.get("properties", ()))
    return (lambda value: type(value) is dict and value.keys() <= names) if wanted is False else None


def _items(wanted: Any, _: Any) -> Glance | None:  # noqa: ANN401 -- the same
    part = glance(wanted)
    return (lambda value: type(value) is list and all(map(part, value))) if part else None


def _many(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: type(value) is list and len(value) >= wanted


def _few(wanted: Any, _: Any) -> Glance:  # noqa: ANN401 -- the same
    return lambda value: type(value) is list and len(value) <= wanted


def _number(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    return type(value) is int or type(value) is float


TYPES: Mapping[str, Glance] = {
    "object": lambda value: type(value) is dict,
    "array": lambda value: type(value) is list,
    "string": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "number": _number,
    "boolean": lambda value: type(value) is bool,
}

MAKERS: Mapping[str, Callable[[Any, Any], Glance | None]] = {
    "type": _type,
    "enum": _choices,
    "const": _only,
    "minimum": _least,
    "maximum": _most,
    "minLength": _long,
    "maxLength": _short,
    "pattern": _pattern,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "minItems": _many,
    "maxItems": _few,
}
"""What is read of a schema; a part may say no where the library would not look, and never yes where it says no."""
