"""What runs: the plan that was digested, claimed and is acted on, without another look at any document."""

from dataclasses import dataclass, field
from typing import Any, Literal

ResultState = Literal["Running", "Succeeded", "Failed", "Unknown"]
RunnerName = Literal["job", "http", "process", "manual"]


@dataclass(frozen=True, slots=True)
class Execution:
    """One target's share of a run; `target` is None where the request names no targets.

    `id` is 32 hex digits, derived from request, digest and target alone: the same execution has the same id for ever.
    `arguments` are the argv elements behind the program, ready to pass, byte for byte.
    """

    id: str
    target: str | None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a runner needs; values only, no reference to a document.

    `owner` is the organization that owns the microservice: its programs, secrets and URL prefixes may be used.
    `settings` are the runner's own: process `{program}`; http `{method, url, headersFrom?}`; manual `{instructions}`.
    `parameters` are the request's, a secret one as `{"secretRef": name}`; `secrets` maps each such parameter to the
    name of its secret, which is looked up in the requesting organization (`organization`).
    `timeout` is in seconds.
    """

    request: str
    organization: str
    digest: str
    microservice: str
    owner: str
    requester: str
    runner: RunnerName
    settings: dict[str, Any]
    parameters: dict[str, Any]
    timeout: int
    idempotent: bool
    on_behalf_of: str | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    executions: tuple[Execution, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one execution ended, or that it goes on (`Running`: a manual one, until a person settles it).

    `output` is what the program wrote, its tail, with every secret value taken out; `message` is one sentence.
    """

    state: ResultState
    message: str
    exit_code: int | None = None
    output: str = ""
