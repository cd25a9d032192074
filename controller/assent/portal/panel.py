"""What the app is made of, and what every page reaches for."""

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Visited(Panel):
    """The panel during one request, which sees one moment; another one only after something was written."""

    _moments: list[Seen] = field(default_factory=list, repr=False, compare=False)

    def seen(self) -> Seen:
        """What is so at the moment of this request."""
        if not self._moments:
            self._moments.append(super().seen())
        return self._moments[0]

    def write(self, *records: NewRecord) -> None:
        """Writes evidence down; what somebody else has written meanwhile is seen from then on."""
        try:
            super().write(*records)
        finally:
            self._moments.clear()


def panel_of(connection: HTTPConnection) -> Panel:
    """The panel that a request was sent to, as this request sees it."""
    found: Panel | None = getattr(connection.state, "panel", None)
    return found or anew(connection)


def anew(connection: HTTPConnection) -> Panel:
    """The same at this very moment: for what goes on longer than an answer."""
    panel: Panel = connection.app.state.panel
    found = Visited(panel.door, panel.settings, panel.secret, panel.now)
    connection.state.panel = found
    return found
