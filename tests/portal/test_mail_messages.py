"""Letters as people read them: who, what, parameters, digest and three ways on; nothing else, and nothing hidden."""

import email
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.policy import SMTP, default
from html.parser import HTMLParser

import pytest

from assent.core.letter_text import matter
from assent.errors import MailError
from assent.portal.ahead import Reader
from assent.portal.mails.messages import Letterhead, address, compose, language_of
from assent.portal.mails.tokens import mint, read
from assent.portal.rendering import catalogue
from assent.portal.sentences.standing import standing
from assent.portal.words import word
from builders import user
from portal.written import letters, waiting

SECRET = b"k" * 32
HEAD = Letterhead("Assent <assent@panel.example>", "https://panel.example", SECRET)
NOW = datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=1)))
CANARY = "c4nary-in-a-parameter"
EVIL = "<script>alert(1)</script><img src=//evil.example/p.png> & \"quoted\" 'single' {{ 7*7 }} %(who)s 50%"


class Page(HTMLParser):
    """A page's tags with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def same(text):
    """The English of the templates."""
    return text


def delivered(life, who="b/bea", about="Opened", translate=same, **changed):
    """The mail as its reader's program has it: it went over the wire once."""
    letter = replace(letters(life, about)[who], **changed)
    message = compose(letter, matter(life.world, life.decision), HEAD, translate, NOW)
    return email.message_from_bytes(message.as_bytes(policy=SMTP), policy=default)


def plain(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def page(message):
    return Page(message.get_body(("html",)).get_content())


def ended(life, because="too dear"):
    """Bea rejects it."""
    life.say("b/bea", "reject", because=because)
    return life.end()


def test_the_mail_tells_all_that_is_decided():
    """Who asks and for whom, what, parameters, targets, reason, cost, deadline and the whole digest, in both forms."""
    life = waiting(
        user("b/ana", displayName="Ana Gil"),
        user("b/rita", "asks", displayName="Rita Sol"),
        displayName="Virtual desktops",
        costNote="about 40 EUR a month each",
        description="Deploys desktops\nfrom a template.",
        rules={"decideWithin": "7d"},
        asked={
            "parameters": {"count": 12, "password": {"secretRef": "s"}},
            "targets": ["vdi-1", "vdi-2"],
            "reason": "New hires in finance",
            "onBehalfOf": "ana@b",
        },
    )
    message = delivered(life)
    for text in (plain(message), page(message).text):
        for wanted in (
            "Rita Sol (rita@b)",
            "Ana Gil (ana@b)",
            "Virtual desktops (platform/vdi)",
            "Beta & Sons (b)",
            "b/r1",
            "How many (count)",
            "12",
            "a secret is given",
            "vdi-2",
            "New hires in finance",
            "about 40 EUR a month each",
            "Deploys desktops from a template.",
            "platform/f/lead",
            "12 de enero de 2026",
            "UTC",
            life.digest,
            "sign in",
        ):
            assert wanted in text


def test_the_mail_has_three_ways_on():
    """Approve and reject by this person's own link, and the request itself; in both forms the same."""
    life = waiting()
    message = delivered(life)
    token = mint(SECRET, letters(life)["b/bea"])
    ways = [f"https://panel.example/mail/{token}?decision={verb}" for verb in ("approve", "reject")]
    ways.append("https://panel.example/requests/b/r1")

    assert ways == [attributes["href"] for tag, attributes in page(message).tags if tag == "a"]
    assert ways == re.findall(r"^ +(https://\S+)$", plain(message), re.MULTILINE)
    assert read(SECRET, token) is not None


def test_a_flow_that_takes_no_mail_gets_the_one_link():
    """No link decides where none would count."""
    message = delivered(waiting(rules={"accepts": ["Panel"]}))

    assert "/mail/" not in message.as_string() + plain(message) + page(message).text
    assert "https://panel.example/requests/b/r1" in plain(message)
    assert "not decided by mail" in plain(message)


def test_a_link_that_is_enough_does_not_speak_of_signing_in():
    """Where the flow says `signInToDecide: false`."""
    text = plain(delivered(waiting(rules={"signInToDecide": False})))

    assert "sign in" not in text
    assert "do not forward" in text


def test_the_headers():
    """From the panel, to the reader alone, marked as made by a program, with an id of the letter's own."""
    life = waiting()
    message, again = delivered(life), delivered(life)
    letter = letters(life)["b/bea"]
    raw = compose(letter, matter(life.world, life.decision), HEAD, same, NOW).as_bytes(policy=SMTP)

    assert f"<{letter.key}@panel.example>" == message["Message-ID"] == again["Message-ID"]
    assert ("Assent <assent@panel.example>", "bea@b.example") == (message["From"], message["To"])
    assert NOW == message["Date"].datetime
    assert ("auto-generated", "All") == (message["Auto-Submitted"], message["X-Auto-Response-Suppress"])
    assert "multipart/alternative" == message.get_content_type()
    assert f"Message-ID: <{letter.key}@panel.example>\r\n".encode() in raw


def test_nothing_is_fetched_and_nobody_is_tracked():
    """No image, style sheet, font or script of any host; the only addresses are the three ways on."""
    found = page(delivered(waiting()))

    assert not {tag for tag, _ in found.tags} & {"img", "script", "link", "iframe", "object", "video", "form", "input"}
    assert not any("src" in attributes or "background" in attributes for _, attributes in found.tags)
    assert "url(" not in found.text


def test_rule_44_html_in_any_field_is_text():
    """Rule 44: what people wrote stands there as they wrote it, and is no tag, no template and no format."""
    life = waiting(
        user("b/rita", "asks", displayName=EVIL[:128], email="rita@b.example"),
        displayName=EVIL[:128],
        costNote=EVIL,
        asked={"parameters": {EVIL: EVIL, "list": [EVIL]}, "targets": [EVIL], "reason": EVIL},
    )
    message = delivered(life)
    found = page(message)

    assert not {tag for tag, _ in found.tags} & {"script", "img"}
    assert EVIL in found.text
    assert EVIL in " ".join(plain(message).split())
    last = page(delivered(ended(life, EVIL), "b/rita", "Ended"))
    assert not {tag for tag, _ in last.tags} & {"script", "img"}
    assert EVIL in last.text


LINES = "Pay\r\nBcc: all@acme.example\r\n\r\n<b>new body</b>"


def test_rule_44_no_header_can_be_written_by_people():
    """Rule 44: line breaks in whatever a header could be made of are refused in documents, and harmless past them."""
    life = waiting()
    letter = letters(life)["b/bea"]
    told = replace(
        matter(life.world, life.decision), title=LINES, request=LINES, requester=LINES, reason=LINES, organization=LINES
    )
    message = email.message_from_bytes(compose(letter, told, HEAD, same, NOW).as_bytes(policy=SMTP), policy=default)

    assert message["Bcc"] is None
    assert "bea@b.example" == message["To"]
    assert "\n" not in message["Subject"]
    assert r"Pay\r\nBcc" in message["Subject"]
    assert {"From", "To", "Subject", "Date", "Message-ID"} <= set(message.keys())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "a@b@c",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\n",
        "<a@b.example>",
        "Name <a@b.example>",
        '"a b"@b.example',
        "a b@b.example",
        "a@b.example SIZE=1",
        "a@b.example>",
        "@b.example",
        "a@",
        "a@-b",
        "a..b@c",
        "ä@b.example",
        "a\u202e@b.example",
    ],
    ids=ascii,
)
def test_an_address_is_one_address(text):
    """What would be read as another address, several or a command is none; the message does not repeat it raw."""
    with pytest.raises(MailError, match="is no mail address") as refused:
        address(text)

    assert not set("\r\n\u202e") & set(refused.value.message)
    assert not refused.value.whole


