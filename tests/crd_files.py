"""Reads `crds/`: every schema by its kind, every field by its path, and values that a schema accepts."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]

KEYS = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl maria",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
]
"""Public keys; nobody has the private ones."""


@cache
def crds() -> dict[str, dict[str, Any]]:
    """Every CRD by its kind."""
    documents = [yaml.safe_load(file.read_bytes()) for file in sorted((ROOT / "crds").glob("*.yaml"))]
    return {one["spec"]["names"]["kind"]: one for one in documents}


def schema(kind: str) -> dict[str, Any]:
    """The structural schema of one kind."""
    (version,) = crds()[kind]["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema and all below it by path: `spec.stages[].quorum`, `spec.entries[].levels{}`."""
    yield path, node
    for name, below in node.get("properties", {}).items():
        yield from nodes(below, f"{path}.{name}" if path else name)
    if "items" in node:
        yield from nodes(node["items"], f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from nodes(node["additionalProperties"], f"{path}{{}}")


def python(pattern: str) -> str:
    r"""A pattern of RE2 as Python reads it: `\x{200b}` is `\U0000200b` there."""
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: rf"\U{int(code[1], 16):08x}", pattern)


JSON = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("aé €-_", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def values(node: dict[str, Any], path: str = "") -> st.SearchStrategy[Any]:
    """Values that the schema accepts; what only its CEL rules refuse is among them."""
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node["type"] == "object":
        return _objects(node, path)
    if node["type"] == "array":
        once = "uniqueItems" if node["x-kubernetes-list-type"] == "set" else None
        keys = node.get("x-kubernetes-list-map-keys")
        by = (lambda item: tuple(item[key] for key in keys)) if keys else (lambda item: item) if once else None
        items = values(node["items"], f"{path}[]")
        return st.lists(items, min_size=node.get("minItems", 0), max_size=3, unique_by=by)
    if node["type"] == "integer":
        return st.integers(node["minimum"], node["maximum"])
    return st.booleans() if node["type"] == "boolean" else _texts(node, path)


def _objects(node: dict[str, Any], path: str) -> st.SearchStrategy[dict[str, Any]]:
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return st.dictionaries(st.text("abc", min_size=1, max_size=3), JSON, max_size=3)
    if "additionalProperties" in node:
        return st.dictionaries(st.text("abc", min_size=1, max_size=3), values(node["additionalProperties"]), max_size=3)
    fields = {name: values(below, f"{path}.{name}") for name, below in node["properties"].items()}
    required = set(node.get("required", []))
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    )


def _texts(node: dict[str, Any], path: str) -> st.SearchStrategy[str]:
    if path.endswith("publicKey"):
        return st.sampled_from(KEYS)
    if node.get("format") == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
    pattern = python(node["pattern"])
    if pattern.startswith("^[^"):
        alphabet = [chr(code) for code in (*range(0x20, 0x7F), 0xE9, 0x20AC, 0x1F600)]
        allowed = [one for one in alphabet if re.fullmatch(pattern, one)]
        return st.text(allowed, min_size=node.get("minLength", 1), max_size=min(node["maxLength"], 12))
    found = st.from_regex(pattern.strip("^$") if pattern.count("|") == 0 else pattern, fullmatch=True)
    return found.filter(lambda text: node.get("minLength", 0) <= len(text) <= node["maxLength"])


def documents(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Documents of one kind that its schema accepts."""
    metadata = {"name": "one"} if crds()[kind]["spec"]["scope"] == "Cluster" else {"name": "one", "namespace": "acme"}
    head = {"apiVersion": "assent.dev/v1alpha1", "kind": kind, "metadata": metadata}
    return values(schema(kind)["properties"]["spec"], "spec").map(lambda spec: {**head, "spec": spec})
