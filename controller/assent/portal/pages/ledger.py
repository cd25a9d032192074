"""The history, as far as somebody may read it: looked through page by page, or taken home as a file.

A page reads windows of records back from where it begins, never the whole ledger; each window is proven as it is read.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from assent.api.characters import visible
from assent.api.ledger import Record
from assent.api.records import KINDS, item
from assent.core.history import Reader, Wanted, about
from assent.portal.choosing import sight_of, wanted
from assent.portal.doors import Door
from assent.portal.exporting import chunks, comma_separated, listed
from assent.portal.panel import panel_of
from assent.portal.rates import spend
from assent.portal.refusals import MissingError
from assent.portal.rendering import render
from assent.portal.signing import Me

router = APIRouter()

SIZE: Final = 100
"""Records a page."""

WINDOW: Final = 1000
"""Records that are read at once."""

WINDOWS: Final = 20
"""How many windows a page looks into; where that was not enough, it says how far it came."""

LONGEST: Final = 200
"""Characters of one fact that a list shows; the file has all of them."""

RAW: Final = 4000
"""Characters of a record's JSON that a list shows."""


@dataclass(frozen=True, slots=True)
class Page:
    """Records, the newest first; `before` is where to look further back, 0 where there is nothing more."""

    records: tuple[Record, ...]
    before: int


@router.get("/ledger", name="ledger")
def ledger(request: Request, me: Me) -> Response:
    """One page of the history."""
    reader, look = _asked(request, me)
    spend(request, "ledger", me)
    door = panel_of(request).door
    found = page(door, reader, look, _before(request, door))
    params = {name: value for name, value in request.query_params.items() if name != "before"}
    params["organization"] = look.organization
    return render(
        request,
        "ledger.html",
        records=found.records,
        older=f"/ledger?{urlencode({**params, 'before': found.before})}" if found.before else "",
        newest=f"/ledger?{urlencode(params)}" if request.query_params.get("before") else "",
        filtered=urlencode(params),
        kinds=KINDS,
        places=reader.organizations,
        look=look,
        last=look.until - timedelta(days=1) if look.until else None,
        about=about,
        facts=facts,
        raw=raw,
    )


@router.get("/ledger.csv", name="ledger_csv")
def as_csv(request: Request, me: Me) -> Response:
    """All that the filter finds, the oldest first, for a spreadsheet."""
    return _download(request, me, comma_separated, "text/csv; charset=utf-8", "assent-ledger.csv")


@router.get("/ledger.json", name="ledger_json")
def as_json(request: Request, me: Me) -> Response:
    """All that the filter finds, the oldest first, as `assent ledger show -o json` has it."""
    return _download(request, me, listed, "application/json", "assent-ledger.json")


def _download(
    request: Request, me: Me, write: Callable[[Iterable[Record]], Iterator[str]], media: str, name: str
) -> Response:
    reader, look = _asked(request, me)
    spend(request, "exports", me)
    found = chosen_of(panel_of(request).door.records(), reader, look)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(chunks(write(found)), media_type=media, headers=headers)


def _asked(request: Request, me: Me) -> tuple[Reader, Wanted]:
    """Who reads, and what they look for; raises MissingError for whoever reads no organization's history."""
    reader = Reader(sight_of(panel_of(request).seen(), me), me.username)
    if not reader.organizations:
        raise MissingError
    query = {name: request.query_params.get(name, "").strip() for name in ("kind", "subject", "person", "from", "to")}
    until = _day(query["to"])
    return reader, Wanted(
        kind=query["kind"] if query["kind"] in KINDS else "",
        subject=query["subject"],
        organization=wanted(request, reader.sight, reader.organizations),
        person=query["person"],
        since=_day(query["from"]),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str) -> datetime | None:
    """The beginning of a day (UTC); None for what is no day, or has none behind it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=UTC) if found < date.max else None


def _before(request: Request, door: Door) -> int:
    """Behind which record the page begins: the newest, where none is named."""
    asked = request.query_params.get("before", "")
    newest = door.version() + 1
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 20 else newest  # noqa: PLR2004 -- digits
    return min(max(number, 1), newest)


def page(door: Door, reader: Reader, look: Wanted, before: int) -> Page:
    """As many records as a page has, back from record `before`; fewer where the ledger or its patience ends."""
    found: list[Record] = []
    for _ in range(WINDOWS):
        start = max(before - 1 - WINDOW, 0)
        for shown in reversed([*chosen_of(window(door, start, before), reader, look)]):
            if len(found) == SIZE:
                return Page(tuple(found), found[-1].sequence)
            found.append(shown)
        before = start + 1
        if not start:
            return Page(tuple(found), 0)
    return Page(tuple(found), before)


def window(door: Door, start: int, before: int) -> Iterator[Record]:
    """The records behind `start` and before `before`, each proven to follow the one before it."""
    return takewhile(lambda record: record.sequence < before, door.records(start))


def chosen_of(records: Iterable[Record], reader: Reader, look: Wanted) -> Iterator[Record]:
    """Those that the reader may read and looks for, as they may read them."""
    shown = (reader.shown(record) for record in records)
    return (record for record in shown if record is not None and look.fits(record))


def facts(record: Record) -> list[tuple[str, str]]:
    """What the record says, a line a field, each cut to a length; what would not be seen is escaped (rule 44)."""
    return [(name, visible(shortened(value))) for name, value in record.body.items() if value not in (None, "", [], {})]


def shortened(value: Any, most: int = LONGEST) -> str:  # noqa: ANN401 -- a JSON value
    """The value as text, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}…"


def raw(record: Record) -> str:
    """The record's JSON for a list: what a program wrote is cut, and so is the whole."""
    output = record.body.get("output")
    body = {**record.body, "output": shortened(output)} if output else record.body
    text = shortened(json.dumps(item(record) | {"body": body}, ensure_ascii=False, indent=2), RAW)
    return "\n".join(map(visible, text.split("\n")))
