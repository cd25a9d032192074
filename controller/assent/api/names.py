"""How documents are named: references, identities and the names that are refused."""

import re
from typing import NamedTuple

API_VERSION = "assent.dev/v1alpha1"
SCENARIO_VERSION = "test.assent.dev/v1alpha1"
CLUSTER_KINDS = frozenset({"Organization", "Module"})
NAMESPACED_KINDS = frozenset({"AccessRole", "User", "Microservice", "EnabledMicroservice", "ApprovalFlow", "Request"})
KINDS = CLUSTER_KINDS | NAMESPACED_KINDS
CONFIGURATION = (
    "Organization",
    "Module",
    "AccessRole",
    "User",
    "Microservice",
    "EnabledMicroservice",
    "ApprovalFlow",
)
"""The kinds that a world is made of, in the order in which they depend on each other: all but Request."""

DNS_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
"""A DNS-1123 label, at most 63 characters: what Kubernetes takes for names and namespaces."""

RESERVED_ORGANIZATIONS = frozenset({"default"})
RESERVED_PREFIX = "kube-"


class Ref(NamedTuple):
    """A namespaced document: the organization that owns it, and its name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """`namespace/name`, as it stands in the ledger and in messages."""
        return f"{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """The reverse of `str`; raises ValueError for anything but `namespace/name`."""
        namespace, slash, name = text.partition("/")
        if not (namespace and slash and name) or "/" in name:
            raise ValueError(f"{text!r} is not <namespace>/<name>")
        return cls(namespace, name)


class Ident(NamedTuple):
    """One document of any kind; `namespace` is empty for the cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """`Kind/name` or `Kind/namespace/name`, as `Assent-Adopt` trailers write it."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)

    @property
    def ref(self) -> Ref:
        """The namespaced reference; only for namespaced kinds."""
        return Ref(self.namespace, self.name)

    @classmethod
    def parse(cls, text: str) -> "Ident":
        """The reverse of `str`; raises ValueError for an unknown kind or a wrong number of parts."""
        kind, *rest = text.split("/")
        if kind in CLUSTER_KINDS and len(rest) == 1:
            return cls(kind, "", rest[0])
        if kind in NAMESPACED_KINDS and len(rest) == 2:  # noqa: PLR2004 -- namespace and name
            return cls(kind, rest[0], rest[1])
        raise ValueError(f"{text!r} is not <kind>/<name> or <kind>/<namespace>/<name>")


def reserved(organization: str) -> bool:
    """Whether Kubernetes keeps this name for itself, so that no organization may have it."""
    return organization in RESERVED_ORGANIZATIONS or organization.startswith(RESERVED_PREFIX)
