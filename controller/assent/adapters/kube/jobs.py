"""The job runner: one execution, one Job, one pod; let go once, and looked at for as long as it takes.

A Job is made suspended, so that its uid can stand in the ledger before anything of it starts. Nothing here waits:
whoever has the uid goes on with it, in this process or in another one.
"""

from collections.abc import Collection, Mapping
from functools import partial

from assent.adapters.kube import ends
from assent.adapters.kube.abreast import side_by_side
from assent.adapters.kube.api import JSON_PATCH, Api, Json
from assent.adapters.kube.logs import OUTPUT_LIMIT, tail
from assent.adapters.kube.manifests import EXECUTION, STARTED, manifest, name_of
from assent.adapters.kube.namespaces import LABEL
from assent.adapters.kube.twins import same, twin
from assent.api.plans import Execution, Outcome, Plan
from assent.errors import CONFLICT, NOT_FOUND, ClusterError, RunnerError

_TRIES = 3  # of letting one go, each from a fresh read; its status changes beside us while it is young
_NOTE = f"/metadata/annotations/{STARTED.replace('/', '~1')}"


class JobRunner:
    """Runs executions as Jobs in the requesting organization's namespace.

    `trusted` are the owners whose microservices may be given secrets of organizations other than their own.
    `service_accounts` are, by owner, the names of service accounts that its microservices may run as.
    `output_limit` is how many bytes of a log are kept, the last ones.

    Raises:
        ClusterError: from every call, where the API server cannot answer at the moment; to call again is safe.
    """

    def __init__(
        self,
        api: Api,
        *,
        trusted: Collection[str] = (),
        service_accounts: Mapping[str, Collection[str]] | None = None,
        output_limit: int = OUTPUT_LIMIT,
    ) -> None:
        self._api = api
        self._trusted = frozenset(trusted)
        self._accounts = service_accounts or {}
        self._limit = output_limit

    def check(self, plan: Plan) -> str | None:
        """Why this plan cannot be run here, or None; the API server is asked too, and makes nothing."""
        try:
            self._allowed(plan)
            jobs = [manifest(plan, execution) for execution in plan.executions]
            trial = partial(self._api.create, _jobs(plan), twin(jobs[0]), dryRun="All")
            side_by_side((partial(self._housed, plan), trial))
        except RunnerError as error:
            return f"{error.message} {error.hint}".strip()
        except ClusterError as error:
            if error.may_pass:
                raise
            return f"The API server would not take the Job: {error.message}"
        return None

    def prepare(self, plan: Plan, execution: Execution) -> str:
        """Makes the Job, suspended, or finds it as an earlier try made it; its uid.

        Raises:
            RunnerError: it cannot be, or something foreign has its name.
        """
        self._allowed(plan)
        job = manifest(plan, execution)
        try:
            made = self._api.create(_jobs(plan), job)
        except ClusterError as error:
            if error.reason == "AlreadyExists":
                return self._adopt(plan, job)
            if error.may_pass:
                raise
            raise RunnerError(f"The Job {_place(plan, execution)} could not be made: {error.message}") from error
        return str(made["metadata"]["uid"])

    def act(self, plan: Plan, execution: Execution, handle: str) -> None:
        """Lets the Job of this uid go, once for ever; one that is gone or was let go before is left alone.

        Raises:
            RunnerError: the API server refuses it for good; the Job was taken away, and will never start.
        """
        for left in reversed(range(_TRIES)):
            job = self._api.find(_job(plan, execution))
            if job is None or job["metadata"]["uid"] != handle or ends.let_go(job):
                return
            try:
                self._api.patch(_job(plan, execution), _go(job), JSON_PATCH)
            except ClusterError as error:
                if not left or (error.may_pass and error.status != CONFLICT):
                    raise
                if error.status != CONFLICT and self._unchanged(plan, execution, job):
                    self._take_away(plan, execution, job)
                    raise RunnerError(f"The {ends.called(job)} could not be let go: {error.message}") from error
            else:
                return

    def look(self, plan: Plan, execution: Execution, handle: str) -> Outcome:
        """How it stands now; whoever asks while it goes on asks again."""
        job, name = self._api.find(_job(plan, execution)), f"The Job {_place(plan, execution)}"
        if job is None:
            return Outcome("Unknown", f"{name} is gone before its end was recorded, so its outcome cannot be known.")
        if job["metadata"]["uid"] != handle:
            text = f"{name} is gone, and another Job has its name; the outcome of ours cannot be known."
            return Outcome("Unknown", text)
        pods = self._pods(plan, handle) if ends.let_go(job) else []
        end = ends.end_of(job) if ends.let_go(job) else None
        if end is None:
            return ends.unfinished(job, pods)
        if plan.secrets:
            # What it was given is known to nobody of ours, so it could not be taken out of what it wrote.
            return ends.finished(job, end, pods, "[left out: the program was given secrets, and may have shown them]")
        return ends.finished(job, end, pods, tail(self._api, pods[-1], self._limit) if pods else "")

    def remove(self, plan: Plan, execution: Execution, handle: str) -> None:
        """Deletes the Job of this uid with its pod; nothing happens where it is not there any more."""
        try:
            self._delete(plan, execution, {"uid": handle})
        except ClusterError as error:
            if error.status not in {NOT_FOUND, CONFLICT}:
                raise

    def _allowed(self, plan: Plan) -> None:
        if plan.secrets and plan.owner not in {plan.organization, *self._trusted}:
            # Whoever asks names any secret of their organization, so the service's owner could collect them all.
            raise RunnerError(
                f"The microservices of {plan.owner} may not be given secrets of {plan.organization}.",
                f"Ask who runs the operator to start it with `--allow-secrets {plan.owner}`.",
            )
        account = plan.settings.get("serviceAccountName")
        if account is not None and account not in self._accounts.get(plan.owner, ()):
            raise RunnerError(
                f"The microservices of {plan.owner} may not run as the service account {account!r}.",
                f"Ask who runs the operator to start it with `--allow-service-account {plan.owner}={account}`.",
            )

    def _housed(self, plan: Plan) -> None:
        """A namespace that is not the organization's own is somebody else's, whatever it is called."""
        namespace = self._api.find(f"/api/v1/namespaces/{plan.organization}")
        if namespace is None:
            raise RunnerError(f"There is no namespace {plan.organization!r} to run it in.")
        if (namespace["metadata"].get("labels") or {}).get(LABEL) != plan.organization:
            raise RunnerError(
                f"The namespace {plan.organization!r} is not the organization's: it lacks the label "
                f"`{LABEL}: {plan.organization}`."
            )
        if "deletionTimestamp" in namespace["metadata"]:
            raise RunnerError(f"The namespace {plan.organization!r} is being deleted.")

    def _adopt(self, plan: Plan, job: Json) -> str:
        """The uid of the Job that has the name, where it is as the API server would make ours now."""
        name = job["metadata"]["name"]
        held = self._api.get(f"{_jobs(plan)}/{name}")
        ours = self._api.create(_jobs(plan), twin(job), dryRun="All")
        if ends.let_go(held) and same(held, ours, let_go=True):
            # Its announcement stands in the ledger, so whoever asks has not read it yet; this is no failure of the run.
            raise ClusterError(f"The {ends.called(held)} was let go already", status=CONFLICT, reason="AlreadyStarted")
        if not same(held, ours):
            raise RunnerError(
                f"The name of the {ends.called(held)} is taken by something that is not ours; nothing of it is used.",
                "Find out who made it, delete it, and ask again under another name.",
            )
        return str(held["metadata"]["uid"])

    def _unchanged(self, plan: Plan, execution: Execution, job: Json) -> bool:
        now = self._api.find(_job(plan, execution))
        return now is not None and now["metadata"]["resourceVersion"] == job["metadata"]["resourceVersion"]

    def _take_away(self, plan: Plan, execution: Execution, job: Json) -> None:
        """Only as it was read, suspended: so it is certain that nothing was and nothing will be started."""
        about = job["metadata"]
        self._delete(plan, execution, {"uid": about["uid"], "resourceVersion": about["resourceVersion"]})

    def _delete(self, plan: Plan, execution: Execution, preconditions: Json) -> None:
        options = {"preconditions": preconditions, "propagationPolicy": "Background"}
        self._api.delete(_job(plan, execution), {"apiVersion": "v1", "kind": "DeleteOptions", **options})

    def _pods(self, plan: Plan, handle: str) -> list[Json]:
        """The Job's own pods, the newest last; whoever puts its label on another pod says nothing of this one."""
        path, label = (
            f"/api/v1/namespaces/{plan.organization}/pods",
            f"batch.kubernetes.io/controller-uid={handle},{EXECUTION}",
        )
        found = self._api.get(path, labelSelector=label)["items"]
        mine = [pod for pod in found if any(one["uid"] == handle for one in _owners(pod))]
        return sorted(mine, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))


def _owners(pod: Json) -> list[Json]:
    return [one for one in pod["metadata"].get("ownerReferences") or [] if one.get("controller")]


def _go(job: Json) -> list[Json]:
    """Lets go exactly what was read: this uid, unchanged, not let go before."""
    about = job["metadata"]
    return [
        {"op": "test", "path": "/metadata/uid", "value": about["uid"]},
        {"op": "test", "path": "/metadata/resourceVersion", "value": about["resourceVersion"]},
        {"op": "test", "path": _NOTE, "value": "false"},
        {"op": "replace", "path": _NOTE, "value": "true"},
        {"op": "replace", "path": "/spec/suspend", "value": False},
    ]


def _jobs(plan: Plan) -> str:
    return f"/apis/batch/v1/namespaces/{plan.organization}/jobs"


def _job(plan: Plan, execution: Execution) -> str:
    return f"{_jobs(plan)}/{name_of(execution)}"


def _place(plan: Plan, execution: Execution) -> str:
    return f"{plan.organization}/{name_of(execution)}"
