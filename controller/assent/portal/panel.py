"""What the app is made of, and what every page reaches for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from assent.api.ledger import NewRecord
from assent.portal.doors import Door
from assent.portal.seen import Seen
from assent.portal.settings import Settings


def clock() -> datetime:
    """The time of the moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Panel:
    """One panel: its door, its settings, the key of its cookies and of its mails' links, and its clock."""

    door: Door
    settings: Settings
    secret: bytes
    now: Callable[[], datetime] = clock

    def seen(self) -> Seen:
        """What is so at this moment."""
        return self.door.seen(self.now())

    def write(self, *records: NewRecord) -> None:
        """Writes evidence down; ConflictError where it is there already."""
        self.door.write(list(records), self.now())


def panel_of(connection: HTTPConnection) -> Panel:
    """The panel that a request was sent to."""
    found: Panel = connection.app.state.panel
    return found
