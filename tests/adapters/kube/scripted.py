"""A server that plays an API server's answers as they are scripted: whatever a network or a server can do wrong."""

import json
import threading
import time
from collections import deque
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from assent.adapters.kube.api import Api

PATH = "/apis/assent.dev/v1alpha1/users"
PATIENCE = 20
"""Seconds that a loaded machine may take for what takes milliseconds."""


def until(condition, why=""):
    """Waits until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, why or "it did not come to that"
        time.sleep(0.01)


def thing(name, at, namespace="acme", **rest):
    """An object of this version."""
    return {
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "resourceVersion": str(at)},
        **rest,
    }


def event(type_, item):
    return {"type": type_, "object": item}


def bookmark(at):
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(at)}})


def failure(code, reason="Expired"):
    return event("ERROR", {"kind": "Status", "code": code, "reason": reason, "message": "no more"})


class Server(ThreadingHTTPServer):
    """Answers lists and watches by two scripts, an answer each; at a script's end, the last list again, and silence."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lists, self.watches = deque(), deque()
        self.asked = []
        self.closing = threading.Event()

    def log(self, kind):
        """The queries of this kind so far, in order."""
        return [query for told, query, _ in self.asked if told == kind]

    def times(self, kind):
        return [at for told, _, at in self.asked if told == kind]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        kind = "watch" if query.pop("watch", "") else "list"
        self.server.asked.append((kind, query, time.monotonic()))
        script = self.server.lists if kind == "list" else self.server.watches
        answer = script.popleft() if len(script) > (kind == "list") else script[0] if script else silence
        try:
            answer(self)
        except OSError:
            self.close_connection = True

    def say(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_):
        pass


def page(*items, at=1, more=""):
    """A list, or a page of one."""

    def answer(handler):
        metadata = {"resourceVersion": str(at), **({"continue": more} if more else {})}
        handler.say(
            200, {"kind": "UserList", "apiVersion": "assent.dev/v1alpha1", "metadata": metadata, "items": items}
        )

    return answer


def refusal(status, reason="", **headers):
    """An HTTP error."""

    def answer(handler):
        handler.say(status, {"kind": "Status", "reason": reason, "message": f"no ({reason})"}, **headers)

    return answer


def watch(*events, then="silence", pause=0.0):
    """A watch that says these events, and then is silent, ends, or is cut off within an event."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for one in events:
            handler.chunk(json.dumps(one).encode() + b"\n")
        if then == "cut":
            handler.chunk(b'{"type": "ADDED", "obj')
        if then == "silence":
            handler.server.closing.wait()
        time.sleep(pause)
        if then == "end":
            handler.chunk(b"")
        handler.close_connection = True

    return answer


def silence(handler):
    """Headers, and then nothing."""
    watch()(handler)


@contextmanager
def playing(folder, *, lists, watches=()):
    """The server and an `Api` that leads to it; of the lists, the last is given again and again."""
    with Server() as server:
        server.lists.extend(lists)
        server.watches.extend(watches)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server, connect(folder, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def connect(folder, url):
    """An `Api` by a kubeconfig for this server."""
    config = folder / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": url}}],
                "users": [{"name": "u", "user": {}}],
            }
        )
    )
    return Api.connect(config)
