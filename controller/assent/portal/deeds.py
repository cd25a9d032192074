"""What becomes of a decision that somebody makes in the panel, by a mail's link or by the API: a record, or a refusal.

It is judged as the controller's pass will judge it (`core.deeds`), and what would not count is not written. One thing
is written all the same: that somebody tried to approve their own request (rule 9).
"""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import Verb
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.tellings import telling
from assent.core.deeds import Deed, done, why_not
from assent.core.deeds import possible as can_tell
from assent.errors import ConflictError
from assent.portal.menu import N_
from assent.portal.panel import Panel
from assent.portal.seen import Seen

OURS: Final[Mapping[str, str]] = {
    "IdTaken": N_("This form has been used for another decision."),
    "ReasonMissing": N_("A reason is needed: people read it later."),
    "ReasonTooLong": N_("A reason has at most 512 characters; this one has more."),
}
"""Sentences of the panel's own for what is not even told."""

ABOUT_REASON: Final = frozenset({"Malformed", "ReasonMissing", "ReasonTooLong"})
"""Refusals of what was typed as the reason: with another one the same decision would count."""

STATUSES: Final[Mapping[str, HTTPStatus]] = {
    "AlreadyClaimed": HTTPStatus.CONFLICT,
    "AlreadyJudged": HTTPStatus.CONFLICT,
    "DigestStale": HTTPStatus.CONFLICT,
    "IdTaken": HTTPStatus.CONFLICT,
    "Malformed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "NothingToDecide": HTTPStatus.CONFLICT,
    "NothingToSettle": HTTPStatus.CONFLICT,
    "ReasonMissing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ReasonTooLong": HTTPStatus.UNPROCESSABLE_ENTITY,
    "RequestEnded": HTTPStatus.CONFLICT,
    "TooLate": HTTPStatus.CONFLICT,
}
"""What a refusal is answered with; 403 where it is about who decides."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing came of it: a stable word (of `conditions.NOT_COUNTED`, or of `STATUSES`), and a sentence."""

    status: HTTPStatus
    word: str
    message: str


def tell(panel: Panel, seen: Seen, deed: Deed) -> Refusal | None:
    """Writes the decision down, once; or says why it would not count.

    Raises:
        NotFoundError: there is no such request. Whether the person may see it is for the caller to know.
    """
    if done(seen, deed):
        return None
    found = weigh(seen, deed)
    if isinstance(found, NewRecord):
        return _told(panel, found, deed)
    if found.word == "SelfApproval":
        # One record for each digest says enough, whoever tries it how often.
        digest = seen.decision(deed.request).digest or ""
        attempt = id_of(panel.secret, "self-approval", str(deed.request), str(seen.person(deed.username)), digest)
        with suppress(ConflictError):
            panel.write(telling(replace(deed, id=attempt).told))
    return found


def weigh(seen: Seen, deed: Deed) -> NewRecord | Refusal:
    """The record that says it, or why it would not count; nothing is written.

    Raises:
        NotFoundError: there is no such request.
    """
    word, message = why_not(seen, deed)
    return _refusal(word, message) if word else telling(deed.told)


def possible(seen: Seen, ref: Ref, username: str) -> tuple[Verb, ...]:
    """What the person can do now in the panel."""
    return can_tell(seen, seen.decision(ref), username)


def id_of(secret: bytes, *parts: str) -> str:
    """The id of a deed that is known by these parts: 32 hex digits, the same for the same, and not to be guessed."""
    return hmac.digest(secret, "\x00".join(("assent.deed", *parts)).encode(), sha256).hex()[:32]


def _refusal(word: str, message: str = "") -> Refusal:
    sentence = OURS.get(word) or message or NOT_COUNTED[word]
    return Refusal(STATUSES.get(word, HTTPStatus.FORBIDDEN), word, sentence)


def _told(panel: Panel, record: NewRecord, deed: Deed) -> Refusal | None:
    """Writes it down; whoever was slower with another answer to the same question is told so (rule 18)."""
    try:
        panel.write(record)
    except ConflictError:
        return None if done(panel.seen(), deed) else _refusal("IdTaken")
    return None
