"""Every reason of the core in a sentence: why a request waits, how it ended, why something does not count."""

from collections.abc import Mapping
from typing import Final

from assent.portal.menu import N_
from assent.portal.sentences import Translate

WAITS: Final[Mapping[str, str]] = {
    "AmbiguousOffer": N_("The organization has two offers of this name; one of them has to go."),
    "ConcurrencyLimit": N_("As many runs of this microservice are going on as may run at once in the organization."),
    "DigestImpossible": N_("There can be no digest of this request, so nobody could approve it."),
    "EnabledTwice": N_("The microservice is enabled twice here, so neither counts; one of them has to go."),
    "NoFlowApplies": N_("Somebody has to approve this, but the conditions of all approval flows leave it out."),
    "NotOffered": N_("The organization does not offer this: it is archived, disabled, not visible or not subscribed."),
    "OrganizationBroken": N_("The organization has no sound place in the tree, so nothing is allowed in it."),
    "ParametersRefused": N_("The parameters are not what the microservice asks for."),
    "PlatformStageMissing": N_("This deploys resources under a managed tier, and no stage is the Platform's."),
    "ReferenceNotFound": N_("Something that the request or its microservice refers to is not there yet."),
    "RequesterNotAllowed": N_("Whoever asks lacks a right that the request needs."),
    "RequesterUnknown": N_("Nobody is known by the name of whoever asks, or of the person for whom they ask."),
    "RequesterUnproven": N_("Nothing proves who has asked for this: neither a signature nor a login."),
    "RunnerNotAvailable": N_("The controller has nothing by which it could run this microservice."),
    "TargetsRefused": N_("The targets are not what the microservice asks for."),
    "WaitingForApproval": N_("It waits for approval."),
}

DETAILS: Final[Mapping[str, str]] = {
    "BeneficiaryChanged": N_("The name %(username)s means another person than when this was asked for."),
    "FlowMissing": N_("The approval flow %(flow)s is named, and does not exist."),
    "FlowNotUsable": N_("The approval flow %(flow)s is named by an organization that may not use it."),
    "MicroserviceMissing": N_("The microservice %(service)s is enabled, and does not exist."),
    "NobodyNamed": N_("Nobody signs in by the name %(username)s."),
    "OfferMissing": N_("%(organization)s offers nothing by the name %(name)s."),
    "RightMissing": N_("%(username)s lacks a right in %(organization)s: %(permission)s."),
    "RoleMissing": N_("%(username)s has none of the roles that may ask for this."),
    "RunsFull": N_(
        "As many runs of this are going on in %(organization)s as may run at once: the greatest number is %(limit)s."
    ),
    "Unproven": N_("Nothing proves that %(username)s has asked for this: neither a signature nor a login."),
}
"""By `core.holds.DETAILS`: the same reasons with what they are about."""

ENDS: Final[Mapping[str, str]] = {
    "Cancelled": N_("Somebody with the right to cancel ended it before it ran."),
    "DecisionDeadline": N_("It was not approved in time."),
    "LedgerRestarted": N_("It was there when an empty ledger began, so it never runs."),
    "NameUsedBefore": N_("Another request has had this name, and a name is used once; ask anew by another name."),
    "NumberTooLarge": N_("It holds a number that is too large for all who read it."),
    "ObjectDeleted": N_("Its object was deleted from the cluster before it ran."),
    "Rejected": N_("An approver rejected it."),
    "RunDeadline": N_("It was approved, but did not start in time."),
    "RunFailed": N_("The run failed."),
    "RunPartlyFailed": N_("The run ended; some targets failed."),
    "RunSucceeded": N_("The run succeeded."),
    "RunUnknown": N_("How the run ended cannot be known; a person says it."),
    "Withdrawn": N_("Whoever asked for it withdrew it."),
}

STATES: Final[Mapping[str, str]] = {
    "AllStagesSatisfied": N_("It is approved, and runs when the controller looks next."),
    "DeletionHeld": N_("Something depends on it or lives in it, so it is not deleted yet."),
    "InForce": N_("It is in force."),
    "NamespaceConflict": N_("The namespace of this name is somebody else's."),
    "NoApprovalNeeded": N_("Nobody has to approve it."),
    "NotKeptUp": N_("What it needs in the cluster could not be made or put right, or not yet."),
    "NotRun": N_("It has not run."),
    "ProblemsFound": N_("Something is wrong with it; “assent check” finds what."),
    "Running": N_("It is running."),
    "Valid": N_("It is valid."),
}

