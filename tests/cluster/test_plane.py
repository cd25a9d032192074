"""The tests' own control plane: people in it are who they say, and it behaves as a cluster does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.errors import ClusterError
from cluster import conftest
from cluster import plane as planes

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
ASKED = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
TESTS = Path(__file__).parents[1]


def whoami(api):
    return api.create(REVIEW, ASKED)["status"]["userInfo"]


@pytest.mark.parametrize("user", ["maria@acme.example", "Ana Ruiz", "system:serviceaccount:argocd:argocd", "ñandú"])
def test_a_person_is_who_they_say(plane, user):
    """The API server knows a login by the name and groups that its certificate proves."""
    found = whoami(plane.api(user, ("finance",)))

    assert (user, True) == (found["username"], "finance" in found["groups"])


def test_a_forged_certificate_is_refused(plane, tmp_path):
    """A certificate that somebody else signed proves nothing, whatever name it bears."""
    forger = planes.Plane(tmp_path, plane.binaries)
    forger.url, forger.folder = plane.url, plane.folder

    with pytest.raises(ClusterError) as refused:
        whoami(Api.connect(forger.kubeconfig("admin", (planes.MASTERS,))))
    assert 401 == refused.value.status


def test_nobody_has_rights_that_no_test_gave(plane, organization):
    """Without a binding a person may do nothing, so that a test proves the rights it gives."""
    with pytest.raises(ClusterError, match="cannot list resource") as refused:
        plane.api("maria@acme.example").get(paths.collection("Request", organization))
    assert 403 == refused.value.status


def test_kubectl_reads_our_kinds(plane, organization):
    """The real kubectl knows our kinds by name and category, and says where there is none."""
    done = plane.kubectl("admin", "get", "requests.assent.dev,users", "-n", organization, groups=(planes.MASTERS,))
    named = plane.kubectl("admin", "api-resources", "--categories=assent", "-o", "name", groups=(planes.MASTERS,))

    assert (0, f"No resources found in {organization} namespace.") == (done.returncode, done.stderr.strip())
    assert len(paths.PLURALS) == len(named.stdout.split())


def test_an_organization_has_a_namespace_of_its_own(plane, organization):
    """Every test works in a namespace that no other one has."""
    labels = plane.admin.get(f"/api/v1/namespaces/{organization}")["metadata"]["labels"]

    assert organization == labels["assent.dev/organization"]


def test_service_accounts_have_tokens(plane):
    """A pod's own login is asked for and is known, as in a cluster."""
    accounts = "/api/v1/namespaces/assent-system/serviceaccounts"
    plane.admin.create(accounts, {"metadata": {"name": "somebody"}})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token = plane.admin.create(f"{accounts}/somebody/token", asked)["status"]["token"]

    assert "system:serviceaccount:assent-system:somebody" == whoami(plane.admin.as_bearer(token))["username"]


def test_an_owner_that_goes_takes_along_what_it_owns(plane, organization):
    """The garbage collector is at work."""
    maps = f"/api/v1/namespaces/{organization}/configmaps"
    owner = plane.admin.create(maps, {"metadata": {"name": "owner"}})["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"]}
    plane.admin.create(maps, {"metadata": {"name": "owned", "ownerReferences": [reference]}})
    plane.admin.delete(f"{maps}/owner", {"propagationPolicy": "Background"})

    assert plane.until(lambda: not plane.admin.get(maps)["items"], "the owned one stays")


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A place for each of the three where the programs may be, and nothing in any."""
    given, cache, path = (tmp_path / name for name in ("given", "cache", "path"))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(given))
    monkeypatch.setenv("ASSENT_TEST_CACHE", str(cache))
    monkeypatch.setenv("PATH", str(path))
    return given, planes.cache(), path


def fill(folder, names=planes.PROGRAMS):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize("first", range(3), ids=["KUBEBUILDER_ASSETS", "the cache", "PATH"])
def test_the_programs_are_looked_for_in_order(folders, first):
    """The first folder that holds all of them is taken; one that lacks a program is passed over."""
    for folder in folders[first:]:
        fill(folder)
    for folder in folders[:first]:
        fill(folder, planes.PROGRAMS[1:])

    assert folders[first] == planes.programs()


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)], ids=["at home", "in CI"]
)
def test_a_machine_without_them_is_told_what_to_do(folders, tmp_path_factory, monkeypatch, ci, outcome):
    """At home the tests are skipped, in CI they fail; either way one line says which command helps."""
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="`make controlplane` builds it"), conftest.standing(tmp_path_factory, "none"):
        pass


STARTS = """
import sys, time
from pathlib import Path
from cluster import plane
one = plane.Plane(Path(sys.argv[1]), plane.programs())
one.start_etcd()
print(one.running["etcd"].pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with the one that started it")
def test_nothing_stays_where_the_tests_are_killed(plane, tmp_path, number):
    """What was started ends with whoever started it, even where nobody can clean up."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", STARTS, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as starter:
        started = int(starter.stdout.readline())
        plane.until(lambda: _name(started) == "etcd", "etcd is not tied to them yet")
        starter.send_signal(number)

    plane.until(lambda: not _runs(started), "etcd outlives the tests")


def _name(process):
    """Of the program that it runs: the one before ties it to whoever started it, and is replaced."""
    return Path(f"/proc/{process}/comm").read_text().strip()


def _runs(process):
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
