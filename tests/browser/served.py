"""A panel that is really served: its pages and mails by the panel's own server, its passes by a controller beside it.

with served(folder) as home:
    home.url                             # http://127.0.0.1:…, people sign in by the tests' OpenID provider
    home.mail("maria@acme.example")      # her last mail, as soon as it is there
"""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import uvicorn

from assent.adapters.health import Heartbeat
from assent.adapters.mail import Mailer, MailSettings
from assent.api.names import Ref
from assent.errors import ConflictError, NotFoundError
from assent.portal import serving
from assent.portal.mails.messages import Letterhead
from assent.portal.mails.posting import Postman
from assent.portal.rendering import catalogue
from portal.house import house
from portal.provider import Provider
from postbox import Postbox, certificate

PATIENCE = 60
"""Seconds for anything that takes a moment on an idle machine."""


class Server:
    """The app in a thread, on a port that listens already; mails go to a real SMTP server, over TLS."""

    def __init__(self, site, listening, folder):
        self.site, self.listening = site, listening
        self.pem = certificate(folder, "localhost")
        options = {"access_log": False, "log_config": None, "timeout_graceful_shutdown": 1}
        self.server = uvicorn.Server(uvicorn.Config(site.app, **options))
        self.box = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="panel")

    def __enter__(self):
        self._thread.start()
        until(lambda: self.server.started, "the panel is not served")
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the panel does not end"

    async def _run(self):
        async with Postbox(self.pem, "StartTLS") as self.box:
            mailer = Mailer(MailSettings("localhost", self.box.port, authorities=self.pem))
            panel = self.site.panel
            head = Letterhead("Assent <assent@acme.example>", panel.settings.public_url, panel.secret)
            postman = Postman(panel, mailer, head, lambda language: catalogue(language).gettext)
            await serving._served(self.server, self.listening, postman, Heartbeat())


class Place:
    """Where a browser goes: a panel behind a door, its provider (none: the demo's sign-in) and its mails."""

    def __init__(self, site, provider, server):
        self.site, self.provider, self.server = site, provider, server
        self.url = site.panel.settings.public_url

    def tick(self):
        """Two passes; one beside which a mail is recorded begins anew, as it does in `assent run`."""
        while True:
            with suppress(ConflictError):
                return self.site.tick()

    def mail(self, address, about=""):
        """The first mail to somebody with this in its subject, once it has come."""

        def found():
            return [one for one in self.server.box.to(address) if about in one["Subject"]]

        return until(found, f"no mail about {about} comes to {address}")[0]

    def decision(self, ref):
        """What a request has come to; None where no controller has seen it."""
        try:
            return self.site.panel.seen().decision(Ref.parse(ref))
        except NotFoundError:
            return None

    def until(self, ref, *phases):
        """The decision once the request has one of these phases."""

        def found():
            decision = self.decision(ref)
            return decision if decision and decision.phase in phases else None

        return until(found, f"{ref} does not come to {phases}")


def until(condition, message):
    """What the condition gives, as soon as that is true."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, message
        time.sleep(0.05)
    return found


@contextmanager
def listening(folder, *, demo=False):
    """A port of this machine with the settings of a panel there, and the provider that says who people are."""
    with socket.create_server(("127.0.0.1", 0)) as bound, Provider() as provider:
        settings = {"public_url": f"http://127.0.0.1:{bound.getsockname()[1]}"}
        settings |= {"demo_login": True} if demo else {"demo_login": False, "oidc": provider.oidc(folder)}
        yield bound, settings, provider


@contextmanager
def served(folder, *, demo=False, controller=True, before=None):
    """All of it over a real repository; without `controller` its passes are the test's own (`tick`)."""
    with (
        listening(folder, demo=demo) as (bound, settings, provider),
        house(folder / "house", before=before, **settings) as site,
        Server(site, bound, folder) as server,
    ):
        running = _controller(site.ground) if controller else None
        try:
            yield Place(site, None if demo else provider, server)
        finally:
            if running:
                running.terminate()
                running.wait(PATIENCE)


def _controller(ground):
    """`assent run`, as somebody of the platform's runs it."""
    command = [sys.executable, "-m", "assent", "run", "--interval", "0.3", "--programs", str(ground.programs)]
    command += ["--ledger-key", str(ground.key), "-C", str(ground.repository), "--log", "text"]
    with (ground.root / "controller.log").open("wb") as log:
        return subprocess.Popen(command, env=ground.people["olivia"].environment(), stdout=log, stderr=log)
