"""Kinds Microservice and EnabledMicroservice: catalogued automations, and where they are offered."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from assent.api.base import (
    LISTED,
    Description,
    Duration,
    Label,
    Line128,
    Line250,
    Line512,
    Model,
    Reference,
    Resource,
    Schema,
)

Quantity = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$", max_length=32)
]
"""The part of Kubernetes' quantities that people write."""


class TargetRules(Model):
    """How many targets a request names, and a pattern (RE2, matched whole) for their names."""

    min_items: Annotated[int, Field(ge=0, le=500)] | None = None
    max_items: Annotated[int, Field(ge=0, le=500)] | None = None
    pattern: Line250 | None = None

    @model_validator(mode="after")
    def _some_number_fits(self) -> Self:
        """Bounds between which no number lies would refuse every request."""
        if self.min_items is not None and self.max_items is not None and self.min_items > self.max_items:
            raise ValueError(f"`minItems` ({self.min_items}) is above `maxItems` ({self.max_items})")
        return self


class RequiredPermission(Model):
    """A right that the requester must hold in the requesting organization."""

    module: Label
    functionality: Line128
    action: Line128


class When(Model):
    """The condition under which a flow applies; all that is written must hold."""

    managed: bool | None = None
    tiers: Annotated[tuple[Line128, ...], Field(max_length=32), LISTED] = ()
    parameters: Schema | None = None


class FlowUse(Model):
    """A flow that gates the microservice, perhaps under a condition."""

    flow: Reference
    when: When | None = None


def _true(value: bool) -> bool:  # noqa: FBT001 -- pydantic passes the value alone
    if not value:
        raise ValueError("is true or left out")
    return value


class Argument(Model):
    """One argument: `{value}`, `{parameter}`, `{target: true}`, or `{option, parameter}`."""

    value: Line512 | None = None
    parameter: Line128 | None = None
    target: Annotated[bool, AfterValidator(_true), Field(json_schema_extra={"enum": [True]})] | None = None
    option: Line128 | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        """Exactly one of the four forms."""
        given = self.model_fields_set
        if given not in ({"value"}, {"parameter"}, {"target"}, {"option", "parameter"}):
            raise ValueError("an argument is {value}, {parameter}, {target: true} or {option, parameter}")
        return self


class Variable(Model):
    """One environment variable of a Job: a fixed value or a parameter."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=63)]
    value: Line512 | None = None
    parameter: Line128 | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        """Either a value or a parameter, and never a variable that changes how a program is loaded."""
        if (self.value is None) == (self.parameter is None):
            raise ValueError("a variable has `value` or `parameter`, one of them")
        if self.name == "PATH" or self.name.startswith(("LD_", "PYTHON", "GIT_", "DYLD_")):
            raise ValueError(f"the variable {self.name} is never set: it changes which code runs")
        return self


class Process(Model):
    """A program of the controller's own `--programs` folder, under the owning organization (Git mode)."""

    program: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128)]
    arguments: Annotated[tuple[Argument, ...], Field(max_length=64), LISTED] = ()


class Resources(Model):
    """What the Job's container asks for and may use, as Kubernetes writes quantities."""

    limits: Annotated[dict[Line128, Quantity], Field(max_length=16)] = Field(default_factory=dict)
    requests: Annotated[dict[Line128, Quantity], Field(max_length=16)] = Field(default_factory=dict)


class Job(Model):
    """A Kubernetes Job in the requesting organization's namespace (cluster mode)."""

    image: Line512
    command: Annotated[tuple[Line512, ...], Field(max_length=64), LISTED] = ()
    arguments: Annotated[tuple[Argument, ...], Field(max_length=64), LISTED] = ()
    environment: Annotated[tuple[Variable, ...], Field(max_length=64), LISTED] = ()
    service_account_name: Label | None = None
    resources: Resources | None = None


URL = (
    r"^(https://[A-Za-z0-9.:\[\]-]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)"
    r"([/?#][!-~]*)?$"
)
"""https, or loopback for trying out; no name or password before the host."""


def _url(text: str) -> str:
    """Refused without being repeated: it might hold a password."""
    if not re.fullmatch(URL, text):
        raise ValueError("is no URL to call: write https://<host>/<path> (http only for loopback), no password in it")
    return text


class Http(Model):
    """One HTTP call; 2xx is success, redirects are not followed."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: Annotated[
        str, StringConstraints(max_length=512), AfterValidator(_url), Field(json_schema_extra={"pattern": URL})
    ]
    headers_from: Reference | None = None

    @model_validator(mode="after")
    def _headers_are_the_owners(self) -> Self:
        """Nobody's call carries another organization's secret."""
        if self.headers_from and self.headers_from.organization:
            raise ValueError("`headersFrom` is a Secret of the microservice's owner: take `organization` out")
        return self


class Manual(Model):
    """A person does it and settles it."""

    instructions: Description


class Run(Model):
    """How it runs: a door takes the first of job, http, process, manual that it has."""

    job: Job | None = None
    http: Http | None = None
    process: Process | None = None
    manual: Manual | None = None

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        """Something must run."""
        if not self.model_fields_set:
            raise ValueError("`run` needs one of job, http, process, manual")
        return self


class MicroserviceSpec(Model):
    """What is offered, to whom, with which parameters, under which approvals, and how it runs."""

    display_name: Line128
    description: Description | None = None
    category: Line128
    products: Annotated[tuple[Line128, ...], Field(max_length=64), LISTED] = ()
    state: Literal["Active", "Archived"] = "Active"
    visibility: Literal["Private", "Dependents", "Named", "Public"] = "Private"
    visible_to: Annotated[tuple[Label, ...], Field(max_length=256), LISTED] = ()
    enabled_by_default: bool = False
    deploys_resources: bool = False
    cost_note: Line512 | None = None
    parameters: Schema | None = None
    target_rules: TargetRules | None = None
    permissions: Annotated[tuple[RequiredPermission, ...], Field(max_length=32), LISTED] = ()
    approvals: Annotated[tuple[FlowUse, ...], Field(max_length=16), LISTED] = ()
    run: Run
    timeout: Duration = "10m"
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 1
    idempotent: bool = False

    @model_validator(mode="after")
    def _visible_to_goes_with_named(self) -> Self:
        """A list of organizations means something only where the visibility is Named."""
        if bool(self.visible_to) != (self.visibility == "Named"):
            raise ValueError("`visibility: Named` and a `visibleTo` with organizations go together")
        return self


class Microservice(Resource):
    """A catalogued automation."""

    kind: Literal["Microservice"] = "Microservice"
    spec: MicroserviceSpec


class EnabledMicroserviceSpec(Model):
    """What one organization says about a microservice: on or off, for whom, and what must hold as well."""

    microservice: Reference
    state: Literal["Enabled", "Disabled"] = "Enabled"
    roles: Annotated[tuple[Reference, ...], Field(max_length=64), LISTED] = ()
    parameters: Schema | None = None
    target_rules: TargetRules | None = None
    approvals: Annotated[tuple[FlowUse, ...], Field(max_length=16), LISTED] = ()


class EnabledMicroservice(Resource):
    """A microservice as one organization offers it."""

    kind: Literal["EnabledMicroservice"] = "EnabledMicroservice"
    spec: EnabledMicroserviceSpec
