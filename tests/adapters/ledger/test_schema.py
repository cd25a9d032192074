"""The database's shape, where a ledger may lie, and what is imported for it."""

import subprocess
import sys
from importlib import resources
from importlib.util import find_spec

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assent.adapters.ledger import Ledger, schema
from assent.adapters.ledger.place import Place
from assent.adapters.ledger.tables import METADATA
from assent.errors import LedgerError, UsageError
from postgres import BOTH


@BOTH
def test_the_migrations_lead_to_the_tables(home):
    """From an empty file the migrations make exactly the table and the indexes that the code uses."""
    with home.open() as ledger, ledger._store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})

        assert [] == compare_metadata(context, METADATA)
        assert (schema.NEWEST,) == context.get_current_heads()


def test_the_newest_revision_is_the_scripts_head():
    """The cheap look at the version compares with the right one."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))

    assert [schema.NEWEST] == ScriptDirectory.from_config(config).get_heads()


def test_the_migrations_are_in_the_package():
    """What is installed has the migrations with it."""
    folder = resources.files("assent.adapters.ledger") / "migrations"

    assert schema.MIGRATIONS.samefile(str(folder))
    assert (folder / "env.py").is_file()


@BOTH
def test_a_newer_shape_is_left_alone(home):
    """A ledger that a newer Assent wrote is not touched, and the sentence says what to use."""
    home.filled(1)
    home.execute("UPDATE ledger_version SET version_num = '9999'")

    for read_only in (True, False):
        with pytest.raises(LedgerError, match="'9999'"):
            home.open(read_only=read_only)


SCRIPT = """
import sys
from pathlib import Path
from assent.adapters.ledger import Ledger
Ledger.open(sys.argv[1], key_file=Path(sys.argv[2])).close()
print("alembic" in sys.modules, "sqlalchemy" in sys.modules)
"""


def test_alembic_is_imported_to_migrate_alone(home):
    """A ledger of the newest shape is opened without the migrations' library."""
    command = [sys.executable, "-c", SCRIPT, home.path, home.key]
    seen = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(2)]

    assert ["True True\n", "False True\n"] == seen


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("postgresql://maria:hunter2@db.example/assent", "postgresql://db.example:5432/assent"),
        ("postgres://db.example:6000/assent?password=hunter2", "postgresql://db.example:6000/assent"),
        ("postgresql+psycopg://u@/assent?host=/run/postgresql", "postgresql:///run/postgresql:5432/assent"),
        ("sqlite:////var/lib/assent/ledger.sqlite", "/var/lib/assent/ledger.sqlite"),
    ],
)
def test_a_place_is_named_without_its_password(where, name):
    """What people and the anchor read of a URL is where it leads, and never who or how."""
    place = Place.of(where)

    assert name == place.name == str(place)
    assert "hunter2" not in repr(place)


@pytest.mark.parametrize(
    "where",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://maria:hunter2@db.example/assent",
        "nonsense://hunter2",
        "postgresql://maria:hunter2@db.example:port/assent",
        "://hunter2",
    ],
)
def test_what_can_hold_no_ledger_is_refused(where):
    """A URL that forgets, or that is for another kind of database, is refused without being repeated."""
    with pytest.raises(UsageError) as refused:
        Place.of(where)

    assert "hunter2" not in refused.value.message + refused.value.hint + str(refused.value.__context__ or "")


@pytest.mark.skipif(find_spec("psycopg") is not None, reason="the driver is installed")
def test_a_missing_driver_is_named(home):
    """Without the driver the sentence says what to install, and not what the password is."""
    with pytest.raises(LedgerError, match="'psycopg'") as refused:
        Ledger.open("postgresql://maria:hunter2@db.example/assent", key_file=home.key)

    assert "hunter2" not in refused.value.message + refused.value.hint
