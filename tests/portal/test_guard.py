"""What every answer carries, and what is refused before any page looks at it."""

import pytest

from assent.portal.guard import address
from assent.portal.settings import Oidc, Rates, Settings
from portal.visits import URL, House, Visit

PUBLIC = "https://assent.example"
OIDC = Oidc(issuer="https://login.example/realms/acme", client_id="panel")


@pytest.fixture
def house():
    return House()


@pytest.fixture
def visit(house):
    return Visit(house.app(), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/signin", 200),
        ("/mine", 303),
        ("/nowhere", 404),
        ("/broken", 500),
        ("/static/icon.svg", 200),
        ("/static/nowhere", 404),
        ("/api/v1/me", 401),
    ],
)
def test_every_answer_carries_the_headers(visit, path, status):
    """Pages, redirects, errors and files alike."""
    answer = visit.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))

    assert status == answer.status_code
    assert {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    } == policy
    assert ("nosniff", "no-referrer", "same-origin") == tuple(
        answer.headers[name] for name in ("x-content-type-options", "referrer-policy", "cross-origin-opener-policy")
    )
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("path", ["/signin", "/mine", "/nowhere", "/broken", "/api/v1/me"])
def test_nothing_is_kept_but_files(visit, path):
    """A page shows what somebody may see: no other person of the same browser finds it."""
    assert "no-store" == visit.get(path).headers["cache-control"]
    assert "no-store" not in visit.get("/static/icon.svg").headers.get("cache-control", "")


def test_refusals_of_the_guard_carry_them_too(house):
    """Whoever stands outermost answers for itself."""
    visit = house.visit(body_limit=10, rates=Rates(signin="1/minute"))
    visit.get("/signin")
    answers = [
        visit.get("/signin"),
        visit.post("/form", content="x" * 11),
        visit.get("/signin", headers={"Host": "evil.example"}),
    ]

    assert [429, 413, 400] == [one.status_code for one in answers]
    assert all("content-security-policy" in one.headers for one in answers)
    assert all("no-store" == one.headers["cache-control"] for one in answers)


def test_a_public_panel_is_reached_by_https_from_then_on(house):
    """And its forms may lead to the provider, where signing out ends."""
    headers = Visit(house.app(public_url=PUBLIC, oidc=OIDC), PUBLIC).get("/signin").headers

    assert "max-age=31536000" == headers["strict-transport-security"]
    assert "form-action 'self' https://login.example;" in headers["content-security-policy"]


def test_a_fault_of_ours_tells_nothing(visit):
    """The sentence says that it is logged, and no more."""
    answer = visit.get("/broken")

    assert 500 == answer.status_code
    assert not any(word in answer.text for word in ("12345", "Traceback", "RuntimeError"))


def test_a_fault_of_ours_is_shown_by_the_apps_own_page_where_it_has_one(house):
    """With the same headers."""
    app = house.app()
    app.add_exception_handler(500, lambda request, error: house_page(request))
    answer = Visit(app, raise_server_exceptions=False).get("/broken")

    assert (500, "our page for /broken") == (answer.status_code, answer.text)
    assert "content-security-policy" in answer.headers


def house_page(request):
    from starlette.responses import PlainTextResponse  # noqa: PLC0415 -- nobody else needs it

    return PlainTextResponse(f"our page for {request.url.path}", 500)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("assent.example", 200),
        ("ASSENT.example:443", 200),
        ("localhost", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("evil.example", 400),
        ("assent.example.evil.example", 400),
        ("assent.example:8443", 400),
        ("assent.example:x", 400),
        ("localhost.evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("", 400),
        ("[::1", 400),
    ],
)
def test_the_panel_answers_to_its_own_name_alone(house, host, status):
    """Another name that leads here is a trick with somebody's browser; the machine itself may use its own."""
    visit = Visit(house.app(public_url=PUBLIC, oidc=OIDC), PUBLIC)

    assert status == visit.get("/signin", headers={"Host": host, "X-Forwarded-Host": "assent.example"}).status_code


def test_probes_are_answered_under_any_name(house):
    """A kubelet knows the address of a pod, and asks as often as it likes."""
    visit = house.visit(rates=Rates(address="1/minute"))

    assert {404} == {visit.get("/healthz", headers={"Host": "10.1.2.3:8080"}).status_code for _ in range(3)}


