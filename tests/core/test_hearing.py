"""One decision heard: who is proven to have written it, whether it counts, and the one word why it does not."""

from dataclasses import replace

import pytest

from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import VERBS
from assent.api.evidence import Entry, Version
from assent.api.sightings import Sighting
from assent.core.admitted import Admitted
from assent.core.hearing import Heard, Speaker, hear
from assent.core.state import State
from builders import flow, ident, public_key, ref, request, stage, use, user
from core.lives import NOW, Life, company, offering
from core.papers import History, commit, signer

LEAD = stage("lead", "Requesting")
MANUAL = {"manual": {"instructions": "Do it."}}
PROCESS = {"process": {"program": "p"}}


def asking(*documents, run=MANUAL, asked=None, stages=(LEAD,), **rules):
    """A request that waits for these stages."""
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"}, run=run)
    return Life(*company(), one, flow("platform/f", *stages, **rules), *documents, **(asked or {}))


def claimed(run=MANUAL):
    """A request whose run has been claimed."""
    life = asking(run=run)
    life.say("b/bea")
    life.claim()
    return life


def running(run=MANUAL, state="Running"):
    """A request whose one execution has come to this."""
    life = asking(run=run)
    life.say("b/bea")
    plan = life.claim()
    life.record(plan.executions[0], state)
    return life.end()


def withdrawn():
    life = asking()
    life.say("b/rita", "withdraw")
    return life.end()


def too_new():
    """A life in which somebody else gave bea a new key."""
    life = asking()
    life.change(user("b/bea", "approves", signingKeys=[{"publicKey": public_key("lent")}]))
    return life.wrote("User/b/bea", "b/max", **{f"key_{signer('lent')}": "b/max"})


def lost(word):
    """What becomes of bea's approval, by what happens after it."""
    life = asking(independentApprovers=True)
    life.say("b/bea")
    if word == "RightLost":
        life.change(user("b/bea"))
    else:
        life.wrote("User/b/bea", "b/rita")
    return life.dropped()["b/bea"]


def from_commit(by, line):
    """What is heard of a line that a commit brings in."""
    found = History(*company(), offering()).take(commit("b/rita", request("b/r1", "vdi", "rita@b")))
    found.take(commit(by, says=[("b/r1", line)]))
    return found.case("b/r1").voices[-1].because


def unguarded(line):
    """What is heard of an entry that was written while admission could not be relied on."""
    world = History(*company(), offering()).world
    book = Admitted(State(), world, world)
    asked = request("b/r1", "vdi", "rita@b")
    one = Sighting(ident("Request/b/r1"), "u1", Version("d", "u1", 0), "rita@b", asked)
    book.request(one, NOW)
    book.entries(replace(one, entries=(Entry(ref("b/r1"), "e", line),)), NOW, trusted=False)
    return book.state.cases[ref("b/r1")].voices[-1].because


def on_nothing():
    found = History(*company()).take(commit("b/bea", says=[("b/ghost", "reject as bea@b because no")]))
    return found.records[-1].body["because"]


BOT = user("b/bot", "approves", type="Automation")
NAMED = stage("lead", users=[{"organization": "b", "name": name} for name in ("bot", "wanda", "bea", "new", "rita")])
LATE = "approve as bea@b for " + "0" * 64

