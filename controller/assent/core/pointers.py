"""`$ref` within one schema: local, to a subschema that is there, never in a circle, and not without measure.

A circle would never end on some values; and a few `$ref`s, each used twice, would write out to a million subschemas.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from assent.api.kinds import Problem
from assent.core.keywords import Path, children, shown

Nodes = Mapping[Path, Any]
Edges = Mapping[Path, Sequence[Path]]


MAX_NODES = 2_000
"""Subschemas once every `$ref` is written out: what one value may have to be compared with."""

MAX_HEIGHT = 32
"""Subschemas within subschemas once every `$ref` is written out; each costs the validator three frames of its stack."""


class Measured(NamedTuple):
    """What is wrong with the `$ref`s of a schema, and how many subschemas it comes to once they are written out."""

    problems: list[Problem]
    size: int


def measure(nodes: Nodes) -> Measured:
    """Follows every `$ref` among these subschemas, each given by its path; the root's is empty."""
    known: dict[Path, Path] = {tuple(map(str, path)): path for path in nodes}
    targets: dict[Path, Path] = {}
    problems: list[Problem] = []
    for path, text in _references(nodes):
        found = known.get(parts(text)) if text.startswith("#") else None
        if found is None:
            problems.append(_unknown(path, text))
        else:
            targets[path] = found
    edges = {path: _edges(path, node, targets) for path, node in nodes.items()}
    size, height = _sizes(edges)
    if size > MAX_NODES:
        problems.append(Problem((), f"comes to more than {MAX_NODES} subschemas", "use fewer `$ref`s and alternatives"))
    if height > MAX_HEIGHT:
        problems.append(Problem((), f"comes to more than {MAX_HEIGHT} subschemas within each other", "make it flatter"))
    return Measured(problems + _circles(targets, edges), size)


def _references(nodes: Nodes) -> Iterator[tuple[Path, str]]:
    for path, node in nodes.items():
        if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            yield path, node["$ref"]


def parts(text: str) -> tuple[str, ...]:
    """A JSON Pointer (RFC 6901) in a URI's fragment, as the keys it leads through."""
    pointer = unquote(text[1:])
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _unknown(path: Path, text: str) -> Problem:
    if not text.startswith("#"):
        return Problem((*path, "$ref"), f"refers to {shown(text)}, outside of the schema", "write '#/$defs/<name>'")
    return Problem((*path, "$ref"), f"refers to {shown(text)}, where there is no schema", "write '#/$defs/<name>'")


def _edges(path: Path, node: Any, targets: Mapping[Path, Path]) -> list[Path]:  # noqa: ANN401 -- whatever stands there
    within = (
        []
        if not isinstance(node, Mapping)
        else [child for child, _ in children(path, node) if child[len(path)] != "$defs"]
    )
    return within if path not in targets else [*within, targets[path]]


def _circles(targets: Mapping[Path, Path], edges: Edges) -> list[Problem]:
    """The `$ref`s on a circle, or on the way from one circle to another."""
    above: dict[Path, list[Path]] = {path: [] for path in edges}
    for path, below in edges.items():
        for one in below:
            above[one].append(path)
    endless = set(edges) - set(_leaves_first(edges)) - set(_leaves_first(above))
    return [
        Problem((*path, "$ref"), "leads back to itself", "parameters are no trees: write the levels out")
        for path, target in targets.items()
        if path in endless and target in endless
    ]


def _sizes(edges: Edges) -> tuple[int, int]:
    """How many subschemas the root comes to, and how deep they lie; nothing where it leads into a circle."""
    size: dict[Path, int] = {}
    height: dict[Path, int] = {}
    for path in _leaves_first(edges):
        below = edges[path]
        size[path] = min(1 + sum(size[one] for one in below), MAX_NODES + 1)
        height[path] = 1 + max((height[one] for one in below), default=0)
    return size.get((), 0), height.get((), 0)


def _leaves_first(edges: Edges) -> list[Path]:
    """Every subschema behind all that it leads to; those in or above a circle are left out (Kahn's algorithm)."""
    above: dict[Path, list[Path]] = {path: [] for path in edges}
    waiting = {path: len(below) for path, below in edges.items()}
    for path, below in edges.items():
        for one in below:
            above[one].append(path)
    ready = [path for path, count in waiting.items() if not count]
    order = []
    while ready:
        here = ready.pop()
        order.append(here)
        for one in above[here]:
            waiting[one] -= 1
            if not waiting[one]:
                ready.append(one)
    return order
