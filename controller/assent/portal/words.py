"""The core's words as people read them; what a catalogue cannot know of, it is told of here.

Sentences are made in `assent.portal.sentences`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from assent.portal.menu import N_

WORDS: Final[Mapping[str, str]] = {
    # Phases.
    "Submitted": N_("Submitted"),
    "PendingApproval": N_("Waiting for approval"),
    "Approved": N_("Approved"),
    "Running": N_("Running"),
    "Succeeded": N_("Succeeded"),
    "Failed": N_("Failed"),
    "PartiallyFailed": N_("Failed in part"),
    "Unknown": N_("Outcome unknown"),
    "Invalid": N_("Invalid"),
    "Rejected": N_("Rejected"),
    "Withdrawn": N_("Withdrawn"),
    "Cancelled": N_("Cancelled"),
    "Expired": N_("Expired"),
    # States of a stage; Rejected is a phase too.
    "Waiting": N_("Waiting"),
    "Open": N_("Open now"),
    "Satisfied": N_("Satisfied"),
    # The same once the request has ended.
    "NotReached": N_("Not reached"),
    "Undecided": N_("Not decided"),
    # Types of organization.
    "Platform": N_("Platform"),
    "Partner": N_("Partner"),
    "Client": N_("Client"),
    "SubOrganization": N_("Suborganization"),
    # Links of the chain that says why something is allowed.
    "user": N_("User"),
    "role": N_("Role"),
    "entry": N_("Entry"),
    "level": N_("Level"),
    "row": N_("Row"),
    "condition": N_("Condition"),
    # Verbs of a decision.
    "approve": N_("approved"),
    "reject": N_("rejected"),
    "withdraw": N_("withdrew"),
    "cancel": N_("cancelled"),
    "settle-succeeded": N_("settled as succeeded"),
    "settle-failed": N_("settled as failed"),
    # What HTTP calls a refusal; two names are of other editions of Python.
    "Bad Request": N_("This could not be read"),
    "Unauthorized": N_("You are not signed in"),
    "Forbidden": N_("You may not do this"),
    "Method Not Allowed": N_("This cannot be done here"),
    "Conflict": N_("Something else came first"),
    "Request Entity Too Large": N_("This is too much at once"),
    "Content Too Large": N_("This is too much at once"),
    "Unprocessable Entity": N_("This cannot be done as it is"),
    "Unprocessable Content": N_("This cannot be done as it is"),
    "Too Many Requests": N_("This was too often: wait a little"),
    "Bad Gateway": N_("What this panel relies on does not answer"),
}
"""By the word as the kinds have it; a word that is not here is shown as it is."""


def word(found: str, translate: Callable[[str], str]) -> str:
    """A word of the core in the reader's language."""
    return translate(WORDS[found]) if found in WORDS else found
