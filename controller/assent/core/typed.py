"""What a browser posts of a form's fields, made into JSON values, and back.

A form says less than JSON: a text that is empty, and a choice of nothing that is not required, is left out.
Nothing else is lost, and nothing is added: a `default` is only shown (kinds.md).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assent.api.canonical import same
from assent.api.characters import hidden
from assent.api.kinds import Problem, parse
from assent.api.names import API_VERSION, DNS_LABEL
from assent.api.requests import MAX_SPEC_BYTES
from assent.core.faults import RefusedError, fault, refused
from assent.core.fields import Field, Kind, Names, Posted, key
from assent.core.parameters import parameter_problems


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as parameters, and what is wrong with it by the field's name; that is left out of them."""

    parameters: dict[str, Any]
    problems: dict[str, Problem]


def typed(fields: Sequence[Field], values: Posted) -> Typed:
    """What a browser posted of these fields, whatever it was; what no field asks for is passed over."""
    found = Typed({}, {})
    for field in fields:
        try:
            _put(found.parameters, field, _allowed(field, read(field, values.get(field.name, ())), fields))
        except RefusedError as wrong:
            found.problems[field.name] = wrong.problem
    for field in fields:
        if isinstance(_at(found.parameters, field.path[: field.anchor]), dict):
            _object(found.parameters, field.around)
    groups = {field.name for field in fields if field.part == "group"}
    for field in fields:
        asked = all(one.field in groups or one.holds(values) for one in field.when)
        if asked and field.name not in found.problems and isinstance(_at(found.parameters, field.around), dict):
            _answer_of_nothing(found.parameters, field)
    return found


def shown(fields: Sequence[Field], parameters: Mapping[str, Any]) -> dict[str, list[str]]:
    """What to fill the fields with, so that the same parameters are asked for again; a secret's value never is."""
    found = {}
    for field in fields:
        value = _at(parameters, field.path)
        if isinstance(value, Mapping) and field.part == "further":
            others = _others(field, fields)
            value = {name: one for name, one in value.items() if name not in others} or None
        if field.part == "group":
            value = isinstance(value, Mapping) or None
        found[field.name] = [] if value is None else printed(field, value)
    return found


def read(field: Field, texts: Sequence[str]) -> Any:  # noqa: ANN401 -- any JSON value
    """The value that was typed, None for nothing; raises RefusedError with a sentence that does not repeat it."""
    given = [text.replace("\r\n", "\n") for text in texts if text]
    if sum(map(len, given)) > MAX_SPEC_BYTES:
        raise refused("TypedTooLong", limit=MAX_SPEC_BYTES)
    if field.kind == "choices":
        return [_choice(field, text) for text in given] or None
    if field.kind == "lines":
        return _lines(field, "\n".join(given))
    if field.kind == "flag":
        given = given[-1:]  # a box may have a hidden "false" before it
    if len(set(given)) > 1:
        raise refused("GivenTwice")
    return READERS[field.kind](field, given[0]) if given else None


def printed(field: Field, value: Any) -> list[str]:  # noqa: ANN401 -- any JSON value
    """The texts by which a value is typed; none where the field has no such choice."""
    if field.kind == "secret":
        named = value.get("secretRef") if isinstance(value, Mapping) else None
        return [named] if isinstance(named, str) and DNS_LABEL.match(named) else []
    several = isinstance(value, list | tuple)
    if field.kind in ("choice", "choices"):
        picked = value if several and field.kind == "choices" else [value]
        return _picked(field, picked)
    if several and field.kind == "lines":
        return _listed(field, value)
    return [_text(field.kind, value)]


