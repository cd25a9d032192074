"""What the panel and its mails were told, as state: what waits, what is judged, and whose a request is through it."""

import pytest

from assent.api.ledger import NewRecord, Record
from assent.api.mailings import Mailing
from assent.api.records import EVIDENCE, KINDS
from assent.core.intake import Intake
from assent.core.notebook import Notebook
from assent.core.state import State, advance, fold
from assent.core.tellings import judge, proven, waiting
from builders import ref, request
from core.branch import history, opened
from core.lives import NOW
from core.papers import commit
from tellings import asking, left, mailing, telling

REJECTION = "reject as bea@b because no"


def spec(**more):
    return request("b/r1", "vdi", "rita@b", **more).plain()["spec"]


def judged(found):
    """The history after a pass that judges what waits."""
    notebook = Notebook(found.state, found.world)
    judge(notebook, NOW)
    return found.note(*notebook.records), notebook


def test_evidence_is_known_by_its_kinds():
    """What panel and mail write is of the ledger's kinds, and no other kind is evidence."""
    assert {"asked", "told", "mailed", "signedOut"} == EVIDENCE < set(KINDS)


def test_what_is_told_waits_until_its_verdict():
    """A telling is known with everything that was said, until a verdict names it as its proof."""
    one = telling("bea@b", REJECTION, name="a" * 32)
    found = opened().note(one)
    (told,) = found.state.told.values()

    assert ("a" * 32, ref("b/r1"), "Panel", "bea@b", REJECTION, True, found.state.sequence) == (
        told.id,
        told.request,
        told.channel,
        told.username,
        told.text,
        told.signed_in,
        told.sequence,
    )
    assert waiting(found.state, found.world)
    judged(found)
    assert ({}, False) == (found.state.told, waiting(found.state, found.world))
    assert [f"told:{'a' * 32}"] == [one.proof for one in found.case("b/r1").voices]


@pytest.mark.parametrize("proof", ["a" * 32, f"uid:{'a' * 32}", "", f"told:{'b' * 32}"])
def test_a_verdict_on_anything_else_leaves_it_waiting(proof):
    """Only the verdict on this very telling ends its waiting."""
    found = opened().note(telling("bea@b", REJECTION, name="a" * 32))
    body = {"verb": "reject", "username": "ben@b", "person": "b/ben", "channel": "Annotation", "proof": proof}
    found.note(NewRecord("decided", "b/r1", body))

    assert {"a" * 32} == set(found.state.told)


def test_a_verdict_on_a_request_that_is_not_there_ends_the_waiting():
    """A telling on nothing is judged as well, and known no more."""
    found, notebook = judged(opened().note(telling("bea@b", REJECTION, request="b/ghost")))

    assert ["RequestNotFound"] == [one.body["because"] for one in notebook.records]
    assert ({}, None) == (found.state.told, found.case("b/ghost"))


def test_they_are_judged_in_the_order_of_the_ledger():
    """What was told first counts, whatever the tellings are called."""
    names = [letter * 32 for letter in "cab"]
    found = opened().note(*(telling("bea@b", REJECTION, name=name) for name in names))
    _, notebook = judged(found)

    assert [f"told:{name}" for name in names] == [
        one.body["proof"] for one in notebook.records if one.kind == "decided"
    ]
    assert ["decided", "validated", "ended", "decided", "decided"] == [one.kind for one in notebook.records]


def test_nothing_that_waits_is_nothing_to_write():
    """Where nothing was told, judging writes nothing down."""
    found = opened().note(mailing(), left())
    _, notebook = judged(found)

    assert ([], False) == (notebook.records, waiting(found.state, found.world))


def test_what_is_told_is_judged_before_the_commits_of_the_same_pass():
    """What stands in the ledger comes before what was not read yet."""
    found = opened().note(telling("rita@b", "withdraw as rita@b"))
    intake = Intake(found.state, found.world, found.known.forced, documents=found.look_up)
    judge(intake, NOW)
    intake.take(commit("b/bea", says=[("b/r1", REJECTION)]), NOW)

    assert ["", "RequestEnded"] == [one.body.get("because", "") for one in intake.records if one.kind == "decided"]


