"""All objects of configuration at one moment, which know by what they differ from some moments before.

So what follows from them is put right where they differ, and nobody compares ten thousand objects for one change.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TypeAlias

from assent.api.names import Ident
from assent.api.sightings import Sighting

Objects: TypeAlias = Mapping[Ident, Sighting]

REMEMBERED = 4
"""Moments before this one of which it is known what has changed since; against others all is compared."""


class Holding(dict[Ident, Sighting]):
    """The objects of one moment, by name. It is never changed: `after` makes another one of it."""

    __slots__ = ("_steps",)

    def __init__(self, objects: Objects = MappingProxyType({})) -> None:
        super().__init__(objects)
        # Newest first: what stands for a moment, and what has changed since; the objects of then are not kept.
        self._steps: tuple[tuple[object, frozenset[Ident]], ...] = ((object(), frozenset()),)

    def after(self, told: Mapping[Ident, Sighting | None]) -> "Holding":
        """The next moment, by what is told of some objects (None: it is no more); this one where that is no news."""
        news = {ident: one for ident, one in told.items() if one != self.get(ident)}
        if not news:
            return self
        made = Holding(self)
        made.update((ident, one) for ident, one in news.items() if one is not None)
        for ident in [ident for ident, one in news.items() if one is None]:
            del made[ident]
        made._steps += tuple((moment, since | news.keys()) for moment, since in self._steps[:REMEMBERED])
        return made

    def since(self, before: "Holding") -> Collection[Ident] | None:
        """What may differ from those of another moment; None where that is not remembered."""
        moment = before._steps[0][0]  # noqa: SLF001 -- of the same kind
        return next((differ for one, differ in self._steps if one is moment), None)


def differing(before: Objects, held: Objects) -> Collection[Ident]:
    """Whatever may not be what it was: a few too many at most, and never one too few."""
    found = held.since(before) if isinstance(before, Holding) and isinstance(held, Holding) else None
    if found is not None:
        return found
    return [ident for ident in before.keys() | held.keys() if before.get(ident) is not held.get(ident)]
