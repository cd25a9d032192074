"""The chart installed in a control plane of its own, whose operator is a process on this machine."""

import base64
import contextlib
import json
import socket

import yaml

import chart_files
from assent.adapters.kube import webhooks
from assent.errors import ClusterError
from cluster import admission
from cluster import plane as planes

INSIDE = "/api/v1/namespaces/assent-system"
KEY = f"{INSIDE}/secrets/assent-ledger-key"


def key_of(plane, folder):
    """The key that the chart made, as a file for the process that stands in for its pod."""
    path = folder / "ledger.key"
    path.write_bytes(base64.b64decode(there(plane, KEY)["data"]["ledger.key"]))
    path.chmod(0o600)
    return path


class Audited(planes.Plane):
    """A control plane that writes down what every account was answered."""

    @property
    def audit(self):
        return self.folder / "audit.log"

    def start_api_server(self):
        rules = [{"level": "Metadata", "omitStages": ["RequestReceived", "ResponseStarted"]}]
        policy = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}
        (self.folder / "audit.yaml").write_text(yaml.safe_dump(policy))
        super().start_api_server()

    def _run(self, name, options, *flags):
        if name == "kube-apiserver":
            options = {**options, "audit-policy-file": self.folder / "audit.yaml", "audit-log-path": self.audit}
        super()._run(name, options, *flags)

    def asked(self, user):
        """Verb, resource and answer of all that an account asked for."""
        lines = self.audit.read_text().splitlines() if self.audit.exists() else []
        events = [json.loads(line) for line in lines if f'"{user}"' in line]
        for one in events:
            if one["user"]["username"] == user:
                about = one.get("objectRef") or {}
                what = "/".join(filter(None, (about.get("resource", one["requestURI"]), about.get("subresource"))))
                yield one["verb"], what, one["responseStatus"]["code"], one["requestURI"]


@contextlib.contextmanager
def standing(factory, name):
    """A control plane of its own; helm is looked for first, so that nothing is started in vain."""
    chart_files.program()
    started = Audited(factory.mktemp(name), planes.programs())
    try:
        yield started.start()
    finally:
        started.stop()


def helm(plane, command, *options):
    config = plane.kubeconfig("admin", admission.MASTERS)
    chart = () if command == "uninstall" else (chart_files.CHART,)
    return chart_files.succeed(
        command, "assent", *chart, "--namespace", "assent-system", "--kubeconfig", config, *options
    )


def install(plane, *options):
    """Installs it; the plane has our kinds already, and helm is told that they are the chart's."""
    return helm(plane, "install", "--take-ownership", *options)


def there(plane, path):
    try:
        return plane.admin.get(path)
    except ClusterError as refused:
        if refused.status != 404:
            raise
        return None


def account(plane, name):
    """A kubeconfig with a token of a service account of the chart's."""
    path = f"{INSIDE}/serviceaccounts/{name}/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = plane.admin.create(path, asked)["status"]["token"]
    config = yaml.safe_load(plane.kubeconfig("admin", admission.MASTERS).read_text())
    config["users"][0]["user"] = {"token": token}
    file = plane.folder / f"kubeconfig-{name}"
    file.write_text(yaml.safe_dump(config))
    return file


def here(plane, running):
    """Has the API server call the webhook at this process; its `caBundle`, which the operator wrote, stays."""
    path = f"{webhooks.VALIDATING}/assent-ceiling"
    plane.until(lambda: webhooks.trusted_ca(plane.admin, "assent-ceiling") != ("",), "no caBundle is written")
    plane.until(lambda: listens(running.webhook), "the webhook does not listen")
    steps = [
        {"op": "remove", "path": "/webhooks/0/clientConfig/service"},
        {"op": "add", "path": "/webhooks/0/clientConfig/url", "value": f"https://127.0.0.1:{running.webhook}/ceiling"},
    ]
    plane.admin.patch(path, steps, webhooks.JSON_PATCH)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False
