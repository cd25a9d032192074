"""One ledger a test, on the fastest real file system there is, or on a server of the tests' own."""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, insert, select

import postgres
from assent.adapters.ledger import Ledger
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.tables import RECORDS
from assent.api.ledger import NewRecord

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MEMORY = Path("/dev/shm")  # noqa: S108 -- fsync is free there, and the tests append thousands of times


class Home:
    """A folder with a ledger and, elsewhere in it, the key and the anchors."""

    on_server = False

    def __init__(self, root):
        self.root = root
        self.path = root / "repository" / "ledger.sqlite"
        self.key = root / "configuration" / "ledger.key"

    @property
    def where(self):
        """What a ledger is opened by."""
        return self.path

    @property
    def name(self):
        """What sentences call it."""
        return Place.of(self.where).name

    def open(self, **options):
        return Ledger.open(self.where, key_file=self.key, **options)

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

    def empty(self):
        """Leave an empty file or database where the ledger was."""
        self.remove()
        self.path.touch()

    def remove(self):
        for name in ("", "-wal", "-shm"):
            Path(f"{self.path}{name}").unlink(missing_ok=True)


class ServerHome(Home):
    """The same with the ledger in a database of its own on a server."""

    on_server = True

    def __init__(self, root, url):
        super().__init__(root)
        self.url = url

    @property
    def where(self):
        return self.url

    @contextlib.contextmanager
    def connected(self):
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection

    def execute(self, *statements):
        with self.connected() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def copy(self, to):
        with self.connected() as connection:
            to.write_text(json.dumps([list(row) for row in connection.execute(select(RECORDS))]))
        return to

    def restore(self, backup):
        names = RECORDS.columns.keys()
        rows = [dict(zip(names, row, strict=True)) for row in json.loads(backup.read_text())]
        with self.connected() as connection:
            connection.execute(RECORDS.delete())
            connection.execute(insert(RECORDS), rows)

    def empty(self):
        self.remove()

    def remove(self):
        self.execute("DROP TABLE ledger_records", "DROP TABLE ledger_version")


def record(number, **options):
    return NewRecord("observed", f"acme/request-{number}", {"number": number}, **options)


@pytest.fixture
def root():
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="assent-ledger-", dir=where)).resolve()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def home(request, root):
    """A ledger's home; `postgres.BOTH` and `postgres.ON_SERVER` say where the ledger is."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Home(root)
        return
    with postgres.database(request.config) as url:
        yield ServerHome(root, url)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def new():
    return record
