"""Judges the JSON Schemas by which microservices declare their parameters, before any parameter meets them.

They are JSON Schema 2020-12 of one object, of which this is taken: all but what names or loads other schemas and the
`unevaluated` pair. `$ref` is local and leads nowhere in a circle, `pattern` is RE2, `format` is a remark, and
`secret: true` beside a parameter says that it is given as `{secretRef: name}`.
Bounds keep the cost of judging one request in proportion to the request.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from assent.api.canonical import canonical
from assent.api.kinds import Problem
from assent.core.keywords import IN_PLACE, KEYWORDS, Path, children, instead, shown
from assent.core.pointers import measure, parts

MAX_BYTES = 32 << 10
"""Canonical JSON of one schema: what a Request's spec may have too."""

MAX_DEPTH = 32
"""Values within values, as the documents that hold them."""

BESIDE_SECRET = frozenset({"type", "secret", "title", "description", "$comment", "deprecated"})


def schema_problems(schema: Any) -> tuple[Problem, ...]:  # noqa: ANN401 -- whatever stands in the document
    """Everything wrong with a schema; paths lead from the schema's own root."""
    if not isinstance(schema, Mapping):
        return (Problem((), "is no schema of an object", "write `type: object` and `properties`"),)
    bounds = _out_of_bounds(schema)
    if bounds:
        return (bounds,)
    nodes = dict(subschemas(schema))
    problems = [problem for path, node in nodes.items() for problem in _node_problems(path, node)]
    if "type" in schema and schema["type"] != "object":
        problems.append(Problem(("type",), f"is {shown(schema['type'])}", "parameters are one object: `type: object`"))
    problems += measure(nodes).problems
    return tuple(sorted(problems, key=lambda one: (one.field, one.message)))


def _out_of_bounds(schema: Mapping[str, Any]) -> Problem | None:
    """Why the schema is not looked at any closer."""
    if deeper(schema, MAX_DEPTH):
        return Problem((), f"is nested more than {MAX_DEPTH} deep", "make it flatter, or use `$defs`")
    try:
        size = len(canonical(schema))
    except ValueError as refused:
        return Problem((), str(refused), "write numbers that JSON keeps, up to 2^53-1")
    if size > MAX_BYTES:
        return Problem((), f"has {size} bytes; {MAX_BYTES} are read", "shorten its texts and lists")
    return None


def deeper(value: Any, limit: int) -> bool:  # noqa: ANN401 -- any JSON value
    """Whether collections are nested more deeply than `limit`; found without recursion."""
    level = [value]
    for _ in range(limit + 1):
        collections = [one for one in level if isinstance(one, Mapping | list | tuple)]
        level = [item for one in collections for item in (one.values() if isinstance(one, Mapping) else one)]
        if not collections:
            return False
    return True


def subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every subschema with its path, the root first."""
    stack: list[tuple[Path, Any]] = [((), schema)]
    while stack:
        path, node = stack.pop()
        yield path, node
        if isinstance(node, Mapping):
            stack.extend(children(path, node))


def _node_problems(path: Path, node: Any) -> Iterator[Problem]:  # noqa: ANN401 -- whatever stands there
    if isinstance(node, bool) and path:
        return
    if not isinstance(node, Mapping):
        yield Problem(path, f"is no schema: {shown(node)}", "write a mapping of keywords, true or false")
        return
    for keyword, value in node.items():
        judge = KEYWORDS.get(keyword)
        if judge is None:
            yield Problem((*path, keyword), f"the keyword {shown(keyword)} is not taken", instead(keyword))
        elif wrong := judge(value):
            yield Problem((*path, keyword), wrong)
    yield from _secret_problems(path, node)
    if "$schema" in node and path:
        yield Problem((*path, "$schema"), "stands within a schema", "write it at the root, or leave it out")


def _secret_problems(path: Path, node: Mapping[str, Any]) -> Iterator[Problem]:
    """A secret is a whole parameter, and nothing is said of its value: it would be said of the reference."""
    if "secret" not in node:
        return
    if len(path) != 2 or path[0] != "properties":  # noqa: PLR2004 -- properties.<name>
        yield Problem((*path, "secret"), "only a whole parameter is secret", "write it at `properties.<name>`")
    for keyword in sorted(set(node) - BESIDE_SECRET):
        yield Problem((*path, keyword), "says something of a secret's value", "take it out: the value is never seen")
    if node.get("type", "object") != "object":
        yield Problem((*path, "type"), f"is {shown(node['type'])}", "a secret is `type: object`: {secretRef: name}")


def declared(schema: Any) -> frozenset[str]:  # noqa: ANN401 -- whatever stands in the document
    """Every parameter under `properties`, at the root or in a part that speaks of the same object."""
    nodes = {tuple(map(str, path)): node for path, node in subschemas(schema)} if isinstance(schema, Mapping) else {}
    names: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        node = nodes.get(path)
        if path in seen or not isinstance(node, Mapping):
            continue
        seen.add(path)
        properties = node.get("properties")
        names |= set(properties) if isinstance(properties, Mapping) else set()
        waiting += [(*path, *map(str, one)) for one, _ in children((), node) if one[0] in IN_PLACE]
        waiting += [parts(node["$ref"])] if isinstance(node.get("$ref"), str) else []
    return frozenset(names)


def secret_parameters(schema: Any) -> frozenset[str]:  # noqa: ANN401 -- whatever stands in the document
    """The parameters that are given as `{secretRef: name}`."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return frozenset()
    return frozenset(name for name, one in properties.items() if isinstance(one, Mapping) and one.get("secret") is True)