CASES = {
    "AlreadyClaimed": lambda: claimed().say("b/rita", "withdraw"),
    "AlreadyJudged": lambda: [
        (life := asking(stages=(stage("l", "Requesting", quorum=2),))).say("b/bea"),
        life.say("b/bea"),
    ][1],
    "ApprovalsUntrusted": lambda: unguarded("approve as bea@b for " + "0" * 64),
    "ApproverTooNew": lambda: asking(stages=(NAMED,)).change(user("b/new", "approves")).say("b/new"),
    "ChannelNotAccepted": lambda: asking(accepts=["Mail"]).say("b/bea"),
    "DigestStale": lambda: asking().say("b/bea", digest="0" * 64),
    "Malformed": lambda: from_commit("b/bea", "yes please"),
    "NameTooNew": lambda: too_new().say("b/bea", via=f"key:{signer('lent')}"),
    "NotAnApprover": lambda: asking().say("a/alba"),
    "NotAutomation": lambda: asking(BOT, stages=(NAMED,)).say("b/bot"),
    "NotEntitled": lambda: asking(user("b/wanda"), stages=(NAMED,)).say("b/wanda"),
    "NothingToDecide": lambda: asking(offering(state="Archived")).say("b/bea", digest="0" * 64),
    "NothingToSettle": lambda: asking().say("b/max", "settle-succeeded"),
    "NotIndependent": lambda: lost("NotIndependent"),
    "OnBehalfOf": lambda: asking(asked={"onBehalfOf": "bea@b"}).say("b/bea"),
    "RequestEnded": lambda: withdrawn().say("b/bea", digest="0" * 64),
    "RequestNotFound": on_nothing,
    "RightLost": lambda: lost("RightLost"),
    "SelfApproval": lambda: asking(stages=(NAMED,)).say("b/rita"),
    "SignerMismatch": lambda: asking().say("b/bea", as_="ben@b"),
    "SignInRequired": lambda: asking().say("b/bea", channel="Mail", signed_in=False),
    "Suspended": lambda: asking(user("b/bea", "approves", suspended=True)).say("b/bea"),
    "TooLate": lambda: asking(decideWithin="1h").wait(hours=2).say("b/bea"),
    "UnknownSigner": lambda: from_commit("b/stranger", LATE),
    "Unproven": lambda: from_commit(None, LATE),
}


@pytest.mark.parametrize("word", CASES)
def test_every_word_has_its_case(word):
    """What does not count says why, by the one word that fits."""
    assert word == CASES[word]()


def test_there_is_no_other_word():
    """Every word that a decision may get is reached, and none besides."""
    assert set(NOT_COUNTED) == set(CASES)


@pytest.mark.parametrize(
    ("verb", "who", "expected"),
    [
        pytest.param("withdraw", "b/rita", "", id="the-requester-withdraws"),
        pytest.param("withdraw", "b/max", "NotEntitled", id="a-manager-cancels-instead"),
        pytest.param("withdraw", "b/bea", "NotEntitled", id="an-approver-rejects-instead"),
        pytest.param("cancel", "b/max", "", id="who-may-cancel"),
        pytest.param("cancel", "a/max", "", id="who-may-cancel-from-above"),
        pytest.param("cancel", "c/max", "NotEntitled", id="not-from-below"),
        pytest.param("cancel", "platform/max", "NotEntitled", id="not-by-a-right-in-the-platform"),
        pytest.param("cancel", "b/bea", "NotEntitled", id="an-approver-has-no-such-right"),
        pytest.param("cancel", "b/rita", "NotEntitled", id="nor-has-the-requester"),
        pytest.param("reject", "b/bea", "", id="an-approver-rejects"),
        pytest.param("reject", "b/rita", "NotAnApprover", id="the-requester-does-not"),
        pytest.param("approve", "b/max", "", id="a-manager-approves"),
    ],
)
def test_whose_each_verb_is(verb, who, expected):
    """Approving and rejecting are the approvers', withdrawing the requester's, cancelling who may cancel there."""
    assert expected == asking().say(who, verb)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("approve as bea@b for {0}", "", id="approve"),
        pytest.param("approve as bea@b for {0} because it is fine", "", id="with-a-reason"),
        pytest.param("reject as bea@b because no", "", id="reject"),
        pytest.param("reject as bea@b for {0} because no", "", id="reject-a-digest"),
        pytest.param("approve as bea@b", "Malformed", id="without-a-digest"),
        pytest.param("approve as bea@b for {0:.63}", "Malformed", id="without-the-whole-digest"),
        pytest.param("reject as bea@b", "Malformed", id="without-a-reason"),
        pytest.param("cancel as max@b", "Malformed", id="cancel-without-a-reason"),
        pytest.param("Approve as bea@b for {0}", "Malformed", id="another-case"),
        pytest.param("approve  as bea@b for {0}", "Malformed", id="two-spaces"),
        pytest.param(" approve as bea@b for {0}", "Malformed", id="a-space-before"),
        pytest.param("approve as bea@b for {0}\n", "Malformed", id="a-line-feed"),
        pytest.param("approve as bea@b for {0} because ", "Malformed", id="an-empty-reason"),
        pytest.param("approve as bea@b for {0} because \u202ex", "Malformed", id="turned-round"),
        pytest.param("", "Malformed", id="nothing"),
        pytest.param("approve as BEA@b for {0}", "SignerMismatch", id="a-name-in-another-case-is-another-name"),
    ],
)
def test_the_grammar_of_a_line(line, word):
    """A line that is not exactly one of the forms is no decision; names are compared byte for byte."""
    life = asking()
    speaker = Speaker(ref("b/bea"), "key:x")
    voice = hear(life.world, life.case, Heard(line.format(life.digest), "Annotation", "c1"), speaker, life.now)

    assert word == voice.because
    assert (voice.person is None) == (word == "Malformed")


