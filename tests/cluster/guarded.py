"""An organization that a running webhook guards, for tests; its people write under their own logins.

`standing(plane, folder)` puts all of it up in a real cluster, and takes away whatever it left there.
"""

import asyncio
import secrets
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import kopf
import pytest
import yaml

from assent.adapters.kube import paths, webhooks
from assent.adapters.kube.objects import plain
from assent.api.kinds import parse
from assent.api.names import CONFIGURATION, Ident
from assent.cluster.certificates import SECRET, Keeper, SelfMade
from assent.cluster.webhook import Server, register
from assent.core.admissions import Bootstrap, Ground
from assent.errors import ClusterError
from builders import ADMIN, modules, organization, role, tree, user, world

WRITTEN = Path(__file__).with_name("webhook_configuration.yaml")
NAME = "assent-ceiling"
NAMESPACE = "assent-system"
HOST = "127.0.0.1"
MASTERS = ("system:masters",)
"""RBAC lets these people do everything, so that nothing but the ceiling stops them."""


class Desk:
    """Judges on what the API server holds at the moment, of one organization, beside a Platform and the modules."""

    def __init__(self, api, organization):
        self._api = api
        self._organization = organization
        self.known = True
        self.agents = frozenset()
        self.bootstrap = Bootstrap()

    def ground(self, author, written, *, dry=False):
        if not self.known:
            return None
        held = [one for kind in CONFIGURATION for one in self._held(kind)]
        return Ground(world(*tree("P"), *modules(), *held), datetime.now(UTC), bootstrap=self.bootstrap)

    def trusting(self, ground):
        return replace(ground, agents=self.agents)

    def _held(self, kind):
        for one in self._api.get(paths.collection(kind))["items"]:
            found, _ = parse(plain({**one, "apiVersion": "assent.dev/v1alpha1", "kind": kind}))
            if found and self._organization in (found.namespace, found.name):
                yield found


class House:
    """One client with bea, who administers its portal, and otto of the staff; `stranger` and `founder` are no Users."""

    def __init__(self, plane, folder):
        self.plane = plane
        self.name = f"ceil-{secrets.token_hex(3)}"
        self.bea, self.otto = f"bea@{self.name}", f"otto@{self.name}"
        self.desk = Desk(plane.admin, self.name)
        self.server = Server(folder, addr=HOST, port=free_port())
        self.source = SelfMade(plane.admin, NAMESPACE, (HOST,))
        self.keeper = Keeper(plane.admin, self.source, NAME, self.server.serve)
        self.api = {one: plane.api(one, groups=MASTERS) for one in (self.bea, self.otto, "stranger", "founder")}

    @property
    def url(self):
        return f"https://{HOST}:{self.server.port}/ceiling"

    @property
    def trusted(self):
        """The authorities by which the webhook's certificate is to be checked."""
        return self.source.material(datetime.now(UTC), "").trusted

    def place(self, kind, name):
        return paths.place(Ident(kind, self.name, name))

    def role(self, name, levels):
        return role(f"{self.name}/{name}", {"*": levels})

    def write(self, document, by, **query):
        """Creates it, or changes what is there under its name."""
        api = self.api.get(by) or self.plane.admin
        place = paths.place(Ident(document.kind, document.namespace, document.name))
        try:
            held = api.get(place)
        except ClusterError:
            return api.create(paths.collection(document.kind, document.namespace), body(document), **query)
        return api.replace(place, {**held, "spec": body(document)["spec"]}, **query)

    def delete(self, kind, name, by):
        return self.api[by].delete(self.place(kind, name))

    def refused(self, document, by, **query):
        """The API server's sentence; a failure of the test where there is none."""
        with pytest.raises(ClusterError) as refusal:
            self.write(document, by, **query)
        return str(refusal.value)

    def attempt(self, by=None):
        """What the API server says to a small write by this login (default: bea's); nothing where it takes it."""
        try:
            self.write(self.role("probe", {}), by or self.bea, dryRun="All")
        except ClusterError as error:
            return str(error)
        return ""

    @property
    def guarded(self):
        """Whether a login that is no User's is refused as such: the webhook is asked, and answers."""
        return "AuthorUnproven" in self.attempt("stranger")

    def declare(self):
        """The client and its people, written before anybody guards it."""
        labels = {"assent.dev/organization": self.name}
        self.plane.admin.create("/api/v1/namespaces", {"metadata": {"name": self.name, "labels": labels}})
        for one in (
            organization(self.name, "Client"),
            self.role("admins", ADMIN),
            self.role("staff", {"portal": "User"}),
            user(f"{self.name}/bea", "admins"),
            user(f"{self.name}/otto", "staff"),
        ):
            self.plane.admin.create(paths.collection(one.kind, one.namespace), body(one))

    def clean(self):
        for path in (
            paths.collection("User", self.name),
            paths.collection("AccessRole", self.name),
            paths.place(Ident("Organization", "", self.name)),
            f"/api/v1/namespaces/{self.name}",
            f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}",
        ):
            with suppress(ClusterError):
                self.plane.admin.delete(path)


def body(document):
    return {"apiVersion": "assent.dev/v1alpha1", "kind": document.kind, **document.plain()}


def free_port():
    with closing(socket.socket()) as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]


def until(holds):
    """Waits for a condition, at most for a minute."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not come about within a minute"
        time.sleep(0.05)


@contextmanager
def standing(plane, folder):
    """A guarded client, for as long as the block lasts."""
    house = House(plane, folder)
    house.declare()
    try:
        with configured(house):
            house.keeper.look(datetime.now(UTC))
            with operating(house):
                yield house
    finally:
        house.clean()


@contextmanager
def configured(house):
    """The chart's configuration, pointed at this machine; out of force again once the block is left."""
    configuration = yaml.safe_load(WRITTEN.read_text())
    for hook in configuration["webhooks"]:
        hook["clientConfig"] = {"url": house.url}
    house.plane.admin.create(webhooks.VALIDATING, configuration)
    try:
        yield
    finally:
        house.plane.admin.delete(f"{webhooks.VALIDATING}/{NAME}")
        until(lambda: house.attempt("stranger") == "")


@contextmanager
def operating(house):
    """kopf, with nothing but the webhook to do, in a thread of its own; it answers when the block begins."""
    registry, settings, stop = kopf.OperatorRegistry(), kopf.OperatorSettings(), threading.Event()
    kopf.on.login(registry=registry)(kopf.login_with_kubeconfig)
    settings.admission.server = house.server
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.posting.enabled = False
    register(registry, house.desk)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("KUBECONFIG", str(house.plane.kubeconfig("webhook", groups=MASTERS)))
        run = kopf.operator(registry=registry, settings=settings, stop_flag=stop, clusterwide=True)
        thread = threading.Thread(target=asyncio.run, args=(run,))
        thread.start()
        try:
            until(lambda: house.guarded)
            yield
        finally:
            stop.set()
            thread.join(60)
    assert not thread.is_alive()
