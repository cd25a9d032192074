"""How a record is sealed, and how a reader sees that it was."""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assent.api.base import MAX_INTEGER
from assent.api.canonical import canonical
from assent.api.heads import Head
from assent.api.ledger import NewRecord, Record

_FORMAT = "assent.dev/ledger/1"
_TYPES = (int, str, str, str, bool, str, str, str)


GENESIS = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it is stored: `at` in UTC with microseconds, `body` canonical JSON, `previous` and `mac` hex."""

    sequence: int
    at: str
    kind: str
    subject: str
    once: bool
    body: str
    previous: str
    mac: str

    @property
    def head(self) -> Head:
        """The chain's head when this record is its last."""
        return Head(self.sequence, self.mac)

    def record(self) -> Record:
        """What readers get."""
        body = json.loads(self.body, parse_int=_number)
        return Record(self.sequence, datetime.fromisoformat(self.at), self.kind, self.subject, body)


def _number(digits: str) -> int | float:
    """What was written: integers end at 2^53-1, and what is larger was a float that canonical JSON wrote in full."""
    number = int(digits)
    return number if abs(number) <= MAX_INTEGER else float(digits)


class Seal:
    """HMAC-SHA256 over all of a record and the seal before it; the key never leaves this object."""

    def __init__(self, key: bytes) -> None:
        self.__key = key

    def rows(self, records: Iterable[NewRecord], at: datetime, head: Head) -> Iterator[Row]:
        """The records as they follow `head`.

        Raises:
            ValueError: `at` says no time zone, or a body is not within RFC 8785.
        """
        if at.tzinfo is None:
            raise ValueError("the time of a record needs a time zone")
        moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        for record in records:
            body = canonical(record.body).decode()
            row = Row(head.length + 1, moment, record.kind, record.subject, record.once, body, head.mac, "")
            row = replace(row, mac=self._mac(row))
            head = row.head
            yield row

    def fault(self, row: Row) -> str:
        """What is wrong with the row alone; empty where it stands as it was written."""
        values = (row.sequence, row.at, row.kind, row.subject, row.once, row.body, row.previous, row.mac)
        if any(type(value) is not wanted for value, wanted in zip(values, _TYPES, strict=True)):
            return "holds a value of a wrong type"
        try:
            mac = self._mac(row)
        except ValueError:
            return "holds text that is none"
        if not hmac.compare_digest(mac.encode(), row.mac.encode()):
            return "is not as it was written: its seal does not fit (edited, moved, or written by hand)"
        return ""

    def _mac(self, row: Row) -> str:
        fields = (_FORMAT, row.sequence, row.at, row.kind, row.subject, row.once, row.body, row.previous)
        return hmac.digest(self.__key, canonical(fields), "sha256").hex()
