"""What the loop that sends mails decides, without clock, ledger or server: what to try next, and what to write down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.api.ledger import NewRecord
from assent.api.mailings import Mailing, fault
from assent.core.letters import Letter
from assent.errors import MailError

FIRST = 2.0
LONGEST = 300.0
"""Seconds between two tries: doubled from the first to the longest."""

REFUSED = timedelta(hours=6)
"""After a refusal for good the same is tried again this much later: somebody may have put it right at the server."""

CHANGED = timedelta(hours=1)
"""How often at most a mail's failure is written down anew, where it fails each time for another reason."""

HOUR = timedelta(hours=1)
"""In which so many mails at most go to one reader."""

MESSAGE = 300
"""Characters of a reason in the ledger."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A letter that failed `failures` times to this address is not tried before `until`."""

    failures: int
    until: datetime
    email: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured: mails sent and tries that failed since the start, letters that wait; and the last fault."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    last_error: str = ""


def pause(failures: int, roll: float) -> float:
    """Seconds until the next try after so many failures in a row.

    `roll` (from 0 to 1) spreads it over the upper half, so that many do not come back at once.
    """
    whole = min(LONGEST, FIRST * 2.0 ** min(failures - 1, 16))
    return whole * (0.5 + roll / 2)


def waited(before: Wait | None, letter: Letter, refused: MailError, now: datetime, roll: float) -> Wait:
    """How long a letter rests that was refused by itself; a corrected address begins anew."""
    failures = before.failures + 1 if before and before.email == letter.email else 1
    rest = timedelta(seconds=pause(failures, roll)) if refused.passing else REFUSED
    return Wait(failures, now + rest, letter.email)


def ready(letters: Iterable[Letter], waits: Mapping[str, Wait], now: datetime) -> list[Letter]:
    """The letters to try now, those first that failed least: who rests is left out, unless their address is new."""
    known = [(one, waits.get(one.key)) for one in letters]
    fresh = [(one, None if wait is None or wait.email != one.email else wait) for one, wait in known]
    able = [(one, wait.failures if wait else 0) for one, wait in fresh if wait is None or wait.until <= now]
    return [one for one, _ in sorted(able, key=lambda pair: pair[1])]


def bounded(
    letters: Iterable[Letter], sent: Mapping[str, Sequence[datetime]], most: int, now: datetime
) -> list[Letter]:
    """Those that may go now: at most so many an hour to one reader, by username; 0 lifts the limit.

    The others stay due, and go later, as far as they are of any use by then: none is lost, and none is news twice.
    """
    room = {name: most - sum(now - at < HOUR for at in times) for name, times in sent.items()}
    found = []
    for one in letters:
        left = room.get(one.username, most)
        room[one.username] = left - 1
        if left > 0 or not most:
            found.append(one)
    return found


def sent(letter: Letter) -> NewRecord:
    """The record after which the mail is never due again."""
    return _record(letter, "Sent", "")


def failed(
    letters: Sequence[Letter], refused: MailError, known: Mapping[str, Mailing], now: datetime
) -> list[NewRecord]:
    """A record for each letter whose failure is news; `known` is what the ledger has of each, by its key.

    A server that is down for a day writes one record a letter, and one that fails each time for another reason one an
    hour at most.
    """
    message = refused.message[:MESSAGE]
    return [_record(one, "Failed", message) for one in letters if _is_news(known.get(one.key), message, now)]


def _is_news(last: Mailing | None, message: str, now: datetime) -> bool:
    if last is None or last.state != "Failed":
        return True
    return fault(last.message) != fault(message) and now - last.at >= CHANGED


def _record(letter: Letter, state: str, message: str) -> NewRecord:
    body = {"request": str(letter.request), "username": letter.username, "about": letter.about}
    body |= {"stage": letter.stage, "digest": letter.digest, "state": state, "message": message}
    return NewRecord("mailed", letter.key, body)
