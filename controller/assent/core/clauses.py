"""What a JSON Schema says of one object, as clauses: a parameter is declared or required, always or on a condition.

This is reading, not judging: a clause whose condition a form cannot say is kept as one that may hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assent.core.fields import Names, key
from assent.core.keywords import ANNOTATIONS, LISTS, MAPS, ONE
from assent.core.patterns import compile_pattern
from assent.core.pointers import parts

Node = Mapping[str, Any]
Nodes = Sequence[Node]

NEVER: Node = {"enum": ()}
"""The schema `false`, as a node."""

REMARKS = ANNOTATIONS | {"type", "allOf", "$ref", "$defs", "$schema"}


class Test(NamedTuple):
    """A condition on another parameter: it is one of the values, or `absent`; with `unless`, neither."""

    path: Names
    values: tuple[Any, ...] = ()
    absent: bool = False
    unless: bool = False


Tests = tuple[Test, ...]


class Clause(NamedTuple):
    """One parameter is declared by this schema, or required where there is none.

    `when` is what must hold; nothing means always, and None a condition that a form cannot say.
    """

    name: str
    when: Tests | None
    schema: Any = None


def given(path: Names) -> Test:
    """The condition that the parameter is there at all."""
    return Test(path, absent=True, unless=True)


def negated(tests: Tests | None) -> Tests | None:
    """The opposite of a condition, where it is one that a form can say."""
    return (tests[0]._replace(unless=not tests[0].unless),) if tests and len(tests) == 1 else None


def written_out(schema: Any, root: Node | None = None) -> Any:  # noqa: ANN401 -- a subschema, or true or false
    """The schema with what every `$ref` leads to in its place; for schemas that passed their checks."""
    if not isinstance(schema, Mapping):
        return schema
    root = schema if root is None else root
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ONE:
            found[keyword] = written_out(value, root)
        elif keyword in LISTS:
            found[keyword] = [written_out(one, root) for one in value]
        elif keyword in MAPS - {"$defs"}:
            found[keyword] = {name: written_out(one, root) for name, one in value.items()}
        elif keyword not in ("$ref", "$defs"):
            found[keyword] = value
    if "$ref" in schema:
        found["allOf"] = [*found.get("allOf", ()), written_out(_meant(root, schema["$ref"]), root)]
    return found


def _meant(root: Node, reference: str) -> Any:  # noqa: ANN401 -- a subschema
    here: Any = root
    for part in parts(reference):
        here = here[int(part)] if isinstance(here, list | tuple) else here[part]
    return here


def flat(schema: Any) -> list[Node]:  # noqa: ANN401 -- a subschema, or true or false
    """The schemas that hold all at once of the same value: this one, and what it takes in."""
    if not isinstance(schema, Mapping):
        return [] if schema else [NEVER]
    found = [schema]
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(keyword, ())
        if keyword == "allOf" or len(branches) == 1:
            found += [node for branch in branches for node in flat(branch)]
    return found


def alternatives(node: Node) -> Iterator[Sequence[Any]]:
    """The lists of schemas of which one holds, where there are several."""
    yield from (node[keyword] for keyword in ("anyOf", "oneOf") if len(node.get(keyword, ())) > 1)


def enumerated(nodes: Nodes) -> list[Any] | None:
    """The values that `const` and `enum` leave; None where they say nothing."""
    lists = [[node["const"]] for node in nodes if "const" in node] + [node["enum"] for node in nodes if "enum" in node]
    if not lists:
        return None
    left = set.intersection(*({key(one) for one in more} for more in lists))
    return [one for one in lists[0] if key(one) in left]


def clauses(schema: Any, path: Names, when: Tests | None = ()) -> Iterator[Clause]:  # noqa: ANN401 -- a subschema
    """Everything that is said of the parameters of the object at this path, in the order in which it is written."""
    for node in flat(schema):
        for name, one in node.get("properties", {}).items():
            yield Clause(name, when, one)
        for name in node.get("required", ()):
            yield Clause(name, when)
        yield from _dependent(node, path, when)
        if "if" in node:
            yield from _conditional(node, path, when)
        for branches in alternatives(node):
            yield from _branches(branches, path, when)


def _and(when: Tests | None, tests: Tests | None) -> Tests | None:
    return None if when is None or tests is None else (*when, *(one for one in tests if one not in when))


def _dependent(node: Node, path: Names, when: Tests | None) -> Iterator[Clause]:
    for name, others in node.get("dependentRequired", {}).items():
        yield from (Clause(other, _and(when, (given((*path, name)),))) for other in others)
    for name, schema in node.get("dependentSchemas", {}).items():
        yield from clauses(schema, path, _and(when, (given((*path, name)),)))


def _conditional(node: Node, path: Names, when: Tests | None) -> Iterator[Clause]:
    tests = _tests(node["if"], path)
    both = node.get("then", True), node.get("else", True)
    if tests is None:
        yield from _loose(both, path)
        return
    yield from clauses(both[0], path, _and(when, tests))
    yield from clauses(both[1], path, _and(when, negated(tests)))


def _loose(branches: Sequence[Any], path: Names) -> Iterator[Clause]:
    """What schemas say of which one holds, nobody knows which: nothing of a parameter that one of them leaves open."""
    for branch in branches:
        for clause in clauses(branch, path, None):
            open_in_one = any(_leaves_open(flat(one), clause.name) for one in branches)
            yield clause._replace(schema=True) if open_in_one and clause.schema is not None else clause


def _leaves_open(nodes: Nodes, name: str) -> bool:
    return admitted(nodes, name) and not any(name in node.get("properties", {}) for node in nodes)


def _branches(branches: Sequence[Any], path: Names, when: Tests | None) -> Iterator[Clause]:
    """What alternatives say: each on the value of the parameter that tells them apart, where there is one."""
    for one in sorted(set.intersection(*map(_required, branches))):
        yield Clause(one, when)
    name = _discriminator(branches)
    if name is None:
        yield from _loose(branches, path)
        return
    picked = [_picks(branch)[name] for branch in branches]
    yield Clause(name, when, {"enum": [value for values in picked for value in values]})
    for branch, values in zip(branches, picked, strict=True):
        test = Test((*path, name), tuple(values), absent=name not in _required(branch))
        yield from clauses(branch, path, _and(when, (test,)))


def _discriminator(branches: Sequence[Any]) -> str | None:
    """The parameter that has its own values in every alternative."""
    tables = [_picks(branch) for branch in branches]
    for name in tables[0]:
        lists = [table.get(name, []) for table in tables]
        every = [key(value) for values in lists for value in values]
        if all(lists) and len(set(every)) == len(every):
            return name
    return None


def _picks(branch: Any) -> dict[str, list[Any]]:  # noqa: ANN401 -- a subschema
    """The values of each parameter of which an alternative enumerates them."""
    properties = [item for node in flat(branch) for item in node.get("properties", {}).items()]
    found = {name: enumerated(flat(schema)) for name, schema in properties}
    return {name: values for name, values in found.items() if values is not None}


def _required(schema: Any) -> set[str]:  # noqa: ANN401 -- a subschema
    return {name for node in flat(schema) for name in node.get("required", ())}


def _tests(condition: Any, path: Names) -> Tests | None:  # noqa: ANN401 -- a subschema
    """What an `if` asks, where that is the values of parameters, or that they are there."""
    nodes = flat(condition)
    if any(node.keys() - REMARKS - {"properties", "required"} for node in nodes):
        return None
    required, found = _required(condition), []
    properties = [item for node in nodes for item in node.get("properties", {}).items() if item[1] is not True]
    for name, schema in properties:
        picked = _picked(flat(schema))
        if picked is None:
            return None
        values, unless = picked
        found.append(Test((*path, name), tuple(values), unless == (name in required), unless))
    return (*found, *(given((*path, name)) for name in sorted(required - {name for name, _ in properties})))


def _picked(nodes: Nodes) -> tuple[list[Any], bool] | None:
    """The values that are asked for, or with True those that are not."""
    if not any(node.keys() - REMARKS - {"const", "enum"} for node in nodes):
        values = enumerated(nodes)
        return None if values is None else (values, False)
    if len(nodes) == 1 and not nodes[0].keys() - REMARKS - {"not"}:
        inner = flat(nodes[0]["not"])
        values = enumerated(inner)
        only = not any(node.keys() - REMARKS - {"const", "enum"} for node in inner)
        return (values, True) if only and values is not None else None
    return None


def closed(nodes: Nodes) -> bool:
    """Whether the object may hold nothing but what is declared by name."""
    return any(
        (node.get("additionalProperties") is False and not node.get("patternProperties"))
        or any(all(closed(flat(branch)) for branch in branches) for branches in alternatives(node))
        for node in nodes
    )


def admitted(nodes: Nodes, name: str) -> bool:
    """Whether no schema that is closed leaves the parameter out."""
    return all(
        name in node.get("properties", {})
        or any(compile_pattern(one).matches(name) for one in node.get("patternProperties", {}))
        for node in nodes
        if node.get("additionalProperties") is False
    )
