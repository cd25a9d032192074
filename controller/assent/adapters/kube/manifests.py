"""From one execution of a plan to the Job that runs it: values alone, no call is made.

Kubernetes reads `$(NAME)` in commands, arguments and variables as the value of another variable, and `$$` as one `$`.
So every `$` is doubled, and what the program gets is what was approved, byte for byte.
"""

import json
from typing import Any

from assent.api.plans import Execution, Plan
from assent.api.runs import described
from assent.errors import RunnerError

EXECUTION, DIGEST = "assent.dev/execution", "assent.dev/digest"
"""Labels; that of the digest has as much of it as a label takes. The annotation `assent.dev/digest` has it whole."""

REQUEST, MICROSERVICE = "assent.dev/request", "assent.dev/microservice"
STARTED = "assent.dev/started"
"""Annotations; the last is "false" until the Job is let go, and "true" from then on for ever."""

CONTAINER = "run"
SECRET_KEY = "value"  # noqa: S105 -- the name of a key, not a secret
"""Where in a Secret the value of a secret parameter is."""

_LABEL = 63  # characters of a label's value
_ONE_TEXT = 128 * 1024 - 1  # bytes; Linux takes no longer argument or variable (MAX_ARG_STRLEN, with its end)
_WHOLE_JOB = 1024 * 1024  # bytes of JSON; etcd takes 1.5 MiB, and Kubernetes adds notes of its own
_OURS = "ASSENT_"

Json = dict[str, Any]


def name_of(execution: Execution) -> str:
    """The Job's name: the same execution has the same one for ever."""
    return f"assent-{execution.id}"


def manifest(plan: Plan, execution: Execution) -> Json:
    """The Job, suspended: nothing of it starts until it is let go.

    Raises:
        RunnerError: a program could not be given all of it byte for byte.
    """
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name_of(execution),
            "namespace": plan.organization,
            "labels": _labels(plan, execution),
            "annotations": {
                DIGEST: plan.digest,
                REQUEST: plan.request,
                MICROSERVICE: plan.microservice,
                STARTED: "false",
            },
        },
        "spec": _once(plan) | {"template": _template(plan, execution)},
    }
    size = len(json.dumps(job))
    if size > _WHOLE_JOB:
        raise RunnerError(f"The Job would have {size} bytes, and Kubernetes takes no more than {_WHOLE_JOB} safely.")
    return job


def _labels(plan: Plan, execution: Execution) -> Json:
    managed = {"app.kubernetes.io/managed-by": "assent"}
    return managed | {EXECUTION: execution.id, DIGEST: plan.digest[:_LABEL]}


def _once(plan: Plan) -> Json:
    """One pod, never another; nothing takes the Job away before its end is recorded."""
    return {
        "suspend": True,
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 0,
        "podReplacementPolicy": "Failed",
        "activeDeadlineSeconds": plan.timeout,
    }


def _template(plan: Plan, execution: Execution) -> Json:
    account = plan.settings.get("serviceAccountName")
    spec = {
        "restartPolicy": "Never",
        # Variables that name every Service of the namespace are no part of what was approved.
        "enableServiceLinks": False,
        "automountServiceAccountToken": account is not None,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(plan, execution)],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    named = {"serviceAccountName": account} if account is not None else {}
    return {"metadata": {"labels": _labels(plan, execution)}, "spec": spec | named}


def _container(plan: Plan, execution: Execution) -> Json:
    command = [_text(one, f"Part {n} of the command") for n, one in enumerate(plan.settings.get("command") or (), 1)]
    arguments = [_text(one, f"Argument {n}") for n, one in enumerate(execution.arguments, 1)]
    optional = {"command": command, "args": arguments, "resources": plan.settings.get("resources")}
    return {
        "name": CONTAINER,
        "image": _image(plan),
        "env": _environment(plan, execution),
        # Whoever may see a pod sees this message, so no log gets into it where the program knows a secret.
        "terminationMessagePolicy": "File" if plan.secrets else "FallbackToLogsOnError",
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 -- the container's own, empty one
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    } | {name: value for name, value in optional.items() if value}


def _image(plan: Plan) -> str:
    """The API server takes a Job with blanks around its image, and then refuses its pod for ever."""
    image = str(plan.settings["image"])
    if image.split() != [image]:
        raise RunnerError(f"The image {image!r} of {plan.microservice} holds blanks.", "Take them out.")
    return image


def _environment(plan: Plan, execution: Execution) -> list[Json]:
    """Ours first, then the microservice's own; each name once, so that nobody has to know which of two counts."""
    home = {"HOME": "/tmp", "TMPDIR": "/tmp"}  # noqa: S108 -- the one folder that can be written to
    ours = {
        f"{_OURS}EXECUTION": execution.id,
        f"{_OURS}REQUEST": plan.request,
        # ASCII alone: every string is delivered as it is, whatever the reader takes the bytes for.
        f"{_OURS}PARAMETERS": json.dumps(described(plan, execution.id, execution.target), allow_nan=False),
    }
    if execution.target is not None:
        ours[f"{_OURS}TARGET"] = execution.target
    own: dict[str, Json] = {}
    for one in plan.settings.get("environment") or ():
        if one["name"] in own or one["name"].startswith(_OURS):
            reason = "stands twice" if one["name"] in own else f"begins with {_OURS}, as only ours do"
            raise RunnerError(f"The variable {one['name']!r} of {plan.microservice} {reason}.", "Give it another name.")
        own[one["name"]] = _variable(plan, one)
    fixed = {name: _plain(name, value) for name, value in {**home, **ours}.items()}
    return list({**fixed, **own}.values())


def _variable(plan: Plan, one: Json) -> Json:
    """A text as it is, or the key of a Secret, which the node reads and nobody of ours."""
    if "parameter" not in one:
        return _plain(one["name"], one["value"])
    secret = {"name": plan.secrets[one["parameter"]], "key": SECRET_KEY}
    return {"name": one["name"], "valueFrom": {"secretKeyRef": secret}}


def _plain(name: str, value: str) -> Json:
    return {"name": name, "value": _text(value, f"The variable {name!r}", len(name) + 1)}


def _text(text: str, what: str, beside: int = 0) -> str:
    """The text as it has to stand in a manifest to arrive as it is; `beside` bytes come with it."""
    try:
        size = len(text.encode()) + beside
    except UnicodeEncodeError:
        raise RunnerError(f"{what} holds half of a character (a surrogate), which no program can be given.") from None
    if "\0" in text or size > _ONE_TEXT:
        raise RunnerError(f"{what} holds a NUL or is longer than {_ONE_TEXT} bytes; no program can be given it.")
    return text.replace("$", "$$")
