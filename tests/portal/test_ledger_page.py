"""The ledger's page: what somebody may read of the history, page by page, and taken home as a file."""

import csv
import html
import io
import json
import re
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.ledger import NewRecord, Record
from assent.core.history import Reader
from assent.core.seeing import Sight
from assent.portal.pages import ledger
from portal.paper import START, Paper, long
from portal.street import main, same, stranger, street

NUMBER = re.compile(r'<th scope="row" class="number"[^>]*>(\d+)</th>')
OLIVIA, NADIA, LENA = "olivia@platform.example", "nadia@northwind.example", "lena@labs.acme.example"
EVERYBODY = ("olivia@platform.example", NADIA, "pedro@northwind.example", "alba", "maria", "juan", "ana", LENA)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        found.panel.write(NewRecord("signedOut", "5e55-ana", {"username": "ana@acme.example"}, once=True))
        yield found


def items(person, query=""):
    """All records that somebody gets as JSON."""
    return json.loads(person.get(f"/ledger.json?{query}").text)["items"]


def places(found):
    """The organizations that records are about, and the kinds of those that are about none."""
    about = {str(one["body"].get("request", one["subject"])).partition("/") for one in found}
    return {place for place, slash, _ in about if slash}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(OLIVIA, set(), id="the platform: no requests but its own"),
        pytest.param(NADIA, {"acme", "acme-labs", "acme-shops", "globex"}, id="the partner"),
        pytest.param("alba", {"acme", "acme-labs", "acme-shops"}, id="the client"),
        pytest.param("ana", {"acme"}, id="a viewer of the client alone"),
        pytest.param(LENA, {"acme-labs"}, id="a suborganization's person"),
    ],
)
def test_everybody_reads_the_history_of_their_rights(home, who, expected):
    assert expected == places(items(home.signed_in(who)))


def test_only_the_platforms_people_read_what_is_about_the_controller(home):
    """Kinds that are about no request, by who reads them."""
    kinds = {who: {one["kind"] for one in items(home.signed_in(who))} & WIDE for who in EVERYBODY}
    assert {"trusted", "head", "signedOut"} == kinds.pop(OLIVIA)
    assert {"signedOut"} == kinds.pop("ana"), "their own"
    assert {frozenset()} == {frozenset(one) for one in kinds.values()}


WIDE = {"trusted", "head", "guarded", "bootstrapped", "halted", "resumed", "signedOut"}


def test_the_page_shows_what_the_file_holds(home):
    for who in EVERYBODY:
        person = home.signed_in(who)
        numbers = [int(one) for one in NUMBER.findall(main(person.get("/ledger")))]
        assert [one["sequence"] for one in items(person)] == numbers[::-1], who


def test_whoever_may_read_nothing_finds_no_page(home):
    for path in ("/ledger", "/ledger.csv", "/ledger.json"):
        assert same(stranger(home), path, "/nothing")
        without = Paper().signed_in("bob@b")
        assert 404 == without.get(path).status_code


@pytest.mark.parametrize(
    ("who", "place"), [("alba", "globex"), ("ana", "acme-labs"), (LENA, "acme-shops"), (OLIVIA, "acme")]
)
@pytest.mark.parametrize("path", ["/ledger", "/ledger.csv", "/ledger.json"])
def test_an_organization_that_one_does_not_read_does_not_exist(home, who, place, path):
    assert same(home.signed_in(who), f"{path}?organization={place}", f"{path}?organization=nowhere")


def filled():
    """Two days of work in b and its suborganization c, and what is about the whole."""
    door = Paper()
    door.note("head", "f00", {"commit": "f00"})
    why = {"reason": "x", "message": "y", "hint": "z"}
    changes = [{"document": f"User/{place}/ann", "versions": [], "refused": why} for place in ("b", "c", "d")]
    door.note("configured", "f00", {"commit": "f00", "author": "b/ann", "changes": changes, "unreadable": []})
    door.run("r1", "Succeeded", hours=1)
    door.run("r2", "Failed", place="c", requester="zoe@c", hours=24)
    return door


