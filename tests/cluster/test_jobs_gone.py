"""Jobs that are gone, or are not what they seem, on a real API server: nobody knows their end, and that is said."""

import pytest

from cluster.jobstage import ORPHAN, Stage
from cluster.kubelet import place


@pytest.fixture
def stage(plane, organization):
    return Stage(plane, organization)


def test_rule_6_a_pod_that_is_lost_leaves_its_end_unknown(stage):
    """Rule 6: a Job that failed with its node tells nothing of how far its program came."""
    pod = stage.started()
    stage.kubelet.start(pod)
    lost = [{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC"}]
    stage.api.patch(f"{place(pod)}/status", {"status": {"phase": "Failed", "conditions": lost}})
    ended = stage.ended()

    assert ("Unknown", "its pod is gone or lost" in ended.message) == (ended.state, True)


@pytest.mark.parametrize("phase", ["ready", "let go", "running", "ended"])
def test_rule_6_a_job_that_is_gone_leaves_its_end_unknown(stage, phase):
    """Rule 6: in whatever phase it is deleted before its end is recorded, nobody knows, and nothing is made again."""
    stage.prepare()
    if phase != "ready":
        stage.act()
        pod = stage.pod()
    if phase in {"running", "ended"}:
        stage.kubelet.start(pod)
    if phase == "ended":
        stage.kubelet.end(pod, 0)
        stage.ended()
    stage.gone()
    stage.act()
    ended = stage.look()

    assert ("Unknown", "is gone before its end was recorded" in ended.message) == (ended.state, True)
    assert stage.absent()


def test_rule_6_a_job_that_was_made_again_is_another_one(stage):
    """Rule 6: only the Job of this uid is ours: one under its name is neither let go nor believed."""
    first = stage.prepare()
    stage.gone()
    second = stage.prepare()
    stage.handle = first
    stage.act()
    ended = stage.look()

    assert first != second
    assert ("Unknown", "another Job has its name" in ended.message) == (ended.state, True)
    assert stage.job()["spec"]["suspend"]


def test_rule_6_a_job_that_is_being_deleted_before_it_was_let_go_will_not_run(stage):
    """Rule 6: what is held on its way out, never let go, is said to be so."""
    stage.prepare()
    stage.api.patch(stage.path, {"metadata": {"finalizers": ["example.com/held"]}})
    stage.api.delete(stage.path, ORPHAN)
    ended = stage.look()
    stage.api.patch(stage.path, {"metadata": {"finalizers": None}})

    assert ("Unknown", "was never let go" in ended.message) == (ended.state, True)


def test_an_end_that_was_written_before_it_was_let_go_is_not_believed(stage):
    """A Job that we did not let go has no end, whatever its status says."""
    stage.prepare()
    moment = "2026-01-05T09:00:00Z"
    ends = [{"type": one, "status": "True", "lastTransitionTime": moment} for one in ("SuccessCriteriaMet", "Complete")]
    written = {"startTime": moment, "completionTime": moment, "succeeded": 1, "conditions": ends}
    stage.status(**written)

    assert "Running" == stage.look().state


def test_another_pod_with_the_label_says_nothing(stage):
    """Only a pod that the Job owns tells its exit code."""
    pod = stage.started()
    stranger = {"metadata": {"name": "stranger", "labels": pod["metadata"]["labels"]}, "spec": pod["spec"]}
    path = f"/api/v1/namespaces/{stage.plan.organization}/pods"
    stage.api.create(path, {"apiVersion": "v1", "kind": "Pod", **stranger})
    stage.plane.until(lambda: len(stage.pods()) == 2, "it is not listed")
    stage.kubelet.end(pod, 4)

    assert 4 == stage.ended().exit_code
