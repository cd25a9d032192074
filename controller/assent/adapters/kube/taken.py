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
    """What was taken in last of a kind; `followed` is how far its watch was, None where a list came after it."""

    def __init__(self) -> None:
        self.followed: Shelf | None = None
        self._identities: Identities = {}
        self._at = 0  # the version of the last list

    def __len__(self) -> int:
        return len(self._identities)

    def first(self) -> Key:
        """One of the objects, and the same one for as long as it is there."""
        return next(iter(self._identities))

    def same(self, there: Identities, at: int) -> bool:
        """Whether a list says what is known already; then all of it is known to be so at the list's version."""
        if there != self._identities:
            return False
        self._at = at
        return True

    def listed(self, items: Iterable[Held], at: int, then: Shelf | None) -> News:
        """What a list brings; nothing where the watch has told of later versions since the list was asked for.

        `then` is what was `followed` at that time.
        """
        now = self.followed
        if now is not None and now is not then and now.reached >= at:
            return {}
        self._at, self.followed = at, None
        return self._all(items)

    def watched(self, shelf: Shelf) -> News | None:
        """What the watch brings; None while it has not come as far as a list that was taken in."""
        before = self.followed
        if self._at > shelf.reached:
            return None
        self.followed = shelf
        if before is None:
            return self._all(shelf.held.values())
        news = {name: shelf.find(name) for name in shelf.since_then(before)}
        for name, item in news.items():
            self._put(name, item)
        return news

    def _all(self, items: Iterable[Held]) -> News:
        """All that there is."""
        there = {key(item): item for item in items}
        gone = dict.fromkeys(self._identities.keys() - there.keys())
        self._identities = identities(there.values())
        return {**there, **gone}

    def _put(self, name: Key, item: Held | None) -> None:
        if item is None:
            self._identities.pop(name, None)
        else:
            self._identities[name] = identity(item)
