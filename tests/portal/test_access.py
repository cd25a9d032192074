"""Access: for everybody, everywhere and every row, the page answers as the core and as `assent can` do."""

import html
import json
import re
from itertools import product

import pytest
from typer.testing import CliRunner

from assent.api.names import Ref
from assent.cli.app import app as cli
from assent.core.access import allowed, allowed_to, held
from assent.core.permissions import Permission
from assent.errors import UsageError
from portal.street import main, same, street

ALBA, OLIVIA, NADIA = "alba@acme.example", "olivia@platform.example", "nadia@northwind.example"
CELL = re.compile(
    r'<a [^>]*href="(/access\?[^"]+?)(?:#why)?">(Allowed|Denied)<span class="visually-hidden">: ([^<]+), ([^<]+)</span>'
)
STEP = re.compile(r"<li><strong>([^<]+)</strong>: ([^<]*)</li>")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        yield found


def asked(person, place, permission=None):
    row = permission._asdict() if permission else {}
    return {"person": str(person), "organization": place, **row}


def table(page):
    """What the page says of every row: module, functionality and action to whether it is allowed."""
    found = {}
    for address, answer, functionality, action in CELL.findall(page):
        module = re.search(r"module=([^&]+)", address).group(1)
        found[Permission(module, html.unescape(functionality), html.unescape(action))] = answer == "Allowed"
    return found


def viewers(world, person):
    """Somebody who sees this person, and whom they may ask about."""
    return {"platform": OLIVIA, "northwind": NADIA}.get(person.namespace, NADIA)


def test_the_page_answers_as_the_core_for_everybody_everywhere_and_every_row(home):
    world = home.seen().world
    browsers = {name: home.signed_in(name) for name in (OLIVIA, NADIA)}
    compared = 0
    for person, place in product(sorted(world.people.by_ref), sorted(world.organizations.by_name)):
        browser = browsers[viewers(world, person)]
        answer = browser.get("/access", params=asked(person, place))
        if answer.status_code == 404:
            assert (place == "platform") != (person.namespace == "platform"), (person, place)
            continue
        expected = {row: row in held(world, person, place) for row in world.matrices.rows}
        assert expected == table(main(answer)), (person, place)
        compared += len(expected)
    assert compared > 5000


def test_the_page_gives_the_chain_of_the_core_for_every_row(home):
    """One person who is allowed much and one who is not, in two organizations: every row, with every link."""
    world, nadia = home.seen().world, home.signed_in(NADIA)
    for person, place in ((Ref("acme", "omar"), "acme"), (Ref("acme", "juan"), "acme-labs")):
        for row in sorted(world.matrices.rows):
            page = main(nadia.get("/access", params=asked(person, place, row)))
            answer = allowed_to(world, person, place, row)
            found = [(step.lower(), html.unescape(because)) for step, because in STEP.findall(page)]
            assert [(step.step, step.because) for step in answer.chain] == found
            assert ("Allowed: " if answer.allowed else "Denied: ") in page


ROWS = [
    Permission("automate", "Requests", "Approve"),
    Permission("automate", "Requests", "Create"),
    Permission("portal", "Users", "View"),
    Permission("portal", "Microservices", "Create"),
]
"""Rows of either sort: one without a condition, and one with."""


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize(
    ("name", "place"), [("juan", "acme"), ("maria", "acme"), ("lena", "acme"), ("lena", "acme-labs"), ("ana", "globex")]
)
def test_the_page_answers_as_assent_can_does(home, name, place, row):
    world = home.seen().world
    person = next(ref for ref in world.people.by_ref if ref.name == name)
    username = world.people.by_ref[person].spec.username
    command = ["can", username, row.action, row.functionality, "--module", row.module, "-n", place, "-o", "json"]
    where = ["-C", str(home.ground.repository), "--ledger-key", str(home.ground.key)]
    said = json.loads(CliRunner().invoke(cli, [*command, *where]).stdout)
    page = main(home.signed_in(NADIA).get("/access", params=asked(person, place, row)))
    chain = [{"step": step.lower(), "because": html.unescape(because)} for step, because in STEP.findall(page)]
    assert said["allowed"] == ("Allowed: " in page)
    assert [{name: step[name] for name in ("step", "because")} for step in said["chain"]] == chain
    assert said["allowed"] == allowed(world, username, place, row).allowed


def test_a_row_that_no_module_has_is_nobodys(home):
    """The page denies it, as the core does; who names one at the command line is told which there are."""
    row, juan = Permission("portal", "Flows", "Delete"), Ref("acme", "juan")
    page = main(home.signed_in(NADIA).get("/access", params=asked(juan, "acme", row)))
    command = ["can", "juan@acme.example", row.action, row.functionality, "--module", row.module, "-n", "acme"]
    where = ["-C", str(home.ground.repository), "--ledger-key", str(home.ground.key)]

    assert "Denied: " in page
    assert not allowed(home.seen().world, "juan@acme.example", "acme", row).allowed
    assert isinstance(CliRunner().invoke(cli, [*command, *where]).exception, UsageError)


PEOPLE = re.compile(r'<option value="([^"]+/[^"]+)"')
OF_ACME = {f"acme/{name}" for name in ("alba", "ana", "ci", "fina", "juan", "maria", "omar")}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param("ana", {"acme/ana"}, id="a viewer asks about themselves alone"),
        pytest.param("lena@labs.acme.example", {"acme-labs/lena"}, id="so does a suborganization's person"),
        pytest.param(ALBA, {*OF_ACME, "acme-labs/lena", "acme-shops/sam"}, id="an administrator about their people"),
        pytest.param(OLIVIA, {"platform/ingrid", "platform/olivia"}, id="the platform's about the platform's"),
    ],
)
def test_one_asks_about_oneself_and_about_those_whose_users_one_sees(home, who, expected):
    person = home.signed_in(who)
    assert expected == set(PEOPLE.findall(main(person.get("/access"))))
    for ref in home.seen().world.people.by_ref:
        if str(ref) not in expected:
            assert same(person, f"/access?person={ref}", "/access?person=acme/nobody")


@pytest.mark.parametrize(
    ("who", "places"),
    [
        ("ana", {"acme"}),
        (ALBA, {"acme", "acme-labs", "acme-shops"}),
        (OLIVIA, {"platform"}),
        ("lena@labs.acme.example", {"acme-labs"}),
    ],
)
def test_one_asks_only_about_organizations_of_ones_reach(home, who, places):
    person = home.signed_in(who)
    for name in home.seen().world.organizations.by_name:
        if name in places:
            assert 200 == person.get(f"/access?organization={name}").status_code
        else:
            assert same(person, f"/access?organization={name}", "/access?organization=nowhere")


def test_whoever_asks_nothing_sees_their_own_rights_at_home(home):
    page = main(home.signed_in("ana").get("/access"))
    assert "What you may do in acme" in page
    assert "level Viewer" in page
    assert "no level" in page, "analyzer"
    assert not STEP.findall(page)


@pytest.mark.parametrize("query", ["person=", "person=x", "person=a/b/c", "person=/", "organization=%00", "module=x"])
def test_odd_questions_do_no_harm(home, query):
    assert home.signed_in("ana").get(f"/access?{query}").status_code in (200, 404)


def test_what_is_asked_is_shown_as_text(home):
    row = {"module": "<script>", "functionality": '"><img src=x>', "action": "&"}
    page = home.signed_in("ana").get("/access", params=row).text
    assert "<img" not in page.partition("<main")[2]
    assert "&lt;script&gt;" in page
    assert "Denied: " in page
