"""Where a node stands, found when somebody asks: reading keeps no places, and findings are few."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from yaml._yaml import CParser, Mark
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from assent.adapters.documents.loader import load
from assent.api.findings import Place

_FILES_KEPT = 4


@dataclass(slots=True)
class _Spot:
    """One node's line and column, its key's where it has one, and what is in it by key or number."""

    line: int
    column: int
    inside: dict[str | int, "_Spot"] = field(default_factory=dict)
    key: tuple[int, int] | None = None
    block: bool = False


def place_of(data: bytes, file: str, index: int, path: tuple[str | int, ...], *, key: bool = False) -> Place:
    """The place of a node in the document `index` of a file that `load` accepts.

    It is the value's; of a mapping or list that begins below its key, the key's. `key=True` asks for the key's always.
    Of a path that is not there, the place is that of its longest known beginning: where a field is missing.
    A document that is not there, or bytes with findings of their own, give the file alone.
    """
    spots = _spots(data)
    if not 0 <= index < len(spots):
        return Place(file)
    spot = spots[index]
    for step in path:
        if step not in spot.inside:
            key = False
            break
        spot = spot.inside[step]
    line, column = spot.key if spot.key and (key or spot.block) else (spot.line, spot.column)
    return Place(file, line, column)


@lru_cache(maxsize=_FILES_KEPT)
def _spots(data: bytes) -> tuple[_Spot, ...]:
    """Each document's root; kept for the last files, since a file with one finding often has a thousand."""
    if not load(data).documents:
        return ()
    # Accepted text has no alias, no syntax error and no depth to speak of: what follows cannot fail.
    event = cast("Callable[[], Event]", CParser(data).get_event)
    event()
    found = []
    while isinstance(event(), DocumentStartEvent):
        first = event()
        if isinstance(first, CollectionStartEvent):
            found.append(_spot(first, event))
        event()
    return tuple(found)


def _spot(start: Event, event: Callable[[], Event]) -> _Spot:
    spot = _Spot(*_position(start))
    if isinstance(start, CollectionStartEvent):
        spot.block = not start.flow_style
        named = isinstance(start, MappingStartEvent)
        while not isinstance(inner := event(), CollectionEndEvent):
            if named and isinstance(inner, ScalarEvent):
                value = _spot(event(), event)
                value.key = _position(inner)
                spot.inside[inner.value] = value
            else:
                spot.inside[len(spot.inside)] = _spot(inner, event)
    return spot


def _position(event: Event) -> tuple[int, int]:
    mark = cast("Mark", event.start_mark)
    return mark.line + 1, mark.column + 1
