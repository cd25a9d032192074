"""Records as files that people take home: JSON, and a table for spreadsheets that holds no formula."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from assent.api.ledger import Record
from assent.api.records import item, stamp
from assent.core.history import organizations, people

__all__ = ["chunks", "comma_separated", "item", "listed"]

CHUNK: Final = 64 * 1024
"""Characters of a file that are sent at once."""

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would compute."""

COLUMNS: Final = ("sequence", "at", "kind", "subject", "organizations", "people", "body")


def listed(records: Iterable[Record]) -> Iterator[str]:
    """One JSON object with all records."""
    yield '{"items": ['
    for at, record in enumerate(records):
        yield f"{',' if at else ''}\n{json.dumps(item(record), ensure_ascii=False)}"
    yield "\n]}\n"


def comma_separated(records: Iterable[Record]) -> Iterator[str]:
    """A line a record behind a line of titles."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow(map(cell, _cells(record)))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cells(record: Record) -> tuple[str, ...]:
    places, names = " ".join(sorted(organizations(record))), " ".join(people(record))
    body = json.dumps(record.body, ensure_ascii=False, separators=(",", ":"))
    return (str(record.sequence), stamp(record.at), record.kind, record.subject, places, names, body)


def cell(text: str) -> str:
    """The text such that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def chunks(parts: Iterable[str]) -> Iterator[bytes]:
    """The parts together in pieces of some size."""
    gathered: list[str] = []
    size = 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= CHUNK:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()
