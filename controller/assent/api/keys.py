"""SSH public keys as text, and their fingerprints."""

import base64
import binascii
import hashlib

TYPES = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)


def blob_fingerprint(blob: bytes) -> str:
    """`SHA256:…` of a key in its wire form, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def fingerprint(public_key: str) -> str:
    """The fingerprint of one public key as `ssh-keygen` writes it: `type base64 [comment]`.

    Raises ValueError for anything else, without repeating the text: it might be a private key.
    """
    parts = public_key.split(" ", 2)
    if len(parts) < 2 or parts[0] not in TYPES or "\n" in public_key:  # noqa: PLR2004 -- type and key
        raise ValueError("is no SSH public key; write the one line of the .pub file: <type> <base64> [comment]")
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except binascii.Error:
        raise ValueError("is no SSH public key: the second word is no base64") from None
    size = int.from_bytes(blob[:4], "big")
    if blob[4 : 4 + size] != parts[0].encode():
        raise ValueError(f"is no SSH public key: the text says {parts[0]}, the key another type")
    return blob_fingerprint(blob)
