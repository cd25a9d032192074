"""A panel over a real world: the demo's repository with its people and their keys, a controller, a ledger, an app.

with house(tmp_path) as home:
    juan = home.signed_in("juan")
    juan.get("/requests")
    home.tick()           # a pass of the controller, to the end of what it starts
"""

import os
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from assent.adapters.git import workspace
from assent.adapters.ledger import Ledger
from assent.adapters.runners import ManualRunner, ProcessRunner
from assent.api.names import Ref
from assent.cli import repositories
from assent.cli.demos.world import build
from assent.portal.app import make
from assent.portal.git_door import GitDoor
from assent.portal.panel import Panel
from assent.portal.settings import Rates, Settings
from assent.reconcile.passes import Controller, Moment

URL = "http://127.0.0.1:8080"
UNLIMITED = Rates(**dict.fromkeys(vars(Rates()), ""))
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Person(TestClient):
    """Somebody's browser; `csrf` is what their forms carry."""

    def __init__(self, app):
        super().__init__(app, base_url=URL, client=("127.0.0.1", 50000), follow_redirects=False)

    @property
    def csrf(self):
        return CSRF.search(self.get("/requests").text).group(1)

    def submit(self, path, **fields):
        """Posts a form of this session; what it leads to is not followed."""
        return self.post(path, data={"csrf": self.csrf, **fields})


class Home:
    """The world, its controller, and the app."""

    def __init__(self, ground, ledger, branch, **settings):
        self.ground, self.ledger, self.branch = ground, ledger, branch
        self.later = timedelta()
        given = {"public_url": URL, "demo_login": True, "rates": UNLIMITED, **settings}
        with _environment(ground):
            space = workspace.find(ground.repository)
        self.door = GitDoor(branch, ledger, space)
        self.panel = Panel(self.door, Settings(**given), b"0123456789abcdef" * 2, self.now)
        self.app = make(self.panel)
        self.controller = None

    def now(self):
        return datetime.now(UTC) + self.later

    @property
    def moment(self):
        return Moment(self.now(), time.monotonic() + self.later.total_seconds())

    def begin(self):
        """The controller starts, at the world's first commit."""
        root = self.ground.git("olivia", "rev-parse", "HEAD").strip()
        runners = {"process": ProcessRunner(self.ground.programs, None), "manual": ManualRunner()}
        self.controller = Controller(self.branch, self.ledger, runners)
        self.controller.start(self.moment, root)
        return self.tick()

    def tick(self, passes=2):
        """So many passes, each to the end of whatever it started."""
        for _ in range(passes):
            summary = self.controller.step(self.moment)
            while self.controller.workshop.busy:
                time.sleep(0.02)
                self.controller.collect(self.moment, summary)
        return self

    def signed_in(self, name):
        """Somebody of the demo's people, signed in; `name` is a username or what stands before its @acme.example."""
        person = Person(self.app)
        token = CSRF.search(person.get("/signin").text).group(1)
        username = name if "@" in name else f"{name}@acme.example"
        answer = person.post("/signin/demo", data={"username": username, "csrf": token})
        assert answer.status_code == 303, answer.text
        return person

    def seen(self):
        return self.panel.seen()

    def decision(self, name, organization="acme"):
        return self.seen().decision(Ref(organization, name))

    def phase(self, name, organization="acme"):
        return self.decision(name, organization).phase


@contextmanager
def _environment(ground):
    """The process as the panel's own account; what Git is told of it stays while the house stands."""
    before = dict(os.environ)
    os.environ.update(ground.people["panel"].environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def house(folder, before=None, **settings):
    """All of it; the panel commits as its own account, and `before(ground)` commits what is trusted from the start."""
    ground = build(folder)
    if before:
        before(ground)
    with (
        _environment(ground),
        repositories.opened(str(ground.repository)) as branch,
        Ledger.open(_made(ground.ledger), key_file=ground.key) as ledger,
    ):
        yield Home(ground, ledger, branch, **settings).begin()


def _made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
