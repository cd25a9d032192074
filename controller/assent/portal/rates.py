"""How often each may ask, counted in this process's memory: by address and session first, then by person."""

import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from threading import Lock
from typing import Final

from limits import RateLimitItem, parse
from starlette.requests import HTTPConnection

from assent.portal.sessions import Person
from assent.portal.settings import Rates

TOO_MANY: Final = "Too many requests; try again in {wait} seconds."


class TooOftenError(Exception):
    """Somebody asks more often than one person may; `wait` are the seconds until they may again."""

    def __init__(self, wait: int, message: str = TOO_MANY) -> None:
        super().__init__(message.format(wait=wait))
        self.wait = wait
        self.message = message.format(wait=wait)


class Limits:
    """The counters of one panel; `Rates` says how much each bears."""

    def __init__(self, rates: Rates) -> None:
        self._windows = {name: Window(parse(rate)) for name, rate in vars(rates).items() if rate}

    def wait(self, keys: Mapping[str, str]) -> int:
        """Seconds until this may be asked again; 0: now, and it is counted. `keys` are who asks, by rate."""
        for name, key in keys.items():
            window = self._windows.get(name)
            left = window.hit(key, time.monotonic()) if window is not None and key else 0
            if left:
                return left
        return 0


class Window:
    """When each has asked, as far back as one rate looks.

    Whoever has not asked since is forgotten, so that a flood from ever new addresses fills no memory.
    """

    def __init__(self, item: RateLimitItem) -> None:
        self._item = item
        self._lasting = item.get_expiry()
        self._asked: OrderedDict[str, list[float]] = OrderedDict()
        """Those who asked last come last."""
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._asked)

    def hit(self, key: str, now: float) -> int:
        """Seconds until this one may ask again; 0: now, and it is counted."""
        with self._lock:
            self._forget(now)
            times = self._asked.setdefault(key, [])
            if len(times) == self._item.amount:
                if now - times[0] < self._lasting:
                    return max(1, math.ceil(times[0] + self._lasting - now))
                del times[0]
            times.append(now)
            self._asked.move_to_end(key)
            return 0

    def _forget(self, now: float) -> None:
        """Two for each that may be new: what is over becomes less."""
        for key in list(islice(self._asked, 2)):
            if now - self._asked[key][-1] >= self._lasting:
                del self._asked[key]


def spend(connection: HTTPConnection, rate: str, me: Person, message: str = TOO_MANY) -> None:
    """Counts one more of this person's, under whatever name they come; raises TooOftenError where it is too many."""
    limits: Limits = connection.app.state.limits
    wait = limits.wait({rate: me.counted})
    if wait:
        raise TooOftenError(wait, message)
