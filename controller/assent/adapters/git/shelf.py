"""A map that never changes and is cheap to copy with a few changes."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")

_SHARDS = 256
"""At 10,000 keys a change copies 40 of them and a list of 256: a microsecond or two."""


class Shelf(Generic[_Key, _Item]):
    """Keys spread over small dictionaries; a changed copy shares all that it does not change.

    Every commit of a walk has one of these for its paths and one for its documents, however wide the graph is.
    """

    __slots__ = ("_shards",)

    def __init__(self, items: Mapping[_Key, _Item] | None = None) -> None:
        self._shards: list[dict[_Key, _Item]] = [{} for _ in range(_SHARDS)]
        for key, item in (items or {}).items():
            self._shards[hash(key) % _SHARDS][key] = item

    def __contains__(self, key: _Key) -> bool:
        return key in self._shards[hash(key) % _SHARDS]

    def get(self, key: _Key) -> _Item | None:
        """The item, or None."""
        return self._shards[hash(key) % _SHARDS].get(key)

    def items(self) -> Iterator[tuple[_Key, _Item]]:
        """All of them, in no order."""
        for shard in self._shards:
            yield from shard.items()

    def changed(self, changes: Mapping[_Key, _Item | None]) -> "Shelf[_Key, _Item]":
        """A copy with these items; None takes a key away."""
        shards = list(self._shards)
        copied = set()
        for key, item in changes.items():
            at = hash(key) % _SHARDS
            if at not in copied:
                copied.add(at)
                shards[at] = dict(shards[at])
            if item is None:
                shards[at].pop(key, None)
            else:
                shards[at][key] = item
        copy: Shelf[_Key, _Item] = Shelf.__new__(Shelf)
        copy._shards = shards
        return copy
