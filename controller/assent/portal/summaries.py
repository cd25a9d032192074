"""What a summary showed, carried by its form: signed, for one session and for an hour, so that it is what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from itsdangerous import BadData

from assent.api.names import Ref
from assent.portal.panel import Panel
from assent.portal.sessions import Person, serializer
from assent.portal.wanted import Draft

SALT: Final = "summary"
LASTING: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was shown: the request's name and spec, and its digest (empty where it had none)."""

    session: str
    username: str
    ref: Ref
    spec: Mapping[str, Any]
    digest: str
    at: float

    def current(self, me: Person, now: datetime) -> bool:
        """Whether it was shown in this session, within the hour."""
        return self.session == _session(me) and 0 <= now.timestamp() - self.at < LASTING.total_seconds()


def sealed(panel: Panel, me: Person, draft: Draft) -> str:
    """The text that the summary's form carries."""
    spec, digest = draft.spec.plain() if draft.spec else {}, digest_of(draft)
    at = int(panel.now().timestamp())
    return str(serializer(panel.secret, SALT).dumps([_session(me), me.username, str(draft.ref), spec, digest, at]))


def opened(panel: Panel, text: str) -> Summary | None:
    """What a text carries that this panel signed; None for any other."""
    try:
        session, username, ref, spec, digest, at = serializer(panel.secret, SALT).loads(text)
        return Summary(session, username, Ref.parse(ref), spec, digest, at)
    except (BadData, ValueError):
        return None


def digest_of(draft: Draft) -> str:
    """The digest that the request would have; empty where it would have none yet."""
    return (draft.decision.digest if draft.decision else None) or ""


def _session(me: Person) -> str:
    return me.session.id if me.session else ""
