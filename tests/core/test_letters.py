"""Which mails are due, to whom, and never twice."""

import pytest

from assent.api.characters import visible
from assent.api.ledger import NewRecord
from assent.core.letter_text import CUT, LONGEST, MOST, matter
from assent.core.letters import LATELY, due, since
from builders import enablement, flow, organization, stage, use, user
from core.lives import Life, asking, company, named, offering
from portal.written import LEAD, MAILED, SCHEMA, STAGE, letters, mailed, waiting

CANARY = "c4nary-in-a-parameter"


def readers(life, about="Opened", baseline=None):
    """Who is to be written to."""
    return sorted(letters(life, about, baseline))


def test_whoever_can_decide_an_open_stage_is_written_to():
    """One mail a person, to those who can decide now and have an address; not to the requester, nor to later stages."""
    life = waiting(stages=(LEAD, stage("later", users=named("ben", "bob"))))
    found = letters(life)

    assert ["b/bea", "b/ben"] == sorted(found)
    bea = found["b/bea"]
    assert ("bea@b", "bea@b.example", "es-MX", STAGE) == (bea.username, bea.email, bea.language, bea.stage)
    assert (life.digest, True, True, None) == (bea.digest, bea.by_mail, bea.sign_in, bea.deadline)


def test_the_language_is_the_persons_or_their_organizations():
    """Whoever says nothing reads what their organization does."""
    life = waiting(organization("b", "Client", "a", language="pt-BR"))

    assert {"b/bea": "es-MX", "b/ben": "pt-BR"} == {who: one.language for who, one in letters(life).items()}
    assert "" == letters(waiting())["b/ben"].language


def test_a_mail_that_was_sent_is_never_due_again():
    """What the ledger says was sent stays sent; one that failed is due again."""
    life = waiting()
    found = letters(life)
    mailed(life, found["b/bea"])
    mailed(life, found["b/ben"], "Failed", "no answer")

    assert ["b/ben"] == readers(life)
    mailed(life, found["b/ben"])
    assert [] == readers(life)


def test_a_stage_writes_when_it_opens():
    """The second stage's people hear of it when the first is satisfied; one who decided already does not."""
    life = waiting(stages=(LEAD, stage("later", users=named("bea", "ben"))))
    for one in letters(life).values():
        mailed(life, one)
    life.say("b/bea")

    assert {"b/ben": "platform/f/later"} == {who: one.stage for who, one in letters(life).items()}


def test_rule_7_a_new_digest_is_a_new_question():
    """Rule 7: where what is asked changes, whoever was asked is asked again, under another key."""
    life = waiting()
    first = letters(life)
    for one in first.values():
        mailed(life, one)
    life.change(offering(approvals=[use("platform/f")], parameters=SCHEMA, costNote="twice as much"))
    again = letters(life)

    assert ["b/bea", "b/ben"] == sorted(again)
    assert not {one.key for one in first.values()} & {one.key for one in again.values()}
    assert first["b/bea"].digest != again["b/bea"].digest


@pytest.mark.parametrize(
    ("accepts", "by_mail"), [(["Mail"], True), (["Panel"], False), (["Panel", "Mail"], True), (["Annotation"], None)]
)
def test_a_flow_says_whether_mails_decide(accepts, by_mail):
    """Mail alone brings deciding links; where only the panel counts the mail leads there; else nobody is written to."""
    found = letters(waiting(rules={"accepts": accepts, "signInToDecide": False}))

    assert [by_mail] * 2 == [one.by_mail for one in found.values()] or (by_mail is None and not found)
    assert not any(one.sign_in for one in found.values())


def test_keys_are_the_same_for_ever_and_differ_in_every_part():
    """The same mail has the same key after a restart, and no other mail has it."""
    keys = [one.key for life in (waiting(), waiting()) for one in letters(life).values()]
    other = letters(waiting(at="b/r2"))["b/bea"].key

    assert keys[:2] == keys[2:]
    assert 3 == len({*keys, other})
    assert all(64 == len(one) for one in keys)


