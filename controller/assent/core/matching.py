"""Maximum matching: as many slots filled as can be, nobody in two of them.

A slot once filled stays filled: the people in the earlier slots move over where that fills one more.
So an overlap neither starves a stage nor fills two with one person.
"""

from collections import deque
from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

Who = TypeVar("Who", bound=Hashable)


def matching(slots: Sequence[Collection[Who]]) -> dict[int, Who]:
    """Who fills which slot, by the slot's position.

    Args:
        slots: who could fill each; the same order gives the same answer, so callers sort.

    Returns:
        as many filled slots as any assignment has, and among those the earliest ones: slot 0 where it can be filled
        at all, slot 1 where it can be filled beside it, and so on (bipartite matching by augmenting paths).
    """
    seated: dict[Who, int] = {}
    for slot in range(len(slots)):
        _seat(slots, slot, seated)
    return {slot: who for who, slot in sorted(seated.items(), key=lambda pair: pair[1])}


def _seat(slots: Sequence[Collection[Who]], slot: int, seated: dict[Who, int]) -> None:
    """Fills the slot if some chain of people moving over makes room; the shortest such chain is taken."""
    reached: dict[Who, int] = {}
    queue = deque([slot])
    while queue:
        here = queue.popleft()
        for who in slots[here]:
            if who in reached:
                continue
            reached[who] = here
            if who not in seated:
                _move(who, reached, seated)
                return
            queue.append(seated[who])


def _move(who: Who, reached: dict[Who, int], seated: dict[Who, int]) -> None:
    """Seats `who` and everybody who moves over for it, back along the chain to the slot that was empty."""
    sitting = {slot: one for one, slot in seated.items()}
    moving: Who | None = who
    while moving is not None:
        slot = reached[moving]
        seated[moving] = slot
        moving = sitting.get(slot)
