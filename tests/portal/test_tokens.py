"""Links in mails: what this panel wrote is read, and nothing else is."""

import base64
import hashlib
import hmac
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.names import Ref
from assent.core.letters import Letter, key
from assent.core.questions import Question
from assent.portal.mails.tokens import LONGEST, PURPOSE, mint, read
from portal.written import STAGE, letters, waiting

SECRET = b"the key of the links, which lies outside the ledger"
LIFE = waiting()
LETTER = letters(LIFE)["b/bea"]
TOKEN = mint(SECRET, LETTER)


def test_a_link_says_which_question_it_is():
    """Whoever holds the key reads from the link alone whom it asks what."""
    question = read(SECRET, TOKEN)

    assert (Ref("b", "bea"), Ref("b", "r1"), STAGE, LIFE.digest, "Opened") == (
        question.person,
        question.request,
        question.stage,
        question.digest,
        question.about,
    )
    assert re.fullmatch(r"[0-9a-f]{32}", question.telling)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", TOKEN)


def test_a_link_is_made_anew_and_never_kept():
    """After a restart the same letter has the same link, so that an outbox can send it again."""
    assert mint(SECRET, letters(waiting())["b/bea"]) == TOKEN


def test_the_mac_binds_all_that_the_rules_name():
    """Purpose with its version, nonce, person, request, stage, digest: HMAC-SHA-256; the nonce is the mail's key."""
    raw = base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4))
    body = b"\x00".join([b"b/bea", b"b/r1", STAGE.encode(), b"0"]) + bytes.fromhex(LIFE.digest)
    nonce = bytes.fromhex(key(Ref("b", "r1"), "Opened", STAGE, LIFE.digest, Ref("b", "bea")))

    assert body + hmac.digest(SECRET, PURPOSE + b"\x00" + nonce + b"\x00" + body, hashlib.sha256) == raw
    assert hashlib.sha256(raw[-32:]).hexdigest()[:32] == read(SECRET, TOKEN).telling


def test_rule_42_each_changed_character_is_refused():
    """Rule 42: no character of a link can be another one, none be left out, and none be added."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for at, char in enumerate(TOKEN):
        for other in alphabet.replace(char, ""):
            assert read(SECRET, TOKEN[:at] + other + TOKEN[at + 1 :]) is None
        assert read(SECRET, TOKEN[:at]) is None
        assert read(SECRET, TOKEN[:at] + TOKEN[at + 1 :]) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "A",
        "AAAA",
        "A" * 88,
        "A" * LONGEST,
        "A" * (LONGEST + 1),
        "A" * 1_000_000,
        TOKEN + "=",
        TOKEN + "A",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.replace("-", "+").replace("_", "/") + " ",
        TOKEN + "\x00",
        TOKEN + "é",
        "\ud800",
        "../../etc/passwd",
        "%2e%2e",
        TOKEN.upper(),
        TOKEN[::-1],
        f"{TOKEN}?decision=approve",
    ],
    ids=lambda token: ascii(token)[:24],
)
def test_rule_42_what_is_no_link_is_refused(token):
    """Rule 42: junk, truncated, oversized, written otherwise: all the same nothing."""
    assert read(SECRET, token) is None


def test_rule_42_another_key_reads_nothing():
    """Rule 42: a link of another panel, or of a key that was replaced."""
    assert read(b"another", TOKEN) is None
    assert read(SECRET[1:], TOKEN) is None
    assert read(b"", TOKEN) is None


OTHERS = {
    "person": Ref("b", "ben"),
    "request": Ref("b", "r2"),
    "stage": "platform/f/other",
    "digest": "0" * 64,
    "about": "Reminder",
}


@pytest.mark.parametrize("field", OTHERS)
def test_rule_42_a_mac_is_good_for_nothing_else(field):
    """Rule 42: the MAC of one link under the fields of another: person, request, stage, digest, occasion."""
    other = mint(SECRET, replace(LETTER, **{field: OTHERS[field]}))
    raw, foreign = (base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in (TOKEN, other))
    mixed = base64.urlsafe_b64encode(foreign[:-32] + raw[-32:]).rstrip(b"=").decode()

    assert getattr(read(SECRET, other), field) == OTHERS[field]
    assert read(SECRET, mixed) is None
    assert read(SECRET, other).telling != read(SECRET, TOKEN).telling


@given(st.text(max_size=200))
def test_rule_42_any_text_is_nothing(text):
    """Rule 42: nobody guesses a link, and nothing that anybody writes is an error."""
    assert read(SECRET, text) is None


@given(st.binary(max_size=300))
def test_rule_42_any_bytes_are_nothing(raw):
    """Rule 42: the same for bytes in the form of a link."""
    assert read(SECRET, base64.urlsafe_b64encode(raw).rstrip(b"=").decode()) is None


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
REF = st.builds(Ref, LABEL, LABEL)


@given(
    person=REF,
    request=REF,
    stage=st.builds(lambda *parts: "/".join(parts), LABEL, LABEL, LABEL),
    digest=st.binary(min_size=32, max_size=32),
    about=st.sampled_from(["Opened", "Reminder"]),
    secret=st.binary(min_size=32, max_size=64),
)
def test_every_link_is_read_as_it_was_written(person, request, stage, digest, about, secret):
    """Whatever people, requests and stages are called, there and back; and no link is too long for an address line."""
    letter = Letter("", about, request, person, "", "", "", stage, digest.hex())
    token = mint(secret, letter)

    question = read(secret, token)
    assert Question(person, request, stage, digest.hex(), about, question.telling) == question
    assert len(token) <= LONGEST


def test_the_longest_names_fit():
    """63 characters each."""
    long = "a" * 63
    letter = Letter("", "Opened", Ref(long, long), Ref(long, long), "", "", "", f"{long}/{long}/{long}", "f" * 64)

    assert read(SECRET, mint(SECRET, letter)) is not None
