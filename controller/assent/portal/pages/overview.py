"""How things go, for the Platform's people: numbers over all organizations, without anybody's requests."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from babel.dates import format_skeleton, format_timedelta
from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.core import figures
from assent.core.figures import OUTCOMES, Figures, Spread
from assent.portal.choosing import sight_of
from assent.portal.menu import N_
from assent.portal.panel import panel_of
from assent.portal.plots import Chart, Drawing, Series, across, upward
from assent.portal.refusals import MissingError
from assent.portal.rendering import language_of, render, translator
from assent.portal.signing import Me
from assent.portal.words import word

router = APIRouter()

Translate = Callable[[str], str]

AGES: Final = (N_("under 1 hour"), N_("under 1 day"), N_("under 3 days"), N_("under 7 days"), N_("older"))
"""The buckets of how long something waits."""

TIMES: Final = (
    N_("under 1 minute"), N_("under 5 minutes"), N_("under 15 minutes"), N_("under 1 hour"), N_("under 4 hours"),
    N_("under 12 hours"), N_("under 1 day"), N_("under 3 days"), N_("under 7 days"), N_("under 30 days"), N_("longer"),
)  # fmt: skip
"""The buckets of how long deciding took."""

COLOURS: Final = dict(zip(OUTCOMES, (3, 7, 2, 4, 5, 8, 6, 1, 9), strict=True))
"""Each outcome has its own colour, whichever of them there are."""

MAILS: Final = (("Sent", N_("Sent"), 3), ("Failed", N_("Failed"), 2))


@router.get("/overview", name="overview")
def overview(request: Request, me: Me) -> Response:
    """Four plots, each with its table."""
    seen = panel_of(request).seen()
    if not sight_of(seen, me).governs:
        raise MissingError
    cases = tuple(seen.state.cases.values())
    decisions = (seen.decision(case.ref) for case in cases if case.open)
    found = figures.figures(cases, decisions, seen.now)
    language, translate = language_of(request), translator(request)
    return render(
        request,
        "overview.html",
        plots=plots(found, language, translate),
        median=_spoken(found.deciding.median, language),
        p90=_spoken(found.deciding.p90, language),
        deciding=found.deciding.number,
        faults=found.faults,
    )


def plots(found: Figures, language: str, translate: Translate) -> dict[str, tuple[Chart, Drawing]]:
    """All plots by name."""
    days = [_day(day, language) for day in found.outcomes]
    return {
        "waiting": _drawn(waiting(found, translate), across),
        "deciding": _drawn(deciding(found.deciding, translate), across),
        "outcomes": _drawn(outcomes(found, days, translate), upward),
        "mails": _drawn(mails(found, days, translate), upward),
    }


def _drawn(chart: Chart, draw: Callable[[Chart], Drawing]) -> tuple[Chart, Drawing]:
    return chart, draw(chart)


def waiting(found: Figures, translate: Translate) -> Chart:
    """Requests by the stage that they wait for, and by how long they have."""
    _ = translate
    counts = list(found.waiting.values())
    return Chart(
        name="waiting",
        title=_("Waiting for approval"),
        description=_("How many requests wait for each stage, by how long they have waited for it."),
        over=_("Stage"),
        unit=_("Requests"),
        labels=tuple(found.waiting),
        series=tuple(Series(_(age), tuple(one[at] for one in counts), at + 1) for at, age in enumerate(AGES)),
    )


def deciding(found: Spread, translate: Translate) -> Chart:
    """Requests by how long it took until they were decided."""
    _ = translate
    return Chart(
        name="deciding",
        title=_("Time to decide"),
        description=_("How many requests were decided within which time, from when they were first seen."),
        over=_("Time"),
        unit=_("Requests"),
        labels=tuple(map(_, TIMES)),
        series=(Series(_("Requests"), found.counts),),
    )


def outcomes(found: Figures, days: Sequence[str], translate: Translate) -> Chart:
    """Requests that ended, by day and phase; phases that none ended in are left out."""
    _ = translate
    ends = list(found.outcomes.values())
    there = [phase for phase in OUTCOMES if any(phase in day for day in ends)]
    return Chart(
        name="outcomes",
        title=_("Outcomes"),
        description=_("How many requests ended on each of the last days, by how they ended."),
        over=_("Day (UTC)"),
        unit=_("Requests"),
        labels=tuple(days),
        series=tuple(
            Series(word(phase, _), tuple(day.get(phase, 0) for day in ends), COLOURS[phase]) for phase in there
        ),
    )


def mails(found: Figures, days: Sequence[str], translate: Translate) -> Chart:
    """Mails by day, and whether they were sent."""
    _ = translate
    sent = list(found.mails.values())
    return Chart(
        name="mails",
        title=_("Mail"),
        description=_("How many mails were sent on each of the last days, and how many could not be."),
        over=_("Day (UTC)"),
        unit=_("Mails"),
        labels=tuple(days),
        series=tuple(
            Series(_(label), tuple(day.get(state, 0) for day in sent), colour) for state, label, colour in MAILS
        ),
    )


def _day(day: date, language: str) -> str:
    return format_skeleton("MMMd", day, locale=language)


def _spoken(time: timedelta | None, language: str) -> str:
    return format_timedelta(time, locale=language) if time is not None else ""