NOT_COUNTED: Final[Mapping[str, str]] = {
    "AlreadyClaimed": N_("The run had begun; after that nothing is called back."),
    "AlreadyJudged": N_("The same person had decided the same already."),
    "ApprovalsUntrusted": N_("It could not be relied on who wrote it when it was written; write it again."),
    "ApproverTooNew": N_("The person became an approver after the request was first seen."),
    "ChannelNotAccepted": N_("The approval flow does not accept decisions that come this way."),
    "DigestStale": N_("It was for another digest than the request has now: what it comes to has changed."),
    "Malformed": N_("What was written is no decision."),
    "NameTooNew": N_("The person was given this name or key by somebody else after the request was first seen."),
    "NotAnApprover": N_("The person is no approver of any stage."),
    "NotAutomation": N_("An automation never counts for a stage."),
    "NotEntitled": N_("The person lacks the right that this decision needs."),
    "NothingToDecide": N_("The request cannot be judged at the moment, so there is no digest to decide on."),
    "NothingToSettle": N_("Only of a run whose end is unknown, or that a person does, somebody says how it ended."),
    "NotIndependent": N_("The person was vouched for by whoever asks, or by another approver who counts."),
    "OnBehalfOf": N_("The request is for this person, who may not approve it."),
    "RequestEnded": N_("The request had ended already."),
    "RequestNotFound": N_("There is no request of this name."),
    "RightLost": N_("The person has lost the right since."),
    "SelfApproval": N_("Nobody approves their own request."),
    "SignerMismatch": N_("It is in the name of one person, and another wrote it."),
    "SignInRequired": N_("The approval flow asks for people who have signed in."),
    "Suspended": N_("The person is suspended."),
    "TooLate": N_("It came after the deadline."),
    "UnknownSigner": N_("The key that signed it belongs to nobody."),
    "Unproven": N_("Nothing proves who wrote it."),
}

CHANGES: Final[Mapping[str, str]] = {
    "AdoptionRequired": N_("The document stands refused; it has to be restored, or taken over on purpose."),
    "AuthorNotAllowed": N_("Whoever wrote it lacks the right to do so."),
    "AuthorUnproven": N_("No signature of a user's brought it in."),
    "CeilingExceeded": N_("Somebody would gain what whoever wrote it does not hold."),
    "DeclaredTwice": N_("Two documents have this name; the one in force stays."),
    "Invalid": N_("The document is not written as its kind asks for."),
    "NotConferable": N_("The document gives power that whoever wrote it could not give."),
    "ReferenceMissing": N_("It refers to something that is not there."),
    "RequestChanged": N_("What a request asks for never changes; ask anew instead."),
    "RequestDeleted": N_("Only whoever asked takes an open request away."),
    "RestrictedField": N_("This field may be changed by particular people only."),
    "StillNeeded": N_("Something else still depends on it."),
    "TooManyUnsigned": N_("A commit without a user's signature brought in too many new requests."),
    "TypeChanged": N_("An organization's type never changes."),
    "Unreadable": N_("A file that the commit brought in cannot be read."),
    "WorldBroken": N_("The change would break the tree, or make two people look alike."),
    "WrittenOverAnother": N_("It was written over another version than the one in force, and would undo that unseen."),
}

REASONS: Final[Mapping[str, str]] = {**WAITS, **ENDS, **STATES, **NOT_COUNTED, **CHANGES}
"""By the word of `api.conditions`."""

NO_REASON: Final = N_("A reason is plain text on one line; this one holds characters that cannot be seen.")


def meaning(word: str, _: Translate) -> str:
    """What a word of `api.conditions` means; the word itself where it is of another version."""
    return _(REASONS[word]) if word in REASONS else word


def refusal(word: str, message: str, _: Translate) -> str:
    """Why a decision was not taken; `message` is a message of the panel's own, where the word is."""
    if word == "Malformed":
        return _(NO_REASON)
    return _(NOT_COUNTED.get(word, message))
