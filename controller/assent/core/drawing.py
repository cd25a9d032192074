"""The field that asks for one value: its kind and its bounds, from all the schemas that judge the value.

Bounds are the tightest of those that always hold, so that a browser stops nothing that the schemas would take.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from assent.api.canonical import same, too_large
from assent.core.clauses import Node, Nodes, alternatives, flat
from assent.core.fields import Choice, Field, Kind, Names, key
from assent.core.keywords import ANNOTATIONS, TYPES
from assent.core.typed import as_json, printed, read
from assent.core.validators import validator

Traits = dict[str, Any]
"""Attributes of a field, `kind` among them."""

LONG = 200
"""Characters from which on a text has a box of several lines."""

OTHERWISE = re.compile(r"\\[^\W_dDwW]|\[:|\(\?|&&|--")
"""What RE2 and browsers read differently in a pattern: most classes by letter, named classes, flags, sets."""


def draw(path: Names, nodes: Nodes) -> Field:
    """The field of the value at this path, which all of these schemas judge."""
    traits = _traits(nodes)
    field = Field(
        name=html_name(path), label=label(path[-1], nodes), path=path, help=said(nodes, "description"), **traits
    )
    return replace(field, default=_default(field, nodes))


def html_name(path: Names) -> str:
    """A name that no other path has: `p.address.street`."""
    return ".".join(("p", *(part.replace("~", "~0").replace(".", "~1") for part in path)))


def label(name: str, nodes: Nodes) -> str:
    """The schema's title, or the name spelt out: `monthlyBudget` is "Monthly budget"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s_-]+", " ", name).split()
    lower = [word if len(word) > 1 and word.isupper() else word.lower() for word in words]
    spelt = " ".join(lower) or as_json(name)
    return said(nodes, "title") or spelt[:1].upper() + spelt[1:]


def said(nodes: Nodes, keyword: str) -> str:
    """The first text that stands behind the keyword."""
    return next((str(node[keyword]) for node in nodes if node.get(keyword)), "")


def silent(nodes: Nodes) -> bool:
    """Whether any value would do."""
    return not any(node.keys() - ANNOTATIONS for node in nodes)


def loosest(fields: Sequence[Field]) -> Field:
    """One field for what is asked for in several ways; as JSON where they are of different kinds."""
    first = fields[0]
    if len({(one.kind, one.item) for one in fields}) > 1:
        return Field(name=first.name, label=first.label, kind="json", path=first.path, help=first.help)
    pairs = [(choice.label, choice.value) for one in fields for choice in one.choices]
    bounds = {
        name: _loosest([getattr(one, name) for one in fields], min) for name in ("minimum", "min_length", "min_items")
    }
    bounds |= {
        name: _loosest([getattr(one, name) for one in fields], max) for name in ("maximum", "max_length", "max_items")
    }
    alike = {
        name: getattr(first, name) for name in ("step", "pattern") if len({getattr(one, name) for one in fields}) == 1
    }
    return replace(first, choices=_choices(pairs), **{"step": None, "pattern": None, **alike, **bounds})


def _loosest(bounds: Sequence[float | None], pick: Callable[[Sequence[float]], float]) -> float | None:
    known = [one for one in bounds if one is not None]
    return pick(known) if len(known) == len(bounds) else None


def types(nodes: Nodes) -> frozenset[str]:
    """The types that the value may have; null is none, since no request may hold it."""
    found = TYPES - {"null"}
    for node in nodes:
        said_here = node.get("type", tuple(TYPES))
        own = {said_here} if isinstance(said_here, str) else set(said_here)
        found &= own | ({"integer"} if "number" in own else set())
        for branches in alternatives(node):
            found &= frozenset().union(*(types(flat(branch)) for branch in branches))
    return found


def choices(nodes: Nodes) -> tuple[Choice, ...] | None:
    """The values to choose from, where all of them are written out: those that every schema takes."""
    lists = [pairs for node in nodes for pairs in _listed(node)]
    if not lists:
        return None
    tables = [{key(value): title for title, value in reversed(pairs)} for pairs in lists]
    left = set(tables[0]).intersection(*tables[1:])
    judge = validator({"allOf": list(nodes)}) if left else None
    found = []
    for _, value in lists[0]:
        taken = judge is None or judge.problems or judge.accepts(value)
        if key(value) in left and value is not None and taken:
            found.append((next((one[key(value)] for one in tables if one[key(value)]), ""), value))
    return _choices(found)


Pairs = list[tuple[str, Any]]
"""Values with their titles; an empty one where there is none."""


def _listed(node: Node) -> Iterator[Pairs]:
    """Every list of values in one schema, with the titles that alternatives of constants have."""
    if "const" in node:
        yield [("", node["const"])]
    if "enum" in node:
        yield [("", one) for one in node["enum"]]
    for branches in alternatives(node):
        inner = [
            (said(flat(branch), "title"), [pairs for one in flat(branch) for pairs in _listed(one)])
            for branch in branches
        ]
        if all(lists for _, lists in inner):
            yield [(title or own, value) for title, lists in inner for own, value in lists[0]]


