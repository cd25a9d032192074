"""Where a ledger lies: a SQLite file, or a PostgreSQL database."""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from assent.errors import UsageError

_POSTGRESQL = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is what people and the anchor read; user and password are never in it.

    `path` is the file with every symbolic link followed, so that a ledger has one anchor whatever it is called by;
    None for a database server.
    """

    name: str
    path: Path | None
    url: URL = field(repr=False)

    @classmethod
    def of(cls, where: str | Path) -> "Place":
        """The place that a path, `sqlite:///path` or `postgresql://…` names."""
        if isinstance(where, str) and "://" in where:
            return cls._of_url(where)
        return cls._of_path(Path(where))

    @classmethod
    def _of_url(cls, text: str) -> "Place":
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            # The text may hold a password, so neither it nor the parser's sentence is repeated.
            raise UsageError("The ledger's URL cannot be read.", "Write postgresql://user@host/database.") from None
        kind = url.get_backend_name()
        if kind == "sqlite" and url.database not in {None, "", ":memory:"}:
            return cls._of_path(Path(str(url.database)))
        if kind not in _POSTGRESQL:
            raise UsageError(
                f"A ledger cannot be kept in {url.drivername!r}.", "Name a file, or a postgresql:// database."
            )
        host = url.host or str(url.query.get("host", "localhost"))
        drivername = _POSTGRESQL.get(url.drivername, url.drivername)
        return cls(f"postgresql://{host}:{url.port or 5432}/{url.database}", None, url.set(drivername=drivername))

    @classmethod
    def _of_path(cls, path: Path) -> "Place":
        path = path.expanduser().resolve()
        return cls(str(path), path, URL.create("sqlite", database=str(path)))

    @property
    def digest(self) -> str:
        """32 hex digits that stand for this place in a file's name."""
        return sha256(os.fsencode(self.name)).hexdigest()[:32]

    def __str__(self) -> str:
        return self.name
