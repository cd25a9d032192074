"""Every condition type, reason and verdict on a decision, with its meaning: one table, alphabetical within each part.

The reference docs are checked against it. A reason is a stable word for machines; the message beside it is for people.
"""

from dataclasses import dataclass
from typing import Literal

ConditionType = Literal["Approved", "Executed", "Ready", "Validated"]
ConditionStatus = Literal["True", "False", "Unknown"]

CONDITIONS: dict[str, str] = {
    "Approved": "Every stage is satisfied by proven, entitled, distinct people on the present digest.",
    "Executed": "The run has ended and its results are recorded.",
    "Ready": "Nothing is left to do: the document is in force, or the request has ended as it was meant to.",
    "Validated": "The request names what exists, by somebody who may ask for it, with parameters that are accepted.",
}

UNDECIDABLE: dict[str, str] = {
    "AmbiguousOffer": "The organization has two offers of this name.",
    "EnabledTwice": "The organization, or its Client, has two enablements of the microservice, so neither counts.",
    "NoFlowApplies": "The microservice names approval flows, but the condition of none of them holds.",
    "NotOffered": "The organization does not offer it: archived, disabled, not visible or not subscribed.",
    "OrganizationBroken": "The organization's line has a cycle or a missing parent: nothing is allowed there.",
    "ParametersRefused": "The parameters do not match what the microservice and its enablement ask for.",
    "PlatformStageMissing": "It deploys resources under a managed tier, and no stage is the Platform's.",
    "ReferenceNotFound": "Something that the request or its microservice refers to is not there yet.",
    "RequesterNotAllowed": "The requester lacks a right that the request needs.",
    "RequesterUnknown": "No user has the name that the request gives as its requester or as on whose behalf it is.",
    "RequesterUnproven": "Neither a signature nor a login of the requester's brought the request in.",
    "TargetsRefused": "The targets do not match what the microservice and its enablement ask for.",
}
"""Why a request cannot be decided yet; each can be mended by a document or a person."""

WAITS: dict[str, str] = {
    "ConcurrencyLimit": "As many runs of this microservice as may run at once in the organization are running.",
    "DigestImpossible": "The request cannot be digested, so nobody could approve it.",
    "RunnerNotAvailable": "The controller has no runner that the microservice can use.",
    "WaitingForApproval": "At least one stage is not satisfied.",
}
"""Why a request that can be decided does not run yet."""

HOLDS: dict[str, str] = dict(sorted({**UNDECIDABLE, **WAITS}.items()))
"""Why a request waits; each can be mended by a document, a person or time."""

ENDS: dict[str, str] = {
    "Cancelled": "Somebody with the right to cancel ended it before it ran.",
    "DecisionDeadline": "Not every stage was satisfied in the time that the flow gives.",
    "LedgerRestarted": "It was there when an empty ledger started, so it never runs.",
    "NameUsedBefore": "Another request has had this name; a name is used once in an organization.",
    "NumberTooLarge": "An integer beyond 2^53-1 stands in it, which readers of JSON do not agree on.",
    "ObjectDeleted": "Its object was deleted from the cluster before it ran.",
    "Rejected": "An approver rejected it.",
    "RunDeadline": "It was approved, but did not start in the time that the flow gives.",
    "RunFailed": "The run ended, and failed.",
    "RunPartlyFailed": "The run ended; some targets failed.",
    "RunSucceeded": "The run ended, and succeeded.",
    "RunUnknown": "The run's outcome cannot be known; a person settles it.",
    "Withdrawn": "The requester withdrew it.",
}
"""How a request ends."""

STATES: dict[str, str] = {
    "AllStagesSatisfied": "Every stage is satisfied.",
    "DeletionHeld": "Something depends on the organization, or lives in it, so it is not deleted yet.",
    "InForce": "The document is in force.",
    "NamespaceConflict": "The namespace of the organization's name is somebody else's.",
    "NoApprovalNeeded": "The microservice names no approval flow.",
    "NotKeptUp": "What the organization needs in the cluster could not be made or put right, or not yet.",
    "NotRun": "It has not run.",
    "ProblemsFound": "Something is wrong with the document; `assent check` finds the same.",
    "Running": "It is running.",
    "Valid": "The request is valid.",
}
"""What else a condition says."""

