"""`docs/benchmarks.md` and its pictures, made of what was measured."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.harness import OURS, Figure, Row
from bench.plots import Growth, svg
from bench.results import Result

DOCS = Path(__file__).parents[1] / "docs"
README = DOCS.parent / "README.md"
MARKS = "<!-- benchmarks: written by make bench -->\n", "<!-- end of benchmarks -->\n"
"""Between them stands the README's table."""

HEAD = """\
# Benchmarks

How fast Assent does its work, beside what people would use instead.
Every figure is a ratio within one run: both did the same work in turns, in shuffled rounds; the medians are compared.
Trust the ratios; the seconds are those of one machine, which stands at the end.
Before anything was timed the answers were compared, and where they differ there is no figure.

`make bench` measures all of it again and writes this page; `make bench ARGS="--rows 3,4 --rounds 9"` some rows of it.
`make bench-quick` takes a few minutes, and only proves that everything runs and agrees.
Rows 6 to 8 are measured on a real API server, which `make controlplane` builds, and are left out where there is none.

"""


def write(rows: Sequence[Row], results: Mapping[int, Result], docs: Path = DOCS) -> None:
    """The page, and a picture of each row that grows."""
    (docs / "images").mkdir(parents=True, exist_ok=True)
    for row in rows:
        growth = _growth(row, results.get(row.number))
        if growth:
            (docs / _picture(row)).write_text(svg(growth))
    (docs / "benchmarks.md").write_text(HEAD + "\n".join(_body(rows, results)) + "\n")


def tell(rows: Sequence[Row], results: Mapping[int, Result], readme: Path = README) -> None:
    """Puts every figure that has something to reach into the README, between its marks."""
    before, rest = readme.read_text().split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    readme.write_text(before + MARKS[0] + "\n".join(_short(rows, results)) + "\n" + MARKS[1] + after)


def _short(rows: Sequence[Row], results: Mapping[int, Result]) -> Iterator[str]:
    yield "| Work | Size | Against | Ratio | To reach |"
    yield "|---|--:|---|--:|--:|"
    for row in rows:
        figures = results[row.number].of(row.size) if row.number in results else []
        for what, against, size, _, _, ratio, bar, _ in (cells(row, one) for one in figures if one.reach):
            yield f"| {what[:1].upper()}{what[1:]} | {size} | {against} | {ratio} | {bar} |"


def _body(rows: Sequence[Row], results: Mapping[int, Result]) -> Iterator[str]:
    yield "| # | work | against | size | Assent | peer | ratio | to reach | noise |"
    yield "|--:|---|---|--:|--:|--:|--:|--:|--:|"
    for row in rows:
        result = results.get(row.number)
        for figure in result.of(row.size) if result else ():
            yield f"| {row.number} | {' | '.join(cells(row, figure))} |"
    yield ""
    yield "A ratio says how many times as fast Assent is; where the bar is an upper one (≤), its share of the peer's."
    yield "Noise says how near to their median half of the rounds lay: a ratio is no more certain than that."
    for row in rows:
        if row.number in results:
            yield from _section(row, results[row.number])
    yield from _machines(rows, results)


def cells(row: Row, figure: Figure) -> tuple[str, ...]:
    """One figure as a line of a table, without the row's number."""
    bar = f"{figure.reach}{'' if figure.met else ' **(not reached)**'}" if figure.reach else "–"
    return (
        figure.what,
        figure.against or "–",
        f"{figure.size:,} {row.over}",
        quantity(figure.median(OURS), figure.unit),
        quantity(figure.median(figure.against), figure.unit) if figure.against else "–",
        times(figure.ratio) if figure.ratio is not None else "–",
        bar,
        f"{figure.noise:.0%}",
    )


def quantity(value: float, unit: str) -> str:
    """A value with three digits and its unit."""
    number = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{number}{'/s' if unit.endswith('/s') else f' {unit}'}"


def times(ratio: float) -> str:
    """A ratio with as many digits as can be trusted."""
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2f} ×"


def _section(row: Row, result: Result) -> Iterator[str]:
    yield f"\n## Row {row.number}: {row.work}\n"
    yield f"Against {row.against}; {result.rounds} rounds.\n"
    yield from (f"- {note}." for note in result.notes)
    yield from (f"- Not measured: {one}" for one in row.unmeasured)
    growth = _growth(row, result)
    if growth:
        yield f"\n![{growth.title}, as a picture; the table below has its numbers]({_picture(row)})\n"
    whats = dict.fromkeys(one.what for one in result.figures)
    for what in whats:
        grown = result.grown(what)
        if len(grown) > 1:
            yield from _table(row, what, grown)


def _table(row: Row, what: str, grown: Mapping[int, Figure]) -> Iterator[str]:
    names = list(dict.fromkeys(name for one in grown.values() for name in one.values))
    rated = any(one.ratio is not None for one in grown.values())
    yield f"\n{what[:1].upper()}{what[1:]}:\n"
    yield f"| {row.over} | {' | '.join(names)} |{' ratio |' if rated else ' against the size before |'}"
    yield f"|--:|{'--:|' * len(names)}--:|"
    before: Figure | None = None
    for size, one in grown.items():
        values = [quantity(one.median(name), one.unit) if name in one.values else "–" for name in names]
        last = times(one.ratio) if one.ratio is not None else _grew(before, one)
        yield f"| {size:,} | {' | '.join(values)} | {last} |"
        before = one


def _grew(before: Figure | None, now: Figure) -> str:
    if before is None:
        return "–"
    cost = now.median(OURS) / before.median(OURS)
    return f"{times(cost)} for {now.size / before.size:g} × as many"


def _growth(row: Row, result: Result | None) -> Growth | None:
    grown = result.grown(row.grows) if result and row.grows else {}
    if len(grown) < 2:
        return None
    figures = list(grown.values())
    names = row.plotted or tuple(dict.fromkeys(name for one in figures for name in one.values))
    lines = {name: {size: one.median(name) for size, one in grown.items() if name in one.values} for name in names}
    title = f"{row.grows[:1].upper()}{row.grows[1:]}"
    return Growth(title, row.over, figures[0].unit, lines)


def _picture(row: Row) -> str:
    return f"images/bench-{row.number}.svg"


def _machines(rows: Sequence[Row], results: Mapping[int, Result]) -> Iterator[str]:
    yield "\n## Machine and versions\n"
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for row in rows:
        if row.number in results:
            result = results[row.number]
            about = tuple({**result.machine, **{f"{name}": one for name, one in result.versions.items()}}.items())
            groups.setdefault(about, []).append(row.number)
    for about, numbers in groups.items():
        which = f"Row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
        yield f"- {which}: " + "; ".join(f"{name} {value}" for name, value in about) + "."
