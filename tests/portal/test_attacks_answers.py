"""Attacks on what stands before every page: caches, counting, addresses, names, and bodies that never end."""

import asyncio
import tracemalloc

import pytest

from assent.portal.guard import address, read
from assent.portal.settings import Oidc, Rates, Settings
from portal.visits import MARIA, PEDRO, URL, House, Visit

PUBLIC = "https://assent.example"
OIDC = Oidc(issuer="https://login.example", client_id="panel")


@pytest.fixture
def house():
    return House()


@pytest.mark.parametrize(
    "path",
    [
        "/static/nowhere.css",
        "/static/",
        "/static/%2e%2e/mine",
        "/scripts/nowhere.js",
        "/scripts/%2e%2e",
        "/nowhere.css",
        "/mine/nowhere.css",
        "/healthz",
        "/metrics",
    ],
)
def test_no_cache_on_the_way_learns_who_asked_by_an_address_that_looks_like_a_file(house, path):
    """A link to a style sheet that is not there, sent to somebody, is answered for everybody or is not kept."""
    visit = house.visit()
    visit.demo()
    answer = visit.get(path)

    assert 404 == answer.status_code
    assert "no-store" == answer.headers["cache-control"]
    if path.startswith(("/static", "/scripts", "/healthz", "/metrics")):
        assert not any(word in answer.text for word in (MARIA, "csrf", "<form"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_file_is_kept_only_where_it_was_found(house, method):
    answer = house.visit().request(method, "/static/style.css")

    assert ("no-store" in answer.headers.get("cache-control", "")) == (answer.status_code != 200)


@pytest.mark.parametrize("path", ["/static/nowhere", "/scripts/nowhere", "/healthz", "/metrics", "/readyz", "/livez"])
def test_what_is_not_counted_reads_nothing(house, path):
    """As often as somebody likes: not one look at the ledger, and no page is made."""
    visit = house.visit()
    visit.demo()
    house.door.seen = lambda _now: pytest.fail("the ledger was read")

    assert {404} == {visit.get(path).status_code for _ in range(3)}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example\\@assent.example",
        "assent.example/@evil.example",
        "assent.example@evil.example",
        "assent.example\\.evil.example",
        "assent.example:443\\@evil.example",
        "assent.example#evil.example",
        "assent.example.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "127.0.0.1.nip.io",
    ],
)
@pytest.mark.parametrize("path", ["/mine/", "/signin/", "/mail/some-token/", "/requests/a/b/"])
def test_no_answer_leads_to_a_host_that_the_request_named(house, host, path):
    """Nor to any scheme: only a proxy knows which one people came by."""
    visit = Visit(house.app(public_url=PUBLIC, oidc=OIDC), PUBLIC)
    answer = visit.get(path, headers={"Host": host, "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"})

    assert answer.status_code in (400, 404)
    assert "evil.example" not in str(answer.headers)
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/mine", "/signin", "/signin/", "/mine/", "/api/v1", "/requests/a/b/decide"])
def test_every_redirect_is_to_a_path(house, path):
    visit = Visit(house.app(public_url=PUBLIC, oidc=OIDC), PUBLIC)
    place = visit.get(path).headers.get("location", "/")

    assert place.startswith("/")
    assert not place.startswith("//")


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", "::ffff:198.51.100.9", "198.51.100.9"),
        ("::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("::ffff:192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.9:51234", "198.51.100.9"),
        ("10.0.0.1", "[2001:db8:1:2::3]:443", "2001:db8:1:2::/64"),
        ("10.0.0.1", "203.0.113.5, ,198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "203.0.113.5,", "10.0.0.1"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("testclient", "198.51.100.9", "testclient"),
        ("10.0.0.1", "a" * 5000, "10.0.0.1"),
        ("10.0.0.1", "[", "10.0.0.1"),
        ("10.0.0.1", ":", "10.0.0.1"),
    ],
)
def test_people_behind_a_proxy_are_told_apart_however_it_writes_their_addresses(peer, forwarded, expected):
    """Else whoever uses up the limit of one has used up that of all."""
    settings = Settings(public_url=URL, trusted_proxies=("10.0.0.0/8",))
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []

    assert expected == address({"type": "http", "client": (peer, 1), "headers": headers}, settings)


def test_more_sessions_are_no_more_posts(house):
    """Signing in again and again gives nobody more writes than they have."""
    app = house.app(rates=Rates(posts="5/minute", signin="", address="", session=""))
    visits = [Visit(app) for _ in range(3)]
    for visit in visits:
        visit.hold(app.state.sessions.begin(MARIA))
    answers = [visit.post("/form").status_code for visit in visits for _ in range(2)]
    other = Visit(app)
    other.hold(app.state.sessions.begin("somebody@else.example"))

    assert [403] * 5 + [429] == answers
    assert 403 == other.post("/form").status_code


def test_a_cookie_that_was_taken_away_uses_up_nothing_of_its_persons(house):
    """Whoever has an old cookie keeps nobody from working."""
    app = house.app(rates=Rates(posts="3/minute", signin="", address="", session=""))
    victim, thief = Visit(app), Visit(app, peer="192.0.2.66")
    old = app.state.sessions.begin(MARIA)
    thief.hold(old)
    victim.hold(app.state.sessions.begin(MARIA))
    app.state.sessions.end(app.state.sessions.opened(old))
    assert 429 == [thief.post("/form").status_code for _ in range(5)][-1]

    assert 403 == victim.post("/form").status_code


def test_a_body_that_comes_byte_by_byte_is_no_larger_in_memory():
    left = [100_000]

    async def receive():
        left[0] -= 1
        return {"type": "http.request", "body": b"x", "more_body": left[0] > 0}

    tracemalloc.start()
    found = asyncio.run(read(receive, 256 * 1024))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [b"x" * 100_000] == [one["body"] for one in found]
    assert most < 2_000_000


def test_whoever_hangs_up_within_a_body_sends_nothing():
    messages = iter([{"type": "http.request", "body": b"verb=approve", "more_body": True}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    assert ["http.disconnect"] == [one["type"] for one in asyncio.run(read(receive, 100))]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Via", "1.1 nginx"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Server", "gate"),
        ("X-Client-IP", "192.0.2.1"),
        ("CF-Connecting-IP", "192.0.2.1"),
        ("X-Envoy-External-Address", "192.0.2.1"),
        ("Forwarded", "for=127.0.0.1"),
        ("X-Forwarded-For", "127.0.0.1"),
    ],
)
def test_the_demos_people_do_not_sign_in_through_a_proxy(house, name, value):
    """Whatever the proxy says: that there is one is enough."""
    visit = house.visit()
    form = {"username": PEDRO, "csrf": visit.token("/signin")}

    assert 403 == visit.post("/signin/demo", data=form, headers={name: value}).status_code
    assert 303 == visit.demo().status_code
