"""Judges the parameters and targets of a request against what its microservice asks for.

Types are JSON's: `true` is no number, `"1"` is no number, and 1.0 is the integer 1, as its one canonical text says.
Every text is free of characters that would not be shown as they are; a line feed and a tab are fine (rule 44).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assent.api.base import MAX_INTEGER
from assent.api.characters import UNSAFE_VALUES, hidden
from assent.api.kinds import Problem
from assent.api.names import DNS_LABEL
from assent.api.services import TargetRules
from assent.core.faults import fault
from assent.core.keywords import Path, shown
from assent.core.patterns import compile_pattern
from assent.core.schemas import declared, deeper, schema_problems, secret_parameters
from assent.core.validators import Validator, validator

__all__ = ["declared", "matches", "parameter_problems", "schema_problems", "secret_parameters", "target_problems"]

MAX_DEPTH = 32
MAX_STEPS = 500_000
"""Values times subschemas: about a second of work, so that one request cannot hold up all the others."""

MAX_TARGETS = 500

NO_RULES = TargetRules()
"""What says nothing of targets."""

Parameters = Mapping[str, Any]
Schema = Mapping[str, Any]


def parameter_problems(
    schema: Schema | None,
    parameters: Parameters,
    judge: Validator | None = None,
    secrets: frozenset[str] = frozenset(),
) -> tuple[Problem, ...]:
    """Everything for which these parameters are refused; paths lead from the parameters' own root.

    A schema left out means that there are no parameters. A schema that is itself wrong refuses all parameters.
    No message repeats the value of a secret parameter, nor any value that is a collection.
    `judge` is the schema's validator, from whoever has it at hand. `secrets` are those of all schemas of the offer:
    one that narrows another need not say again what is secret.
    """
    if schema is None:
        return tuple(_undeclared(name) for name in sorted(parameters))
    plain = _plain(parameters)
    if not plain and deeper(parameters, MAX_DEPTH):
        return (fault("NestedTooDeep", hint="make them flatter", limit=MAX_DEPTH),)
    judge = judge or validator(schema)
    own = judge.secrets
    veiled = own.union(name for name in secrets & parameters.keys() if not _refers(parameters[name]))
    unsafe = [] if plain else sorted(_unsafe(parameters, veiled), key=lambda one: one.field)
    mismatches = [] if unsafe else _mismatches(judge, parameters, veiled, plain)
    return (*unsafe, *_secrets(parameters, own), *mismatches)


def matches(schema: Schema, parameters: Parameters) -> bool:
    """Whether a condition on parameters holds; one that cannot be decided does, so that its flow applies."""
    judge = validator(schema)
    plain = _plain(parameters)
    if judge.problems or (not plain and deeper(parameters, MAX_DEPTH)) or _steps(judge, parameters, plain) > MAX_STEPS:
        return True
    undecided = None if plain else next(_unsafe(parameters, frozenset()), None)
    return undecided is not None or judge.accepts(dict(parameters))


def target_problems(rules: TargetRules | None, targets: Sequence[str], *, narrows: bool = False) -> tuple[Problem, ...]:
    """Everything for which these targets are refused; paths lead from the list's own root.

    Args:
        rules: left out, or saying nothing: no targets may be named, or nothing is added where they narrow others.
        targets: the names.
        narrows: whether these rules are an enablement's, which hold beside the microservice's.
    """
    if narrows and rules is None:
        return ()
    least, most = _numbers(rules, narrows=narrows)
    problems = [
        fault("NamedTwice", (at,), hint="name it once") for at, one in enumerate(targets) if one in targets[:at]
    ]
    if len(targets) < least:
        problems.append(fault("TooFewTargets", limit=least, count=len(targets)))
    if len(targets) > most:
        many = fault("TooManyTargets", limit=most, count=len(targets))
        problems.append(many if most else fault("NoTargets"))
    return tuple(problems + list(_misnamed(rules, targets)))


def _undeclared(name: str) -> Problem:
    return fault("NoParameters", (name,), hint="take it out")


def _mismatches(judge: Validator, parameters: Parameters, secrets: frozenset[str], plain: int) -> list[Problem]:
    """What the schema refuses; in place of secrets it sees a reference, whatever was given."""
    if _steps(judge, parameters, plain) > MAX_STEPS:
        return [fault("TooManyValues", hint="ask for less at once")]
    return judge.refusals({**parameters, **{name: {"secretRef": name} for name in secrets & parameters.keys()}})


def _steps(judge: Validator, parameters: Parameters, plain: int) -> int:
    """What judging costs at most: every value compared with every subschema; `plain` counts them where it can."""
    return judge.size * (plain or sum(1 for _ in _values((), parameters)))


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
        if not _refers(parameters[name]):
            yield fault("NoReference", (name,), hint="put the value into a Secret and name that")


def _refers(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    """Whether this says which Secret is meant, and nothing else."""
    given = value.get("secretRef") if isinstance(value, Mapping) and set(value) == {"secretRef"} else None
    return isinstance(given, str) and DNS_LABEL.match(given) is not None


def _plain(value: Any, room: int = MAX_DEPTH) -> int:  # noqa: ANN401 -- any JSON value
    """How many values these are where all of them are harmless for certain, as nearly always; 0: look closer."""
    kind = type(value)
    if kind is str:
        return int(value.isascii() and value.isprintable())
    if kind is dict or kind is list:
        names = "" if kind is list else "".join(map(str, value))
        counts = [_plain(one, room - 1) for one in (value.values() if kind is dict else value)] if room else [0]
        return 1 + sum(counts) if all(counts) and names.isascii() and names.isprintable() else 0
    return int(kind is bool or (kind is int and -MAX_INTEGER <= value <= MAX_INTEGER))


def _unsafe(parameters: Parameters, secrets: frozenset[str]) -> Iterator[Problem]:
    """Values that would be read or shown differently by different readers."""
    for path, value in _values((), parameters):
        if path and path[0] in secrets:
            continue
        wrong = _wrong_value(value) or _wrong_text(str(path[-1]) if path else "")
        if wrong:
            yield replace(wrong, path=path)


def _wrong_value(value: Any) -> Problem | None:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return _wrong_text(value)
    if value is None:
        return fault("Null")
    if isinstance(value, float) and not math.isfinite(value):
        return fault("NotFinite")
    if isinstance(value, int | float) and abs(value) > MAX_INTEGER and int(value) == value:
        return fault("TooLarge", limit=MAX_INTEGER)
    return None


def _wrong_text(text: str) -> Problem | None:
    found = hidden(text, UNSAFE_VALUES)
    if found is None:
        return None
    if "\ud800" <= found.group() <= "\udfff":
        return fault("HalfCharacter")
    return fault("HiddenCharacter", character=f"U+{ord(found.group()):04X}")


def _numbers(rules: TargetRules | None, *, narrows: bool) -> tuple[int, int]:
    """How many targets at least and at most."""
    if rules is None or rules == NO_RULES:
        return 0, MAX_TARGETS if narrows else 0
    return rules.min_items or 0, MAX_TARGETS if rules.max_items is None else rules.max_items


def _misnamed(rules: TargetRules | None, targets: Sequence[str]) -> Iterator[Problem]:
    if rules is None or rules.pattern is None:
        return
    try:
        pattern = compile_pattern(rules.pattern)
    except ValueError:
        yield fault("PatternWrong", hint="put that right first")
        return
    for at, name in enumerate(targets):
        if not pattern.matches(name):
            said = shown(rules.pattern)
            yield fault("Pattern", (at,), but=f", not {shown(name)}", shown=said, pattern=rules.pattern)
