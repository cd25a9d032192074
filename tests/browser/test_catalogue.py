"""The sixteen microservices that every client of FlexxDesktop has: found, filled in, and shown before they are sent."""

import pytest
from playwright.sync_api import expect

from browser.filling import fill
from browser.visitor import visitor

OMAR, JUAN = "omar@acme.example", "juan@acme.example"
SIXTEEN = {
    "Active Directory": ["Active Directory VM reset Account", "Create AD user account"],
    "Image Management": ["Create Snapshot from Template", "Restore Snapshot from Template"],
    "Session Management": [
        "Backup User Profile",
        "Close user Session",
        "Close all user sessions",
        "Reset user Profile",
        "Restore user profile Backup",
    ],
    "Workspace Management": [
        "Create a set of APPServers or VDIs",
        "Execute action over workspace",
        "Execute action over workspace group",
        "Modify Resources Assigned to VM",
        "Set maintenance ON/OFF for a workspace",
        "Set maintenance ON/OFF for a workspace group",
        "Update Set of VMs",
    ],
}
EACH = [(category, title) for category, titles in SIXTEEN.items() for title in titles]


@pytest.fixture(scope="module")
def omar(chromium, home):
    with visitor(chromium, home, OMAR) as found:
        yield found


def test_there_are_sixteen_by_product_and_category(omar):
    """Under their product each category has its own, as the catalogue says."""
    omar.goto("/open/acme")
    shelf = omar.page.locator("section", has=omar.page.get_by_role("heading", level=2, name="FlexxDesktop", exact=True))
    shown = shelf.evaluate(
        """one => Object.fromEntries([...one.querySelectorAll('h3')].map(
             h => [h.textContent.trim(), [...h.nextElementSibling.querySelectorAll('h4')].map(a => a.textContent)]))"""
    )

    assert {name: sorted(titles) for name, titles in SIXTEEN.items()} == {
        name: sorted(set(titles)) for name, titles in shown.items() if name in SIXTEEN
    }


@pytest.mark.parametrize(("category", "title"), EACH, ids=[title for _, title in EACH])
def test_each_is_found_filled_in_and_shown(omar, category, title):
    """A word of its name leads to it; a form filled in by what its fields are is one that could be sent."""
    omar.goto("/open/acme")
    omar.field("Search").fill(title[:20])
    found = omar.page.locator("#offers").get_by_role("link", name=title, exact=True)
    expect(omar.page.locator("#found")).not_to_be_empty()
    expect(omar.page.locator("#offers h3", has_text=category)).to_be_visible()
    found.click()
    omar.heading(title)
    filled = fill(omar.page, onBehalfOf="ana@acme.example")
    omar.press("Go on to the summary").heading("Is this what you ask for?").see(title)

    assert {"name", "reason", "onBehalfOf"} < filled
    assert omar.button("Send the request").is_visible()


def test_only_what_one_may_ask_for_is_there(visit):
    """Juan's role has no servers: what works on them is neither on his shelves nor anywhere else."""
    juan = visit(JUAN, language="es")
    juan.goto("/open/acme")
    expect(juan.page.get_by_role("link", name="Close user Session", exact=True)).to_be_visible()
    expect(juan.page.get_by_role("link", name="Update Set of VMs", exact=True)).to_have_count(0)

    assert 404 == juan.goto("/open/acme/update-vm-set").status
