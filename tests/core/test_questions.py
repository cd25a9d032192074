"""What a mail's link asks: it may be answered once, in time, by its reader, about what the mail showed."""

from dataclasses import replace

from assent.api.decisions import Line
from assent.api.ledger import NewRecord
from assent.api.tellings import Told, telling
from assent.core.notebook import voice_body
from assent.core.questions import Question, alive
from builders import stage, use, user
from core.lives import named, offering
from portal.written import LEAD, SCHEMA, letters, waiting


def asked(life, who="b/bea", about="Opened"):
    """The question of a person's link."""
    letter = letters(life, about)[who]
    return Question(letter.person, letter.request, letter.stage, letter.digest, letter.about, letter.key[:32])


def why(life, question):
    """Why the question cannot be answered now."""
    return alive(life.state, life.decision, question, life.now)


def tell(life, question, verb="approve", reason=None):
    """The link is followed, and the answer written down; no pass has judged it yet."""
    username = life.world.people.by_ref[question.person].spec.username
    line = str(Line(verb, username, question.digest, reason))
    life.note(telling(Told(question.telling, question.request, "Mail", username, line, signed_in=True, sequence=0)))


def judge(life, question, verb="approve", reason=None):
    """A pass judges what was told."""
    voice = life.hear(str(question.person), verb, digest=question.digest, because=reason, channel="Mail")
    record = NewRecord("decided", str(life.ref), voice_body(replace(voice, proof=f"told:{question.telling}")))
    life.note(record)
    return voice.because


def test_rule_42_a_link_is_used_once():
    """Rule 42: from the moment its answer was told, before and after a pass judged it, approving or rejecting."""
    for verb, reason in (("approve", None), ("reject", "too dear")):
        life = waiting(stages=({**LEAD, "quorum": 2},))
        question = asked(life)
        assert "" == why(life, question)
        tell(life, question, verb, reason)
        assert "Used" == why(life, question)
        assert "" == judge(life, question, verb, reason)
        assert {} == life.state.told
        assert "Used" == why(life, question)


def test_rule_42_an_answer_that_did_not_count_is_an_answer():
    """Rule 42: a link whose answer came to nothing is used all the same."""
    life = waiting(stages=({**LEAD, "quorum": 2},))
    question = asked(life)
    tell(life, question)
    life.change(user("b/bea", "approves", email="bea@b.example", suspended=True))
    assert "Suspended" == judge(life, question)
    life.change(user("b/bea", "approves", email="bea@b.example"))

    assert "Used" == why(life, question)


def test_rule_42_a_late_link_is_dead():
    """Rule 42: up to the deadline, and not a second later, whether or not a pass has written the end down."""
    life = waiting(rules={"decideWithin": "1d"})
    question = asked(life)
    assert "" == why(life.wait(days=1), question)
    assert "TooLate" == why(life.wait(seconds=1), question)
    life.end()
    assert "Ended" == why(life, question)


def test_rule_7_a_link_dies_with_its_digest():
    """Rule 7: what would be approved is not what the mail showed."""
    life = waiting()
    question = asked(life)
    life.change(offering(approvals=[use("platform/f")], parameters=SCHEMA, costNote="twice as much"))

    assert "DigestStale" == why(life, question)
    assert "" == why(life, asked(life))


def test_rule_42_a_link_dies_with_its_stage_and_its_request():
    """Rule 42: what others have decided meanwhile."""
    life = waiting(stages=(LEAD, stage("later", users=named("bob"))))
    question = asked(life)
    life.say("b/ben")
    assert "StageClosed" == why(life, question)
    life.say("b/rita", "withdraw")
    assert "NothingToDecide" == why(life, question)
    life.end()
    assert "Ended" == why(life, question)


def test_rule_11_a_link_dies_with_its_readers_right():
    """Rule 11: nobody sees or decides by a link what they may not decide any more, or have decided elsewhere."""
    life = waiting(stages=({**LEAD, "quorum": 2},))
    question = asked(life)
    life.change(user("b/bea", "asks", email="bea@b.example"))
    assert "NotAnApprover" == why(life, question)
    life.change(user("b/bea", "approves", email="bea@b.example"))
    assert "" == why(life, question)
    life.say("b/bea", channel="Panel")
    assert "NotAnApprover" == why(life, question)


def test_a_link_is_dead_where_mails_do_not_decide():
    """A letter that only leads to the panel never had one; a link made by hand for it does nothing."""
    life = waiting(rules={"accepts": ["Panel"]})

    assert "ChannelNotAccepted" == why(life, asked(life))


def test_a_link_is_for_its_request():
    """Another request's decision says nothing of it."""
    assert "OtherRequest" == why(waiting(at="b/r2"), asked(waiting()))
