"""Deciding in the panel: what is written, what is refused and why, once however often it is sent."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.decisions import TEMPLATE, decide, form, forms, reprice, send, told, words, world
from portal.house import house
from portal.street import ask

JUAN, MARIA, ALBA = "juan@acme.example", "maria@acme.example", "alba@acme.example"
INGRID, OLIVIA = "ingrid@platform.example", "olivia@platform.example"
EVIL = "\"><script>alert('1')</script><img src=x onerror=alert(1)>{{ 1234*1000 }}"


@pytest.fixture
def home(tmp_path):
    """A request of juan's that waits for two stages, and more to ask for."""
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def test_a_request_goes_from_its_form_to_its_result_by_the_panel_alone(home):
    """Two stages: the manager, then the platform."""
    juan, maria, ingrid = (home.signed_in(one) for one in ("juan", "maria", INGRID))
    typed = {"p.template": "win11-office", "p.count": "2", "name": "mine", "reason": "New hires"}
    summary = juan.submit("/open/acme/create-workspaces", **typed)
    sealed = re.search(r'name="sealed" value="([^"]+)"', summary.text).group(1)
    sent = juan.submit("/open/acme/create-workspaces/send", sealed=sealed)
    assert (303, "/requests/acme/mine") == (sent.status_code, sent.headers["location"])
    assert "badge-Submitted" in juan.get("/requests/acme/mine").text
    home.tick()

    assert "approve" not in forms(ingrid.get("/decide").text)
    first = decide(maria, "mine", "approve", "budget is agreed")
    assert (303, "/requests/acme/mine") == (first.status_code, first.headers["location"])
    home.tick()
    stages = home.decision("mine").tally.stages
    assert [("manager", "Satisfied"), ("platform", "Open")] == [(one.seat.stage.name, one.state) for one in stages]
    assert 303 == decide(ingrid, "mine", "approve").status_code
    home.tick()

    assert "Succeeded" == home.phase("mine")
    page = words(juan.get("/requests/acme/mine"))
    assert "workspaces created: 2" in page
    assert "budget is agreed" in page
    voices = home.decision("mine").case.voices
    assert [("Panel", True, "")] * 2 == [(one.channel, one.signed_in, one.because) for one in voices]


def test_what_was_told_shows_until_a_pass_has_judged_it(home):
    maria = home.signed_in("maria")
    decide(maria, "vdi", "approve", "budget is agreed")

    for person in (maria, home.signed_in("juan")):
        page = words(person.get("/requests/acme/vdi"))
        assert "budget is agreed" in page
        assert "PendingApproval" == home.phase("vdi")
    assert "approve" not in forms(maria.get("/requests/acme/vdi").text)
    home.tick()
    assert not home.seen().state.told


def test_rule_10_two_approvers_at_once_count_once_each(home):
    """Both are of the one stage: one fills it, the other's is kept and fills nothing."""
    people = [home.signed_in(one) for one in ("maria", "alba")]
    filled = [form(one, "vdi", "approve") for one in people]
    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(lambda one: send(one[0], "vdi", one[1]), zip(people, filled, strict=True))]
    home.tick()

    assert [303, 303] == [one.status_code for one in answers]
    assert {MARIA, ALBA} == {one.username for one in home.decision("vdi").case.voices}
    assert [1, 0] == [len(stage.decisions) for stage in home.decision("vdi").tally.stages]
    assert "PendingApproval" == home.phase("vdi")


def test_whoever_comes_second_reads_that_it_is_over(home):
    """Olivia approved for the platform first; Ingrid, whose stage it was too, goes on seeing it, a stranger never."""
    maria, ingrid, olivia = (home.signed_in(one) for one in ("maria", INGRID, OLIVIA))
    path = "/requests/acme/vdi"
    assert [404, 404] == [one.get(path).status_code for one in (ingrid, olivia)]  # the stage has not opened yet
    decide(maria, "vdi", "approve")
    home.tick()
    late = form(ingrid, "vdi", "approve")
    decide(olivia, "vdi", "approve")
    assert 200 == ingrid.get(path).status_code
    home.tick()

    assert "Succeeded" == home.phase("vdi")
    assert 200 == ingrid.get(path).status_code
    answer = send(ingrid, "vdi", late)
    assert 409 == answer.status_code
    assert "Your decision was not taken" in answer.text
    assert 404 == home.signed_in("lena@labs.acme.example").get(path).status_code


def test_rule_10_the_same_person_has_one_vote_whatever_name_they_sign_in_with(home):
    maria, mlopez = home.signed_in("maria"), home.signed_in("maria")
    mlopez.cookies.set(home.panel.settings.cookie, home.app.state.sessions.begin("mlopez"))
    filled = form(mlopez, "vdi", "approve")
    decide(maria, "vdi", "approve")
    again = send(mlopez, "vdi", filled)

    assert 409 == again.status_code
    assert "AlreadyJudged" in again.text
    assert 1 == told(home)
    home.tick()
    assert 409 == send(mlopez, "vdi", filled).status_code
    assert "PendingApproval" == home.phase("vdi")


