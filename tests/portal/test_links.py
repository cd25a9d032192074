"""The links of mails: looking changes nothing, one answer counts, and whatever is wrong with one is answered alike."""

import base64
import logging
import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest

from assent.core.letters import due
from assent.portal.mails.tokens import mint, read
from assent.portal.pages import links
from portal.decisions import TEMPLATE, decide, forms, reprice, told, words, world
from portal.house import Person, house
from portal.street import ask, main

ALBA, MARIA = "alba@acme.example", "maria@acme.example"
BOTS = (
    {"User-Agent": "Mozilla/5.0 (compatible; Microsoft Defender SafeLinks)"},
    {"User-Agent": "Slackbot-LinkExpanding 1.0", "Accept": "*/*"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch", "X-Moz": "prefetch"},
    {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"},
    {"Content-Type": "application/x-www-form-urlencoded"},
)
"""What scanners, previews and browsers that look ahead send."""


@pytest.fixture
def home(tmp_path):
    """One request whose approvers sign in, and one for which the link is enough."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        ask(home, "juan", "mailed", "by-mail")
        yield home.tick()


def link(home, name="mailed", who="maria"):
    """The path of the link in the mail that this person gets about the request."""
    seen = home.seen()
    letters = {one.person.name: one for one in due(seen.world, home.decision(name), seen.now, None)}
    return f"/mail/{mint(home.panel.secret, letters[who])}"


def guest(home):
    """A browser in which nobody is signed in."""
    return Person(home.app)


def answer(person, path, verb="approve", reason="", **changed):
    """Looks at the link's page, and sends the form for that."""
    shown = person.get(path)
    assert 200 == shown.status_code, words(shown)
    return person.post(path, data={**forms(shown.text)[verb], "reason": reason, **changed})


def body(found):
    """What an answer says, without what is of the visitor's own session."""
    return found.status_code, main(found), {name for name in found.headers if name not in ("set-cookie", "date")}


def dead(person, path, fields):
    """Whether looking and answering come to exactly what they come to for whoever has no link at all."""
    looks, answers = [
        [ask(one) for one in (path, "/mail/nothing")] for ask in (person.get, partial(person.post, data=fields))
    ]
    assert 404 == looks[0].status_code == answers[0].status_code
    return body(looks[0]) == body(looks[1]) and body(answers[0]) == body(answers[1])


def test_a_link_shows_what_is_asked_and_two_ways_to_answer(home):
    page = guest(home).get(f"{link(home)}?decision=reject")
    text = words(page)

    assert home.decision("mailed").digest in text
    assert {"approve", "reject"} == {*forms(page.text)}
    assert ["reject", "approve"] == [*forms(page.text)]
    assert "Juan Vidal" in text
    assert "acme/mailed" in text


def test_where_the_link_is_enough_nobody_signs_in_and_it_is_written_so(home):
    visitor = guest(home)
    found = answer(visitor, link(home))
    assert (303, "/told") == (found.status_code, found.headers["location"])
    assert "acme/mailed" in words(visitor.get("/told"))
    assert 404 == guest(home).get("/told").status_code
    home.tick()

    voice = home.decision("mailed").case.voices[0]
    assert ("Mail", False, MARIA, "") == (voice.channel, voice.signed_in, voice.username, voice.because)
    assert "Succeeded" == home.phase("mailed")


def test_whoever_is_signed_in_answers_as_themselves(home):
    maria = home.signed_in("maria")
    found = answer(maria, link(home), "reject", "no budget")
    home.tick()

    assert (303, "/requests/acme/mailed") == (found.status_code, found.headers["location"])
    voice = home.decision("mailed").case.voices[0]
    assert ("Mail", True, "no budget") == (voice.channel, voice.signed_in, voice.reason)
    assert "Rejected" == home.phase("mailed")


def test_where_the_flow_wants_it_the_link_leads_to_the_sign_in_and_back(home):
    path, visitor = link(home, "vdi"), guest(home)
    led = visitor.get(f"{path}?decision=approve")
    assert 303 == led.status_code
    assert urlsplit(led.headers["location"]).path == "/signin"

    page = visitor.get(led.headers["location"])
    fields = dict(re.findall(r'name="(csrf|next)" value="([^"]*)"', page.text))
    back = visitor.post("/signin/demo", data={**fields, "username": MARIA})
    assert f"{path}?decision=approve" == back.headers["location"]
    assert 303 == answer(visitor, back.headers["location"]).status_code
    home.tick()
    voice = home.decision("vdi").case.voices[0]
    assert ("Mail", True, "") == (voice.channel, voice.signed_in, voice.because)


def test_without_signing_in_such_a_link_decides_nothing(home):
    path, visitor = link(home, "vdi"), guest(home)
    visitor.get(link(home))
    token = re.search(r'name="csrf" value="([^"]+)"', visitor.get(link(home)).text).group(1)
    found = visitor.post(path, data={"csrf": token, "verb": "approve"})

    assert 401 == found.status_code
    assert 0 == told(home)


@pytest.mark.parametrize("headers", BOTS)
@pytest.mark.parametrize("name", ["mailed", "vdi"])
def test_rule_41_looking_changes_nothing_and_the_link_lives_on(home, name, headers):
    path, before = link(home, name), home.ledger.reach()
    for method in ("GET", "HEAD", "OPTIONS"):
        for person in (guest(home), home.signed_in("maria")):
            for query in ("", "?decision=approve", "?verb=approve&decision=approve", "?_method=POST"):
                found = person.request(method, f"{path}{query}", headers=headers)
                assert found.status_code in {200, 204, 303}
    for method in ("PUT", "DELETE", "PATCH"):
        assert 405 == guest(home).request(method, path, headers=headers).status_code

    assert before == home.ledger.reach()
    assert 303 == answer(home.signed_in("maria"), path).status_code
    assert 1 == told(home)


def test_rule_42_a_link_is_used_once_and_then_answered_like_any_that_never_was(home):
    path, visitor = link(home), guest(home)
    shown = forms(visitor.get(path).text)
    assert 303 == visitor.post(path, data=shown["approve"]).status_code

    assert all(dead(visitor, path, {**shown[verb], "reason": "no"}) for verb in ("approve", "reject"))
    home.tick()
    assert all(dead(visitor, path, {**shown[verb], "reason": "no"}) for verb in ("approve", "reject"))
    assert 1 == told(home)


def test_rule_42_a_forwarded_link_is_nobody_elses(home):
    """Where people sign in, the session says who; where they need not, somebody else's session says that as well."""
    for name in ("vdi", "mailed"):
        path = link(home, name)
        for who in ("alba", "juan", "ana"):
            person = home.signed_in(who)
            fields = {"csrf": person.csrf, "verb": "approve"}
            assert dead(person, path, fields)
    assert 0 == told(home)


def test_rule_42_a_tampered_or_guessed_link_is_answered_alike(home):
    path, visitor = link(home), guest(home)
    text = path.removeprefix("/mail/")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    flipped = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(0, len(raw), 3)]
    texts = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in flipped]
    texts += [text[:-1], f"{text}A", f"{text}=", text.swapcase(), "A" * len(text), "x" * 1500, "%00", "é", text[4:]]
    shown = forms(visitor.get(path).text)["approve"]

    assert all(dead(visitor, f"/mail/{one}", shown) for one in texts)
    assert 0 == told(home)
    assert 303 == visitor.post(path, data=shown).status_code


