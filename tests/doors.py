"""One scenario played at either door, for tests: commits that people signed, and logins at a real API server.

`GitDoor` and `ClusterDoor` understand the same steps, and say of a request what status and explanation it comes to.
"""

import time
from datetime import timedelta
from functools import partial

from adapters.git.building import Key, Repository
from assent.adapters.documents import edit
from assent.adapters.kube import paths
from assent.adapters.kube.canary import Canary
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.events import Events
from assent.adapters.kube.namespaces import labelled
from assent.adapters.kube.statuses import Statuses
from assent.adapters.ledger import Ledger
from assent.api.base import seconds
from assent.api.decisions import Line
from assent.api.names import API_VERSION, Ident, Ref
from assent.cli import repositories
from assent.cluster.showing import Showing
from assent.core.explain import explain
from assent.core.status import status
from assent.errors import ClusterError
from assent.reconcile.clusters import ClusterController
from assent.reconcile.moments import Moment
from assent.reconcile.passes import Controller
from cluster.admission import OPERATOR
from cluster.operated import declare

NAMESPACES = "system:serviceaccount:kube-system:namespace-controller"
"""The one account that may delete an open request: whoever takes a namespace down."""


class Idle:
    """A runner that both doors have, and that runs nothing: what is approved stays so, to be compared."""

    def check(self, plan):
        return "nothing runs in this story"

    def act(self, plan, execution):
        raise AssertionError("nothing runs in this story")


RUNNERS = {name: Idle() for name in ("job", "http", "process", "manual")}


def asked(step):
    """The Request that a scenario's step opens, as a document."""
    spec = {"microservice": {"name": step.microservice}, "requester": step.requester}
    more = {"onBehalfOf": step.on_behalf_of, "parameters": step.parameters, "targets": list(step.targets)}
    spec |= {name: value for name, value in {**more, "reason": step.reason}.items() if value}
    about = {"name": step.name, "namespace": step.organization}
    return {"apiVersion": API_VERSION, "kind": "Request", "metadata": about, "spec": spec}


class Door:
    """What both doors have: the time of the story, the requests by their short names, and the lines that are said."""

    def __init__(self, now):
        self.now, self.ticks, self.named, self.said = now, 0.0, {}, 0

    def play(self, step):
        """One step of a scenario; an expectation is a look, and moves nothing."""
        if step.wait:
            self.now += timedelta(seconds=seconds(step.wait))
            self.ticks += seconds(step.wait)
        elif step.request:
            self.named[step.request.name] = Ref(step.request.organization, step.request.name)
            self.open(step.request)
        elif step.decide:
            self.said += 1
            self.decide(self.named[step.decide.request], step.decide)
        self.look()

    @property
    def moment(self):
        return Moment(self.now, self.ticks)

    def look(self):
        """Passes until nothing more comes of them."""
        for _ in range(3):
            self.controller.step(self.moment)

    def line(self, ref, step):
        """The decision as its author writes it: an approval for the digest that they are shown."""
        digest = step.for_ or (self.digest(ref) if step.verb == "approve" else None)
        return str(Line(step.verb, step.as_, digest, step.because))

    def digest(self, ref):
        return self.decision(ref).digest

    def decision(self, ref):
        return self.controller.decisions.get(ref) or self.controller._decision(self.case(ref), self.now)

    def case(self, ref):
        return self.controller.knowledge.state.cases[ref]

    def explained(self, ref):
        return explain(self.controller.knowledge.world, self.decision(ref))


