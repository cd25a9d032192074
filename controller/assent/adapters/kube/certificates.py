"""Certificates for the webhook: an authority of our own, what it vouches for, and when either is to be renewed.

The key of the newest authority alone is kept. A new authority is made known first and signs later: until the API
server trusts it, the certificate of the one before is served, and that one stays trusted until it expires.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=365)
CERTIFICATE_LIFE = timedelta(days=90)
"""The last certificate that an authority signs, before it is itself renewed, ends before the authority does."""

SKEW = timedelta(minutes=5)
"""Certificates count from a little before they are made: clocks differ."""

Work = Literal["all", "authority", "certificate", "nothing"]


@dataclass(frozen=True, slots=True)
class Material:
    """What a TLS server needs, as PEM: `trusted` holds all authorities in use, the newest one first.

    `authority_key` is empty where the certificates are somebody else's and only read.
    """

    trusted: str
    certificate: str
    key: str
    authority_key: str = ""

    def __repr__(self) -> str:
        """Nothing of the keys, wherever this is shown."""
        return f"Material({len(self.trusted)} characters trusted)"


def make(names: Collection[str], now: datetime) -> Material:
    """A new authority, and a certificate for these host names and addresses."""
    return renew_certificate(renew_authority(Material("", "", ""), now), names, now)


def renew_authority(material: Material, now: datetime) -> Material:
    """A new authority beside those that have not expired; the certificate served stays."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"assent-webhook-ca {now:%Y-%m-%d}")])
    usage = {"key_cert_sign": True, "crl_sign": True}
    built = _builder(name, name, key, now, AUTHORITY_LIFE, usage).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    kept = (one for one in _authorities(material) if one.not_valid_after_utc > now)
    trusted = "".join(map(_pem, (built.sign(key, hashes.SHA256()), *kept)))
    return replace(material, trusted=trusted, authority_key=_key_pem(key))


def renew_certificate(material: Material, names: Collection[str], now: datetime) -> Material:
    """A new certificate and key for these names, signed by the newest authority."""
    authority = _authorities(material)[0]
    signer = _private(material.authority_key)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "assent-webhook")])
    life = min(CERTIFICATE_LIFE, authority.not_valid_after_utc - now)
    built = _builder(name, authority.subject, key, now, life, {"digital_signature": True})
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    built = built.add_extension(x509.SubjectAlternativeName(map(_general, sorted(names))), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    signed = built.add_extension(issuer, critical=False).sign(signer, hashes.SHA256())
    return replace(material, certificate=_pem(signed), key=_key_pem(key))


def due(material: Material, names: Collection[str], now: datetime, known: str) -> Work:
    """What is to be renewed first: one thing at a time.

    Args:
        material: what is kept; of anything unreadable all is made anew.
        names: the host names and addresses that the certificate must be for.
        now: the time by which lives are measured.
        known: the authorities that the API server trusts already, as PEM.
    """
    if not whole(material) or not material.authority_key:
        return "all"
    newest, served = _authorities(material)[0], x509.load_pem_x509_certificate(material.certificate.encode())
    if worn(newest.not_valid_before_utc, newest.not_valid_after_utc, now):
        return "authority"
    old = worn(served.not_valid_before_utc, served.not_valid_after_utc, now)
    foreign = served.issuer != newest.subject or not _signed_by(served, newest)
    if foreign and _pem(newest) not in known:
        return "nothing"
    return "certificate" if old or foreign or _names(served) != set(names) else "nothing"


def worn(since: datetime, until: datetime, now: datetime) -> bool:
    """Whether less than a third of the life is left, or it has not begun: a clock that was wrong is not waited for."""
    return now < since or until - now < (until - since) / 3


def whole(material: Material) -> bool:
    """Whether it can be read, and the keys belong to what they are kept beside."""
    try:
        served = x509.load_pem_x509_certificate(material.certificate.encode())
        authorities = _authorities(material)
        if serialization.load_pem_private_key(material.key.encode(), None).public_key() != served.public_key():
            return False
        own = material.authority_key
        return not own or (bool(authorities) and _private(own).public_key() == authorities[0].public_key())
    except (ValueError, TypeError):
        return False


def expires(material: Material) -> datetime:
    """When the certificate that is served ends."""
    return x509.load_pem_x509_certificate(material.certificate.encode()).not_valid_after_utc


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    life: timedelta,
    usage: dict[str, bool],
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder(subject_name=name, issuer_name=issuer, public_key=key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - SKEW).not_valid_after(now + life)
    none = dict.fromkeys(_USAGES, False)
    built = built.add_extension(x509.KeyUsage(**(none | usage)), critical=True)
    return built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _authorities(material: Material) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(material.trusted.encode()) if material.trusted else []


def _signed_by(served: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        served.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _names(served: x509.Certificate) -> set[str]:
    try:
        found: Iterable[x509.GeneralName] = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(one.value) for one in found}


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not a key of an authority of ours")
    return key


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