def test_rule_42_a_late_link_is_answered_alike(home):
    path, visitor = link(home), guest(home)
    shown = forms(visitor.get(path).text)["approve"]
    home.later = timedelta(days=1, minutes=1)

    assert dead(visitor, path, shown)
    assert 0 == told(home)


def test_rule_42_a_link_to_what_changed_or_ended_is_answered_alike(home):
    changed, ended, visitor = link(home, "vdi"), link(home), home.signed_in("maria")
    filled = forms(visitor.get(changed).text)["approve"]
    reprice(home)
    decide(home.signed_in("alba"), "mailed", "cancel", "not needed")
    home.tick()

    assert all(dead(visitor, path, filled) for path in (changed, ended))
    assert 303 == answer(visitor, link(home, "vdi")).status_code  # the new question has a new link


def test_whoever_decided_in_the_panel_has_answered_the_link_as_well(home):
    path, maria = link(home), home.signed_in("maria")
    filled = forms(maria.get(path).text)["approve"]
    assert 303 == decide(maria, "mailed", "approve").status_code

    assert body(maria.post("/mail/nothing", data=filled)) == body(maria.post(path, data=filled))
    assert 1 == told(home)


def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(home):
    visitor, path = guest(home), link(home)
    answers = [answer(visitor, path, "reject", reason) for reason in ("", "  ", "x" * 513, "a\u202eb")]

    assert [422] * 4 == [one.status_code for one in answers]
    assert "x" * 513 in answers[2].text
    assert 0 == told(home)
    assert 303 == answer(visitor, path, "reject", "no budget").status_code


