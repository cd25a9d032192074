"""Without scripts, and without a mouse: everything that is decided can be decided."""

import pytest
from playwright.sync_api import expect

OMAR, ALBA, FINA = "omar@acme.example", "alba@acme.example", "fina@acme.example"
OUTLINE = "one => getComputedStyle(one).outlineStyle + getComputedStyle(one).boxShadow"
FOCUSED = "() => document.activeElement.textContent.trim() || document.activeElement.name"


@pytest.fixture
def plain(visit):
    """Browsers in which no script runs."""
    return lambda who: visit(who, java_script_enabled=False)


def test_without_scripts(home, plain):
    """Asked for, approved, rejected with a reason, and signed out."""
    omar = plain(OMAR).ask("plain-yes").ask("plain-no")
    home.until("acme/plain-no", "PendingApproval")
    alba, fina = plain(ALBA), plain(FINA)
    alba.goto("/decide")
    alba.page.locator("tr", has_text="acme/plain-yes").get_by_role("link").click()
    alba.press("Approve")
    expect(alba.page).to_have_url(f"{home.url}/requests/acme/plain-yes")
    fina.goto("/requests/acme/plain-no")
    fina.page.locator("#reject-reason").fill("nobody is hired")
    fina.press("Reject")
    home.until("acme/plain-no", "Rejected")
    omar.goto("/requests/acme/plain-no")
    omar.status("Rejected").see("nobody is hired").press("Sign out")
    expect(omar.page).to_have_url(f"{home.url}/signin")
    omar.goto("/requests")
    omar.heading("Sign in")

    assert ["alba@acme.example"] == [one.username for one in home.decision("acme/plain-yes").case.voices]


def test_a_rejection_without_a_reason_is_not_sent(home, plain):
    """The browser holds it back; where it does not, the panel says what is missing at the field."""
    plain(OMAR).ask("plain-why")
    home.until("acme/plain-why", "PendingApproval")
    alba = plain(ALBA)
    alba.goto("/requests/acme/plain-why")
    alba.press("Reject")
    alba.page.locator("#reject-reason").fill("   ")
    alba.press("Reject")
    expect(alba.page.locator("#reject-error")).to_have_text("A reason is needed: people read it later.")

    assert not home.decision("acme/plain-why").case.voices


def tab_to(page, text, most=80):
    """Presses Tab until this has the focus, which has to be seen each time."""
    unseen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        shown = here.evaluate(OUTLINE)
        if shown.startswith("none") and shown.endswith("none"):
            unseen.append(here.evaluate("one => one.outerHTML"))
        if page.evaluate(FOCUSED) == text:
            assert not unseen, unseen
            return
    raise AssertionError(f"Tab does not lead to {text!r}")


def test_with_keys_alone(home, visit):
    """The skip link leads past the menu; a request is asked for and approved by Tab, Enter, Space and arrows."""
    omar = visit(OMAR)
    omar.goto("/open/acme/close-user-session")
    keys = omar.page.keyboard
    tab_to(omar.page, "Skip to the content", 1)
    expect(omar.page.locator(".skip")).to_be_in_viewport()
    keys.press("Enter")
    expect(omar.page.locator("#main")).to_be_focused()
    omar.goto("/open/acme/create-workspaces")
    tab_to(omar.page, "p.template")
    keys.press("Space")
    tab_to(omar.page, "p.count")
    keys.type("2")
    tab_to(omar.page, "name")
    keys.press("Control+A")
    keys.type("by-keys")
    keys.press("Enter")
    omar.heading("Is this what you ask for?")
    tab_to(omar.page, "Send the request")
    keys.press("Space")
    expect(omar.page).to_have_url(f"{home.url}/requests/acme/by-keys")
    home.until("acme/by-keys", "PendingApproval")

    alba = visit(ALBA)
    alba.goto("/requests/acme/by-keys")
    tab_to(alba.page, "Approve")
    alba.page.keyboard.press("Space")
    expect(alba.button("Approve")).to_have_count(0)
    alba.see("(alba@acme.example): approved")


def test_a_question_is_answered_by_keys(home, visit):
    """Withdrawing asks once more: Escape takes it back, and the focus stays; yes withdraws."""
    omar = visit(OMAR).ask("taken-back")
    home.until("acme/taken-back", "PendingApproval")
    omar.goto("/requests/acme/taken-back")
    tab_to(omar.page, "Withdraw")
    omar.page.keyboard.press("Enter")
    expect(omar.page.get_by_role("dialog")).to_be_visible()
    omar.page.keyboard.press("Escape")
    expect(omar.page.get_by_role("dialog")).to_be_hidden()
    expect(omar.button("Withdraw")).to_be_focused()
    omar.page.keyboard.press("Enter")
    expect(omar.page.get_by_role("dialog")).to_be_visible()
    omar.page.keyboard.press("Enter")
    omar.status("Withdrawn")
