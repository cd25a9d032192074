"""The key that seals the records: 32 random bytes in a file that only its owner may read."""

import contextlib
import os
import stat
from pathlib import Path

from assent.errors import LedgerError

LENGTH = 32


def default_key() -> Path:
    """`assent/ledger.key` in the user's configuration folder; nothing is made here."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    # The base directory specification says that a relative path is to be ignored.
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".config"
    return folder / "assent" / "ledger.key"


def read_key(path: Path) -> bytes | None:
    """The key in `path`, or None where there is no such file.

    Raises:
        LedgerError: others may read the file, or it is no key.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            key = file.read(LENGTH + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"The ledger's key {path} cannot be read: {error.strerror}.") from error
    if stat.S_IMODE(about.st_mode) & _strangers(about.st_uid):
        raise LedgerError(f"The ledger's key {path} may be read by others.", f"Run: chmod 600 {path}")
    if len(key) != LENGTH:
        raise LedgerError(
            f"{path} is no key of a ledger: it does not hold exactly {LENGTH} bytes.", "Put the right file back."
        )
    return key


def _strangers(owner: int) -> int:
    """The permission bits that nobody may have; a key that root mounted for us is read through our group."""
    mounted = owner == 0 != os.geteuid()
    return 0o037 if mounted else 0o077


def make_key(path: Path) -> bytes:
    """The key in `path`, made at first use; of two processes that make it at once, both get the same.

    The key is written whole under another name first and then linked, so that nobody ever reads a part of it.
    """
    draft = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    try:
        make_folder(path.parent)
        write_whole(draft, os.urandom(LENGTH))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise LedgerError(f"The ledger's key {path} cannot be made: {error.strerror}.") from error
    key = read_key(path)
    if key is None:
        raise LedgerError(f"The ledger's key {path} was removed while it was being made.", "Start again.")
    return key


def make_folder(folder: Path) -> None:
    """Make `folder`, for its owner alone, where there is none."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone, and return when it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
