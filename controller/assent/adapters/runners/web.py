"""The http runner: one call of a service, never repeated."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from assent.adapters.runners.address import Address
from assent.adapters.runners.vault import Hidden, Secret, Vault, run_document
from assent.api.plans import Execution, Outcome, Plan
from assent.errors import RunnerError

_METHODS = frozenset({"DELETE", "PATCH", "POST", "PUT"})
_HEADER = re.compile(r"(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(?P<value>[!-~](?:[ -~\t]*[!-~])?)[ \t]*")
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "content-type", "expect", "host"}
    | {"idempotency-key", "te", "trailer", "transfer-encoding", "upgrade"}
)
_WORD = 8  # characters from which on a part of a header's value is hidden on its own, as in `Bearer <token>`


class HttpRunner:
    """Calls the plan's URL once, with the run as JSON and the execution's id as `Idempotency-Key`.

    An answer of 2xx is success, any other one failure; redirects are answers. When nothing was sent the run failed;
    when the answer did not come whole and in time its outcome is `Unknown`.

    Args:
        prefixes: which URLs each owner's microservices may call, by owner.
        secrets: the folder of secrets, for parameters and for `headersFrom` (`Name: value` lines, of the owner's).
        trusted: the owners whose microservices may be given secrets of organizations other than their own.
        context: which authorities to trust; left out, the public authorities that certifi lists.
        output_limit: how many bytes of an answer are read and kept.

    Raises:
        RunnerError: a prefix is no address.
    """

    def __init__(
        self,
        prefixes: Mapping[str, Sequence[str]],
        secrets: Path | None = None,
        *,
        trusted: Collection[str] = (),
        context: ssl.SSLContext | None = None,
        output_limit: int = 64 * 1024,
    ) -> None:
        self._prefixes = {owner: [Address.of(prefix) for prefix in listed] for owner, listed in prefixes.items()}
        self._vault = Vault(secrets, trusted)
        self._context = context
        self._limit = output_limit

    def check(self, plan: Plan) -> str | None:
        """Why this plan cannot be carried out here, or None; nothing is sent, no name is looked up."""
        try:
            self._address(plan)
            _method(plan)
            self._headers(plan)
            self._vault.parameters(plan)
        except RunnerError as error:
            return f"{error.message} {error.hint}".strip()
        return None

    def act(self, plan: Plan, execution: Execution) -> Outcome:
        """Make the call.

        Raises:
            RunnerError: nothing was sent, and nothing was tried.
        """
        address, method = self._address(plan), _method(plan)
        own = self._headers(plan)
        parameters = self._vault.parameters(plan)
        hidden = Hidden([*parameters.values(), *_words(own)])
        headers = (
            {"user-agent": "assent", "accept-encoding": "identity"}
            | {name: secret.value for name, secret in own.items()}
            | {"content-type": "application/json", "idempotency-key": execution.id}
        )
        body = run_document(plan, execution.id, execution.target, parameters)
        with _Call(plan.timeout) as call, self._transport(address) as transport:
            # Straight to the transport: it knows no redirects, cookies, logins or environment.
            extensions = {"trace": call.trace, "timeout": httpx.Timeout(plan.timeout).as_dict()}
            request = httpx.Request(method, address.text, headers=headers, content=body, extensions=extensions)
            return self._answer(transport, request, call, hidden)

    def _answer(self, transport: httpx.HTTPTransport, request: httpx.Request, call: "_Call", hidden: Hidden) -> Outcome:
        where = f"{request.method} {request.url.scheme}://{request.url.netloc.decode()}{request.url.path}"
        try:
            with contextlib.closing(transport.handle_request(request)) as response:
                output = hidden.text(_body(response, self._limit + hidden.longest), 0, self._limit)
        except httpx.HTTPError as error:
            return _broken(where, error, call)
        note = "; redirects are not followed" if response.has_redirect_location else ""
        message = f"{where} was answered with {response.status_code}{note}."
        return Outcome("Succeeded" if response.is_success else "Failed", message, None, output)

    def _transport(self, address: Address) -> httpx.HTTPTransport:
        context = self._context
        if address.scheme == "https" and context is None:
            context = self._context = httpx.create_ssl_context(trust_env=False)
        # For http the context is never used, and an empty one costs nothing.
        return httpx.HTTPTransport(verify=context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)

    def _address(self, plan: Plan) -> Address:
        address = Address.of(plan.settings.get("url"))
        if not any(address.under(prefix) for prefix in self._prefixes.get(plan.owner, ())):
            raise RunnerError(
                f"The microservices of {plan.owner} may not call {address.text!r}.",
                "Ask who runs the controller to allow this URL or one above it.",
            )
        return address

    def _headers(self, plan: Plan) -> dict[str, Secret]:
        name = plan.settings.get("headersFrom")
        if name is None:
            return {}
        headers: dict[str, Secret] = {}
        for number, line in enumerate(self._vault.secret(plan.owner, name).value.splitlines(), 1):
            match = _HEADER.fullmatch(line)
            if match is None or match["name"].lower() in _OURS | headers.keys():
                raise RunnerError(
                    f"Line {number} of the headers {name!r} of {plan.owner} is no header that may be set.",
                    "Write `Name: value`, each name once, in ASCII; those that frame the message are ours.",
                )
            headers[match["name"].lower()] = Secret(name, match["value"])
        return headers


class _Call:
    """What is known of one call: whether anything was sent, and whether its time is over.

    The client's own time-outs begin anew with every byte, so a watch ends the connection of a service that trickles.
    """

    def __init__(self, seconds: float) -> None:
        self.sent = False
        self.over = False
        self._socket: socket.socket | None = None
        self._watch = threading.Timer(seconds, self._end)
        self._watch.daemon = True

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the client of each of its steps."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")
        if event == "http11.send_request_headers.started":
            if self.over:
                raise httpx.ConnectTimeout("the time was over before anything was sent")
            self.sent = True

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()

    def _end(self) -> None:
        self.over = True
        if self._socket:
            with contextlib.suppress(OSError):
                # The plain shutdown: that of a TLS socket would pull its state away from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _broken(where: str, error: httpx.HTTPError, call: _Call) -> Outcome:
    """The outcome of a call without a whole answer; of the error only its kind is said, its text may hold a header."""
    late = call.over or isinstance(error, httpx.TimeoutException)
    kind = "the time was over" if late else "the connection broke"
    if not call.sent:
        reason = kind if late else "no connection could be made"
        return Outcome("Failed", f"{where} was not called, {reason}; nothing was sent.")
    return Outcome("Unknown", f"{where} was called, and {kind} before the answer was complete; it may have been done.")


def _body(response: httpx.Response, limit: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        return b"[an encoded answer, left out]"
    kept = bytearray()
    for chunk in response.iter_raw():
        kept += chunk
        if len(kept) >= limit:
            break
    return bytes(kept)


def _method(plan: Plan) -> str:
    method = plan.settings.get("method", "POST")
    if method not in _METHODS:
        raise RunnerError(
            f"The method {method!r} is none that is called.", f"Write one of {', '.join(sorted(_METHODS))}."
        )
    return str(method)


def _words(headers: Mapping[str, Secret]) -> Iterator[Secret]:
    for secret in headers.values():
        yield secret
        yield from (Secret(secret.name, word) for word in secret.value.split() if len(word) >= _WORD)
