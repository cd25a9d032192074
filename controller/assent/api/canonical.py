"""Canonical JSON (RFC 8785) and SHA-256 over it: one value, one text, one digest."""

import hashlib
import json
from collections.abc import Mapping
from types import NoneType
from typing import Any

import rfc8785

from assent.api.base import MAX_INTEGER, Resource

_plainly = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode
_LEAVES = frozenset({str, bool, NoneType})


def canonical(value: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    """The one text of a JSON value; raises ValueError for what JSON cannot say (NaN, integers beyond 2^53-1).

    Most values are plain, and of those Python's own encoder, which is written in C, says the very same.
    """
    try:
        return _plainly(value).encode() if _plain(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(f"no canonical JSON: {error}") from error


def _plain(value: object) -> bool:
    """Whether nothing is in it that RFC 8785 writes in its own way: fractions, and names that it sorts by UTF-16."""
    if type(value) in _LEAVES:
        return True
    if type(value) is dict:
        return all(type(name) is str and name.isascii() and _plain(one) for name, one in value.items())
    if type(value) is list or type(value) is tuple:
        return all(map(_plain, value))
    return type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER


def sha256(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """SHA-256 over the canonical JSON, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 -- any JSON values
    """Whether two values are one to JSON, where 1 is 1.0 and not true; what JSON cannot say is like nothing."""
    try:
        return canonical(one) == canonical(other)
    except ValueError:
        return False


def revision(document: Resource) -> str:
    """A document's revision: the digest of its `spec` with its defaults filled in (metadata is not in it)."""
    return sha256(document.plain()["spec"])


def too_large(value: Any) -> bool:  # noqa: ANN401 -- any JSON value
    """Whether an integer beyond 2^53-1 stands anywhere in it: readers of JSON would disagree on it.

    `1e16` is one as well: the API server hands it on as 10000000000000000.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(value) > MAX_INTEGER and value == value // 1
    if isinstance(value, Mapping):
        return any(too_large(item) for item in value.values())
    return isinstance(value, list | tuple) and any(too_large(item) for item in value)
