"""How Alembic runs our migrations: on the connection that it is handed, within that one's transaction."""

from alembic import context

from assent.adapters.ledger.schema import VERSION_TABLE
from assent.adapters.ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
