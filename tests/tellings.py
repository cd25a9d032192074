"""What panel and mail write down, for tests: decisions, requests that were asked for, mails and sessions that ended.

`WORDS` is every decision that can be made there, on the company of the tests, with the word that it comes to.
"""

from dataclasses import dataclass, field
from itertools import count

from assent.api.ledger import NewRecord
from builders import flow, role, stage, user
from core.lives import NOW
from core.memory import Book

_ids = count(1)
ANY = "{digest}"
"""Stands in a line for the digest of the request that waits."""


def telling(username, text, *, request="b/r1", channel="Panel", signed_in=True, name=""):
    """Somebody decided in the panel, or by a mail's link."""
    body = {"request": request, "channel": channel, "username": username, "text": text, "signedIn": signed_in}
    return NewRecord("told", name or f"{next(_ids):032x}", body, once=True)


def asking(spec, username="rita@b", *, request="b/r1"):
    """Somebody asked for a request in the panel."""
    return NewRecord("asked", request, {"spec": spec, "username": username}, once=True)


def mailing(username="bea@b", *, key="k1", state="Sent", digest="", request="b/r1", **more):
    """What became of a mail."""
    body = {"request": request, "username": username, "about": "Opened", "stage": "platform/f/lead", "digest": digest}
    why = "" if state == "Sent" else "the mail server refused it"
    return NewRecord("mailed", key, {**body, "state": state, "message": why, **more})


def left(username="bea@b"):
    """Somebody signed out of the panel."""
    return NewRecord("signedOut", f"{next(_ids):032x}", {"username": username}, once=True)


def write(book, *records, at=NOW):
    """The panel writes: it stands beside the controller, and says nothing of what it has read."""
    return book.append(list(records), at)


def filled(desk, text):
    """The line, about the digest of the desk's request r1."""
    return text.replace(ANY, desk.decision("r1").digest or "")


def told(desk, username, text, **more):
    """Somebody says so in the panel beside this desk; which telling it is."""
    one = telling(username, filled(desk, text), **more)
    write(desk.book, one, at=desk.now)
    return one.subject


def verdicts(desk, name=""):
    """The bodies of all verdicts, or of those on one telling."""
    found = [one.body for one in desk.book.of("decided")]
    return [one for one in found if not name or one["proof"] == f"told:{name}"]


@dataclass(frozen=True)
class Said:
    """A decision, and where it is made: documents over the company, fields of the microservice, who says what."""

    username: str
    text: str
    word: str = ""
    phase: str = "PendingApproval"
    documents: tuple = ()
    service: dict = field(default_factory=dict)
    before: tuple = ()


def people(*names, quorum=2, **rules):
    """A flow whose one stage names these people of b."""
    people = [{"organization": "b", "name": name} for name in names]
    return flow("platform/f", stage("lead", users=people, quorum=quorum), **rules)


MANUAL = {"run": {"manual": {"instructions": "Do it."}}}
ALIASED = user("b/rita", "asks", aliases=["margarita@b"])
LOST = role("b/approves", {"*": {"automate": "Viewer"}})
APPROVED = ("bea@b", f"approve as bea@b for {ANY}")
GONE = ("rita@b", "withdraw as rita@b")
DONE = ("max@b", "settle-succeeded as max@b because it is done")

