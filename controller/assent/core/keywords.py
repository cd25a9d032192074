"""Every keyword of JSON Schema that is taken, with what may stand behind it.

A judge says what is wrong with a value, in words that follow the field's name; nothing where it is well.
Subschemas are not looked into: whoever walks the schema judges them where they stand.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from assent.api.characters import UNSAFE_LINES, visible
from assent.core.patterns import compile_pattern

Path = tuple[str | int, ...]
Judge = Callable[[Any], str]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean", "null"})
ONE = frozenset({"not", "if", "then", "else", "additionalProperties", "items", "contains", "propertyNames"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
MAPS = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
"""Whose subschemas speak of the same value as the schema they stand in."""
ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format", "$comment"}
)
"""What is said to people, and refuses no value."""
INSTEAD = {
    "$id": "a schema here has no name: take it out",
    "$anchor": "refer by a path, like `$ref: '#/$defs/name'`",
    "$dynamicAnchor": "refer by a path, like `$ref: '#/$defs/name'`",
    "$dynamicRef": "write `$ref: '#/$defs/name'`",
    "$vocabulary": "take it out",
    "additionalItems": "write `items` behind `prefixItems`",
    "definitions": "write `$defs`",
    "dependencies": "write `dependentRequired` or `dependentSchemas`",
    "nullable": "nothing here is null: take it out, and leave the parameter out of `required`",
    "unevaluatedItems": "write `items: false`",
    "unevaluatedProperties": "write `additionalProperties: false` beside all `properties`",
}
"""What people write that is not taken, and what to write instead."""


def children(path: Path, node: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The subschemas that stand directly within this one, `$ref` not followed."""
    for keyword, value in node.items():
        here = (*path, keyword)
        if keyword in ONE:
            yield here, value
        elif keyword in LISTS and isinstance(value, list | tuple):
            yield from (((*here, at), item) for at, item in enumerate(value))
        elif keyword in MAPS and isinstance(value, Mapping):
            yield from (((*here, name), item) for name, item in value.items())


def instead(keyword: str) -> str:
    """What to write in place of a keyword that is not taken."""
    if keyword in INSTEAD:
        return INSTEAD[keyword]
    close = get_close_matches(keyword, KEYWORDS, n=1)
    return f"did you mean {close[0]}?" if close else "take it out; known are the keywords of JSON Schema 2020-12"


def shown(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """A value as people read it, safe to print and cut."""
    text = visible(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004 -- most of a line


def _number(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else f"is no number: {shown(value)}"


def _positive(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return _number(value) or ("" if value > 0 else f"is not above 0: {shown(value)}")


def _count(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and int(value) == value
    return "" if whole else f"is no count: {shown(value)}"


def _truth(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if isinstance(value, bool) else f"is neither true nor false: {shown(value)}"


def _text(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, str):
        return f"is no text: {shown(value)}"
    found = UNSAFE_LINES.search(value)
    return f"holds the character U+{ord(found.group()):04X}, which is not shown as it is" if found else ""


def _dialect(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if value == DIALECT else f"is {shown(value)}; the one dialect here is {DIALECT}"


def _pattern(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, str):
        return f"is no text: {shown(value)}"
    try:
        compile_pattern(value)
    except ValueError as refused:
        return str(refused)
    return ""


def _names(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return f"is no list of names: {shown(value)}"
    return "" if len(set(value)) == len(value) else f"names something twice: {shown(value)}"


def _names_by_name(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, Mapping):
        return f"is no mapping: {shown(value)}"
    return next((wrong for item in value.values() if (wrong := _names(item))), "")


def _types(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    given = value if isinstance(value, list | tuple) else [value]
    unknown = [item for item in given if not isinstance(item, str) or item not in TYPES]
    if unknown or not given:
        return f"is {shown(value)}; types are {', '.join(sorted(TYPES))}"
    return "" if len(set(given)) == len(given) else f"names a type twice: {shown(value)}"


def _choices(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if isinstance(value, list | tuple) and value else f"is no list of choices: {shown(value)}"


def _listed(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if isinstance(value, list | tuple) else f"is no list: {shown(value)}"


def _several(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if isinstance(value, list | tuple) and value else f"is no list of schemas: {shown(value)}"


def _mapped(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, Mapping):
        return f"is no mapping: {shown(value)}"
    return next((f"{shown(name)}: {wrong}" for name in value if (wrong := _text(name))), "")


def _patterned(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return _mapped(value) or next((wrong for name in value if (wrong := _pattern(name))), "")


def _secret(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return "" if value is True else f"is {shown(value)}; write true, or leave it out"


def _anything(value: Any) -> str:  # noqa: ANN401, ARG001 -- any JSON value; subschemas are judged where they stand
    return ""


def _each(judge: Judge, *keywords: str) -> dict[str, Judge]:
    return dict.fromkeys(keywords, judge)


KEYWORDS: dict[str, Judge] = {
    **_each(_dialect, "$schema"),
    **_each(_text, "$comment", "$ref", "title", "description", "format", "contentEncoding", "contentMediaType"),
    **_each(_types, "type"),
    **_each(_choices, "enum"),
    **_each(_anything, "const", "default", *ONE),
    **_each(_number, "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    **_each(_positive, "multipleOf"),
    **_each(_count, "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"),
    **_each(_count, "maxContains", "minContains"),
    **_each(_pattern, "pattern"),
    **_each(_truth, "uniqueItems", "deprecated", "readOnly", "writeOnly"),
    **_each(_names, "required"),
    **_each(_names_by_name, "dependentRequired"),
    **_each(_listed, "examples"),
    **_each(_several, *LISTS),
    **_each(_mapped, "properties", "$defs", "dependentSchemas"),
    **_each(_patterned, "patternProperties"),
    **_each(_secret, "secret"),
}
"""Every keyword that is taken, with what may stand behind it."""
