"""Scripts at the API: a token of the same provider, by the same keys and the same rule of who it names."""

import time

import pytest

from portal.provider import CLIENT
from portal.visits import MARIA, PEDRO, world


def ask(visit, token, scheme="Bearer"):
    return visit.get("/api/v1/me", headers={"Authorization": f"{scheme} {token}"})


def problem(answer, status):
    """An answer of problem details that says so."""
    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.headers["content-type"]
    body = answer.json()
    assert status == body["status"]
    assert body["title"]
    return body["detail"]


def test_a_token_of_the_provider_speaks_for_its_person(visit, provider):
    """An ID token or an access token, whatever the case of the scheme; a cookie is not asked for."""
    for token in (provider.token(), provider.token(header={"typ": "at+jwt"}), provider.token(aud=["x", CLIENT])):
        assert {"username": MARIA, "person": "a/maria"}.items() <= ask(visit, token).json().items()
    assert 200 == ask(visit, provider.token(), "bearer").status_code


def test_an_automation_is_somebody_too(visit, provider):
    """A script has a User of its own."""
    assert "a/ci" == ask(visit, provider.token(email="ci@acme.example")).json()["person"]


def test_whoever_brings_no_token_is_asked_for_one(visit):
    """A cookie is none, and neither is another scheme."""
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
        answer = visit.get("/api/v1/me", headers=headers)
        assert "Bearer" in problem(answer, 401)
        assert 'Bearer realm="assent"' == answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": "another"}, id="another audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({"exp": int(time.time()) - 120}, id="expired"),
        pytest.param({"exp": None}, id="never expires"),
        pytest.param({"iat": None}, id="of no time"),
        pytest.param({"sub": None}, id="of nobody"),
        pytest.param({"nbf": int(time.time()) + 3600}, id="not yet good"),
        pytest.param({"email_verified": False}, id="an address that is not verified"),
        pytest.param({"email_verified": None}, id="an address of which nothing is said"),
        pytest.param({"email": None}, id="no name"),
        pytest.param({"email": "two words"}, id="a name that cannot be one"),
        pytest.param({"events": {}}, id="a logout token"),
    ],
)
def test_a_token_that_does_not_count_is_refused(visit, provider, claims):
    """In the form that the standard has for it."""
    answer = ask(visit, provider.token(**claims))

    assert problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.x", "." * 50, "x" * 20000, "e30.e30.e30"])
def test_a_token_that_is_none_is_refused(visit, token):
    """Whatever it is, it is no fault of ours."""
    assert problem(ask(visit, token), 401)


def test_a_token_of_another_type_is_refused(visit, provider):
    """The provider signs more than tokens of who somebody is."""
    assert problem(ask(visit, provider.token(header={"typ": "logout+jwt"})), 401)


def test_the_api_may_have_an_audience_of_its_own(house, provider, tmp_path):
    """Then a token of the sign-in is none for the API."""
    visit = house.visit(oidc=provider.oidc(tmp_path, api_audience="assent-api"))

    assert problem(ask(visit, provider.token()), 401)
    assert 200 == ask(visit, provider.token(aud="assent-api")).status_code


def test_whoever_is_suspended_is_refused(house, visit, provider):
    """However good the token is."""
    house.door.world = world(suspended=True)

    assert "suspended" in problem(ask(visit, provider.token(email=PEDRO)), 403)


def test_keys_that_cannot_be_had_are_no_fault_of_the_token(visit, provider):
    """The script tries again later."""
    provider.failing.add("/jwks")
    try:
        answer = ask(visit, provider.token())
    finally:
        provider.failing.clear()

    assert problem(answer, 503)
    assert "10" == answer.headers["retry-after"]


def test_without_a_provider_no_token_counts(house, provider):
    """The demo's people have none."""
    assert problem(ask(house.visit(), provider.token()), 401)


def test_no_refusal_repeats_the_token(visit, provider):
    """It may end in somebody's log."""
    token = provider.token(aud="another")
    answer = ask(visit, token)

    assert not any(part in f"{answer.text}{answer.headers}" for part in token.split("."))
