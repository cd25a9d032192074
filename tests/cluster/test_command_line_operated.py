"""The main job by the command line alone, with a running operator that answers it."""

import re

import pytest

from assent.__main__ import main
from assent.cli import clusters
from cluster import conftest
from cluster.admission import install_policies
from cluster.desk import INGRID, JUAN, MARIA, Ran, data
from cluster.kubelet import Kubelet
from cluster.operated import Operated

ASK = ("request", "create-workspaces", "-n", "acme", "-p", "template=win11-office", "-p", "count=3", "--name")
EXPLAIN = ("explain", "request")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The demo's world in a cluster of its own, with an operator and a kubelet; everybody may read everything."""
    with conftest.standing(tmp_path_factory, "commanded") as plane:
        install_policies(plane)
        found = Operated(plane, tmp_path_factory.mktemp("operator")).declare()
        try:
            found.start()
            with Kubelet(plane.admin).run():
                yield found
        finally:
            found.stop()


@pytest.fixture
def call(house, capsys, monkeypatch):
    """`call(MARIA, "approve", "vdi", "-n", "acme")` in this process, patient enough for a busy machine."""
    monkeypatch.setattr(clusters, "PATIENCE", 60.0)

    def run(who, *arguments):
        capsys.readouterr()
        code = main([*arguments, "--kubeconfig", str(house.plane.kubeconfig(who))])
        return Ran(code, *capsys.readouterr())

    return run


def test_asked_for_approved_and_run(house, call):
    """Each command ends with the operator's own word on what comes next, until it has run."""
    asked = call(JUAN, *ASK, "vdi", "--reason", "New hires")
    unable = data(call(INGRID, *EXPLAIN, "vdi", "-n", "acme", "-o", "json"))["stages"][0]["cannotDecide"]
    first = call(MARIA, "approve", "vdi", "-n", "acme", "--because", "budget is agreed")
    house.until_open("acme/vdi", "platform")
    second = call(INGRID, "approve", "vdi", "-n", "acme")
    house.until("acme/vdi", "Succeeded")
    told = data(call(JUAN, *EXPLAIN, "vdi", "-n", "acme", "-o", "json"))

    assert (0, 0, 0) == (asked.code, first.code, second.code), (asked, first, second)
    assert "next: One of " in asked.out
    assert (JUAN, "SelfApproval") in [(one["username"], one["reason"]) for one in unable]
    assert re.search(r"written as maria@acme\.example\n(.*\n)+  next: .*ingrid@platform\.example", first.out)
    assert f"written as {INGRID}\n" in second.out
    assert ("Succeeded", ["Succeeded"]) == (told["phase"], [one["state"] for one in told["results"]])
    assert [MARIA, INGRID] == [one["username"] for stage in told["stages"] for one in stage["decisions"]]


@pytest.mark.parametrize(
    ("who", "command", "phase"),
    [
        (MARIA, ("reject", "--because", "no budget"), "Rejected"),
        (JUAN, ("withdraw",), "Withdrawn"),
        ("alba@acme.example", ("cancel", "--because", "the template is being replaced"), "Cancelled"),
    ],
    ids=["reject", "withdraw", "cancel"],
)
def test_every_early_end_is_told_by_the_command_that_made_it(call, who, command, phase):
    """The command waits for the operator, and says what the request came to; nothing more can be decided then."""
    name = phase.lower()
    assert 0 == call(JUAN, *ASK, name).code
    verb, *options = command
    ran = call(who, verb, name, "-n", "acme", *options)
    again = call(who, verb, name, "-n", "acme", *options)

    assert 0 == ran.code, ran
    assert f"acme/{name} is {phase}: " in ran.out
    assert "next: Nothing: it ended as " in ran.out
    assert (1, "") == (again.code, again.out)
    assert f"acme/{name} has ended as {phase}: nothing is decided any more" in again.err


def test_what_the_operator_refuses_is_the_commands_exit_code(call):
    """A request that cannot be accepted as it stands is 1, with the operator's reason."""
    ran = call(JUAN, *ASK[:-3], "-p", "count=999", "--name", "many")

    assert 1 == ran.code
    assert re.search("assent: .*accepted .*count", ran.err)
