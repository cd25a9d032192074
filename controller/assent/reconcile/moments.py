"""A pass's look at the clocks, what it says of itself, and why it may start nothing."""

from dataclasses import dataclass
from datetime import datetime

from assent.api.records import stamp

MAX_JUMP = 60.0
"""Seconds by which the clock may move against the monotonic one, or behind the ledger, before execution pauses."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A pass's one look at the clocks: the time of day, and a monotonic number of seconds."""

    now: datetime
    monotonic: float


@dataclass
class Summary:
    """What one pass did, for the one line that it leaves in the log."""

    head: str = ""
    commits: int = 0
    decided: int = 0
    waiting: int = 0
    started: int = 0
    ended: int = 0
    refused: int = 0
    held: tuple[str, ...] = ()
    paused: str = ""


def paused(recorded: datetime | None, last: Moment | None, moment: Moment) -> str:
    """Why nothing may be started now: a clock that moved cannot be trusted with deadlines (rule 19).

    `recorded` is the time of the ledger's newest record, `last` the moment of the pass before.
    """
    newest = recorded or moment.now
    if (newest - moment.now).total_seconds() > MAX_JUMP:
        return f"the clock says {stamp(moment.now)}, which is before the ledger's own {stamp(newest)}"
    if last is None:
        return ""
    drift = (moment.now - last.now).total_seconds() - (moment.monotonic - last.monotonic)
    return f"the clock moved by {drift:.0f} s since the last pass" if abs(drift) > MAX_JUMP else ""
