"""The provider's own side of signing in: its keys, its discovery document, and days on which it is out of order."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from portal.begins import bearer, begun, ended, refused
from portal.provider import SECRET

UNREACHABLE = "The sign-in service does not answer as it should."


def test_keys_may_change_at_any_time(visit, house, provider):
    """A sign-in that is under way ends well, with the new key fetched once."""
    assert 303 == ended(visit, provider).status_code
    visit.cookies.clear()
    address = provider.led(begun(visit))
    provider.asked.clear()
    provider.rotate()

    assert 303 == visit.get(address).status_code
    assert ["/token", "/jwks"] == provider.asked


def test_keys_that_nobody_has_are_looked_for_seldom(visit, provider):
    """Tokens of made-up keys do not make the panel ask the provider each time."""
    assert 303 == ended(visit, provider).status_code
    provider.asked.clear()
    stranger = RSAKey.generate_key(2048, auto_kid=True)
    for _ in range(5):
        assert 401 == visit.get("/api/v1/me", headers=bearer(provider.token(key=stranger))).status_code

    assert ["/jwks"] == provider.asked


def test_a_key_that_was_taken_back_is_believed_no_longer_than_an_hour(visit, provider):
    """The keys are fetched again, even where every token's key is known."""
    token = provider.token()
    assert 200 == visit.get("/api/v1/me", headers=bearer(token)).status_code
    provider.rotate()
    assert 200 == visit.get("/api/v1/me", headers=bearer(token)).status_code
    visit.app.state.provider.fetched -= 3601

    assert 401 == visit.get("/api/v1/me", headers=bearer(token)).status_code


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_a_provider_that_is_out_of_order_is_a_sentence(visit, provider, path):
    """At whichever step, and once it is well again so is the sign-in."""
    provider.failing.add(path)
    answer = visit.get("/signin/start")
    if answer.status_code == 302:
        answer = visit.get(provider.led(answer.headers["location"]))
    refused(visit, answer, answer.status_code, "The sign-in service")
    assert answer.status_code in {400, 502}
    provider.failing.clear()

    assert 303 == ended(visit, provider).status_code


def test_a_provider_that_is_not_there_is_a_sentence(house, provider, tmp_path):
    """Nothing listens at its address."""
    visit = house.visit(oidc=provider.oidc(tmp_path, issuer="http://127.0.0.1:9"))

    refused(visit, visit.get("/signin/start"), 502, UNREACHABLE)


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param({"issuer": "https://evil.example"}, id="of another issuer"),
        pytest.param({"token_endpoint": "http://login.example/token"}, id="with an insecure step"),
        pytest.param({"jwks_uri": "file:///etc/passwd"}, id="with keys from a file"),
        pytest.param({"token_endpoint": None}, id="with a step missing"),
        pytest.param({"authorization_endpoint": 7}, id="with a step that is no address"),
    ],
)
def test_a_discovery_document_is_the_issuers_and_leads_nowhere_insecure(visit, provider, monkeypatch, bent):
    """It says where codes and secrets are sent to."""
    good = provider.discovery()
    monkeypatch.setattr(provider, "discovery", lambda: good | bent)

    refused(visit, visit.get("/signin/start"), 502, UNREACHABLE)


def test_a_discovery_document_sets_no_options_of_the_client(visit, provider, monkeypatch):
    """Whatever else it says stays there: certificates are checked, no proxy is used."""
    good = provider.discovery()
    monkeypatch.setattr(provider, "discovery", lambda: good | {"verify": False, "proxy": "http://127.0.0.1:9"})

    assert 303 == ended(visit, provider).status_code


@pytest.mark.parametrize("case", ["unsigned", "shared secret", "public key as secret", "another key of the same name"])
def test_only_the_providers_own_key_signs(visit, provider, case):
    """The classic ways to make a token of one's own; the discovery document of the tests even names `none`."""
    public = provider.key.as_pem(private=False)
    made = {
        "unsigned": lambda: unsigned(provider),
        "shared secret": lambda: provider.token(
            key=OctKey.import_key(SECRET), header={"alg": "HS256", "kid": provider.key.kid}
        ),
        "public key as secret": lambda: hs256(provider, public),
        "another key of the same name": lambda: provider.token(
            key=RSAKey.generate_key(2048), header={"kid": provider.key.kid}
        ),
    }
    answer = visit.get("/api/v1/me", headers=bearer(made[case]()))

    assert 401 == answer.status_code


def unsigned(provider):
    head, body, _ = provider.token().split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": provider.key.kid}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}."


def hs256(provider, secret):
    """A token signed with the public key as if it were a shared secret, by hand: libraries refuse to."""
    head = {"alg": "HS256", "kid": provider.key.kid}
    parts = [base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode(), provider.token().split(".")[1]]
    made = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(made).rstrip(b"=").decode()])


def test_elliptic_keys_are_as_good(visit, provider):
    """A provider chooses its kind of key."""
    provider.key = ECKey.generate_key("P-256", auto_kid=True)
    try:
        token = provider.token(header={"alg": "ES256"})
        assert 200 == visit.get("/api/v1/me", headers=bearer(token)).status_code
    finally:
        provider.rotate()


def test_the_secret_is_read_anew_at_each_sign_in(visit, provider, tmp_path):
    """A Secret that is renewed needs no new start."""
    path = tmp_path / "client-secret"
    path.write_text("wrong")
    refused(visit, ended(visit, provider), 400, "refused to sign you in")
    path.write_text(SECRET)

    assert 303 == ended(visit, provider).status_code
