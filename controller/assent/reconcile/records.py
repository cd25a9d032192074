"""The records of a claimed run: the plan out of its claim, the announcement of an execution, and its end."""

from collections.abc import Mapping
from typing import Any

from assent.api.ledger import NewRecord
from assent.api.plans import Execution, Outcome, Plan


def plan_of(body: Mapping[str, object]) -> Plan:
    """The plan that a claim holds."""
    values = dict(body)
    executions = tuple(
        Execution(one["id"], one["target"], tuple(one["arguments"]))
        for one in values.pop("executions")  # type: ignore[attr-defined] # a list of JSON objects
    )
    return Plan(**values, executions=executions)  # type: ignore[arg-type] # as `asdict` wrote it


def acted(plan: Plan, execution: Execution, attempt: int, handle: str = "") -> NewRecord:
    """The announcement of an execution; of each attempt there is one for ever."""
    subject = execution.id if attempt == 1 else f"{execution.id}#{attempt}"
    body = {"request": plan.request, "execution": execution.id, "target": execution.target, "attempt": attempt}
    return NewRecord("acted", subject, body | ({"handle": handle} if handle else {}), once=True)


def recorded(request: str, execution: str, target: str | None, outcome: Outcome) -> NewRecord:
    """How an execution ended, or what is known of it."""
    body: dict[str, Any] = {"request": request, "execution": execution, "target": target, "state": outcome.state}
    body |= {"message": outcome.message, "exitCode": outcome.exit_code, "output": outcome.output}
    return NewRecord("recorded", execution, body)
