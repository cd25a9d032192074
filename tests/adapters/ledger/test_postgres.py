"""The same ledger on a PostgreSQL server; `ASSENT_TEST_POSTGRES` names one that the tests may make databases on."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from assent.adapters.ledger import Ledger, schema
from assent.adapters.ledger.tables import METADATA
from assent.errors import ConflictError, LedgerError, NotFoundError

SERVER = os.environ.get("ASSENT_TEST_POSTGRES", "")
pytestmark = pytest.mark.skipif(not SERVER, reason="ASSENT_TEST_POSTGRES names no server")
NAME = f"assent_test_{os.getpid()}"


@pytest.fixture
def database():
    """An empty database of its own."""
    url = make_url(SERVER).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
        yield url.set(database=NAME).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {NAME} WITH (FORCE)")
    engine.dispose()


def test_a_server_keeps_a_ledger(database, home, now, new):
    """Written, read, claimed once and verified as in a file."""
    with pytest.raises(NotFoundError):
        Ledger.open(database, key_file=home.key, read_only=True)
    with Ledger.open(database, key_file=home.key) as ledger:
        ledger.append([new(number) for number in range(1, 1500)], now)
        ledger.append([new(1500, once=True)], now)
        with pytest.raises(ConflictError):
            ledger.append([new(1500, once=True)], now)
    with Ledger.open(database, key_file=home.key, read_only=True) as ledger:
        assert list(range(1, 1501)) == [one.sequence for one in ledger.records()]
        assert 1500 == ledger.verify().length


def test_the_migrations_lead_to_the_tables(database, home):
    """A server's table and indexes are those that the code uses."""
    with Ledger.open(database, key_file=home.key) as ledger, ledger._store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})

        assert [] == compare_metadata(context, METADATA)


def test_what_is_changed_is_named(database, home, now, new):
    """The chain and the anchor hold on a server as they do in a file."""
    with Ledger.open(database, key_file=home.key) as ledger:
        ledger.append([new(number) for number in range(1, 6)], now)
        with ledger._store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM ledger_records WHERE sequence = 3")
        with pytest.raises(LedgerError, match=r"^Record 3 .* is missing"):
            ledger.verify()
        with ledger._store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM ledger_records")
    with pytest.raises(LedgerError, match="held 5 records"):
        Ledger.open(database, key_file=home.key)


def test_of_many_writers_one_wins(database, home, now, new):
    """Writers at once, each with a connection of its own, agree on one order and one winner."""
    Ledger.open(database, key_file=home.key).close()

    def claims(_):
        won = 0
        with Ledger.open(database, key_file=home.key) as ledger:
            for number in range(50):
                try:
                    ledger.append([new(number, once=True)], now)
                    won += 1
                except ConflictError:
                    continue
        return won

    with ThreadPoolExecutor(4) as pool:
        assert 50 == sum(pool.map(claims, range(4)))


def test_one_controller_acts_on_a_ledger(database, home):
    """A second controller is refused for as long as the first one's connection lasts."""
    with Ledger.open(database, key_file=home.key) as ledger, Ledger.open(database, key_file=home.key) as other:
        with ledger.lock(), pytest.raises(LedgerError, match="Another controller"), other.lock():
            pass
        with other.lock():
            pass
