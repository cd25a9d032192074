"""Signing in by a real OpenID provider: what is believed of its answers, and what people read where they are not."""

import logging
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from portal.begins import begun, ended, refused
from portal.provider import CLIENT, SECRET
from portal.visits import MARIA, URL

UNTRUSTED = "What the sign-in service answered cannot be trusted."
STALE = "This sign-in was not begun in this browser, or it has been used already."
UNREACHABLE = "The sign-in service does not answer as it should."


def test_signing_in_leads_through_the_provider_to_the_page_that_was_wanted(visit, provider):
    """The whole way, as a browser goes it."""
    led = visit.get("/mine?a=b").headers["location"]
    page = visit.get(led)
    assert '<a class="button primary" href="/signin/start?next=%2Fmine%3Fa%3Db">' in page.text

    answer = ended(visit, provider, "/mine?a=b")

    assert (303, "/mine?a=b") == (answer.status_code, answer.headers["location"])
    assert f"{MARIA} a/maria" == visit.get("/mine").text
    assert (303, "/mine") == (
        visit.get("/signin?next=/mine").status_code,
        visit.get("/signin?next=/mine").headers["location"],
    )


def test_what_the_panel_asks_for_is_bound_to_this_sign_in(visit, provider):
    """PKCE by S256, a nonce and a state, each another at every sign-in; groups are not asked for."""
    first, second = (parse_qs(urlsplit(begun(visit)).query) for _ in range(2))

    assert (["S256"], ["code"], ["openid email"]) == (
        first["code_challenge_method"],
        first["response_type"],
        first["scope"],
    )
    assert [f"{URL}/signin/callback"] == first["redirect_uri"]
    for name in ("code_challenge", "nonce", "state"):
        assert first[name] != second[name]
        assert 20 <= len(first[name][0])


def test_the_provider_refuses_a_sign_in_without_pkce(visit, provider):
    """The tests' provider is one that can: else the panel's use of it would prove nothing."""
    address = begun(visit)
    without = address.replace("code_challenge", "x")
    assert (400, "invalid_request") == (httpx.get(without).status_code, httpx.get(without).json()["error"])

    code = parse_qs(urlsplit(provider.led(address)).query)["code"][0]
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{URL}/signin/callback"}
    for verifier in ({}, {"code_verifier": "a" * 48}):
        answer = httpx.post(f"{provider.issuer}/token", data=given | verifier, auth=(CLIENT, SECRET))
        assert 400 == answer.status_code


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param({"nonce": "another"}, id="another nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"aud": "another"}, id="another audience"),
        pytest.param({"aud": []}, id="no audience"),
        pytest.param({"aud": [CLIENT, "another"], "azp": "another"}, id="made for another party"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({"exp": int(time.time()) - 3600}, id="expired"),
        pytest.param({"exp": None}, id="never expires"),
        pytest.param({"iat": int(time.time()) + 3600}, id="from the future"),
        pytest.param({"iat": None}, id="of no time"),
        pytest.param({"nbf": int(time.time()) + 3600}, id="not yet good"),
        pytest.param({"sub": None}, id="of nobody"),
        pytest.param({"events": {}}, id="a logout token"),
    ],
)
def test_a_token_that_says_something_wrong_signs_nobody_in(visit, provider, bent):
    """However well it is signed."""
    provider.bent = bent

    refused(visit, ended(visit, provider), 400, UNTRUSTED)


def test_clocks_may_differ_by_a_little(visit, provider):
    """By half a minute, as clocks do."""
    provider.bent = {"exp": int(time.time()) - 30, "iat": int(time.time()) + 30}

    assert 303 == ended(visit, provider).status_code


def test_a_state_of_another_browser_is_refused(visit, house, provider, tmp_path):
    """Nobody is signed in as somebody who began elsewhere: neither with their answer, nor with a made-up one."""
    other = house.visit(oidc=provider.oidc(tmp_path))
    theirs = provider.led(begun(other))
    begun(visit)

    refused(visit, visit.get(theirs), 400, STALE)
    refused(visit, visit.get("/signin/callback?code=x&state=y"), 400, STALE)
    refused(visit, visit.get("/signin/callback?code=x"), 400, STALE)
    refused(visit, visit.get("/signin/callback"), 400, STALE)


def test_an_answer_counts_once(visit, house, provider, tmp_path):
    """Gone back to in the same browser, or replayed with the cookie it began with: it is used up."""
    address = begun(visit)
    before = visit.cookies["assent-visit"]
    back = provider.led(address)
    assert 303 == visit.get(back).status_code
    assert 400 == visit.get(back).status_code

    thief = house.visit(oidc=provider.oidc(tmp_path))
    thief.hold(before, "assent-visit")
    refused(thief, thief.get(back), 400, "The sign-in service refused to sign you in.")


