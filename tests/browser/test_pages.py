"""Every main page: for screen readers, in the light and in the dark, on a small telephone, and in other languages."""

import re
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.filling import put
from browser.lived import FINANCE, MAPS, SALES, lived
from browser.visitor import visitor

OMAR, ALBA, OLIVIA = "omar@acme.example", "alba@acme.example", "olivia@platform.example"
FORM = "/open/acme/create-workspaces"
PAGES = {
    OMAR: (
        "/",
        "/open",
        "/open/acme",
        FORM,
        "/open/acme/create-ad-user",
        "/requests",
        "/requests?text=none",
        "/access",
    ),
    ALBA: (
        *("/", "/decide", f"/requests/acme/{SALES}", f"/requests/acme/{FINANCE}", f"/requests/acme/{MAPS}"),
        *("/requests?scope=all", "/organizations", "/organizations/acme", "/access", "/operations", "/ledger"),
    ),
    OLIVIA: ("/", "/organizations", "/operations", "/ledger", "/overview", "/nothing/here"),
}
EACH = [(who, path) for who, paths in PAGES.items() for path in paths]
WIDTH = "() => [document.documentElement.scrollWidth, window.innerWidth]"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with lived(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="module")
def people(chromium, home):
    """The three, each in a browser of their own."""
    with ExitStack() as stack:
        yield {who: stack.enter_context(visitor(chromium, home, who)) for who in PAGES}


def faults(page, *schemes):
    """What axe finds that is serious, in the light and in the dark, and whether the page is wider than a telephone."""
    found = []
    for scheme in schemes or ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for one in Axe().run(page).response["violations"]:
            if one["impact"] in ("serious", "critical"):
                found += [
                    f"{scheme}: {one['id']}: {node['html'][:200]}: {node['failureSummary']}" for node in one["nodes"]
                ]
    before = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    wide, screen = page.evaluate(WIDTH)
    if wide > screen:
        found.append(f"{wide} pixels wide")
    page.set_viewport_size(before)
    return found


@pytest.mark.parametrize(("who", "path"), EACH, ids=[f"{who.partition('@')[0]} {path}" for who, path in EACH])
def test_a_page_has_no_serious_fault(people, who, path):
    people[who].goto(path)

    assert [] == faults(people[who].page)


def test_the_form_with_what_is_wrong_and_the_summary(people):
    """The answers to a form, which are no page of their own."""
    omar = people[OMAR]
    omar.goto(FORM)
    put(omar.page, "p.template", "win11-office")
    put(omar.page, "p.count", "3")
    omar.page.locator("form.form").evaluate("form => { form.noValidate = true; }")
    put(omar.page, "p.count", "99")
    omar.press("Go on to the summary").see("This cannot be sent as it is")
    expect(omar.page.locator(".summary")).to_be_focused()
    wrong = faults(omar.page)
    put(omar.page, "p.count", "3")
    omar.press("Go on to the summary").heading("Is this what you ask for?")

    assert ([], []) == (wrong, faults(omar.page))


def test_a_visitors_pages(chromium, home):
    """Signing in, a link that is none, and what the API is."""
    with visitor(chromium, home, signed_in=False) as nobody:
        for path in ("/signin", "/mail/nothing", "/api/v1/"):
            nobody.goto(path)
            assert [] == faults(nobody.page)


def test_a_mail(chromium, home):
    """The mail's own page; it asks for nothing from anywhere, so reading it tells nobody anything."""
    mail = home.mail("alba@acme.example").get_body(("html",)).get_content()
    with visitor(chromium, home, signed_in=False) as alba:
        alba.page.set_content(mail)
        # Its dark background is the browser's own, which axe takes for white.
        assert [] == faults(alba.page, "light")


@pytest.mark.parametrize("width", [360, 640, 1023, 1024, 1280, 1920])
@pytest.mark.parametrize(("who", "language"), [("maria@acme.example", "es"), ("pedro@northwind.example", "pt")])
def test_the_switch_of_organizations_is_whole(chromium, home, who, language, width):
    """Its list and its button lie within the bar, in the longest languages."""
    with visitor(chromium, home, who, language=language, viewport={"width": width, "height": 740}) as one:
        if width < 1024:
            one.page.locator(".menu > summary").click()
        bar = one.page.locator(".bar").bounding_box()
        parts = [one.page.locator(f".switch {name}") for name in ("select", "button")]
        for part in parts:
            expect(part).to_be_in_viewport(ratio=1)
        boxes = [part.bounding_box() for part in parts]

    assert [] == [box for box in boxes if box["x"] < bar["x"] or box["x"] + box["width"] > bar["x"] + bar["width"]]
    assert boxes[0]["width"] >= 170


SPOKEN = {
    "es": (
        "juan@acme.example",
        ["Mis solicitudes", "Por decidir", "Abrir una solicitud"],
        r"\d+ \w+ \d{4}, \d+:\d\d:\d\d",
    ),
    "pt": (
        "pedro@northwind.example",
        ["Minhas solicitações", "Para decidir", "Abrir uma solicitação"],
        r"\d+ de \w+\.? de \d{4}",
    ),
}


@pytest.mark.parametrize("language", SPOKEN)
def test_in_their_own_language(chromium, home, language):
    """A user's own language comes before the browser's: the page says so, its menu and dates are in it."""
    who, menu, date = SPOKEN[language]
    with visitor(chromium, home, who, language=language) as one:
        one.goto("/requests?scope=all" if language == "pt" else "/requests")
        expect(one.page.locator("html")).to_have_attribute("lang", language)
        items = one.page.get_by_role("navigation").first.get_by_role("link").all_inner_texts()
        expect(one.page.locator("tbody time").first).to_have_text(re.compile(date))

    assert menu == [text.strip() for text in items[:3]]


def test_the_browsers_language_where_a_user_names_none(chromium, home):
    """Omar has no language of his own."""
    with visitor(chromium, home, OMAR, language="pt", locale="pt-BR", signed_in=False) as omar:
        omar.goto("/signin")
        expect(omar.page.locator("html")).to_have_attribute("lang", "pt")
        omar.heading("Sign in")
