"""The one table, as the newest migration leaves it."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text, text

METADATA = MetaData()

# SQLite numbers rows by INTEGER alone; anything wider there would be no key but a column of any type.
RECORDS = Table(
    "ledger_records",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("mac", Text, nullable=False),
)

Index("ledger_records_about", RECORDS.c.kind, RECORDS.c.subject)
Index(
    "ledger_records_once",
    RECORDS.c.kind,
    RECORDS.c.subject,
    unique=True,
    sqlite_where=text("once"),
    postgresql_where=text("once"),
)
