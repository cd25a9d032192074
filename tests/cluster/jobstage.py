"""One plan with one execution, for tests of the job runner, and what they do with it."""

from dataclasses import replace

from assent.adapters.kube.jobs import JobRunner
from assent.api.plans import Execution, Plan
from cluster.kubelet import Kubelet

EXECUTION = Execution("ab" * 16, None, ("--size", "$(HOME) $$ 'x'\n"))


PLAN = Plan(
    request="acme/vdi",
    organization="acme",
    digest="4c" * 32,
    microservice="platform/create-workspaces",
    owner="platform",
    requester="juan@acme.example",
    runner="job",
    settings={"image": "registry.example/automate:1", "command": ["/automate"], "environment": []},
    parameters={"size": 3},
    timeout=600,
    idempotent=False,
    executions=(EXECUTION,),
)


ORPHAN = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Orphan"}


class Stage:
    """One plan with one execution in an organization of this test's own, and a runner for it."""

    def __init__(self, plane, organization, plan=PLAN, **options):
        self.plane, self.api = plane, plane.admin
        self.plan = replace(plan, organization=organization, request=f"{organization}/vdi")
        self.runner = JobRunner(self.api, **options)
        self.kubelet = Kubelet(self.api)
        self.jobs = f"/apis/batch/v1/namespaces/{organization}/jobs"
        self.path = f"{self.jobs}/assent-{EXECUTION.id}"
        self.handle = ""

    def check(self):
        return self.runner.check(self.plan)

    def prepare(self):
        self.handle = self.runner.prepare(self.plan, EXECUTION)
        return self.handle

    def act(self):
        self.runner.act(self.plan, EXECUTION, self.handle)

    def look(self):
        return self.runner.look(self.plan, EXECUTION, self.handle)

    def until(self, words):
        """The outcome, once its sentence says this."""
        return self.plane.until(lambda: (found := self.look()) and words in found.message and found, words)

    def ended(self):
        """The outcome, once it is one."""
        return self.plane.until(lambda: (found := self.look()) and found.state != "Running" and found, "it goes on")

    def started(self):
        """Prepared and let go, and its pod."""
        self.prepare()
        self.act()
        return self.pod()

    def pod(self):
        return self.plane.until(self.pods, "no pod")[0]

    def pods(self):
        return self.kubelet.pods(self.plan.organization)

    def job(self):
        return self.api.get(self.path)

    def status(self, **fields):
        return self.api.patch(f"{self.path}/status", {"status": fields})

    def gone(self):
        """Deletes the Job, and waits until it is not there."""
        self.api.delete(self.path, {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"})
        self.plane.until(self.absent, "the Job stays")

    def absent(self):
        return self.jobs_named() == []

    def jobs_named(self):
        return [one["metadata"]["name"] for one in self.api.get(self.jobs)["items"]]
