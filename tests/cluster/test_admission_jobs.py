"""The Jobs of runs at admission, on a real API server: their label says that the operator wrote them."""

import pytest

from cluster.admission import AGENT, HOUSEKEEPER, OPERATOR, job, jobs
from cluster.opened import refusal

MARIA = "maria@acme.example"
LABEL = "assent.dev/execution"
CONTROLLER = "system:serviceaccount:kube-system:job-controller"
OTHERS = (MARIA, "admin", AGENT, "system:serviceaccount:kube-system:cronjob-controller")


@pytest.fixture
def run(guarded_plane, organization):
    """The path of a run's Job that the operator wrote."""
    guarded_plane.api(OPERATOR).create(jobs(organization), job("run", organization, **{LABEL: "e1"}))
    return f"{jobs(organization)}/run"


def labelled(value):
    return {"metadata": {"labels": {LABEL: value}}}


@pytest.mark.parametrize("who", [*OTHERS, CONTROLLER, HOUSEKEEPER])
def test_rule_5_nobody_makes_a_job_that_looks_like_a_runs(guarded_plane, organization, who):
    """A Job is born with the label by the operator's hand alone, and no other Job ever comes to it."""
    api = guarded_plane.api(who)
    guarded_plane.admin.create(jobs(organization), job("other", organization))

    assert "is the operator's" in refusal(api.create, jobs(organization), job("forged", organization, **{LABEL: "e1"}))
    if who in OTHERS:
        assert "is the operator's" in refusal(api.patch, f"{jobs(organization)}/other", labelled("e2"))
        assert "is the operator's" in refusal(api.patch, f"{jobs(organization)}/other/status", labelled("e2"))


@pytest.mark.parametrize("who", OTHERS)
def test_rule_5_nobody_else_touches_a_runs_job(guarded_plane, run, who):
    """It is not let go, ended, unlabelled or deleted by anybody else, by whatever call."""
    api = guarded_plane.api(who)
    said = [
        refusal(api.patch, run, {"spec": {"suspend": False}}),
        refusal(api.patch, run, {"metadata": {"annotations": {"assent.dev/started": "true"}}}),
        refusal(api.patch, run, labelled(None)),
        refusal(api.patch, run, labelled("e2")),
        refusal(api.patch, f"{run}/status", {"status": {"active": 1}}),
        refusal(api.patch, f"{run}/status", labelled(None)),
        refusal(api.delete, run),
        refusal(api.delete, run.rpartition("/")[0]),
    ]

    assert [True] * 8 == ["is the operator's" in one for one in said]


def test_the_operator_and_the_job_controller_move_it(guarded_plane, organization, run):
    """The operator lets it go, Kubernetes makes its pod and says how it stands, and the operator deletes it."""
    guarded_plane.api(OPERATOR).patch(run, {"spec": {"suspend": False}})
    pods = f"/api/v1/namespaces/{organization}/pods"
    pod = guarded_plane.until(lambda: guarded_plane.admin.get(pods)["items"], "the job controller makes no pod")[0]
    guarded_plane.until(lambda: guarded_plane.admin.get(run)["status"].get("active") == 1, "the Job is not active")
    guarded_plane.api(OPERATOR).delete(run, {"propagationPolicy": "Background"})
    guarded_plane.until(lambda: not guarded_plane.admin.get(pods)["items"], "the pod stays")

    assert "run" == pod["metadata"]["labels"]["batch.kubernetes.io/job-name"]


def pod(name, namespace, **labels):
    containers = [{"name": "a", "image": "example/a"}]
    about = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": {"containers": containers}}


@pytest.mark.parametrize("who", [MARIA, "admin", AGENT, OPERATOR])
@pytest.mark.parametrize("through", ["", "/status"])
def test_nobody_makes_a_pod_that_looks_like_a_runs(guarded_plane, organization, who, through):
    """The label is on pods of runs alone: the job controller writes it, and it does not change."""
    api, pods = guarded_plane.api(who), f"/api/v1/namespaces/{organization}/pods"
    api.create(pods, pod("other", organization))

    assert "on the pods of runs alone" in refusal(api.create, pods, pod("forged", organization, **{LABEL: "e1"}))
    assert "on the pods of runs alone" in refusal(api.patch, f"{pods}/other{through}", labelled("e1"))


def test_a_runs_pod_is_moved_by_its_node(guarded_plane, organization):
    """What a kubelet says of a pod of a run is nobody else's business, and the label stays on it."""
    pods = f"/api/v1/namespaces/{organization}/pods"
    guarded_plane.api(CONTROLLER).create(pods, pod("run", organization, **{LABEL: "e1"}))
    kubelet = guarded_plane.api("system:node:one", ("system:nodes",))
    said = kubelet.patch(f"{pods}/run/status", {"status": {"phase": "Running"}})

    assert "Running" == said["status"]["phase"]
    assert "on the pods of runs alone" in refusal(kubelet.patch, f"{pods}/run/status", labelled(None))