NOT_COUNTED: dict[str, str] = {
    "AlreadyClaimed": "The run had been claimed; after that nothing is called back.",
    "AlreadyJudged": "The same person has decided the same already.",
    "ApprovalsUntrusted": "The admission policies could not be relied on when it was written; write it again.",
    "ApproverTooNew": "The person was made an approver after the request was first seen.",
    "ChannelNotAccepted": "The flow does not accept decisions that come this way.",
    "DigestStale": "The digest it names is not the request's present one.",
    "Malformed": "The text is no decision.",
    "NameTooNew": "The name or key was given to the person by somebody else after the request was first seen.",
    "NotAnApprover": "The person is no approver of any stage.",
    "NotAutomation": "An Automation never counts toward a stage.",
    "NotEntitled": "The person lacks the right that this decision needs.",
    "NothingToDecide": "The request cannot be judged at the moment, so there is no digest that this could be for.",
    "NothingToSettle": "Only a run that is unknown, or that a person does, is settled.",
    "NotIndependent": "The person was vouched for by the requester or by another approver counted.",
    "OnBehalfOf": "The request is made on behalf of this person, who may not approve it.",
    "RequestEnded": "The request had ended already.",
    "RequestNotFound": "There is no request of this name.",
    "RightLost": "The person has lost the right since.",
    "SelfApproval": "The requester approves their own request.",
    "SignerMismatch": "The line names one person, and another wrote it.",
    "SignInRequired": "The flow asks approvers to sign in to decide.",
    "Suspended": "The person is suspended.",
    "TooLate": "It came after the deadline.",
    "UnknownSigner": "The commit is signed by a key that is nobody's in force.",
    "Unproven": "Nothing proves who wrote it.",
}
"""Why a decision does not count."""

CHANGE_REFUSED: dict[str, str] = {
    "AdoptionRequired": "The document stands refused; restore it, or take it over by an Assent-Adopt trailer.",
    "AuthorNotAllowed": "The author lacks the right that governs this kind and verb.",
    "AuthorUnproven": "No signature of a user's brought the change in.",
    "CeilingExceeded": "Somebody would gain what the author does not hold there.",
    "DeclaredTwice": "Two documents have this name; the one in force stays.",
    "Invalid": "The document does not follow its kind's contract.",
    "NotConferable": "The document gives power today that the author could not give.",
    "ReferenceMissing": "It refers to something that is not there.",
    "RequestChanged": "A request's spec never changes.",
    "RequestDeleted": "Only its requester takes an open request away.",
    "RestrictedField": "This field may be changed by particular people only.",
    "StillNeeded": "Something else still depends on it.",
    "TooManyUnsigned": "A commit without a user's signature brings in more than 100 new requests.",
    "TypeChanged": "An organization's type never changes.",
    "Unreadable": "A file that the commit brought in cannot be read.",
    "WorldBroken": "The change would break the tree, or make two people look alike.",
    "WrittenOverAnother": "It was written over another version than the one in force, and would undo that unseen.",
}
"""Why a change of configuration is not in force."""

REASONS: dict[str, str] = {**HOLDS, **ENDS, **STATES, **NOT_COUNTED, **CHANGE_REFUSED}
"""All of them."""


def rule_id(reason: str) -> str:
    """A reason as the id of a finding of `check --base`: `AuthorNotAllowed` is `base-author-not-allowed`."""
    return "base" + "".join(f"-{char.lower()}" if char.isupper() else char for char in reason)


JUDGED: dict[str, str] = {
    rule_id(reason): meaning
    for reason, meaning in {
        **CHANGE_REFUSED,
        **NOT_COUNTED,
        **UNDECIDABLE,
        "NameUsedBefore": ENDS["NameUsedBefore"],
        "NumberTooLarge": ENDS["NumberTooLarge"],
    }.items()
}
"""What `check --base` finds, by the ids of findings."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `reason` is a word of the table, `message` a sentence that stays the same for the same problem."""

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str