class GitDoor(Door):
    """A repository whose people sign what they write, and a controller over it."""

    def __init__(self, folder, values, now):
        super().__init__(now)
        self.repository = Repository(folder / "repository.git")
        self.keys, self.files, self.tip = {}, {}, None
        for value in values:
            self._keyed(value)
        self._commit(None, {_path(value): edit.dump(value) for value in values})
        self._branch = repositories.opened(str(folder / "repository.git"), "main")
        self._ledger = Ledger.open(folder / "git.sqlite", key_file=folder / "git" / "ledger.key")
        self.controller = Controller(self._branch.__enter__(), self._ledger, RUNNERS)
        self.controller.start(self.moment, self.tip)

    def close(self):
        self._ledger.close()
        self._branch.__exit__(None, None, None)

    def open(self, step):
        value = asked(step)
        self._commit(step.requester, {_path(value): edit.dump(value)})

    def decide(self, ref, step):
        path = f"requests/{ref.namespace}/{ref.name}.yaml"
        entry = f"approval.assent.dev/d{self.said}"
        self._commit(step.as_, {path: edit.add_annotation(self.files[path], 0, entry, self.line(ref, step))})

    def status(self, ref):
        return status(self.controller.knowledge.world, self.decision(ref))

    def _keyed(self, value):
        """Everybody has a key; in the files of the examples most people have none."""
        if value["kind"] == "User":
            key = Key()
            self.keys |= dict.fromkeys([value["spec"]["username"], *value["spec"].get("aliases", [])], key)
            value["spec"] = {**value["spec"], "signingKeys": [{"publicKey": key.line}]}

    def _commit(self, who, changed):
        self.files |= {path: _bytes(text) for path, text in changed.items()}
        parents = [self.tip] if self.tip else []
        self.tip = self.repository.commit(self.files, *parents, by=self.keys.get(who))
        self.repository.head(self.tip)


class ClusterDoor(Door):
    """An API server whose people annotate, and a controller over it."""

    def __init__(self, plane, folder, now):
        super().__init__(now)
        self.plane = plane
        api = plane.api(OPERATOR)
        self.cluster = KubeCluster(api)
        self._ledger = Ledger.open(folder / "cluster.sqlite", key_file=folder / "cluster" / "ledger.key")
        canary = Canary(api, "assent-system", "assent-canary", partial(labelled, api))
        self.controller = ClusterController(self.cluster, canary, self._ledger, RUNNERS)
        self.showing = Showing(self.cluster, Statuses(api), Events(api, "assent"), lambda _key: True)
        self.controller.start(time.monotonic)
        self.look()

    def close(self):
        self._ledger.close()
        sweeper = self.plane.api(NAMESPACES)
        for item in self.plane.admin.get(paths.collection("Request"))["items"]:
            about = item["metadata"]
            sweeper.delete(paths.place(Ident("Request", about["namespace"], about["name"])))

    def look(self):
        for ref in self.named.values():
            self.controller.touch(ref)
        super().look()
        assert [] == self.showing.requests(self.controller, self.now)

    def open(self, step):
        value = asked(step)
        self.plane.api(step.requester).create(paths.collection("Request", step.organization), value)

    def decide(self, ref, step):
        """Writes the entry as its author; what admission refuses stands nowhere, as it counts nowhere."""
        notes = {f"approval.assent.dev/d{self.said}": self.line(ref, step)}
        try:
            self.plane.api(step.as_).patch(paths.place(Ident("Request", *ref)), {"metadata": {"annotations": notes}})
        except ClusterError as refused:
            assert "requests.assent.dev" in refused.message  # noqa: PT017 -- nothing else may refuse it

    def status(self, ref):
        return self.plane.admin.get(paths.place(Ident("Request", *ref)))["status"]


def settle(plane, values):
    """Has just these documents in the cluster, and nothing of an earlier story."""
    wanted = {_where(value): value for value in values}
    for kind in reversed([*paths.PLURALS]):
        for item in plane.admin.get(paths.collection(kind))["items"] if kind != "Request" else ():
            about = item["metadata"]
            place = paths.place(Ident(kind, about.get("namespace", ""), about["name"]))
            if place not in wanted or wanted[place]["spec"] != item["spec"]:
                plane.admin.delete(place)
            else:
                wanted.pop(place)
    declare(plane, [*wanted.values()])


def _where(value):
    about = value["metadata"]
    return paths.place(Ident(value["kind"], about.get("namespace", ""), about["name"]))


def _path(value):
    about = value["metadata"]
    folder = {"Request": "requests"}.get(value["kind"], value["kind"].lower())
    return "/".join(part for part in (folder, about.get("namespace"), f"{about['name']}.yaml") if part)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()
