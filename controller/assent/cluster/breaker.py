"""A breaker for writes: one object gets no more status writes a minute than this, whatever drives them."""

from collections import deque
from collections.abc import Hashable

LIMIT = 30
WINDOW = 60.0
"""Seconds in which an object gets at most `LIMIT` writes."""


class Breaker:
    """Counts writes by object; `now` is in seconds, of a clock that never goes back."""

    def __init__(self, limit: int = LIMIT, window: float = WINDOW) -> None:
        self._limit, self._window = limit, window
        self._writes: dict[Hashable, deque[float]] = {}
        self._swept = float("-inf")

    def allows(self, key: Hashable, now: float) -> bool:
        """Whether one more write for this object may be made now; it is counted where it may."""
        self._sweep(now)
        writes = self._writes.setdefault(key, deque())
        while writes and now - writes[0] >= self._window:
            writes.popleft()
        if len(writes) >= self._limit:
            return False
        writes.append(now)
        return True

    def again(self, key: Hashable, now: float) -> float:
        """In how many seconds another write for this object may be made; 0: now."""
        writes = self._writes.get(key, ())
        counted = [at for at in writes if now - at < self._window]
        return counted[0] + self._window - now if len(counted) >= self._limit else 0.0

    def __len__(self) -> int:
        return len(self._writes)

    def _sweep(self, now: float) -> None:
        """Once a window, forgets the objects that have not been written in it, or all that ever lived would stay."""
        if now - self._swept < self._window:
            return
        self._swept = now
        self._writes = {key: at for key, at in self._writes.items() if at and now - at[-1] < self._window}
