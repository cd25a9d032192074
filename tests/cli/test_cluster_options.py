"""Which call means a cluster, and what it says where there is none to be had; no cluster is needed for that."""

import http.server
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assent.cli import clusters

GET = ("get", "users")
CAN = ("can", "maria", "Approve", "Requests", "-n", "acme", "--module", "automate")
NOWHERE = "no cluster can be reached"

LOADED = """
import sys
from assent.__main__ import main
main({arguments})
sys.exit(9 if "kubernetes" in sys.modules else 0)
"""


@pytest.fixture
def kubeconfig(tmp_path):
    """A kubeconfig with one context, `here`, whose server answers nobody."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    return _written(tmp_path, port)


def _written(tmp_path, port):
    path = tmp_path / "kubeconfig"
    path.write_text(
        f"""
apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: me, user: {{token: s3cret}}}}]
"""
    )
    return path


@pytest.mark.parametrize("arguments", [GET, (*CAN, "-C", "policies")], ids=["get", "can"])
def test_a_repository_is_looked_at_without_the_client(arguments):
    """Git mode needs no Kubernetes client, so it imports none."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(arguments=[*arguments])], capture_output=True, check=False
    )

    assert 0 == ran.returncode


@pytest.mark.parametrize(
    "arguments", [(*GET, "--context", "nowhere"), (*GET, "--kubeconfig", "/nowhere")], ids=["context", "file"]
)
def test_a_cluster_that_nobody_knows_is_wrong_usage(assent, kubeconfig, arguments):
    """A name that the kubeconfig does not have, or a file that is not there, is said, with the option that names it."""
    more = ("--kubeconfig", kubeconfig) if "--context" in arguments else ()
    ran = assent(*arguments, *more)

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"assent: {NOWHERE}: ")
    assert "nowhere" in ran.err
    assert "--context NAME" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((*GET, "-C", "."), id="get, and a folder"),
        pytest.param((*CAN, "--ledger", "x.sqlite"), id="can, and a ledger"),
        pytest.param(("check", "policies"), id="check, and a path"),
        pytest.param(("check", "--base", "HEAD"), id="check, and a base"),
        pytest.param(("approve", "vdi", "-n", "acme", "-C", "."), id="approve, and a folder"),
    ],
)
def test_a_cluster_and_something_else_are_one_too_many(assent, kubeconfig, arguments):
    """Whoever names two things to look at is asked which."""
    ran = assent(*arguments, "--kubeconfig", kubeconfig)

    assert (2, "") == (ran.code, ran.out)
    assert "mean a cluster, a path, -C or --ledger something else\nhint: leave one out" in ran.err


def test_a_server_that_does_not_answer(assent, kubeconfig):
    """No answer is a sentence and exit code 1; the token is in none of it."""
    ran = assent(*GET, "--context", "here", "--kubeconfig", kubeconfig)

    assert (1, "") == (ran.code, ran.out)
    assert "you could not list the users in all organizations: no answer" in ran.err
    assert "s3cret" not in ran.err


@pytest.fixture
def refusing(tmp_path, request):
    """A kubeconfig whose server refuses everything with one status, and with no words of its own."""

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(request.param)

        def log_message(self, *said):
            """Nothing: its words would stand between those of the command."""

    with http.server.HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield _written(tmp_path, server.server_port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("refusing", "sentence", "hint"),
    [
        pytest.param(401, "you could not list the users", "hint: your login has run out", id="login"),
        pytest.param(403, "you may not list the users", "hint: rights in the cluster follow the roles", id="rights"),
        pytest.param(404, "you could not list the users", "hint: is Assent installed in this cluster", id="kinds"),
        pytest.param(500, "you could not list the users", "HTTP 500", id="broken"),
    ],
    indirect=["refusing"],
)
def test_a_refusal_says_what_to_do_next(assent, refusing, sentence, hint):
    """A login that has run out, a right that is missing, a cluster without Assent: each has its own next step."""
    ran = assent(*GET, "--kubeconfig", refusing)

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"assent: {sentence} in all organizations: ")
    assert hint in ran.err
    assert "s3cret" not in ran.err


def test_without_the_client_a_cluster_is_out_of_reach(assent, kubeconfig, monkeypatch):
    """Where the package is not installed, the refusal says what to install."""
    monkeypatch.delitem(sys.modules, "assent.adapters.kube.api", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "kubernetes"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    ran = assent(*GET, "--kubeconfig", kubeconfig)

    assert (1, "") == (ran.code, ran.out)
    assert (
        "'kubernetes', which is not installed\nhint: in the folder of its sources: pip install '.[cluster]'\n"
        in ran.err
    )


@pytest.mark.parametrize(
    ("arguments", "cluster"),
    [
        pytest.param(GET, True, id="get"),
        pytest.param((*GET, "-C", "."), False, id="get, told of a folder"),
        pytest.param(("get", "requests", "--ledger", "x.sqlite"), False, id="get, told of a ledger"),
        pytest.param(("check",), False, id="check: what CI checks in a pod are files"),
        pytest.param(CAN, True, id="can"),
    ],
)
def test_in_a_pod_the_cluster_around_it_is_meant(assent, tmp_path, monkeypatch, arguments, cluster):
    """In a pod that may speak to the API server, a command means that one unless it is told of something else."""
    token = tmp_path / "token"
    token.write_text("s3cret")
    monkeypatch.setattr(clusters, "IN_POD", token)
    monkeypatch.chdir(tmp_path)

    assert cluster == (NOWHERE in assent(*arguments).err)


@pytest.mark.parametrize(
    ("arguments", "cluster"),
    [
        pytest.param(GET, True, id="get"),
        pytest.param((*GET, "-C", "."), False, id="get, told of a folder"),
        pytest.param(("check",), True, id="check"),
        pytest.param(("check", "."), False, id="check, told of a folder"),
    ],
)
def test_as_a_plugin_of_kubectl_its_cluster_is_meant(tmp_path, arguments, cluster):
    """`kubectl assent` means what kubectl would, unless it is told of something else."""
    program = shutil.which("kubectl-assent", path=sys.exec_prefix + "/bin")
    ran = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert cluster == (NOWHERE in ran.stderr)


def test_on_a_laptop_a_repository_is_meant(assent, tmp_path, monkeypatch):
    """A kubeconfig alone changes nothing: a cluster is named, or it is not meant; the help says so."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)

    assert (0, "no User\n") == (assent(*GET).code, assent(*GET).err.splitlines(keepends=True)[-1])
    assert "by default `assent` works on a repository" in " ".join(assent("get", "--help").out.split())


def test_the_operators_help_names_the_account_that_it_has_to_be(assent):
    """Outside of a pod admission refuses an administrator as it does anybody, so the only right account is named."""
    parameters = (Path(__file__).parents[2] / "policies" / "admission" / "parameters.yaml").read_text()
    namespace, name = re.search(r"operator: system:serviceaccount:([\w-]+):([\w-]+)", parameters).groups()
    told = " ".join(assent("operator", "--help").out.split())

    assert f"`kubectl create token {name} -n {namespace}`" in told
