"""The benchmarks run on tiny sizes, and all come to the same answers; how long anything takes is nobody's test."""

import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

pytest.importorskip("cedarpy", reason="the benchmarks' peers are not installed: pip install -e '.[bench]'")
pytest.importorskip("casbin", reason="the benchmarks' peers are not installed: pip install -e '.[bench]'")

from bench import __main__ as program  # noqa: E402 -- bench is no installed package
from bench import page, results  # noqa: E402 -- the same
from bench.harness import OURS, DisagreementError, Figure, Reach, Row, Run, agree, rounds  # noqa: E402 -- the same
from bench.rows import ROWS  # noqa: E402 -- the same

UNITS = {"s", "ms", "MiB"}


@pytest.fixture(scope="module")
def measured():
    """Every row that can be measured here, at its smallest size; it raises where answers differ."""
    found = program.measured([row for row in ROWS if not row.needs()], 2, quick=True)
    return {result.number: result for result in found}


@pytest.mark.slow
def test_every_row_runs_and_all_agree(measured):
    """Each row gives figures of Assent and of the peer that it is compared with, as often as there are rounds."""
    for number, result in measured.items():
        assert result.figures, number
        assert result.notes, f"row {number} does not say what was compared"
        for figure in result.figures:
            assert {OURS, figure.against} - {""} <= set(figure.values)
            assert figure.unit in UNITS or figure.unit.endswith("/s")
            assert all(len(values) >= 2 and min(values) > 0 for values in figure.values.values())


@pytest.mark.slow
def test_the_page_shows_every_figure(measured, tmp_path):
    """The page has a line a figure and a picture that can be read by a machine."""
    row = next(one for one in ROWS if one.number == 9)
    grown = program.measured([row], 2, sizes=[row.small, 2 * row.small])[0]
    kept = {**measured, 9: grown}
    sized = [_sized(one, kept[one.number]) for one in ROWS if one.number in kept]

    page.write(sized, kept, tmp_path)
    text = (tmp_path / "benchmarks.md").read_text()

    assert all(f"## Row {number}:" in text for number in kept)
    assert all(one.what in text for result in kept.values() for one in result.figures)
    drawn = re.findall(r"\]\((images/bench-\d+\.svg)\)", text)
    assert ["images/bench-9.svg"] == drawn
    assert (tmp_path / drawn[0]).read_text().startswith("<svg ")


def test_the_readme_tells_what_was_measured_last(tmp_path):
    """Its table is the one that the kept results make, with whatever fell short."""
    readme = tmp_path / "README.md"
    readme.write_text(page.README.read_text())
    page.tell(ROWS, results.load(), readme)

    assert page.README.read_text() == readme.read_text()
    assert all(figure.what.lower() in readme.read_text().lower() for figure in results.load()[3].of(10_000)[:1])


def _sized(row, result):
    """The row as if the size that was measured were its own."""
    from dataclasses import replace  # noqa: PLC0415 -- for this alone

    return replace(row, size=result.figures[0].size)


def test_results_are_read_back_as_they_were(tmp_path):
    """What was measured is kept with four digits."""
    figure = Figure(3, "decisions", 10, "s", {OURS: [1.23456], "peer": [2.0]}, "peer", reach=Reach(0.9, at_most=True))
    results.save([results.Result(3, [figure], ["a note"], {"cpu": "x"}, {"y": "1"}, 5)], tmp_path / "kept.json")

    (read,) = results.load(tmp_path / "kept.json").values()

    assert {OURS: [1.235], "peer": [2.0]} == read.figures[0].values
    assert (Reach(0.9, at_most=True), "peer") == (read.figures[0].reach, read.figures[0].against)


@pytest.mark.parametrize(
    ("figure", "ratio", "met"),
    [
        pytest.param(Figure(1, "w", 1, "s", {OURS: [2.0], "p": [3.0]}, "p", reach=Reach(1.5)), 1.5, True, id="time"),
        pytest.param(Figure(1, "w", 1, "/s", {OURS: [2.0], "p": [4.0]}, "p", rate=True), 0.5, None, id="rate"),
        pytest.param(
            Figure(1, "w", 1, "MiB", {OURS: [9.0], "p": [8.0]}, "p", share=True, reach=Reach(0.9, at_most=True)),
            1.125,
            False,
            id="memory",
        ),
        pytest.param(Figure(1, "w", 1, "s", {OURS: [2.0]}), None, None, id="alone"),
    ],
)
def test_a_ratio_says_how_many_times_as_fast(figure, ratio, met):
    """Of time the peer's by ours, of a rate and of memory ours by the peer's."""
    assert (ratio, met) == (figure.ratio, figure.met)


def test_different_answers_are_no_figure():
    """Where contenders disagree nothing is measured, and the message says in what."""
    with pytest.raises(DisagreementError, match=r"decisions: Assent says \{2\}, peer says \{3\}"):
        agree("decisions", {OURS: {1, 2}, "peer": {1, 3}})


def test_every_contender_has_a_turn_in_every_round(tmp_path):
    """The order is another one in each round, and the same in each run."""
    turns = []
    cases = {name: (lambda name=name: turns.append(name) or 1.0) for name in "abc"}

    found = rounds(Run(5, 4, tmp_path), cases)

    assert {name: [1.0] * 4 for name in "abc"} == found
    assert [["a", "b", "c"]] * 4 == [sorted(turns[at : at + 3]) for at in range(0, 12, 3)]
    assert len({tuple(turns[at : at + 3]) for at in range(0, 12, 3)}) > 1


def test_rows_that_stand_together_share_what_they_put_up(tmp_path):
    """It is put up once for rows next to each other that name the same ground, and taken down after the last."""
    told = []

    @contextmanager
    def standing(number):
        told.append("up")
        yield number
        told.append("down")

    def measure(run):
        told.append(run.shared.get("plane", lambda: standing(len(told))))
        yield from ()

    rows = [
        Row(number, "w", "a", measure, size=1, small=1, ground=ground)
        for number, ground in enumerate(("p", "p", "", "p"), 1)
    ]
    program.measured(rows, 1)

    assert ["up", 0, 0, "down", "up", 4, "down", "up", 7, "down"] == told


def test_what_cannot_be_measured_here_says_why(tmp_path):
    """Its row stands on the page without figures, and with what is missing."""
    row = Row(6, "a start", "kopf", _never, size=1, small=1, needs=lambda: "there is no control plane")
    found = program.measured([row], 1)

    page.write([row], {6: found[0]}, tmp_path)

    assert not found[0].figures
    assert "- not measured here: there is no control plane." in (tmp_path / "benchmarks.md").read_text()


def _never(_run):
    raise AssertionError("it was measured all the same")


def test_every_row_stands_once():
    """Rows have numbers of their own, in order, and say what was not measured."""
    numbers = [row.number for row in ROWS]

    assert sorted(set(numbers)) == numbers
    assert all(row.unmeasured for row in ROWS)