DAYS = {"decideWithin": "8d"}


def test_a_reminder_comes_once_in_the_last_quarter():
    """To those who were asked in time and can still decide."""
    life = waiting(rules=DAYS)
    for one in letters(life).values():
        mailed(life, one)
    assert [] == readers(life.wait(days=6), "Reminder")
    assert ["b/bea", "b/ben"] == readers(life.wait(seconds=1), "Reminder")
    reminder = letters(life, "Reminder")["b/bea"]
    mailed(life, reminder)

    assert ["b/ben"] == readers(life, "Reminder")
    assert (life.case.seen_at.replace(day=13), STAGE) == (reminder.deadline, reminder.stage)
    life.say("b/ben")
    assert [] == readers(life, "Reminder")


def test_whoever_is_asked_late_is_not_reminded_at_once():
    """The first mail, when little time is left, is reminder enough."""
    life = waiting(rules=DAYS).wait(days=7)
    assert (["b/bea", "b/ben"], []) == (readers(life), readers(life, "Reminder"))
    for one in letters(life).values():
        mailed(life, one)

    assert [] == readers(life.wait(hours=20), "Reminder")


def test_nobody_is_written_to_after_the_deadline():
    """What has expired is no question any more."""
    assert () == due((life := waiting(rules=DAYS).wait(days=9)).world, life.decision, life.now, None)


def test_the_requester_hears_of_the_end():
    """And whoever it was asked for; once each, and once where they are one person."""
    ana = user("b/ana", email="ana@b.example")
    life = waiting(ana, asked={"onBehalfOf": "ana@b"})
    life.say("b/bea", "reject")
    assert [] == readers(life, "Ended")
    life.end()

    assert ["b/ana", "b/rita"] == readers(life, "Ended")
    assert [] == readers(life)
    for one in letters(life, "Ended").values():
        mailed(life, one)
    assert [] == readers(life, "Ended")
    alone = waiting(asked={"onBehalfOf": "rita@b"})
    alone.say("b/rita", "withdraw")
    assert ["b/rita"] == readers(alone.end(), "Ended")


def test_an_end_is_news_for_some_days():
    """What ended long ago, or before mails were sent at all, is nobody's news."""
    life = waiting()
    life.say("b/bea", "reject")
    life.end()
    ended = life.now

    assert ["b/rita"] == readers(life, "Ended", ended)
    assert [] == readers(life.wait(seconds=1), "Ended", life.now)
    life.now = ended + LATELY
    assert ["b/rita"] == readers(life, "Ended")
    assert [] == readers(life.wait(seconds=1), "Ended")


def test_nobody_can_have_others_written_to():
    """A request whose requester is not proven writes to nobody; nor does one that an empty ledger found."""
    life = waiting(asked={"proven": False})
    assert [] == readers(life)
    life.say("b/max", "cancel")
    assert [] == readers(life.end(), "Ended")
    found = waiting()
    body = {"phase": "Cancelled", "reason": "LedgerRestarted", "message": "", "by": "", "stages": []}
    found.note(NewRecord("ended", "b/r1", {**body, "at": "2026-01-05T09:00:00Z"}))
    assert "Cancelled" == found.decision.phase
    assert [] == readers(found, "Ended")


def test_whoever_is_suspended_or_gone_is_not_written_to():
    """Between the question and the mail people leave."""
    life = waiting()
    life.say("b/bea", "reject")
    life.end()
    life.change(user("b/rita", "asks", email="rita@b.example", suspended=True))
    assert [] == readers(life, "Ended")
    life.change(gone=["User/b/rita"])
    assert [] == readers(life, "Ended")


def test_since_when_mails_are_sent():
    """The ledger's first mail, sent or failed, is where they began."""
    life = waiting()
    assert since(life.state) is None
    mailed(life, letters(life)["b/bea"], "Failed")
    first = life.now
    mailed(life.wait(days=1), letters(life)["b/ben"])

    assert first == since(life.state)