@pytest.mark.parametrize(
    ("speaker", "word", "message"),
    [
        pytest.param(Speaker(None, unproven="it is unsigned"), "Unproven", "it is unsigned", id="nobody"),
        pytest.param(
            Speaker(None, unproven="an unknown key", word="UnknownSigner"),
            "UnknownSigner",
            "an unknown key",
            id="a-stranger",
        ),
        pytest.param(
            Speaker(ref("b/ben"), "key:x"),
            "SignerMismatch",
            "the line is in the name of bea@b, and b/ben wrote it",
            id="somebody-else",
        ),
    ],
)
def test_a_line_counts_for_whoever_is_proven_to_have_written_it(speaker, word, message):
    """Edge case 8: who wrote it is what was proven, never what the text says; the sentence says what is wrong."""
    life = asking()
    heard = Heard(f"approve as bea@b for {life.digest}", "Annotation", "c1")
    voice = hear(life.world, life.case, heard, speaker, life.now)

    assert (word, message) == (voice.because, voice.message)


@pytest.mark.parametrize(
    ("author", "before", "word"),
    [
        pytest.param("b/bea", False, "", id="its-owner-rotates-it"),
        pytest.param("b/max", False, "NameTooNew", id="somebody-else-lends-it"),
        pytest.param("b/max", True, "", id="before-the-request-was-seen"),
    ],
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_key_given_later_counts_if_its_owner_wrote_it(author, before, word, verb):
    """Keys can rotate, but nobody lends a waiting request a voice: a later key counts if its owner brought it in."""
    key = f"key:{signer('other')}"
    two = [{"publicKey": public_key("b/bea")}, {"publicKey": public_key("other")}]
    life = asking(user("b/bea", "approves", signingKeys=two))
    life.wrote("User/b/bea", author, **{key.replace(":", "_", 1): author})
    if before:
        life.state.cases[life.ref] = replace(life.case, seen=life.state.sequence + 1)

    assert word == life.say("b/bea", verb, via=key)


def test_a_requester_s_new_key_is_theirs_to_bring():
    """A withdrawal by a key that somebody else gave the requester since does not count either."""
    key = f"key:{signer('other')}"
    life = asking()
    life.change(user("b/rita", "asks", signingKeys=[{"publicKey": public_key("other")}]))
    life.wrote("User/b/rita", "b/max", **{key.replace(":", "_", 1): "b/max"})

    assert "NameTooNew" == life.say("b/rita", "withdraw", via=key)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not verb.startswith("settle")])
def test_after_the_claim_nothing_is_called_back(verb):
    """Invariant 24: once the run is claimed no withdrawal, cancellation, rejection or approval counts any more."""
    life = claimed()
    who = {"withdraw": "b/rita", "cancel": "b/max"}.get(verb, "b/ben")

    assert "AlreadyClaimed" == life.say(who, verb, digest="0" * 64 if verb == "approve" else "")
    assert "Running" == life.decision.phase


@pytest.mark.parametrize("verb", VERBS)
def test_what_has_ended_is_decided_no_more(verb):
    """Edge case 13: an end is final, whoever says what afterwards."""
    who = {"withdraw": "b/rita", "approve": "b/ben", "reject": "b/ben"}.get(verb, "b/max")
    life = withdrawn()

    assert "RequestEnded" == life.say(who, verb, digest="0" * 64 if verb == "approve" else "")
    assert "Withdrawn" == life.decision.phase


