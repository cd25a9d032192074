"""The README's cluster quick start, followed to the letter: every block as it stands there, by the people it names.

A process stands in for the operator's pod, and a test's kubelet for the nodes; all else is the real thing.
"""

import os
import re
import subprocess

import pytest

import chart_files
from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY
from assent.api.names import API_VERSION
from cluster import admission
from cluster import plane as planes
from cluster.installed import account, here, key_of
from cluster.kubelet import Kubelet
from cluster.operated import Operated

SECTION = (chart_files.ROOT / "README.md").read_text().partition("## On a cluster\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
WHO = (("admin", admission.MASTERS), ("fay@platform.example", ("founders",)), (JUAN, ()), (MARIA, ()), (INGRID, ()))


class Empty(planes.Plane):
    """A control plane as it is found: helm brings the kinds, and makes the namespace."""

    def install(self):
        """Nothing of ours."""


@pytest.fixture
def house(tmp_path_factory):
    chart_files.program()
    plane = Empty(tmp_path_factory.mktemp("quick"), planes.programs())
    try:
        yield Operated(plane.start(), tmp_path_factory.mktemp("operator"))
    finally:
        plane.stop()


def follow(house, number):
    """What one block says, in the repository, by whoever is meant to do it."""
    who, groups = WHO[number]
    environment = {
        "PATH": f"{house.plane.binaries}:{os.environ['PATH']}",
        "HOME": str(house.folder),
        "KUBECONFIG": str(house.plane.kubeconfig(who, groups)),
    }
    script = f"set -euo pipefail\n{BLOCKS[number]}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=chart_files.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (who, done.stdout, done.stderr, house.said())
    return done.stdout


def applied(plane):
    """Whether the API server can apply the kinds that helm has just brought; while an image is pulled, it comes to."""
    one = {"apiVersion": API_VERSION, "kind": "Organization", "metadata": {"name": "x"}, "spec": {"type": "Platform"}}
    path = f"{paths.collection('Organization')}/x"
    return plane.api("fay@platform.example", ("founders",)).patch(path, one, APPLY, fieldManager="x", dryRun="All")


def test_from_helm_install_to_a_job_that_ran_once(house):
    """Installed, founded, asked, approved by two people with `kubectl annotate`: one Job ran, once."""
    follow(house, 0)
    key_of(house.plane, house.folder)
    config = account(house.plane, "assent-operator")
    running = house.start("--bootstrap-group", "founders", config=config, wait=False)
    try:
        here(house.plane, running)
        house.plane.until(lambda: running.get("/readyz")[0] == 200, house.said())
        house.plane.until(lambda: applied(house.plane), "the API server does not know the kinds")
        with Kubelet(house.plane.admin).run() as kubelet:
            follow(house, 1)
            running.until_ready()
            for who, verb in ((JUAN, "create"), (MARIA, "patch"), (INGRID, "patch")):
                may = ("auth", "can-i", verb, "requests.assent.dev", "-n", "acme")
                house.plane.until(lambda who=who, may=may: "yes" in house.plane.kubectl(who, *may).stdout, who)
            shown = follow(house, 2)
            follow(house, 3)
            house.until_open("acme/finance-vdi", "platform")
            follow(house, 4)
    finally:
        house.stop()

    assert len(WHO) == len(BLOCKS)
    assert "PendingApproval" in shown
    assert [1] == [*kubelet.started.values()]