def test_an_answer_that_names_another_issuer_is_refused(visit, provider):
    """RFC 9207: another provider's answer does not pass for this one's."""
    refused(visit, visit.get(f"{provider.led(begun(visit))}&iss=https://evil.example"), 400, STALE)
    assert 303 == visit.get(f"{provider.led(begun(visit))}&iss={provider.issuer}").status_code


def test_whoever_the_provider_turns_away_reads_a_sentence(visit, provider):
    """And none of what the address says besides: anybody can write one."""
    provider.denying = True
    answer = visit.get(f"{provider.led(begun(visit))}&error_description=Call+0800+evil")

    refused(visit, answer, 400, "The sign-in service did not let you in.")
    assert "evil" not in answer.text


@pytest.mark.parametrize("verified", [False, None, "true", 1, "false"])
def test_an_email_address_counts_only_where_it_is_verified(visit, provider, verified):
    """`true`, and nothing that looks like it: anybody may have written the address."""
    provider.person = {"sub": "2", "email": MARIA, "email_verified": verified}

    refused(visit, ended(visit, provider), 403, "does not say that your e-mail address is verified")


def test_another_claim_may_name_the_person(house, provider, tmp_path):
    """It needs no verified address, but is not one that the provider calls unverified."""
    settings = provider.oidc(tmp_path, claim="preferred_username")
    provider.person = {"sub": "3", "preferred_username": MARIA}
    assert 303 == ended(house.visit(oidc=settings), provider).status_code

    provider.person |= {"email": MARIA, "email_verified": False}
    visit = house.visit(oidc=settings)
    refused(visit, ended(visit, provider), 403, "verified")


@pytest.mark.parametrize(
    "name", ["", None, 7, True, ["a"], "two words", "a\tb", "a\nb", "x" * 254, "evil\u202etxt", "\u200b", "a\u00a0b"]
)
def test_a_name_that_cannot_be_one_signs_nobody_in(house, provider, tmp_path, name):
    """Printable, in one word, of at most 253 characters."""
    provider.person = {"sub": "4", "name": name}
    visit = house.visit(oidc=provider.oidc(tmp_path, claim="name"))

    refused(visit, ended(visit, provider), 403, "does not say who you are")


def test_signing_out_ends_the_session_at_the_provider_too(visit, provider):
    """The browser is led there, and back to the panel's sign-in."""
    ended(visit, provider)
    answer = visit.post("/signout", data={"csrf": visit.token()})
    asked = parse_qs(urlsplit(answer.headers["location"]).query)

    assert answer.headers["location"].startswith(f"{provider.issuer}/end?")
    assert ([f"{URL}/signin"], [CLIENT]) == (asked["post_logout_redirect_uri"], asked["client_id"])
    assert f"form-action 'self' {provider.issuer};" in answer.headers["content-security-policy"]
    assert 303 == visit.get("/mine").status_code


def test_a_provider_that_cannot_be_asked_keeps_nobody_signed_in(house, provider, tmp_path):
    """The session here ends, whatever becomes of the one there."""
    visit = house.visit(oidc=provider.oidc(tmp_path))
    ended(visit, provider)
    token = visit.token()
    provider.failing.add("/.well-known/openid-configuration")
    visit.app.state.provider.server_metadata.clear()

    assert "/signin" == visit.post("/signout", data={"csrf": token}).headers["location"]
    assert 303 == visit.get("/mine").status_code


def test_an_end_of_another_place_is_a_link_and_no_redirect_of_a_form(visit, provider, monkeypatch):
    """The policy of forms names the issuer alone, so a browser would stop at it."""
    good = provider.discovery()
    monkeypatch.setattr(provider, "discovery", lambda: good | {"end_session_endpoint": "https://logout.example/end"})
    ended(visit, provider)
    answer = visit.post("/signout", data={"csrf": visit.token()})

    assert 200 == answer.status_code
    assert 'href="https://logout.example/end?' in answer.text
    assert MARIA not in answer.text


def test_no_code_token_or_secret_is_logged_or_shown(visit, house, provider, caplog):
    """Neither where it goes well nor where it does not."""
    caplog.set_level(logging.DEBUG)
    seen = []
    for bent in ({}, {"nonce": "another"}, {"exp": 1}):
        provider.bent = bent
        back = provider.led(begun(visit))
        seen.append(visit.get(back).text)
        seen.append(parse_qs(urlsplit(back).query)["code"][0])
    codes = seen[1::2]
    said = [*seen[::2], *(one.getMessage() for one in caplog.records if one.name.startswith("assent"))]

    assert not any(word in text for text in said for word in (*codes, SECRET, "eyJ"))


def test_without_a_provider_there_is_no_way_to_one(house):
    """With the demo's people the addresses are not there."""
    visit = house.visit()

    assert (404, 404) == (visit.get("/signin/start").status_code, visit.get("/signin/callback").status_code)
