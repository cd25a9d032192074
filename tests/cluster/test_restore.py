"""Rule 45 on a real etcd: after a backup was put back, nothing runs until somebody confirms, and nothing runs twice."""

import shutil
import signal

import pytest

from cluster import conftest
from cluster.admission import install_policies
from cluster.kubelet import Kubelet
from cluster.operated import Operated
from cluster.plane import LEFT_OPEN

JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
VDI = {"parameters": {"template": "win11-office", "count": 3}}
pytestmark = pytest.mark.filterwarnings(LEFT_OPEN)


@pytest.fixture
def house(tmp_path_factory):
    with conftest.standing(tmp_path_factory, "restored") as plane:
        install_policies(plane)
        found = Operated(plane, tmp_path_factory.mktemp("operator")).declare()
        try:
            with Kubelet(plane.admin).run() as kubelet:
                found.kubelet = kubelet
                yield found
        finally:
            found.stop()


def away(plane, act):
    """The control plane is taken down, something is done to its files, and it comes up again."""
    plane.end("kube-controller-manager")
    plane.end("kube-apiserver", signal.SIGKILL)  # asked to end, it would wait for the watches of the operator
    plane.end("etcd")
    act(plane.folder / "etcd")
    plane.start_etcd()
    plane.start_api_server()
    plane.start_controllers()


def carried(house, ref):
    """A request from its opening to both approvals."""
    # Asked again: for a moment an API server that came up knows nothing of a kind, and its policies refuse all of it.
    house.plane.until(lambda: house.request(JUAN, ref, "create-workspaces", **VDI), f"{ref} cannot be opened")
    house.until_open(ref, "manager")
    house.approve(MARIA, ref)
    house.until_open(ref, "platform")
    house.approve(INGRID, ref)


def test_rule_45_a_restored_backup(house, tmp_path):
    """What ran stays done, what vanished is cancelled, and what is approved after it waits for a person's word."""
    first = house.start()
    house.request(JUAN, "acme/before", "create-workspaces", **VDI)
    house.until_open("acme/before", "manager")
    away(house.plane, lambda etcd: shutil.copytree(etcd, tmp_path / "backup"))
    house.approve(MARIA, "acme/before")
    house.until_open("acme/before", "platform")
    house.approve(INGRID, "acme/before")
    house.until("acme/before", "Succeeded")
    carried(house, "acme/after")
    house.until("acme/after", "Succeeded")
    first.end()
    away(house.plane, lambda etcd: (shutil.rmtree(etcd), shutil.copytree(tmp_path / "backup", etcd)))
    second = house.start()
    told = house.until("acme/before", "Succeeded")
    carried(house, "acme/again")
    waits = house.until("acme/again", "Approved")
    second.end()
    house.start("--confirm-restored")
    house.until("acme/again", "Succeeded")

    assert "as after a restored backup" in second.said()
    assert "Succeeded" == told["phase"]
    assert "Approved" == waits["phase"]
    assert [1, 1, 1] == [*house.kubelet.started.values()]
