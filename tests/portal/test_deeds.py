"""What a decision becomes, whichever way it came: a record, or a refusal with a status, a word and a sentence."""

import pytest

from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.core.deeds import Deed
from assent.core.seeing import waits_for
from assent.errors import NotFoundError
from assent.portal import deeds
from portal.decisions import TEMPLATE, told, world
from portal.house import house
from portal.street import ask, tell

JUAN, MARIA, ALBA = "juan@acme.example", "maria@acme.example", "alba@acme.example"
INGRID = "ingrid@platform.example"


@pytest.fixture
def home(tmp_path):
    """A request of juan's that waits for two stages, and more to ask for."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def test_a_deed_is_a_record_or_a_refusal_and_nothing_is_written_by_weighing(home):
    """What pages, links and the API ask."""
    seen = home.seen()
    deed = Deed(Ref("acme", "vdi"), "approve", MARIA, "f" * 32, home.decision("vdi").digest, "it is right")
    found = deeds.weigh(seen, deed)

    assert isinstance(found, NewRecord)
    assert ("told", "f" * 32, True) == (found.kind, found.subject, found.once)
    text = f"approve as {MARIA} for {deed.digest} because it is right"
    body = {"request": "acme/vdi", "channel": "Panel", "username": MARIA, "text": text, "signedIn": True}
    assert body == found.body
    assert 0 == told(home)


@pytest.mark.parametrize(
    ("changed", "status", "word"),
    [
        ({"username": JUAN}, 403, "SelfApproval"),
        ({"username": "ana@acme.example"}, 403, "NotEntitled"),
        ({"username": "ghost@acme.example"}, 403, "UnknownSigner"),
        ({"username": "a b"}, 422, "Malformed"),
        ({"username": "ci@acme.example"}, 403, None),
        ({"digest": "0" * 64}, 409, "DigestStale"),
        ({"digest": ""}, 422, "Malformed"),
        ({"digest": "x"}, 422, "Malformed"),
        ({"signed_in": False}, 403, "SignInRequired"),
        ({"verb": "reject", "reason": ""}, 422, "ReasonMissing"),
        ({"verb": "withdraw"}, 403, "NotEntitled"),
        ({"verb": "cancel"}, 403, "NotEntitled"),
        ({"verb": "settle-failed"}, 409, "NothingToSettle"),
    ],
)
def test_a_refusal_says_status_word_and_sentence(home, changed, status, word):
    given = {"verb": "approve", "username": MARIA, "digest": home.decision("vdi").digest, "reason": "it is right"}
    refused = deeds.weigh(home.seen(), Deed(request=Ref("acme", "vdi"), id="f" * 32, **{**given, **changed}))

    assert status == refused.status
    assert word in (None, refused.word)
    assert refused.message
    assert not refused.message.startswith("[")


def test_an_id_that_was_used_for_something_else_is_refused(home):
    deed = Deed(Ref("acme", "vdi"), "approve", MARIA, "f" * 32, home.decision("vdi").digest)
    assert deeds.tell(home.panel, home.seen(), deed) is None
    assert deeds.tell(home.panel, home.seen(), deed) is None
    other = Deed(Ref("acme", "vdi"), "approve", ALBA, "f" * 32, home.decision("vdi").digest)

    assert "IdTaken" == deeds.tell(home.panel, home.seen(), other).word
    assert 1 == told(home)


def test_a_request_that_is_not_there_is_no_refusal(home):
    with pytest.raises(NotFoundError):
        deeds.tell(home.panel, home.seen(), Deed(Ref("acme", "none"), "withdraw", JUAN, "f" * 32))


def test_what_is_offered_is_what_would_count(home):
    """For everybody: the pass counts what is offered, and nothing else is."""
    people = ["juan", "maria", "alba", "fina", "omar", "ana", "ci"]
    found = {one: {*deeds.possible(home.seen(), Ref("acme", "vdi"), f"{one}@acme.example")} for one in people}

    assert found["juan"] == {"withdraw"}
    assert found["maria"] == found["fina"] == {"approve", "reject"}
    assert found["alba"] == {"approve", "reject", "cancel"}
    assert not found["omar"] | found["ana"] | found["ci"]
    assert {"approve", "reject"} == {*deeds.possible(home.seen(), Ref("acme", "vdi"), INGRID)}  # her stage waits
    assert not waits_for(home.decision("vdi"), Ref("platform", "ingrid"))
    tell(home, MARIA, "approve", "vdi")
    assert {"reject"} == {*deeds.possible(home.seen(), Ref("acme", "vdi"), MARIA)}
