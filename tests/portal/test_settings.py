"""What the panel does not start with, said all at once."""

import dataclasses

import pytest

from assent.portal.options import Options
from assent.portal.serving import prepared
from assent.portal.settings import Oidc, Rates, Settings
from portal.visits import URL

PUBLIC = "https://assent.example"
GOOD = {"public_url": PUBLIC, "oidc": Oidc(issuer="https://login.example", client_id="panel")}
DEMO = {"public_url": URL, "demo_login": True}


@pytest.mark.parametrize("good", [GOOD, DEMO, {**DEMO, "host": "::1", "public_url": "http://[::1]:8080"}])
def test_what_is_good_has_no_problems(good):
    assert [] == Settings(**good).problems()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "panel.example", "", "localhost.evil.example"])  # noqa: S104 -- refused
def test_the_demo_listens_at_this_machine_alone(host):
    """Its sign-in believes everybody, so whoever could reach it from elsewhere would be anybody."""
    assert 1 == len(Settings(**DEMO, host=host).problems())


@pytest.mark.parametrize(
    "more",
    [
        {"public_url": "https://assent.example"},
        {"oidc": GOOD["oidc"]},
        {"trusted_proxies": ("127.0.0.1",)},
    ],
)
def test_the_demo_bears_nothing_that_leads_to_others(more):
    assert 1 == len(Settings(**{**DEMO, **more}).problems())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "assent.example",
        "ftp://assent.example",
        "https://",
        "https://assent.example/panel",
        "https://assent.example/?a=b",
        "https://me:word@assent.example",
        "https://assent.example:port",
        "https://assent.example:0",
        "https://assent .example",
        "https://[bad",
        "http://assent.example",
    ],
)
def test_the_public_address_is_an_origin(url):
    assert 1 == len(Settings(**{**GOOD, "public_url": url}).problems())


def test_a_provider_is_reached_by_https():
    """Except at this machine, where the tests have theirs."""
    oidc = {"client_id": "panel"}
    assert 1 == len(Settings(**{**GOOD, "oidc": Oidc(issuer="http://login.example", **oidc)}).problems())
    assert 1 == len(Settings(**{**GOOD, "oidc": Oidc(issuer="login", **oidc)}).problems())
    assert [] == Settings(**{**GOOD, "oidc": Oidc(issuer="http://127.0.0.1:9", **oidc)}).problems()


@pytest.mark.parametrize("rate", ["0/minute", "often", "/minute"])
def test_a_rate_bears_something(rate):
    """Nothing at all would be no panel; an empty text lifts the limit."""
    assert 1 == len(Settings(**GOOD, rates=Rates(posts=rate)).problems())
    assert [] == Settings(**GOOD, rates=Rates(posts="")).problems()


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    """And of a secret never a word."""
    empty = tmp_path / "empty"
    empty.write_text("\n")
    oidc = Oidc(issuer="nowhere", client_id="", client_secret_file=empty, claim="", scopes=("email",))
    settings = Settings(
        public_url="nowhere", port=70000, session_hours=0, oidc=oidc, trusted_proxies=("proxy",), body_limit=0
    )
    rates = dataclasses.replace(settings.rates, mail="often")

    assert 11 == len(dataclasses.replace(settings, rates=rates).problems())
    missing = dataclasses.replace(oidc, client_secret_file=tmp_path / "missing")
    assert any("FileNotFoundError" in one for one in dataclasses.replace(settings, oidc=missing).problems())


def test_somebody_has_to_say_who_people_are():
    assert 1 == len(Settings(public_url=PUBLIC).problems())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("30/hour", 60)),
        ({"requests_per_hour": 5, "mails_per_hour": 7}, ("5/hour", 7)),
        ({"requests_per_hour": 0, "mails_per_hour": 0}, ("", 0)),
    ],
)
def test_the_options_say_what_one_person_may_cause(given, expected, tmp_path):
    """Nought lifts the bound."""
    options = Options(port=0, demo_login=True, secret_file=tmp_path / "panel.key", **given)
    with prepared(options) as ready:
        assert expected == (ready.settings.rates.requests, ready.settings.mails_per_hour)


def test_fewer_than_no_mails_are_refused():
    assert 1 == len(Settings(**GOOD, mails_per_hour=-1).problems())