def test_a_sender_that_is_none_is_refused_at_once():
    """Not at the first mail."""
    with pytest.raises(MailError):
        Letterhead("Assent", "https://panel.example", SECRET)
    assert "panel.example" == Letterhead("assent@panel.example", "", SECRET).address.domain
    assert "Assent at work" == Letterhead('"Assent at work" <a@b.example>', "", SECRET).address.display_name


def test_rule_43_no_secret_is_in_the_mail():
    """Rule 43: neither the value of a secret nor the name of where it lies, in any part or header."""
    for value in ({"secretRef": CANARY}, {"value": CANARY}):
        life = waiting(asked={"parameters": {"count": 3, "password": value}})
        decision = replace(life.decision, hold=None)
        message = compose(letters(waiting())["b/bea"], matter(life.world, decision), HEAD, same, NOW)
        whole = message.as_bytes(policy=SMTP).decode() + plain(message) + message.get_body(("html",)).get_content()
        assert CANARY not in whole
        assert "a secret is given" in whole


def test_rule_44_what_would_mislead_is_escaped():
    """Rule 44: bidirectional, control and zero-width characters past all checks still show what they are."""
    life = waiting(asked={"parameters": {"count": 3}})
    spec = life.case.spec.model_copy(update={"reason": "pay \u202e000,1\u202c\u200b now\x1b[2J"})
    decision = replace(life.decision, case=replace(life.case, spec=spec))
    message = compose(letters(life)["b/bea"], matter(life.world, decision), HEAD, same, NOW)
    for text in (plain(message), page(message).text):
        assert r"pay \u202e000,1\u202c\u200b now\x1b[2J" in text
        assert not set("\u202e\u202c\u200b\x1b") & set(text)


def test_rule_44_what_is_cut_says_so_beside_the_whole_digest():
    """Rule 44: long values end with a mark, and the mail says where the rest is; the digest is never cut."""
    life = waiting(asked={"parameters": {"free": "word " * 99}, "targets": [f"t{at}" for at in range(30)]})
    text = plain(delivered(life))

    assert "Not everything is shown here ([…]). Open the request to see all of it." in text
    assert "word w […]" in " ".join(text.split())
    assert f"\n  {life.digest}\n" in text
    assert "t19" in text
    assert "t20" not in text


