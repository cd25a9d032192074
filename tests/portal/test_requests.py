"""The list of requests and the page of each: everybody sees what is theirs to see, and all of it."""

import html
import re
import time

import pytest

from assent.api.ledger import NewRecord
from assent.portal.pages import requests as page_of
from portal.decisions import TEMPLATE, busy, world
from portal.house import house
from portal.paper import Paper
from portal.street import _document, ask, commit, main, same, stranger

LENA, NADIA, INGRID, OLIVIA = (
    "lena@labs.acme.example", "nadia@northwind.example", "ingrid@platform.example", "olivia@platform.example",
)  # fmt: skip
ROW = re.compile(r'<th scope="row"><a href="/requests/([^"]+)"')


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One world for all that only look."""
    with busy(tmp_path_factory.mktemp("w") / "w") as home:
        yield home


@pytest.fixture
def fresh(tmp_path):
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def rows(person, query=""):
    answer = person.get(f"/requests{query}")
    assert 200 == answer.status_code
    return ROW.findall(answer.text)


def shown(home, who, name, organization="acme"):
    answer = home.signed_in(who).get(f"/requests/{organization}/{name}")
    assert 200 == answer.status_code
    return answer


def test_one_sees_what_one_asked_for_and_what_is_for_one_the_newest_first(home):
    mine = [f"acme/{name}" for name in ("gone", "leaked", "secret", "hand", "loud", "vdi")]

    assert mine == rows(home.signed_in("juan"))
    assert ["acme/vdi"] == rows(home.signed_in("ana"))
    assert ["acme-labs/lab"] == rows(home.signed_in(LENA))
    assert not rows(home.signed_in("maria"))


def test_with_the_right_to_view_one_sees_all_of_where_one_holds_it(home):
    assert 7 == len(rows(home.signed_in("alba"), "?scope=all"))
    assert ["acme-labs/lab"] == rows(home.signed_in("alba"), "?scope=all&organization=acme-labs")
    assert 'href="/requests?scope=all"' in home.signed_in("alba").get("/requests").text
    olivia = home.signed_in(OLIVIA)
    assert 'href="/requests?scope=all"' in olivia.get("/requests").text
    assert not rows(olivia, "?scope=all")  # the platform's own, of which there are none


def test_an_organization_that_one_does_not_reach_is_not_there(home):
    juan = home.signed_in("juan")

    assert same(juan, "/requests?organization=northwind", "/requests?organization=nowhere")
    assert 404 == stranger(home).get("/requests").status_code


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?phase=PendingApproval", ["vdi"]),
        ("?phase=Running", ["secret", "hand"]),
        ("?phase=Submitted", ["gone", "leaked"]),
        ("?phase=Cancelled", []),
        ("?phase=Nonsense", []),
        ("?text=LOUD", ["loud"]),
        ("?text=ana@", ["vdi"]),
        ("?text=secretive&phase=Running", ["secret"]),
        ("?text=%3Cscript%3E", []),
        ("?organization=acme&phase=PendingApproval", ["vdi"]),
        ("?phase=&text=&organization=&page=1", ["gone", "leaked", "secret", "hand", "loud", "vdi"]),
    ],
)
def test_filters_leave_what_fits(home, query, found):
    assert [f"acme/{name}" for name in found] == rows(home.signed_in("juan"), query)


def test_a_page_has_fifty_and_links_that_keep_the_filters(fresh):
    spec = {"microservice": {"name": "create-workspaces"}, "requester": "juan@acme.example", "parameters": TEMPLATE}
    files = {f"requests/acme/r{at:03}.yaml": _document("Request", f"r{at:03}", "acme", spec) for at in range(55)}
    commit(fresh.ground, "juan", files)
    fresh.tick()
    juan = fresh.signed_in("juan")
    first = juan.get("/requests?text=r0&phase=PendingApproval")
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', first.text).group(1))

    assert (50, 5) == (len(ROW.findall(first.text)), len(ROW.findall(juan.get(following).text)))
    assert "text=r0" in following
    assert "phase=PendingApproval" in following
    assert 'rel="next"' not in juan.get(following).text
    assert 55 == int(re.search(r"<caption>(\d+)", first.text).group(1))


def test_what_was_asked_for_and_no_controller_has_seen_stands_first(fresh):
    spec = {"microservice": {"name": "create-workspaces"}, "requester": "juan@acme.example", "parameters": TEMPLATE}
    spec |= {"targets": [], "onBehalfOf": "ana@acme.example"}
    fresh.panel.write(NewRecord("asked", "acme/new", {"spec": spec, "username": "juan@acme.example"}, once=True))

    for who in ("juan", "ana"):
        assert "acme/new" == rows(fresh.signed_in(who))[0]
        page = shown(fresh, who, "new")
        assert "badge-Submitted" in page.text
        assert "win11-office" in page.text
        assert "sse-connect" in page.text
        assert "/decide" not in main(page)
    assert "acme/new" in rows(fresh.signed_in("alba"), "?scope=all")
    assert not rows(fresh.signed_in("juan"), "?text=nothing")
    lena = fresh.signed_in(LENA)
    assert same(lena, "/requests/acme/new", "/requests/acme/not")


def test_only_what_the_page_shows_is_decided_however_many_there_are():
    """Thousands of requests are counted; fifty are decided, and again only where something changed."""
    paper = Paper()
    spec = {"microservice": {"name": "vdi"}, "requester": "ann@b"}
    for at in range(5000):
        paper.note("observed", f"b/r{at}", {"spec": spec, "approvers": {}, "provenBy": None})
    kept = paper.seen(paper.at)
    paper.seen = lambda now: kept
    person = paper.signed_in()
    begun = time.monotonic()
    answer = person.get("/requests")
    assert "5000" in re.search(r"<caption>[^<]+", answer.text).group(0)
    assert 50 == len(kept.kept) == len(ROW.findall(answer.text))
    assert "b/r4999" == ROW.findall(answer.text)[0]
    assert time.monotonic() - begun < 5


def test_every_phase_has_a_word_to_filter_by():
    assert 13 == len(page_of.PHASES)
