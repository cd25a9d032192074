"""What the panel and the links in its mails were told, before a pass has judged it, and the records that say so."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from assent.api.evidence import Channel
from assent.api.ledger import NewRecord
from assent.api.names import Ref


@dataclass(frozen=True, slots=True)
class Told:
    """A decision that somebody made in the panel, or by a mail's link; `text` is the line they would have written.

    `id` is one a form and one a link, so that whoever sends it twice is heard once. `username` is the name that the
    person signed in with, or to whom the link was sent; `signed_in` says which.
    """

    id: str
    request: Ref
    channel: Channel
    username: str
    text: str
    signed_in: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that somebody asked for in the panel: the very `spec`, as plain JSON, and the name they signed in with.

    It proves the requester of the request of that name and spec, whoever wrote its document.
    """

    username: str
    spec: Mapping[str, Any]


def asking(request: Ref, asked: Asked) -> NewRecord:
    """The evidence of who asks for a request; of each name there is one for ever."""
    return NewRecord("asked", str(request), {"spec": dict(asked.spec), "username": asked.username}, once=True)


def telling(told: Told) -> NewRecord:
    """The evidence of a decision; of each form and each link there is one for ever."""
    body = {"request": str(told.request), "channel": told.channel, "username": told.username, "text": told.text}
    return NewRecord("told", told.id, {**body, "signedIn": told.signed_in}, once=True)


def leaving(session: str, username: str) -> NewRecord:
    """The evidence that somebody signed out of this session."""
    return NewRecord("signedOut", session, {"username": username}, once=True)


def leaving_everywhere(owner: str, username: str, names: Collection[str]) -> NewRecord:
    """The evidence that somebody signed out of every session that they had; `owner` is the person.

    Sessions are of names, so those are written down: the person may be moved or renamed, and their names stay over.
    """
    return NewRecord("signedOut", owner, {"username": username, "everywhere": sorted(names)})
