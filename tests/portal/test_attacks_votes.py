"""Attacks on decisions: two votes of one person, another's vote, one's own request, and two answers to one question."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from assent.api.names import Ref
from assent.core.deeds import Deed
from assent.core.state import fold
from assent.portal.deeds import tell
from portal.decisions import TEMPLATE, decide, form, forms, send, told, world
from portal.house import CSRF, Person, house
from portal.street import ask, commit, stranger
from portal.test_links import link

JUAN, MARIA, FINA = "juan@acme.example", "maria@acme.example", "fina@acme.example"
ALIAS = "mlopez"
"""Another name of Maria's."""


@pytest.fixture
def home(tmp_path):
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        ask(home, "juan", "mailed", "by-mail")
        ask(home, "juan", "hand", "by-hand")
        yield home.tick()


def voices(home, name="vdi"):
    """What was judged of the request: who, what, and why it does not count."""
    return [(one.person and one.person.name, one.verb, one.because) for one in home.decision(name).case.voices]


def test_rule_18_whoever_answers_a_mails_link_second_is_told_so(home):
    """Two browsers with one link, one approves and one rejects at the same moment."""
    at, browsers, verbs = link(home), [Person(home.app), Person(home.app)], ("approve", "reject")
    tokens = [CSRF.search(one.get(at).text).group(1) for one in browsers]
    with ThreadPoolExecutor(2) as pool:
        sent = [
            pool.submit(one.post, at, data={"csrf": token, "verb": verb, "reason": "so"})
            for one, token, verb in zip(browsers, tokens, verbs, strict=True)
        ]
        answers = [one.result() for one in sent]

    (one,) = home.seen().state.told.values()
    won = verbs.index(one.text.partition(" ")[0])
    assert (303, 404) == (answers[won].status_code, answers[1 - won].status_code)
    assert 1 == told(home)


def test_rule_18_whoever_has_seen_nothing_of_the_faster_one_is_told_so_too(home):
    """Both were weighed on the same moment; the ledger takes one."""
    seen, digest = home.seen(), home.decision("vdi").digest
    deeds = [Deed(Ref("acme", "vdi"), verb, MARIA, "f" * 32, digest, "so") for verb in ("approve", "reject")]
    found = [tell(home.panel, seen, one) for one in (*deeds, deeds[0])]

    assert [None, "IdTaken", None] == [one and one.word for one in found]
    assert 1 == told(home)


def test_rule_18_one_form_with_two_buttons_has_one_answer(home):
    """How a run ended is told once; who presses the other button of the same form hears that it was used."""
    alba = home.signed_in("alba")
    filled = form(alba, "hand", "settle-succeeded")
    first = send(alba, "hand", {**filled, "reason": "it is done"})
    for _ in range(2):
        other = send(alba, "hand", {**filled, "verb": "settle-failed", "reason": "it is not"})
        assert (303, 409) == (first.status_code, other.status_code)
        assert "used for another decision" in other.text or "NothingToSettle" in other.text or "ended" in other.text
        home.tick()

    assert "Succeeded" == home.phase("hand")


def test_rule_10_many_forms_of_one_person_at_once_fill_one_place(home):
    """Each form is genuine, with an id of its own; under two names and in several sessions."""
    people = [stranger(home, name) for name in (MARIA, ALIAS) * 4]
    filled = [form(one, "vdi", "approve") for one in people]
    assert len({one["telling"] for one in filled}) == len(people)
    with ThreadPoolExecutor(8) as pool:
        [*pool.map(lambda one: send(one[0], "vdi", one[1]), zip(people, filled, strict=True))]
    home.tick()

    found = voices(home)
    assert 1 == [because for _, _, because in found].count("")
    assert {("maria", "approve", ""), ("maria", "approve", "AlreadyJudged")} >= {*found}
    assert [1, 0] == [len(stage.decisions) for stage in home.decision("vdi").tally.stages]
    assert "PendingApproval" == home.phase("vdi")


def test_rule_9_whoever_is_asked_for_by_another_name_cannot_approve(home):
    """The requester names an alias, so that the approver does not see themselves in it."""
    alba = home.signed_in("alba")
    typed = {"p.template": "win11-office", "p.count": "2", "name": "for-her", "onBehalfOf": ALIAS}
    page = alba.submit("/open/acme/create-workspaces", **typed).text
    sealed = re.search(r'name="sealed" value="([^"]+)"', page).group(1)
    assert 303 == alba.submit("/open/acme/create-workspaces/send", sealed=sealed).status_code
    home.tick()
    maria = home.signed_in("maria")
    found = forms(maria.get("/requests/acme/for-her").text)

    assert "approve" not in found
    assert 409 == send(maria, "for-her", {**found["reject"], "verb": "approve"}).status_code
    assert not voices(home, "for-her")


