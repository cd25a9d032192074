"""The chart on a real API server: installed, upgraded and taken away by helm, and the operator with its rights alone.

The operator is a process on this machine, so the webhook is called there; all else is as the chart makes it.
"""

import base64
import subprocess
import time

import pytest
import yaml

import chart_files
from assent.adapters.kube import paths, webhooks
from assent.adapters.kube.api import Api
from assent.errors import ClusterError
from cluster import admission, operated
from cluster.installed import KEY, account, helm, here, install, key_of, standing, there
from cluster.kubelet import Kubelet
from cluster.operated import Operated
from cluster.plane import PATIENCE

FOUNDER, FOUNDERS = "fay@platform.example", "founders"
JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
VDI = {"parameters": {"template": "win11-office", "count": 3}, "reason": "New hires"}
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/requests.assent.dev"
POLICY = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/requests.assent.dev"
TOO_NEW = "There can be a delay between when CustomResourceDefinitions are created and when they are available"
DEPLOYMENT = "/apis/apps/v1/namespaces/assent-system/deployments/assent-operator"


def test_helm_installs_upgrades_and_takes_away(tmp_path_factory):
    """An upgrade changes neither key nor `caBundle`; what would be missed for ever stays when the chart goes."""
    with standing(tmp_path_factory, "chart") as plane:
        notes = install(plane)
        key = there(plane, KEY)
        authority = (plane.folder / "server" / "apiserver.crt").read_text()
        webhooks.patch_ca(plane.admin, "assent-ceiling", authority)
        helm(plane, "upgrade", "--set", "operator.keep=30d")
        trusted = webhooks.trusted_ca(plane.admin, "assent-ceiling")
        upgraded = there(plane, DEPLOYMENT)["spec"]["template"]["spec"]["containers"][0]["args"]
        after = there(plane, KEY)
        helm(plane, "uninstall")
        left = {path: there(plane, path) is not None for path in (KEY, CRD, POLICY, DEPLOYMENT)}
        install(plane)
        again = there(plane, KEY)

    assert "operator.bootstrapGroup=GROUP" in notes
    assert 32 == len(base64.b64decode(key["data"]["ledger.key"]))
    assert "--keep=30d" in upgraded
    assert (authority,) == trusted
    assert [key["metadata"]["uid"]] * 2 == [one["metadata"]["uid"] for one in (after, again)]
    assert [key["data"]] * 2 == [one["data"] for one in (after, again)]
    assert {KEY: True, CRD: True, POLICY: False, DEPLOYMENT: False} == left


def test_nobody_changes_the_key(tmp_path_factory):
    """The API server refuses another key, whoever writes it."""
    with standing(tmp_path_factory, "sealed") as plane:
        install(plane)
        other = {"data": {"ledger.key": base64.b64encode(bytes(32)).decode()}}
        with pytest.raises(ClusterError, match="immutable"):
            plane.admin.patch(KEY, other)


def told(begin, end, *, run=True):
    """What docs/operations.md says between these two words: what the shell makes of it here, or its words."""
    page = (chart_files.ROOT / "docs" / "operations.md").read_text()
    (line,) = (one for one in page.splitlines() if begin in one)
    line = begin + line.partition(begin)[2].partition(end)[0]
    if not run:
        return line.split()
    ran = subprocess.run(["/bin/sh", "-c", line], cwd=chart_files.ROOT, capture_output=True, text=True, check=True)
    return ran.stdout


