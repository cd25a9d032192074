"""A session that ends while a form is being filled in: what was typed is kept, and sent after signing in anew."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from browser.filling import put
from browser.served import served, until

OMAR = "omar@acme.example"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A world whose time the tests move on; nobody else's clock is asked."""
    with served(tmp_path_factory.mktemp("home"), controller=False, demo=True) as found:
        yield found


@pytest.fixture(params=["time", "signing out elsewhere"])
def ending(request, home, visit):
    """How a session ends, as something to be done with its browser."""
    if request.param != "time":
        return lambda omar: (tab := omar.tab()).goto("/") and tab.press("Sign out").heading("Sign in")

    def pass_by(_):
        home.site.later += timedelta(hours=9)

    return pass_by


def test_what_was_typed_outlives_the_session(home, visit, ending):
    """The form is shown again with everything in it; signed in in another tab, its person sends it from this one."""
    omar = visit(OMAR)
    omar.goto("/open/acme/create-workspaces")
    name = f"kept-{home.site.later.days}-{home.site.later.seconds}"
    typed = {"p.template": "win11-cad", "p.count": "4", "reason": "Typed at five to twelve", "name": name}
    for field, value in typed.items():
        put(omar.page, field, value)
    ending(omar)
    omar.press("Go on to the summary").heading("Your session is over").see("nothing you typed is lost")
    shown = omar.page.locator("dd").all_inner_texts()
    with omar.page.expect_popup() as opened:
        omar.follow("Sign in in a new tab")
    omar.tab(opened.value).prove()
    omar.press("Send again").heading("Is this what you ask for?").see("Typed at five to twelve")
    omar.press("Send the request")
    until(lambda: f"acme/{name}" in {one.subject for one in home.site.door.records(kinds={"asked"})}, "it is not sent")

    assert {*typed.values()} <= {*shown}


def decided(home, name):
    """What the panel was told of this request."""
    return [one.body["text"] for one in home.site.door.records(kinds={"told"}) if one.body["request"] == f"acme/{name}"]


def test_a_reason_outlives_the_session(home, visit, ending):
    """An approver's reason is kept, and shown once more beside the request as it stands, before it decides."""
    alba, name = rejecting(home, visit, ending)
    alba.press("Send again").heading("Nothing was decided")
    kept = alba.page.locator("#reject-reason").input_value()
    before = decided(home, name)
    alba.press("Reject")
    expect(alba.page).to_have_url(f"{home.url}/requests/acme/{name}")

    assert ("not before spring", []) == (kept, before)
    assert 1 == len(decided(home, name))


def test_nobody_sends_what_another_typed(home, visit, ending):
    """Whoever else signs in meanwhile decides nothing by it."""
    alba, name = rejecting(home, visit, ending, "fina@acme.example")
    alba.press("Send again")
    expect(alba.page.get_by_role("heading", level=1)).to_have_text(
        re.compile("This form is too old|Nothing was decided")
    )

    assert [] == decided(home, name)


def rejecting(home, visit, ending, then="alba@acme.example"):
    """Alba has typed a reason when her session ends; `then` signs in from the page that says so."""
    name = f"waits-{then[:4]}-{home.site.later.days}-{home.site.later.seconds}"
    visit(OMAR).ask(name)
    home.tick()
    alba = visit("alba@acme.example")
    alba.goto(f"/requests/acme/{name}")
    alba.page.locator("#reject-reason").fill("not before spring")
    ending(alba)
    alba.press("Reject").heading("Your session is over").see("not before spring")
    with alba.page.expect_popup() as opened:
        alba.follow("Sign in in a new tab")
    alba.tab(opened.value).prove(then)
    return alba, name
