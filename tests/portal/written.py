"""Requests that people are written to about, for the tests of mails.

life = waiting()                 # bea and ben of b have addresses, and can decide the stage `platform/f/lead`
letter = letters(life)["b/bea"]
"""

from assent.core.letters import due
from assent.portal.mails import outbox
from builders import flow, organization, stage, use, user
from core.lives import Life, company, offering

LEAD = stage("lead", "Requesting")
STAGE = "platform/f/lead"

MAILED = (
    user("b/bea", "approves", email="bea@b.example", language="es-MX"),
    user("b/ben", "approves", email="ben@b.example"),
    user("b/rita", "asks", email="rita@b.example", language="pt"),
)
"""People with addresses; all others have none."""

SCHEMA = {
    "type": "object",
    "properties": {"count": {"type": "integer", "title": "How many"}, "password": {"type": "object", "secret": True}},
}


def waiting(*documents, stages=(LEAD,), asked=None, rules=None, at="b/r1", **offered):
    """A request that waits for these stages of the flow `platform/f`."""
    given = {"parameters": SCHEMA, "targetRules": {"maxItems": 50}, "approvals": [use("platform/f")], **offered}
    called = organization("b", "Client", "a", displayName="Beta & Sons")
    everybody = [*company(), called, *MAILED, offering(**given), flow("platform/f", *stages, **(rules or {}))]
    return Life(*everybody, *documents, at=at, **(asked or {}))


def letters(life, about="Opened", baseline=None):
    """The mails that are due of one sort, by their readers."""
    found = due(life.world, life.decision, life.now, baseline)
    return {str(one.person): one for one in found if one.about == about}


def mailed(life, letter, state="Sent", message=""):
    """The ledger says what became of the mail."""
    record = outbox.sent(letter)
    record.body.update(state=state, message=message)
    life.note(record)