class House(Operated):
    """The chart installed, its operator running as the chart's own account, and the demo's world written by people."""

    def found(self):
        """The first day: founders write the platform and what it ships, and who governs it last."""
        values = operated.documents(*operated.WORLD)
        first = [
            one for one in values if one["kind"] == "Organization"
        ]  # what lies in their namespaces comes when these are there
        last = [one for one in values if (one["kind"], one["metadata"]["name"]) == ("User", "olivia")]
        rest = [one for one in values if one not in first and one not in last]
        self.apply("-f", "-", stdin=told("sed '/^---", " | kubectl"))
        waited = self.plane.kubectl(FOUNDER, *told("wait --for=create", "\n", run=False), groups=(FOUNDERS,))
        assert waited.returncode == 0, waited.stderr
        self.write(first)
        for one in first:
            self.plane.until(lambda one=one: self.housed(one["metadata"]["name"]), f"no namespace: {self.said()}")
        files = told("find policies", ")").replace("-f ", f"-f {chart_files.ROOT}/").split()
        self.apply(*files)
        self.write(rest)
        self.write(last)
        return self

    def housed(self, name):
        labels = self.plane.admin.get(f"/api/v1/namespaces/{name}")["metadata"]["labels"]
        return labels.get("assent.dev/organization") == name

    def write(self, values):
        self.apply("-f", "-", stdin=yaml.safe_dump_all(values))

    def apply(self, *arguments, stdin=""):
        """A founder applies it; on the first day that is taken, once the server knows kinds that are that new."""
        end = time.monotonic() + PATIENCE
        while True:
            done = self.plane.kubectl(FOUNDER, "apply", "--server-side", *arguments, stdin=stdin, groups=(FOUNDERS,))
            if done.returncode == 0 or TOO_NEW not in done.stderr or time.monotonic() > end:
                break
            time.sleep(1)
        assert done.returncode == 0, (done.stderr, self.said())

    def may(self, who, verb, resource, namespace):
        done = self.plane.kubectl(who, "auth", "can-i", verb, resource, "-n", namespace)
        return done.stdout.strip() == "yes"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """All of it, ready, with a kubelet."""
    with standing(tmp_path_factory, "installed") as plane:
        install(plane, "--set", f"operator.bootstrapGroup={FOUNDERS}")
        found = House(plane, tmp_path_factory.mktemp("operator"))
        key_of(plane, found.folder)
        config = account(plane, "assent-operator")
        running = found.start("--bootstrap-group", FOUNDERS, "--resync", "5", config=config, wait=False)
        try:
            here(plane, running)
            found.found()
            running.until_ready()
            with Kubelet(plane.admin).run() as kubelet:
                found.kubelet = kubelet
                yield found
        finally:
            found.stop()


def test_the_charts_own_account_carries_a_request_to_its_job(house):
    """With the chart's rights alone: people are bound, ask and decide, one Job runs, and nothing is forbidden."""
    house.plane.until(lambda: house.may(JUAN, "create", "requests.assent.dev", "acme"), house.said())
    house.plane.until(lambda: house.may(MARIA, "patch", "requests.assent.dev", "acme"), house.said())
    house.plane.until(lambda: house.may(INGRID, "patch", "requests.assent.dev", "acme"), house.said())
    house.request(JUAN, "acme/vdi", "create-workspaces", **VDI)
    house.until_open("acme/vdi", "manager")
    house.approve(MARIA, "acme/vdi")
    house.until_open("acme/vdi", "platform")
    house.approve(INGRID, "acme/vdi")
    ended = house.until("acme/vdi", "Succeeded", "Failed", "Unknown")
    asked = [one for name in ("operator", "canary") for one in house.plane.asked(account_of(name))]
    forbidden = [one for one in asked if one[2] == 403]

    assert "Succeeded" == ended["phase"], house.said()
    assert [1] == [*house.kubelet.started.values()]
    assert len(asked) > 100
    assert [] == forbidden
    assert "orbidden" not in house.said()


def test_the_first_day_is_over(house):
    """Once somebody governs the Platform, the founders' group writes nothing any more, whatever RBAC says."""
    value = admission.user("late", "acme", role={"name": "viewers"})
    with pytest.raises(ClusterError, match="AuthorUnproven"):
        house.plane.api(FOUNDER, (FOUNDERS,)).create(paths.collection("User", "acme"), value)


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("create", "users.assent.dev"),
        ("update", "requests.assent.dev"),
        ("get", "secrets"),
        ("create", "pods"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io"),
        ("impersonate", "users"),
        ("delete", "namespaces"),
        ("patch", "validatingadmissionpolicies.admissionregistration.k8s.io"),
    ],
)
def test_the_operators_account_may_not(house, verb, resource):
    """What the operator has no use for, its account cannot do in an organization."""
    assert not house.may(account_of("operator"), verb, resource, "acme")


def test_the_operators_account_binds_no_role_of_others(house):
    """What it may not do itself it cannot give either, but for the roles that the chart ships for people."""
    api = Api.connect(house.plane.folder / "kubeconfig-assent-operator")

    def bind(role):
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
        body = {"metadata": {"name": f"tried-{role}"}, "roleRef": reference}
        return api.create("/apis/rbac.authorization.k8s.io/v1/namespaces/acme/rolebindings", body, dryRun="All")

    with pytest.raises(ClusterError, match="is attempting to grant RBAC permissions"):
        bind("cluster-admin")
    assert "tried-assent-author" == bind("assent-author")["metadata"]["name"]


def test_the_pod_is_let_into_a_restricted_namespace(house):
    """What the Deployment makes meets the Pod Security level `restricted`, which is enforced there."""
    admin = house.plane.admin
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    admin.create("/api/v1/namespaces", {"metadata": {"name": "restricted", "labels": labels}})
    template = admin.get(DEPLOYMENT)["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "operator"}, "spec": template["spec"]}
    made = admin.create("/api/v1/namespaces/restricted/pods", pod, dryRun="All")

    assert "operator" == made["metadata"]["name"]


def account_of(name):
    return f"system:serviceaccount:assent-system:assent-{name}"
