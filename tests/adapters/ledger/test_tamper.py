"""Whatever is changed past the ledger is named: which record, and what is wrong with it."""

import re
from datetime import UTC, datetime

import pytest

from assent.api.ledger import NewRecord
from assent.errors import LedgerError
from postgres import BOTH

EDIT = "UPDATE ledger_records SET {} WHERE sequence = {}"
INSERT = """INSERT INTO ledger_records
    SELECT {}, at, kind, subject || 'x', once, body, {}, {} FROM ledger_records WHERE sequence = {}"""
SWAP = (EDIT.format("sequence = 99", 2), EDIT.format("sequence = 2", 3), EDIT.format("sequence = 3", 99))
LAST = "(SELECT mac FROM ledger_records WHERE sequence = 5)"
LOOSE = "CREATE TABLE loose AS SELECT * FROM ledger_records"
RENAMES = ("DROP TABLE ledger_records", "ALTER TABLE loose RENAME TO ledger_records")

TAMPERED = [
    pytest.param([EDIT.format("body = '{\"number\":7}'", 3)], 3, "not as it was written", id="body edited"),
    pytest.param([EDIT.format("body = body || ' '", 3)], 3, "not as it was written", id="one space added"),
    pytest.param([EDIT.format("kind = 'ended'", 1)], 1, "not as it was written", id="kind of the first edited"),
    pytest.param([EDIT.format("subject = 'x'", 5)], 5, "not as it was written", id="subject of the last edited"),
    pytest.param([EDIT.format("at = '2026-01-05T09:00:00.000001Z'", 2)], 2, "not as it was written", id="time edited"),
    pytest.param([EDIT.format("once = true", 2)], 2, "not as it was written", id="made unique"),
    pytest.param(
        [EDIT.format("mac = replace(mac, substr(mac, 1, 1), '_')", 4)], 4, "seal does not fit", id="seal edited"
    ),
    pytest.param([EDIT.format("previous = mac", 4)], 4, "seal does not fit", id="predecessor edited"),
    pytest.param([EDIT.format("mac = 'ä'", 3)], 3, "seal does not fit", id="seal beyond ASCII"),
    pytest.param(
        ["DELETE FROM ledger_records WHERE sequence = 1"], 1, "missing: record 2 is the next", id="first dropped"
    ),
    pytest.param(
        ["DELETE FROM ledger_records WHERE sequence = 3"], 3, "missing: record 4 is the next", id="one dropped"
    ),
    pytest.param(["DELETE FROM ledger_records WHERE sequence = 5"], 5, "missing: the ledger ends", id="last cut off"),
    pytest.param(["DELETE FROM ledger_records WHERE sequence > 2"], 3, "missing: the ledger ends", id="three cut off"),
    pytest.param(
        ["DELETE FROM ledger_records WHERE sequence < 5"], 1, "missing: record 5", id="all but the last dropped"
    ),
    pytest.param(SWAP, 2, "not as it was written", id="two reordered"),
    pytest.param([EDIT.format("sequence = 6", 5)], 5, "missing: record 6 is the next", id="last moved up"),
    pytest.param([INSERT.format(6, LAST, "mac", 5)], 6, "written by hand", id="appended by hand"),
    pytest.param([INSERT.format(7, LAST, "mac", 5)], 6, "missing: record 7 is the next", id="appended with a gap"),
    pytest.param([INSERT.format(0, "previous", "mac", 1)], 0, "outside of the chain", id="put in front by hand"),
    pytest.param([INSERT.format(-7, "previous", "mac", 1)], -7, "outside of the chain", id="put far in front by hand"),
    pytest.param(
        [EDIT.format("body = 'x'", 2), "DELETE FROM ledger_records WHERE sequence > 3"], 2, "not as", id="first of two"
    ),
    pytest.param(
        [LOOSE, "UPDATE loose SET body = NULL WHERE sequence = 4", *RENAMES], 4, "wrong type", id="column emptied"
    ),
    pytest.param(
        [LOOSE, "INSERT INTO loose SELECT * FROM loose WHERE sequence = 4", *RENAMES],
        4,
        "outside of",
        id="written twice",
    ),
]