def test_rule_9_nobody_approves_their_own_request_and_the_try_is_written_down(home):
    juan = home.signed_in("juan")
    page = juan.get("/requests/acme/vdi").text
    assert {"withdraw"} == {*forms(page)}
    crafted = {**forms(page)["withdraw"], "verb": "approve"}
    answers = [send(juan, "vdi", {**crafted, "reason": f"try {at}"}) for at in range(3)]
    shown = [*answers, juan.get("/requests/acme/vdi"), juan.get("/decide")]
    assert not any(re.search(r"\btry \d", words(one)) for one in shown)  # no page takes it for a decision
    home.tick()

    assert [403] * 3 == [one.status_code for one in answers]
    assert all("SelfApproval" in one.text for one in answers)
    found = [(one.username, one.because) for one in home.decision("vdi").case.voices]
    assert [(JUAN, "SelfApproval")] == found
    assert "PendingApproval" == home.phase("vdi")
    assert 403 == send(juan, "vdi", crafted).status_code
    assert 1 == told(home)


def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(home):
    maria = home.signed_in("maria")
    answers = [decide(maria, "vdi", "reject", reason) for reason in ("", "   ", "\n", "x" * 513)]

    assert [422] * 4 == [one.status_code for one in answers]
    assert all('aria-invalid="true"' in one.text for one in answers)
    assert "x" * 513 in answers[3].text
    assert 0 == told(home)
    assert 303 == decide(maria, "vdi", "reject", "no budget\r\nthis year").status_code
    home.tick()
    assert ("Rejected", "no budget this year") == (home.phase("vdi"), home.decision("vdi").case.voices[0].reason)


@pytest.mark.parametrize("reason", ["abc\u202egnp.exe", "a\u200bb", "a\x00b", "\U000e0041"])
def test_rule_44_a_reason_that_is_not_shown_as_it_is_is_refused(home, reason):
    answer = decide(home.signed_in("maria"), "vdi", "reject", reason)

    assert 422 == answer.status_code
    assert 0 == told(home)


def test_the_requester_withdraws_and_nobody_else(home):
    juan, maria = home.signed_in("juan"), home.signed_in("maria")
    filled = form(juan, "vdi", "withdraw")
    other = {**form(maria, "vdi", "approve"), "verb": "withdraw"}
    assert 409 == send(maria, "vdi", other).status_code
    assert 303 == send(juan, "vdi", filled).status_code
    home.tick()

    assert "Withdrawn" == home.phase("vdi")
    assert 303 == send(juan, "vdi", filled).status_code  # the same form again is the same decision
    assert 1 == told(home)


def test_cancelling_takes_its_right_and_a_reason(home):
    alba = home.signed_in("alba")
    assert "cancel" not in forms(home.signed_in("maria").get("/requests/acme/vdi").text)
    assert 422 == decide(alba, "vdi", "cancel").status_code
    assert 303 == decide(alba, "vdi", "cancel", "the template is replaced").status_code
    home.tick()

    assert "Cancelled" == home.phase("vdi")


@pytest.mark.parametrize(("verb", "phase"), [("settle-succeeded", "Succeeded"), ("settle-failed", "Failed")])
def test_whoever_may_cancel_says_how_a_run_by_hand_ended(home, verb, phase):
    ask(home, "juan", "hand", "by-hand")
    home.tick()
    assert "Running" == home.phase("hand")
    assert not forms(home.signed_in("juan").get("/requests/acme/hand").text)
    alba = home.signed_in("alba")
    assert {"settle-succeeded", "settle-failed"} == {*forms(alba.get("/requests/acme/hand").text)}
    assert 422 == decide(alba, "hand", verb).status_code
    assert 303 == decide(alba, "hand", verb, "all of it is there").status_code
    home.tick()

    assert phase == home.phase("hand")


def test_rule_7_an_approval_of_what_it_was_is_refused_and_what_it_is_now_is_shown(home):
    """The microservice changes while somebody reads: nothing is decided, and the new digest is asked about."""
    maria = home.signed_in("maria")
    filled = form(maria, "vdi", "approve")
    before = home.decision("vdi").digest
    reprice(home)
    home.tick()
    after = home.decision("vdi").digest
    answer = send(maria, "vdi", {**filled, "reason": "budget is agreed"})

    assert before != after
    assert 409 == answer.status_code
    assert "DigestStale" in answer.text
    assert f'id="new-digest">{after}' in answer.text
    assert "budget is agreed</textarea>" in answer.text
    assert 0 == told(home)
    assert 303 == send(maria, "vdi", forms(answer.text)["approve"]).status_code
    home.tick()
    assert ["Satisfied", "Open"] == [one.state for one in home.decision("vdi").tally.stages]


