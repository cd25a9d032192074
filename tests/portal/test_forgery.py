"""Every form is proven to be the visitor's own, and what was typed outlives a session."""

import html
import re
from datetime import timedelta

import pytest

from portal.visits import MARIA, PEDRO, URL, House

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def house():
    return House()


def test_a_form_of_ones_own_page_is_taken(house):
    visit = house.visit()
    visit.demo()

    assert 303 == visit.post("/form", data={"csrf": visit.token(), "text": "hello"}).status_code
    assert 303 == visit.post("/form", headers={"X-CSRF-Token": visit.token()}).status_code
    assert 303 == visit.post("/form/named", data={"csrf": visit.token(), "text": "hello"}).status_code


@pytest.mark.parametrize("given", [None, "", "x", "é", "another's"])
def test_a_form_without_its_token_is_refused(house, given):
    """Missing, made up, or of another session, even of the same person."""
    visit, other = house.visit(), house.visit()
    visit.demo()
    other.demo()
    fields = {} if given is None else {"csrf": other.token() if given == "another's" else given}

    assert 403 == visit.post("/form", data={"text": "hello", **fields}).status_code
    assert 403 == visit.post("/form", content="{}", headers={"content-type": "application/json"}).status_code
    assert [] == house.sent


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8081"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": URL}, 403),
        ({"Origin": URL}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "null"}, 303),
    ],
)
def test_a_form_that_the_browser_says_came_from_elsewhere_is_refused(house, headers, status):
    """Even with the right token; `null` is what browsers say of our own pages too."""
    visit = house.visit()
    visit.demo()

    assert status == visit.post("/form", data={"csrf": visit.token()}, headers=headers).status_code


def test_what_was_typed_outlives_the_session(house):
    """It is shown again, signing in anew takes another tab, and it is sent then as it was typed."""
    visit = house.visit()
    visit.demo()
    typed = {"reason": 'two\nlines & "quotes" <b>', "name": ["a", "b"], "csrf": visit.token()}
    house.later += timedelta(hours=9)

    answer = visit.post("/form", data=typed)
    assert 401 == answer.status_code
    assert 'target="_blank"' in answer.text
    again = HIDDEN.findall(answer.text)
    assert ["csrf", "reason", "name", "name"] == [name for name, _ in again]

    visit.demo()
    fields = {name: [html.unescape(one) for key, one in again if key == name] for name, _ in again}
    fields["reason"] = [fields["reason"][0].replace("\n", "\r\n")]  # as a browser sends it
    assert 303 == visit.post("/form", data=fields).status_code
    who, sent = house.sent[0]
    assert MARIA == who
    assert [("reason", 'two\r\nlines & "quotes" <b>'), ("name", "a"), ("name", "b")] == sent[1:]


def test_of_a_form_that_is_kept_only_what_was_typed_is_shown(house):
    """What the panel put into it goes on with it, and is nothing to read."""
    visit = house.visit()
    visit.demo()
    ours = {"digest": "d1g357", "telling": "t3ll1n6", "verb": "reject", "sealed": "s3al3d"}
    typed = {"reason": "not before spring", "p.template": "win11", "empty": "", "csrf": visit.token()}
    house.later = timedelta(hours=9)
    page = visit.post("/form", data={**ours, **typed}).text

    shown = re.findall(r"<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>", page)
    assert [("Reason", "not before spring"), ("template", "win11")] == shown
    assert ours.items() <= dict(HIDDEN.findall(page)).items()


def test_a_form_with_declared_fields_is_kept_as_well(house):
    """The page that declares its fields has read them before anybody is asked for."""
    visit = house.visit()
    visit.demo()
    token = visit.token()
    house.later += timedelta(hours=9)
    answer = visit.post("/form/named", data={"csrf": token, "text": "hello"})

    assert (401, "hello") == (answer.status_code, dict(HIDDEN.findall(answer.text))["text"])


def test_a_form_may_wait_longer_than_the_sign_in_before_it_is_sent_again(house):
    """Whoever sends it before having signed in sees it once more."""
    visit = house.visit()
    visit.demo()
    token = visit.token()
    house.later += timedelta(hours=9)
    first = visit.post("/form", data={"csrf": token, "text": "hello"})
    second = visit.post("/form", data=dict(HIDDEN.findall(first.text)))

    assert (401, "hello") == (second.status_code, dict(HIDDEN.findall(second.text))["text"])


def test_a_form_that_is_sent_again_is_the_one_that_was_typed_and_its_persons(house):
    """What is changed on the way is refused, another person's too, and after an hour all of it."""
    visit = house.visit()
    visit.demo()
    token = visit.token()
    house.later += timedelta(hours=9)
    fields = dict(HIDDEN.findall(visit.post("/form", data={"csrf": token, "text": "hello"}).text))
    visit.demo()

    assert 403 == visit.post("/form", data={**fields, "text": "bye"}).status_code
    assert 403 == visit.post("/form/named", data=fields).status_code
    visit.demo(PEDRO)
    assert 403 == visit.post("/form", data=fields).status_code
    visit.demo()
    house.later += timedelta(hours=1)
    assert 403 == visit.post("/form", data=fields).status_code
    assert [] == house.sent


def test_a_form_that_is_older_than_ones_newest_session_may_be_sent_again(house):
    """Signed in anew in another tab: the browser says that the old page is ours."""
    visit = house.visit()
    visit.demo()
    token = visit.token()
    visit.demo()
    answer = visit.post("/form", data={"csrf": token, "text": "hello"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert 403 == answer.status_code
    assert 303 == visit.post("/form", data=dict(HIDDEN.findall(answer.text))).status_code
    assert "hello" == dict(house.sent[0][1])["text"]


def test_another_sites_form_is_never_offered_to_be_sent_again(house):
    """Whoever is led to one click must not find it filled in by somebody else."""
    visit = house.visit()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = visit.post("/form", data={"csrf": "x", "text": "evil words"}, headers=headers)
        assert 401 == answer.status_code
        assert "evil words" not in answer.text
    visit.demo()
    token = visit.token()
    answer = visit.post("/form", data={"text": "evil words"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert 403 == answer.status_code
    assert "evil words" not in answer.text
    house.later += timedelta(hours=9)
    form = {"csrf": token, "text": "evil words"}
    assert "evil words" not in visit.post("/form", data=form, headers={"Sec-Fetch-Site": "cross-site"}).text


def test_a_form_that_cannot_be_read_is_refused(house):
    """More fields than a form may have are no fault of ours."""
    many = "&".join(f"f{number}=1" for number in range(1100))
    answer = house.visit().post("/form", content=many, headers={"content-type": "application/x-www-form-urlencoded"})

    assert 400 == answer.status_code
