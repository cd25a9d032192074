"""Kind Scenario: given / when / then for `assent test`; never part of a world."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from assent.api.base import LISTED, Duration, Label, Line128, Line253, Line512, Metadata, Model, Reason, Username
from assent.api.decisions import Verb
from assent.api.evidence import Channel
from assent.api.people import Time
from assent.api.requests import Phase


class PermissionCase(Model):
    """One expected answer of `can`."""

    user: Username
    organization: Label
    module: Label
    functionality: Line128
    action: Line128
    allowed: bool


class RequestStep(Model):
    """Somebody opens a request, proven to be the requester."""

    name: Label
    organization: Label
    microservice: Label
    requester: Username
    on_behalf_of: Username | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    targets: Annotated[tuple[Line253, ...], Field(max_length=500), LISTED] = ()
    reason: Reason | None = None


class DecideStep(Model):
    """Somebody decides, proven to be `as`; `for_` is a digest other than the present one."""

    request: Label
    as_: Annotated[Username, Field(alias="as")]
    verb: Verb
    because: Reason | None = None
    for_: Annotated[str | None, Field(alias="for", pattern=r"^[0-9a-f]{64}$")] = None
    channel: Channel = "Annotation"


class ExpectStep(Model):
    """What a request must have come to; what is left out is not looked at."""

    request: Label
    phase: Phase | None = None
    reason: Line128 | None = None
    can_decide: dict[str, Annotated[tuple[Username, ...], LISTED]] | None = None
    stages: dict[str, Literal["Waiting", "Open", "Satisfied", "Rejected"]] | None = None
    waiting_for: str | None = None


class ScenarioStep(Model):
    """One step: exactly one of the four."""

    request: RequestStep | None = None
    decide: DecideStep | None = None
    expect: ExpectStep | None = None
    wait: Duration | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        """A step does one thing."""
        if len(self.model_fields_set) != 1:
            raise ValueError("a step is one of request, decide, expect, wait")
        return self


class ScenarioSpec(Model):
    """A world, a moment, what must be allowed, and what must come of each step."""

    world: Annotated[tuple[Line512, ...], Field(max_length=16, min_length=1), LISTED] = (".",)
    now: Time
    permissions: Annotated[tuple[PermissionCase, ...], Field(max_length=1000), LISTED] = ()
    steps: Annotated[tuple[ScenarioStep, ...], Field(max_length=1000), LISTED] = ()


class Scenario(Model):
    """A case for `assent test`."""

    api_version: Literal["test.assent.dev/v1alpha1"]
    kind: Literal["Scenario"]
    metadata: Metadata
    spec: ScenarioSpec