class TestBodies:
    """Nobody sends more than a document may have."""

    def test_a_body_up_to_the_limit_is_taken(self, house):
        visit = house.visit(body_limit=100)
        visit.demo()
        token = visit.token()
        body = f"csrf={token}&text=".ljust(100, "x")
        form = {"content-type": "application/x-www-form-urlencoded"}

        assert 303 == visit.post("/form", content=body, headers=form).status_code
        assert 413 == visit.post("/form", content=f"{body}x", headers=form).status_code

    @pytest.mark.parametrize("path", ["/form", "/nowhere", "/api/v1/me", "/signin/demo"])
    def test_a_body_beyond_the_limit_is_refused_wherever_it_goes(self, house, path):
        """Whether its length was said before or not."""
        visit = house.visit()
        parts = (b"x" * 1024 for _ in range(300))

        assert 413 == visit.post(path, content=b"x" * (256 * 1024 + 1)).status_code
        assert 413 == visit.post(path, content=parts).status_code

    def test_a_program_reads_the_refusal_as_a_program(self, house):
        answer = house.visit().post("/api/v1/requests", content=b"x" * (256 * 1024 + 1))

        assert ("application/problem+json", 413) == (answer.headers["content-type"], answer.json()["status"])


class TestRates:
    """Nobody asks more often than people do."""

    @pytest.mark.parametrize(
        ("rates", "method", "path"),
        [
            ({"address": "3/minute"}, "GET", "/mine"),
            ({"signin": "3/minute"}, "GET", "/signin"),
            ({"signin": "3/minute"}, "GET", "/signin/start"),
            ({"mail": "3/minute"}, "GET", "/mail/some-token"),
            ({"posts": "3/minute"}, "POST", "/form"),
        ],
    )
    def test_an_address_is_heard_so_often(self, house, rates, method, path):
        """Then it is told how long to wait."""
        lifted = dict.fromkeys(("address", "session", "signin", "mail", "posts"), "")
        visit = house.visit(rates=Rates(**lifted | rates))
        answers = [visit.request(method, path) for _ in range(4)]

        assert [False, False, False, True] == [one.status_code == 429 for one in answers]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60

    def test_another_address_is_heard_all_the_same(self, house):
        """One person's haste is nobody else's wait."""
        app = house.app(rates=Rates(signin="1/minute"))
        first, second = Visit(app, peer="192.0.2.1"), Visit(app, peer="192.0.2.2")

        assert [200, 429, 200] == [one.get("/signin").status_code for one in (first, first, second)]

    def test_a_session_is_heard_so_often_wherever_it_is_used(self, house):
        """From two addresses it is still one."""
        app = house.app(rates=Rates(session="3/minute"))
        visit, twin = Visit(app), Visit(app, peer="192.0.2.2")
        visit.demo()
        twin.hold(visit.cookies["assent"])

        assert [200, 200, 200, 429] == [one.get("/mine").status_code for one in (visit, twin, visit, twin)]

    def test_a_made_up_cookie_is_no_session_to_count_by(self, house):
        """Else everybody would have as many as they like, and memory would be full of them."""
        visit = house.visit(rates=Rates(posts="2/minute"))
        answers = []
        for number in range(3):
            visit.hold(f"made-up-{number}")
            answers.append(visit.post("/form").status_code)

        assert [401, 401, 429] == answers

    def test_files_are_not_counted(self, house):
        """A page brings several."""
        visit = house.visit(rates=Rates(address="1/minute"))

        assert {200} == {visit.get("/static/icon.svg").status_code for _ in range(3)}

    def test_every_limit_can_be_lifted(self, house):
        """For a load that is meant."""
        visit = house.visit()

        assert {200} == {visit.get("/signin").status_code for _ in range(100)}


class TestAddresses:
    """Who asks is the peer, unless it is a proxy that is trusted."""

    @pytest.mark.parametrize(
        ("peer", "forwarded", "trusted", "expected"),
        [
            ("192.0.2.1", [], (), "192.0.2.1"),
            ("192.0.2.1", ["198.51.100.9"], (), "192.0.2.1"),
            ("192.0.2.1", ["198.51.100.9"], ("192.0.2.0/24",), "198.51.100.9"),
            ("192.0.2.1", ["203.0.113.5, 198.51.100.9"], ("192.0.2.0/24",), "198.51.100.9"),
            ("192.0.2.1", ["203.0.113.5", "198.51.100.9"], ("192.0.2.0/24",), "198.51.100.9"),
            ("192.0.2.1", ["203.0.113.5, 192.0.2.2"], ("192.0.2.0/24",), "203.0.113.5"),
            ("192.0.2.1", ["rubbish"], ("192.0.2.0/24",), "192.0.2.1"),
            ("192.0.2.1", [""], ("192.0.2.0/24",), "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", [], (), "2001:db8:1:2::/64"),
        ],
    )
    def test_an_address_is_what_somebody_trusted_saw(self, peer, forwarded, trusted, expected):
        """What anybody may write into a header says nothing; of a household's many addresses one counts."""
        headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
        settings = Settings(public_url=URL, trusted_proxies=trusted)

        assert expected == address({"type": "http", "client": (peer, 1), "headers": headers}, settings)
