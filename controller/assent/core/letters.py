"""Which mails are due about a request: to whom, about what, and under which key.

The key is the mail's own for ever: what the ledger says was sent under it is never due again. A new digest is a new
question, so it has new keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assent.api.canonical import sha256
from assent.api.mailings import About
from assent.api.names import Ref
from assent.core.cases import Case
from assent.core.decide import Decision
from assent.core.state import State
from assent.core.status import can_decide
from assent.core.world import World

LATELY = timedelta(days=7)
"""How long an end is news: a mail about it that could not be sent by then is not sent any more."""

LAST_PART = 4
"""A reminder is due in the last quarter of the time to decide."""

LINKED = frozenset({"Mail", "Panel"})
"""Channels to which a mail can lead; where a flow accepts neither, nobody is written to."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that is due; `person` is who reads it, `language` as they or their organization say (BCP 47), or empty.

    `stage` is a whole name (`platform/manager-and-platform/manager`), empty where the request has ended. `by_mail` says
    that its links decide, and `sign_in` that whoever follows them signs in first.
    """

    key: str
    about: About
    request: Ref
    person: Ref
    username: str
    email: str
    language: str
    stage: str
    digest: str
    by_mail: bool = False
    sign_in: bool = True
    deadline: datetime | None = None


def due(world: World, decision: Decision, now: datetime, baseline: datetime | None) -> tuple[Letter, ...]:
    """Every mail about the request that has not been sent, though it should be; one that failed is among them.

    Args:
        world: the configuration in force.
        decision: what the request has come to.
        now: the moment.
        baseline: since when mails are sent at all; what ended before it is nobody's news. None: since ever.
    """
    case = decision.case
    found = [*_opened(world, decision), *_reminders(world, decision, now)] if case.open else []
    if not case.open and _is_news(case, now, baseline):
        found = [*_ended(world, decision)]
    return tuple(one for one in found if not _sent(case, one.key))


def since(state: State) -> datetime | None:
    """When the first mail was sent, or failed; None where there never was one."""
    return min((mail.at for case in state.cases.values() for mail in case.mails.values()), default=None)


def key(request: Ref, about: About, stage: str, digest: str, person: Ref) -> str:
    """The mail's own key: 64 hex digits, the same for the same mail for ever."""
    return sha256([str(request), about, stage, digest, str(person)])


def _opened(world: World, decision: Decision) -> Iterator[Letter]:
    """One mail to each who can decide an open stage now."""
    valid, tally = decision.valid, decision.tally
    if valid is None or tally is None or not valid.gate.accepts & LINKED:
        return
    for stage in tally.stages:
        for person in can_decide(decision, stage):
            letter = _letter(world, decision, "Opened", person, stage.seat.name)
            if letter:
                by_mail = "Mail" in valid.gate.accepts
                yield replace(letter, by_mail=by_mail, sign_in=valid.gate.sign_in, deadline=decision.deadline)


def _reminders(world: World, decision: Decision, now: datetime) -> Iterator[Letter]:
    """One mail more to each who was asked in time, and can still decide when little time is left."""
    within = decision.valid.gate.decide_within if decision.valid else None
    if within is None:
        return
    for opened in _opened(world, decision):
        starts = opened.deadline and opened.deadline - timedelta(seconds=within / LAST_PART)
        asked = decision.case.mails.get(opened.key)
        # Whoever was asked when little time was left has just been reminded by that.
        if starts and now > starts and asked and asked.state == "Sent" and asked.at <= starts:
            about: About = "Reminder"
            again = key(opened.request, about, opened.stage, opened.digest, opened.person)
            yield replace(opened, about=about, key=again)


def _is_news(case: Case, now: datetime, baseline: datetime | None) -> bool:
    """Whether somebody still wants to hear how it ended; what an empty ledger found has ended some time ago."""
    if case.end is None or case.end.reason == "LedgerRestarted" or now - case.end.at > LATELY:
        return False
    return baseline is None or case.end.at >= baseline


def _ended(world: World, decision: Decision) -> Iterator[Letter]:
    """One mail to the requester, and one to the person for whom it was asked.

    Only a proven requester hears of it: else anybody could have anybody written to.
    """
    case = decision.case
    requester = world.people.named(case.spec.requester)
    if requester is None or requester != case.proven_by:
        return
    for person in dict.fromkeys((requester, case.beneficiary)):
        letter = _letter(world, decision, "Ended", person) if person else None
        if letter:
            yield letter


def _letter(world: World, decision: Decision, about: About, person: Ref, stage: str = "") -> Letter | None:
    """The mail, where the person has an address and may still sign in."""
    user, ref, digest = world.people.by_ref.get(person), decision.case.ref, decision.digest or ""
    if user is None or user.spec.email is None or user.spec.suspended:
        return None
    home = world.organizations.by_name.get(person.namespace)
    language = user.spec.language or (home.spec.language if home else None) or ""
    own = key(ref, about, stage, digest, person)
    return Letter(own, about, ref, person, user.spec.username, user.spec.email, language, stage, digest)


def _sent(case: Case, key: str) -> bool:
    return key in case.mails and case.mails[key].state == "Sent"
