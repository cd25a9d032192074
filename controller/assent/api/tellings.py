"""What the panel and the links in its mails were told, before a pass has judged it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.api.evidence import Channel
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
