"""The webhook's certificates: what is made holds, and each thing about them is renewed in its time."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from assent.adapters.kube.certificates import (
    AUTHORITY_LIFE,
    CERTIFICATE_LIFE,
    SKEW,
    due,
    expires,
    make,
    renew_authority,
    renew_certificate,
    whole,
    worn,
)

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
NAMES = ("assent-webhook.assent-system.svc", "127.0.0.1")
MADE = make(NAMES, NOW)
LATER = NOW + timedelta(days=250)
TURNING = renew_authority(MADE, LATER)
"""Beside the first authority there is a second one, which has signed nothing yet."""


def trusts(material, trusted, at, name=NAMES[0]):
    """Whether a client that trusts these authorities takes the certificate for this name."""
    store = Store(x509.load_pem_x509_certificates(trusted.encode()))
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(x509.load_pem_x509_certificate(material.certificate.encode()), [])
    except VerificationError:
        return False
    return True


def test_a_client_takes_what_was_made():
    """The certificate is for its names, from a little before it was made until it ends, under its own authority."""
    other = make(NAMES, NOW)

    assert trusts(MADE, MADE.trusted, NOW)
    assert trusts(MADE, MADE.trusted, NOW - SKEW + timedelta(seconds=1))
    assert trusts(MADE, MADE.trusted, NOW + CERTIFICATE_LIFE - timedelta(seconds=1))
    assert not trusts(MADE, MADE.trusted, NOW + CERTIFICATE_LIFE + timedelta(seconds=1))
    assert not trusts(MADE, MADE.trusted, NOW, "assent-webhook.elsewhere.svc")
    assert not trusts(MADE, other.trusted, NOW)
    assert expires(MADE) == NOW + CERTIFICATE_LIFE


def test_a_server_takes_what_was_made(tmp_path):
    """Certificate and key are a pair that a TLS server loads from one file."""
    (tmp_path / "both.pem").write_text(MADE.certificate + MADE.key)

    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tmp_path / "both.pem")

    assert whole(MADE)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param(timedelta(days=90), False, id="just made"),
        pytest.param(timedelta(days=31), False, id="more than a third is left"),
        pytest.param(timedelta(days=29), True, id="less than a third is left"),
        pytest.param(timedelta(0), True, id="over"),
        pytest.param(timedelta(days=91), True, id="not begun"),
    ],
)
def test_a_third_of_the_life_is_kept_in_hand(left, expected):
    """Renewal begins while there is time to notice that it fails."""
    until = NOW + timedelta(days=90)

    assert expected == worn(NOW, until, until - left)


@pytest.mark.parametrize(
    ("material", "names", "at", "known", "expected"),
    [
        pytest.param(MADE, NAMES, NOW, "", "nothing", id="just made"),
        pytest.param(replace(MADE, trusted=""), NAMES, NOW, "", "all", id="no authority"),
        pytest.param(replace(MADE, certificate=""), NAMES, NOW, "", "all", id="no certificate"),
        pytest.param(replace(MADE, key=make(NAMES, NOW).key), NAMES, NOW, "", "all", id="another's key"),
        pytest.param(replace(MADE, authority_key=""), NAMES, NOW, "", "all", id="no key of the authority"),
        pytest.param(replace(MADE, authority_key=MADE.key), NAMES, NOW, "", "all", id="a key that is not its own"),
        pytest.param(replace(MADE, key="junk"), NAMES, NOW, "", "all", id="junk"),
        pytest.param(MADE, NAMES, NOW + timedelta(days=61), MADE.trusted, "certificate", id="a worn certificate"),
        pytest.param(MADE, ("other.svc",), NOW, MADE.trusted, "certificate", id="a certificate of other names"),
        pytest.param(MADE, NAMES, LATER, MADE.trusted, "authority", id="a worn authority"),
        pytest.param(TURNING, NAMES, LATER, MADE.trusted, "nothing", id="a new authority that is not known yet"),
        pytest.param(TURNING, NAMES, LATER, TURNING.trusted, "certificate", id="a new authority that is known"),
    ],
)
def test_one_thing_is_due_at_a_time(material, names, at, known, expected):
    """What is broken is made anew; an authority is renewed before it signs, and signs once the API server knows it."""
    assert expected == due(material, names, at, known)


def test_both_authorities_are_trusted_while_one_follows_the_other():
    """Replicas that still serve the old certificate, and those that serve the new one, are trusted alike."""
    first = renew_certificate(MADE, NAMES, NOW + timedelta(days=200))
    turning = renew_authority(first, LATER)
    second = renew_certificate(turning, NAMES, LATER)

    assert first.certificate == turning.certificate
    assert trusts(first, turning.trusted, LATER)
    assert trusts(second, turning.trusted, LATER)
    assert not trusts(second, first.trusted, LATER)
    assert "nothing" == due(second, NAMES, LATER, second.trusted)


def test_what_has_expired_is_trusted_no_more():
    """An authority leaves the bundle with the first renewal after its end."""
    after = NOW + AUTHORITY_LIFE + timedelta(days=1)

    assert 1 == renew_authority(MADE, after).trusted.count("BEGIN CERTIFICATE")
    assert 2 == TURNING.trusted.count("BEGIN CERTIFICATE")


def test_no_certificate_outlives_its_authority():
    """A certificate signed late ends with the authority that signed it."""
    late = renew_certificate(MADE, NAMES, NOW + AUTHORITY_LIFE - timedelta(days=10))

    assert expires(late) == NOW + AUTHORITY_LIFE


def test_rule_43_keys_are_not_shown():
    """Wherever a certificate is logged or shown by mistake, its keys are not."""
    assert "PRIVATE" not in f"{MADE!r} {MADE}"
