"""A panel over records in memory: as many runs and records as a test wants, in no time."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

import builders
from assent.api.ledger import NewRecord, Record
from assent.core.state import fold
from assent.portal.app import make
from assent.portal.panel import Panel
from assent.portal.seen import Seen
from assent.portal.settings import Settings
from portal.house import UNLIMITED, URL

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEVELS = {"portal": "OrganizationAdmin", "workspaces": "L2", "automate": "Manager"}


def company():
    """The platform, the partner a, its client b and b's suborganizations c and d, with an administrator in most."""
    places = ("platform", "b", "c", "d")
    roles = [builders.role(f"{place}/all", {"*": LEVELS}) for place in places]
    people = [builders.user(f"{place}/ann", "all") for place in places]
    return [*builders.tree("P-abb"), *builders.modules(), *roles, *people, builders.user("b/bob")]


class Paper:
    """A door with records in memory; `read` counts how many were handed out."""

    name = "Git"

    def __init__(self, *documents):
        self.world = builders.world(*(documents or company()))
        self.pages = []
        self.read = 0
        self.at = START

    def note(self, kind, subject, body, **later):
        """One more record, some time after the one before."""
        self.at += timedelta(**later)
        self.pages.append(Record(len(self.pages) + 1, self.at, kind, subject, body))

    def run(self, name, *states, place="b", requester="ann@b", targets=(), seconds=60, **later):
        """A request that was claimed, whose executions have come to these states; it ends where none runs."""
        request, spec = f"{place}/{name}", {"microservice": {"name": "vdi"}, "requester": requester}
        self.note("observed", request, {"spec": spec, "approvers": {}, "provenBy": None}, **later)
        plan = {"microservice": "platform/vdi", "runner": "process", "settings": {}, "executions": [{} for _ in states]}
        self.note("claimed", request, {"digest": "d" * 64, "plan": plan, "stages": []})
        for at, state in enumerate(states):
            body = {"request": request, "execution": f"{name}{at}", "target": targets[at] if targets else f"t{at}"}
            self.note("acted", body["execution"], body)
            if state != "Running":
                done = {**body, "state": state, "message": f"it {state}", "output": "o" * 500, "exitCode": 0}
                self.note("recorded", body["execution"], done, seconds=seconds)
        if "Running" not in states:
            phase = states[0] if len(set(states)) == 1 else "PartiallyFailed"
            at = self.at.isoformat()
            self.note("ended", request, {"phase": phase, "reason": "x", "message": "y", "at": at, "stages": []})

    def seen(self, now):
        return Seen(self.world, fold(self.pages), now)

    def version(self):
        return len(self.pages)

    def records(self, after=0, kinds=None, subject=None):
        for record in self.pages[after:]:
            self.read += 1
            yield record

    def write(self, records, now):
        for one in records:
            assert isinstance(one, NewRecord)
            self.note(one.kind, one.subject, one.body)

    def signed_in(self, username="ann@b"):
        """A browser of this person."""
        panel = Panel(self, Settings(public_url=URL, demo_login=True, rates=UNLIMITED), b"x" * 32, lambda: self.at)
        app = make(panel)
        person = TestClient(app, base_url=URL, client=("127.0.0.1", 5), follow_redirects=False)
        person.cookies.set(panel.settings.cookie, app.state.sessions.begin(username))
        return person


def long(length):
    """A ledger of so many records about b, with one about c as its very first."""
    door = Paper()
    body = {"reason": "x", "message": "y"}
    door.pages = [Record(1, START, "held", "c/r1", body)]
    door.pages += [Record(at, START, "held", "b/r1", body) for at in range(2, length + 1)]
    return door
