"""What a program is told of its run, the same by every runner."""

from typing import Any

from assent.api.plans import Plan


def described(plan: Plan, execution: str, target: str | None) -> dict[str, Any]:
    """Who asked for what, and for which target; a secret parameter is a reference."""
    return {
        "request": plan.request,
        "organization": plan.organization,
        "microservice": plan.microservice,
        "requester": plan.requester,
        "onBehalfOf": plan.on_behalf_of,
        "digest": plan.digest,
        "execution": execution,
        "target": target,
        "parameters": dict(plan.parameters),
    }
