"""Kind Request: what somebody asks for."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from assent.api.base import LISTED, Free, Label, Line253, Model, Reason, Resource, Username, twice
from assent.api.names import API_VERSION, Ref

ANNOTATION_PREFIX = "approval.assent.dev/"
MAX_SPEC_BYTES = 32 * 1024
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
    parameters: Free = Field(default_factory=dict)
    targets: Annotated[tuple[Line253, ...], Field(max_length=500), LISTED] = ()
    reason: Reason | None = None

    @model_validator(mode="after")
    def _targets_stand_once(self) -> Self:
        """A target named twice would be one execution, not two."""
        again = twice(self.targets)
        if again:
            raise ValueError(f"the target {again!r} stands twice in `targets`; keep one")
        return self

    @model_validator(mode="after")
    def _is_of_a_size(self) -> Self:
        """An object and its annotations must fit where requests are stored."""
        size = len(json.dumps(self.plain(), ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))
        if size > MAX_SPEC_BYTES:
            raise ValueError(f"a request's spec has at most {MAX_SPEC_BYTES} bytes as JSON; this one has {size}")
        return self


class Request(Resource):
    """A request in an organization's namespace; its name is used once, for ever."""

    kind: Literal["Request"] = "Request"
    spec: RequestSpec


def document(ref: Ref, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The Request of this name and spec as people would write it."""
    metadata = {"name": ref.name, "namespace": ref.namespace}
    return {"apiVersion": API_VERSION, "kind": "Request", "metadata": metadata, "spec": dict(spec)}
