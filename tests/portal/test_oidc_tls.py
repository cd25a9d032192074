"""A provider with a certificate of a private authority: believed where the panel is told of it, and nowhere else."""

import pytest

from assent.portal.settings import Settings
from portal.begins import bearer, ended
from portal.provider import Provider
from portal.visits import MARIA
from postbox import certificate


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("authority"), "127.0.0.1")


@pytest.fixture(scope="module")
def running(authority):
    with Provider(authority) as provider:
        yield provider


def test_whoever_signs_in_at_a_provider_of_ones_own_authority_is_believed(house, provider, authority, tmp_path):
    """All of it goes over TLS: discovery, keys, the code for a token, and what scripts bring."""
    visit = house.visit(oidc=provider.oidc(tmp_path, authorities=authority))
    assert provider.issuer.startswith("https://")

    assert (303, "/mine") == ((answer := ended(visit, provider)).status_code, answer.headers["location"])
    assert f"{MARIA} a/maria" == visit.get("/mine").text
    assert {"/.well-known/openid-configuration", "/token", "/jwks"} <= {*provider.asked}
    assert 200 == visit.get("/api/v1/me", headers=bearer(provider.token())).status_code


@pytest.mark.parametrize("told", ["nothing", "another"])
def test_an_authority_that_nobody_named_is_not_believed(house, provider, tmp_path, told):
    """Nothing is asked of whoever answers there, and no secret is sent."""
    other = certificate(tmp_path, "127.0.0.1", name="other") if told == "another" else None
    visit = house.visit(oidc=provider.oidc(tmp_path, authorities=other))
    answer = visit.get("/signin/start", params={"next": "/mine"})

    assert "The sign-in service does not answer as it should." in answer.text
    assert 503 == visit.get("/api/v1/me", headers=bearer(provider.token())).status_code
    assert [] == provider.asked


def test_what_is_no_certificate_is_said_before_the_panel_starts(provider, tmp_path):
    """With the file, and not a word of it."""
    (tmp_path / "empty.pem").write_text("c4nary")
    for name, why in (("empty.pem", "SSLError"), ("none.pem", "FileNotFoundError")):
        oidc = provider.oidc(tmp_path, authorities=tmp_path / name)
        (problem,) = Settings(public_url="https://a.example", oidc=oidc).problems()

        assert f"{name}' cannot be read as certificates ({why})" in problem
        assert "c4nary" not in problem
