"""Judges the parameters and targets of a request against what its microservice asks for.

Types are JSON's: `true` is no number, `"1"` is no number, and 1.0 is the integer 1, as its one canonical text says.
Every text is free of characters that would not be shown as they are; a line feed and a tab are fine (rule 44).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assent.api.base import MAX_INTEGER
from assent.api.characters import UNSAFE_VALUES, hidden
from assent.api.kinds import Problem
from assent.api.names import DNS_LABEL
from assent.api.services import TargetRules
from assent.core.keywords import Path, shown
from assent.core.patterns import compile_pattern
from assent.core.schemas import declared, deeper, schema_problems, secret_parameters
from assent.core.validators import Validator, validator

__all__ = ["declared", "matches", "parameter_problems", "schema_problems", "secret_parameters", "target_problems"]

MAX_DEPTH = 32
MAX_STEPS = 500_000
"""Values times subschemas: about a second of work, so that one request cannot hold up all the others."""

MAX_TARGETS = 500

Parameters = Mapping[str, Any]
Schema = Mapping[str, Any]


def parameter_problems(schema: Schema | None, parameters: Parameters) -> tuple[Problem, ...]:
    """Everything for which these parameters are refused; paths lead from the parameters' own root.

    A schema left out means that there are no parameters. A schema that is itself wrong refuses all parameters.
    No message repeats the value of a secret parameter, nor any value that is a collection.
    """
    if schema is None:
        return tuple(_undeclared(name) for name in sorted(parameters))
    if deeper(parameters, MAX_DEPTH):
        return (Problem((), f"are nested more than {MAX_DEPTH} deep", "make them flatter"),)
    secrets = secret_parameters(schema)
    unsafe = sorted(_unsafe(parameters, secrets), key=lambda one: one.field)
    mismatches = [] if unsafe else _mismatches(schema, parameters, secrets)
    return (*unsafe, *_secrets(parameters, secrets), *mismatches)


def matches(schema: Schema, parameters: Parameters) -> bool:
    """Whether a condition on parameters holds; one that cannot be decided does, so that its flow applies."""
    judge = validator(schema)
    if judge.problems or deeper(parameters, MAX_DEPTH) or _steps(judge, parameters) > MAX_STEPS:
        return True
    undecided = next(_unsafe(parameters, frozenset()), None)
    return undecided is not None or judge.accepts(dict(parameters))


def target_problems(rules: TargetRules | None, targets: Sequence[str], *, narrows: bool = False) -> tuple[Problem, ...]:
    """Everything for which these targets are refused; paths lead from the list's own root.

    Args:
        rules: left out, or saying nothing: no targets may be named, or nothing is added where they narrow others.
        targets: the names.
        narrows: whether these rules are an enablement's, which hold beside the microservice's.
    """
    least, most = _numbers(rules, narrows=narrows)
    problems = [
        Problem((at,), "is named twice", "name it once") for at, one in enumerate(targets) if one in targets[:at]
    ]
    if len(targets) < least:
        problems.append(Problem((), f"at least {least} must be named, not {len(targets)}"))
    if len(targets) > most:
        problems.append(
            Problem((), f"at most {most} may be named, not {len(targets)}" if most else "none may be named")
        )
    return tuple(problems + list(_misnamed(rules, targets)))


def _undeclared(name: str) -> Problem:
    return Problem((name,), "is not declared: the microservice takes no parameters", "take it out")


def _mismatches(schema: Schema, parameters: Parameters, secrets: frozenset[str]) -> list[Problem]:
    """What the schema refuses; in place of secrets it sees a reference, whatever was given."""
    judge = validator(schema)
    if _steps(judge, parameters) > MAX_STEPS:
        return [Problem((), "are too many values for so large a schema", "ask for less at once")]
    return judge.refusals({**parameters, **{name: {"secretRef": name} for name in secrets & parameters.keys()}})


def _steps(judge: Validator, parameters: Parameters) -> int:
    """What judging costs at most: every value compared with every subschema."""
    return judge.size * sum(1 for _ in _values((), parameters))


def _values(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 -- any JSON value
    """Every value within this one, itself first, with its path."""
    stack: list[tuple[Path, Any]] = [(path, value)]
    while stack:
        here, one = stack.pop()
        yield here, one
        if isinstance(one, Mapping):
            stack.extend(((*here, name), item) for name, item in one.items())
        elif isinstance(one, list | tuple):
            stack.extend(((*here, at), item) for at, item in enumerate(one))


def _secrets(parameters: Parameters, secrets: frozenset[str]) -> Iterator[Problem]:
    """A secret is given by reference alone; what was given instead is never repeated."""
    for name in sorted(secrets & parameters.keys()):
        value = parameters[name]
        given = value.get("secretRef") if isinstance(value, Mapping) and set(value) == {"secretRef"} else None
        if not isinstance(given, str) or not DNS_LABEL.match(given):
            text = "is a secret, and given as {secretRef: name} alone; the name is lower-case letters, digits, dashes"
            yield Problem((name,), text, "put the value into a Secret and name that")


def _unsafe(parameters: Parameters, secrets: frozenset[str]) -> Iterator[Problem]:
    """Values that would be read or shown differently by different readers."""
    for path, value in _values((), parameters):
        if path and path[0] in secrets:
            continue
        wrong = _wrong_value(value) or _wrong_text(str(path[-1]) if path else "")
        if wrong:
            yield Problem(path, wrong)


def _wrong_value(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return _wrong_text(value)
    if value is None:
        return "is null; leave it out"
    if isinstance(value, float) and not math.isfinite(value):
        return "is no number that JSON can say"
    if isinstance(value, int | float) and abs(value) > MAX_INTEGER and int(value) == value:
        return f"is beyond {MAX_INTEGER}, so that readers of JSON would disagree on it; declare it as text"
    return ""


def _wrong_text(text: str) -> str:
    found = hidden(text, UNSAFE_VALUES)
    if found is None:
        return ""
    if "\ud800" <= found.group() <= "\udfff":
        return "holds half of a surrogate pair, which is no character"
    return f"holds the character U+{ord(found.group()):04X}, which is not shown as it is"


def _numbers(rules: TargetRules | None, *, narrows: bool) -> tuple[int, int]:
    """How many targets at least and at most."""
    if rules is None or rules == TargetRules():
        return 0, MAX_TARGETS if narrows else 0
    return rules.min_items or 0, MAX_TARGETS if rules.max_items is None else rules.max_items


def _misnamed(rules: TargetRules | None, targets: Sequence[str]) -> Iterator[Problem]:
    if rules is None or rules.pattern is None:
        return
    try:
        pattern = compile_pattern(rules.pattern)
    except ValueError:
        yield Problem((), "are named by a pattern that is wrong, so nothing is accepted", "put that right first")
        return
    for at, name in enumerate(targets):
        if not pattern.matches(name):
            yield Problem((at,), f"does not match the pattern {shown(rules.pattern)} as a whole, not {shown(name)}")
