"""Somebody in front of a browser, and what the browser complains about meanwhile.

with visitor(chromium, home, "omar@acme.example") as omar:     # signed in, by the provider
    omar.goto("/open")
    omar.press("Send the request")
    omar.see("It waits for")
"""

import html
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import expect

from assent.portal.rendering import catalogue
from assent.portal.words import word
from browser.filling import put

PATIENCE = 30_000
"""Milliseconds that a loaded machine may take."""
LINK = re.compile(r'<a[^>]*href="([^"]+)"[^>]*>\s*([^<]+?)\s*</a>')
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
"""What the browser notes for an answer that the test wants to see."""
ENDED = "[object Event]"
"""What htmx notes when a stream ends, as it does with the session, before it asks for another."""

expect.set_options(timeout=PATIENCE)


class Visitor:
    """One person's browser, or one page of it; texts are given in English and looked for in the reader's language."""

    def __init__(self, page, home, username, language):
        self.page, self.home, self.username, self.language = page, home, username, language
        self.complaints = []
        page.context.on("console", self._said)
        page.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        page.context.on("request", self._asked)

    def _said(self, message):
        if message.type in ("error", "warning") and not (REFUSED.match(message.text) or message.text == ENDED):
            self.complaints.append(message.text)

    def _asked(self, request):
        """Nothing is fetched from anywhere but the panel, and its provider when somebody signs in."""
        provider = urlsplit(self.home.provider.issuer).netloc if self.home.provider else ""
        there = urlsplit(request.url)
        if there.scheme in ("http", "https", "ws", "wss") and there.netloc not in (self.netloc, provider):
            self.complaints.append(f"asks {request.url}")

    @property
    def netloc(self):
        return urlsplit(self.home.url).netloc

    def says(self, text, **values):
        """A text of ours in the reader's language."""
        return catalogue(self.language).gettext(text) % values

    def status(self, phase):
        """Waits until the request's page says that it has come to this phase."""
        shown = self.page.locator("[role=status]").first
        expect(shown).to_contain_text(word(phase, catalogue(self.language).gettext))
        return self

    def goto(self, path):
        return self.page.goto(path if path.startswith("http") else f"{self.home.url}{path}")

    def sign_in(self, username=None, path="/"):
        """Goes to a page, and proves who they are on the way."""
        self.goto(path)
        return self.prove(username)

    def prove(self, username=None):
        """On the page of the sign-in: proves who they are, and is led on."""
        self.username = username or self.username
        if self.home.provider:
            self.home.provider.person = {"sub": self.username, "email": self.username, "email_verified": True}
            self.page.get_by_role("link", name=catalogue("en").gettext("Sign in"), exact=True).click()
        else:
            self.page.locator(f'button[name="username"][value="{self.username}"]').click()
        expect(self.page.locator(".person")).to_contain_text(self.username)
        return self

    def tab(self, page=None):
        """Another tab of the same browser: a new one, or one that was opened."""
        return Visitor(page or self.page.context.new_page(), self.home, self.username, self.language)

    def heading(self, text, **values):
        """Waits for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.says(text, **values))
        return self

    def see(self, text, within="main", **values):
        """Waits until it can be read."""
        expect(self.page.locator(within).first).to_contain_text(self.says(text, **values))
        return self

    def field(self, label):
        return self.page.get_by_label(self.says(label)).first

    def button(self, name):
        return self.page.get_by_role("button", name=self.says(name), exact=True)

    def press(self, name):
        self.button(name).click()
        return self

    def follow(self, name):
        self.page.get_by_role("link", name=self.says(name), exact=True).first.click()
        return self

    def ask(self, name, offer="create-workspaces", place="acme", **typed):
        """Asks for a set of machines, from the form to the sending."""
        self.goto(f"/open/{place}/{offer}")
        typed = typed or {"p.template": "win11-office", "p.count": "3"}
        for field, value in {**typed, "name": name}.items():
            put(self.page, field, value)
        self.press("Go on to the summary").press("Send the request")
        expect(self.page).to_have_url(f"{self.home.url}/requests/{place}/{name}")
        return self


def links(mail):
    """The links of a mail's HTML part, by what stands on them."""
    text = mail.get_body(("html",)).get_content()
    return {html.unescape(name): html.unescape(address) for address, name in LINK.findall(text)}


@contextmanager
def visitor(chromium, home, username="", *, language="en", signed_in=True, **options):
    """A browser of their own; when it is closed nothing may have been refused, broken or fetched from elsewhere."""
    context = chromium.new_context(**{"locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE)
    found = Visitor(context.new_page(), home, username, language)
    try:
        yield found.sign_in() if signed_in else found
        assert not found.complaints, found.complaints
    finally:
        context.close()