def test_an_approval_may_have_a_reason_and_one_that_is_no_good_is_shown_at_its_field(home):
    visitor, path = guest(home), link(home)
    assert re.search(
        r'<textarea id="approve-reason" name="reason" maxlength="512" rows="2"></textarea>', visitor.get(path).text
    )
    wrong = answer(visitor, path, "approve", "x" * 513)
    page = re.findall(r'<textarea id="(\w+)-reason"[^>]*?( aria-invalid="true"[^>]*)?>(x*)</textarea>', wrong.text)
    assert 303 == answer(visitor, path, "approve", "budget is agreed").status_code
    home.tick()

    assert 422 == wrong.status_code
    assert [("approve", True, 513), ("reject", False, 0)] == [(one, bool(bad), len(text)) for one, bad, text in page]
    assert "budget is agreed" == home.decision("mailed").case.voices[0].reason


def test_whoever_answers_too_late_is_told_that_nothing_was_decided(home):
    """And nothing else: it is what an answer to any other link that is none comes to."""
    path, visitor = link(home), guest(home)
    shown = forms(visitor.get(path).text)
    visitor.post(path, data=shown["approve"])
    late = visitor.post(path, data={**shown["reject"], "reason": "too dear"})
    looked = visitor.get(path)

    assert "<h1>Nothing was decided just now</h1>" in late.text
    assert "<h1>This link is not for you, or not valid any more</h1>" in looked.text
    assert "What you decided by it before stands." in words(late)


def test_a_form_from_elsewhere_decides_nothing_and_may_be_sent_again(home):
    path, visitor = link(home), guest(home)
    shown = forms(visitor.get(path).text)["reject"]
    other = guest(home)
    tries = [
        other.post(path, data={**shown, "reason": "mine"}),
        visitor.post(path, data={**shown, "csrf": "x", "reason": "mine"}),
        visitor.post(path, data={**shown, "reason": "evil"}, headers={"Origin": "https://evil.example"}),
        visitor.post(path, data={**shown, "reason": "evil"}, headers={"Sec-Fetch-Site": "cross-site"}),
    ]

    assert [403] * 4 == [one.status_code for one in tries]
    assert [True, True, False, False] == ["mine</textarea>" in one.text for one in tries]
    assert not any("evil</textarea>" in one.text for one in tries)
    assert 0 == told(home)
    again = forms(tries[0].text)["reject"]
    assert 303 == other.post(path, data={**again, "reason": "mine"}).status_code


@pytest.mark.parametrize("verb", ["", "withdraw", "cancel", "settle-failed", "approve as"])
def test_a_link_answers_its_question_and_no_other(home, verb):
    visitor, path = guest(home), link(home)
    shown = forms(visitor.get(path).text)["approve"]

    assert 403 == visitor.post(path, data={**shown, "verb": verb, "reason": "no"}).status_code
    assert 0 == told(home)


def test_the_link_stands_in_no_page_no_header_and_no_line_of_the_log(home, caplog):
    """Rules 42 and 43: looked at by everybody, in every state."""
    caplog.set_level(logging.DEBUG)
    people = [guest(home), home.signed_in("maria"), home.signed_in("alba"), home.signed_in("nadia@northwind.example")]
    for name in ("mailed", "vdi"):
        path = link(home, name)
        text = path.removeprefix("/mail/")
        for person in people:
            for found in (person.get(path), person.get(f"{path}x"), person.put(path), person.post(path, data={})):
                if found.status_code not in (303, 401):  # the way to the sign-in and back; a form to send again
                    assert text not in found.text
                    assert text not in str(found.headers)
                assert "no-referrer" == found.headers["referrer-policy"]
                assert "no-store" == found.headers["cache-control"]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("assent")]
    assert ours
    assert not any("/mail/" in one or mint_of(home, name) in one for one in ours for name in ("mailed", "vdi"))


def mint_of(home, name):
    return link(home, name).removeprefix("/mail/")


def test_why_a_link_was_not_answered_is_noted(home, caplog):
    caplog.set_level(logging.WARNING, links.__name__)
    home.signed_in("alba").get(link(home))
    guest(home).get("/mail/nothing")

    found = [one.getMessage() for one in caplog.records if one.name == links.log.name]
    assert [
        "a mail's link of acme/mailed to acme/maria was not answered: OtherPerson",
        "a mail's link was not answered: Unknown",
    ] == found


def test_both_links_of_one_person_have_one_id_for_both_answers(home):
    question = read(home.panel.secret, mint_of(home, "mailed"))
    answer(guest(home), link(home), "reject", "no budget")

    assert question.telling in home.seen().state.told
