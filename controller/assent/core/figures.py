"""The numbers of the overview: what waits and since when, how long deciding takes, how requests end, what mail fails.

All of it is counted from the cases as they stand, at a moment that is handed in.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from assent.api.mailings import fault
from assent.api.requests import Phase
from assent.core.approvals import StageState
from assent.core.cases import Case
from assent.core.decide import Decision

AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""Up to which age a request that waits is counted together with others; one bucket more is for older ones."""

TIMES = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4),
    timedelta(hours=12), timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30),
)  # fmt: skip
"""The bounds of the times to decide, each a few times the one before; one bucket more is for longer ones."""

DAYS = 30
"""For how many days outcomes and mails are shown, today among them."""

MOST_FAULTS = 10
"""Faults of mail that are named."""

OUTCOMES: tuple[Phase, ...] = (
    "Succeeded", "PartiallyFailed", "Failed", "Rejected", "Invalid", "Expired", "Withdrawn", "Cancelled", "Unknown",
)  # fmt: skip
"""How requests end, the best first."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """How many lie in each bucket of TIMES, and the times that half and nine tenths of them do not pass."""

    counts: tuple[int, ...]
    median: timedelta | None
    p90: timedelta | None

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of one overview.

    `waiting` counts requests by stage and bucket of AGES; `outcomes` and `mails` count by day (UTC), every day of the
    window in its order; `faults` are why mails fail that have not reached anybody since, with how many each.
    """

    waiting: Mapping[str, tuple[int, ...]]
    deciding: Spread
    outcomes: Mapping[date, Mapping[Phase, int]]
    mails: Mapping[date, Mapping[str, int]]
    faults: tuple[tuple[str, int], ...]


def figures(cases: Collection[Case], decisions: Iterable[Decision], now: datetime) -> Figures:
    """The overview at this moment; `decisions` are at least those of the cases that are open."""
    return Figures(
        waiting=waiting(decisions, now),
        deciding=spread([found for found in map(time_to_decide, cases) if found is not None]),
        outcomes=outcomes(cases, now),
        mails=_daily(_mails(cases), now),
        faults=faults(cases),
    )


def waiting(decisions: Iterable[Decision], now: datetime) -> dict[str, tuple[int, ...]]:
    """Requests that wait for each stage, by how long they have; one that waits for two at once counts at both."""
    found: dict[str, list[int]] = {}
    for decision in decisions:
        for stage in open_stages(decision):
            counts = found.setdefault(stage.seat.stage.name, [0] * (len(AGES) + 1))
            counts[bucket(now - waits_since(decision), AGES)] += 1
    return {name: tuple(counts) for name, counts in sorted(found.items())}


def open_stages(decision: Decision) -> tuple[StageState, ...]:
    """The stages that the request waits for."""
    if decision.phase != "PendingApproval" or decision.tally is None:
        return ()
    return tuple(stage for stage in decision.tally.stages if stage.state == "Open")


def waits_since(decision: Decision) -> datetime:
    """When its open stages opened: with its digest, or with the last approval of a stage before them."""
    case = decision.case
    satisfied = [one for one in (decision.tally.stages if decision.tally else ()) if one.state == "Satisfied"]
    said = [voice.at for stage in satisfied for voice in stage.decisions]
    return max([case.digest_at or case.seen_at, *said])


def time_to_decide(case: Case) -> timedelta | None:
    """From when it was first seen to the last decision on it; None where it was not people who decided it."""
    rejected = case.end is not None and case.end.phase == "Rejected"
    if not (case.claim or rejected):
        return None
    said = [one.at for one in case.voices if one.verb in ("approve", "reject") and not one.because]
    return max(max(said) - case.seen_at, timedelta()) if said else None


def spread(times: Sequence[timedelta]) -> Spread:
    """These times in buckets, with median and 90th percentile."""
    counts = [0] * (len(TIMES) + 1)
    for one in times:
        counts[bucket(one, TIMES)] += 1
    ordered = sorted(times)
    return Spread(tuple(counts), percentile(ordered, 50), percentile(ordered, 90))


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """The smallest of them that so many in a hundred do not pass; None where there are none."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1] if ordered else None


def bucket(value: timedelta, bounds: Sequence[timedelta]) -> int:
    """In which bucket the value lies: before the first bound that is larger than it, or behind the last."""
    return next((at for at, bound in enumerate(bounds) if value < bound), len(bounds))


def outcomes(cases: Iterable[Case], now: datetime) -> dict[date, dict[Phase, int]]:
    """How many ended how, by day."""
    ended = ((case.end.at, case.end.phase) for case in cases if case.end)
    return _daily(ended, now)


def faults(cases: Iterable[Case]) -> tuple[tuple[str, int], ...]:
    """Why mails fail, the most frequent first."""
    failed = (mail for case in cases for mail in case.mails.values() if mail.state == "Failed")
    counted = Counter(fault(mail.message) for mail in failed)
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST_FAULTS])


def _mails(cases: Iterable[Case]) -> Iterator[tuple[datetime, str]]:
    for case in cases:
        yield from ((mail.at, mail.state) for mail in case.mails.values())


def _daily(found: Iterable[tuple[datetime, T]], now: datetime) -> dict[date, dict[T, int]]:
    """What happened on each day of the window, counted; days on which nothing did are there, and empty."""
    today = now.astimezone(UTC).date()
    days: dict[date, Counter[T]] = {today - timedelta(days=back): Counter() for back in reversed(range(DAYS))}
    for at, what in found:
        day = at.astimezone(UTC).date()
        if day in days:
            days[day][what] += 1
    return {day: dict(counts) for day, counts in days.items()}
