"""A cluster with a world in it and people with rights of their own, for the command line; nobody operates it.

The operator's part is what the core says of each request, written into its status as the operator would.
"""

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from assent.__main__ import main
from assent.adapters.kube import objects, paths
from assent.adapters.kube.statuses import Statuses
from assent.api.kinds import parse
from assent.api.names import Ident, Ref
from assent.cli import clusters, sources, views
from assent.core.status import status
from assent.errors import ClusterError
from cluster import admission, conftest, operated

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
JUAN, MARIA, FINA, INGRID = "juan@acme.example", "maria@acme.example", "fina@acme.example", "ingrid@platform.example"
ALIAS, OTHER_MARIA, READER = "mlopez", "maria@elsewhere.example", "reader@acme.example"
PARAMETERS = {"template": "win11-office", "count": 3}
RBAC = "/apis/rbac.authorization.k8s.io/v1"
READ, WRITE = ["get", "list"], ["create", "patch"]


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


class House:
    """The demo's world in a cluster whose people may do what their roles say, and a stand-in for its operator."""

    def __init__(self, plane):
        self.plane = plane
        self.world = sources.read([ROOT / "policies", ROOT / "examples" / "01-automate"]).world
        self.statuses = Statuses(plane.api(admission.OPERATOR, admission.MASTERS))

    def place(self, ref):
        return paths.place(Ident("Request", *Ref.parse(ref)))

    def raw(self, ref):
        return self.plane.admin.get(self.place(ref))

    def asked(self, name, microservice="create-workspaces", **spec):
        """Juan asks, and the operator has looked."""
        body = admission.request(name, "acme")
        body["spec"] = {"microservice": {"name": microservice}, "parameters": PARAMETERS, **spec}
        self.plane.api(JUAN).create(paths.collection("Request", "acme"), body)
        self.judge(f"acme/{name}")
        return f"acme/{name}"

    def there(self, name):
        """One that the cases of a table share."""
        with contextlib.suppress(ClusterError):
            self.asked(name)
        assert self.raw(f"acme/{name}")

    def decision(self, ref):
        """What the core says of it, as if every line were its author's."""
        document, problems = parse(objects.plain(self.raw(ref)))
        assert not problems
        seen = views.imagined(self.world, {Ref.parse(ref): document}, datetime.now(UTC))
        return seen.decision(Ref.parse(ref))

    def judge(self, ref, **changes):
        """The operator's pass."""
        shown = status(self.world, self.decision(ref)) | changes
        assert self.statuses.show(Ident("Request", *Ref.parse(ref)), shown, None, datetime.now(UTC))

    def entries(self, ref):
        notes = self.raw(ref)["metadata"]["annotations"]
        return {name.partition("/")[2]: text for name, text in notes.items() if name.startswith("approval.")}

    def command(self, who, *arguments):
        return [*map(str, arguments), "--kubeconfig", str(self.plane.kubeconfig(who))]

    @contextmanager
    def operating(self, ref):
        """An operator that looks at one request until it is satisfied with its status."""
        done = threading.Event()

        def look():
            while not done.wait(0.05):
                try:
                    self.judge(ref)
                except ClusterError:
                    continue

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def grant(plane, name, rules, *people, namespace=""):
    """People get these rights, everywhere or in one namespace."""
    inside = f"/namespaces/{namespace}" if namespace else ""
    kind = "Role" if namespace else "ClusterRole"
    subjects = [{"kind": "User", "name": one, "apiGroup": "rbac.authorization.k8s.io"} for one in people]
    plane.admin.create(f"{RBAC}{inside}/{kind.lower()}s", {"metadata": {"name": name}, "rules": rules})
    binding = {"metadata": {"name": name}, "subjects": subjects}
    binding["roleRef"] = {"kind": kind, "name": name, "apiGroup": "rbac.authorization.k8s.io"}
    plane.admin.create(f"{RBAC}{inside}/{kind.lower()}bindings", binding)


def rule(resources, verbs):
    return {"apiGroups": ["assent.dev"], "resources": resources, "verbs": verbs}


@contextmanager
def opened(factory, name):
    """A cluster with policies in force and a world in it; people of acme see acme, Ingrid of the platform sees all."""
    with conftest.standing(factory, name) as plane:
        admission.install_policies(plane)
        operated.declare(plane, operated.documents(*operated.WORLD))
        grant(plane, "everybody", [rule(["organizations", "modules"], READ)], JUAN, MARIA, ALIAS, FINA)
        may = [rule(["*"], READ), rule(["requests"], WRITE)]
        grant(plane, "acme", may, JUAN, MARIA, ALIAS, FINA, OTHER_MARIA, admission.AGENT, namespace="acme")
        grant(plane, "reader", [rule(["requests"], READ)], READER, namespace="acme")
        grant(plane, "platform", may, INGRID)
        plane.admin.delete(f"{RBAC}/clusterrolebindings/tests-everybody")
        plane.until(lambda: not _may_list(plane), "people may still do everything")
        yield House(plane)


def _may_list(plane):
    try:
        return plane.api("nobody@acme.example").get(paths.collection("User"))
    except ClusterError:
        return False


def caller(house, capsys, monkeypatch):
    """`call(MARIA, "get", "requests", "-n", "acme")` in this process, which waits for no operator."""
    monkeypatch.setattr(clusters, "PATIENCE", 0.0)

    def call(who, *arguments):
        capsys.readouterr()
        code = main(house.command(who, *arguments))
        return Ran(code, *capsys.readouterr())

    return call


@contextmanager
def at_a_terminal(house, who, *arguments):
    """A command that asks somebody; gives what it has asked by then, and a way to answer."""
    keyboard, screen = pty.openpty()
    command = [BIN / "assent", *house.command(who, *arguments), "--quiet"]
    process = subprocess.Popen(command, stdin=screen, stderr=screen, stdout=subprocess.PIPE, text=True)
    os.close(screen)
    seen = b""
    while b"[y/N]:" not in seen:
        assert select.select([keyboard], [], [], 60)[0], f"it asks nothing: {seen}"
        seen += os.read(keyboard, 4096)

    def answer(text):
        os.write(keyboard, text.encode())
        said = process.stdout.read()
        return Ran(process.wait(60), said, os.read(keyboard, 65536).decode())

    try:
        yield answer
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(keyboard)


def data(ran):
    assert 0 == ran.code, ran
    return json.loads(ran.out)
