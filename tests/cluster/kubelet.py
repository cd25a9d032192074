"""The kubelet's part, played: pods of Jobs start and end because a test says so, and a node hands out their logs.

with Kubelet(plane.admin).run() as kubelet:    # every pod of a Job starts, and ends with 0
    ...
kubelet.started["<execution>"]                 # how often a pod of this execution was started

Kubelet(plane.admin, ending=lambda pod: 3)     # all of them end with 3; None: goes on
"""

import contextlib
import ssl
import tempfile
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assent.adapters.kube.manifests import EXECUTION
from assent.errors import ClusterError

KILLED = 128 + 9
"""The exit code of what was killed."""


class Kubelet:
    """Whoever moves pods on; `started` counts the starts by execution, `ended` the ends."""

    def __init__(self, api, ending=lambda _pod: 0, *, namespace="", pause=0.05):
        self.api = api
        self.namespace = namespace
        self.ending = ending
        self.started, self.ended = Counter(), Counter()
        self._pause = pause

    def pods(self, namespace="", **labels):
        """The pods of Jobs, here or everywhere."""
        inside = f"/namespaces/{namespace}" if namespace else ""
        selector = ",".join(["batch.kubernetes.io/job-name", *(f"{name}={text}" for name, text in labels.items())])
        return self.api.get(f"/api/v1{inside}/pods", labelSelector=selector)["items"]

    def start(self, pod):
        """Its container runs."""
        self.started[execution(pod)] += 1
        return self.say(pod, "Running", {"running": {"startedAt": _now()}})

    def wait(self, pod, reason, message=""):
        """Its container cannot be started yet."""
        return self.say(pod, "Pending", {"waiting": {"reason": reason, "message": message}})

    def end(self, pod, code=0, *, reason="", message=""):
        """Its container has ended."""
        about = {"exitCode": code, "reason": reason or ("Error" if code else "Completed"), "message": message}
        found = self.say(pod, "Failed" if code else "Succeeded", {"terminated": {**about, "finishedAt": _now()}})
        self.ended[execution(pod)] += 1
        return found

    def say(self, pod, phase, state):
        """The status of a pod with one container in this state."""
        container = {"name": pod["spec"]["containers"][0]["name"], "image": "i", "imageID": "", "restartCount": 0}
        status = {"phase": phase, "containerStatuses": [{**container, "ready": "running" in state, "state": state}]}
        return self.api.patch(f"{place(pod)}/status", {"status": status})

    def step(self):
        """Starts each pod that waits, and ends each that runs, as `ending` says."""
        for pod in self.pods(self.namespace):
            if "deletionTimestamp" in pod["metadata"]:
                self._give_way(pod)
                continue
            with contextlib.suppress(ClusterError):
                self._move(pod)

    def _move(self, pod):
        phase = pod["status"].get("phase", "Pending")
        if phase == "Pending":
            self.start(pod)
        elif phase == "Running" and (code := self.ending(pod)) is not None:
            self.end(pod, code)

    def _give_way(self, pod):
        """A pod that is being deleted is killed, as a node would."""
        with contextlib.suppress(ClusterError):
            if pod["status"].get("phase") not in {"Succeeded", "Failed"}:
                self.end(pod, KILLED)
            self.api.delete(place(pod), {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})

    @contextlib.contextmanager
    def run(self):
        """Beside the block, until its end; an API server that is away is waited for."""
        stop = threading.Event()

        def work():
            while not stop.wait(self._pause):
                with contextlib.suppress(ClusterError):
                    self.step()

        thread = threading.Thread(target=work, name="kubelet", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join(60)
        assert not thread.is_alive()


@contextlib.contextmanager
def node(api, name, logs):
    """A Node at which the API server reads logs; `logs(pod name)` are the bytes that the pod's program wrote."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Logs", (_Logs,), {"logs": staticmethod(logs)}))
    server.socket = _context().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    api.create("/api/v1/nodes", made)
    address = {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]}
    endpoint = {"daemonEndpoints": {"kubeletEndpoint": {"Port": server.server_port}}}
    api.patch(f"/api/v1/nodes/{name}/status", {"status": address | endpoint})
    try:
        yield
    finally:
        api.delete(f"/api/v1/nodes/{name}")
        server.shutdown()
        server.server_close()
        thread.join(60)


def bind(api, pod, name):
    """The scheduler's part: the pod belongs to this node."""
    target = {"apiVersion": "v1", "kind": "Node", "name": name}
    about = {"name": pod["metadata"]["name"]}
    api.create(f"{place(pod)}/binding", {"apiVersion": "v1", "kind": "Binding", "metadata": about, "target": target})


class _Logs(BaseHTTPRequestHandler):
    """`/containerLogs/<namespace>/<pod>/<container>` as a kubelet answers it: the last lines, cut at their end."""

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: int(values[0]) for name, values in parse_qs(url.query).items() if values[0].isdigit()}
        lines = self.logs(url.path.split("/")[3]).splitlines(keepends=True)
        body = b"".join(lines[-query.get("tailLines", len(lines) or 1) :])[: query.get("limitBytes")]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Says nothing."""


def execution(pod):
    """Which execution the pod is of; its Job's name where it is none of ours."""
    labels = pod["metadata"]["labels"]
    return labels.get(EXECUTION) or labels["batch.kubernetes.io/job-name"]


def place(pod):
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _context():
    """A certificate of the node's own: an API server without an authority for kubelets takes any."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return _loaded(certificate, key)


def _loaded(certificate, key):
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem + key.private_bytes(serialization.Encoding.PEM, form, none))
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
    return context
