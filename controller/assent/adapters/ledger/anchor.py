"""The anchor in a file: how far a ledger reached, kept beside the key and not beside the ledger."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.ledger.key import make_folder, sync_folder, write_whole
from assent.adapters.ledger.place import Place
from assent.api.heads import Head
from assent.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Anchor:
    """The file that says how far the ledger at `place` reached."""

    folder: Path
    place: Place

    @property
    def path(self) -> Path:
        """One name a place, in the folder of the key."""
        return self.folder / f"ledger-{self.place.digest}.json"

    @property
    def name(self) -> str:
        """What people know the anchor by."""
        return str(self.path)

    @property
    def advice(self) -> str:
        """What to do where it is missed."""
        return (
            "Put the file back as it was. If the ledger is a copy, use the original. "
            "If the key was moved, move the files ledger-*.json along."
        )

    def read(self) -> Head | None:
        """The head that was anchored last, or None where this place never held a ledger."""
        try:
            return _parsed(self.path)[0]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LedgerError(
                f"The anchor {self.path} of the ledger {self.place} cannot be read.", "Put the file back as it was."
            ) from error

    def draft(self, head: Head) -> None:
        """Write the next anchor beside the present one, so that a full disk shows before anything is committed."""
        text = json.dumps({"length": head.length, "head": head.mac, "ledger": self.place.name})
        with self._said("written"):
            write_whole(self._draft, text.encode() + b"\n")

    def settle(self) -> bool:
        """Let the drafted anchor take the present one's place, at once and for good; whoever holds it is alone."""
        with self._said("replaced"):
            self._draft.replace(self.path)
            sync_folder(self.folder)
        return True

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """One writer at a time, over threads and processes, so that an anchor never goes back."""
        with self._said("locked"):
            make_folder(self.folder)
            handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def gone(self) -> Iterator[tuple[Path, Head]]:
        """The anchors beside this one whose ledger's file is not there any more."""
        for path in sorted(self.folder.glob("ledger-*.json")):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                head, ledger = _parsed(path)
                if Path(ledger).is_absolute() and not Path(ledger).exists() and head.length:
                    yield path, head

    @property
    def _draft(self) -> Path:
        return self.path.with_suffix(".new")

    @contextlib.contextmanager
    def _said(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LedgerError(
                f"The anchor {self.path} of the ledger {self.place} cannot be {what}: {error.strerror}.",
                "See that the folder can be written and the disk has room.",
            ) from error


def _parsed(path: Path) -> tuple[Head, str]:
    content = json.loads(path.read_bytes())
    head = Head(content["length"], content["head"])
    if not head.well_formed:
        raise ValueError("no length and head")
    return head, str(content["ledger"])
