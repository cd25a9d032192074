"""What the API server answers, read from its bytes; of objects of our own group only what anybody here asks for.

Who wrote which field (`managedFields`) is half of many an object. It is read past, so that neither time nor memory goes
into it: a list of ten thousand objects takes a third of both.
"""

from collections.abc import Callable
from typing import Any, TypedDict

import msgspec

from assent.api.names import API_VERSION

OURS = f"/apis/{API_VERSION}/"
"""Where the objects lie whose form is known: our CRDs say which fields they have."""


_mapping: Any = TypedDict  # what it makes here has no fields that a type checker could know


def _form(*fields: str, **inner: Any) -> Any:  # noqa: ANN401 -- a type
    """A mapping of which these fields are kept and no others; whatever is not said of a field may stand in it."""
    return _mapping("_Form", {**dict.fromkeys(fields, Any), **inner}, total=False)


_VERSION = _form("name", "namespace", "uid", "resourceVersion", "generation")
_VERSIONS = msgspec.json.Decoder(_form("metadata", items=list[_form(metadata=_VERSION)]))  # type: ignore[misc] # a type

_METADATA = _form(
    *("name", "namespace", "uid", "resourceVersion", "generation", "labels", "annotations", "finalizers"),
    *("ownerReferences", "generateName", "selfLink", "continue", "remainingItemCount"),
    *("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
_FIELDS = ("apiVersion", "kind", "spec", "status", "code", "reason", "message", "details")
_OBJECT = _form(*_FIELDS, metadata=_METADATA)
_OBJECTS = msgspec.json.Decoder(_form(*_FIELDS, metadata=_METADATA, items=list[_OBJECT]))  # type: ignore[valid-type] # a type
_EVENT = msgspec.json.Decoder(_form("type", object=_OBJECT))
_WHATEVER = msgspec.json.Decoder()


def whole(path: str) -> Callable[[bytes], Any]:
    """How an object, or a list of them, is read that lies there."""
    return _reader(_OBJECTS) if path.startswith(OURS) else _WHATEVER.decode


def event(path: str) -> Callable[[bytes], Any]:
    """How one line of a watch is read."""
    return _reader(_EVENT) if path.startswith(OURS) else _WHATEVER.decode


def versions(data: bytes) -> Any:  # noqa: ANN401 -- JSON
    """A list of which nothing is kept but which object each is, and which version of it."""
    return _reader(_VERSIONS)(data)


def _reader(decoder: msgspec.json.Decoder[Any]) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:  # noqa: ANN401 -- JSON
        try:
            return decoder.decode(data)
        except msgspec.ValidationError:
            return _WHATEVER.decode(data)  # it has another form: whoever reads it says what is wrong with it

    return read