def alias_to_fina(home):
    """Somebody who may gives the name to another person."""
    path = home.ground.repository / "organizations" / "acme" / "users.yaml"
    text = path.read_text().replace(f"  aliases: [{ALIAS}]\n", "", 1)
    path.write_text(text.replace(f"  username: {FINA}\n", f"  username: {FINA}\n  aliases: [{ALIAS}]\n", 1))
    commit(home.ground, "alba", {}, "Give the name to Fina")


def test_rule_10_a_name_that_is_given_away_gives_no_second_vote(home):
    """Maria has decided by it, and her browser is somebody else's from then on; for what waits that is too late."""
    other = stranger(home, ALIAS)
    decide(other, "vdi", "approve", "by my other name")
    alias_to_fina(home)
    home.tick()
    assert home.seen().person(ALIAS) == Ref("acme", "fina")
    assert [("maria", "approve", "")] == voices(home)

    assert "approve" not in forms(other.get("/requests/acme/vdi").text)
    crafted = {"csrf": other.csrf, "verb": "approve", "digest": home.decision("vdi").digest, "telling": "0" * 32}
    assert 409 == send(other, "vdi", crafted).status_code
    home.tick()
    assert [("maria", "approve", "")] == voices(home)


@pytest.mark.parametrize(
    "name", ["Maria@acme.example", "maria@acme.example ", "mari\u0430@acme.example", "MLOPEZ", "acme/maria"]
)
def test_rule_9_a_name_that_only_looks_like_one_is_nobodys(home, name):
    """In other letters, with a blank, or with a letter of another script."""
    person = stranger(home, name)

    assert 404 == person.get("/requests/acme/vdi").status_code
    assert 404 == person.get("/requests").status_code


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "0" * 64},
        {"digest": ""},
        {"telling": ""},
        {"telling": "0" * 32},
        {"telling": "."},
        {"telling": "\u0660" * 32},
        {"verb": "reject", "reason": "so"},
        {"verb": "withdraw"},
        {"verb": "APPROVE"},
        {"verb": "approve\x00"},
        {"verb": ["approve", "reject"]},
        {"digest": ["0" * 64, "1" * 64]},
    ],
)
def test_rule_7_no_part_of_a_form_is_another_than_was_shown(home, changed):
    maria = home.signed_in("maria")
    answer = send(maria, "vdi", {**form(maria, "vdi", "approve"), **changed})

    assert 400 <= answer.status_code < 500
    assert 0 == told(home)


def test_rule_28_after_all_of_it_the_ledger_is_read_from_its_beginning_as_before(home):
    """Odd reasons, odd names, sign-outs and self-approvals: whoever starts anew reads all of it back."""
    juan, maria = home.signed_in("juan"), home.signed_in("maria")
    for reason in ("x" * 512, "because y for " + "0" * 64, "e\u0301\ufffd\U0001f600", "a as b because c", '"}{\\'):
        send(maria, "vdi", {**form(maria, "vdi", "approve"), "reason": reason}) if told(home) == 0 else None
        send(juan, "vdi", {**forms(juan.get("/requests/acme/vdi").text)["withdraw"], "verb": "approve"})
    for name in ("ghost@nowhere.example", "\U0001f600", "a\\b", "x" * 200):
        person = stranger(home, name)
        person.post("/signout", data={"csrf": CSRF.search(person.get("/").text).group(1)})
    home.tick()
    again = fold(home.ledger.records())

    assert again == home.seen().state
    assert again == home.controller.knowledge.state
    home.controller.start(home.moment, "")
    assert "PendingApproval" == home.tick().phase("vdi")


def test_rule_42_a_link_is_no_session_and_a_session_no_link(home):
    """What one proves is nothing that the other takes."""
    maria, at = home.signed_in("maria"), link(home)
    session = maria.cookies[home.panel.settings.cookie]
    person = Person(home.app)
    get = partial(person.get, follow_redirects=False)
    person.cookies.set(home.panel.settings.cookie, at.rpartition("/")[2])

    assert 303 == get("/requests").status_code
    assert 404 == get(f"/mail/{session}").status_code
    assert 404 == get(f"/mail/{session.rpartition('.')[0]}").status_code
