"""One controller at a time acts on a ledger."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from assent.adapters.ledger.store import Store
from assent.errors import LedgerError

_CONTROLLERS = 0x617373656E740002  # the advisory lock of those who act on a ledger on a server
_HINT = "Stop the other one first, or give this one a ledger of its own with --ledger."


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold `<path>.lock`; the system lets go of it however the process ends."""
    beside = path.with_name(path.name + ".lock")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LedgerError(f"The lock {beside} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
            raise LedgerError(f"Another controller acts on the ledger {path}: {holder}.", _HINT) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def server_lock(store: Store) -> Iterator[None]:
    """Hold an advisory lock of the server for as long as its connection lasts."""
    with store.said():
        connection = store.engine.connect()
    try:
        with store.said():
            taken = connection.execute(select(func.pg_try_advisory_lock(_CONTROLLERS))).scalar()
            # The transaction ends here; the lock belongs to the session and stays.
            connection.commit()
        if not taken:
            raise LedgerError(f"Another controller acts on the ledger {store.place}.", _HINT)
        yield
    finally:
        # The session ends, and the lock with it; a connection given back would keep both.
        connection.invalidate()
        connection.close()
