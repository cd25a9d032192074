"""What panel.js adds, in a real browser; nothing needs it, so these are only about what it must not break."""

import os
import shutil
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import sync_playwright

from assent.portal import rendering

CHROMIUM = shutil.which("chromium")
HOST = "http://localhost:1/"
SCRIPT = (rendering.HERE / "static" / "panel.js").read_text(encoding="utf-8")
PAGE = """<!doctype html><html lang="es"><title>A form</title><body>
<div class="summary" tabindex="-1">Something is wrong</div>
<form method="post" data-unsaved>
  <label><input type="radio" name="kind" value="vdi" checked>vdi</label>
  <label><input type="radio" name="kind" value="app">app</label>
  <label><input type="checkbox" name="more" value="true">more</label>
  <div class="field" data-conditions='[["image", [""], true]]'><input name="behind" value="1"></div>
  <fieldset>
    <div class="field" data-conditions='[["kind", ["app"], false]]'><input name="image" value="1"></div>
  </fieldset>
  <div class="field" data-conditions='[["kind", ["vdi", "app"], false], ["more", ["true"], false]]'>
    <input name="size" value="1"></div>
  <button name="verb" value="send">send</button>
  <button name="verb" value="withdraw" data-confirm="Sure?">withdraw</button>
</form>
<time datetime="2020-07-01T22:30:00+00:00" data-local>1 jul 2020, 22:30:00 UTC</time>
<code id="digest"> sha256:1f4f </code>
<button type="button" class="copy" data-copy="#digest" data-copied="Copied" hidden><b>Copy</b></button>
<dialog id="confirm"><form method="dialog"><p id="confirm-question"></p>
  <button value="yes">yes</button><button value="no">no</button></form></dialog>
<script src="/panel.js"></script>"""


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM and os.environ.get("CI") != "true":
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Visit:
    """The page in a browser; `sent` are the forms that it posted."""

    def __init__(self, browser, **more):
        self.context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **more)
        self.sent, self.page = [], self.context.new_page()
        self.context.route("**/*", self._answer)
        self.page.goto(HOST)

    def _answer(self, route):
        if route.request.method == "POST":
            self.sent.append(parse_qs(route.request.post_data))
            route.fulfill(status=204)
        elif route.request.url.endswith(".js"):
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    @property
    def asked(self):
        """The fields that are to be seen."""
        fields = ("behind", "image", "size")
        return {name for name in fields if self.page.locator(f"input[name={name}]").is_visible()}

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click(force=True)
        self.page.wait_for_timeout(50)


@pytest.fixture
def visit(browser):
    found = Visit(browser)
    yield found
    found.context.close()


def test_a_field_is_asked_for_where_all_its_conditions_hold(visit):
    assert visit.asked == set()

    visit.page.get_by_label("app").check()
    assert visit.asked == {"image", "behind"}

    visit.page.get_by_label("more").check()
    assert visit.asked == {"image", "behind", "size"}


def test_a_field_that_is_not_asked_for_is_not_sent(visit):
    visit.page.get_by_label("more").check()
    visit.press("send")

    assert visit.sent == [{"kind": ["vdi"], "more": ["true"], "size": ["1"], "verb": ["send"]}]


def test_without_the_script_every_field_is_asked_for(browser):
    found = Visit(browser, java_script_enabled=False)

    assert found.asked == {"behind", "image", "size"}
    found.context.close()


def test_what_cannot_be_taken_back_is_asked_about_once_more(visit):
    visit.press("withdraw")
    assert visit.page.locator("#confirm-question").text_content() == "Sure?"
    visit.press("no")
    visit.press("withdraw")
    visit.page.keyboard.press("Escape")
    assert visit.sent == []

    visit.press("withdraw")
    visit.press("yes")
    assert [form["verb"] for form in visit.sent] == [["withdraw"]]


def test_a_form_is_sent_once_until_the_reader_comes_back_to_it(visit):
    visit.press("send")
    visit.press("send")
    assert len(visit.sent) == 1

    visit.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow'))")
    visit.press("send")
    assert len(visit.sent) == 2


def test_a_digest_is_copied_whole_and_the_button_says_so(visit):
    visit.press("Copy")

    assert visit.page.evaluate("navigator.clipboard.readText()") == "sha256:1f4f"
    assert visit.page.locator("button.copy").text_content() == "Copied"


@pytest.mark.parametrize(
    ("zone", "said", "title"),
    [
        pytest.param("Europe/Madrid", "2 jul 2020, 0:30:00 CEST", "1 jul 2020, 22:30:00 UTC", id="another day there"),
        pytest.param("UTC", "1 jul 2020, 22:30:00 UTC", None, id="the same"),
    ],
)
def test_a_moment_is_said_by_the_readers_clock_with_utc_beside_it(browser, zone, said, title):
    found = Visit(browser, timezone_id=zone)
    time = found.page.locator("time")

    assert [said, title] == [time.text_content(), time.get_attribute("title")]
    found.page.evaluate("document.dispatchEvent(new Event('htmx:load'))")
    assert [said, title] == [time.text_content(), time.get_attribute("title")]
    found.context.close()


def test_what_is_wrong_has_the_focus(visit):
    assert visit.page.evaluate("document.activeElement.className") == "summary"
