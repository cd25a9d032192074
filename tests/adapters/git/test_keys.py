"""SSH public keys as text: one key, one form, one fingerprint."""

import base64
import shutil
import struct
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.git.building import Key, SecurityKey, mpint, string
from assent.adapters.git import signatures
from assent.api.keys import fingerprint, key_text, parse_blob, parse_line

KEYS = {
    "ed25519": Key(),
    "rsa": Key(rsa.generate_private_key(65537, 2048)),
    "ecdsa-256": Key(ec.generate_private_key(ec.SECP256R1())),
    "ecdsa-384": Key(ec.generate_private_key(ec.SECP384R1())),
    "ecdsa-521": Key(ec.generate_private_key(ec.SECP521R1())),
    "sk-ed25519": SecurityKey(),
    "sk-ecdsa": SecurityKey(ec.generate_private_key(ec.SECP256R1())),
}
ED, RSA, EC = KEYS["ed25519"], KEYS["rsa"], KEYS["ecdsa-256"]
BODY = ED.line.split()[1]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
EC_BODY = EC.line.split()[1].rstrip("=")
LOOSE = EC_BODY[:-1] + ALPHABET[ALPHABET.index(EC_BODY[-1]) + 1]
NUMBERS = RSA.private.public_key().public_numbers()


def line(blob, kind=None):
    name = kind or blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("latin-1")
    return f"{name} {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_fingerprint_is_the_hash_of_the_key(key):
    """Text and wire form of a key have one fingerprint, with any comment behind it."""
    told = {fingerprint(key.line), fingerprint(f"{key.line} me@here: a comment"), signatures.fingerprint(key.blob)}

    assert {key.fingerprint} == told | {signatures.fingerprint(key.line)}
    assert key.blob == parse_line(key.line)
    assert key.line.split()[0] == parse_blob(key.blob).type


@pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="there is no ssh-keygen here: fingerprints were not compared"
)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_ssh_keygen_prints_the_same_fingerprint(tmp_path, key):
    """What `ssh-keygen -l` prints is what is compared here."""
    (tmp_path / "key.pub").write_text(f"{key.line}\n")
    told = subprocess.run(
        ["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True
    ).stdout

    assert told.split()[1] == fingerprint(key.line)


REFUSED = {
    "nothing": "",
    "a word": "ssh-ed25519",
    "a private key": "-----BEGIN OPENSSH PRIVATE KEY-----",
    "a line feed at the end": f"{ED.line}\n",
    "two lines": f"{ED.line}\n{ED.line}",
    "a blank in front": f" {ED.line}",
    "a tab between": f"ssh-ed25519\t{BODY}",
    "options in front": f"cert-authority {ED.line}",
    "a control character in the comment": f"{ED.line} a\x1b[2J",
    "an unknown type": line(string(b"ssh-dss") + string(b"x")),
    "a certificate": line(string(b"ssh-ed25519-cert-v01@openssh.com") + string(b"x")),
    "another type in the text": f"ssh-rsa {BODY}",
    "another type in the key": line(RSA.blob, "ssh-ed25519"),
    "base64 that ends early": f"ssh-ed25519 {BODY[:-1]}",
    "base64 with loose bits": f"ecdsa-sha2-nistp256 {LOOSE}=",
    "base64 for URLs": f"ssh-ed25519 {BODY[:20]}-_{BODY[22:]}",
    "a key that ends early": line(ED.blob[:-1]),
    "a key with more behind it": line(ED.blob + b"\0"),
    "an Ed25519 key of 31 bytes": line(string(b"ssh-ed25519") + string(b"x" * 31)),
    "RSA of 1,024 bits": line(string(b"ssh-rsa") + mpint(65537) + mpint((1 << 1023) + 1)),
    "RSA of 20,000 bits": line(string(b"ssh-rsa") + mpint(65537) + mpint((1 << 19999) + 1)),
    "RSA with exponent 1": line(string(b"ssh-rsa") + mpint(1) + mpint(NUMBERS.n)),
    "RSA with an even exponent": line(string(b"ssh-rsa") + mpint(65536) + mpint(NUMBERS.n)),
    "RSA with a leading zero": line(string(b"ssh-rsa") + mpint(NUMBERS.e) + string(b"\0" + mpint(NUMBERS.n)[4:])),
    "RSA with a negative number": line(string(b"ssh-rsa") + mpint(NUMBERS.e) + string(mpint(NUMBERS.n)[5:])),
    "a curve of another type": line(EC.blob.replace(b"nistp256", b"nistp384", 1)),
    "a compressed point": line(string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(b"\x02" + b"x" * 32)),
    "a security key without an application": line(KEYS["sk-ed25519"].blob[: -len(string(b"ssh:"))]),
    "a length beyond all": f"ssh-ed25519 {base64.b64encode(struct.pack('>I', 0xFFFFFFFF) + b'x').decode()}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_key_is_refused_without_being_repeated(text):
    """Anything but one well-formed key of an accepted type is refused; the text, which may be secret, is not shown."""
    with pytest.raises(ValueError, match="is no SSH public key") as refused:
        fingerprint(text)

    assert not [word for word in text.split() if len(word) > 20 and word in str(refused.value)]


def text_of(public_key):
    """What `key_text` should say: the one spelling of a key that is read whole, None of any other."""
    try:
        return base64.b64encode(parse_line(public_key)).decode()
    except ValueError:
        return None


CHANGED = [f"ssh-ed25519  {BODY[:at]}{char}{BODY[at + 1 :]} me" for at in range(len(BODY)) for char in "AIQz/=-\n"]


@pytest.mark.parametrize("lines", [[key.line for key in KEYS.values()], [*REFUSED.values()], CHANGED])
def test_a_key_known_at_sight_is_one_that_would_be_read(lines):
    """Whatever is told from the look of a line is what reading it whole says, for every letter of a common key."""
    for one in lines:
        if text_of(one):
            assert text_of(one) == key_text(one)
        else:
            with pytest.raises(ValueError, match="SSH public key"):
                key_text(one)
