"""One kind of configuration as lists and its watch have told of it: which objects there are, each at which version.

It makes no calls. Whoever asks and tells sees to it that one thread does at a time.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from assent.adapters.kube.shelf import Held, Key, Shelf, identity, key

News: TypeAlias = Mapping[Key, Held | None]
"""Objects as they are by now; None: it is no more."""

Identities: TypeAlias = dict[Key, tuple[object, object]]
"""Which object lies in each place, and which version of it."""


def identities(items: Iterable[Held]) -> Identities:
    """Those of a list, be it of metadata alone."""
    return {key(item): identity(item) for item in items}


class Taken:
    """What was taken in last of a kind; `moves` counts how often anything was.

    Whoever asks for a list notes `moves` before: what others took in since may be later than the list's answer.
    """

    def __init__(self) -> None:
        self.moves = 0
        self._followed: Shelf | None = None  # how far the watch was; None where a list came after it
        self._identities: Identities = {}
        self._at = 0  # the version of the last list

    def __len__(self) -> int:
        return len(self._identities)

    def first(self) -> Key:
        """One of the objects, and the same one for as long as it is there."""
        return next(iter(self._identities))

    def same(self, there: Identities, at: int, then: int) -> bool:
        """Whether a list says what is known already; then all of it is known to be so at the list's version."""
        if there != self._identities:
            return False
        self._at = max(self._at, at) if self.moves != then else at
        self.moves += 1
        return True

    def listed(self, items: Iterable[Held], at: int, then: int) -> News:
        """What a list brings; nothing where later versions were taken in since it was asked for.

        `then` is what `moves` was at that time. A list that is behind what was known before is a restored server's.
        """
        if self.moves != then and self._known >= at:
            return {}
        self._at, self._followed = at, None
        return self._all(items)

    def watched(self, shelf: Shelf) -> News | None:
        """What the watch brings; None while it has not come as far as a list that was taken in."""
        before = self._followed
        if self._at > shelf.reached:
            return None
        if shelf is before:
            return {}
        self._followed = shelf
        if before is None:
            return self._all(shelf.held.values())
        news = {name: shelf.find(name) for name in shelf.since_then(before)}
        for name, item in news.items():
            self._put(name, item)
        self.moves += 1
        return news

    def forget(self) -> None:
        """What was taken in came to nothing: only which objects there were is known, so the next look brings all."""
        self._identities = dict.fromkeys(self._identities, (None, None))
        self._at, self._followed = 0, None
        self.moves += 1

    @property
    def _known(self) -> int:
        """The version that all of it is of."""
        return max(self._at, self._followed.reached if self._followed else 0)

    def _all(self, items: Iterable[Held]) -> News:
        """All that there is."""
        self.moves += 1
        there = {key(item): item for item in items}
        gone = dict.fromkeys(self._identities.keys() - there.keys())
        self._identities = {name: identity(item) for name, item in there.items()}
        return {**there, **gone}

    def _put(self, name: Key, item: Held | None) -> None:
        if item is None:
            self._identities.pop(name, None)
        else:
            self._identities[name] = identity(item)
