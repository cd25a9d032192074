"""A hundred and twenty requests: a page at a time, found again by filters that go with every page."""

import re

import pytest
from playwright.sync_api import expect

from browser.served import served
from portal import street

OMAR, ALBA = "omar@acme.example", "alba@acme.example"
MANY, SIZE = 120, 50
SESSIONS = 20
"""So many of them need nobody's approval."""


def asked(ground):
    """Omar commits them all at once."""
    made = {}
    for number in range(MANY):
        name = f"many-{number:03}"
        about = {"parameters": {"template": "win11-office", "count": 2}, "microservice": {"name": "create-workspaces"}}
        if number < SESSIONS:
            about = {"parameters": {"user": "ana"}, "microservice": {"name": "close-user-session"}, "targets": ["a1"]}
        spec = {"requester": OMAR, **about}
        made[f"requests/acme/{name}.yaml"] = street._document("Request", name, "acme", spec)
    street.commit(ground, "omar", made, "Ask for many")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with served(tmp_path_factory.mktemp("home"), controller=False) as found:
        asked(found.site.ground)
        found.tick()
        yield found


def listed(one):
    """The names on the page."""
    return [text.rpartition("/")[2] for text in one.page.locator("tbody th .hint").all_inner_texts()]


def test_fifty_a_page(visit):
    """Three pages hold all of them, each once, and lead to each other."""
    omar = visit(OMAR)
    omar.goto("/requests")
    pages = omar.page.get_by_role("navigation", name="Pages")
    found = [listed(omar)]
    for number in (2, 3):
        pages.get_by_role("link", name=omar.says("Next"), exact=False).click()
        expect(omar.page).to_have_url(re.compile(rf"[?&]page={number}$"))
        found.append(listed(omar))

    assert [SIZE, SIZE, MANY - 2 * SIZE] == [len(one) for one in found]
    assert {f"many-{number:03}" for number in range(MANY)} == {name for one in found for name in one}
    expect(pages.get_by_role("link", name="Next")).to_have_count(0)


def test_filters_go_with_every_page(visit):
    """By phase and by words; the next page has the same filter."""
    omar = visit(OMAR)
    omar.goto("/requests")
    omar.page.locator("#phase").select_option("PendingApproval")
    omar.press("Filter")
    expect(omar.page.locator("caption")).to_have_text(f"{MANY - SESSIONS} requests")
    omar.page.get_by_role("link", name="Next").click()
    expect(omar.page.locator("caption")).to_have_text(f"{MANY - SESSIONS} requests")
    second = omar.page.locator("#phase").input_value(), len(listed(omar))
    omar.page.locator("#text").fill("many-11")
    omar.press("Filter")
    expect(omar.page.locator("caption")).to_have_text("10 requests")

    assert ("PendingApproval", SIZE) == second
    assert [f"many-11{number}" for number in range(10)] == sorted(listed(omar))


def test_whoever_decides_has_them_all_before_them(visit):
    """To decide holds every one that waits, fifty a page as well."""
    alba = visit(ALBA)
    alba.goto("/decide")
    expect(alba.page.locator("caption")).to_have_text(f"{MANY - SESSIONS} requests wait for you")

    assert SIZE == len(listed(alba))
