"""The account that keeps up namespaces, bindings and finalizers, with just the rights that this takes."""

from pathlib import Path

import yaml

from cluster import admission

ROLES = Path(__file__).parents[2] / "charts" / "assent" / "files" / "people-roles.yaml"
KEEPER = "keeper@tests"
KINDS = ["accessroles", "approvalflows", "enabledmicroservices", "microservices", "organizations", "requests", "users"]


def people_roles():
    """The ClusterRoles that the chart ships for people."""
    return [*yaml.safe_load_all(ROLES.read_text())]


def rules():
    """What the operator's account needs for it; beside these names it can bind nothing."""
    rbac = "rbac.authorization.k8s.io"
    names = [one["metadata"]["name"] for one in people_roles()]
    return [
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "create", "patch"]},
        {
            "apiGroups": [rbac],
            "resources": ["rolebindings", "clusterrolebindings"],
            "verbs": ["get", "list", "create", "patch", "delete"],
        },
        {"apiGroups": [rbac], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": names},
        {"apiGroups": ["assent.dev"], "resources": KINDS, "verbs": ["get", "list"]},
        {"apiGroups": ["assent.dev"], "resources": ["organizations"], "verbs": ["patch"]},
    ]


def keeper(plane):
    """The API server as that account, once its rights are in force; people's roles lie there as the chart has them."""
    group = "rbac.authorization.k8s.io"
    admission.apply(
        plane.admin,
        *people_roles(),
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "tests-keeper"},
            "rules": rules(),
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "tests-keeper"},
            "subjects": [{"kind": "User", "name": KEEPER, "apiGroup": group}],
            "roleRef": {"kind": "ClusterRole", "name": "tests-keeper", "apiGroup": group},
        },
    )
    api = plane.api(KEEPER)
    plane.until(lambda: api.get(f"/apis/{group}/v1/clusterrolebindings"), "the keeper has no rights")
    return api
