"""Signing keys for the demo's people, and the signing program that Git calls for them.

Git asks `gpg.ssh.program` to sign as `ssh-keygen -Y sign` would (OpenSSH's PROTOCOL.sshsig). The demo brings its own
few lines for that, so that it runs on a machine without OpenSSH; everybody else signs with their own tools.
"""

import base64
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

LINE = 70
"""Characters of a line of armor, as OpenSSH writes them."""


def make(folder: Path, name: str) -> str:
    """A new key pair as `folder/name` and `folder/name.pub`; returns the public line."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + f" {name}"
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.with_suffix(".pub").write_text(public + "\n", encoding="utf-8")
    return public


def signed(private: Ed25519PrivateKey, payload: bytes, namespace: bytes = b"git") -> bytes:
    """The armored signature of the payload."""
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    head = _string(namespace) + _string(b"") + _string(b"sha512")
    told = b"SSHSIG" + head + _string(hashlib.sha512(payload).digest())
    signature = _string(b"ssh-ed25519") + _string(private.sign(told))
    public = _string(b"ssh-ed25519") + _string(raw)
    blob = b"SSHSIG" + struct.pack(">I", 1) + _string(public) + head + _string(signature)
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def main(arguments: list[str]) -> int:
    """`-Y sign -n git -f KEY FILE`: writes FILE.sig, as Git expects of its signing program."""
    if arguments[:2] != ["-Y", "sign"]:
        sys.stderr.write("this program only signs; the demo checks no signature by it\n")
        return 2
    options = dict(zip(arguments[2:-1:2], arguments[3:-1:2], strict=False))
    key = Path(options["-f"])
    private = load_ssh_private_key((key.with_suffix("") if key.suffix == ".pub" else key).read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        sys.stderr.write("this program signs with Ed25519 keys only\n")
        return 2
    text = Path(arguments[-1])
    text.with_name(text.name + ".sig").write_bytes(signed(private, text.read_bytes(), options["-n"].encode()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
