"""The canary: a plain account that tries, as server-side dry runs, what admission must refuse.

It has the rights that a requester has in every organization, and nothing else; a refusal counts only where it is the
policy's own. What the policies are is told from their ids and generations, so a change that was undone shows as well.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from uuid import uuid4

from assent.adapters.kube import paths
from assent.adapters.kube.abreast import side_by_side
from assent.adapters.kube.api import Api, Json
from assent.api.canonical import sha256
from assent.api.names import API_VERSION
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Examined
from assent.errors import ClusterError

POLICY = "requests.assent.dev"

_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_REFUSING = (POLICY, "requests-deletion.assent.dev", "configuration.assent.dev", "status.assent.dev")
_STAMPING = (POLICY, "configuration.assent.dev")

LISTED = {
    f"{_ADMISSION}/validatingadmissionpolicies": _REFUSING,
    f"{_ADMISSION}/validatingadmissionpolicybindings": _REFUSING,
    f"{_ADMISSION}/mutatingadmissionpolicies": _STAMPING,
    f"{_ADMISSION}/mutatingadmissionpolicybindings": _STAMPING,
}
"""What stands before whatever is believed: entries, creators, writers, the digest that is shown."""

READ = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{POLICY}"
"""The kind of the requests; and their policies' parameter, a ConfigMap, is looked at beside these."""

EVERY = 300.0
"""Seconds after which the forgeries are tried again though nothing changed (design: every five minutes)."""

SETTLES = 10.0
"""Seconds for which an API server may still judge by policies that were changed; what a trial finds then is worthless.

What was found not to hold is tried again as soon: what is put right is relied on again.
"""

TOKEN_SECONDS = 3600

SEVERAL = 5
"""Requests of each organization on which a decision in another's name is tried."""

SOMEBODY = f"assent-canary-{uuid4().hex}"
"""The name in which the canary tries to speak; nobody's, and nobody can know it before."""

ENTRY = {f"{ANNOTATION_PREFIX}canary": f"reject as {SOMEBODY} because the canary tries this"}
"""The decision that it tries to make."""

Organizations = Callable[[], Iterable[str]]


class Canary:
    """Tries the policies as the service account `account`, in the namespaces that `organizations` gives."""

    def __init__(
        self,
        api: Api,
        namespace: str,
        account: str,
        organizations: Organizations,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._namespace = namespace
        self._account = account
        self._organizations = organizations
        self._clock = clock
        self._token: tuple[float, Api] | None = None
        self._last: tuple[float, Examined] | None = None
        self._seen: tuple[float, str] | None = None

    def examine(self) -> Examined:
        """What the policies are now, and whether they held; tried anew where they changed, or it is long ago."""
        try:
            policies = self._policies()
        except ClusterError as unseen:
            return Examined("", None, f"the admission policies cannot be looked at: {unseen.message}")
        now = self._clock()
        if self._changed(policies, now):
            return Examined(policies, None, f"the admission policies have changed within the last {SETTLES:g} s")
        at, last = self._last or (now, None)
        if last and last.policies == policies and now - at < _lasts(last):
            return last
        found = self._try(policies)
        self._last = (self._clock(), found) if found.proven is not None else None
        return found

    def _changed(self, policies: str, now: float) -> bool:
        """Whether they were others a moment ago; of what was before the first look nothing is known."""
        if self._seen is None:
            self._seen = (now - SETTLES, policies)
        if self._seen[1] != policies:
            self._seen = (now, policies)
        return now - self._seen[0] < SETTLES

    def _policies(self) -> str:
        """One text for what stands before the entries; another one after any change, and where something is gone."""
        calls: list[Callable[[], Json | None]] = [partial(self._api.metadata, path) for path in LISTED]
        calls += [partial(self._api.find, path) for path in (READ, paths.parameters(self._namespace))]
        *found, kind, accounts = side_by_side(calls)
        listed = [one for names, answer in zip(LISTED.values(), found, strict=True) for one in _versions(answer, names)]
        return sha256([*listed, _version(kind, "generation"), _version(accounts, "resourceVersion")])

    def _try(self, policies: str) -> Examined:
        """Every forgery in every organization; one that passes is enough."""
        names = sorted(self._organizations())
        if not names:
            return Examined(policies, None, "there is no organization yet in which they could be tried")
        try:
            api = self._canary()
            for organization in names:
                for what, path, send in _forgeries(api, organization):
                    passed = _refused(send)
                    if passed is not None:
                        return Examined(policies, passed[0], f"{what} in {organization} {passed[1]} ({path})")
            again = self._policies()
        except ClusterError as unseen:
            return Examined(policies, None, f"the canary cannot try them: {unseen.message}")
        if again != policies:
            return Examined(policies, None, "the admission policies changed while they were tried")
        return Examined(policies, True, "every forgery was refused")

    def _canary(self) -> Api:
        """The canary's own login, renewed well before it ends."""
        if self._token is None or self._clock() - self._token[0] > TOKEN_SECONDS / 2:
            path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{self._account}/token"
            body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
            answer = self._api.create(path, {**body, "spec": {"expirationSeconds": TOKEN_SECONDS}})
            self._token = (self._clock(), self._api.as_bearer(answer["status"]["token"]))
        return self._token[1]


Attempt = tuple[str, str, Callable[[], object]]


def _lasts(found: Examined) -> float:
    return EVERY if found.proven else SETTLES


def _forgeries(api: Api, organization: str) -> Iterator[Attempt]:
    """A request in another's name, one that is born approved, and somebody else's decision on one that is there."""
    path = paths.collection("Request", organization)
    for what, body in (("a request in another's name", _request(SOMEBODY)), ("an approved new request", _request(""))):
        yield what, path, partial(api.create, path, body, dryRun="All")
    there = api.get(path, limit=SEVERAL).get("items", [])
    for one in there:
        place = f"{path}/{one['metadata']['name']}"
        patch = {"metadata": {"annotations": ENTRY}}
        yield "a decision in another's name", place, partial(api.patch, place, patch, dryRun="All")


def _request(requester: str) -> Json:
    metadata: Json = {"name": "assent-canary"}
    spec: Json = {"microservice": {"name": "assent-canary"}}
    if requester:
        spec["requester"] = requester
    else:
        metadata["annotations"] = ENTRY
    return {"apiVersion": API_VERSION, "kind": "Request", "metadata": metadata, "spec": spec}


def _refused(send: Callable[[], object]) -> tuple[bool | None, str] | None:
    """None where the policy refused it; else whether it is known to have passed (False), and what came of it."""
    try:
        send()
    except ClusterError as refused:
        if f"ValidatingAdmissionPolicy '{POLICY}'" in refused.message or _full(refused):
            return None
        return None if refused.reason == "NotFound" else (None, f"was not refused by the policy: {refused.message}")
    return False, "was not refused"


def _full(refused: ClusterError) -> bool:
    """Whether this object takes no further annotation at all: the others, and new ones, show whether forgeries pass."""
    return refused.reason == "Invalid" and "metadata.annotations: Too long" in refused.message


def _versions(answer: Json | None, names: Iterable[str]) -> list[list[str]]:
    """What these are, of all that are listed."""
    there = {one["metadata"]["name"]: one for one in (answer or {}).get("items") or ()}
    return [_version(there.get(name), "generation") for name in names]


def _version(held: Json | None, field: str) -> list[str]:
    metadata = held["metadata"] if held else {}
    return [str(metadata.get("uid", "")), str(metadata.get(field, ""))]
