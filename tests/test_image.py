"""What the Dockerfile makes, run without a container engine: its wheel and entry point, a read-only root, no rights."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

import pytest

from cluster import admission, conftest
from cluster.guarded import free_port
from test_wheel import ROOT, succeed, wheel  # noqa: F401 -- the wheel is a fixture

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
BOX = ROOT / "tests" / "image.sh"
ALONE = "only root may mount, and unshare and setpriv have to be here: the image's read-only root is not tried"


def lines(word):
    """What stands behind each instruction of this name."""
    return [one.split(maxsplit=1)[1] for one in DOCKERFILE.splitlines() if one.startswith(f"{word} ")]


def environment():
    """The variables of the image."""
    return dict(one.split("=", 1) for line in lines("ENV")[1:] for one in line.split())


class Image:
    """The wheel installed as the image has it, in a root of its own; `start` starts its entry point there.

    Libraries are borrowed from the tests' environment, which has them from the same lock file.
    """

    def __init__(self, folder, built):
        self.folder, self.root, self.data = folder, folder / "root", folder / "data"
        self.home = folder / "assent"
        self.user = int(lines("USER")[0].partition(":")[0])
        venv.create(self.home, with_pip=False)
        self._install(built)
        self.root.joinpath("etc", "assent").mkdir(parents=True)
        self.data.mkdir()
        os.chown(self.data, self.user, self.user)

    def _install(self, built):
        packages = next(self.home.glob("lib/python*/site-packages"))
        packages.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", self.home / "bin" / "python"]
        succeed(*pip, "install", "--quiet", "--no-deps", "--no-index", built)

    def mount(self, path, data):
        """A file as Kubernetes mounts a Secret: root's, and to be read by the pod's group."""
        file = self.root / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.chown(file, 0, self.user)
        file.chmod(0o440)

    def command(self, program, *arguments, **variables):
        seen = [self.home, sysconfig.get_path("purelib")]
        seen += [one for one in (Path(sys.base_prefix),) if not one.is_relative_to("/usr")]
        # No Git, no shell: the program finds nothing but itself.
        variables = environment() | variables | {"PATH": str(self.home / "bin")}
        clean = ["/usr/bin/env", "-i", *(f"{name}={text}" for name, text in variables.items())]
        box = ["unshare", "--mount", BOX, self.root, self.data, self.user, *seen, "--"]
        return [str(one) for one in (*box, *clean, self.home / "bin" / program, *arguments)]

    def run(self, program, *arguments):
        return subprocess.run(
            self.command(program, *arguments), capture_output=True, text=True, check=False, cwd="/", timeout=120
        )


@pytest.fixture(scope="module")
def image(wheel):  # noqa: F811 -- the same fixture
    """The image; only where this process may mount."""
    tried = subprocess.run(["unshare", "--mount", "setpriv", "--version"], capture_output=True, check=False)
    if os.geteuid() or tried.returncode:
        pytest.skip(ALONE)
    with tempfile.TemporaryDirectory(prefix="assent-image-") as folder:
        Path(folder).chmod(0o755)
        yield Image(Path(folder), wheel)


def test_its_stages_are_pinned():
    """Every stage is of one version of Python, named to its last figure; what is downloaded is checked by its hash."""
    (version,) = re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE, re.MULTILINE)
    (download,) = (one for one in lines("RUN") if "pip download" in one)
    others = [one for one in lines("RUN") if "pip" in one and one != download]

    assert re.fullmatch(r"3\.\d+\.\d+-slim-[a-z]+", version)
    assert {"python:${PYTHON}"} == {one.split()[0] for one in lines("FROM")}
    assert "--require-hashes" in download
    assert "requirements.lock" in download
    assert all("--no-index" in one for one in others)


def test_it_runs_as_an_ordinary_user():
    """The image's user is a number, so that `runAsNonRoot` can be checked, and is the chart's."""
    values = (ROOT / "charts/assent/templates/_helpers.tpl").read_text()
    user, group = lines("USER")[-1].split(":")

    assert [f"runAsUser: {user}", f"runAsGroup: {group}"] == re.findall(r"runAs(?:User|Group): \d+", values)
    assert int(user) > 0


def test_its_entry_point_is_the_programs():
    """The container starts `assent`, with what operator, ledger and panel need beside it."""
    assert ["assent"] == json.loads(lines("ENTRYPOINT")[0])
    assert any("'assent[cluster,postgres,portal]'" in one for one in lines("RUN"))


def test_the_wheel_finds_all_it_is_made_of():
    """What the first stage copies is let in by .dockerignore, and is all that the wheel needs."""
    let_in = {one[1:] for one in (ROOT / ".dockerignore").read_text().split() if one.startswith("!")}
    copied = {one for line in lines("COPY") if "--from" not in line for one in line.split()[:-1]}
    shipped = {"crds", "policies", "examples"}

    assert let_in == copied
    assert shipped | {"controller", "pyproject.toml", "README.md", "LICENSE"} <= copied


def test_it_answers_as_nobody_in_particular(image):
    """The program runs on a read-only root, as the image's user, with nothing on its path but itself."""
    who = image.run("python", "-c", "import os; print(os.getuid(), os.getgid(), os.getgroups())")

    assert f"{image.user} {image.user} []\n" == who.stdout, who.stderr
    assert image.run("assent", "--version").stdout.startswith("assent ")
    assert 8 == image.run("assent", "crds").stdout.count("kind: CustomResourceDefinition")


