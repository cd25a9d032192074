"""Forms to decide: each is sent once, in its own session, for its own question."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.decisions import TEMPLATE, form, forms, send, told, world
from portal.house import house
from portal.street import ask


@pytest.fixture
def home(tmp_path):
    """A request of juan's that waits for two stages, and more to ask for."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def test_a_double_click_decides_once(home):
    """However often and however fast it is sent; the second answer is the first's."""
    maria = home.signed_in("maria")
    filled = form(maria, "vdi", "approve")
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda _: send(maria, "vdi", filled), range(8))]
    assert [(303, "/requests/acme/vdi")] * 8 == [(one.status_code, one.headers["location"]) for one in answers]
    assert 1 == told(home)
    home.tick()
    assert 303 == send(maria, "vdi", filled).status_code
    assert 1 == told(home)


def test_a_form_decides_nothing_in_another_session_or_for_another_thing(home):
    ask(home, "juan", "vdi2", "create-workspaces", parameters=TEMPLATE)
    home.tick()
    maria, later, alba = home.signed_in("maria"), home.signed_in("maria"), home.signed_in("alba")
    filled = form(maria, "vdi", "approve")
    ticket = filled["telling"]

    assert 403 == send(alba, "vdi", filled).status_code
    assert 409 == send(alba, "vdi", {**form(alba, "vdi", "approve"), "telling": ticket}).status_code
    assert 409 == send(later, "vdi", {**form(later, "vdi", "approve"), "telling": ticket}).status_code
    assert 409 == send(maria, "vdi2", {**form(maria, "vdi2", "approve"), "telling": ticket}).status_code
    assert 409 == send(maria, "vdi", {**filled, "verb": "reject", "reason": "no"}).status_code
    for wrong in ("", "." * 9, ticket[:-1], ticket[1:], f"{'0' * 32}.{ticket.partition('.')[2]}"):
        assert 409 == send(maria, "vdi", {**filled, "telling": wrong}).status_code
    assert 0 == told(home)
    assert 303 == send(maria, "vdi", filled).status_code


def test_a_form_without_its_token_or_from_elsewhere_decides_nothing(home):
    maria = home.signed_in("maria")
    filled = form(maria, "vdi", "approve")
    without = {name: value for name, value in filled.items() if name != "csrf"}

    assert 403 == send(maria, "vdi", without).status_code
    assert (
        403
        == maria.post("/requests/acme/vdi/decide", data=filled, headers={"Origin": "https://evil.example"}).status_code
    )
    maria.cookies.clear()
    assert 401 == send(maria, "vdi", filled).status_code
    assert 0 == told(home)


def test_a_form_that_outlived_its_session_decides_nothing_and_loses_nothing(home):
    """It is shown again after signing in, with the reason that was typed and a ticket of the new session."""
    maria = home.signed_in("maria")
    filled = {**form(maria, "vdi", "reject"), "reason": "no budget this year"}
    home.app.state.sessions.end(home.app.state.sessions.opened(maria.cookies.get(home.panel.settings.cookie)))
    kept = send(maria, "vdi", filled)
    assert (401, True) == (kept.status_code, "no budget this year" in kept.text)

    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', kept.text))
    later = home.signed_in("maria")
    shown = send(later, "vdi", again)
    assert (409, True) == (shown.status_code, "no budget this year</textarea>" in shown.text)
    assert 0 == told(home)
    assert 303 == send(later, "vdi", {**forms(shown.text)["reject"], "reason": "no budget this year"}).status_code
