"""One mind behind two doors: every world in `examples/` comes to the same in Git and in a cluster.

Each scenario is played twice: with commits that people signed, and with objects and annotations that they wrote under
their own logins; after every step each request has the same digest, status and explanation at both doors.
"""

import copy

import pytest

from assent.adapters.documents import load
from assent.api.scenarios import Scenario
from cluster import conftest
from cluster.admission import COLLECTIONS, install_policies
from cluster.operated import documents
from doors import ClusterDoor, GitDoor, settle
from shipped import POLICIES, ROOT

SCENARIOS = [
    (file.parent, Scenario.model_validate(document.value))
    for file in sorted((ROOT / "examples").rglob("scenarios.yaml"))
    for document in load(file.read_bytes(), str(file)).documents
]
OF_GIT_OR_LATER = {"Merge", "Panel", "Mail"}
"""Channels that a cluster's annotations are not."""

TURNED_AWAY = {"DigestStale", "Malformed", "SignerMismatch"}
"""What Git mode judges not to count, and a cluster's admission does not even let in."""


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """A control plane of these tests' own: it holds one example's world at a time."""
    with conftest.standing(tmp_path_factory, "doors") as started:
        install_policies(started)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "assent-canary"}}
        started.admin.create(COLLECTIONS["ServiceAccount"], account)
        yield started


@pytest.fixture(scope="module")
def worlds():
    """The documents of each example with what is shipped; most examples differ in a few of them."""
    return {folder: documents(POLICIES, folder) for folder, _ in SCENARIOS}


def played(scenario):
    """The steps that both doors can play: a decision by a channel that is none of a cluster's ends the story."""
    for step in scenario.spec.steps:
        if step.decide and step.decide.channel in OF_GIT_OR_LATER:
            return
        yield step


def without(explained):
    """An explanation without what one door turns away before it is judged."""
    counted = [one for one in explained["notCounted"] if one["because"] not in TURNED_AWAY]
    return {**explained, "notCounted": counted}


@pytest.mark.parametrize(
    ("folder", "scenario"), SCENARIOS, ids=[f"{folder.name}/{one.metadata.name}" for folder, one in SCENARIOS]
)
def test_both_doors_come_to_the_same(plane, worlds, folder, scenario, tmp_path):
    """After every step, what one door says of a request is what the other says."""
    settle(plane, worlds[folder])
    git = GitDoor(tmp_path, copy.deepcopy(worlds[folder]), scenario.spec.now)
    cluster = ClusterDoor(plane, tmp_path, scenario.spec.now)
    try:
        for number, step in enumerate(played(scenario), start=1):
            git.play(step)
            cluster.play(step)
            for ref in git.named.values():
                assert (number, git.digest(ref)) == (number, cluster.digest(ref))
                assert (number, git.status(ref)) == (number, cluster.status(ref))
                assert (number, without(git.explained(ref))) == (number, without(cluster.explained(ref)))
    finally:
        git.close()
        cluster.close()
