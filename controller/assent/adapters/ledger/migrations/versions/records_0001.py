"""The table of records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its two indexes."""
    op.create_table(
        "ledger_records",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_index("ledger_records_about", "ledger_records", ["kind", "subject"])
    op.create_index(
        "ledger_records_once",
        "ledger_records",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("once"),
        postgresql_where=sa.text("once"),
    )


def downgrade() -> None:
    """There is nothing older to go back to, and records are never dropped."""
    raise NotImplementedError("a ledger is never taken back")
