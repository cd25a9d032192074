"""Kind ApprovalFlow: the stages a request passes, and who may decide each."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from assent.api.base import LISTED, Duration, Label, Line128, Model, Reference, Resource, twice
from assent.api.evidence import Channel

RELATIVE = frozenset({"Requesting", "Client", "Partner", "Platform"})
"""Organizations named by what they are to the request, rather than by name."""

ALL_CHANNELS: tuple[Channel, ...] = ("Annotation", "Merge", "Panel", "Mail")


class ApproverEntry(Model):
    """Whom an entry admits; what one entry says must all hold."""

    organizations: Annotated[
        tuple[
            Annotated[
                str,
                Field(pattern=r"^(Requesting|Client|Partner|Platform|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$", max_length=63),
            ],
            ...,
        ],
        Field(max_length=64),
        LISTED,
    ] = ()
    roles: Annotated[tuple[Reference, ...], Field(max_length=64), LISTED] = ()
    users: Annotated[tuple[Reference, ...], Field(max_length=64), LISTED] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """An empty entry says nothing about whom it means: neither nobody nor everybody is guessed."""
        if not (self.organizations or self.roles or self.users):
            raise ValueError("an approver entry names `organizations`, `roles` or `users`; this one says nothing")
        return self


class Stage(Model):
    """One stage: `quorum` distinct people out of those whom any entry admits."""

    name: Label
    quorum: Annotated[int, Field(ge=1, le=100)] = 1
    approvers: Annotated[tuple[ApproverEntry, ...], Field(max_length=20, min_length=1), LISTED]


class ApprovalFlowSpec(Model):
    """How a request is decided."""

    display_name: Line128 | None = None
    order: Literal["Sequential", "Parallel"] = "Sequential"
    self_approval: Literal["Forbidden", "Allowed"] = "Forbidden"
    independent_approvers: bool = False
    accepts: Annotated[tuple[Channel, ...], Field(max_length=4, min_length=1), LISTED] = ALL_CHANNELS
    sign_in_to_decide: bool = True
    decide_within: Duration | None = None
    run_within: Duration | None = None
    stages: Annotated[tuple[Stage, ...], Field(max_length=10, min_length=1), LISTED]

    @model_validator(mode="after")
    def _stages_have_names_of_their_own(self) -> Self:
        """A stage is found by its name."""
        again = twice(stage.name for stage in self.stages)
        if again:
            raise ValueError(f"two stages have the name {again!r}; give each its own")
        return self


class ApprovalFlow(Resource):
    """An approval flow, used by its owner and what depends on it (the Platform's: by all)."""

    kind: Literal["ApprovalFlow"] = "ApprovalFlow"
    spec: ApprovalFlowSpec
