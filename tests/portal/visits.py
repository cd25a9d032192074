"""A panel over a small world in memory, and browsers that visit it; for what sign-in and guards do before any page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.testclient import TestClient

import builders
from assent.core.state import fold
from assent.portal.app import make
from assent.portal.panel import Panel
from assent.portal.seen import Seen
from assent.portal.settings import Rates, Settings
from assent.portal.signing import Me, csrf
from core.memory import Book

URL = "http://127.0.0.1:8080"
SECRET = b"0123456789abcdef" * 2
UNLIMITED = Rates(**dict.fromkeys(vars(Rates()), ""))
TOKEN = re.compile(r'name="csrf" value="([^"]*)"')
MARIA, PEDRO = "maria@acme.example", "pedro@acme.example"


def world(*, suspended=False):
    """The organization a with maria, pedro (perhaps suspended), and the automation ci."""
    return builders.world_of(
        [
            *builders.tree("P+"),
            builders.user("a/maria", username=MARIA, displayName="María <b>"),
            builders.user("a/pedro", username=PEDRO, suspended=suspended),
            builders.user("a/ci", username="ci@acme.example", type="Automation"),
        ]
    )


class Door:
    """A ledger in memory; `world` may be exchanged for another."""

    name = "Git"

    def __init__(self):
        self.book = Book()
        self.world = world()

    def seen(self, now):
        return Seen(self.world, fold(self.book.records()), now)

    def write(self, records, now):
        self.book.append(records, now)


class Visit(TestClient):
    """Somebody's browser."""

    def __init__(self, app, url=URL, peer="127.0.0.1", **more):
        super().__init__(app, base_url=url, client=(peer, 50000), follow_redirects=False, **more)

    def hold(self, value, name="assent"):
        """Puts a cookie into the browser, in the place of the one of this name."""
        self.cookies.set(name, value, domain=self.base_url.host)

    def token(self, path="/form"):
        """What the form of that page carries."""
        return TOKEN.search(self.get(path).text).group(1)

    def demo(self, username=MARIA, **fields):
        """Signs in as one of the demo's people."""
        return self.post("/signin/demo", data={"username": username, "csrf": self.token("/signin"), **fields})


class House:
    """One ledger; `app` opens a panel over it, as often as wanted."""

    def __init__(self):
        self.door = Door()
        self.later = timedelta()
        self.sent = []

    def now(self):
        return datetime.now(UTC) + self.later

    def app(self, secret=SECRET, **settings):
        given = {"public_url": URL, "rates": UNLIMITED, **settings}
        if "oidc" not in given:
            given.setdefault("demo_login", True)
        app = make(Panel(self.door, Settings(**given), secret, self.now))
        self._pages(app)
        return app

    def visit(self, **settings):
        """A browser at a panel of its own."""
        return Visit(self.app(**settings))

    def _pages(self, app):
        """What there is to see: a page, a form, and a fault."""

        @app.get("/mine")
        def mine(me: Me):
            return PlainTextResponse(f"{me.username} {me.person}")

        @app.get("/form")
        def form(me: Me):
            return PlainTextResponse(f'<input name="csrf" value="{me.csrf}">')

        @app.post("/form", dependencies=[Depends(csrf)])
        async def send(request: Request, me: Me):
            self.sent.append((me.username, (await request.form()).multi_items()))
            return RedirectResponse("/mine", 303)

        @app.post("/form/named", dependencies=[Depends(csrf)])
        def send_named(me: Me, text: Annotated[str, Form()]):
            self.sent.append((me.username, text))
            return RedirectResponse("/mine", 303)

        @app.get("/broken")
        def broken():
            raise RuntimeError("the secret is 12345")
