"""SSH public keys as text and in their wire form, and their fingerprints.

One key has one wire form here: what a reader could spell in two ways (leading zeros, compressed points, loose base64)
is refused, so that a fingerprint names one key and one key has one fingerprint.
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass
from functools import lru_cache

RSA_BITS = (2048, 16384)
"""OpenSSH still takes 1,024 bits, NIST SP 800-131A does not; the upper bound is OpenSSH's own."""

CURVES = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
"""Curve name to the bytes of one coordinate (RFC 5656)."""

SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
TYPES = frozenset({"ssh-ed25519", "ssh-rsa", SK_ED25519, SK_ECDSA, *(f"ecdsa-sha2-{curve}" for curve in CURVES)})

_ED25519_BYTES = 32
_UNCOMPRESSED = 4
_NO_KEY = "is no SSH public key"
# The first 19 bytes of such a key are the same in all of them, and its 51 bytes are 68 letters without any to spare:
# whatever looks like this is a whole key in its one spelling.
_ED25519 = re.compile(
    r"ssh-ed25519 +(?P<blob>AAAAC3NzaC1lZDI1NTE5AAAAI[A-P][A-Za-z0-9+/]{42})(?: +[^\x00-\x1f\x7f]*)?\Z"
)
_LINE = re.compile(r"(?P<type>[a-z0-9@.-]+) +(?P<blob>[A-Za-z0-9+/]+={0,2})(?: +(?P<comment>[^\x00-\x1f\x7f]*))?\Z")


class Wire:
    """Reads the wire format of RFC 4251; raises ValueError for whatever is cut short or not minimal."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next bytes, as many as asked for."""
        if size > len(self._data) - self._at:
            raise ValueError("it is cut short")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        """An unsigned 32-bit integer."""
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        """Bytes behind their length."""
        return self.take(self.number())

    def positive(self) -> int:
        """A positive `mpint` in its one minimal form."""
        data = self.string()
        if not data or data[0] & 0x80 or (data[0] == 0 and not (len(data) > 1 and data[1] & 0x80)):
            raise ValueError("a number in it is not positive, or not minimal")
        return int.from_bytes(data, "big")

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise ValueError("bytes are left over")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What stands in one key's wire form.

    `point` is the Ed25519 key or the uncompressed curve point; `exponent` and `modulus` are RSA's; `application` is
    what a security key signs for. What a type does not have is empty.
    """

    type: str
    point: bytes = b""
    curve: str = ""
    exponent: int = 0
    modulus: int = 0
    application: bytes = b""


def parse_blob(blob: bytes) -> PublicKey:
    """A key in its wire form; raises ValueError for any type but the accepted ones, and for any odd form of those."""
    wire = Wire(blob)
    kind = wire.string().decode("ascii", "replace")
    if kind not in TYPES:
        raise ValueError(f"keys of type {kind[:40]!r} are not taken")
    key = _rsa(wire) if kind == "ssh-rsa" else _point(kind, wire)
    wire.end()
    return key


def _rsa(wire: Wire) -> PublicKey:
    exponent, modulus = wire.positive(), wire.positive()
    least, most = RSA_BITS
    if not least <= modulus.bit_length() <= most:
        raise ValueError(f"an RSA key has {least} to {most:,} bits, this one {modulus.bit_length():,}")
    if exponent < 3 or not exponent & 1 or not modulus & 1 or exponent >= modulus:  # noqa: PLR2004 -- RFC 8017, 3.1
        raise ValueError("its numbers make no RSA key")
    return PublicKey("ssh-rsa", exponent=exponent, modulus=modulus)


def _point(kind: str, wire: Wire) -> PublicKey:
    curve = ""
    if "ecdsa" in kind:
        curve = wire.string().decode("ascii", "replace")
        if kind not in {f"ecdsa-sha2-{curve}", f"sk-ecdsa-sha2-{curve}@openssh.com"}:
            raise ValueError("the curve is not the type's")
    point = wire.string()
    if curve and (len(point) != 1 + 2 * CURVES[curve] or point[0] != _UNCOMPRESSED):
        raise ValueError("the curve point has not its uncompressed form")
    if not curve and len(point) != _ED25519_BYTES:
        raise ValueError(f"an Ed25519 key has {_ED25519_BYTES} bytes, this one {len(point)}")
    application = wire.string() if kind.startswith("sk-") else b""
    return PublicKey(kind, point, curve, application=application)


def blob_fingerprint(blob: bytes) -> str:
    """`SHA256:…` of a key in its wire form, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse_line(public_key: str) -> bytes:
    """The wire form of one public key as `ssh-keygen` writes it: `type base64 [comment]`, without a line feed.

    Raises ValueError for anything else, without repeating the text: it might be a private key.
    """
    found = _LINE.match(public_key)
    if not found or found["type"] not in TYPES:
        raise ValueError(f"{_NO_KEY}; write the one line of the .pub file: <type> <base64> [comment]")
    try:
        blob = base64.b64decode(found["blob"], validate=True)
    except binascii.Error:
        raise ValueError(f"{_NO_KEY}: the second word is no base64") from None
    if base64.b64encode(blob).decode() != found["blob"]:
        raise ValueError(f"{_NO_KEY}: the second word is not the base64 that ssh-keygen writes")
    try:
        key = parse_blob(blob)
    except ValueError as error:
        raise ValueError(f"{_NO_KEY}: {error}") from None
    if key.type != found["type"]:
        raise ValueError(f"{_NO_KEY}: the text says {found['type']}, the key another type")
    return blob


def key_text(public_key: str) -> str:
    """The key as its line has it, which is one text for one key; raises ValueError as `parse_line` does."""
    common = _ED25519.match(public_key)
    if common:
        return common["blob"]
    parse_line(public_key)
    return public_key.split()[1]


@lru_cache(maxsize=64)
def fingerprint(public_key: str) -> str:
    """The fingerprint of one public key line; raises ValueError as `parse_line` does."""
    return blob_fingerprint(parse_line(public_key))
