"""A cluster with a whole world in it and an operator over it, as people would have them; its process is a real one."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from assent.adapters.documents import load, scan
from assent.adapters.kube import paths, webhooks
from assent.api.names import Ident, Ref
from assent.cluster.certificates import SECRET
from assent.errors import ClusterError
from cluster import admission
from cluster.guarded import WRITTEN, free_port

ROOT = Path(__file__).parents[2]
WORLD = (ROOT / "policies", ROOT / "examples" / "01-automate")
ORDER = ("Organization", "Module", "AccessRole", "User", "ApprovalFlow", "Microservice", "EnabledMicroservice")
OURS = "assent.dev/v1alpha1"


def documents(*folders):
    """Every document of configuration in these folders, in the order in which kinds rest on each other."""
    found = [
        dict(one.value)
        for folder in folders
        for name, data in scan(folder)
        for one in load(data, name).documents
        if one.value["apiVersion"] == OURS and one.value["kind"] != "Request"
    ]
    return sorted(found, key=lambda one: ORDER.index(one["kind"]))


def declare(plane, values, *, namespaces=True):
    """Writes documents as an administrator who may do everything; the namespaces as the operator makes them."""
    operator = plane.api(admission.OPERATOR, admission.MASTERS)
    for value in values:
        about = value["metadata"]
        if value["kind"] == "Organization" and namespaces:
            labels = {"assent.dev/organization": about["name"]}
            with contextlib.suppress(ClusterError):
                operator.create("/api/v1/namespaces", {"metadata": {"name": about["name"], "labels": labels}})
        plane.admin.create(paths.collection(value["kind"], about.get("namespace", "")), value)


class Operated:
    """The world of the demo in a control plane of its own; `start` starts an operator."""

    def __init__(self, plane, folder, *, ledger=None):
        self.plane, self.folder = plane, Path(folder)
        self.ledger = ledger or str(self.folder / "ledger.sqlite")
        self.running = []
        self.usual = ()

    def declare(self, *folders):
        declare(self.plane, documents(*(folders or WORLD)))
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "assent-canary"}}
        with contextlib.suppress(ClusterError):
            self.plane.admin.create(admission.COLLECTIONS["ServiceAccount"], account)
        return self

    def start(self, *options, environment=None, config=None, wait=True):
        """An operator in a process of its own; ready when this returns."""
        one = Running(self, [*options], environment or {}, config)
        self.running.append(one)
        if wait:
            one.until_ready()
        return one

    def again(self, *options):
        """All operators end as they are asked to, and as many start anew; the exit codes of those that ended."""
        before, self.running = self.running, []
        codes = [one.end() for one in before]
        for _ in before:
            self.start(*self.usual, *options)
        return codes

    def stop(self):
        for one in self.running:
            one.end(signal.SIGKILL)

    def place(self, ref):
        return paths.place(Ident("Request", *Ref.parse(ref)))

    def request(self, who, ref, microservice, **spec):
        """Somebody opens a request."""
        namespace, name = ref.split("/")
        body = admission.request(name, namespace)
        body["spec"] = {"microservice": {"name": microservice}, **spec}
        return self.plane.api(who).create(paths.collection("Request", namespace), body)

    def status(self, ref):
        return self.plane.admin.get(self.place(ref)).get("status") or {}

    def until(self, ref, *phases):
        """The status once it has one of these phases."""
        return self.plane.until(
            lambda: (found := self.status(ref)).get("phase") in phases and found,
            f"{ref} does not come to {phases}: {self.said()}",
        )

    def until_open(self, ref, stage):
        """The status once this stage is open."""

        def found():
            status = self.status(ref)
            return any(one["name"] == stage and one["state"] == "Open" for one in status.get("stages", ())) and status

        return self.plane.until(found, f"{stage} of {ref} does not open")

    def annotate(self, who, ref, line):
        """Somebody writes a decision with kubectl."""
        namespace, name = ref.split("/")
        entry = f"approval.assent.dev/{who.partition('@')[0]}={line}"
        done = self.plane.kubectl(who, "annotate", "-n", namespace, "requests.assent.dev", name, entry)
        assert done.returncode == 0, done.stderr
        return done

    def approve(self, who, ref, because="fine"):
        return self.annotate(who, ref, f"approve as {who} for {self.status(ref)['digest']} because {because}")

    def said(self):
        return "\n".join(one.said()[-3000:] for one in self.running)


class Running:
    """One operator process."""

    def __init__(self, house, options, environment, config):
        self.house = house
        self.port, self.webhook = free_port(), free_port()
        self.log = house.folder / f"operator-{self.port}.log"
        config = config or house.plane.kubeconfig(admission.OPERATOR)
        command = [sys.executable, "-m", "assent", "operator", "--kubeconfig", str(config), "--log", "json"]
        command += ["--ledger", house.ledger, "--ledger-key", str(house.folder / "ledger.key")]
        command += ["--http-port", str(self.port), "--webhook-host", "127.0.0.1", "--webhook-port", str(self.webhook)]
        command += ["--webhook-name", "127.0.0.1", *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def get(self, path):
        """What it says over HTTP: the status and the text; (0, "") where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def until_ready(self):
        """Until it has made its first pass: what an empty ledger finds when it begins never runs."""
        end = time.monotonic() + 120
        while not ((answer := self.get("/readyz"))[0] == 200 and self.passes):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, (answer, self.said())
            time.sleep(0.05)
        return self

    @property
    def passes(self):
        """Whether it has made a pass, and found the admission policies in force."""
        return "assent_admission_trusted 1.0" in self.get("/metrics")[1]

    def end(self, number=signal.SIGTERM):
        """Ends it; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)

    def said(self):
        return self.log.read_text(errors="replace")


@contextlib.contextmanager
def webhook(plane, running):
    """The chart's webhook configuration, pointed at a process on this machine."""
    configuration = yaml.safe_load(WRITTEN.read_text())
    for hook in configuration["webhooks"]:
        hook["clientConfig"] = {"url": f"https://127.0.0.1:{running.webhook}/ceiling"}
    plane.admin.create(webhooks.VALIDATING, configuration)
    try:
        yield
    finally:
        plane.admin.delete(f"{webhooks.VALIDATING}/{configuration['metadata']['name']}")
        with contextlib.suppress(ClusterError):
            plane.admin.delete(f"/api/v1/namespaces/assent-system/secrets/{SECRET}")