@BOTH
@pytest.mark.parametrize(("statements", "sequence", "what"), TAMPERED)
def test_verify_names_the_first_wrong_record(home, statements, sequence, what):
    """The first record that is wrong is named with what is wrong with it, before anything is built on it."""
    home.filled(5)
    with home.open(read_only=True) as ledger:
        home.execute(*statements)
        with pytest.raises(LedgerError) as refused:
            ledger.verify()

    assert re.match(rf"Record {sequence} of the ledger {re.escape(home.name)} .*{what}", refused.value.message)
    assert "--new-ledger" in refused.value.hint


def use(home, seen, *, read_only):
    """Open the ledger, read it to its end, and append."""
    with home.open(read_only=read_only) as ledger:
        seen.extend(ledger.records())
        ledger.append([NewRecord("observed", "acme/late", {})], datetime.now(UTC))


@BOTH
@pytest.mark.parametrize("read_only", [True, False], ids=["to read", "to write"])
@pytest.mark.parametrize("statements", [pytest.param(one.values[0], id=one.id) for one in TAMPERED])
def test_nothing_of_a_wrong_ledger_is_used(home, read_only, statements):
    """Between opening, reading it all and appending, every fault is met, and no wrong record is handed out."""
    home.filled(5)
    home.execute(*statements)
    seen = []
    with pytest.raises(LedgerError):
        use(home, seen, read_only=read_only)

    assert [(n, {"number": n}) for n in range(1, len(seen) + 1)] == [(one.sequence, one.body) for one in seen]


@BOTH
@pytest.mark.parametrize("sequence", range(1, 6))
def test_a_filter_hides_no_fault(home, sequence):
    """A record that was edited away from what is looked for is met all the same."""
    home.filled(5)
    with home.open() as ledger:
        home.execute(EDIT.format("kind = 'other', subject = 'other'", sequence))
        with pytest.raises(LedgerError, match=f"^Record {sequence} "):
            list(ledger.records(kinds={"observed"}, subject="acme/request-1"))


@BOTH
def test_reading_from_the_middle_proves_the_record_before(home):
    """Who goes on behind a record does so only where that record is still what it was."""
    home.filled(5)
    with home.open() as ledger:
        home.execute(EDIT.format("body = '{}'", 3))
        with pytest.raises(LedgerError, match=r"^Record 3 "):
            next(ledger.records(after=3))
        with pytest.raises(LedgerError, match=r"^Record 6 .* is missing"):
            next(ledger.records(after=6))


@BOTH
@pytest.mark.parametrize(
    ("statements", "sequence"),
    [
        pytest.param([INSERT.format(6, LAST, "mac", 5)], 6, id="appended by hand"),
        pytest.param(["DELETE FROM ledger_records WHERE sequence = 5"], 5, id="last cut off"),
        pytest.param([EDIT.format("body = '{}'", 5)], 5, id="last edited"),
        pytest.param(["DELETE FROM ledger_records"], 5, id="emptied"),
    ],
)
def test_a_writer_notices_what_happened_since(home, now, new, statements, sequence):
    """An open ledger refuses to append behind anything that is not its own, and what is there stays as it is."""
    home.filled(5)
    with home.open() as ledger:
        home.execute(*statements)
        with pytest.raises(LedgerError, match=f"^Record {sequence} "):
            ledger.append([new(6)], now)


@pytest.mark.parametrize(
    "content", [b"not a database at all, " * 400, b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "torn"]
)
def test_a_file_that_is_no_database_is_refused(home, content):
    """Whatever lies there instead is refused in a sentence, and left alone."""
    home.filled(1)
    home.remove()
    home.path.write_bytes(content)

    with pytest.raises(LedgerError, match="cannot be used"):
        home.open()
    assert content == home.path.read_bytes()


def test_the_database_of_something_else_is_refused(home):
    """A ledger is not put into a file that holds other tables."""
    home.path.parent.mkdir()
    home.execute("CREATE TABLE bookmarks (url TEXT)")

    with pytest.raises(LedgerError, match="something else"):
        home.open()
    with pytest.raises(LedgerError, match="something else"):
        home.open(read_only=True)
