"""A cluster in memory with a controller, for tests: objects as admission stored them, and who it says wrote them."""

from datetime import timedelta
from itertools import count

from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.kinds import parse
from assent.api.plans import Outcome
from assent.api.sightings import Examined, Sighting
from assent.core.explain import explain
from assent.core.status import status
from assent.errors import ClusterError, RunnerError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.moments import Moment
from builders import flow, ref, request, service, stage, use
from builders import ident as named_ident
from core.lives import NOW, company
from core.memory import Book, Hands
from core.papers import named

SPEC = {"approvals": [use("platform/f")], "run": {"process": {"program": "p"}}, "enabledByDefault": True}
_uids = count(1)


class Objects:
    """What the API server holds; of `hidden` documents the watch tells what they were before, until a list was made."""

    def __init__(self):
        self.held, self.asked, self.hidden, self.before = {}, {}, set(), {}
        self.reached = 100
        self.reads = []

    def put(self, *documents, writer=""):
        """Stored as they stand, written by this login."""
        for one in documents:
            ident = named(one)
            table = self.asked if ident.kind == "Request" else self.held
            before = self.before[ident] = table.get(ident.ref if ident.kind == "Request" else ident)
            plain = one if isinstance(one, dict) else one.plain()
            table[ident.ref if ident.kind == "Request" else ident] = _sighting(ident, plain, writer, before)
        return self

    def hide(self, *names):
        """Has the watch lag behind these documents."""
        self.hidden |= {*map(named_ident, names)}
        return self

    def drop(self, name):
        """Deletes one, which the watch has not told of."""
        ident = named_ident(name)
        self.before[ident] = self.held.pop(ident)
        self.hidden.add(ident)

    def configuration(self, *, fresh, listed=False):
        self.reads.append("listed" if listed else "fresh" if fresh else "remembered")
        if fresh:
            self.hidden = set()
        found = {**self.held, **{one: self.before.get(one) for one in self.hidden}}
        return {one: two for one, two in found.items() if two is not None}

    def request(self, asked):
        self.reads.append(str(asked))
        return self.asked.get(asked)

    def requests(self):
        return dict(self.asked)

    def version(self):
        return self.reached


def _sighting(ident, plain, writer, before):
    document, problems = parse(plain)
    uid = before.uid if before else f"uid-{next(_uids)}"
    meant = plain["spec"] if ident.kind == "Request" else {**plain, "metadata": plain["metadata"]}
    notes = plain["metadata"].get("annotations", {}) if ident.kind == "Request" else {}
    entries = tuple(Entry(ident.ref, key.rpartition("/")[2], text) for key, text in sorted(notes.items()))
    return Sighting(ident, uid, Version(sha256(meant), uid, 0), writer, document, problems, entries)


class Policies:
    """Admission, as a look at it finds it."""

    def __init__(self):
        self.found = Examined("one", True)
        self.looks = 0

    def examine(self):
        self.looks += 1
        return self.found


class Yard:
    """Runs that go on elsewhere: by execution, what was prepared, let go, and how it stands."""

    def __init__(self):
        self.there, self.going, self.ends = {}, set(), {}
        self.foreign, self.blind, self.refuses = False, False, None
        self.looks = 0

    def check(self, plan):
        return self.refuses

    def prepare(self, plan, execution):
        self._see()
        if self.foreign:
            raise RunnerError("the name is taken")
        return self.there.setdefault(execution.id, f"handle-{len(self.there) + 1}")

    def act(self, plan, execution, handle):
        self._see()
        if self.there.get(execution.id) == handle:
            self.going.add(execution.id)

    def look(self, plan, execution, handle):
        self.looks += 1
        self._see()
        if self.there.get(execution.id) != handle:
            return Outcome("Unknown", "it is gone")
        return Outcome(self.ends.get(execution.id, "Running"), "so it stands")

    def remove(self, plan, execution, handle):
        self._see()
        if self.there.get(execution.id) == handle:
            del self.there[execution.id]

    def _see(self):
        if self.blind:
            raise ClusterError("no answer")


class Desk:
    """The controller of a cluster with the company of the tests; rita asks, bea and ben approve for b."""

    def __init__(self, *documents, **spec):
        self.objects, self.policies = Objects(), Policies()
        self.book, self.hands, self.yard = Book(), Hands(), Yard()
        self.now, self.ticks, self.points = NOW, 100.0, []
        lead = flow("platform/f", stage("lead", "Requesting"))
        self.objects.put(*company(), lead, service("platform/vdi", **{**SPEC, **spec}), *documents, writer="admin")
        self.begin().step()

    def begin(self, *, confirmed=False, **options):
        """A controller that knows nothing but the ledger."""
        runners, remote = {"process": self.hands}, {"job": self.yard}
        self.controller = ClusterController(
            self.objects, self.policies, self.book, runners, self.points.append, remote=remote, **options
        )
        self.controller.start(lambda: self.ticks, self.now if confirmed else None)
        return self

    @property
    def moment(self):
        return Moment(self.now, self.ticks)

    def wait(self, seconds=1.0):
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds
        return self

    def step(self):
        self.wait()
        summary = self.controller.step(self.moment)
        while self.controller.workshop.busy:
            self.controller.collect(self.moment, summary)
        return summary

    def steps(self, times):
        for _ in range(times):
            summary = self.step()
        return summary

    def ask(self, name, *, who="rita@b", creator=None, **asked):
        """Somebody opens a request."""
        self.objects.put(request(f"b/{name}", "vdi", who, **asked), writer=creator or who)
        return self.touch(name).step()

    def touch(self, name):
        self.controller.touch(ref(f"b/{name}"))
        return self

    def annotate(self, name, *lines, who="rita@b", creator=None):
        """The object with these entries, as admission let them in."""
        notes = {f"approval.assent.dev/e{at}": line for at, line in enumerate(lines)}
        spec = self.objects.asked[ref(f"b/{name}")].document.spec.plain()
        plain = {"apiVersion": "assent.dev/v1alpha1", "kind": "Request", "spec": spec}
        plain["metadata"] = {"name": name, "namespace": "b", "annotations": notes}
        self.objects.put(plain, writer=creator or who)
        return self.touch(name)

    def line(self, name, who="bea@b"):
        return f"approve as {who} for {self.case(name).digest}"

    def approve(self, name, who="bea@b"):
        return self.annotate(name, self.line(name, who))

    def case(self, name):
        return self.controller.knowledge.state.cases[ref(f"b/{name}")]

    def decision(self, name):
        return self.controller.decision(ref(f"b/{name}"), self.now)

    def phase(self, name):
        return self.decision(name).phase

    def status(self, name):
        return status(self.controller.knowledge.world, self.decision(name))

    def reason(self, name):
        return explain(self.controller.knowledge.world, self.decision(name))["reason"]

    def uncounted(self, name):
        return [voice.because for voice in self.case(name).voices if voice.because]
