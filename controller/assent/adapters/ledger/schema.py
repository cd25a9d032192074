"""Which shape the database has, and how it gets the newest one."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from assent.adapters.ledger.place import Place
from assent.errors import LedgerError

NEWEST = "0001"
VERSION_TABLE = "ledger_version"
MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection, place: Place) -> str:
    """The revision that the database is at; empty where nothing of ours is in it.

    Raises:
        LedgerError: it belongs to something else, or to a newer Assent.
    """
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables and place.path:
            raise LedgerError(f"{place} is no ledger: it is the database of something else.", "Name another file.")
        return ""
    # The name is our own constant; no value from outside is in the statement.
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608
    if len(found) != 1 or not isinstance(found[0], str) or found[0] > NEWEST:
        raise LedgerError(
            f"The ledger {place} has the shape {found!r}; this Assent knows {NEWEST!r} and older.",
            "Use the version of Assent that wrote it, or a newer one.",
        )
    return found[0]


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest revision within the transaction at hand: all of it, or nothing."""
    # Alembic takes longer to import than most commands take to run, and is needed once in a ledger's life.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
