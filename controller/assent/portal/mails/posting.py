"""The loop that sends what is due: the ledger is the outbox, so it begins where another process stopped.

A mail may reach the server twice, where the process ended between the server's answer and the record of it, with the
same Message-ID; after that record it never goes again. Nothing waits for it but the mails.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage

from assent.adapters.mail import Mailer
from assent.api.ledger import NewRecord
from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.core.decide import Decision
from assent.core.letter_text import matter
from assent.core.letters import LATELY, Letter, due, since
from assent.errors import AssentError, MailError
from assent.portal.mails import outbox
from assent.portal.mails.messages import Letterhead, Translate, compose, language_of
from assent.portal.mails.outbox import Figures, Wait
from assent.portal.panel import Panel
from assent.portal.seen import Seen

BATCH = 50
"""Letters of one connection; what is due is asked anew after them, since people decide meanwhile."""

AGAIN = timedelta(minutes=1)
"""How often everything is asked anew although nothing was written: reminders come with time alone."""

LOOK = 1.0
"""Seconds between two looks at whether something was written."""

log = logging.getLogger(__name__)


class Postman:
    """Sends one panel's mails; there should be one for a ledger, or mails may reach the server more than once.

    `translations` gives the messages of a language (`en`, `es`, `pt`).
    """

    def __init__(
        self, panel: Panel, mailer: Mailer, head: Letterhead, translations: Callable[[str], Translate]
    ) -> None:
        self._panel = panel
        self._mailer = mailer
        self._head = head
        self._translations = translations
        self._baseline: datetime | None = None
        self._asked: tuple[int, datetime] | None = None
        self._due: list[Letter] = []
        self._kept: dict[Ref, tuple[Decision, tuple[Letter, ...]]] = {}
        self._waits: dict[str, Wait] = {}
        self._sent_to: dict[str, list[datetime]] = {}
        self._unwritten: list[NewRecord] = []
        self._done: set[str] = set()
        self._failures = 0
        self._chance = random.Random()  # noqa: S311 -- it spreads tries, and hides nothing
        self.figures = Figures()

    async def run(self) -> None:
        """Goes on until it is cancelled, and then ends at once; nothing that goes wrong ends it.

        A cancellation may get lost on its way: `asyncio.wait_for` of Python before 3.12 drops one that comes together
        with what it waits for. The task remembers that it was asked to end.
        """
        while not _ending():
            try:
                rest = await self.turn()
            except AssentError as trouble:
                rest = self._trouble(trouble.message)
            except Exception as wrong:  # noqa: BLE001 -- a fault of ours in one look must not end all mails
                rest = self._trouble(f"a fault of Assent's own: {type(wrong).__name__}")
            if not _ending():
                await asyncio.sleep(rest)

    async def turn(self) -> float:
        """One look, and a batch of what is due; how many seconds to rest until the next.

        Raises:
            AssentError: the ledger cannot be read or written; nothing more was sent.
        """
        await self._write()
        seen = await asyncio.to_thread(self._look)
        batch = outbox.ready(self._due, self._waits, seen.now)
        batch = outbox.bounded(batch, self._sent_to, self._panel.settings.mails_per_hour, seen.now)
        if batch:
            try:
                await self._deliver(seen, batch[:BATCH])
            except MailError as refused:
                await self._fail(batch, refused)
                return self._trouble(refused.message)
        self._failures = 0
        return 0.0 if len(batch) > BATCH else LOOK

    def _look(self) -> Seen:
        """The moment, and in `_due` all that is due in it."""
        seen = self._panel.seen()
        if self._baseline is None:
            first = since(seen.state)
            self._baseline = min(first, seen.now) if first else seen.now
        before = self._asked
        stale = before is None or seen.now - before[1] >= AGAIN
        if before is None or stale or before[0] != seen.state.sequence:
            if stale:
                self._kept.clear()
            found = self._all(seen)
            self._sent_to = _sent_lately(seen)
            known = {one.key for one in found}
            self._done &= known
            self._waits = {key: wait for key, wait in self._waits.items() if key in known}
            self._due = [one for one in found if one.key not in self._done]
            self._asked = seen.state.sequence, seen.now if stale or before is None else before[1]
            self.figures = replace(self.figures, waiting=len(self._due))
        return seen

    def _all(self, seen: Seen) -> list[Letter]:
        """Everything that is due, over all requests of which there may be news; one that is odd keeps no other back."""
        found: list[Letter] = []
        for ref, case in seen.state.cases.items():
            if not case.open and case.end and seen.now - case.end.at > LATELY:
                continue
            try:
                decision = seen.decision(ref)
                before = self._kept.get(ref)
                if before is None or before[0] is not decision:
                    before = decision, due(seen.world, decision, seen.now, self._baseline)
                    self._kept[ref] = before
                found += before[1]
            except Exception as wrong:  # noqa: BLE001 -- a fault of ours; the request's data may stand in its text
                self.figures = replace(self.figures, last_error=f"the mails about {ref}: {type(wrong).__name__}")
        return found

    async def _deliver(self, seen: Seen, batch: Sequence[Letter]) -> None:
        """Sends the letters over one connection, and writes each down before the next.

        Raises:
            MailError: the server cannot be reached, or is of no use any more.
        """
        composed = await asyncio.to_thread(lambda: [(one, self._composed(seen, one)) for one in batch])
        bad = [(letter, message) for letter, message in composed if isinstance(message, MailError)]
        for letter, refused in bad:
            self._rest(seen, letter, refused)
            await self._fail([letter], refused)
        if len(bad) == len(composed):
            return
        async with self._mailer.connected() as line:
            for letter, message in composed:
                if isinstance(message, MailError):
                    continue
                try:
                    await line.send(message)
                except MailError as refused:
                    self._rest(seen, letter, refused)
                    if refused.whole:
                        raise
                    await self._fail([letter], refused)
                else:
                    await self._sent(letter)

    def _composed(self, seen: Seen, letter: Letter) -> EmailMessage | MailError:
        """The message, or why there is none: one letter that cannot be written keeps no other back."""
        try:
            translate = self._translations(language_of(letter.language))
            return compose(letter, matter(seen.world, seen.decision(letter.request)), self._head, translate, seen.now)
        except MailError as refused:
            return refused
        except Exception as wrong:  # noqa: BLE001 -- one letter keeps no other back; its data may stand in the text
            return MailError(f"the mail cannot be written: {type(wrong).__name__}", "this is a fault of Assent's own")

    async def _sent(self, letter: Letter) -> None:
        self._done.add(letter.key)
        self._waits.pop(letter.key, None)
        self._due = [one for one in self._due if one.key != letter.key]
        self._unwritten.append(outbox.sent(letter))
        counted = self.figures
        self.figures = replace(counted, sent=counted.sent + 1, waiting=len(self._due))
        await self._write()

    def _rest(self, seen: Seen, letter: Letter, refused: MailError) -> None:
        """Lets the others go first: a letter over which a server hangs up each time keeps none of them back."""
        before, roll = self._waits.get(letter.key), self._chance.random()
        self._waits[letter.key] = outbox.waited(before, letter, refused, seen.now, roll)

    async def _fail(self, letters: Sequence[Letter], refused: MailError) -> None:
        """Counts the failure, and writes down where it is news; what has gone out meanwhile has not failed."""
        counted = self.figures
        self.figures = replace(counted, failed=counted.failed + 1, last_error=refused.message)
        self._unwritten += await asyncio.to_thread(self._news, letters, refused)
        await self._write()

    def _news(self, letters: Sequence[Letter], refused: MailError) -> list[NewRecord]:
        seen = self._panel.seen()
        left = [one for one in letters if one.key not in self._done]
        return outbox.failed(left, refused, _known(seen, left), seen.now)

    async def _write(self) -> None:
        """Writes down what has not been yet; while that cannot be, nothing else is sent."""
        if self._unwritten:
            await asyncio.shield(asyncio.to_thread(self._append))

    def _append(self) -> None:
        records = list(self._unwritten)
        self._panel.write(*records)
        del self._unwritten[: len(records)]

    def _trouble(self, what: str) -> float:
        """How long to rest after a failure that was nobody's letter's."""
        self._failures += 1
        self.figures = replace(self.figures, last_error=what)
        if self._failures == 1:
            log.warning("mail waits: %s", what)
        return outbox.pause(self._failures, random.random())  # noqa: S311 -- spreads tries


def _ending() -> bool:
    """Whether the task that runs has been asked to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _sent_lately(seen: Seen) -> dict[str, list[datetime]]:
    """When each reader was sent mails within the last hour, by username; as the ledger has it, whoever sent them."""
    found: dict[str, list[datetime]] = {}
    for case in seen.state.cases.values():
        for mail in case.mails.values():
            if mail.state == "Sent" and seen.now - mail.at < outbox.HOUR:
                found.setdefault(mail.username, []).append(mail.at)
    return found


def _known(seen: Seen, letters: Sequence[Letter]) -> dict[str, Mailing]:
    """What the ledger has of each letter."""
    cases = seen.state.cases
    found = {one.key: cases[one.request].mails.get(one.key) for one in letters if one.request in cases}
    return {key: mailing for key, mailing in found.items() if mailing}
