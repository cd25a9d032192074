"""The shipped admission policies in a test's control plane, and documents of ours as people would write them there."""

from contextlib import contextmanager
from pathlib import Path

import yaml

from assent.adapters.kube import paths
from assent.adapters.kube.api import APPLY
from assent.api.names import API_VERSION
from assent.errors import ClusterError

POLICIES = Path(__file__).parents[2] / "policies" / "admission"
OPERATOR = "system:serviceaccount:assent-system:assent-operator"
PANEL = "system:serviceaccount:assent-system:assent-portal"
AGENT = "system:serviceaccount:argocd:argocd-application-controller"
HOUSEKEEPER = "system:serviceaccount:kube-system:generic-garbage-collector"
MASTERS = ("system:masters",)

COLLECTIONS = {
    "ConfigMap": "/api/v1/namespaces/assent-system/configmaps",
    "ServiceAccount": "/api/v1/namespaces/assent-system/serviceaccounts",
    "ValidatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
    "MutatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


def manifests():
    """Every object of the shipped policies; the agents' ConfigMap names one agent."""
    for file in sorted(POLICIES.glob("*.yaml")):
        for one in yaml.safe_load_all(file.read_text()):
            if one["kind"] == "ConfigMap":
                one["data"]["agents"] = f"{AGENT}\nsystem:serviceaccount:flux-system:kustomize-controller other"
            yield one


def apply(api, *objects):
    """Server-side apply, as whoever installs Assent."""
    for one in objects:
        path = f"{COLLECTIONS[one['kind']]}/{one['metadata']['name']}"
        api.patch(path, one, APPLY, fieldManager="tests", force="true")


def install_policies(plane):
    """The policies, in force: what each refuses is refused before this returns."""
    apply(plane.admin, *manifests())
    give_everybody_everything(plane)
    plane.admin.patch(
        "/api/v1/namespaces/probe",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "probe"}},
        APPLY,
        fieldManager="tests",
    )
    await_policies(plane)
    return plane


def await_policies(plane):
    """Until what each policy refuses is refused, and what the API server stamps is stamped."""
    for path, body in PROBES:
        plane.until(lambda path=path, body=body: refused(plane.admin, path, body), f"no policy refuses {body}")
    for kind in ("Request", "User"):
        body = request("probe", "probe") if kind == "Request" else user("probe", "probe")
        place = paths.collection(kind, "probe")
        plane.until(lambda place=place, body=body: plane.admin.create(place, body, dryRun="All"), f"no {kind} gets in")


@contextmanager
def without_policies(plane, name):
    """A while in which the policies of this name are not bound, as where they are installed late."""
    bindings = [f"{COLLECTIONS[f'{kind}AdmissionPolicyBinding']}/{name}" for kind in ("Validating", "Mutating")]
    for binding in bindings:
        plane.admin.delete(binding)
    try:
        plane.until(lambda: _unguarded(plane), f"{name} is still in force")
        yield
    finally:
        apply(plane.admin, *(one for one in manifests() if one["kind"].endswith("Binding")))
        await_policies(plane)


def _unguarded(plane):
    """Whether a document of configuration is neither refused for what it must not hold, nor stamped."""
    forged = user("probe", "probe")
    forged["metadata"]["annotations"] = {"kopf.dev/x": "y"}
    held = plane.admin.create(paths.collection("User", "probe"), forged, dryRun="All")
    return "assent.dev/written-by" not in held["metadata"]["annotations"]


def give_everybody_everything(plane):
    """RBAC lets everybody do everything, so that nothing but admission stops them."""
    apply(
        plane.admin,
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "tests-everybody"},
            "subjects": [{"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"}],
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"},
        },
    )


def refused(api, path, body):
    """Whether a policy of ours refuses to create it, as a dry run."""
    try:
        api.create(path, body, dryRun="All")
    except ClusterError as error:
        return "ValidatingAdmissionPolicy" in error.message and ".assent.dev'" in error.message
    return False


def request(name, namespace, requester="", annotations=None, **spec):
    """A Request as somebody writes it."""
    about = {"name": name, "namespace": namespace, **({"annotations": annotations} if annotations else {})}
    asked = {"microservice": {"name": "vdi"}, **({"requester": requester} if requester else {}), **spec}
    return {"apiVersion": API_VERSION, "kind": "Request", "metadata": about, "spec": asked}


def user(name, namespace, **spec):
    """A User as somebody writes it."""
    return {
        "apiVersion": API_VERSION,
        "kind": "User",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"username": f"{name}@{namespace}", **spec},
    }


def job(name, namespace, **labels):
    """A Job as somebody writes it."""
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "example/a"}]}}
    about = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": about, "spec": {"suspend": True, "template": template}}


def jobs(namespace):
    return f"/apis/batch/v1/namespaces/{namespace}/jobs"


PROBES = (
    (paths.collection("Request", "probe"), request("probe", "probe", "somebody-else")),
    (jobs("probe"), job("probe", "probe", **{"assent.dev/execution": "x"})),
    (
        "/api/v1/namespaces",
        {"metadata": {"name": "probe2", "labels": {"assent.dev/organization": "probe2"}}},
    ),
    (
        paths.collection("User", "probe"),
        {**user("probe", "probe"), "metadata": {"name": "probe", "annotations": {"kopf.dev/x": "y"}}},
    ),
)
"""One write for each policy that creation shows to be in force."""
