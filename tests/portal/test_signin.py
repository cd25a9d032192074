"""Sessions: what their cookies bear, how they end, whom they stand for, and forms that outlive them."""

import re
from datetime import timedelta

import pytest

import builders
from assent.portal.sessions import Sessions
from assent.portal.settings import Oidc
from portal.provider import Provider
from portal.visits import MARIA, PEDRO, URL, House, Visit, world

PUBLIC = "https://assent.example"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def house():
    return House()


def cookie(answer, name="assent"):
    """The attributes of the session's cookie that the answer sets, in lower case."""
    found = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    assert 1 == len(found)
    return {part.strip().lower() for part in found[0].split(";")[1:]}


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(house):
    """The way on is remembered, query and all."""
    visit = house.visit()
    answer = visit.get("/mine?page=2")

    assert (303, "/signin?next=%2Fmine%3Fpage%3D2") == (answer.status_code, answer.headers["location"])
    assert "/mine?page=2" == visit.demo(next="/mine?page=2").headers["location"]
    assert f"{MARIA} a/maria" == visit.get("/mine").text


def test_a_part_of_a_page_that_is_asked_for_by_script_leads_the_whole_page_away(house):
    """A script that would follow a redirect puts the sign-in into the middle of a page."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"{URL}/requests?page=2"}
    answer = house.visit().get("/mine", headers=headers)

    assert (401, "/signin?next=%2Frequests%3Fpage%3D2") == (answer.status_code, answer.headers["hx-redirect"])


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=1",
        "//[bad",
        "/" + "a" * 1000,
        "",
    ],
)
def test_signing_in_leads_nowhere_but_to_this_panel(house, wanted):
    """Whatever a browser might take for another place leads to the first page."""
    assert "/" == house.visit().demo(next=wanted).headers["location"]


def test_the_cookie_is_for_the_server_alone(house):
    """No script reads it, no other site's form sends it."""
    flags = cookie(house.visit().demo())

    assert {"httponly", "samesite=lax", "path=/", "max-age=86400"} == flags


def test_the_cookie_of_a_public_panel_travels_by_https_alone(house, tmp_path):
    """And no other host can set it: its name says so to the browser."""
    with Provider() as provider:
        visit = Visit(house.app(public_url=PUBLIC, oidc=provider.oidc(tmp_path)), PUBLIC)
        started = visit.get("/signin/start")
        answer = visit.get(provider.led(started.headers["location"]))

    assert {"secure", "httponly", "samesite=lax", "path=/"} < cookie(answer, "__Host-assent")
    assert {"secure", "httponly", "samesite=lax", "path=/"} < cookie(started, "__Host-assent-visit")
    assert f"{MARIA} a/maria" == visit.get("/mine").text


def test_every_sign_in_is_a_new_session(house):
    """A session that somebody else put into the browser does not become theirs."""
    attacker, victim = house.visit(), house.visit()
    attacker.demo(PEDRO)
    victim.hold(attacker.cookies["assent"])
    victim.demo(MARIA)

    assert attacker.cookies["assent"] != victim.cookies["assent"]
    assert (f"{PEDRO} a/pedro", f"{MARIA} a/maria") == (attacker.get("/mine").text, victim.get("/mine").text)
    before = victim.cookies["assent"]
    victim.demo(MARIA)
    assert before != victim.cookies["assent"]


