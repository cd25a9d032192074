"""Whether a Job that has our name is ours: it is compared with what the API server would make of ours now.

The server is asked for a dry run under another name, so what it fills in by itself, and what others add to every Job
of the cluster, is on both sides; all the rest has to be equal, and nothing may be there beside it.
"""

from typing import Any

from assent.adapters.kube.manifests import STARTED

Json = dict[str, Any]

_OF_ITS_UID = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name")


def twin(job: Json) -> Json:
    """The same Job under a name that no other has."""
    return {**job, "metadata": {**job["metadata"], "name": f"{job['metadata']['name']}-twin"}}


def same(held: Json, ours: Json, *, let_go: bool = False) -> bool:
    """Whether `held` is what was made of the same manifest, and has never been started; or was, with `let_go`."""
    about, wanted = held["metadata"], ours["metadata"]
    notes = {**wanted["annotations"], STARTED: "true" if let_go else "false"}
    return (
        _holds(about.get("labels"), wanted["labels"])
        and _holds(about.get("annotations"), notes)
        and not about.get("ownerReferences")
        and "deletionTimestamp" not in about
        and _essence(held, suspended=not let_go) == _essence(ours, suspended=True)
        and (let_go or _untouched(held.get("status") or {}))
    )


def _holds(held: Json | None, wanted: Json) -> bool:
    wanted = {name: text for name, text in wanted.items() if name not in _OF_ITS_UID}
    return wanted.items() <= (held or {}).items()


def _untouched(status: Json) -> bool:
    """Whether no pod of it was ever there, as far as its controller says."""
    started = any(status.get(name) for name in ("startTime", "active", "ready", "succeeded", "failed", "terminating"))
    return not started and all(one["type"] == "Suspended" for one in status.get("conditions") or [])


def _essence(job: Json, *, suspended: bool) -> Json | None:
    """The spec without what follows from the uid; None where it is not suspended as it should be."""
    spec = {name: value for name, value in job["spec"].items() if name not in {"selector", "suspend", "template"}}
    template = {**job["spec"]["template"]}
    about = {**(template.get("metadata") or {})}
    about.pop("creationTimestamp", None)
    labels = {name: text for name, text in (about.get("labels") or {}).items() if name not in _OF_ITS_UID}
    if bool(job["spec"].get("suspend")) != suspended:
        return None
    return spec | {"template": {**template, "metadata": {**about, "labels": labels}}}
