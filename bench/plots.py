"""Growth as a picture: one line a contender, both axes by powers of ten, so that linear growth is a straight line.

Written out as SVG that brings its own background and looks at what the reader's screen prefers, light or dark.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 84, 196, 40, 48
LETTER = 6.9
"""The width of a letter, somewhat too large."""

APART = 15
"""Labels behind the lines keep this distance, however close the lines end."""

STYLE = """
svg { font: 12px system-ui, sans-serif; background: #ffffff; }
.ground { fill: #ffffff; } text { fill: #24292f; } .grid { stroke: #d0d7de; } .axis { stroke: #57606a; }
.a { stroke: #0550ae; } .b { stroke: #bc4c00; } .c { stroke: #6639ba; } .d { stroke: #57606a; }
.fa { fill: #0550ae; } .fb { fill: #bc4c00; } .fc { fill: #6639ba; } .fd { fill: #57606a; }
.line { fill: none; stroke-width: 2; } .ours { stroke-width: 3.5; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; } .ground { fill: #0d1117; } text { fill: #e6edf3; } .grid { stroke: #30363d; }
  .axis { stroke: #8b949e; }
  .a { stroke: #79c0ff; } .b { stroke: #ffa657; } .c { stroke: #d2a8ff; } .d { stroke: #8b949e; }
  .fa { fill: #79c0ff; } .fb { fill: #ffa657; } .fc { fill: #d2a8ff; } .fd { fill: #8b949e; }
}
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """What is drawn: a value a size of each contender, the first of whom is ours."""

    title: str
    over: str
    unit: str
    lines: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Powers of ten from `low` to `high` over a stretch of the picture."""

    low: int
    high: int
    begin: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], begin: float, end: float) -> "_Scale":
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(low, max(high, low + 1), begin, end)

    def at(self, value: float) -> float:
        return self.begin + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.begin)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def svg(growth: Growth) -> str:
    """The picture."""
    sizes = sorted({size for values in growth.lines.values() for size in values})
    heights = [value for values in growth.lines.values() for value in values.values()]
    across = _Scale.of(sizes, LEFT, WIDTH - RIGHT)
    upward = _Scale.of(heights, HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(growth.title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        _word(LEFT, 20, "start", growth.title, bold=True),
        *_grid(growth, across, upward),
        *_lines(growth, across, upward),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(growth: Growth, across: _Scale, upward: _Scale) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for tick in upward.ticks:
        y = upward.at(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _word(LEFT - 6, y + 4, "end", f"{tick:,g}" if tick < 1 else f"{tick:,.0f}")
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        yield _word(x, bottom + 16, "middle", f"{tick:,.0f}")
    yield f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'
    yield _word((LEFT + right) / 2, HEIGHT - 10, "middle", growth.over)
    yield _word(LEFT, 35, "start", growth.unit)


def _lines(growth: Growth, across: _Scale, upward: _Scale) -> Iterator[str]:
    ends = {name: upward.at(values[max(values)]) for name, values in growth.lines.items()}
    places = _apart(ends)
    for colour, (name, values) in zip("abcd", growth.lines.items(), strict=False):
        points = [(across.at(size), upward.at(value)) for size, value in sorted(values.items())]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline class="line {colour}{" ours" if colour == "a" else ""}" points="{joined}"/>'
        for x, y in points:
            yield f'<circle class="f{colour}" cx="{x:.1f}" cy="{y:.1f}" r="{4 if colour == "a" else 3}"/>'
        most = int((RIGHT - 16) / LETTER)
        shown = name if len(name) <= most else f"{name[: most - 1]}…"
        yield _word(points[-1][0] + 10, places[name] + 4, "start", shown, bold=colour == "a")


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Where labels stand: beside their line's end, or below the label above where that is too close."""
    found: dict[str, float] = {}
    last = -math.inf
    for name, y in sorted(ends.items(), key=lambda one: one[1]):
        last = found[name] = max(y, last + APART)
    return found


def _word(x: float, y: float, anchor: str, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
