"""The database that holds the rows: read in pages, written in one transaction at a time."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Select, create_engine, event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from assent.adapters.ledger import schema
from assent.adapters.ledger.key import make_folder
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.seal import Row
from assent.adapters.ledger.tables import RECORDS
from assent.errors import ConflictError, LedgerError

_PAGE = 1000
_WRITERS = 0x617373656E740001  # the advisory lock of those who write to a ledger on a server
_WAIT = 60  # seconds that a writer waits for another one; appends take milliseconds
# Seconds that a server may take to answer at all, and that it waits for a writer which was frozen within its turn.
_CONNECT, _FROZEN = 10, 30
# For one transaction alone, so that whatever pools connections in between is told nothing that stays. A commit is on
# the server's disk when it returns, whatever the server does for others; replicas are waited for where it does so.
_TURN = text(f"""
    SELECT set_config('lock_timeout', '{_WAIT}s', true),
           set_config('idle_in_transaction_session_timeout', '{_FROZEN}s', true),
           set_config('synchronous_commit', CASE current_setting('synchronous_commit')
               WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)
""")
# With FULL a commit is on the disk when it returns. Functions in triggers that a stranger put in stay without power.
_PRAGMAS = {"synchronous": "FULL", "fullfsync": "ON", "trusted_schema": "OFF"}


class Store:
    """The rows of one ledger.

    Raises:
        LedgerError: from every method, where the database cannot be read or written.
    """

    def __init__(self, place: Place, *, read_only: bool) -> None:
        self.place = place
        self.read_only = read_only
        try:
            self.engine = _engine(place, read_only=read_only)
            self._writers = self.engine.execution_options(assent_writes=True)
        except ModuleNotFoundError as error:
            raise LedgerError(
                f"The ledger {place} needs the Python package {error.name!r}.", "Run: pip install 'psycopg[binary]'"
            ) from error

    def exists(self) -> bool:
        """Whether there is a database at all; one on a server always counts as there."""
        try:
            return self.place.path is None or self.place.path.stat().st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            raise LedgerError(f"The ledger {self.place} cannot be read: {error.strerror}.") from error

    def migrate(self) -> None:
        """Make the database where there is none, and bring it to the newest shape."""
        self._make_file()
        if self.revision() == schema.NEWEST:
            return
        with self.writing() as connection:
            if schema.revision(connection, self.place) != schema.NEWEST:
                schema.upgrade(connection)

    def revision(self) -> str:
        """The database's shape; empty where there is none."""
        if not self.exists():
            return ""
        with self.said(), self.engine.connect() as connection:
            return schema.revision(connection, self.place)

    def length(self) -> int:
        """The last row's sequence; 0 where there is none, or no table yet."""
        if not self.revision():
            return 0
        with self.said(), self.engine.connect() as connection:
            return connection.execute(select(func.max(RECORDS.c.sequence))).scalar() or 0

    def row(self, sequence: int) -> Row | None:
        """One row as it is stored, unproven."""
        with self.said(), self.engine.connect() as connection:
            found = connection.execute(select(RECORDS).where(RECORDS.c.sequence == sequence)).first()
        return Row(*found) if found else None

    def rows(self, first: int = 0) -> Iterator[Row]:
        """The rows from number `first` on in order, unproven; with 0 also those that can only be there by hand.

        They come in pages, and no transaction stays open between two of them.
        """
        after = first - 1 if first else None
        while True:
            with self.said(), self.engine.connect() as connection:
                page = connection.execute(_behind(after).limit(_PAGE)).all()
            for found in page:
                yield Row(*found)
            if len(page) < _PAGE:
                return
            after = page[-1].sequence

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer is beside; committed to the disk at the end, or nothing of it is."""
        with self.said(), self._writers.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_TURN)
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
            yield connection

    def rows_within(self, connection: Connection, first: int) -> list[Row]:
        """The rows from number `first` on, as the open transaction sees them."""
        return [Row(*found) for found in connection.execute(_behind(first - 1 if first else None))]

    def add(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows; what was to be there once and is there already is a conflict."""
        seen: set[tuple[str, str]] = set()
        for row in rows:
            about = (row.kind, row.subject)
            if row.once:
                query = select(RECORDS.c.sequence).where(RECORDS.c.kind == row.kind, RECORDS.c.subject == row.subject)
                there = connection.execute(query.limit(1)).scalar()
                if there is not None or about in seen:
                    raise ConflictError(
                        f"The ledger {self.place} has a record {row.kind!r} of {row.subject!r} already.",
                        "Somebody else was first: look again.",
                    )
            seen.add(about)
        try:
            connection.execute(insert(RECORDS), [asdict(row) for row in rows])
        except IntegrityError as error:
            raise ConflictError(
                f"Somebody else wrote to the ledger {self.place} at the same moment.", "Look again."
            ) from error

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _make_file(self) -> None:
        """Make the file for its owner alone; one that is there is never opened beside SQLite.

        To close any handle of a file lets go of all locks that this process has on it, SQLite's too.
        """
        if self.place.path is None:
            return
        try:
            make_folder(self.place.path.parent)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self.place.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise LedgerError(f"The ledger {self.place} cannot be made: {error.strerror}.") from error

    @contextlib.contextmanager
    def said(self) -> Iterator[None]:
        """What the database objects to, as a sentence."""
        try:
            yield
        except DBAPIError as error:
            raise LedgerError(
                f"The ledger {self.place} cannot be used: {error.orig}.",
                "See that it can be read and written, that the disk has room and that it is a ledger.",
            ) from error
        except SQLAlchemyError as error:
            raise LedgerError(f"The ledger {self.place} cannot be used: {type(error).__name__}.") from error


def _behind(after: int | None) -> Select[Any]:
    query = select(RECORDS).order_by(RECORDS.c.sequence)
    return query if after is None else query.where(RECORDS.c.sequence > after)


def _server_engine(place: Place) -> Engine:
    """Every statement sees what was committed before it, so that who waited for a turn sees what the turn left."""
    given = place.url.query
    return create_engine(
        place.url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,  # a server that was restarted in between is no error
        connect_args={} if "connect_timeout" in given else {"connect_timeout": _CONNECT},
    )


def _engine(place: Place, *, read_only: bool) -> Engine:
    """An engine whose statements show no values in errors, since a body is nobody's business in a log."""
    if place.path is None:
        return _server_engine(place)
    url = place.url
    if read_only:
        url = url.set(database=f"file:{quote(os.fsencode(place.path))}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _WAIT})
    pragmas = _PRAGMAS if read_only else {"journal_mode": "WAL", **_PRAGMAS}

    # SQLite's driver would begin transactions where it thinks best; here they begin where we say, and writers at once.
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  the driver's own connection
        connection.isolation_level = None
        connection.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("assent_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
