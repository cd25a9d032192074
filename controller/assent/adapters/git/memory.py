"""What is known of one repository's objects: memos over values that their names fix for ever, each of them bounded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from assent.adapters.git.contents import Content, Saying, Value
from assent.adapters.git.headers import Header
from assent.adapters.git.state import State
from assent.api.names import Ident

_Item = TypeVar("_Item")

_CONTENTS = 50_000
_VALUE_BYTES = 32 << 20
_LOGGED = 500_000
_STATES = 32
_FOLDERS = 200_000


class Bounded(Generic[_Item]):
    """A map that forgets what was used longest ago when the weights of its items pass a bound."""

    def __init__(self, bound: int, weigh: Callable[[_Item], int] = lambda _: 1) -> None:
        self._items: dict[str, _Item] = {}
        self._bound = bound
        self._weigh = weigh
        self._weight = 0

    def get(self, name: str) -> _Item | None:
        """The item, or None; it counts as used."""
        item = self._items.pop(name, None)
        if item is not None:
            self._items[name] = item
        return item

    def put(self, name: str, item: _Item) -> None:
        """Keeps an item, and forgets others where there is no room."""
        before = self._items.pop(name, None)
        self._weight += self._weigh(item) - (self._weigh(before) if before is not None else 0)
        self._items[name] = item
        while self._weight > self._bound and len(self._items) > 1:
            self._weight -= self._weigh(self._items.pop(next(iter(self._items))))

    def latest(self) -> _Item | None:
        """What was used last."""
        return next(reversed(self._items.values()), None)


Log = dict[Ident, Saying]
"""What a commit says otherwise than its first parent: the new sayings."""


@dataclass(slots=True)
class Memory:
    """Everything that a store remembers between two looks; the name of an object or commit is the key to each."""

    contents: Bounded[Content] = field(default_factory=lambda: Bounded(_CONTENTS))
    values: Bounded[tuple[int, tuple[Value, ...]]] = field(
        default_factory=lambda: Bounded(_VALUE_BYTES, lambda kept: kept[0])
    )
    folders: Bounded[dict[bytes, tuple[str, str]]] = field(
        default_factory=lambda: Bounded(_FOLDERS, lambda folder: len(folder) + 1)
    )
    checked: Bounded[bool] = field(default_factory=lambda: Bounded(_FOLDERS))
    states: Bounded[State] = field(default_factory=lambda: Bounded(_STATES))
    logs: Bounded[Log] = field(default_factory=lambda: Bounded(_LOGGED, lambda log: len(log) + 1))
    headers: dict[str, Header] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
