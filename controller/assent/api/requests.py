"""Kind Request: what somebody asks for."""

from typing import Annotated, Any, Literal

from pydantic import Field

from assent.api.base import LISTED, Label, Line253, Model, Reason, Resource, Username

ANNOTATION_PREFIX = "approval.assent.dev/"
Phase = Literal[
    "Submitted", "PendingApproval", "Approved", "Running", "Succeeded", "Failed", "PartiallyFailed", "Unknown",
    "Invalid", "Rejected", "Withdrawn", "Cancelled", "Expired",
]  # fmt: skip
EARLY_ENDS = frozenset({"Invalid", "Rejected", "Withdrawn", "Cancelled", "Expired"})
ENDS = EARLY_ENDS | {"Succeeded", "Failed", "PartiallyFailed"}
"""Final phases; `Unknown` is an end only until a person settles it."""


class MicroserviceName(Model):
    """The name under which the requesting organization offers a microservice."""

    name: Label


class RequestSpec(Model):
    """What is asked for, by whom; it never changes after submission."""

    microservice: MicroserviceName
    requester: Username
    on_behalf_of: Username | None = None
    parameters: Annotated[dict[str, Any], Field(max_length=256)] = Field(default_factory=dict)
    targets: Annotated[tuple[Line253, ...], Field(max_length=500), LISTED] = ()
    reason: Reason | None = None


class Request(Resource):
    """A request in an organization's namespace; its name is used once, for ever."""

    kind: Literal["Request"] = "Request"
    spec: RequestSpec
