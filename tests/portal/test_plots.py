"""Plots: their shapes hold what their tables hold, are well-formed, and no two words of one touch each other."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.portal import plots
from assent.portal.plots import Chart, Series
from assent.portal.rendering import environment

SVG = "{http://www.w3.org/2000/svg}"


def chart(labels, *series, name="x"):
    made = tuple(Series(f"s{at}", tuple(values), at) for at, values in enumerate(series, start=1))
    return Chart(name, "A title & more", "What <it> shows", "Over", "Requests", tuple(labels), made)


def drawn(one, draw):
    """The picture and the table, as a page has them."""
    template = environment("en").from_string(
        "{% from '_plots.html' import plot, numbers %}<main>{{ plot(c, d) }}{{ numbers(c) }}</main>"
    )
    page = ET.fromstring(template.render(c=one, d=draw(one)))  # noqa: S314 -- made here
    return page.find(".//svg"), page.find(".//table")


def held(picture):
    """What the bars say of themselves: label and series to value."""
    said = [bar.find("title").text for bar in picture.iter("rect")]
    return {one.rpartition(": ")[0]: int(one.rpartition(": ")[2]) for one in said}


def told(table):
    """What the table says, without the column of sums."""
    head = [cell.text for cell in table.iter("th") if cell.get("scope") == "col"][1:]
    found = {}
    for row in table.find("tbody"):
        values = dict(zip(head, [int(cell.text) for cell in row.findall("td")], strict=True))
        found |= {f"{row.find('th').text}, {name}": value for name, value in values.items() if name != "All" and value}
    return found


LABELS = st.lists(
    st.text("abcdefgh <>&'\"é…", min_size=1, max_size=30).map(str.strip).filter(bool), max_size=31, unique=True
)


@st.composite
def charts(draw):
    labels = draw(LABELS)
    number = st.integers(0, draw(st.sampled_from([3, 40, 12345])))
    size = draw(st.integers(1, 9))
    return chart(labels, *(draw(st.lists(number, min_size=len(labels), max_size=len(labels))) for _ in range(size)))


def boxes(drawing):
    """Where each word is, as wide as it may be."""
    for word in drawing.words:
        width = len(word.text) * plots.LETTER
        x = word.x - {"start": 0, "middle": width / 2, "end": width}[word.anchor]
        yield word, (x, word.y - 10, x + width, word.y + 3)


def apart(one, other):
    left, right = one[2] <= other[0] + 0.1, other[2] <= one[0] + 0.1
    return left or right or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("draw", [plots.across, plots.upward])
@given(one=charts())
def test_a_plot_holds_what_its_table_holds(draw, one):
    if one.empty:
        assert drawn(one, draw) == (None, None)
        return
    picture, table = drawn(one, draw)
    assert held(picture) == told(table)
    assert sum(held(picture).values()) == sum(one.totals)


@pytest.mark.parametrize("draw", [plots.across, plots.upward])
@given(one=charts())
def test_everything_lies_within_the_picture_and_no_two_words_touch(draw, one):
    drawing = draw(one)
    for bar in drawing.bars:
        assert 0 <= bar.x
        assert bar.x + bar.width <= drawing.width + 0.1
        assert 0 <= bar.y
        assert bar.y + bar.height <= drawing.height
        assert bar.height >= 0
    placed = list(boxes(drawing))
    for word, (left, top, right, bottom) in placed:
        assert -0.1 <= left, word
        assert right <= drawing.width + 0.1, word
        assert 0 <= top, word
        assert bottom <= drawing.height, word
    for (word, one_box), (other, other_box) in combinations(placed, 2):
        assert apart(one_box, other_box), (word, other)


@given(charts())
def test_parts_of_a_bar_follow_each_other_without_a_gap(one):
    ends = {}
    for bar in plots.across(one).bars:
        if bar.label in ends:
            assert bar.x == pytest.approx(ends[bar.label], abs=0.05)
        ends[bar.label] = bar.x + bar.width
    tops = {}
    for bar in plots.upward(one).bars:
        if bar.label in tops:
            assert bar.y + bar.height == pytest.approx(tops[bar.label], abs=0.05)
        tops[bar.label] = bar.y


def test_a_picture_is_named_and_described():
    picture, table = drawn(chart(["a", "b"], [1, 2], [3, 0]), plots.across)
    assert picture.get("role") == "img"
    ids = picture.get("aria-labelledby").split()
    assert ids == [picture.find("title").get("id"), picture.find("desc").get("id")]
    assert ("A title & more", "What <it> shows") == (picture.find("title").text, picture.find("desc").text)
    assert ["col"] * 4 == [cell.get("scope") for cell in table.find("thead").iter("th")]
    assert ["row"] * 2 == [cell.get("scope") for cell in table.find("tbody").iter("th")]
    assert "in numbers" in table.find("caption").text


def test_no_shape_carries_a_style():
    picture, _ = drawn(chart(["a"], [1]), plots.upward)
    assert not [shape for shape in picture.iter() if "style" in shape.attrib or "fill" in shape.attrib]
    assert {"series-1"} == {shape.get("class") for shape in picture.iter("rect")}


@pytest.mark.parametrize("draw", [plots.across, plots.upward])
@pytest.mark.parametrize("one", [chart([]), chart([], []), chart(["a", "b"], [0, 0])])
def test_where_there_is_nothing_no_picture_pretends(draw, one):
    assert (None, None) == drawn(one, draw)


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (3, (0, 2, 4)),
        (5, (0, 5, 10)),
        (11, (0, 10, 20)),
        (400, (0, 200, 400)),
    ],
)
def test_the_scale_ends_at_a_round_number(highest, expected):
    assert expected == plots.scale(highest)


def test_long_labels_are_cut_and_days_are_labelled_now_and_then():
    long = plots.across(chart(["a" * 60], [1])).words[0].text
    assert long.endswith("…")
    assert len(long) < 25
    days = plots.upward(chart([f"Nov {day}" for day in range(1, 31)], [1] * 30))
    shown = [word.text for word in days.words if word.text.startswith("Nov")]
    assert shown[0] == "Nov 30"
    assert 3 <= len(shown) <= 8
