"""Several calls side by side: what they take is the API server's time and the network's, not this process's."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 4
"""Calls that are under way together; more would only wait for each other at a small API server."""

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")


def abreast(ask: Callable[[_Asked], _Told], each: Iterable[_Asked]) -> list[_Told]:
    """What each comes to, in their order; where one is refused nothing is said, and no call goes on behind it.

    Raises:
        ClusterError: the first refusal, in their order.
    """
    with ThreadPoolExecutor(AT_ONCE, "abreast") as pool:
        return list(pool.map(ask, each))


def side_by_side(calls: Iterable[Callable[[], _Told]]) -> list[_Told]:
    """What each of these calls comes to, as `abreast` says it."""
    return abreast(lambda call: call(), calls)