@pytest.mark.parametrize("place", [0, 5, -1, "text", "half", "visit"])
def test_a_cookie_that_was_changed_opens_nothing(house, place):
    """Not one character of it can be another, and a cookie signed for another purpose is none."""
    visit = house.visit()
    visit.get("/signin")
    other = visit.cookies["assent-visit"]
    visit.demo()
    good = visit.cookies["assent"]
    bad = {"text": "x", "half": good[: len(good) // 2], "visit": other}.get(place)
    if bad is None:
        index = place % len(good)
        # The last character of a signature has bits that say nothing.
        bad = (
            good[:-4] + "AAAA"
            if place == -1
            else good[:index] + ("A" if good[index] != "A" else "B") + good[index + 1 :]
        )

    visit.cookies.clear()
    visit.hold(bad)
    assert 303 == visit.get("/mine").status_code


def test_a_cookie_of_another_key_opens_nothing(house):
    """Two panels that do not share a secret do not share sessions."""
    visit, other = house.visit(), house.visit(secret=b"another secret of thirty-two byte")
    visit.demo()
    other.hold(visit.cookies["assent"])

    assert 303 == other.get("/mine").status_code


def test_a_session_ends_by_itself(house):
    """After its hours the same cookie opens nothing, however long the browser keeps it."""
    visit = house.visit(session_hours=2)
    visit.demo()

    house.later += timedelta(hours=1)
    assert 200 == visit.get("/mine").status_code
    house.later += timedelta(hours=1)
    assert 303 == visit.get("/mine").status_code


def test_signing_out_takes_the_cookie_away(house):
    """The browser forgets it, and the next page asks to sign in."""
    visit = house.visit()
    visit.demo()
    answer = visit.post("/signout", data={"csrf": visit.token()})

    assert (303, "/signin") == (answer.status_code, answer.headers["location"])
    assert "max-age=0" in cookie(answer)
    assert "assent" not in visit.cookies
    assert 303 == visit.get("/mine").status_code


def test_a_cookie_that_was_signed_out_is_dead_at_every_panel(house):
    """A stolen copy opens nothing: not here, and not in another process that reads the same ledger."""
    visit = house.visit()
    visit.demo()
    stolen, token = visit.cookies["assent"], visit.token()
    elsewhere = house.visit()
    elsewhere.hold(stolen)
    assert 200 == elsewhere.get("/mine").status_code

    visit.post("/signout", data={"csrf": token})
    visit.hold(stolen)

    assert 303 == visit.get("/mine").status_code
    assert 303 == elsewhere.get("/mine").status_code
    assert [MARIA] == [one.body["username"] for one in house.door.book.of("signedOut")]


def test_signing_out_twice_is_no_fault(house):
    """Two tabs sign out of one session, at two panels."""
    visit = house.visit()
    visit.demo()
    twin = house.visit()
    twin.hold(visit.cookies["assent"])
    sessions = Sessions(house.visit().app.state.panel)
    session = sessions.opened(visit.cookies["assent"])

    assert 303 == visit.post("/signout", data={"csrf": visit.token()}).status_code
    sessions.end(session)
    assert 303 == twin.post("/signout", data={"csrf": "whatever"}).status_code


def test_nobody_else_signs_somebody_out(house):
    """Signing out takes the form of one's own session."""
    visit = house.visit()
    visit.demo()

    assert 403 == visit.post("/signout").status_code
    assert (
        403
        == visit.post("/signout", data={"csrf": visit.token()}, headers={"Origin": "https://evil.example"}).status_code
    )
    assert 200 == visit.get("/mine").status_code


def test_no_other_site_leads_to_the_end_of_a_session(house):
    """Not even of the one at the provider, which such a form would come to without a cookie."""
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert 403 == house.visit().post("/signout", headers=headers).status_code
    assert 303 == house.visit().post("/signout", headers={"Origin": URL}).status_code


def test_whoever_is_suspended_is_told_so_at_once(house):
    """The person is looked up at each request; signing out is all that is left to them."""
    visit = house.visit()
    visit.demo(PEDRO)
    house.door.world = world(suspended=True)
    answer = visit.get("/mine")

    assert 403 == answer.status_code
    assert "Your access is suspended" in answer.text
    assert 403 == visit.post("/form", data={"csrf": "x"}).status_code
    assert 303 == visit.post("/signout", data={"csrf": HIDDEN.search(answer.text).group(2)}).status_code
    assert 303 == visit.get("/mine").status_code


def test_one_who_signs_in_but_is_no_user_has_no_person(house):
    """A name that no User has signs in, and comes to nothing."""
    visit = house.visit()
    visit.demo(PEDRO)
    house.door.world = house.door.world.changed({builders.ident("User/a/pedro"): None})

    assert f"{PEDRO} None" == visit.get("/mine").text


def test_the_demo_offers_its_people_and_nobody_else(house):
    """Automations and suspended people are not among them, names are escaped, and no made-up name signs in."""
    house.door.world = world(suspended=True)
    visit = house.visit()
    page = visit.get("/signin").text

    assert "María &lt;b&gt;" in page
    assert not {"ci@acme.example", PEDRO} & set(re.findall(r'value="([^"]+)"', page))
    for name in ("ci@acme.example", PEDRO, "nobody@acme.example", ""):
        assert visit.demo(name).status_code in {403, 422}
    assert 303 == visit.get("/mine").status_code


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        pytest.param("192.0.2.7", {}, id="another machine"),
        pytest.param("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, id="a proxy on this machine"),
        pytest.param("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, id="a proxy that speaks of this machine"),
    ],
)
def test_the_demo_signs_nobody_in_from_elsewhere(house, peer, headers):
    """Whoever is not at this machine is refused, whatever they say."""
    visit = Visit(house.app(), peer=peer)

    answer = visit.post("/signin/demo", data={"username": MARIA, "csrf": visit.token("/signin")}, headers=headers)
    assert 403 == answer.status_code
    assert "assent" not in visit.cookies


def test_the_demo_takes_a_form_of_its_own_page_alone(house):
    """No other site signs somebody in as somebody."""
    assert 403 == house.visit().post("/signin/demo", data={"username": MARIA}).status_code
    assert (
        403
        == house.visit()
        .post("/signin/demo", data={"username": MARIA, "csrf": house.visit().token("/signin")})
        .status_code
    )


def test_without_the_demo_nobody_signs_in_by_choosing(house, tmp_path):
    """The address is not there."""
    visit = house.visit(oidc=Oidc(issuer="https://login.example", client_id="x"))

    assert visit.post("/signin/demo", data={"username": MARIA}).status_code in {403, 404}
    assert "assent" not in visit.cookies