def _choices(pairs: Pairs) -> tuple[Choice, ...]:
    """Each value once, under a text of its own: itself where it is a text, JSON where that would not tell two apart."""
    kept: dict[bytes, tuple[str, Any]] = {}
    for title, value in pairs:
        kept.setdefault(key(value), (title, value))
    once = list(kept.values())
    plain = [value if isinstance(value, str) else as_json(value) for _, value in once]
    clear = len(set(plain)) == len(plain) and all(text.strip() and "\n" not in text for text in plain)
    texts = plain if clear else [as_json(value) for _, value in once]
    return tuple(Choice(text, title or text, value) for text, (title, value) in zip(texts, once, strict=True))


def _traits(nodes: Nodes) -> Traits:
    if any(node.get("secret") is True for node in nodes):
        return {"kind": "secret"}
    options = choices(nodes)
    if options is not None:
        return {"kind": "choice", "choices": options}
    make = BY_TYPE.get(types(nodes))
    return make(nodes) if make else {"kind": "json"}


def _default(field: Field, nodes: Nodes) -> tuple[str, ...]:
    """The first default that the field can say, as it is typed."""
    for value in (node["default"] for node in nodes if "default" in node):
        texts = printed(field, value)
        try:
            fits = same(read(field, texts), value)
        except ValueError:
            fits = False
        if fits:
            return tuple(texts)
    return ()


def _string(nodes: Nodes) -> Traits:
    most = _tightest(nodes, "maxLength", min)
    patterns = {node["pattern"] for node in nodes if "pattern" in node}
    alike = len(patterns) == 1 and not OTHERWISE.search(next(iter(patterns)))
    long = not patterns and ((most or 0) > LONG or any("contentMediaType" in node for node in nodes))
    return {
        "kind": "longtext" if long else "text",
        "pattern": patterns.pop() if alike else None,
        "min_length": _tightest(nodes, "minLength", max),
        "max_length": most,
    }


def _tightest(nodes: Nodes, keyword: str, pick: Callable[[list[int]], int]) -> int | None:
    bounds = [int(node[keyword]) for node in nodes if keyword in node]
    return pick(bounds) if bounds else None


def _integer(nodes: Nodes) -> Traits:
    return {"kind": "integer", **_range(nodes, whole=True)}


def _number(nodes: Nodes) -> Traits:
    return {"kind": "number", **_range(nodes, whole=False)}


def _range(nodes: Nodes, *, whole: bool) -> Traits:
    """Bounds on the grid of what the value is a multiple of: a browser counts its steps from the lower one."""
    low = [_exact(node["minimum"]) for node in nodes if "minimum" in node]
    low += [_above(node["exclusiveMinimum"], whole) for node in nodes if "exclusiveMinimum" in node]
    high = [_exact(node["maximum"]) for node in nodes if "maximum" in node]
    high += [-_above(-node["exclusiveMaximum"], whole) for node in nodes if "exclusiveMaximum" in node]
    steps = [_exact(node["multipleOf"]) for node in nodes if "multipleOf" in node] + [Decimal(1)] * whole
    least, most = max(low, default=None), min(high, default=None)
    if not steps:
        return {"minimum": _plain(least), "maximum": _plain(most), "step": None}
    shift = max(0, *(-int(one.as_tuple().exponent) for one in (*low, *high, *steps)))
    step = math.lcm(*(_scaled(one, shift) for one in steps))
    first = None if least is None else _unscaled(-(-_scaled(least, shift) // step) * step, shift)
    last = None if most is None else _unscaled(_scaled(most, shift) // step * step, shift)
    return {"minimum": first, "maximum": last, "step": _unscaled(step, shift)}


def _exact(value: float) -> Decimal:
    """A number as it is written: 0.1 is a tenth."""
    return Decimal(repr(value))


def _above(bound: float, whole: bool) -> Decimal:  # noqa: FBT001 -- whether the value is a whole number
    """The least that is above the bound, where there is one: a browser cannot be told more of fractions."""
    return Decimal(math.floor(bound) + 1) if whole else _exact(bound)


def _scaled(value: Decimal, shift: int) -> int:
    return int(value.scaleb(shift))


def _unscaled(value: int, shift: int) -> float:
    whole, rest = divmod(value, 10**shift)
    return float(Decimal(value).scaleb(-shift)) if rest and not too_large(whole) else whole


def _plain(value: Decimal | None) -> float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _list(nodes: Nodes) -> Traits:
    """Choices where each stands once, lines where an item is one, else JSON."""
    inner = [one for node in nodes if "items" in node for one in flat(node["items"])]
    if any("prefixItems" in node for node in nodes):
        return {"kind": "json"}
    item = _traits(inner)
    bounds = {"min_items": _tightest(nodes, "minItems", max), "max_items": _tightest(nodes, "maxItems", min)}
    if item.get("choices"):
        once = any(node.get("uniqueItems") for node in nodes)
        return {"kind": "choices" if once else "lines", "item": "choice", "choices": item["choices"], **bounds}
    if item["kind"] not in ("text", "longtext", "integer", "number"):
        return {"kind": "json"}
    kind: Kind = "text" if item["kind"] == "longtext" else item["kind"]
    return {"kind": "lines", "item": kind, "pattern": item.get("pattern"), **bounds}


BY_TYPE: dict[frozenset[str], Callable[[Nodes], Traits]] = {
    frozenset({"string"}): _string,
    frozenset({"integer"}): _integer,
    frozenset({"integer", "number"}): _number,
    frozenset({"boolean"}): lambda _: {"kind": "flag"},
    frozenset({"array"}): _list,
}
"""What asks for a value of one type; several types are asked for as JSON."""
