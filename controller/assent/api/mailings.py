"""What became of the mails that people were sent about a request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assent.api.names import Ref

About = Literal["Opened", "Reminder", "Ended"]
"""A stage has opened; its deadline is near; the request has ended."""


def fault(message: str) -> str:
    """Why a mail failed: what is before the first `: `; behind it stand the server's words, others each time."""
    return message.partition(": ")[0]


@dataclass(frozen=True, slots=True)
class Mailing:
    """What became of one mail; `key` is its own for ever, and `message` why it could not be sent."""

    key: str
    request: Ref
    username: str
    about: About
    stage: str
    digest: str
    state: Literal["Sent", "Failed"]
    message: str
    at: datetime
