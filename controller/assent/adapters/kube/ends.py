"""How a Job stands, read from it and its pods as the API server holds them; no call is made.

A Job's own end (`Complete` or `Failed`) is what counts; its pod says with which exit code, and why it waits till then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from assent.adapters.kube.manifests import CONTAINER, STARTED
from assent.adapters.kube.objects import annotation
from assent.api.plans import Outcome

_LONGEST = 300  # characters of a sentence of somebody else's within one of ours
_ABOUT_TO_RUN = {None, "", "ContainerCreating", "PodInitializing"}

Json = Mapping[str, Any]


def called(job: Json) -> str:
    """What people know it by."""
    return f"Job {job['metadata']['namespace']}/{job['metadata']['name']}"


def let_go(job: Json) -> bool:
    """Whether it was ever let go by us."""
    return annotation(job, STARTED) == "true"


def end_of(job: Json) -> Json | None:
    """The condition with which it ended, or None; one that is only about to end has not."""
    conditions = _status(job).get("conditions") or []
    return next((one for one in conditions if one["type"] in {"Complete", "Failed"} and one["status"] == "True"), None)


def unfinished(job: Json, pods: Sequence[Json]) -> Outcome:
    """A Job without an end: it goes on, or nobody can know any more."""
    name, deleted = f"The {called(job)}", "deletionTimestamp" in job["metadata"]
    if not let_go(job):
        if deleted:
            return Outcome("Unknown", f"{name} is being deleted, and was never let go, so it will not run any more.")
        return Outcome("Running", f"{name} is ready, and has not been let go yet.")
    if job["spec"].get("suspend"):
        text = f"{name} was suspended after it had been let go, not by us; how far its program came cannot be known."
        return Outcome("Unknown", text)
    if deleted:
        return Outcome("Running", f"{name} is being deleted before its end.")
    return Outcome("Running", f"{name} {_progress(pods)}")


def _progress(pods: Sequence[Json]) -> str:
    if not pods:
        return "waits for its pod."
    waiting = _state(pods[-1]).get("waiting") or {}
    if reason := waiting.get("reason"):
        text = f"{reason}: {waiting.get('message', '')}"
        return f"waits: {_cut(text.rstrip(': '))}."
    return f"goes on, and its pod is {_status(pods[-1]).get('phase', 'Pending')}."


def finished(job: Json, end: Json, pods: Sequence[Json], output: str) -> Outcome:
    """How it ended; Unknown where it failed, and its program may as well have done all that it was to do."""
    job_name = called(job)
    if len(pods) > 1:
        job_name += f" (with {len(pods)} pods, so its program may have started more than once)"
    name = f"The {job_name}"
    terminated = terminated_of(pods)
    code = terminated.get("exitCode")
    if end["type"] == "Complete":
        return Outcome("Succeeded", f"{name} succeeded.", code, output)
    if end.get("reason") == "DeadlineExceeded":
        seconds = job["spec"].get("activeDeadlineSeconds")
        return Outcome("Failed", f"{name} did not end within {seconds} s and was ended.", code, output)
    if terminated:
        reason = terminated.get("reason") or "Error"
        about = "" if reason in {"Error", "Completed"} else f" ({_cut(reason)})"
        return Outcome("Failed", f"The program of the {job_name} ended with {code}{about}.", code, output)
    if pods and _never_ran(pods[-1]):
        why = _cut(_status(pods[-1]).get("reason") or end.get("reason") or "no reason was given")
        return Outcome("Failed", f"{name} failed, and its program was never started: {why}.")
    text = f"{name} failed ({_cut(end.get('reason') or 'no reason')}), and its pod is gone or lost; "
    return Outcome("Unknown", f"{text}how its program ended cannot be known.")


def terminated_of(pods: Sequence[Json]) -> Json:
    """How the container of the last pod ended; empty where it has not, or nobody says so."""
    found: Json = (_state(pods[-1]).get("terminated") or {}) if pods else {}
    return found


def _never_ran(pod: Json) -> bool:
    """Whether its node said so itself; of a node that was lost, nobody knows what it did without saying it."""
    status = _status(pod)
    if any(one["type"] == "DisruptionTarget" for one in status.get("conditions") or []):
        return False
    if waiting := _state(pod).get("waiting"):
        return waiting.get("reason") not in _ABOUT_TO_RUN
    return not _state(pod) and status.get("phase") == "Failed"


def _state(pod: Json) -> Json:
    containers = _status(pod).get("containerStatuses") or []
    found: Json = next((one.get("state") or {} for one in containers if one["name"] == CONTAINER), {})
    return found


def _status(held: Json) -> Json:
    status: Json = held.get("status") or {}
    return status


def _cut(text: str) -> str:
    """On one line, and not at any length: it is a cluster's own text, and an image's name may be in it."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