def test_an_approval_of_what_it_was_is_shown_as_none_also_after_the_end(home):
    """Among one's own last decisions and in the request's history, while it waits and after it was withdrawn."""
    alba, juan = home.signed_in("alba"), home.signed_in("juan")
    decide(alba, "vdi", "approve")
    home.tick()
    assert "does not count" not in words(alba.get("/decide"))
    reprice(home)
    home.tick()
    waits = [words(alba.get(page)) for page in ("/decide", "/requests/acme/vdi")]
    decide(juan, "vdi", "withdraw")
    home.tick()
    over = [words(alba.get(page)) for page in ("/decide", "/requests/acme/vdi")]

    assert "Withdrawn" == home.phase("vdi")
    assert [True] * 4 == ["does not count" in text for text in (*waits, *over)]


def test_looking_decides_nothing(home):
    maria = home.signed_in("maria")
    filled = form(maria, "vdi", "approve")
    answer = maria.get("/requests/acme/vdi/decide", params=filled)

    assert (303, "/requests/acme/vdi") == (answer.status_code, answer.headers["location"])
    assert {405} == {maria.request(one, "/requests/acme/vdi/decide").status_code for one in ("PUT", "DELETE", "PATCH")}
    assert 0 == told(home)


def test_whoever_may_not_see_it_cannot_decide_it_either(home):
    """The answer is that of a request that does not exist, byte for byte."""
    lena = home.signed_in("lena@labs.acme.example")
    filled = {**form(home.signed_in("maria"), "vdi", "approve"), "csrf": lena.csrf}
    hidden, missing = (send(lena, name, filled) for name in ("vdi", "not"))

    assert (404, 404) == (hidden.status_code, missing.status_code)
    assert hidden.content.replace(b"acme/vdi", b"") == missing.content.replace(b"acme/not", b"")
    assert 0 == told(home)


def test_rule_11_whoever_lost_the_right_is_refused(home):
    maria = home.signed_in("maria")
    filled = form(maria, "vdi", "approve")
    path = home.ground.repository / "organizations" / "acme" / "roles.yaml"
    path.write_text(path.read_text().replace("automate: Approver", "automate: Viewer"))
    home.ground.git("alba", "commit", "-qaS", "-m", "Take the right away")
    home.tick()

    answer = send(maria, "vdi", filled)
    assert (403, True) == (answer.status_code, "NotEntitled" in answer.text)
    assert 0 == told(home)


def test_after_the_end_nothing_is_decided(home):
    maria = home.signed_in("maria")
    filled, late = form(maria, "vdi", "approve"), form(maria, "vdi", "reject")
    decide(home.signed_in("alba"), "vdi", "reject", "no budget")
    answer = send(maria, "vdi", filled)  # told, though no pass has judged it

    assert (409, True) == (answer.status_code, "RequestEnded" in answer.text)
    home.tick()
    assert 409 == send(maria, "vdi", {**late, "reason": "me too"}).status_code
    assert 1 == told(home)
    assert not forms(maria.get("/requests/acme/vdi").text)


def test_rule_19_a_decision_after_the_deadline_is_refused(home):
    ask(home, "juan", "timed", "in-time", parameters={"text": "hello"})
    home.tick()
    maria = home.signed_in("maria")
    filled = form(maria, "timed", "approve")
    home.later = timedelta(hours=5)
    answer = send(maria, "timed", filled)

    assert (409, "TooLate" in answer.text, 0) == (answer.status_code, True, told(home))


@pytest.mark.parametrize("verb", ["", "approves", "settle", "APPROVE", "approve\n"])
def test_a_form_that_says_no_decision_is_refused(home, verb):
    answer = send(home.signed_in("maria"), "vdi", {**form(home.signed_in("maria"), "vdi", "approve"), "verb": verb})

    assert answer.status_code in {400, 403}
    assert 0 == told(home)


def test_what_people_wrote_is_escaped_where_it_is_kept_and_where_it_is_shown(home):
    maria = home.signed_in("maria")
    kept = decide(maria, "vdi", "reject", EVIL + "\u202e")
    assert 303 == decide(maria, "vdi", "reject", EVIL).status_code
    pending = maria.get("/requests/acme/vdi")
    home.tick()
    pages = [kept, pending, *(maria.get(path) for path in ("/requests/acme/vdi", "/requests?scope=all", "/decide"))]

    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text.replace('<img src="/static/icon.svg"', "")
        assert "1234000" not in page.text
        assert "\u202e" not in page.text.replace("\u202e</textarea>", "")  # what was typed stays to be mended
