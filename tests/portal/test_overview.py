"""The overview: for the Platform's people alone, with numbers that are the core's, in a picture and in a table."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from assent.core import figures
from assent.portal.pages.overview import COLOURS
from portal.paper import START, Paper
from portal.street import NEIGHBOURS, main, same, stranger, street

OLIVIA, INGRID = "olivia@platform.example", "ingrid@platform.example"
OTHERS = (
    "nadia@northwind.example",
    "pedro@northwind.example",
    "alba",
    "maria",
    "juan",
    "ana",
    "lena@labs.acme.example",
)
SVG = re.compile(r"<svg role=\"img\".*?</svg>", re.DOTALL)
TABLE = re.compile(r'<table id="(\w+)-numbers">.*?</table>', re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        yield found


def pictures(page):
    """What the bars of each picture say: label and series to value, by the picture's name."""
    found = {}
    for text in SVG.findall(page):
        picture = ET.fromstring(text)  # noqa: S314 -- made here
        said = [bar.find("title").text.rpartition(": ") for bar in picture.iter("rect")]
        found[picture.find("title").get("id").removesuffix("-title")] = {label: int(value) for label, _, value in said}
    return found


def tables(page):
    """What the tables beside them say, without the sums."""
    found = {}
    for match in TABLE.finditer(page):
        table = ET.fromstring(match.group(0))  # noqa: S314 -- made here
        head = [cell.text for cell in table.iter("th") if cell.get("scope") == "col"][1:]
        rows = found.setdefault(match.group(1), {})
        for row in table.find("tbody"):
            cells = zip(head, [int(cell.text) for cell in row.findall("td")], strict=True)
            label = row.find("th").text
            rows |= {f"{label}, {name}": value for name, value in cells if value and name != "All"}
    return found


@pytest.mark.parametrize("who", [OLIVIA, INGRID])
def test_the_platforms_people_see_it(home, who):
    answer = home.signed_in(who).get("/overview")
    assert 200 == answer.status_code
    assert {"waiting": {"manager, under 1 hour": 1}} == {"waiting": pictures(main(answer))["waiting"]}


@pytest.mark.parametrize("who", OTHERS)
def test_for_everybody_else_there_is_no_such_page(home, who):
    person = home.signed_in(who)
    assert same(person, "/overview", "/nothing")
    assert 'href="/overview"' not in person.get("/").text


def test_nor_for_strangers(home):
    assert same(stranger(home), "/overview", "/nothing")


def test_pictures_hold_what_tables_and_the_core_hold(home):
    page = main(home.signed_in(OLIVIA).get("/overview"))
    assert pictures(page) == tables(page)
    seen = home.seen()
    decisions = [seen.decision(ref) for ref in seen.state.cases]
    found = figures.figures(tuple(seen.state.cases.values()), decisions, seen.now)
    totals = {name: sum(values.values()) for name, values in pictures(page).items()}
    assert sum(map(sum, found.waiting.values())) == totals["waiting"] == 1
    assert found.deciding.number == totals["deciding"] == 1
    assert sum(sum(day.values()) for day in found.outcomes.values()) == totals["outcomes"] == 5
    assert "mails" not in totals, "none was sent"
    assert 1 == page.count("There is nothing to show yet.")


def test_it_names_nobody_and_no_organization(home):
    """It counts over all organizations, and the platform's people have no right to look into each."""
    page = main(home.signed_in(OLIVIA).get("/overview"))
    words = [word for name in NEIGHBOURS.values() for word in name]
    assert [] == [word for word in (*words, "acme", "northwind", "juan", "vdi") if word in page]


def told(page):
    return re.sub(r"\s+", " ", page)


def mailed(door, key, state, message=""):
    body = {"request": "b/r1", "username": "ann@b", "about": "Opened", "stage": "s", "digest": "d"}
    door.note("mailed", key, {**body, "state": state, "message": message})


def test_outcomes_mails_and_faults_of_a_month():
    door = Paper()
    for at, state in enumerate(("Succeeded", "Failed", "Succeeded", "Unknown")):
        door.run(f"r{at}", state, days=1)
    mailed(door, "1", "Sent")
    mailed(door, "2", "Failed", "the server mx refused it: 550 <b>")
    mailed(door, "3", "Failed", "the server mx refused it: 551")
    page = main(door.signed_in("ann@platform").get("/overview"))
    assert pictures(page) == tables(page)
    assert {
        "Jan 6, Succeeded": 1, "Jan 7, Failed": 1, "Jan 8, Succeeded": 1, "Jan 9, Outcome unknown": 1,
    } == pictures(page)["outcomes"]  # fmt: skip
    assert {"Jan 9, Sent": 1, "Jan 9, Failed": 2} == pictures(page)["mails"]
    assert '<th scope="row">the server mx refused it</th><td class="number">2</td>' in page


def test_what_ended_more_than_a_month_ago_is_past():
    door = Paper()
    door.run("r1", "Succeeded")
    door.at = START + timedelta(days=figures.DAYS + 1)
    page = main(door.signed_in("ann@platform").get("/overview"))
    assert {} == pictures(page) == tables(page)
    assert 4 == page.count("There is nothing to show yet.")


def test_how_long_deciding_took_is_said_in_words():
    door = Paper()
    for at, hours in enumerate((1, 2, 30)):
        request, spec = f"b/r{at}", {"microservice": {"name": "vdi"}, "requester": "bob@b"}
        door.note("observed", request, {"spec": spec, "approvers": {}, "provenBy": None})
        body = {"verb": "approve", "username": "ann@b", "person": "b/ann", "channel": "Panel"}
        door.note("decided", request, body, hours=hours)
        plan = {"microservice": "platform/vdi", "runner": "process", "settings": {}, "executions": [{}]}
        door.note("claimed", request, {"digest": "d", "plan": plan, "stages": []})
    page = told(main(door.signed_in("ann@platform").get("/overview")))
    assert (
        "3 requests were decided by people: half of them within about 2 hours, nine in ten within about 1 day." in page
    )
    assert {
        "under 4 hours, Requests": 2, "under 3 days, Requests": 1,
    } == pictures(page)["deciding"]  # fmt: skip


def test_days_are_written_as_the_reader_writes_them():
    door = Paper()
    door.run("r1", "Succeeded")
    person = door.signed_in("ann@platform")
    person.headers["accept-language"] = "es"
    assert "5 ene" in str(pictures(main(person.get("/overview")))["outcomes"])


def test_every_outcome_has_a_colour_of_its_own():
    assert len(figures.OUTCOMES) == len(set(COLOURS.values()))
