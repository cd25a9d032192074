"""SSH signatures, checked in process and beside `ssh-keygen` (rule 38)."""

import base64
import hashlib
import shutil
import struct
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.git.building import Key, SecurityKey, armor, string
from adapters.git.test_keys import KEYS
from assent.adapters.git.signatures import BadSignatureError, verify

KEYGEN = shutil.which("ssh-keygen")
PAYLOAD = b"tree 0\nauthor a\n\nhello\n"
SMALL = Key(rsa.generate_private_key(65537, 1024))  # noqa: S505 -- refused for this very reason
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
needs_keygen = pytest.mark.skipif(not KEYGEN, reason="there is no ssh-keygen here: verdicts were not compared")


def blob(armored):
    return base64.b64decode(b"".join(armored.split(b"\n")[1:-2]))


def ours(key, armored, payload=PAYLOAD):
    try:
        return verify(armored, payload) == key.blob
    except BadSignatureError:
        return False


def theirs(folder, key, armored, payload=PAYLOAD):
    (folder / "allowed").write_text(f"me {key.line}\n")
    (folder / "signature").write_bytes(armored)
    command = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        folder / "allowed",
        "-I",
        "me",
        "-n",
        "git",
        "-s",
        folder / "signature",
    ]
    return subprocess.run(command, input=payload, capture_output=True, check=False).returncode == 0


def variants(key):
    """A good signature, and what somebody may make of it: (name, armored, payload, may it count)."""
    good = key.sign(PAYLOAD)
    raw = blob(good)
    other = Key().sign(PAYLOAD)
    yield "good", good, PAYLOAD, True
    yield "by SHA-256", key.sign(PAYLOAD, digest="sha256"), PAYLOAD, True
    yield "one long line", BEGIN + b"\n" + base64.b64encode(raw) + b"\n" + END + b"\n", PAYLOAD, True
    yield "without a final line feed", good[:-1], PAYLOAD, True
    yield "another text", good, PAYLOAD + b"x", False
    yield "a text cut short", good, PAYLOAD[:-1], False
    yield "no text", good, b"", False
    yield "for files", key.sign(PAYLOAD, b"file"), PAYLOAD, False
    yield "for nothing", key.sign(PAYLOAD, b""), PAYLOAD, False
    yield "for git and a NUL", key.sign(PAYLOAD, b"git\0x"), PAYLOAD, False
    yield "for Git", key.sign(PAYLOAD, b"Git"), PAYLOAD, False
    yield "by another key", other, PAYLOAD, False
    yield "the key swapped in", armor(raw.replace(string(key.blob), string(Key().blob), 1)), PAYLOAD, False
    yield (
        "another's with the key swapped in",
        armor(blob(other).replace(blob(other)[10:65], string(key.blob), 1)),
        PAYLOAD,
        False,
    )
    yield "a byte behind", armor(raw + b"\0"), PAYLOAD, False
    yield "cut short", armor(raw[:-1]), PAYLOAD, False
    yield "version 2", armor(raw[:6] + struct.pack(">I", 2) + raw[10:]), PAYLOAD, False
    yield "version 0", armor(raw[:6] + struct.pack(">I", 0) + raw[10:]), PAYLOAD, False
    yield "another magic", armor(b"SSHSIX" + raw[6:]), PAYLOAD, False
    yield "by MD5", armor(raw.replace(string(b"sha512"), string(b"md5"), 1)), PAYLOAD, False
    yield "text in front", b"x\n" + good, PAYLOAD, False
    yield "text behind", good + b"x\n", PAYLOAD, False
    yield "two of them", good + good, PAYLOAD, False
    yield "carriage returns", good.replace(b"\n", b"\r\n"), PAYLOAD, False
    yield "blanks in the base64", good.replace(b"\n", b" \n", 3), PAYLOAD, False
    yield "no end", good.replace(END, b""), PAYLOAD, False
    yield "nothing between", BEGIN + b"\n" + END + b"\n", PAYLOAD, False
    yield "empty", b"", PAYLOAD, False
    yield "too long", BEGIN + b"\n" + b"A" * 40_000 + b"\n" + END + b"\n", PAYLOAD, False


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_rule_38_only_a_good_signature_counts(key):
    """Rule 38: a good signature gives its key; whatever was changed about it gives nothing."""
    expected = {name: counts for name, _, _, counts in variants(key)}
    found = {name: ours(key, armored, payload) for name, armored, payload, _ in variants(key)}

    assert expected == found


