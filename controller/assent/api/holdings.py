"""All objects of configuration at one moment, which know by what they differ from some moments before.

So what follows from them is put right where they differ, and nobody compares ten thousand objects for one change.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TypeAlias

from assent.api.names import Ident
from assent.api.sightings import Sighting

Objects: TypeAlias = Mapping[Ident, Sighting]

REMEMBERED = 256
"""Moments before this one of which it is known what has changed since; against others all is compared.

Everybody who follows the holding does so at their own pace, and a webhook moves it on with each write.
"""


class Holding(dict[Ident, Sighting]):
    """The objects of one moment, by name. It is never changed: `after` makes another one of it."""

    __slots__ = ("_moment", "_steps")

    def __init__(self, objects: Objects = MappingProxyType({})) -> None:
        super().__init__(objects)
        self._moment = object()
        # Newest first: what stands for the moment before, and what has changed since; its objects are not kept.
        self._steps: tuple[tuple[object, frozenset[Ident]], ...] = ()

    def after(self, news: Mapping[Ident, Sighting | None]) -> "Holding":
        """The next moment, by the news of some objects (None: it is no more); this one where they change nothing."""
        changed = {ident: one for ident, one in news.items() if one != self.get(ident)}
        if not changed:
            return self
        made = Holding(self)
        made.update((ident, one) for ident, one in changed.items() if one is not None)
        for ident in [ident for ident, one in changed.items() if one is None]:
            del made[ident]
        made._steps = ((self._moment, frozenset(changed)), *self._steps[: REMEMBERED - 1])
        return made

    def since(self, before: "Holding") -> Collection[Ident] | None:
        """What may differ from those of another moment; None where that is not remembered."""
        changed: set[Ident] = set()
        if before._moment is self._moment:  # noqa: SLF001 -- of the same kind
            return changed
        for moment, news in self._steps:
            changed |= news
            if moment is before._moment:  # noqa: SLF001 -- the same
                return changed
        return None


def differing(before: Objects, held: Objects) -> Collection[Ident]:
    """Whatever may not be what it was: a few too many at most, and never one too few."""
    found = held.since(before) if isinstance(before, Holding) and isinstance(held, Holding) else None
    if found is not None:
        return found
    return [ident for ident in before.keys() | held.keys() if before.get(ident) is not held.get(ident)]
