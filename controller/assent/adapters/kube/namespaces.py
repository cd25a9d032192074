"""The namespaces of organizations: made where there is none, used where the label says whose it is, else left alone.

A namespace is created and never applied, since an apply would adopt somebody else's; and it has no owner reference,
since it would vanish with its Organization, and all that people put there with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.adapters.kube.api import JSON_PATCH, Api, Json
from assent.adapters.kube.bindings import unanswered
from assent.api.conditions import Condition
from assent.api.names import reserved
from assent.errors import CONFLICT, ClusterError

NAMESPACES = "/api/v1/namespaces"
LABEL = "assent.dev/organization"

SECURITY = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
"""Pods of an organization's namespace have no way out of their containers; who tries is refused, and warned."""

MOST_MESSAGE = 1000
"""Characters of what is said about a refusal."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`ours` are the namespaces that are an organization's and stay; `said` is what to say of organizations."""

    ours: frozenset[str]
    said: dict[str, Condition]


class Namespaces:
    """Keeps one namespace an organization; `controller` is the namespace of the controller itself."""

    def __init__(self, api: Api, controller: str) -> None:
        self._api = api
        self._controller = controller

    def keep(self, organizations: Iterable[str]) -> Kept:
        """Makes it so that each of these organizations has its namespace, or says why it has none.

        Raises:
            ClusterError: no answer came; the next round goes on.
        """
        held = {one["metadata"]["name"]: one for one in self._labelled()}
        said = {}
        for name in sorted(organizations):
            try:
                said[name] = self._keep(name, held)
            except ClusterError as refused:
                if unanswered(refused):
                    raise
                said[name] = not_kept_up(refused)
        ours = (name for name, one in held.items() if _is_ours(one) and not _leaving(one) and not self._kept_from(name))
        return Kept(frozenset(ours), {name: one for name, one in said.items() if one})

    def _labelled(self) -> list[Json]:
        found: list[Json] = self._api.get(NAMESPACES, labelSelector=LABEL).get("items", [])
        return found

    def _keep(self, name: str, held: dict[str, Json]) -> Condition | None:
        """Notes the namespace in `held` where it is usable; otherwise what is in the way of it."""
        whose = self._kept_from(name)
        if whose:
            return conflict(f"the namespace {name!r} is {whose}: give the organization another name")
        one = held.get(name) or self._get(name) or self._create(name)
        if _leaving(one):
            text = f"the namespace {name!r} is being deleted; it is made anew once it is gone"
            return Condition("Ready", "False", "NotKeptUp", text)
        if not _is_ours(one):
            return conflict(
                f"the namespace {name!r} lacks the label `{LABEL}: {name}`, so it is somebody else's: delete it, or "
                "give the organization another name"
            )
        held[name] = self._secured(one)
        return None

    def _kept_from(self, name: str) -> str:
        """Whose namespace it is whatever its labels say; empty where it may be an organization's."""
        return "the controller's own" if name == self._controller else "kept by Kubernetes" if reserved(name) else ""

    def _get(self, name: str) -> Json | None:
        return self._api.find(f"{NAMESPACES}/{name}")

    def _create(self, name: str) -> Json:
        """A new one; where somebody was faster, theirs."""
        body = {"metadata": {"name": name, "labels": {LABEL: name, **SECURITY}}}
        try:
            return self._api.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", **body})
        except ClusterError as refused:
            if refused.status != CONFLICT:
                raise
            return self._api.get(f"{NAMESPACES}/{name}")

    def _secured(self, one: Json) -> Json:
        """The namespace with the labels of Pod Security as they have to be."""
        labels = one["metadata"]["labels"]
        if SECURITY.items() <= labels.items():
            return one
        steps = [{"op": "add", "path": _label(name), "value": value} for name, value in SECURITY.items()]
        return self._api.patch(f"{NAMESPACES}/{one['metadata']['name']}", [*_same(one), *steps], JSON_PATCH)

    def release(self, name: str) -> None:
        """Takes the label off, so that it is a namespace like any other; what lies in it stays.

        The namespace of an organization that is gone is not deleted: that would delete whatever else people put there.
        Without the label admission lets whoever looks after the cluster delete it.

        Raises:
            ClusterError: it could not be written.
        """
        one = self._get(name)
        if one and _is_ours(one) and not _leaving(one):
            self._api.patch(f"{NAMESPACES}/{name}", [*_same(one), {"op": "remove", "path": _label(LABEL)}], JSON_PATCH)


def labelled(api: Api) -> list[str]:
    """The names of the organizations' namespaces that there are at this moment."""
    answer = api.get(NAMESPACES, labelSelector=LABEL)
    return [item["metadata"]["name"] for item in answer.get("items", [])]


def conflict(message: str) -> Condition:
    """The namespace of that name is somebody else's."""
    return Condition("Ready", "False", "NamespaceConflict", message)


def not_kept_up(refused: ClusterError) -> Condition:
    """The API server would not have something written that the organization needs."""
    text = f"what the organization needs in the cluster could not be kept up: {refused.message}"
    return Condition("Ready", "False", "NotKeptUp", text[:MOST_MESSAGE])


def _is_ours(one: Json) -> bool:
    about = one["metadata"]
    return bool((about.get("labels") or {}).get(LABEL) == about["name"])


def _leaving(one: Json) -> bool:
    return "deletionTimestamp" in one["metadata"]


def _same(one: Json) -> list[Json]:
    """The patch is for this very namespace, while it is its organization's."""
    about = one["metadata"]
    return [
        {"op": "test", "path": "/metadata/uid", "value": about["uid"]},
        {"op": "test", "path": _label(LABEL), "value": about["name"]},
    ]


def _label(name: str) -> str:
    return f"/metadata/labels/{name.replace('/', '~1')}"