def test_the_panel_starts_there(image):
    """`assent portal` finds its libraries, and in its own wheel the scripts that pages use."""
    told = image.run("assent", "portal", "--help")
    refused = image.run(
        "assent", "portal", "--host=0.0.0.0", "--port=0", "--demo-login", "--ledger=/var/lib/assent/ledger.sqlite"
    )
    code = "from assent.portal import serving, at_cluster, rendering; print(*rendering.scripts().values())"
    scripts = image.run("python", "-c", code)

    assert (0, "") == (told.returncode, told.stderr)
    assert "--oidc-issuer" in told.stdout
    assert 2 == refused.returncode
    assert "the demo's sign-in is for this machine alone" in refused.stderr
    assert 2 == scripts.stdout.count("assent/portal/vendor/"), scripts.stderr


@pytest.mark.parametrize("folder", ["/", "/etc", "/etc/assent", "/usr", "/var", "/dev", "{home}"])
def test_nothing_can_be_written(image, folder):
    """Its root is read-only: what the program would write beside /tmp and its ledger is refused."""
    place = folder.format(home=image.home)
    tried = image.run("python", "-c", f"open({place + '/x'!r}, 'w')")

    assert re.search("Read-only file system|Permission denied", tried.stderr)


def test_the_operator_runs_there(image, tmp_path_factory):
    """`assent operator` finds its cluster as in a pod, opens its ledger, serves, and ends when asked."""
    with conftest.standing(tmp_path_factory, "image") as plane:
        move_in(image, plane)
        port, webhook = free_port(), free_port()
        options = [f"--http-port={port}", "--webhook-host=127.0.0.1", f"--webhook-port={webhook}", "--log=json"]
        where = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": plane.ports["api"]}
        with (image.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                image.command("assent", "operator", *options, **where),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
            )  # fmt: skip
        try:
            ready = [until(process, lambda: ask(port).strip() == "ok")]
            # kopf serves the webhook once it is known to the API server, and not before.
            ready += [until(process, lambda: listens(webhook))]
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
    said = (image.folder / "log").read_text()

    assert [True, True] == ready, said
    assert 0 == code, said
    assert [] == re.findall("Traceback|Forbidden|Unauthorized", said)
    assert "ledger.sqlite" in {one.name for one in image.data.iterdir()}


def move_in(image, plane):
    """What the pod gets: the account's token, the cluster's authority, and the ledger's key."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "assent-operator"}}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": "assent-operator", "namespace": "assent-system"}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "roleRef": role}
    binding |= {"metadata": {"name": "tests-operator"}, "subjects": [subject]}
    admission.apply(plane.admin, account, binding)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    path = "/api/v1/namespaces/assent-system/serviceaccounts/assent-operator/token"
    token = plane.admin.create(path, asked)["status"]["token"]
    image.mount("/var/run/secrets/kubernetes.io/serviceaccount/token", token.encode())
    image.mount(
        "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", (plane.folder / "server/apiserver.crt").read_bytes()
    )
    image.mount("/etc/assent/ledger.key", os.urandom(32))


def until(process, holds):
    """Whether it comes about while the process lives."""
    end = time.monotonic() + 60
    while not (found := holds()) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    return found


def ask(port):
    """What /readyz says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.read().decode()
    except OSError:
        return ""


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False
