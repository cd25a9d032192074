"""What a Job may be, and what its runner may do: refusals before the claim, and from the API server."""

import socket
from dataclasses import replace

import pytest
import yaml

from assent.adapters.kube.api import Api
from assent.adapters.kube.jobs import JobRunner
from assent.adapters.kube.manifests import manifest
from assent.errors import ClusterError, RunnerError
from cluster.jobstage import EXECUTION, PLAN, Stage


@pytest.fixture
def stage(plane, organization):
    return Stage(plane, organization)


def test_a_restricted_namespace_takes_the_pod(stage):
    """Pod Security `restricted`, as an organization's namespace has it, refuses nothing of the template."""
    name = stage.plan.organization
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    stage.api.patch(f"/api/v1/namespaces/{name}", {"metadata": {"labels": label}})
    template = manifest(stage.plan, EXECUTION)["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {"name": "x"}}
    path = f"/api/v1/namespaces/{name}/pods"
    made = stage.api.create(path, pod, dryRun="All")
    pod["spec"]["containers"][0].pop("securityContext")

    assert "run" == made["spec"]["containers"][0]["name"]
    with pytest.raises(ClusterError, match="violates PodSecurity"):
        stage.api.create(path, pod, dryRun="All")


def test_a_plan_that_no_job_can_run_is_told(plane, organization):
    """Each reason is one sentence with its value; nothing is made."""
    secrets = {"parameters": {"p": {"secretRef": "pw"}}, "secrets": {"p": "pw"}}
    long = replace(PLAN, executions=(EXECUTION, replace(EXECUTION, arguments=("a\0",))))
    account = replace(PLAN, settings={**PLAN.settings, "serviceAccountName": "admin"})
    greedy = {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}
    more = replace(PLAN, settings={**PLAN.settings, "resources": greedy})
    found = [Stage(plane, organization, one).check() for one in (replace(PLAN, **secrets), long, account, more)]

    assert f"may not be given secrets of {organization}. Ask who runs the operator" in found[0]
    assert "`--allow-secrets platform`" in found[0]
    assert "Argument 1 holds a NUL" in found[1]
    assert "as the service account 'admin'. Ask who" in found[2]
    assert "`--allow-service-account platform=admin`" in found[2]
    assert "The API server would not take the Job: " in found[3]
    assert "must be less than or equal to cpu limit" in found[3]


@pytest.mark.parametrize(
    ("owner", "options", "allowed"),
    [
        pytest.param("platform", {"service_accounts": {"platform": ["builder"]}}, True, id="its own list"),
        pytest.param("platform", {"service_accounts": {"acme": ["builder"]}}, False, id="anothers list"),
        pytest.param("platform", {"service_accounts": {"platform": ["admin"]}}, False, id="another account"),
        pytest.param("platform", {}, False, id="by default"),
    ],
)
def test_who_may_run_as_which_service_account(plane, organization, owner, options, allowed):
    """The operator's configuration names the service accounts of each owner's microservices; without it, none."""
    named = replace(PLAN, owner=owner, settings={**PLAN.settings, "serviceAccountName": "builder"})
    stage = Stage(plane, organization, named, **options)

    assert allowed is (stage.check() is None)
    if not allowed:
        with pytest.raises(RunnerError, match="may not run as"):
            stage.prepare()
        assert [] == stage.jobs_named()


def test_rule_43_who_may_be_given_a_secret(plane, organization):
    """Rule 43: an organization's own microservices, and those of owners whom the operator trusts."""
    plan = replace(PLAN, parameters={"p": {"secretRef": "pw"}}, secrets={"p": "pw"})

    assert Stage(plane, organization, replace(plan, owner=organization)).check() is None
    assert Stage(plane, organization, plan, trusted=["platform"]).check() is None
    with pytest.raises(RunnerError, match="may not be given secrets"):
        Stage(plane, organization, plan, trusted=["acme"]).prepare()


def test_where_it_may_run(plane, organization):
    """A namespace that is not there, or is not the organization's own, is none to run in."""
    plane.admin.create("/api/v1/namespaces", {"metadata": {"name": f"{organization}-foreign"}})
    absent, foreign = (Stage(plane, f"{organization}-{one}") for one in ("absent", "foreign"))

    assert f"There is no namespace '{organization}-absent' to run it in." == absent.check()
    assert f"lacks the label `assent.dev/organization: {organization}-foreign`" in foreign.check()
    with pytest.raises(RunnerError, match=r"could not be made: .*not found"):
        absent.prepare()


RIGHTS = {
    "make": ["create"],
    "read": ["create", "get"],
    "all but go": ["create", "get", "delete"],
    "all": ["create", "get", "delete", "patch"],
}


def somebody(stage, verbs):
    """A runner with just these rights on Jobs, and to see pods and its namespace."""
    user = f"runner@{stage.plan.organization}"
    rules = [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": verbs},
        {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{stage.plan.organization}"
    group = "rbac.authorization.k8s.io"
    stage.api.create(f"{path}/roles", {"metadata": {"name": "runner"}, "rules": rules})
    subject = {"kind": "User", "name": user, "apiGroup": group}
    role = {"kind": "Role", "name": "runner", "apiGroup": group}
    stage.api.create(f"{path}/rolebindings", {"metadata": {"name": "runner"}, "subjects": [subject], "roleRef": role})
    api = stage.plane.api(user)
    stage.plane.until(lambda: api.create(stage.jobs, _probe(stage), dryRun="All"), "no right yet")
    return JobRunner(api)


def _probe(stage):
    return manifest(stage.plan, replace(EXECUTION, id="00" * 16))


def test_a_runner_needs_few_rights(stage):
    """To create, get, patch and delete Jobs and to read pods and their logs is enough for a whole life."""
    stage.runner = somebody(stage, RIGHTS["all"])
    stage.kubelet.end(stage.started(), 0)
    ended = stage.ended()
    stage.runner.remove(stage.plan, EXECUTION, stage.handle)
    stage.plane.until(stage.absent, "it stays")

    assert "Succeeded" == ended.state


def test_what_cannot_be_let_go_for_good_is_taken_away(stage):
    """A refusal counts as "nothing was started" only once the Job can never start any more."""
    stage.runner = somebody(stage, RIGHTS["all but go"])
    stage.prepare()

    with pytest.raises(RunnerError, match=r"could not be let go: .*cannot patch"):
        stage.act()
    stage.plane.until(stage.absent, "it stays")


def test_what_cannot_be_taken_away_either_is_tried_again(stage):
    """While the Job might still be let go by somebody, its run is not said to have failed."""
    stage.runner = somebody(stage, RIGHTS["read"])
    stage.prepare()

    with pytest.raises(ClusterError, match="cannot delete"):
        stage.act()
    assert "Running" == stage.look().state


def test_rule_27_no_answer_is_no_verdict(plane, organization):
    """Rule 27: while the API server cannot be reached nothing is said to have failed, or to be unknown."""
    stage = Stage(plane, organization)
    stage.prepare()
    away = JobRunner(stage.api.as_bearer("not a token"))

    for call in (away.act, away.look, away.remove):
        with pytest.raises(ClusterError) as refused:
            call(stage.plan, EXECUTION, stage.handle)
        assert 401 == refused.value.status
    for ask in (lambda: away.check(stage.plan), lambda: away.prepare(stage.plan, EXECUTION)):
        with pytest.raises(ClusterError):
            ask()
    assert "Running" == stage.look().state


def test_rule_27_no_answer_at_all_is_no_verdict(plane, organization, tmp_path):
    """Rule 27: a call that nobody answers may have taken effect, so it is no refusal of the run."""
    stage = Stage(plane, organization)
    gone = yaml.safe_load(plane.kubeconfig("admin", ("system:masters",)).read_text())
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        gone["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{deaf.getsockname()[1]}"
    config = tmp_path / "gone.yaml"
    config.write_text(yaml.safe_dump(gone))
    config.chmod(0o600)
    away = JobRunner(Api.connect(config))

    for ask in (lambda: away.check(stage.plan), lambda: away.prepare(stage.plan, EXECUTION)):
        with pytest.raises(ClusterError) as refused:
            ask()
        assert 0 == refused.value.status
    stage.prepare()
    assert "Running" == stage.look().state
