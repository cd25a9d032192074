"""Plots as shapes: where bars, lines and words stand, in the units of a picture that is scaled to its page.

Nothing here is markup: `_plots.html` writes it, beside a table with the same numbers. Words never overlap, however
narrow the page is: each label has a place of its own, and is cut where it is longer than that.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 360
"""Units from left to right; at 320 pixels a word of 12 units can still be read."""

LETTER = 7.6
"""The width of a letter in the widest of the fonts that a page may fall back to, on the whole."""

LINE, BAR = 24, 14
"""The height of a row and of the bar in it."""

LABELS = 140
"""The most that the words left of the bars may take."""

TALL, ABOVE = 130, 26
"""How high the highest column may be, and what is left above it."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Series:
    """One of the things that are counted; `colour` is the number of its class in the style sheet."""

    label: str
    values: tuple[int, ...]
    colour: int = 1


@dataclass(frozen=True, slots=True)
class Chart:
    """What is plotted, and what the table beside it says: one label a bar, and a value of each series for it."""

    name: str
    title: str
    description: str
    over: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """The whole of each bar."""
        return tuple(map(sum, zip(*(one.values for one in self.series), strict=True))) if self.series else ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not any(self.totals)

    @property
    def rows(self) -> tuple[tuple[str, tuple[int, ...], int], ...]:
        """Label, values and total of each bar that is one."""
        values = zip(*(one.values for one in self.series), strict=True)
        return tuple(row for row in zip(self.labels, values, self.totals, strict=True) if row[2])


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar: what it stands for, and how many."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    label: str
    series: str
    value: int


@dataclass(frozen=True, slots=True)
class Word:
    """A few words; `x` is where they begin, have their middle or end."""

    x: float
    y: float
    anchor: Anchor
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid, or an axis."""

    x1: float
    y1: float
    x2: float
    y2: float
    axis: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """All shapes of one plot."""

    height: float
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    lines: tuple[Line, ...]
    width: float = WIDTH


def scale(highest: int) -> tuple[int, ...]:
    """Where the lines of the grid are: at 0, at the top, and between them where a whole number lies there.

    The top is 1, 2 or 4 with noughts behind, so that the half of it is easy to read.
    """
    power = 10 ** max(len(str(highest)) - 1, 0)
    top = next(step * power for step in (1, 2, 4, 10) if step * power >= highest)
    return (0, top // 2, top) if top % 2 == 0 else (0, top)


def cut(text: str, width: float) -> str:
    """The text, or as much of its beginning as has room."""
    most = max(int(width / LETTER), 2)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def across(chart: Chart) -> Drawing:
    """A bar a row, from left to right, its parts one behind the other, and its total behind it."""
    left = round(min(max((len(one) for one in chart.labels), default=0) * LETTER, LABELS) + 8, 2)
    ticks = scale(max(chart.totals, default=0))
    room = WIDTH - left - len(str(ticks[-1])) * LETTER - 8
    bottom = len(chart.labels) * LINE + 4
    return Drawing(
        height=bottom + 38,
        bars=tuple(_row_bars(chart, left, room / ticks[-1])),
        words=tuple(_row_words(chart, ticks, left, room, bottom)),
        lines=tuple(
            Line(left + _at(one, ticks, room), 2, left + _at(one, ticks, room), bottom, not one) for one in ticks
        ),
    )


def _at(value: int, ticks: Sequence[int], room: float) -> float:
    return round(value / ticks[-1] * room, 2)


def _row_bars(chart: Chart, left: float, unit: float) -> Iterator[Bar]:
    for at, label in enumerate(chart.labels):
        x = left
        for series in chart.series:
            value = series.values[at]
            if value:
                y = at * LINE + (LINE - BAR) / 2
                yield Bar(round(x, 2), y, round(value * unit, 2), BAR, series.colour, label, series.label, value)
                x += value * unit


def _row_words(chart: Chart, ticks: Sequence[int], left: float, room: float, bottom: float) -> Iterator[Word]:
    for at, (label, total) in enumerate(zip(chart.labels, chart.totals, strict=True)):
        base = at * LINE + LINE / 2 + 4
        yield Word(round(left - 6, 2), base, "end", cut(label, left - 8))
        yield Word(round(left + _at(total, ticks, room) + 4, 2), base, "start", str(total))
    for one in ticks:
        yield Word(round(left + _at(one, ticks, room), 2), bottom + 14, "middle", str(one))
    yield Word(WIDTH / 2, bottom + 32, "middle", cut(chart.unit, WIDTH))


def upward(chart: Chart) -> Drawing:
    """A column a label, from left to right, its parts one above the other; only every so many have their label."""
    ticks = scale(max(chart.totals, default=0))
    left = round(len(str(ticks[-1])) * LETTER + 10, 2)
    longest = (max((len(one) for one in chart.labels), default=1) + 1) * LETTER
    step = (WIDTH - left - longest / 2) / max(len(chart.labels), 1)
    return Drawing(
        height=ABOVE + TALL + 40,
        bars=tuple(_column_bars(chart, left, step, ticks)),
        words=(*_scale_words(chart, ticks, left), *_column_words(chart, left, step, longest)),
        lines=tuple(Line(left, _down(one, ticks), WIDTH, _down(one, ticks), not one) for one in ticks),
    )


def _down(value: int, ticks: Sequence[int]) -> float:
    return round(ABOVE + TALL - value / ticks[-1] * TALL, 2)


def _column_bars(chart: Chart, left: float, step: float, ticks: Sequence[int]) -> Iterator[Bar]:
    for at, label in enumerate(chart.labels):
        below = 0
        for series in chart.series:
            value = series.values[at]
            if value:
                x, top = round(left + at * step + step * 0.1, 2), _down(below + value, ticks)
                high = round(_down(below, ticks) - top, 2)
                yield Bar(x, top, round(step * 0.8, 2), high, series.colour, label, series.label, value)
                below += value


def _scale_words(chart: Chart, ticks: Sequence[int], left: float) -> Iterator[Word]:
    yield Word(0, 12, "start", cut(chart.unit, WIDTH))
    yield from (Word(round(left - 6, 2), _down(one, ticks) + 4, "end", str(one)) for one in ticks)
    yield Word(WIDTH / 2, ABOVE + TALL + 36, "middle", cut(chart.over, WIDTH))


def _column_words(chart: Chart, left: float, step: float, longest: float) -> Iterator[Word]:
    """The labels from the last column back, so many apart that each has room."""
    for at in range(len(chart.labels) - 1, -1, -math.ceil(longest / step)):
        x = left + at * step + step / 2
        if x >= longest / 2:
            yield Word(round(x, 2), ABOVE + TALL + 18, "middle", chart.labels[at])
