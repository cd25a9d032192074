"""A real control plane with the shipped policies and so many declared objects in it, for the rows that need one.

It is the tests' own: etcd and the API server, where they were built. RBAC lets everybody do everything there, so
that nothing but admission stops anybody.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from assent.adapters.documents import load, scan
from assent.adapters.kube import paths
from bench.harness import Run
from bench.operators import Operator
from bench.tenancy import document

ROOT = Path(__file__).parents[1]
if str(ROOT / "tests") not in sys.path:
    sys.path.append(str(ROOT / "tests"))
os.environ.setdefault("ASSENT_TEST_CACHE", os.environ.get("XDG_CACHE_HOME") or f"{Path.home()}/.cache")

from cluster import admission  # noqa: E402 -- the tests' control plane, found where they are
from cluster import plane as planes  # noqa: E402 -- the same

WORLD = (ROOT / "policies", ROOT / "examples" / "01-automate")
ORDER = ("Organization", "Module", "AccessRole", "User", "ApprovalFlow", "Microservice", "EnabledMicroservice")
PLURALS = [paths.PLURALS[kind] for kind in ORDER]
A_CLIENT = 500
"""Objects for each client, an organization besides those of the example."""

WRITERS = 8
"""Threads that write at once; more would only wait for the API server."""

ROLES = 20
"""Roles of each client."""

Raw = Mapping[str, Any]


def missing() -> str:
    """Why there is no control plane here; empty where there is one."""
    return "" if planes.programs() else "there is no control plane; `make controlplane` builds one, with Go"


class Ground:
    """A control plane in which so many objects of configuration are declared; `declared` are their documents."""

    def __init__(self, plane: Any, folder: Path, size: int) -> None:  # noqa: ANN401 -- the tests have no types
        self.plane, self.folder, self.size = plane, folder, size
        self.declared = [*_world(size)]
        self.config: Path = plane.kubeconfig(admission.OPERATOR)
        self.house = folder / "house"
        self.house.mkdir()

    def operator(self, config: Path | None = None, webhook: int = 0) -> Operator:
        """Assent's operator over it, always with the same ledger."""
        return Operator(self.house, config or self.config, webhook)

    def declare(self) -> None:
        """Writes all of it, kind after kind, as an administrator who may do everything."""
        operator = self.plane.api(admission.OPERATOR, admission.MASTERS)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "assent-canary"}}
        self.plane.admin.create(admission.COLLECTIONS["ServiceAccount"], account)
        for one in self.declared:
            if one["kind"] == "Organization":
                name = one["metadata"]["name"]
                labels = {"assent.dev/organization": name}
                operator.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
        with ThreadPoolExecutor(WRITERS) as pool:
            for kind in ORDER:
                list(pool.map(self.create, (one for one in self.declared if one["kind"] == kind)))

    def create(self, one: Raw) -> Any:  # noqa: ANN401 -- as the API server holds it
        """One more object."""
        return self.plane.admin.create(paths.collection(one["kind"], one["metadata"].get("namespace", "")), one)

    def held(self) -> Iterator[Raw]:
        """Every object of configuration, as the API server holds it."""
        for kind in ORDER:
            for item in self.plane.admin.get(paths.collection(kind))["items"]:
                yield {"apiVersion": "assent.dev/v1alpha1", "kind": kind, **item}


def versioned(raw: Raw) -> tuple[str, str]:
    """Which object it is, and its version."""
    about = raw["metadata"]
    return f"{paths.PLURALS[raw['kind']]}/{about.get('namespace', '')}/{about['name']}", about["resourceVersion"]


@contextmanager
def standing(size: int) -> Iterator[Ground]:
    """A control plane of its own with all of it declared, and the first work of an operator done; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="assent-bench-plane-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        plane = planes.Plane(folder, planes.programs())
        stack.callback(plane.stop)
        plane.start()
        admission.install_policies(plane)
        ground = Ground(plane, folder, size)
        ground.declare()
        with ground.operator() as one:
            one.until_shown(size)
        yield ground


def shared(run: Run, size: int) -> Ground:
    """The one of this size, which rows share; each of them leaves as many objects in it as it found."""

    def put_up() -> AbstractContextManager[Ground]:
        run.tell(f"declares {size:,} objects, and lets an operator take them in for the first time")
        return standing(size)

    found: Ground = run.shared.get(("ground", size), put_up)
    return found


def _world(size: int) -> Iterator[dict[str, Any]]:
    """The example, clients with their roles, and as many people as are needed to make it so many objects."""
    clients = clients_of(size)
    found = [*_documents(), SERVICE, *_clients(clients)]
    if len(found) > size:
        raise ValueError(f"{len(found)} objects are there already, more than {size}")
    yield from found
    for number in range(size - len(found)):
        yield person(number, clients)


def clients_of(size: int) -> int:
    """How many clients there are among so many objects."""
    return max(2, size // A_CLIENT)


def person(number: int, clients: int) -> dict[str, Any]:
    """Somebody of one of the clients."""
    client, role = f"client-{number % clients}", f"role-{number // clients % ROLES}"
    spec = {"username": f"u{number}@{client}.example", "displayName": f"Person {number}", "role": {"name": role}}
    return document("User", f"u{number}", spec, client)


def _clients(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        name = f"client-{number}"
        yield document("Organization", name, {"type": "Client", "displayName": f"Client {number}"})
        yield document("AccessRole", "admins", _levels("OrganizationAdmin"), name)
        yield document("User", "bea", {"username": f"bea@{name}.example", "role": {"name": "admins"}}, name)
        for role in range(ROLES):
            yield document("AccessRole", f"role-{role}", _levels("User"), name)


def _levels(portal: str) -> dict[str, Any]:
    return {"entries": [{"organization": "*", "levels": {"portal": portal}}]}


SERVICE = document(
    "Microservice",
    "prepare-desktop",
    {
        "displayName": "Prepare a desktop",
        "category": "Operations",
        "visibility": "Public",
        "enabledByDefault": True,
        "approvals": [{"flow": {"name": "manager"}}],
        "parameters": {"type": "object", "additionalProperties": False, "properties": {"count": {"type": "integer"}}},
        "run": {"job": {"image": "registry.example/assent/automate:1", "command": ["/automate"]}},
        "concurrency": 100,
    },
    "platform",
)
"""What is asked for where an approval is measured: one stage, then a Job."""


def _documents(folders: Iterable[Path] = WORLD) -> list[dict[str, Any]]:
    """Every document of configuration in these folders."""
    found = (one.value for folder in folders for name, data in scan(folder) for one in load(data, name).documents)
    return [dict(one) for one in found if one["apiVersion"] == "assent.dev/v1alpha1" and one["kind"] in ORDER]
