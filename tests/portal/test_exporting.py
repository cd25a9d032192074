"""The history taken home: whole, in pieces, and with nothing in it that a spreadsheet would compute."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.ledger import Record
from assent.portal import exporting
from portal.paper import START, Paper, long


def test_files_are_downloads_that_nobody_keeps():
    person = long(3).signed_in("ann@b")
    for name, media in (("csv", "text/csv; charset=utf-8"), ("json", "application/json")):
        answer = person.get(f"/ledger.{name}")
        assert f'attachment; filename="assent-ledger.{name}"' == answer.headers["content-disposition"]
        assert (media, "no-store") == (answer.headers["content-type"], answer.headers["cache-control"])


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(begin):
    door = Paper()
    door.note("held", "b/r1", {"reason": "x", "message": "y", "by": f"{begin}cmd|'/c calc'!A1"})
    text = door.signed_in().get("/ledger.csv").text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["people"] == f"'{begin}cmd|'/c calc'!A1"
    assert not [value for value in row.values() if value.startswith(exporting.FORMULAS)]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_whatever_is_written_a_spreadsheet_computes_nothing(texts):
    records = [Record(at, START, "held", text, {"person": text, "m": text}) for at, text in enumerate(texts, start=1)]
    text = "".join(exporting.comma_separated(records))
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(texts) == len(rows)
    assert not [value for row in rows for value in row if value.startswith(exporting.FORMULAS)]
    assert [
        one.removeprefix("'") if one.startswith("'") and one[1:2] in "=+-@\t\r" else one
        for one in (row[3] for row in rows)
    ] == texts


@given(st.lists(st.text(max_size=50), max_size=20))
def test_pieces_are_the_whole(parts):
    assert "".join(parts).encode() == b"".join(exporting.chunks(parts))


def test_a_long_ledger_is_sent_in_pieces():
    door = long(5_000)
    answer = door.signed_in("ann@b").get("/ledger.json")
    assert 5_000 == len(json.loads(answer.text)["items"])
    pieces = list(exporting.chunks(exporting.listed(door.pages)))
    assert 5 < len(pieces) < 60
    assert all(len(piece) < 2 * exporting.CHUNK for piece in pieces)
