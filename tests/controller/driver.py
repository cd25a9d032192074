"""A controller driven by hand: its clock is the test's, and it rests when a pass finds nothing to do."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from assent.api.names import Ref
from assent.core.explain import explain
from assent.core.status import status
from assent.errors import LedgerError
from assent.reconcile.knowledge import recall
from assent.reconcile.passes import Moment


class Driver:
    """Passes over one controller, and what it says of requests."""

    def __init__(self, controller, now=None):
        self.controller = controller
        self.moment = Moment(now or datetime.now(UTC), 0.0)

    def start(self, trust_root):
        self.controller.start(self.moment, trust_root)

    def tick(self, seconds):
        """Time goes by."""
        self.moment = Moment(self.moment.now + timedelta(seconds=seconds), self.moment.monotonic + seconds)

    def jump(self, seconds):
        """The time of day moves, and no time goes by."""
        self.moment = Moment(self.moment.now + timedelta(seconds=seconds), self.moment.monotonic)

    def step(self, *, wait=True):
        """One pass; then whatever it started ends and is recorded."""
        self.tick(1)
        summary = self.controller.step(self.moment)
        while wait and self.controller.workshop.busy:
            time.sleep(0.002)
            self.controller.collect(self.moment, summary)
        return summary

    def rest(self):
        """Passes until one moves nothing."""
        for _ in range(20):
            summary = self.step()
            if summary.paused or not (summary.started or summary.ended or self.controller.restless):
                return self
        raise AssertionError("the controller does not come to rest")

    def rest_in_the_end(self):
        """Passes until one moves nothing, whatever the ledger refuses in between."""
        for _ in range(20):
            with suppress(LedgerError):
                return self.rest()
        raise AssertionError("the controller does not come to rest")

    @property
    def state(self):
        return self.controller.knowledge.state

    @property
    def world(self):
        return self.controller.knowledge.world

    def in_force(self):
        """Every document in force, plain."""
        return {str(ident): self.world.get(ident).plain() for ident in self.world.idents()}

    def recalled(self):
        """What another controller would know that starts at this moment."""
        return recall(self.controller.repository, self.controller.ledger, self.controller.look_up)

    def case(self, name):
        return self.state.cases[Ref("acme", name)]

    def decision(self, name):
        return self.controller._decision(self.case(name), self.moment.now)

    def phase(self, name):
        return self.decision(name).phase

    def digest(self, name):
        return self.decision(name).digest

    def status(self, name):
        return status(self.world, self.decision(name))

    def explain(self, name):
        return explain(self.world, self.decision(name))

    def reason(self, name):
        return self.explain(name)["reason"]

    def uncounted(self, name):
        """Why each decision that does not count does not: (username, word)."""
        return [(one["username"], one["because"]) for one in self.explain(name)["notCounted"]]

    def standing(self):
        """The documents that stand refused, with the word why."""
        return {str(ident): one.reason for ident, one in self.state.standing.items()}

    def refused(self, name):
        """Why the last change of a request was refused; empty where none was."""
        return self.state.refusals.get(Ref("acme", name), ("", ""))[0]