@needs_keygen
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_rule_38_never_weaker_than_ssh_keygen(tmp_path, key):
    """Rule 38: what counts here counts for ssh-keygen too, in every variant."""
    counted = [(name, armored, payload) for name, armored, payload, _ in variants(key) if ours(key, armored, payload)]

    assert [] == [name for name, armored, payload in counted if not theirs(tmp_path, key, armored, payload)]
    assert theirs(tmp_path, key, key.sign(PAYLOAD))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_rule_38_no_flipped_bit_counts(key):
    """Rule 38: no bit of a signature can change without its being refused."""
    raw = blob(key.sign(PAYLOAD))
    flipped = (raw[:at] + bytes([raw[at] ^ (1 << at % 8)]) + raw[at + 1 :] for at in range(len(raw)))

    assert [] == [at for at, changed in enumerate(flipped) if ours(key, armor(changed))]


@needs_keygen
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_ssh_keygen_agrees_on_flipped_bits(tmp_path, key):
    """On a sample of changed signatures ssh-keygen says what is said here."""
    raw = blob(key.sign(PAYLOAD))
    for at in range(3, len(raw), len(raw) // 12):
        changed = armor(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert theirs(tmp_path, key, changed) == ours(key, changed)


@needs_keygen
@pytest.mark.parametrize("kind", [("ed25519",), ("rsa", "-b", "3072"), ("ecdsa", "-b", "256"), ("ecdsa", "-b", "521")])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_what_ssh_keygen_signs_counts(tmp_path, kind, digest):
    """Signatures made by ssh-keygen itself are good here."""
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", *kind, "-N", "", "-f", file], check=True)
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", file, "-n", "git", "-O", f"hashalg={digest}"]
    made = subprocess.run(command, input=PAYLOAD, capture_output=True, check=True).stdout

    assert base64.b64decode((tmp_path / "key.pub").read_text().split()[1]) == verify(made, PAYLOAD)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (SMALL, "2048"),
        (SecurityKey(flags=0), "not touched"),
        (SecurityKey(flags=4), "not touched"),
        (SecurityKey(ec.generate_private_key(ec.SECP256R1()), flags=0), "not touched"),
    ],
    ids=["RSA of 1,024 bits", "no touch", "verified without a touch", "ECDSA without a touch"],
)
def test_rule_38_weak_keys_and_untouched_ones_do_not_count(key, why):
    """Rule 38: beyond ssh-keygen, short RSA keys and security keys that nobody touched are refused."""
    with pytest.raises(BadSignatureError, match=why):
        verify(key.sign(PAYLOAD), PAYLOAD)


def test_rule_38_sha_1_does_not_count():
    """Rule 38: an RSA signature over SHA-1 is refused by its name."""
    raw = blob(KEYS["rsa"].sign(PAYLOAD))
    changed = raw.replace(string(b"rsa-sha2-512"), string(b"ssh-rsa"))
    inner = changed.rindex(string(b"ssh-rsa")) - 4
    changed = changed[:inner] + struct.pack(">I", len(changed) - inner - 4) + changed[inner + 4 :]

    with pytest.raises(BadSignatureError, match="SHA-1"):
        verify(armor(changed), PAYLOAD)


def test_a_point_off_its_curve_is_refused():
    """A key whose point is on no curve is malformed, not a crash."""
    key = KEYS["ecdsa-256"]
    raw = blob(key.sign(PAYLOAD)).replace(key.blob[-64:], b"\x01" * 64)

    with pytest.raises(BadSignatureError, match="malformed"):
        verify(armor(raw), PAYLOAD)


def test_what_is_signed_names_its_purpose():
    """The wire form that signatures here are built from is the one of PROTOCOL.sshsig."""
    digest = hashlib.sha512(PAYLOAD).digest()
    signed = b"SSHSIG" + string(b"git") + string(b"") + string(b"sha512") + string(digest)
    key = KEYS["ed25519"]

    key.private.public_key().verify(blob(key.sign(PAYLOAD))[-64:], signed)
