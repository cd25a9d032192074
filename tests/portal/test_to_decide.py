"""What waits for somebody: in the order in which it is due, fifty a page, and what they have decided lately."""

import re
from datetime import timedelta

import pytest

from assent.api.names import Ref
from assent.portal.duties import duties
from portal.decisions import TEMPLATE, decide, world
from portal.house import house
from portal.street import _document, ask, commit

JUAN = "juan@acme.example"


@pytest.fixture
def home(tmp_path):
    """A request of juan's that waits for two stages, and more to ask for."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def test_to_decide_is_what_waits_for_one_the_first_due_first(home):
    ask(home, "juan", "older", "create-workspaces", parameters=TEMPLATE)
    home.tick()
    ask(home, "juan", "timed", "in-time", parameters={"text": "hello"})
    home.later = timedelta(minutes=1)
    home.tick()
    maria, ana, juan = (home.signed_in(one) for one in ("maria", "ana", "juan"))
    order = re.findall(r'<th scope="row"><a href="/requests/acme/(\w+)"', maria.get("/decide").text)

    assert ["timed", "vdi", "older"] == order
    assert not [one for person in (ana, juan) for one in re.findall(r"/requests/acme/\w+", person.get("/decide").text)]
    assert 3 == len(duties(home.seen(), Ref("acme", "maria")))
    decide(maria, "timed", "approve", "in good time")
    page = maria.get("/decide").text
    assert ["vdi", "older"] == re.findall(r'<th scope="row"><a href="/requests/acme/(\w+)"', page)
    assert "in good time" in page
    home.tick()
    assert "in good time" in maria.get("/decide").text


def test_a_page_has_fifty_of_what_waits(home):
    files = {}
    for at in range(60):
        spec = {"microservice": {"name": "create-workspaces"}, "requester": JUAN, "parameters": TEMPLATE}
        files[f"requests/acme/r{at:02}.yaml"] = _document("Request", f"r{at:02}", "acme", spec)
    commit(home.ground, "juan", files)
    home.tick()
    maria = home.signed_in("maria")
    first, second = (maria.get(f"/decide?page={page}").text for page in (1, 2))

    assert [50, 11] == [len(re.findall('<th scope="row">', one)) for one in (first, second)]
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert {maria.get(f"/decide?page={odd}").status_code for odd in ("0", "-1", "999", "x", "9" * 30, "²")} == {200}
