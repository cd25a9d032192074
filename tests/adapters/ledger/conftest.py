"""One ledger a test, on the fastest real file system there is."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MEMORY = Path("/dev/shm")  # noqa: S108 -- fsync is free there, and the tests append thousands of times


class Home:
    """A folder with a ledger and, elsewhere in it, the key and the anchors."""

    def __init__(self, root):
        self.root = root
        self.path = root / "repository" / "ledger.sqlite"
        self.key = root / "configuration" / "ledger.key"

    def open(self, **options):
        return Ledger.open(self.path, key_file=self.key, **options)

    def filled(self, count=5):
        """Write `count` records, one append each, and close."""
        with self.open() as ledger:
            for number in range(1, count + 1):
                ledger.append([record(number)], NOW)
        return self

    def anchor(self):
        (found,) = self.key.parent.glob("ledger-*.json")
        return found

    def execute(self, *statements):
        """Change the database by hand, past the ledger."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def copy(self, to):
        """The database as a backup would hold it, all in one file."""
        with (
            contextlib.closing(sqlite3.connect(self.path)) as source,
            contextlib.closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
        return to

    def restore(self, backup):
        self.remove()
        shutil.copy(backup, self.path)

    def remove(self):
        for name in ("", "-wal", "-shm"):
            Path(f"{self.path}{name}").unlink(missing_ok=True)


def record(number, **options):
    return NewRecord("observed", f"acme/request-{number}", {"number": number}, **options)


@pytest.fixture
def root():
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="assent-ledger-", dir=where)).resolve()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def home(root):
    return Home(root)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def new():
    return record