@pytest.mark.parametrize("verb", ["settle-succeeded", "settle-failed"])
@pytest.mark.parametrize(
    ("life", "word"),
    [
        pytest.param(asking, "NothingToSettle", id="waiting"),
        pytest.param(claimed, "NothingToSettle", id="claimed-and-not-begun"),
        pytest.param(running, "", id="a-person-does-it"),
        pytest.param(lambda: running(PROCESS), "NothingToSettle", id="a-program-runs"),
        pytest.param(lambda: running(PROCESS, "Unknown"), "", id="nobody-knows"),
        pytest.param(lambda: running(MANUAL, "Unknown"), "", id="nobody-knows-of-a-manual-one"),
        pytest.param(lambda: running(PROCESS, "Succeeded"), "RequestEnded", id="it-succeeded"),
        pytest.param(lambda: running(PROCESS, "Failed"), "RequestEnded", id="it-failed"),
    ],
)
def test_only_what_is_unknown_or_done_by_a_person_is_settled(life, word, verb):
    """A run is settled where its outcome is unknown, or where a person does it; and by who may cancel."""
    made = life()

    assert word == made.say("b/max", verb)
    assert "NotEntitled" == made.hear("b/bea", verb).because or word


def test_a_settlement_is_made_once():
    """Of two settlements the first counts; the second comes to an ended request."""
    life = running(PROCESS, "Unknown")
    life.say("b/max", "settle-failed")
    life.end()

    assert "RequestEnded" == life.say("b/max", "settle-succeeded")
    assert "Failed" == life.decision.phase


def test_the_same_decision_twice_is_one():
    """Whoever says the same again has said it; on another digest, or another thing, it is another decision."""
    life = asking(stages=(stage("lead", "Requesting", quorum=3),))
    assert ["", "AlreadyJudged"] == [life.say("b/bea"), life.say("b/bea")]
    life.change(flow("platform/f", stage("lead", "Requesting", quorum=2)))

    assert ["", "AlreadyJudged"] == [life.say("b/bea"), life.say("b/bea")]
    assert "" == life.say("b/bea", "reject")


def test_what_did_not_count_may_be_said_again():
    """A decision that did not count stands in nobody's way: once it may, it counts."""
    life = asking(user("b/bea", "approves", suspended=True))
    assert "Suspended" == life.say("b/bea")
    stale = asking()
    assert ["DigestStale", ""] == [stale.say("b/bea", digest="0" * 64), stale.say("b/bea")]


@pytest.mark.parametrize("proven", [True, False])
def test_a_request_that_waits_for_its_proof_may_be_approved(proven):
    """An approval names a digest, so it counts on a request that still waits for something else, and frees nothing."""
    life = Life(*company(), offering(approvals=[use("platform/f")]), flow("platform/f", LEAD), proven=proven)

    assert "" == life.say("b/bea")
    assert ("Approved" if proven else "Submitted") == life.decision.phase


def test_a_rejection_of_what_cannot_be_judged_waits_for_nothing():
    """While nobody can say what a request comes to, it can be withdrawn and cancelled, but not decided."""
    life = asking(offering(state="Archived"))

    assert "NothingToDecide" == life.say("b/bea", "reject")
    assert "" == life.say("b/max", "cancel")
    assert "Cancelled" == life.decision.phase


@pytest.mark.parametrize(
    ("say", "message"),
    [
        pytest.param(
            ("b/bea", "approve", "0" * 64), f"it names {'0' * 64}, which is not the digest of b/r1", id="stale"
        ),
        pytest.param(("b/bea", "cancel", ""), "bea@b may not cancel b/r1", id="not-entitled"),
        pytest.param(("b/rita", "approve", ""), "", id="the-word-says-it-all"),
    ],
)
def test_the_sentence_beside_the_word(say, message):
    """Where the word is not enough, a sentence says which digest, or what was not allowed."""
    who, verb, digest = say
    voice = asking().hear(who, verb, digest=digest)

    assert message == voice.message[: len(message)]
    assert bool(message) == bool(voice.message)


def test_everything_that_was_said_is_kept():
    """A judged decision keeps its text, its channel, its proof and when it was heard."""
    life = asking().wait(minutes=5)
    voice = life.hear("b/bea", because="it is fine", channel="Panel")

    assert ("approve", "bea@b", ref("b/bea"), "Panel", "c1", life.digest, "it is fine", life.now) == (
        voice.verb,
        voice.username,
        voice.person,
        voice.channel,
        voice.proof,
        voice.digest,
        voice.reason,
        voice.at,
    )
