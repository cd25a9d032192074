"""A real Kubernetes control plane for the tests: etcd, the API server and what Jobs, owners and namespaces need.

People are real logins: `plane.api("maria@acme.example")` speaks to the API server with a certificate of that name.
There is no kubelet and no scheduler, so nothing runs; a test plays them by writing the status of pods.
"""

import atexit
import base64
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.errors import ClusterError, UsageError

ROOT = Path(__file__).parents[2]
VERSION = "v1.36.3"
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
MASTERS = "system:masters"
LEFT_OPEN = "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
"""For files that kill an API server: Python leaves a socket open whose peer is gone before its handshake begins."""

PATIENCE = 120
"""Seconds that a loaded machine may take to start it all; it takes three on an idle one."""


def cache():
    """Where `make controlplane` puts the programs."""
    return Path(os.environ["ASSENT_TEST_CACHE"]) / "assent" / f"controlplane-{VERSION}"


def programs():
    """The folder that holds all of the programs, or None: as envtest does it, then the cache, then the PATH."""
    candidates = [os.environ.get("KUBEBUILDER_ASSETS"), cache(), *os.environ.get("PATH", "").split(os.pathsep)]
    return next(
        (Path(one) for one in candidates if one and all((Path(one) / name).is_file() for name in PROGRAMS)), None
    )


class Plane:
    """A control plane in one folder; `stop` ends what it started."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = Path(folder), Path(binaries)
        self.running = {}
        self.ports = {name: _port() for name in ("etcd", "peer", "api")}
        self.url = f"https://127.0.0.1:{self.ports['api']}"
        self._authority()

    def start(self):
        """Everything, until the kinds of ours are served."""
        atexit.register(self.stop)
        self.start_etcd()
        self.start_api_server()
        self.start_controllers()
        self.install()
        return self

    def start_etcd(self):
        client, peer = (f"http://127.0.0.1:{self.ports[name]}" for name in ("etcd", "peer"))
        options = {
            "data-dir": self.folder / "etcd",
            "log-level": "error",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        self._run("etcd", options, "--unsafe-no-fsync")

    def start_api_server(self):
        options = {
            "etcd-servers": f"http://127.0.0.1:{self.ports['etcd']}",
            "bind-address": "127.0.0.1",
            "advertise-address": "127.0.0.1",
            "secure-port": self.ports["api"],
            "cert-dir": self.folder / "server",
            "client-ca-file": self.folder / "people.crt",
            "service-account-issuer": "https://tests.assent.dev",
            "service-account-key-file": self.folder / "accounts.key",
            "service-account-signing-key-file": self.folder / "accounts.key",
            "authorization-mode": "RBAC",
            "disable-admission-plugins": "ServiceAccount",
            "service-cluster-ip-range": "10.0.0.0/24",
        }
        self._run("kube-apiserver", options)
        self._wait("/readyz")

    def start_controllers(self):
        config = self.kubeconfig("system:kube-controller-manager", (MASTERS,))
        options = {
            "kubeconfig": config,
            "controllers": "job-controller,garbage-collector-controller,namespace-controller",
            "leader-elect": "false",
            "secure-port": 0,
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self.folder / "accounts.key",
        }
        self._run("kube-controller-manager", options)

    def install(self):
        """The kinds of ours, and the controller's own namespace."""
        crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for file in sorted((ROOT / "crds").glob("*.yaml")):
            self.admin.create(crds, yaml.safe_load(file.read_text()))
        self.admin.create("/api/v1/namespaces", {"metadata": {"name": "assent-system"}})
        for kind in paths.PLURALS:
            self.until(lambda kind=kind: self.admin.get(paths.collection(kind)), f"{kind} is not served")

    @property
    def admin(self):
        """Somebody who may do everything."""
        return self.api("admin", (MASTERS,))

    @lru_cache(maxsize=512)  # noqa: B019 -- a plane lives as long as its session
    def api(self, user, groups=()):
        """The API server, as this person."""
        return Api.connect(self.kubeconfig(user, groups))

    @lru_cache(maxsize=512)  # noqa: B019 -- the same
    def kubeconfig(self, user, groups=()):
        """A kubeconfig with a certificate that proves this person."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
        names += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        certificate = _certificate(x509.Name(names), key, self._name, self._key)
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "server" / "apiserver.crt")}
        login = {"client-certificate-data": _text(_pem(certificate)), "client-key-data": _text(_pem(key))}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "login"}}],
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "login", "user": login}],
        }
        path = self.folder / f"kubeconfig-{len(list(self.folder.glob('kubeconfig-*')))}"
        path.write_text(yaml.safe_dump(config))
        path.chmod(0o600)
        return path

    def kubectl(self, user, *arguments, stdin="", groups=(), environment=None):
        """What kubectl says to this person; nothing is raised."""
        config = self.kubeconfig(user, tuple(groups))
        command = [self.binaries / "kubectl", f"--kubeconfig={config}", *arguments]
        environment = {**os.environ, "HOME": str(self.folder), **(environment or {})}
        return subprocess.run(
            command, input=stdin, text=True, capture_output=True, check=False, timeout=PATIENCE, env=environment
        )

    def until(self, ask, why, seconds=PATIENCE):
        """What `ask` answers, once it answers something true; a ClusterError is no answer yet."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(ClusterError):
                if found := ask():
                    return found
            assert time.monotonic() < end, why
            time.sleep(0.05)

    def end(self, name, number=signal.SIGTERM):
        """Ends one of the programs."""
        process = self.running[name]
        process.send_signal(number)
        process.wait(30)
        del self.running[name]

    def stop(self):
        """Ends all that is running; whoever asks the others first, so that nobody waits for an answer."""
        for name in ("kube-controller-manager", "kube-apiserver", "etcd"):
            if name in self.running:
                try:
                    self.end(name)
                except subprocess.TimeoutExpired:
                    self.end(name, signal.SIGKILL)
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)

    def _run(self, name, options, *flags):
        # Whatever becomes of the tests, even where nobody can clean up after them: what they started ends with them.
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        command = [*leash, self.binaries / name, *(f"--{option}={value}" for option, value in options.items()), *flags]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def _wait(self, path):
        """Until the API server answers; it writes the certificate that clients know it by as it starts."""
        end = time.monotonic() + PATIENCE
        while True:
            # Until then its certificate is not there, or only a part of it.
            with contextlib.suppress(ClusterError, UsageError, OSError):
                self.api.cache_clear()
                if self.admin.text(path) == b"ok":
                    return
            running = self.running["kube-apiserver"]
            log = self.folder / "kube-apiserver.log"
            assert running.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < end, f"the API server is not ready: {log.read_text()[-2000:]}"
            time.sleep(0.1)

    def _authority(self):
        """Who signs people's certificates, and what signs service accounts' tokens."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the tests' people")])
        certificate = _certificate(self._name, self._key, self._name, self._key, authority=True)
        (self.folder / "people.crt").write_bytes(_pem(certificate))
        accounts = rsa.generate_private_key(65537, 2048)
        (self.folder / "accounts.key").write_bytes(_pem(accounts))


def _certificate(name, key, issuer, signer, *, authority=False):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _pem(what):
    if isinstance(what, x509.Certificate):
        return what.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return what.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _text(data):
    return base64.b64encode(data).decode()


def _port():
    """A free port below those that outgoing connections take, so that none takes it before it is used."""
    while True:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return one.getsockname()[1]
