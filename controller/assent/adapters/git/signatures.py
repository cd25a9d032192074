"""SSH signatures (OpenSSH's PROTOCOL.sshsig), checked in process: bytes in, verdict out.

Never weaker than `ssh-keygen -Y verify`: what that refuses is refused here. Beyond it are refused text after the
signature, RSA keys under 2,048 bits, and security keys that were not touched.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from assent.adapters.git.headers import Signature
from assent.api.keys import PublicKey, Wire, blob_fingerprint, parse_blob, parse_line

NAMESPACE = b"git"
"""What Git signs for; a signature made for another purpose proves nothing about a commit."""

ARMOR_BYTES = 16384
"""A signature by the largest RSA key fits in it twice."""

_MAGIC = b"SSHSIG"
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_DIGESTS = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_RSA_HASHES: dict[bytes, type[hashes.HashAlgorithm]] = {
    b"rsa-sha2-256": hashes.SHA256,
    b"rsa-sha2-512": hashes.SHA512,
}
_CURVES: dict[str, tuple[type[ec.EllipticCurve], type[hashes.HashAlgorithm]]] = {
    "nistp256": (ec.SECP256R1, hashes.SHA256),
    "nistp384": (ec.SECP384R1, hashes.SHA384),
    "nistp521": (ec.SECP521R1, hashes.SHA512),
}
_TOUCHED = 1
_ED25519_SIGNATURE = 64
_OTHER_SCHEMES = {
    b"-----BEGIN PGP ": "is signed with PGP, which proves no User here",
    b"-----BEGIN SIGNED MESSAGE-----": "is signed with X.509, which proves no User here",
}


class BadSignatureError(ValueError):
    """A signature that proves nothing; the text says why and goes on from "a signature: "."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key signed: its fingerprint, or None and a reason that goes on from "the commit "."""

    fingerprint: str | None
    unsigned: str = ""


def fingerprint(key: str | bytes) -> str:
    """`SHA256:…` as `ssh-keygen -l` prints it, of a public key's line or of its wire form; raises ValueError."""
    blob = parse_line(key) if isinstance(key, str) else key
    parse_blob(blob)
    return blob_fingerprint(blob)


def signer(signature: Signature) -> Signer:
    """Whose good SSH signature a commit carries, by what its header says."""
    if signature.odd:
        return Signer(None, f"has an odd header ({signature.odd}), so that its signature is not read")
    if signature.armored is None:
        return Signer(None, "carries no signature")
    for start, reason in _OTHER_SCHEMES.items():
        if signature.armored.startswith(start):
            return Signer(None, reason)
    try:
        return Signer(blob_fingerprint(verify(signature.armored, signature.payload)))
    except BadSignatureError as error:
        return Signer(None, f"carries a signature that does not count: {error}")


def verify(armored: bytes, payload: bytes, namespace: bytes = NAMESPACE) -> bytes:
    """The wire form of the key that made a good signature over the payload; raises BadSignatureError with a reason."""
    try:
        return _verified(_dearmored(armored), payload, namespace)
    except InvalidSignature:
        raise BadSignatureError("it does not fit what is signed") from None
    except UnsupportedAlgorithm:
        raise BadSignatureError("its algorithm is not supported here") from None
    except BadSignatureError:
        raise
    except ValueError:
        raise BadSignatureError("it is malformed") from None


def _dearmored(text: bytes) -> bytes:
    lines = text.rstrip(b"\n").split(b"\n")
    if len(text) > ARMOR_BYTES or len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:  # noqa: PLR2004 -- a body
        raise BadSignatureError("it is no armored SSH signature")
    try:
        return base64.b64decode(b"".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise BadSignatureError("it is no base64") from None


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _verified(blob: bytes, payload: bytes, namespace: bytes) -> bytes:
    wire = Wire(blob)
    if wire.take(len(_MAGIC)) != _MAGIC or wire.number() != 1:
        raise BadSignatureError("it is no SSH signature of version 1")
    key, space, reserved, algorithm, signature = (wire.string() for _ in range(5))
    wire.end()
    if space != namespace:
        raise BadSignatureError(f"it was made for {space[:32]!a}, not for {namespace!a}")
    if algorithm not in _DIGESTS:
        raise BadSignatureError("it names an unknown digest")
    digest = _DIGESTS[algorithm](payload).digest()
    signed = _MAGIC + _string(space) + _string(reserved) + _string(algorithm) + _string(digest)
    try:
        public = parse_blob(key)
    except ValueError as error:
        raise BadSignatureError(f"its key is not taken: {error}") from None
    _check(public, signature, signed)
    return key


def _check(key: PublicKey, signature: bytes, signed: bytes) -> None:
    wire = Wire(signature)
    algorithm = wire.string()
    if key.type == "ssh-rsa":
        _check_rsa(key, algorithm, wire, signed)
        return
    if algorithm != key.type.encode():
        raise BadSignatureError("key and signature are of different types")
    inner = wire.string()
    if key.type.startswith("sk-"):
        signed = _by_security_key(key, wire, signed)
    wire.end()
    if key.curve:
        _check_ecdsa(key, inner, signed)
    elif len(inner) != _ED25519_SIGNATURE:
        raise BadSignatureError("it is cut short")
    else:
        ed25519.Ed25519PublicKey.from_public_bytes(key.point).verify(inner, signed)


def _check_rsa(key: PublicKey, algorithm: bytes, wire: Wire, signed: bytes) -> None:
    raw = wire.string()
    wire.end()
    if algorithm not in _RSA_HASHES:
        raise BadSignatureError("RSA with SHA-1 is not taken")
    # OpenSSH, too, fills up the leading zeros that some signers leave out.
    raw = raw.rjust((key.modulus.bit_length() + 7) // 8, b"\0")
    public = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
    public.verify(raw, signed, padding.PKCS1v15(), _RSA_HASHES[algorithm]())


def _check_ecdsa(key: PublicKey, inner: bytes, signed: bytes) -> None:
    wire = Wire(inner)
    pair = utils.encode_dss_signature(wire.positive(), wire.positive())
    wire.end()
    curve, algorithm = _CURVES[key.curve]
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve(), key.point)
    public.verify(pair, signed, ec.ECDSA(algorithm()))


def _by_security_key(key: PublicKey, wire: Wire, signed: bytes) -> bytes:
    """What a FIDO key signs: the application, its own flags and counter, and the digest of the text."""
    flags, counter = wire.take(1), wire.take(4)
    if not flags[0] & _TOUCHED:
        raise BadSignatureError("the security key was not touched")
    return hashlib.sha256(key.application).digest() + flags + counter + hashlib.sha256(signed).digest()
