"""Whose Job it is, and how often it is let go: made, found again, never adopted, started once."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assent.adapters.kube.jobs import JobRunner
from assent.adapters.kube.manifests import manifest
from assent.adapters.kube.twins import same, twin
from assent.errors import ClusterError, RunnerError
from cluster.jobstage import EXECUTION, ORPHAN, PLAN, Stage


@pytest.fixture
def stage(plane, organization):
    return Stage(plane, organization)


def test_rule_3_a_lost_answer_is_made_good(stage):
    """Rule 3: whoever does not know whether the Job was made makes it again, and gets the one that there is."""
    first = stage.prepare()

    assert first == stage.prepare()
    assert 1 == len(stage.jobs_named())


def test_rule_3_quantities_are_told_by_what_they_mean(plane, organization):
    """Rule 3: that the API server writes a manifest in its own way does not make a stranger of it."""
    resources = {"limits": {"memory": "1024Mi", "cpu": "1000m"}, "requests": {"cpu": "0.5", "memory": "0.5Gi"}}
    more = {"resources": resources, "environment": [{"name": "EMPTY", "value": ""}], "serviceAccountName": "b"}
    plan = replace(PLAN, settings={**PLAN.settings, **more})
    stage = Stage(plane, organization, plan, service_accounts={"platform": ["b"]})

    assert stage.prepare() == stage.prepare()


def test_rule_2_letting_go_twice_starts_it_once(stage):
    """Rule 2: to let go again what runs, what has ended, and what somebody suspended since does nothing."""
    pod = stage.started()
    stage.act()
    stage.kubelet.end(pod, 0)
    ended = stage.ended()
    stage.act()

    assert (ended, 1) == (stage.look(), len(stage.pods()))


def test_rule_4_many_operators_at_once_start_it_once(stage):
    """Rule 4: operators that all make it ready and let it go at one moment have one Job, and one pod, between them."""
    runners = [JobRunner(stage.plane.api(f"operator{n}", ("system:masters",))) for n in range(8)]

    def carry(runner):
        try:
            handle = runner.prepare(stage.plan, EXECUTION)
        except ClusterError as late:
            return late.reason
        with contextlib.suppress(ClusterError):
            runner.act(stage.plan, EXECUTION, handle)
        return handle

    with ThreadPoolExecutor(8) as pool:
        handles = set(pool.map(carry, runners)) - {"AlreadyStarted"}
    stage.handle = handles.pop()
    stage.act()
    stage.kubelet.end(stage.pod(), 0)

    assert set() == handles
    assert ("Succeeded", 1) == (stage.ended().state, len(stage.pods()))


def test_rule_2_what_was_let_go_is_not_made_ready_again(stage):
    """Rule 2: a second maker is told that it goes on already: neither a handle to start it by, nor a failure."""
    stage.started()

    with pytest.raises(ClusterError, match="was let go already") as refused:
        stage.prepare()
    assert (409, "AlreadyStarted") == (refused.value.status, refused.value.reason)


def test_rule_2_a_suspended_run_is_not_let_go_again(stage):
    """Rule 2: whoever suspends a Job that goes on has its pod deleted; another one would be a second run."""
    stage.started()
    stage.api.patch(stage.path, {"spec": {"suspend": True}})
    stage.act()

    assert stage.job()["spec"]["suspend"]
    assert ("Unknown", True) == (stage.look().state, "was suspended after it had been let go" in stage.look().message)


def _other(made):
    """Something else entirely."""
    made["metadata"] |= {"labels": {}, "annotations": {}}
    made["spec"] = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "x"}]}}}


def _spec(made):
    return made["spec"]["template"]["spec"]


FOREIGN = {
    "something else": _other,
    "no label": lambda made: made["metadata"]["labels"].pop("assent.dev/execution"),
    "another digest": lambda made: made["metadata"]["annotations"].update({"assent.dev/digest": "00" * 32}),
    "another request": lambda made: made["metadata"]["annotations"].update({"assent.dev/request": "acme/other"}),
    "no note whether it was started": lambda made: made["metadata"]["annotations"].pop("assent.dev/started"),
    "started": lambda made: made["spec"].update(suspend=False),
    "another image": lambda made: _spec(made)["containers"][0].update(image="evil"),
    "another argument": lambda made: _spec(made)["containers"][0]["args"].append("--force"),
    "another command": lambda made: _spec(made)["containers"][0].update(command=["/bin/sh"]),
    "a variable more": lambda made: _spec(made)["containers"][0]["env"].append({"name": "LD_PRELOAD", "value": "x"}),
    "variables from elsewhere": lambda made: _spec(made)["containers"][0].update(
        envFrom=[{"secretRef": {"name": "x"}}]
    ),
    "something after its start": lambda made: _spec(made)["containers"][0].update(
        lifecycle={"postStart": {"exec": {"command": ["x"]}}}
    ),
    "a container more": lambda made: _spec(made)["containers"].append({"name": "x", "image": "x"}),
    "a container before": lambda made: _spec(made).update(initContainers=[{"name": "x", "image": "x"}]),
    "a volume more": lambda made: _spec(made)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    "the node's network": lambda made: _spec(made).update(hostNetwork=True),
    "an account": lambda made: _spec(made).update(serviceAccountName="admin"),
    "a token": lambda made: _spec(made).update(automountServiceAccountToken=True),
    "a second try": lambda made: made["spec"].update(backoffLimit=1),
    "more time": lambda made: made["spec"].update(activeDeadlineSeconds=6000),
    "gone by itself": lambda made: made["spec"].update(ttlSecondsAfterFinished=0),
    "another controller": lambda made: made["spec"].update(managedBy="example.com/other"),
    "pods of others": lambda made: made["spec"].update(
        manualSelector=True, selector={"matchLabels": {"assent.dev/execution": EXECUTION.id}}
    ),
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_rule_5_a_foreign_job_is_never_adopted(stage, change):
    """Rule 5: whatever differs from what we would make is not ours; it is named, left alone, and nothing runs."""
    made = manifest(stage.plan, EXECUTION)
    change(made)
    stage.api.create(stage.jobs, made)
    before = stage.job()["spec"]

    with pytest.raises(RunnerError, match="is taken by something that is not ours"):
        stage.prepare()
    assert before == stage.job()["spec"]


def test_rule_5_a_job_that_belongs_to_something_is_never_adopted(stage):
    """Rule 5: what has an owner may be taken away with it at any time."""
    path = f"/api/v1/namespaces/{stage.plan.organization}/configmaps"
    uid = stage.api.create(path, {"metadata": {"name": "owner"}})["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
    made = manifest(stage.plan, EXECUTION)
    made["metadata"]["ownerReferences"] = [owner]
    stage.api.create(stage.jobs, made)

    with pytest.raises(RunnerError, match="is taken by something that is not ours"):
        stage.prepare()


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"startTime": "2026-01-05T09:00:00Z"}, id="a-start"),
        pytest.param({"failed": 1}, id="a-failed-pod"),
        pytest.param({"active": 1}, id="a-pod"),
    ],
)
def test_rule_5_a_job_with_a_past_is_never_adopted(plane, organization, status):
    """Rule 5: what looks like ours, and had a pod before, has done something already."""
    stage = Stage(plane, organization)
    made = manifest(stage.plan, EXECUTION)
    # A Job that the Job controller leaves alone keeps the status that it is given.
    made["spec"]["managedBy"] = "example.com/other"
    stage.api.create(stage.jobs, made)
    stage.status(**status)
    held = stage.job()
    held["spec"].pop("managedBy")
    ours = stage.api.create(stage.jobs, twin(made | {"spec": manifest(stage.plan, EXECUTION)["spec"]}), dryRun="All")

    assert not same(held, ours)
    assert same(held | {"status": {}}, ours)


def test_rule_5_a_job_that_is_being_deleted_is_not_adopted(stage):
    """Rule 5: what goes away under our name is not used; a later try finds the name free."""
    stage.prepare()
    stage.api.patch(stage.path, {"metadata": {"finalizers": ["example.com/held"]}})
    stage.api.delete(stage.path, ORPHAN)

    with pytest.raises(RunnerError, match="is taken"):
        stage.prepare()
    stage.api.patch(stage.path, {"metadata": {"finalizers": None}})
