"""Attacks that would stop others: by filling the ledger, by keeping threads, by what cannot be shown."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from assent.api.ledger import Record
from assent.core.state import LONGEST_SESSION, fold
from assent.portal import git_door
from portal.decisions import _service
from portal.house import house
from portal.street import commit, stranger

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def left(at, after=0):
    """Somebody signs out, for the so-manieth time."""
    return Record(at, NOW + timedelta(seconds=after), "signedOut", f"{at:032x}", {"username": "ghost@x.example"})


def offers(ground):
    """Something to ask for of which the schema says nothing."""
    made = _service("open-ended", {"run": {"manual": {"instructions": "x"}}, "parameters": {"type": "object"}})
    commit(ground, "olivia", {"extra/open-ended.yaml": made}, "Offer")


@pytest.fixture
def home(tmp_path):
    with house(tmp_path / "w", before=offers) as home:
        yield home


def seals(person, count):
    """So many summaries that may be sent."""
    typed = {"csrf": person.csrf, "p.~": "{}"}
    pages = [person.post("/open/acme/open-ended", data={**typed, "name": f"n{at}"}).text for at in range(count)]
    return [re.search(r'name="sealed" value="([^"]+)"', page).group(1) for page in pages]


def test_signing_in_and_out_for_ever_makes_no_reading_of_the_ledger_slow():
    """Anybody whom the provider knows can do that; and whoever starts reads the ledger from its beginning."""
    began = time.process_time()
    fold(map(left, range(1, 2001)))
    some = time.process_time() - began
    fold(map(left, range(1, 16001)))

    assert time.process_time() - began < 4 * 8 * some + 1


def test_what_is_over_is_forgotten_when_no_cookie_could_live_any_more():
    """And not a second before, in whatever order the clock was read."""
    late = int(LONGEST_SESSION.total_seconds())
    state = fold([left(1), left(2, 60), left(3, late - 1)])
    assert 3 == len(state.signed_out)
    state = fold([left(4, late)], state)
    assert {f"{at:032x}" for at in (2, 3, 4)} == set(state.signed_out)
    state = fold([left(5, -3600), left(6, late + 60)], state)
    assert {f"{at:032x}" for at in (3, 4, 5, 6)} == set(state.signed_out)


def test_whoever_sends_many_at_once_keeps_no_thread_of_the_others(home, monkeypatch):
    """While the first is brought in slowly, only so many of one person wait for it; each may be sent again."""
    slow, gone = threading.Event(), threading.Event()
    commit_ = home.door._commit

    def hanging(*given):
        gone.set()
        assert slow.wait(30)
        commit_(*given)

    monkeypatch.setattr(home.door, "_commit", hanging)
    juan, ana = home.signed_in("juan"), home.signed_in("ana")
    csrf, sealed = juan.csrf, seals(juan, git_door.EACH + 3)

    def send(one):
        return juan.post("/open/acme/open-ended/send", data={"csrf": csrf, "sealed": one})

    with ThreadPoolExecutor(len(sealed)) as pool:
        answers = [pool.submit(send, one) for one in sealed]
        assert gone.wait(30)
        until = time.monotonic() + 30
        while sum(one.done() for one in answers) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        assert [502] * 3 == [one.result().status_code for one in answers if one.done()]
        assert 200 == ana.get("/requests").status_code
        slow.set()
        refused = [one for one, answer in zip(sealed, answers, strict=True) if answer.result().status_code == 502]
    assert [303] * 3 == [send(one).status_code for one in refused]
    home.tick()
    assert git_door.EACH + 3 == len([one for one in home.seen().state.cases.values() if one.proven_by])
    assert not home.door._coming


@pytest.mark.parametrize(
    "text",
    [
        '{"\\ud800": 1}',
        '{"a": {"\\udfff": 1}}',
        '{"a\\u202e": 1}',
        '{"\\u0000": 1}',
        '{"a": "\\ud800"}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": 1, "a": 2}',
        '{"a": ' * 900 + "1" + "}" * 900,
        '{"a": ' + "[" * 20000 + "]" * 20000 + "}",
        "[" * 20000,
        '{"a": NaN}',
        "{" + ",".join(f'"k{at}": 1' for at in range(9000)) + "}",
    ],
)
def test_rule_32_json_that_cannot_be_a_request_is_a_sentence_and_no_fault(home, text):
    juan = home.signed_in("juan")
    answer = juan.submit("/open/acme/open-ended", **{"p.~": text, "name": "odd"})

    assert 422 == answer.status_code
    assert not home.seen().state.asked


@pytest.mark.parametrize(
    "body",
    [
        "a=b&" * 60_000,
        "&" * 250_000,
        "%" * 250_000,
        "a=" + "%F0%9F" * 40_000,
        "csrf=" + "a" * 250_000,
        ";".join(["a"] * 100_000),
    ],
)
@pytest.mark.parametrize(
    "path", ["/signin/demo", "/signout", "/requests/acme/x/decide", "/open/acme/x/send", "/mail/x"]
)
def test_whatever_form_somebody_unknown_sends_is_answered_at_once(home, path, body):
    """It is read before anybody knows who sends it; the process has other threads, so the quickest of three counts."""
    took = []
    for _ in range(3):
        person = stranger(home, "nobody")
        person.cookies.clear()
        began = time.process_time()
        answer = person.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        took.append(time.process_time() - began)
        assert answer.status_code in (303, 400, 401, 403, 404, 422)

    assert min(took) < 1