WORDS = {
    "approve": Said("bea@b", f"approve as bea@b for {ANY} because it is fine", documents=(people("bea", "ben"),)),
    "reject": Said("bea@b", "reject as bea@b because no", phase="Rejected"),
    "reject-a-digest": Said("bea@b", f"reject as bea@b for {ANY} because no", phase="Rejected"),
    "withdraw": Said("rita@b", "withdraw as rita@b", phase="Withdrawn"),
    "cancel": Said("max@b", "cancel as max@b because so", phase="Cancelled"),
    "settle": Said(*DONE, phase="Succeeded", service=MANUAL, before=(APPROVED,)),
    "settle-as-failed": Said(
        "max@b", "settle-failed as max@b because no", phase="Failed", service=MANUAL, before=(APPROVED,)
    ),
    "rule-9-oneself": Said(
        "rita@b", f"approve as rita@b for {ANY}", "SelfApproval", documents=(people("rita", "bea", "ben"),)
    ),
    "rule-9-by-an-alias": Said(
        "margarita@b",
        f"approve as margarita@b for {ANY}",
        "SelfApproval",
        documents=(people("rita", "bea", "ben"), ALIASED),
    ),
    "rule-9-an-alias-that-names-the-other": Said(
        "margarita@b",
        f"approve as rita@b for {ANY}",
        "SelfApproval",
        documents=(people("rita", "bea", "ben"), ALIASED),
    ),
    "another-digest": Said("bea@b", f"approve as bea@b for {'0' * 64}", "DigestStale"),
    "no-approver": Said("alba@a", f"approve as alba@a for {ANY}", "NotAnApprover"),
    "not-entitled-to-cancel": Said("bea@b", "cancel as bea@b because so", "NotEntitled"),
    "not-the-requester": Said("max@b", "withdraw as max@b", "NotEntitled"),
    "suspended": Said(
        "bea@b",
        f"approve as bea@b for {ANY}",
        "Suspended",
        documents=(user("b/bea", "approves", suspended=True),),
    ),
    "without-the-right": Said("bea@b", f"approve as bea@b for {ANY}", "NotEntitled", documents=(LOST, people("bea"))),
    "again": Said(*APPROVED, "AlreadyJudged", documents=(people("bea", "ben"),), before=(APPROVED,)),
    "behind-the-end": Said("bea@b", "reject as bea@b because no", "RequestEnded", "Withdrawn", before=(GONE,)),
    "behind-the-claim": Said(
        "rita@b", "withdraw as rita@b", "AlreadyClaimed", "Running", service=MANUAL, before=(APPROVED,)
    ),
    "nothing-to-settle": Said(*DONE, "NothingToSettle"),
    "nothing-to-decide": Said(
        "bea@b", "reject as bea@b because no", "NothingToDecide", "Submitted", service={"state": "Archived"}
    ),
    "in-anothers-name": Said("bea@b", f"approve as ben@b for {ANY}", "SignerMismatch"),
    "malformed": Said("bea@b", "yes, please", "Malformed"),
    "malformed-by-a-character": Said("bea@b", "reject as bea@b because \u202ex", "Malformed"),
    "malformed-by-its-length": Said("bea@b", f"reject as bea@b because {'x' * 600}", "Malformed"),
    "empty": Said("bea@b", "", "Malformed"),
}
"""Decisions that say in the panel exactly what they would say as an annotation, on the digest of the request `r1`."""

ONLY_TOLD = {
    "channel": (people("bea", accepts=["Annotation"]), {}, "ChannelNotAccepted"),
    "another-channel": (people("bea", accepts=["Mail"]), {}, "ChannelNotAccepted"),
    "by-a-link": (people("bea", "ben", accepts=["Mail"], signInToDecide=False), {"channel": "Mail"}, ""),
    "by-a-link-and-nobody-signed-in": (
        people("bea", "ben", signInToDecide=False),
        {"channel": "Mail", "signed_in": False},
        "",
    ),
    "signed-in": (people("bea", "ben"), {"channel": "Mail"}, ""),
    "not-signed-in": (people("bea"), {"channel": "Mail", "signed_in": False}, "SignInRequired"),
}
"""Approvals of bea's where the way in which they come matters: the flow, how it comes, and the word."""


class Busy(Book):
    """A ledger beside which panel and mail write: `meanwhile` is what they write right before a record of a kind."""

    def __init__(self):
        super().__init__()
        self.meanwhile = {}

    def append(self, records, at, after=None):
        """Writes the records, unless somebody wrote right before."""
        for kind in {one.kind for one in records} & self.meanwhile.keys():
            super().append(self.meanwhile.pop(kind), at)
        return super().append(records, at, after)
