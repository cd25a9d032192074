"""One API server, spoken to as one account: every call once, with a time-out, with plain JSON in and out."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

from assent.adapters.kube import answers
from assent.errors import NOT_FOUND, ClusterError, UsageError

TIMEOUT = 10.0
"""Seconds that one call may take."""

CONNECTIONS = 64
"""Connections that are kept: one a watch, and one for each thread that asks; what is beyond is made anew every time."""

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML."""

JSON = "application/json"
METADATA = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
"""The metadata alone; whole objects from a server that has no such form."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """Where a server is, whom it is known by, and who calls: by a certificate (paths), or by a token."""

    server: str
    authority: str | None
    certificate: str | None
    key: str | None
    token: str | None = field(default=None, repr=False)


class Api:
    """The API server that a kubeconfig, or the pod that this runs in, names.

    Paths are written out, as `/apis/assent.dev/v1alpha1/organizations`; query values are given by name.

    Raises:
        ClusterError: from every call, with the server's own status and reason; status 0: no answer came.
    """

    def __init__(self, client: ApiClient, *, timeout: float = TIMEOUT) -> None:
        self._client = client
        self._timeout = timeout

    @classmethod
    def connect(cls, kubeconfig: Path | None = None, context: str = "", *, timeout: float = TIMEOUT) -> Self:
        """The cluster of this pod, or that of the kubeconfig's context (default: its current one).

        Raises:
            UsageError: there is neither, or the context is not there.
        """
        configuration = Configuration()
        try:
            if kubeconfig is None and not context and _in_pod():
                load_incluster_config(configuration)  # type: ignore[no-untyped-call] # the library has no types
            else:
                load_kube_config(  # type: ignore[no-untyped-call] # the library has no types
                    str(kubeconfig) if kubeconfig else None, context or None, configuration, persist_config=False
                )
        except (ConfigException, OSError) as error:
            raise UsageError(
                f"no cluster can be reached: {error}", "name one by --kubeconfig FILE or --context NAME"
            ) from error
        configuration.retries, configuration.connection_pool_maxsize = False, CONNECTIONS
        return cls(ApiClient(configuration), timeout=timeout)

    def bounded(self, seconds: float) -> "Api":
        """The same account, for callers who are themselves waited for."""
        return Api(self._client, timeout=seconds)

    def as_bearer(self, token: str) -> "Api":
        """The same server, spoken to as whoever the token proves."""
        mine = self._client.configuration
        configuration = Configuration(host=mine.host)
        configuration.ssl_ca_cert, configuration.verify_ssl = mine.ssl_ca_cert, mine.verify_ssl
        configuration.api_key = {"authorization": f"Bearer {token}"}
        configuration.retries = False
        return Api(ApiClient(configuration), timeout=self._timeout)

    def login(self) -> Login:
        """What proves this account at this moment, for a client that speaks to the server by itself."""
        mine = self._client.configuration
        # The library keeps "Bearer …", and in a pod "bearer …", under the first name; older versions under the second.
        _, _, token = str(mine.get_api_key_with_prefix("BearerToken", "authorization") or "").partition(" ")
        return Login(mine.host, mine.ssl_ca_cert, mine.cert_file, mine.key_file, token or None)

    def get(self, path: str, **query: object) -> Json:
        """One object, or a list of them."""
        return self._json("GET", path, query)

    def find(self, path: str) -> Json | None:
        """One object; None where the server says that there is none, which no failure to answer does.

        Raises:
            ClusterError: any other refusal, or no answer.
        """
        try:
            return self.get(path)
        except ClusterError as refused:
            if refused.status != NOT_FOUND:
                raise
            return None

    def metadata(self, path: str) -> Json:
        """A list that says which objects there are and at which version, as fresh as `get` says it."""
        return self._said("GET", path, self._call("GET", path, {}, accept=METADATA), answers.versions)

    def create(self, path: str, body: Mapping[str, Any], **query: object) -> Json:
        """A new object in a collection, as the server stored it."""
        return self._json("POST", path, query, body)

    def replace(self, path: str, body: Mapping[str, Any], **query: object) -> Json:
        """The whole object in place of the one with this resourceVersion."""
        return self._json("PUT", path, query, body)

    def patch(self, path: str, body: object, kind: str = MERGE, **query: object) -> Json:
        """The object with a patch of this content type laid over it."""
        return self._json("PATCH", path, query, body, kind)

    def delete(self, path: str, body: Mapping[str, Any] | None = None, **query: object) -> Json:
        """Asks for an object's end; `body` are DeleteOptions, with preconditions."""
        return self._json("DELETE", path, query, body)

    def text(self, path: str, **query: object) -> bytes:
        """What is no JSON: a log, `/readyz`."""
        response = self._call("GET", path, query)
        return self._read(response)

    def stream(self, path: str, *, silence: float, **query: object) -> Iterator[Json]:
        """A watch's events as they come; it ends when the server ends it, or has been silent for so many seconds.

        Raises:
            ClusterError: it could not be opened, or broke off.
        """
        response = self._call("GET", path, {**query, "watch": "true"}, silence=silence)
        try:
            yield from map(answers.event(path), _lines(response.response))
        except (urllib3.exceptions.HTTPError, OSError, ValueError, RecursionError) as error:
            raise ClusterError(f"the watch {path} broke off: {type(error).__name__}") from error
        finally:
            response.response.close()

    def _json(self, method: str, path: str, query: Mapping[str, object], body: object = None, kind: str = JSON) -> Json:
        return self._said(method, path, self._call(method, path, query, body, kind), answers.whole(path))

    def _said(self, method: str, path: str, response: Any, read: Callable[[bytes], Json]) -> Json:  # noqa: ANN401 -- the library's own response
        try:
            return read(self._read(response))
        except (ValueError, RecursionError) as error:
            raise ClusterError(f"{method} {path}: the answer is no JSON") from error

    def _call(  # noqa: PLR0913 -- what a call is made of
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        body: object = None,
        kind: str = JSON,
        *,
        silence: float | None = None,
        accept: str = JSON,
    ) -> Any:  # noqa: ANN401 -- the library's own response
        headers = {"Accept": accept, "Content-Type": kind}
        url = f"{path}?{urlencode(query)}" if query else path
        try:
            call = self._client.param_serialize(method, url, header_params=headers, auth_settings=["BearerToken"])
            response = self._client.call_api(*call[:3], body=body, _request_timeout=silence or self._timeout)
        except ApiException as error:
            raise ClusterError(f"{method} {path}: {error.reason}", status=error.status or 0) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(f"{method} {path}: no answer ({type(error).__name__})") from error
        if response.status >= 400:  # noqa: PLR2004 -- where HTTP's refusals begin
            raise _refused(method, path, response.status, self._read(response))
        return response

    def _read(self, response: Any) -> bytes:  # noqa: ANN401 -- the library's own response
        try:
            data: bytes = response.read()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ClusterError(f"the answer broke off ({type(error).__name__})") from error
        return data


def _in_pod() -> bool:
    return Path("/var/run/secrets/kubernetes.io/serviceaccount/token").is_file()


def _lines(response: Any) -> Iterator[bytes]:  # noqa: ANN401 -- the library's own response
    rest = b""
    for chunk in response.stream(amt=None, decode_content=False):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from filter(None, lines)
    if rest:
        raise ValueError("the last event is cut off")


def _refused(method: str, path: str, status: int, data: bytes) -> ClusterError:
    """The server's own sentence, where it wrote one."""
    try:
        answer = json.loads(data)
        message, reason = str(answer.get("message", "")), str(answer.get("reason", ""))
    except (ValueError, AttributeError):
        message, reason = "", ""
    return ClusterError(f"{method} {path}: {message or f'HTTP {status}'}", status=status, reason=reason)
