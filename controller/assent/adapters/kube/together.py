"""Reads that several threads want at once, made once: each gets what was read after it had asked."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked", bound=Hashable)
_Told = TypeVar("_Told")


class Together(Generic[_Asked, _Told]):
    """`read`, for many threads: one read of a thing at a time, and those who ask meanwhile share the next.

    A read that is under way may have been answered before somebody asked, so it is never good enough for them.
    """

    def __init__(self, read: Callable[[_Asked], _Told]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._next: dict[_Asked, Future[_Told]] = {}
        self._under_way: dict[_Asked, Future[_Told]] = {}

    def __call__(self, asked: _Asked) -> _Told:
        """What it is at some moment after this call began.

        Raises:
            Exception: whatever `read` raised, to everybody who shared it.
        """
        with self._lock:
            leads = asked not in self._next
            shared = self._next.setdefault(asked, Future())
            before = self._under_way.get(asked)
        if leads:
            wait([before] if before else [])
            self._answer(asked, shared)
        return shared.result()

    def _answer(self, asked: _Asked, shared: Future[_Told]) -> None:
        """Reads for whoever has asked by now."""
        with self._lock:
            self._under_way[asked] = self._next.pop(asked)
        try:
            shared.set_result(self._read(asked))
        except BaseException as error:  # noqa: BLE001 -- it is raised where the answer is asked for
            shared.set_exception(error)
        with self._lock:
            if self._under_way.get(asked) is shared:
                del self._under_way[asked]
