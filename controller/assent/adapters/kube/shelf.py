"""What is known of one collection of objects, as a value: a list makes it, events replace it, nothing changes it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from assent.errors import ClusterError

Key = tuple[str, str]
"""Namespace (empty for what lies in none) and name."""

Held = Mapping[str, Any]
"""An object as the API server holds it."""

GONE = 410

FEW = 64
"""Changes that are kept beside the objects: each copies as many, and all objects are copied once in so many."""


@dataclass(frozen=True)
class Shelf:
    """The objects of a collection by key, and the resourceVersion that they are all of.

    `base` is how they were some events ago, `since` what has changed; None: it is gone.
    """

    base: MappingProxyType[Key, Held] = field(default_factory=lambda: MappingProxyType({}))
    at: str = ""
    since: Mapping[Key, Held | None] = field(default_factory=dict)

    @cached_property
    def held(self) -> MappingProxyType[Key, Held]:
        """All of them."""
        if not self.since:
            return self.base
        both = self.base | self.since
        for name, item in self.since.items():
            if item is None:
                both.pop(name, None)
        return MappingProxyType(both)  # type: ignore[arg-type] # what is None was taken out

    @property
    def reached(self) -> int:
        """That version as a number; 0 before the first list."""
        return int(self.at) if self.at.isdigit() else 0

    def since_then(self, before: "Shelf") -> list[Key]:
        """Whose objects are not the ones of an earlier moment."""
        if before.base is self.base:
            names: Iterable[Key] = before.since.keys() | self.since.keys()
        else:
            names = before.held.keys() | self.held.keys()
        return [name for name in names if before.find(name) is not self.find(name)]

    def find(self, name: Key) -> Held | None:
        """One object."""
        return self.since[name] if name in self.since else self.base.get(name)

    def put(self, name: Key, item: Held | None, at: str) -> "Shelf":
        """The shelf with this object as it is from a later version on."""
        after = Shelf(self.base, at, {**self.since, name: item})
        return after if len(after.since) <= FEW else Shelf(after.held, at)


def listed(pages: Iterable[Held]) -> Shelf:
    """What a whole list says, in however many pages it came.

    Raises:
        ClusterError: it is no list.
    """
    held: dict[Key, Held] = {}
    at = ""
    for page in pages:
        at = at or _version(page)
        held.update((key(item), item) for item in items(page))
    return Shelf(MappingProxyType(held), at)


def items(page: Held) -> Iterator[Held]:
    """The objects of a list, which says only once what all of them are."""
    kind, version = str(page.get("kind", "")).removesuffix("List"), page.get("apiVersion")
    for item in page.get("items") or ():
        yield {"apiVersion": version, "kind": kind} | item


def told(shelf: Shelf, event: Held) -> tuple[Shelf, Key | None]:
    """The shelf after one event of a watch, and whose object it changed; None where nothing changed.

    Raises:
        ClusterError: the watch says that it failed, or it cannot be followed any further: only a new list helps.
    """
    type_, item = event.get("type"), event.get("object")
    if type_ == "ERROR" or not isinstance(item, Mapping):
        raise _failed(item)
    at = _version(item)
    if _before(at, shelf.at):
        raise ClusterError(f"the watch went back from version {shelf.at} to {at}", reason="OutOfOrder")
    if type_ == "BOOKMARK":
        return replace(shelf, at=at), None
    name, before = key(item), shelf.find(key(item))
    if type_ == "DELETED":
        return shelf.put(name, None, at), name if before is not None else None
    same = identity(before or {}) == identity(item)
    return shelf.put(name, item, at), None if same else name


def changes(before: Shelf, after: Shelf) -> list[Key]:
    """Whose objects differ between two lists: new, changed, gone, or another one under the same name."""
    names = before.held.keys() | after.held.keys()
    return sorted(name for name in names if identity(before.held.get(name, {})) != identity(after.held.get(name, {})))


def key(item: Held) -> Key:
    """Where the object lies.

    Raises:
        ClusterError: it is no object.
    """
    metadata = _metadata(item)
    if not metadata.get("name"):
        raise ClusterError("the API server sent an object without a name", reason="Malformed")
    return str(metadata.get("namespace") or ""), str(metadata["name"])


def _metadata(item: Held) -> Mapping[str, Any]:
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    if not isinstance(metadata, Mapping):
        raise ClusterError("the API server sent something that is no object", reason="Malformed")
    return metadata


def _version(item: Held) -> str:
    version = str(_metadata(item).get("resourceVersion") or "")
    if not version:
        raise ClusterError("the API server sent an object without a version", reason="Malformed")
    return version


def identity(item: Held) -> tuple[object, object]:
    """Which object it is, and which version of it; a restored server gives versions again, and never a uid."""
    metadata = item.get("metadata") or {}
    return metadata.get("uid"), metadata.get("resourceVersion")


def supersedes(one: Held, other: Held) -> bool:
    """Whether it is another object of the name than the other, or a later version of it."""
    (uid, version), (its, before) = identity(one), identity(other)
    return uid != its or _before(str(before), str(version))


def _before(one: str, other: str) -> bool:
    """Versions of one collection are numbers that only grow (Kubernetes 1.35 says so for all of its own)."""
    return one.isdigit() and other.isdigit() and int(one) < int(other)


def _failed(status: object) -> ClusterError:
    said = status if isinstance(status, Mapping) else {}
    code = said.get("code")
    return ClusterError(
        f"the watch failed: {said.get('message') or 'it did not say why'}",
        status=code if isinstance(code, int) else 0,
        reason=str(said.get("reason") or "Malformed"),
    )
