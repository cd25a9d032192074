"""Writing down who asks for what, which proves a requester: once for each name, and so often in an hour."""

from typing import Final

from starlette.requests import Request

from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.api.tellings import Asked, asking
from assent.portal.panel import panel_of
from assent.portal.rates import spend
from assent.portal.sessions import Person

TOO_MANY: Final = (
    "you have opened as many requests as one person may in that time; the next can be opened in {wait} seconds"
)


def put(request: Request, me: Person, ref: Ref, spec: RequestSpec) -> None:
    """Writes it down; whether its document can be written has been seen to (`wanted.check`).

    Raises:
        TooOftenError: they have asked for too much of late; each request has others decide, and mails sent to them.
        ConflictError: this name has been asked for already.
    """
    spend(request, "requests", me, TOO_MANY)
    panel_of(request).write(asking(ref, Asked(me.username, spec.plain())))
