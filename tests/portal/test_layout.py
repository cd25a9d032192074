"""What every page has around it: landmarks, a title, a language, a menu that needs no script, and a way to switch."""

import re
from types import SimpleNamespace

import pytest

from assent.portal import rendering
from assent.portal.menu import Item

MENU = [Item("/requests", "My requests", current=True), Item("/decide", "To decide", current=False)]
ASKED = SimpleNamespace(url=SimpleNamespace(path="/requests"))
ME = SimpleNamespace(username="juan@acme.example")
PLAIN = {"title": "", "message": "", "hint": "", "request": ASKED, "csrf": "token", "menu": [], "me": None}


def page(language="en", **values):
    return rendering.text(language, "error.html", **{**PLAIN, **values})


def signed_in(language="en", **values):
    return page(language, menu=MENU, me=ME, **values)


@pytest.mark.parametrize("language", rendering.LANGUAGES)
def test_a_page_says_its_language_and_what_it_is(language):
    shown = page(language)

    assert f'<html lang="{language}">' in shown
    assert re.search(r"<title>[^<]+ · Assent</title>", shown)
    assert shown.count("<h1>") == 1


def test_the_landmarks_are_there_once():
    shown = signed_in()

    assert [1, 1, 1] == [len(re.findall(f"<{name}[ >]", shown)) for name in ("header", "nav", "main")]
    assert 'href="#main"' in shown
    assert 'id="main"' in shown


def test_where_one_is_is_marked_for_those_who_do_not_see_it():
    marked = re.findall(r'<a href="([^"]+)" aria-current="page">', signed_in())

    assert marked == ["/requests"]


def test_the_menu_is_closed_by_the_browser_and_not_by_a_script():
    assert re.search(r'<details class="menu">\s*<summary>', signed_in())


def test_who_is_not_signed_in_has_neither_menu_nor_name():
    shown = page()

    assert "<nav" not in shown
    assert "/signout" not in shown


def test_whoever_reaches_several_organizations_can_switch_without_a_script():
    shown = signed_in(organizations=["acme", "acme-labs"], organization="acme-labs")

    assert 'method="get" action="/switch"' in shown
    assert '<option value="acme-labs" selected>' in shown
    assert '<input type="hidden" name="next" value="/requests">' in shown


@pytest.mark.parametrize("given", [{}, {"organizations": []}, {"organizations": ["acme"], "organization": "acme"}])
def test_whoever_reaches_one_organization_has_nothing_to_switch(given):
    assert "/switch" not in signed_in(**given)


def test_what_people_wrote_is_escaped():
    shown = signed_in(title="<b>&", message="<script>", organizations=["<i>", "b"], organization="b")

    assert not re.search(r"<b>|<script>|<i>", shown)


@pytest.mark.parametrize(
    ("count", "there", "found"),
    [
        pytest.param(50, True, ("/switch", "organization", 51), id="fifty are chosen from"),
        pytest.param(51, True, ("/organizations", "q", 0), id="more are searched"),
        pytest.param(51, False, ("/switch", "organization", 0), id="where there is no page to search, named"),
    ],
)
def test_so_many_organizations_are_in_no_list(count, there, found):
    ways = [*MENU, Item("/organizations", "Organizations", current=False)] if there else MENU
    names = [f"o{at}" for at in range(count)]
    shown = page(menu=ways, me=ME, organizations=names, organization="o1")
    form = shown.partition('<form class="switch"')[2].partition("</form>")[0]
    field = re.search(r'<(?:select|input type="search") id="switch" name="(\w+)"', form).group(1)

    assert found == (re.search(r'action="([^"]+)"', form).group(1), field, form.count("<option"))
    assert ("/switch?next=" in form) == (count > 50)
