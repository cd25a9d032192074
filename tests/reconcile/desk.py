"""A controller with a branch, a ledger and a runner in memory, for tests."""

from datetime import timedelta

import pytest

from assent.core.decide import Door, decide
from assent.reconcile.passes import Controller, Moment
from builders import flow, ref, request, service, stage, use
from core.lives import NOW, company
from core.memory import Book, Branch, Hands
from core.papers import ROOT, commit

SPEC = {"approvals": [use("platform/f")], "run": {"process": {"program": "p"}}, "targetRules": {"maxItems": 9}}
FLOW = flow("platform/f", stage("lead", "Requesting"))


class Desk:
    """A controller with all that it works with; what it starts is waited for."""

    def __init__(self, *documents, workers=4, runners=None, **spec):
        given = {"enabledByDefault": True, "concurrency": 9, **SPEC, **spec}
        self.branch = Branch(*company(), FLOW, service("platform/vdi", **given), *documents)
        self.book, self.hands, self.workers = Book(), Hands(), workers
        self.runners = {"process": self.hands} if runners is None else runners
        self.now, self.ticks = NOW, 0.0
        self.points = []
        self.begin()

    def begin(self, root=ROOT):
        """A controller that knows nothing but the ledger."""
        self.controller = Controller(self.branch, self.book, self.runners, self.points.append, self.workers)
        self.controller.start(self.moment, root)
        return self

    @property
    def moment(self):
        return Moment(self.now, self.ticks)

    def wait(self, seconds=1.0):
        """Time passes on both clocks."""
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds
        return self

    def add(self, *commits):
        self.branch.add(*commits)
        return self

    def step(self):
        """One pass, and whatever it started, to its end."""
        summary = self.controller.step(self.moment)
        while self.controller.workshop.busy:
            self.controller.collect(self.moment, summary)
        return summary

    def steps(self, count):
        for _ in range(count):
            self.wait().step()
        return self

    def open(self, *names, **asked):
        """Rita opens these requests."""
        return self.add(commit("b/rita", *(request(f"b/{name}", "vdi", "rita@b", **asked) for name in names)))

    def case(self, name):
        return self.controller.knowledge.state.cases[ref(f"b/{name}")]

    def decision(self, name):
        return decide(self.controller.knowledge.world, self.case(name), Door(tuple(self.runners)), self.now)

    def phase(self, name):
        return self.decision(name).phase

    def approve(self, *names, who="b/bea"):
        """Somebody approves these requests."""
        username = "{1}@{0}".format(*who.split("/"))
        lines = [(f"b/{name}", f"approve as {username} for {self.decision(name).digest}") for name in names]
        return self.add(commit(who, says=lines))

    def kinds(self, after=0):
        """The kinds of the records behind a number."""
        return [one.kind for one in self.book.records(after)]


def approved(*names, asked=None, **more):
    """A desk on which rita's requests are all approved, and nothing has run yet."""
    desk = Desk(**more)
    desk.open(*names, **(asked or {})).step()
    return desk.approve(*names)


class CrashError(Exception):
    """The process ends here."""


def killed_at(desk, point):
    """The controller passes until it crosses this point, and is gone there."""

    def crossed(here):
        desk.points.append(here)
        if here == point:
            raise CrashError(here)

    desk.controller.crossed = desk.controller.workshop._crossed = crossed
    with pytest.raises(CrashError):
        desk.step()
    return desk
