"""Attacks by asking too much: pages that cost much, requests in a loop, and the mails that those would cause."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from limits import parse

from assent.portal.rates import TooOftenError, Window, spend
from assent.portal.sessions import named
from portal.callers import Caller, by, caller, told
from portal.decisions import words
from portal.house import UNLIMITED
from portal.street import stranger, street

ACME = "/organizations/acme"
VDI = {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 2}}
TYPED = {"p.template": "win11-office", "p.count": "2"}
FEW = replace(UNLIMITED, api="40/minute", ledger="3/minute", exports="2/minute", requests="2/hour")


@pytest.fixture
def home(tmp_path):
    with street(tmp_path / "w", rates=FEW) as home:
        yield home


@pytest.fixture
def scripted(provider, tmp_path):
    with street(tmp_path / "w", rates=FEW, **by(provider, tmp_path)) as home:
        yield home


def asked(home):
    """Under which names requests were asked for."""
    return [one.subject for one in home.ledger.records(kinds={"asked"})]


def opened(person, name):
    """Sends a request through the form and its summary."""
    page = person.submit("/open/acme/create-workspaces", name=name, **TYPED)
    sealed = page.text.partition('name="sealed" value="')[2].partition('"')[0]
    return person.submit("/open/acme/create-workspaces/send", sealed=sealed)


def test_the_history_is_looked_through_so_often_by_one_person(home):
    """In however many browsers; somebody else looks all the same."""
    browsers = [home.signed_in("alba"), home.signed_in("alba")]
    answers = [browsers[at % 2].get(f"/ledger?person=nobody{at}") for at in range(4)]

    assert [200, 200, 200, 429] == [one.status_code for one in answers]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert "try again in" in answers[3].text
    assert 200 == home.signed_in("maria").get("/ledger").status_code
    assert 200 == browsers[0].get("/requests").status_code


def test_other_names_of_a_person_look_no_more_often(home):
    """Nor does a new sign-in."""
    maria, other = home.signed_in("maria"), stranger(home, "mlopez")
    answers = [one.get("/ledger").status_code for one in (maria, other, maria, other)]

    assert home.seen().person("mlopez") == home.seen().person("maria@acme.example")
    assert [200, 200, 200, 429] == answers


def test_files_of_the_history_are_dearer(home):
    """All of it is read for each."""
    alba = home.signed_in("alba")
    answers = [alba.get(path) for path in ("/ledger.csv", "/ledger.json", "/ledger.csv", "/ledger.json")]

    assert [200, 200, 429, 429] == [one.status_code for one in answers]
    assert 200 == alba.get("/ledger").status_code


def test_scripts_look_through_the_history_no_more_often(scripted, provider):
    """They are told as scripts are, from whatever address they come."""
    alba = caller(scripted, provider, "alba")
    answers = [alba.get("/ledger") for _ in range(4)]
    problem = told(answers[3], 429)

    assert [200, 200, 200] == [one.status_code for one in answers[:3]]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert "try again in" in problem["detail"]


def test_scripts_of_one_person_are_heard_so_often_together(scripted, provider):
    """With another token each time, from another address each; a token that is not accepted is nobody's."""
    juan = [caller(scripted, provider, "juan") for _ in range(4)]
    answers = [juan[at % 4].get("/me").status_code for at in range(42)]

    assert [200] * 40 + [429] * 2 == answers
    assert 200 == caller(scripted, provider, "maria").get("/me").status_code
    assert {401} == {Caller(scripted.app, "juan@acme.example").get("/me").status_code for _ in range(50)}


@pytest.mark.parametrize("rate", ["ledger", "api"])
def test_a_name_that_looks_like_a_person_uses_up_nothing_of_theirs(home, rate):
    """At some providers people choose their name: `acme/alba` is nobody's, and is not alba of acme."""
    panel = SimpleNamespace(app=home.app)
    ghost, alba = named(home.seen().world, "acme/alba"), named(home.seen().world, "alba@acme.example")
    assert ghost.person is None
    with pytest.raises(TooOftenError):
        any(spend(panel, rate, ghost) for _ in range(50))

    spend(panel, rate, alba)


def test_a_flood_from_ever_new_addresses_fills_no_memory():
    """Whoever has not asked for as long as the rate looks back is forgotten; who has is still counted."""
    window = Window(parse("2/minute"))
    for at in range(1000):
        assert 0 == window.hit(f"2001:db8:{at:x}::/64", at / 10)
    assert 2 * 600 > len(window)
    for _ in range(2):
        assert 0 == window.hit("busy", 100)
    assert 60 == window.hit("busy", 100)
    for at in range(1000):
        window.hit(f"new{at}", 159)
    assert 1 == window.hit("busy", 159.5)
    assert 0 == window.hit("busy", 160)


def test_many_at_once_get_no_more(home):
    """Whoever sends all at once is counted as one who sends one after the other."""
    alba, panel = named(home.seen().world, "alba@acme.example"), SimpleNamespace(app=home.app)

    def tried(_):
        try:
            spend(panel, "api", alba)
        except TooOftenError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert 40 == sum(pool.map(tried, range(400)))


def test_one_person_opens_so_many_requests_in_an_hour(home):
    """The next is not written down; what was typed is kept, the page says when it ends, and what is sent goes on."""
    juan, other = home.signed_in("juan"), home.signed_in("juan")
    answers = [opened(one, f"flood-{at}") for at, one in enumerate((juan, other, juan))]

    assert [303, 303, 429] == [one.status_code for one in answers]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 3600
    assert any(text in words(answers[2]) for text in ("as many requests as one person may", "solicitudes"))
    assert 'name="sealed"' in answers[2].text
    assert ["acme/flood-0", "acme/flood-1"] == asked(home)
    assert 303 == opened(home.signed_in("omar"), "another").status_code


def test_a_summary_or_a_repetition_is_no_new_request(home):
    """Only what is written down is counted."""
    juan = home.signed_in("juan")
    for _ in range(5):
        assert 200 == juan.submit("/open/acme/create-workspaces", name="one", **TYPED).status_code
    page = juan.submit("/open/acme/create-workspaces", name="one", **TYPED)
    sealed = page.text.partition('name="sealed" value="')[2].partition('"')[0]
    sent = [juan.submit("/open/acme/create-workspaces/send", sealed=sealed).status_code for _ in range(4)]

    assert [303] * 4 == sent
    assert 303 == opened(juan, "two").status_code


def test_a_script_opens_no_more(scripted, provider):
    """Previews and the same again are no new ones."""
    juan = caller(scripted, provider, "juan")
    for name in ("one", "one", "two", "one"):
        juan.sent(f"{ACME}/requests", {**VDI, "name": name})
        juan.sent(f"{ACME}/requests/preview", {**VDI, "name": f"{name}-more"}, 200)
    answer = juan.post(f"{ACME}/requests", json={**VDI, "name": "three"})
    problem = told(answer, 429)

    assert "as many requests as one person may" in problem["detail"]
    assert 1 <= int(answer.headers["retry-after"]) <= 3600
    assert ["acme/one", "acme/two"] == asked(scripted)
