"""`/healthz`, `/readyz` and `/metrics` over plain HTTP: for the kubelet and Prometheus, with nothing that is secret."""

import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST

PLAIN = "text/plain; charset=utf-8"
PATIENCE = 5.0
"""Seconds that a caller may take to say what it wants."""


class Heartbeat:
    """A sign of life of the main loop, and how old it may grow (in seconds) until the process counts as dead."""

    def __init__(self, longest: float = 120.0) -> None:
        self._longest = longest
        self._at = time.monotonic()

    def beat(self) -> None:
        """The main loop goes round."""
        self._at = time.monotonic()

    def age(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._at

    @property
    def alive(self) -> bool:
        """Whether the last beat is young enough."""
        return self.age() < self._longest


class Health:
    """Serves until it is stopped; `why_not` gives a sentence for each thing that must be mended before it is ready.

    Port 0 takes a free one; `port` says which.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        why_not: Callable[[], Sequence[str]],
        metrics: Callable[[], bytes],
        *,
        host: str = "127.0.0.1",
        port: int = 8080,
    ) -> None:
        self.heartbeat, self.why_not, self.metrics = heartbeat, why_not, metrics
        self._server = _Server((host, port), self)
        self.port: int = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.2,), name="health", daemon=True)

    def start(self) -> None:
        """Begins to answer on threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, content type and body for a path."""
        match path.partition("?")[0]:
            case "/healthz":
                return self._healthz()
            case "/readyz":
                return self._readyz()
            case "/metrics":
                return HTTPStatus.OK, CONTENT_TYPE_LATEST, self.metrics()
        return HTTPStatus.NOT_FOUND, PLAIN, b"there are /healthz, /readyz and /metrics\n"

    def _healthz(self) -> tuple[HTTPStatus, str, bytes]:
        if self.heartbeat.alive:
            return HTTPStatus.OK, PLAIN, b"ok\n"
        text = f"the main loop was last seen {self.heartbeat.age():.0f} seconds ago\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, PLAIN, text.encode()

    def _readyz(self) -> tuple[HTTPStatus, str, bytes]:
        reasons = self.why_not()
        if not reasons:
            return HTTPStatus.OK, PLAIN, b"ok\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, PLAIN, "".join(f"{one}\n" for one in reasons).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], health: Health) -> None:
        super().__init__(address, _Handler)
        self.health = health

    def handle_error(self, *_: object) -> None:
        """A caller that hangs up is not worth a line."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: _Server

    def do_GET(self) -> None:
        status, kind, body = self.server.health.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Says nothing of what runs here."""
        return "assent"

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 -- the library's own signature
        """Probes come every few seconds and tell nothing."""
