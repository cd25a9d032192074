"""RoleBindings and ClusterRoleBindings of people, kept as they should be: applied, put right, and taken away.

One a ClusterRole and namespace, under the ClusterRole's own name; where there are too many people for one object,
further ones of the same name with a number. The operator's account holds none of what it grants: `bind` on these
ClusterRoles lets it bind them, and nothing else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from assent.adapters.kube.api import APPLY, Api, Json
from assent.errors import CONFLICT, NOT_FOUND, ClusterError

RBAC = "/apis/rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
MANAGER = "assent-operator"
LABEL = "assent.dev/managed-by"

NO_ANSWER = frozenset({0, 429, 502, 503, 504})

MOST = 2000
"""Names for which one binding does, on average: with some 15,000 of them an object is too large for etcd."""

Place = tuple[str, str]
"""A namespace (empty: the whole cluster) and a name."""


class Bindings:
    """The keeper of all bindings that carry our label; `writes` counts what was written."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.writes = 0

    def keep(self, wanted: Mapping[Place, Sequence[str]], namespaces: Collection[str]) -> dict[str, ClusterError]:
        """Makes it so that in these namespaces, and in the whole cluster, just the wanted ClusterRoles are bound.

        Args:
            wanted: the names of Users by namespace (empty: the whole cluster) and ClusterRole.
            namespaces: those that are ours; no other is touched, whatever lies in it.

        Returns:
            By namespace, what the API server refused; the others are as they should be.

        Raises:
            ClusterError: one of the whole cluster's was refused, and all others are as they should be; or no answer
                came, and the next round goes on.
        """
        ours = {"", *namespaces}
        held = {place: one for place, one in self._held().items() if place[0] in ours}
        bodies = {place: body for place, body in _bodies(wanted) if place[0] in ours}
        refused: dict[str, ClusterError] = {}
        # What is to go goes first: a right that was taken away is worth more haste than one that was given.
        # Then from the last to the first, so that who moves to a further binding is in that one before leaving the old.
        for place in [*sorted(held.keys() - bodies.keys()), *sorted(bodies, reverse=True)]:
            self._try(place, held.get(place), bodies.get(place), refused)
        if "" in refused:
            raise refused[""]
        return refused

    def _held(self) -> dict[Place, Json]:
        found = {}
        for kind in ("rolebindings", "clusterrolebindings"):
            answer = self._api.get(f"{RBAC}/{kind}", labelSelector=f"{LABEL}={MANAGER}")
            for one in answer.get("items", []):
                found[one["metadata"].get("namespace", ""), one["metadata"]["name"]] = one
        return found

    def _try(self, place: Place, held: Json | None, body: Json | None, refused: dict[str, ClusterError]) -> None:
        try:
            self._settle(place, held, body)
        except ClusterError as error:
            if unanswered(error):
                raise
            refused.setdefault(place[0], error)

    def _settle(self, place: Place, held: Json | None, body: Json | None) -> None:
        if body is None:
            if held:
                self._delete(place, held)
            return
        if held and _same(held, body):
            return
        try:
            self._apply(place, body)
        except ClusterError:
            # What a binding binds never changes, so one that binds something else makes room for ours.
            other = self._other(place, body)
            if other is None:
                raise
            self._delete(place, other)
            self._apply(place, body)

    def _other(self, place: Place, body: Json) -> Json | None:
        """The binding that has our name and binds something else; None where there is none."""
        found = self._api.find(_path(place))
        return found if found and found["roleRef"] != body["roleRef"] else None

    def _apply(self, place: Place, body: Json) -> None:
        self._api.patch(_path(place), body, APPLY, fieldManager=MANAGER, force="true")
        self.writes += 1

    def _delete(self, place: Place, held: Json) -> None:
        try:
            self._api.delete(_path(place), {"preconditions": {"uid": held["metadata"]["uid"]}})
        except ClusterError as refused:
            if refused.status not in (NOT_FOUND, CONFLICT):
                raise
        self.writes += 1


def unanswered(error: ClusterError) -> bool:
    """Whether the server said nothing of this very object: it is too busy, or away, for any other call as well.

    An internal error (500) may well be of this one: an object that is too large, or somebody's webhook.
    """
    return error.status in NO_ANSWER


def _bodies(wanted: Mapping[Place, Sequence[str]]) -> Iterator[tuple[Place, Json]]:
    for (namespace, role), names in wanted.items():
        for number, share in enumerate(_shares(names), 1):
            place = namespace, role if number == 1 else f"{role}-{number}"
            if share:
                yield place, _manifest(place, role, share)


def _shares(names: Sequence[str]) -> list[Sequence[str]]:
    """As many shares as it takes; whoever comes or goes changes one of them, unless their number changes."""
    number = 1
    while len(names) > number * MOST:
        number *= 2
    shares: list[list[str]] = [[] for _ in range(number)]
    for name in names:
        shares[crc32(name.encode()) % number].append(name)
    return [*shares]


def _manifest(place: Place, role: str, names: Sequence[str]) -> Json:
    """The binding of a ClusterRole to the people of these names."""
    namespace, name = place
    about: dict[str, Any] = {"name": name, "labels": {LABEL: MANAGER}}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": about | ({"namespace": namespace} if namespace else {}),
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": GROUP, "kind": "User", "name": name} for name in names],
    }


def _same(held: Json, body: Json) -> bool:
    return (held["roleRef"], held.get("subjects")) == (body["roleRef"], body["subjects"])


def _path(place: Place) -> str:
    namespace, name = place
    return f"{RBAC}/namespaces/{namespace}/rolebindings/{name}" if namespace else f"{RBAC}/clusterrolebindings/{name}"
