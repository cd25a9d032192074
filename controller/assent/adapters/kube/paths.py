"""Where objects lie in the API."""

from assent.api.names import CLUSTER_KINDS, Ident

OURS = "/apis/assent.dev/v1alpha1"

PLURALS: dict[str, str] = {
    "Organization": "organizations",
    "Module": "modules",
    "AccessRole": "accessroles",
    "User": "users",
    "Microservice": "microservices",
    "EnabledMicroservice": "enabledmicroservices",
    "ApprovalFlow": "approvalflows",
    "Request": "requests",
}
"""Our kinds as they stand in paths."""


def parameters(namespace: str) -> str:
    """The ConfigMap with the accounts that the admission policies know, beside the operator: the chart's alone."""
    return f"/api/v1/namespaces/{namespace}/configmaps/assent-admission"


def collection(kind: str, namespace: str = "") -> str:
    """The list of a kind of ours: everywhere, or in one namespace."""
    inside = f"/namespaces/{namespace}" if namespace and kind not in CLUSTER_KINDS else ""
    return f"{OURS}{inside}/{PLURALS[kind]}"


def place(ident: Ident) -> str:
    """One document of ours."""
    return f"{collection(ident.kind, ident.namespace)}/{ident.name}"