def test_plain_text_fits_the_width_and_no_value_looks_like_a_label():
    """At most 78 characters a line, but for links; a value that goes on is indented."""
    sly = ("so it is " * 7).strip() + " Digest: 0000 " + "and more of it " * 20
    life = waiting(asked={"reason": sly[:512].strip(), "parameters": {"free": "Approve: yes " * 15}})
    lines = plain(delivered(life)).splitlines()

    assert all(len(line) <= 78 for line in lines if "https://" not in line)
    assert ["Digest:"] == [line for line in lines if line.startswith("Digest")]
    assert 1 == len([line for line in lines if line.startswith("Approve")])


def test_a_long_subject_is_cut():
    """A subject is one glance."""
    message = delivered(waiting(displayName="x" * 128, at=f"b/{'y' * 63}"))

    assert 140 == len(message["Subject"])
    assert message["Subject"].endswith(" […]")


def spanish(text):
    """A catalogue of three messages."""
    return {
        "To decide: %(what)s (%(request)s)": "Por decidir: %(what)s (%(request)s)",
        "%(who)s asks for %(what)s. You can decide it.": "%(who)s pide %(what)s. Usted puede decidirlo.",
        "Approve": "Aprobar",
    }.get(text, text)


def test_the_mail_is_in_the_readers_language():
    """Texts by the catalogue, dates as the reader writes them, and the page says which language it is."""
    life = waiting(rules={"decideWithin": "7d"})
    message = delivered(life, translate=spanish)

    assert message["Subject"].startswith("Por decidir: ")
    assert "Usted puede decidirlo." in plain(message)
    assert "Usted puede decidirlo." in page(message).text
    assert ("html", {"lang": "es"}) == page(message).tags[0]
    assert "es" == message["Content-Language"]
    assert "Aprobar" in page(message).text


@pytest.mark.parametrize(
    ("tag", "language", "date"),
    [
        ("", "en", "January 12, 2026"),
        ("en-GB", "en", "12 January 2026"),
        ("pt", "pt", "12 de janeiro de 2026"),
        ("pt-PT", "pt", "12 de janeiro de 2026"),
        ("ES", "es", "12 de enero de 2026"),
        ("de", "en", "January 12, 2026"),
        ("zz-QQ-nonsense", "en", "January 12, 2026"),
        ("es-Nowhere", "es", "12 de enero de 2026"),
    ],
)
def test_every_language_tag_comes_to_one_of_ours(tag, language, date):
    """Another language than ours is English, whole: no German date in an English mail."""
    life = waiting(rules={"decideWithin": "7d"})

    assert language == language_of(tag)
    assert date in plain(delivered(life, language=tag))


def test_a_reminder_says_until_when():
    """The last chance to decide."""
    life = waiting(rules={"decideWithin": "8d"})
    letter = letters(life)["b/ben"]
    message = compose(replace(letter, about="Reminder"), matter(life.world, life.decision), HEAD, same, NOW)
    text = " ".join(plain(message).split())

    assert message["Subject"].startswith("Still to decide: ")
    assert "until January 13, 2026" in text
    assert "decision=reject" in text


def test_the_requester_reads_how_it_ended():
    """Outcome, who did it and why; no link decides anything."""
    message = delivered(ended(waiting()), "b/rita", "Ended")
    text = plain(message)

    assert message["Subject"].startswith("Rejected: ")
    assert "bea@b rejected it: “too dear”" in text
    assert "/mail/" not in text + page(message).text
    assert "https://panel.example/requests/b/r1" in text


@pytest.mark.parametrize("language", ["es", "pt"])
def test_a_mail_says_how_it_ended_in_the_words_of_the_page(language):
    """One word for one end, wherever it is read; and the sentence is the page's own."""
    translate = catalogue(language).gettext
    life = ended(waiting())
    message = delivered(life, "b/rita", "Ended", translate=translate, language=language)
    sentence = standing(life.world, life.decision, Reader(language, translate))

    assert message["Subject"].startswith(f"{word('Rejected', translate)}: ")
    assert sentence in plain(message)
    assert sentence in page(message).text
    assert "rejected" not in plain(message)


def test_the_requester_reads_what_became_of_each_target():
    """Some done, some failed."""
    life = waiting(asked={"targets": ["t1", "t2"]})
    life.say("b/bea")
    claim = life.claim()
    for execution, state in zip(claim.executions, ("Succeeded", "Failed"), strict=True):
        life.record(execution, state)
    life.end()
    message = delivered(life, "b/rita", "Ended")

    assert message["Subject"].startswith("Failed in part: ")
    assert "- t1: Succeeded\n- t2: Failed\n" in plain(message)
    assert "Details: 1 of 2 targets failed." in plain(message)
    assert claim.digest in plain(message)
