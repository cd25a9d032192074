"""How long to wait before a call is made again: longer each time, never quite the same, and as the server asks."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST = 0.5
LONGEST = 30.0
"""Seconds; the bounds of the wait after the first fault and after many."""

HONOURED = 60.0
"""Seconds; a server that asks for more than this is asked again after this all the same."""


_CHANCE = random.Random()  # noqa: S311 -- it spreads load, and hides nothing
"""One of our own: threads that wait draw from no one else's."""


def backoff(faults: int, *, base: float = SHORTEST, cap: float = LONGEST) -> float:
    """Seconds to wait after so many faults in a row: doubled each time, with up to half of it taken off by chance."""
    return jittered(min(cap, base * 2.0 ** min(max(faults, 1) - 1, 16)), 0.5, 1.0)


def jittered(seconds: float, least: float = 0.85, most: float = 1.15) -> float:
    """About so many seconds, so that what started together does not stay together."""
    return seconds * _CHANCE.uniform(least, most)


def retry_after(header: str | None) -> float:
    """Seconds that a `Retry-After` header asks for, as a number or a date; 0 where it says nothing that helps."""
    try:
        seconds = float(header or 0)
    except ValueError:
        seconds = _until(header or "")
    return min(max(seconds, 0.0), HONOURED) if seconds == seconds else 0.0  # noqa: PLR0124 -- NaN is not itself


def _until(date: str) -> float:
    try:
        return (parsedate_to_datetime(date).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0


class JitteredForever:
    """Waits without end, to be walked any number of times at once: each walk starts at the shortest wait again."""

    def __init__(self, *, base: float = SHORTEST, cap: float = LONGEST) -> None:
        self.base, self.cap = base, cap

    def __iter__(self) -> Iterator[float]:
        """One walk; it never ends."""
        faults = 0
        while True:
            faults += 1
            yield backoff(faults, base=self.base, cap=self.cap)