def test_a_run_that_goes_on_has_not_ended():
    """Approved and claimed: nobody is asked, and nobody hears of an end that has not come."""
    life = waiting()
    life.say("b/bea")
    life.claim()

    assert () == due(life.world, life.decision, life.now, None)


def test_rule_43_no_secret_is_told():
    """Rule 43: of a secret only that it is given, whatever stands there, and whichever schema says that it is one."""
    for value in ({"secretRef": CANARY}, {"value": CANARY}, CANARY):
        life = waiting(asked={"parameters": {"count": 3, "password": value}})
        told = matter(life.world, life.decision)
        assert CANARY not in repr(told)
        assert ("password", "", True) == (told.parameters[1].name, told.parameters[1].text, told.parameters[1].secret)
        assert ("count", "How many", "3") == (
            told.parameters[0].name,
            told.parameters[0].title,
            told.parameters[0].text,
        )


def test_rule_43_what_only_an_enablement_calls_secret_is_not_told_either():
    """Rule 43: the schemas of all who have a say."""
    free = offering(approvals=[use("platform/f")], parameters={"type": "object"})
    narrowed = enablement("b/vdi", "platform/vdi", parameters=SCHEMA)
    flows = flow("platform/f", LEAD)
    life = Life(*company(), free, narrowed, flows, parameters={"password": {"secretRef": CANARY}})

    assert CANARY not in repr(matter(life.world, life.decision))


def test_rule_43_where_nobody_knows_what_is_secret_nothing_is_told():
    """Rule 43: after its microservice is gone, an ended request's parameters are not told."""
    life = waiting(asked={"parameters": {"password": {"secretRef": CANARY}}})
    life.say("b/bea", "reject")
    life.end()
    life.change(gone=["Microservice/platform/vdi"])
    told = matter(life.world, life.decision)

    assert () == told.parameters
    assert ("vdi", "vdi", "Rejected") == (told.title, told.microservice, told.phase)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", r"a\u202eb"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\U000e0041", r"\U000e0041"),
        ("half \ud83d", r"half \ud83d"),
        ("año, São Paulo, 東京", "año, São Paulo, 東京"),
    ],
)
def test_rule_44_misleading_characters_are_shown_escaped(text, shown):
    """Rule 44: nothing of what is shown is other than it looks."""
    assert shown == visible(text)


def test_rule_44_long_values_are_cut_with_a_mark():
    """Rule 44: what is cut says so, and the mail knows that it does not show all."""
    long = {"parameters": {"free": "x" * 500, "list": ["y"] * 100}, "targets": [f"t{at}" for at in range(25)]}
    life = waiting(asked=long)
    told = matter(life.world, life.decision)
    short = waiting(asked={"parameters": {"count": 3, "on": True, "of": {"a": [1, "b"]}}, "targets": ["t1"]})
    whole = matter(short.world, short.decision)

    assert all(one.text.endswith(CUT) and len(one.text) == LONGEST for one in told.parameters)
    assert (MOST, 5, False) == (len(told.targets), told.more, told.whole)
    assert (["3", "true", '{"a": [1, "b"]}'], True) == ([one.text for one in whole.parameters], whole.whole)


def test_who_asks_for_what_is_told_by_both_names():
    """A name for people stands beside the one that proves them, never instead of it."""
    rita = user("b/rita", "asks", displayName="Max, the boss")
    life = waiting(rita, displayName="Virtual desktops", costNote="about 40 EUR", asked={"reason": "New hires"})
    told = matter(life.world, life.decision)

    assert ("Max, the boss (rita@b)", "Beta & Sons (b)") == (told.requester, told.organization)
    assert ("Virtual desktops", "platform/vdi", "b/r1") == (told.title, told.microservice, told.request)
    assert ("about 40 EUR", "New hires", "") == (told.cost_note, told.reason, told.beneficiary)


def test_nothing_is_due_where_nobody_has_an_address():
    """Mail is a service, not a duty."""
    life = asking(LEAD)

    assert () == due(life.world, life.decision, life.now, None)
    assert 3 == len(MAILED)
