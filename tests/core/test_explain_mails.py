"""Whom no mail reached is told where a request waits, and nothing depends on it."""

import pytest

from assent.core.status import status
from builders import flow, stage
from core.test_explain import LEAD, asking, told
from tellings import mailing

WAITS = "it waits for lead"
REFUSED = "the mail server refused it"


def mailed(life, *mails):
    """The message of the request once these mails were sent, or were not; each a minute after the one before."""
    for one in mails:
        life.wait(minutes=1).note(one)
    shown = status(life.world, life.decision)["conditions"][0]["message"]
    assert shown == told(life)["message"]
    return shown


def failed(username="bea@b", key="k1", **more):
    return mailing(username, key=key, state="Failed", **more)


MAILS = {
    "sent": ([mailing()], ""),
    "failed": ([failed()], f"; no mail reached bea@b: {REFUSED}"),
    "sent-later": ([failed(), mailing()], ""),
    "the-reminder-came": ([failed(), mailing(key="k2", about="Reminder")], ""),
    "the-reminder-did-not": (
        [mailing(), failed(key="k2", about="Reminder")],
        f"; no mail reached bea@b: {REFUSED}",
    ),
    "of-an-older-digest": ([failed(digest="0" * 64)], ""),
    "two-mails-of-one": ([failed(), failed(key="k2", about="Reminder")], f"; no mail reached bea@b: {REFUSED}"),
    "two": ([failed(), failed("ben@b", "k2")], f"; no mail reached bea@b, ben@b: {REFUSED}"),
    "many": (
        [failed(f"u{number}@b", f"k{number}") for number in range(5)],
        f"; no mail reached u0@b, u1@b, u2@b and 2 others: {REFUSED}",
    ),
    "one-of-two": ([failed(), failed("ben@b", "k2"), mailing()], f"; no mail reached ben@b: {REFUSED}"),
}


@pytest.mark.parametrize("name", MAILS)
def test_whom_no_mail_reached_is_told_until_one_does(name):
    """A mail that failed is told where the request waits, with why, until a later one to the same person is sent."""
    mails, expected = MAILS[name]
    life = asking()

    assert f"{WAITS}{expected}" == mailed(life, *mails)


def test_a_mail_of_the_present_digest_is_told_until_the_question_is_another():
    """What became of a mail about a question that is no more is not told."""
    life = asking()
    life.note(failed(digest=life.digest))
    assert f"{WAITS}; no mail reached bea@b: {REFUSED}" == mailed(life)
    life.change(flow("platform/f", LEAD, stage("partner", "Partner")))

    assert WAITS == mailed(life)
    assert [] == told(life)["mails"]


def test_every_mail_is_told_in_its_order():
    """The JSON lists what became of each mail, with why where it failed; in the order in which that was known."""
    life = asking()
    mailed(life, mailing("ben@b", key="k9"), failed(key="k1"), failed(key="k2", digest="0" * 64))
    usual = {"about": "Opened", "stage": "platform/f/lead"}

    assert [
        {"username": "ben@b", **usual, "state": "Sent", "at": "2026-01-05T09:01:00Z"},
        {"username": "bea@b", **usual, "state": "Failed", "at": "2026-01-05T09:02:00Z", "message": REFUSED},
    ] == told(life)["mails"]


def test_a_mail_that_failed_blocks_nothing():
    """Digest, phase and stages are the same, whatever became of mails; behind the last approval none is told."""
    life = asking()
    before = {key: told(life)[key] for key in ("phase", "digest", "stages", "next", "approve")}
    mailed(life, failed(), failed("rita@b", "k2", about="Ended"))

    assert before == {key: told(life)[key] for key in before}
    life.say("b/bea")
    assert "no mail" not in mailed(life)