@pytest.mark.parametrize(
    ("evidence", "whose"),
    [
        pytest.param(asking(spec()), "b/rita", id="the-very-one"),
        pytest.param(asking(dict(reversed(spec().items()))), "b/rita", id="in-another-order"),
        pytest.param(asking(spec(), "bea@b"), None, id="somebody-else"),
        pytest.param(asking(spec(), "nobody@b"), None, id="nobody"),
        pytest.param(asking(spec(reason="so")), None, id="another-spec"),
        pytest.param(asking(spec(), request="b/r2"), None, id="another-name"),
        pytest.param(asking({**spec(), "parameters": {"n": 2**53}}), None, id="what-is-no-number-of-json"),
    ],
)
def test_whose_a_request_is_that_nobody_signed(evidence, whose):
    """Name, spec and person together prove it; `proven` says it only as long as nothing else does."""
    found = history().take(commit(None, request("b/r1", "vdi", "rita@b")))
    body = evidence.body
    state = advance(found.state.copy(), Record(99, NOW, "asked", evidence.subject, body))
    expected = {ref("b/r1"): ref(whose)} if whose else {}

    assert expected == proven(state, found.world)
    assert bool(expected) == waiting(state, found.world)


def test_a_number_that_json_cannot_say_is_nobodys():
    """Of a document with an integer beyond 2^53-1 no evidence is the same, and comparing them is no error."""
    large = request("b/r1", "vdi", "rita@b", parameters={"n": 10**18})
    notebook = Notebook(fold([Record(1, NOW, "asked", "b/r1", asking(_floated(large)).body)]), history().world)

    assert notebook.asked_by(ref("b/r1"), large.spec) is None


def _floated(document):
    return {**document.plain()["spec"], "parameters": {"n": 1e18}}


def test_proof_of_the_requester_is_written_once():
    """Once it is recorded whose a request is, there is nothing to prove any more."""
    found = history().take(commit(None, request("b/r1", "vdi", "rita@b"))).note(asking(spec()))
    _, notebook = judged(found)
    _, again = judged(found)

    assert [("proven", {"provenBy": "b/rita", "commit": ""})] == [(one.kind, one.body) for one in notebook.records]
    assert ([], {}) == (again.records, found.state.asked)


def test_a_mail_is_known_by_its_key():
    """What became of a mail last is what is known of it; of a request that is not there nothing is."""
    found = opened().note(mailing(state="Failed", digest="d"), mailing(key="k2", request="b/ghost"))
    failed = found.case("b/r1").mails
    found.note(mailing(digest="d"))
    why = "the mail server refused it"

    assert {"k1": mail("Failed", why)} == failed
    assert {"k1": mail("Sent", "")} == found.case("b/r1").mails


def mail(state, message):
    return Mailing("k1", ref("b/r1"), "bea@b", "Opened", "platform/f/lead", "d", state, message, NOW)


def test_sessions_that_are_over_are_known_for_ever():
    """Whoever signed out stays signed out, whatever is written later."""
    one = left()
    found = opened().note(one, mailing())

    assert {one.subject: NOW} == found.state.signed_out


def test_evidence_moves_neither_the_world_nor_a_decision():
    """The digest and the decision of a request are the same before and after everything that panel and mail write."""
    found = opened()
    before, world = found.decision("b/r1"), found.world
    found.note(mailing(state="Failed"), left(), telling("ben@b", "yes"), asking(spec(), request="b/r9"))
    judged(found)
    after = found.decision("b/r1")

    assert world == found.world
    assert (before.phase, before.digest, before.valid, before.claim) == (
        after.phase,
        after.digest,
        after.valid,
        after.claim,
    )


def test_a_state_of_ones_own_shares_nothing():
    """What is folded on from a copy is not known to whoever holds the original."""
    state = State()
    advance(state.copy(), Record(1, NOW, "told", "t", telling("bea@b", "x").body))
    advance(state.copy(), Record(1, NOW, "asked", "b/r1", asking(spec()).body))
    advance(state.copy(), Record(1, NOW, "signedOut", "s", left().body))

    assert ({}, {}, {}) == (state.told, state.asked, state.signed_out)