QUERIES = [
    ("", {"head": 0, "configured": 1, "observed": 2, "claimed": 2, "acted": 2, "recorded": 2, "ended": 2}),
    ("organization=c", {"configured": 1, "observed": 1, "claimed": 1, "acted": 1, "recorded": 1, "ended": 1}),
    ("organization=d", {"configured": 1}),
    ("kind=ended", {"ended": 2}),
    ("kind=nonsense", {"configured": 1, "observed": 2, "claimed": 2, "acted": 2, "recorded": 2, "ended": 2}),
    ("subject=r2", {"observed": 1, "claimed": 1, "acted": 1, "recorded": 1, "ended": 1}),
    ("person=ZOE", {"observed": 1}),
    ("person=b/ann", {"configured": 1}),
    ("from=2026-01-06", {"observed": 1, "claimed": 1, "acted": 1, "recorded": 1, "ended": 1}),
    ("to=2026-01-05", {"configured": 1, "observed": 1, "claimed": 1, "acted": 1, "recorded": 1, "ended": 1}),
    ("from=2026-01-05&to=2026-01-05&kind=ended", {"ended": 1}),
    ("from=2026-01-07", {}),
    (
        "from=nonsense&to=9999-12-31",
        {"configured": 1, "observed": 2, "claimed": 2, "acted": 2, "recorded": 2, "ended": 2},
    ),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_page_and_files_hold_what_is_looked_for(query, expected):
    person = filled().signed_in("ann@b")
    found = items(person, query)
    counts = {}
    for one in found:
        counts[one["kind"]] = counts.get(one["kind"], 0) + 1
    assert {kind: number for kind, number in expected.items() if number} == counts
    numbers = [one["sequence"] for one in found]
    assert numbers == sorted(numbers)
    assert numbers[::-1] == [int(one) for one in NUMBER.findall(main(person.get(f"/ledger?{query}")))]
    rows = list(csv.DictReader(io.StringIO(person.get(f"/ledger.csv?{query}").text, newline="")))
    assert [(str(one["sequence"]), one["kind"], one["body"]) for one in found] == [
        (row["sequence"], row["kind"], json.loads(row["body"])) for row in rows
    ]


def test_the_links_to_the_files_keep_the_filter_and_the_choice():
    person = filled().signed_in("ann@b")
    person.get("/switch?organization=c")
    page = main(person.get("/ledger?kind=ended&person=%26+x"))
    link = html.unescape(re.search(r'href="(/ledger\.csv[^"]+)"', page).group(1))
    assert {"kind=ended", "person=%26+x", "organization=c"} == set(link.partition("?")[2].split("&"))


def test_a_change_elsewhere_in_the_same_record_is_cut_out_of_page_and_file():
    door = filled()
    for who, own, others in (
        ("ann@c", ["User/c/ann"], ("User/b/", "User/d/")),
        ("ann@d", ["User/d/ann"], ("User/c/",)),
    ):
        person = door.signed_in(who)
        (found,) = [one for one in items(person) if one["kind"] == "configured"]
        assert own == [one["document"] for one in found["body"]["changes"]]
        for path in ("/ledger", "/ledger.csv", "/ledger.json"):
            assert not [word for word in others if word in person.get(path).text]


def test_a_hundred_a_page_and_every_record_on_one_of_them():
    door = Paper()
    for at in range(350):
        door.note(
            "observed", f"b/r{at}", {"spec": {"microservice": {"name": "v"}, "requester": "ann@b"}, "approvers": {}}
        )
    person, path, sizes, found = door.signed_in(), "/ledger?subject=b/r", [], []
    while path:
        page = main(person.get(path))
        numbers = [int(one) for one in NUMBER.findall(page)]
        sizes, found = [*sizes, len(numbers)], found + numbers
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(link.group(1)) if link else ""
    assert [100, 100, 100, 50] == sizes
    assert list(range(350, 0, -1)) == found


def test_a_page_reads_only_the_end_of_a_long_ledger():
    door = long(20_000)
    person = door.signed_in("ann@b")
    person.get("/ledger")
    door.read = 0
    assert 100 == len(NUMBER.findall(main(person.get("/ledger"))))
    assert door.read <= 2 * ledger.WINDOW


def test_a_rare_record_is_looked_for_a_page_at_a_time():
    """Where nothing is found in many windows, the page says so and offers to look further."""
    door = long(ledger.WINDOW * ledger.WINDOWS * 2 + 10)
    person, path, tries = door.signed_in("ann@b"), "/ledger?organization=c", 0
    while path:
        door.read, tries = 0, tries + 1
        page = main(person.get(path))
        assert door.read <= (ledger.WINDOW + 1) * ledger.WINDOWS
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(link.group(1)) if link else ""
        assert path == "" or "No record was found so far." in page
    assert (3, ["1"]) == (tries, NUMBER.findall(page))


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 50))
def test_pages_are_the_whole_in_pieces_wherever_records_lie(mine, before):
    """With small pages and windows: nothing twice, nothing left out, whatever the reader may read."""
    door = Paper()
    body = {"reason": "x", "message": "y"}
    door.pages = [Record(at, START, "held", f"{'c' if own else 'd'}/r", body) for at, own in enumerate(mine, start=1)]
    reader = Reader(Sight(door.world, next(ref for ref in door.world.people.by_ref if ref.namespace == "c")), "ann@c")
    found, at = [], min(max(before, 1), len(mine) + 1)
    expected = [number for number, own in enumerate(mine, start=1) if own and number < at][::-1]
    with pytest.MonkeyPatch.context() as small:
        small.setattr(ledger, "SIZE", 3)
        small.setattr(ledger, "WINDOW", 4)
        small.setattr(ledger, "WINDOWS", 2)
        while at:
            page = ledger.page(door, reader, ledger.Wanted(), at)
            assert len(page.records) <= 3
            found += [one.sequence for one in page.records]
            assert page.before == 0 or page.before < at
            at = page.before
    assert expected == found