def as_json(value: Any, indent: int | None = None) -> str:  # noqa: ANN401 -- any JSON value
    """A value as people read JSON."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


def _allowed(field: Field, value: Any, fields: Sequence[Field]) -> Any:  # noqa: ANN401 -- any JSON value
    """The value; raises RefusedError where no request may hold it, or where it says what another field asks for."""
    if value is None or field.part == "group":
        return value
    if field.part == "value":
        wrong = _wrong({field.path[-1]: value}, 1)
    elif isinstance(value, dict):
        again = sorted(_others(field, fields) & value.keys())
        wrong = fault("HasOwnField", names=", ".join(again)) if again else _wrong(value, 0)
    else:
        wrong = fault("NotObject")
    if wrong:
        raise RefusedError(wrong)
    return value


def _wrong(given: dict[str, Any], own: int) -> Problem | None:
    """Why no request may hold this, whatever is asked for; `own` is how much of a path the field itself says."""
    for problem in parameter_problems({}, given):
        return replace(problem, path=problem.path[own:])
    spec = {"microservice": {"name": "any"}, "requester": "anybody", "parameters": given}
    document = {"apiVersion": API_VERSION, "kind": "Request", "metadata": {"name": "any", "namespace": "any"}}
    for problem in parse({**document, "spec": spec})[1]:
        return replace(problem, path=(), message=problem.message.removeprefix(f"`{next(iter(given), '')}` "))
    return None


def _put(parameters: dict[str, Any], field: Field, value: Any) -> None:  # noqa: ANN401 -- any JSON value
    if value is None or (field.part == "group" and not value):
        return
    if field.part == "value":
        _object(parameters, field.around)[field.path[-1]] = value
    else:
        _object(parameters, field.path).update(value if field.part == "further" else {})


def _answer_of_nothing(parameters: dict[str, Any], field: Field) -> None:
    """A box that is not ticked, and a list of nothing, are answers where an answer is needed."""
    if field.part == "value" and field.required and field.kind in NOTHING:
        _object(parameters, field.around).setdefault(field.path[-1], False if field.kind == "flag" else [])


def _object(parameters: dict[str, Any], path: Names) -> dict[str, Any]:
    """The object at this path, made where it is not there yet."""
    for name in path:
        parameters = parameters.setdefault(name, {})
    return parameters


def _at(parameters: Any, path: Names) -> Any:  # noqa: ANN401 -- any JSON value
    for name in path:
        parameters = parameters.get(name) if isinstance(parameters, Mapping) else None
    return parameters


def _others(further: Field, fields: Sequence[Field]) -> set[str]:
    """The names in the same object that have fields of their own."""
    own, length = further.path, len(further.path)
    return {one.path[length] for one in fields if len(one.path) > length and one.path[:length] == own}


def _text(kind: Kind, value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if kind == "json":
        return as_json(value, indent=2)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else as_json(value)


def _picked(field: Field, values: Sequence[Any]) -> list[str]:
    texts = {key(choice.value): choice.text for choice in field.choices}
    return [texts[key(one)] for one in values if key(one) in texts]


def _listed(field: Field, values: Sequence[Any]) -> list[str]:
    """A list as lines; as JSON where lines cannot say it, as an empty text among others."""
    if not values and field.required and not field.when:
        return []
    lines = _picked(field, values) if field.item == "choice" else [_text(field.item, one) for one in values]
    try:
        plain = same(_lines(field, "\n".join(lines)), list(values))
    except ValueError:
        plain = False
    return ["\n".join(lines) if plain else as_json(list(values))]


def _lines(field: Field, text: str) -> list[Any] | None:
    """An item a line; or all of it as JSON, where that is a list of such items."""
    if text.strip().startswith("["):
        try:
            found = _json(field, text)
        except ValueError:
            found = None
        if isinstance(found, list) and _are_items(field, found):
            return found
    return [READERS[field.item](field, line) for line in text.split("\n") if line.strip()] or None


def _are_items(field: Field, values: list[Any]) -> bool:
    if field.item == "choice":
        return len(_picked(field, values)) == len(values)
    wanted = str if field.item == "text" else int | float
    return all(isinstance(one, wanted) and not isinstance(one, bool) for one in values)


def _choice(field: Field, text: str) -> Any:  # noqa: ANN401 -- any JSON value
    for choice in field.choices:
        if choice.text == text:
            return choice.value
    raise refused("NoChoice")


def _flag(_field: Field, text: str) -> bool:
    if text not in FLAGS:
        raise refused("NotTrueOrFalse")
    return FLAGS[text]


def _integer(_field: Field, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,20}", text.strip(), re.ASCII):
        raise refused("NotWhole")
    return int(text)


def _number(_field: Field, text: str) -> float:
    text = text.strip()
    if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?", text, re.ASCII):
        raise refused("NotNumber")
    return float(text) if set(text) & set(".eE") else int(text)


def _secret(_field: Field, text: str) -> dict[str, str]:
    if not DNS_LABEL.match(text.strip()):
        raise refused("NotSecretName")
    return {"secretRef": text.strip()}


def _json(field: Field, text: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Strict JSON: no name twice, and no number or word that JSON does not have."""
    try:
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_word, parse_int=lambda one: _integer(field, one)
        )
    except json.JSONDecodeError as wrong:
        raise refused("NotJson", line=wrong.lineno, column=wrong.colno) from None
    except RecursionError:
        raise refused("TypedTooDeep") from None
    if found is None:
        raise refused("Null")
    return found


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise refused("TwiceInObject")
    if any(hidden(name) for name in found):
        raise refused("HiddenInName")
    return found


def _no_word(_word: str) -> None:
    raise refused("NotJsonNumber")


FLAGS = {"true": True, "on": True, "false": False, "off": False}
NOTHING = frozenset({"flag", "lines", "choices"})
READERS: dict[Kind, Callable[[Field, str], Any]] = {
    "choice": _choice,
    "text": lambda _, text: text,
    "longtext": lambda _, text: text,
    "integer": _integer,
    "number": _number,
    "flag": _flag,
    "secret": _secret,
    "json": _json,
}
"""Kind to what is made of one text; several texts, and lines, are made of these."""
