"""Long lists a page at a time, with links that need no script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

SIZE: Final = 50
"""Rows a page."""

DIGITS: Final = 9
"""Digits of a page's number that are read."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of how many, of how many rows; `way` is the address of another page with the same filters."""

    page: int
    pages: int
    count: int
    way: Callable[[int], str]

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """The rows of this page."""
        return rows[(self.page - 1) * SIZE : self.page * SIZE]


def paging(request: Request, count: int, filters: Mapping[str, str]) -> Paging:
    """The page that is asked for, or the nearest that there is.

    A filter that is empty stays in the addresses: no organization at all would mean the chosen one.
    """
    pages = max(-(-count // SIZE), 1)
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= DIGITS else 1

    def way(page: int) -> str:
        return f"{request.url.path}?{urlencode({**filters, 'page': page})}"

    return Paging(min(max(number, 1), pages), pages, count, way)