@pytest.mark.parametrize("before", ["0", "-5", "x", "99999999999999999999999", "٣", ""])
def test_an_odd_cursor_begins_at_an_end(before):
    assert 200 == filled().signed_in("ann@b").get("/ledger", params={"before": before}).status_code


def test_what_a_program_wrote_is_cut_in_lists_and_whole_in_files():
    door = Paper()
    door.run("r1", "Succeeded")
    person = door.signed_in()
    page = html.unescape(main(person.get("/ledger?kind=recorded")))
    assert "o" * ledger.LONGEST + "…" in page
    assert "o" * (ledger.LONGEST + 1) not in page
    assert "o" * 500 in person.get("/ledger.json").text
    assert "o" * 500 in person.get("/ledger.csv").text


def test_a_large_body_is_cut_in_lists():
    door = Paper()
    door.note("held", "b/r1", {"reason": "x", "message": "m" * 50_000})
    assert len(main(door.signed_in().get("/ledger"))) < 20_000


def test_whatever_a_record_says_is_shown_as_text():
    door = Paper()
    door.note("held", "b/r1", {"reason": "<script>alert(1)</script>", "message": '"><img src=x onerror=1>'})
    page = main(door.signed_in().get("/ledger"))
    assert "<script" not in page
    assert "<img" not in page


def test_the_page_of_a_long_ledger_is_quick():
    person = long(20_000).signed_in("ann@b")
    person.get("/ledger")
    began = time.monotonic()
    person.get("/ledger")
    assert time.monotonic() - began < timedelta(seconds=2).total_seconds()
