"""Requests as the API says them: the object as `assent get -o json` has it, and as `assent explain request` does."""

from typing import Annotated, Literal

from pydantic import Field

from assent.api.decisions import Verb
from assent.api.evidence import Channel
from assent.api.mailings import About
from assent.api.plans import ResultState
from assent.api.requests import Phase
from assent.core.approvals import StageStatus
from assent.portal.api.shapes import Answer, Json, Next

Digest = Annotated[str, Field(description="SHA-256 over all that decides the effect; approvals name it.")]
Time = Annotated[str, Field(description="When: RFC 3339 in UTC, whole seconds.")]


class Named(Answer):
    """A document by its name."""

    namespace: Annotated[str, Field(description="The organization.")]
    name: Annotated[str, Field(description="The name, used once in an organization, for ever.")]


class OfferName(Answer):
    """A microservice, by the name under which the organization offers it."""

    name: Annotated[str, Field(description="The offer's name.")]


class Spec(Answer):
    """What is asked for; it never changes."""

    microservice: Annotated[OfferName, Field(description="What is asked for.")]
    requester: Annotated[str, Field(description="Who asks, by a name that they sign in with.")]
    on_behalf_of: Annotated[str, Field(description="For whom, where it is not the requester.")] = ""
    parameters: Annotated[
        Json, Field(description="The parameters, as the microservice's schema wants them.", default_factory=dict)
    ]
    targets: Annotated[list[str], Field(description="What it is done to, an execution each.", default_factory=list)]
    reason: Annotated[str, Field(description="Why, for whoever decides.")] = ""


class Said(Answer):
    """A decision that somebody made."""

    decision: Annotated[Verb | None, Field(description="The verb; null where the text was no decision.")]
    username: Annotated[str, Field(description="Who, by the name in the decision.")]
    channel: Annotated[Channel, Field(description="How it came.")]
    at: Time
    digest: Annotated[str, Field(description="The digest that it is for, where it names one.")] = ""
    reason: Annotated[str, Field(description="Why, where they said so.")] = ""


class Uncounted(Said):
    """A decision that does not count."""

    because: Annotated[str, Field(description="The word why it does not count.")]
    meaning: Annotated[str, Field(description="The same in a sentence.")]


class Stage(Answer):
    """One stage of the approval."""

    name: Annotated[str, Field(description="The stage's name in its flow.")]
    flow: Annotated[str, Field(description="Its flow: `<organization>/<name>`.")]
    quorum: Annotated[int, Field(description="How many people have to approve it.")]
    state: Annotated[StageStatus, Field(description="How it stands.")]
    decisions: Annotated[list[Said], Field(description="The decisions that count for it.")]
    can_decide: Annotated[list[str], Field(description="Who can decide it now, by username.")]


class Unable(Answer):
    """Somebody who cannot decide a stage."""

    username: Annotated[str, Field(description="Who.")]
    reason: Annotated[str, Field(description="The word why not.")]
    because: Annotated[str, Field(description="The same in a sentence.")]


class ExplainedStage(Stage):
    """One stage, with the people who cannot decide it."""

    cannot_decide: Annotated[
        list[Unable], Field(description="Who cannot decide it, and why; only people whom you may see.")
    ]


class Result(Answer):
    """What one execution came to."""

    target: Annotated[str, Field(description="Its target, where it has one.")] = ""
    state: Annotated[ResultState, Field(description="How it stands.")]
    message: Annotated[str, Field(description="What is known of it, in a sentence.")]
    exit_code: Annotated[int, Field(description="The program's exit code, where there was one.")] = 0
    started_at: Annotated[str, Field(description="When it began.")] = ""
    ended_at: Annotated[str, Field(description="When it ended.")] = ""


class ConditionShape(Answer):
    """One condition of the status."""

    type: Annotated[Literal["Ready", "Validated", "Approved", "Executed"], Field(description="Which.")]
    status: Annotated[Literal["True", "False", "Unknown"], Field(description="Whether it is so.")]
    reason: Annotated[str, Field(description="The word why.")]
    message: Annotated[str, Field(description="The same in a sentence.")]
    last_transition_time: Annotated[str, Field(description="Since when.")]
    observed_generation: Annotated[int, Field(description="1, since a spec never changes.")]


class Status(Answer):
    """What a request has come to."""

    observed_generation: Annotated[int, Field(description="1; 0 before the controller has seen it.")]
    phase: Annotated[Phase, Field(description="The phase, for people; conditions say why.")]
    digest: Digest = ""
    approve: Annotated[str, Field(description="The line that an approver would write elsewhere.")] = ""
    waiting_for: Annotated[str, Field(description="The open stages, where it waits for some.")] = ""
    conditions: Annotated[list[ConditionShape], Field(description="Ready, Validated, Approved, Executed.")]
    stages: Annotated[list[Stage], Field(description="The stages in their order.")]
    results: Annotated[list[Result], Field(description="An execution each, once it runs.")]


class RequestObject(Answer):
    """A request with its status: a document of kind Request."""

    api_version: Annotated[Literal["assent.dev/v1alpha1"], Field(description="The version of the kind.")]
    kind: Annotated[Literal["Request"], Field(description="The kind.")]
    metadata: Annotated[Named, Field(description="Its name.")]
    spec: Annotated[Spec, Field(description="What is asked for.")]
    status: Annotated[Status, Field(description="What it has come to.")]


class RequestList(Answer):
    """Requests, the newest first."""

    items: Annotated[list[RequestObject], Field(description="At most `limit` of them.")]
    next: Next


class Mail(Answer):
    """A mail about a request, and what became of it."""

    username: Annotated[str, Field(description="To whom.")]
    about: Annotated[About, Field(description="What it says.")]
    stage: Annotated[str, Field(description="About which stage, where it is about one.")]
    state: Annotated[Literal["Sent", "Failed"], Field(description="What became of it.")]
    at: Time
    message: Annotated[str, Field(description="Why it could not be sent.")] = ""


class Explanation(Answer):
    """Why a request waits, who can move it, and who cannot and why."""

    phase: Annotated[Phase, Field(description="The phase.")]
    reason: Annotated[str, Field(description="The word that matters most now.")]
    message: Annotated[str, Field(description="The same in a sentence.")]
    digest: Annotated[str | None, Field(description="What approvals are for; null where there is none yet.")]
    microservice: Annotated[str, Field(description="What the offer's name stands for: `<owner>/<name>`.")]
    approve: Annotated[str, Field(description="The line that an approver would write elsewhere.")]
    stages: Annotated[list[ExplainedStage], Field(description="The stages in their order.")]
    not_counted: Annotated[list[Uncounted], Field(description="Decisions that do not count, and why.")]
    mails: Annotated[list[Mail], Field(description="Mails about it.")]
    results: Annotated[list[Result], Field(description="An execution each, once it runs.")]
    next: Annotated[str, Field(description="What happens next, or what somebody has to do, in one sentence.")]
