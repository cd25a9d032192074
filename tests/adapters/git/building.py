"""Builds repositories object by object: any graph, any tree, any header, signed in process; no Git is started."""

import base64
import hashlib
import struct
import zlib
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as formats
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

API = "assent.dev/v1alpha1"
PERSON = "Anyone <anyone@example.com>"
FILE, EXECUTABLE, LINK, SUBMODULE, FOLDER = "100644", "100755", "120000", "160000", "40000"


def string(data):
    return struct.pack(">I", len(data)) + data


def mpint(number):
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def armor(blob):
    text = base64.b64encode(blob)
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return b"\n".join([b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----"]) + b"\n"


class Key:
    """A person's key that signs as `ssh-keygen -Y sign` does."""

    def __init__(self, private=None):
        self.private = private or ed25519.Ed25519PrivateKey.generate()
        openssh = self.private.public_key().public_bytes(formats.Encoding.OpenSSH, formats.PublicFormat.OpenSSH)
        self.line = openssh.decode()
        self.blob = base64.b64decode(openssh.split()[1])
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def raw(self, signed):
        """The inner signature: its algorithm and value."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return string(b"ssh-ed25519") + string(self.private.sign(signed))
        if isinstance(self.private, rsa.RSAPrivateKey):
            return string(b"rsa-sha2-512") + string(self.private.sign(signed, padding.PKCS1v15(), hashes.SHA512()))
        curve = {256: hashes.SHA256, 384: hashes.SHA384, 521: hashes.SHA512}[self.private.curve.key_size]
        first, second = utils.decode_dss_signature(self.private.sign(signed, ec.ECDSA(curve())))
        name = b"ecdsa-sha2-nistp%d" % self.private.curve.key_size
        return string(name) + string(mpint(first) + mpint(second))

    def sign(self, payload, namespace=b"git", digest="sha512"):
        name = digest.encode()
        signed = (
            b"SSHSIG" + string(namespace) + string(b"") + string(name) + string(hashlib.new(digest, payload).digest())
        )
        head = b"SSHSIG" + struct.pack(">I", 1) + string(self.blob)
        return armor(head + string(namespace) + string(b"") + string(name) + string(self.raw(signed)))


class SecurityKey(Key):
    """A FIDO key in software: `flags` 1 is a touch."""

    def __init__(self, private=None, flags=1):
        super().__init__(private)
        self.flags = flags
        is_ec = isinstance(self.private, ec.EllipticCurvePrivateKey)
        self.type = b"sk-ecdsa-sha2-nistp256@openssh.com" if is_ec else b"sk-ssh-ed25519@openssh.com"
        inner = self.blob[4 + int.from_bytes(self.blob[:4], "big") :]
        self.blob = string(self.type) + inner + string(b"ssh:")
        self.line = f"{self.type.decode()} {base64.b64encode(self.blob).decode()}"
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def raw(self, signed):
        about = bytes([self.flags]) + struct.pack(">I", 7)
        wire = super().raw(hashlib.sha256(b"ssh:").digest() + about + hashlib.sha256(signed).digest())
        return string(self.type) + wire[4 + int.from_bytes(wire[:4], "big") :] + about


class Repository:
    """A bare repository that is written as plain files."""

    def __init__(self, folder, algorithm="sha1"):
        self.folder = Path(folder)
        self.algorithm = algorithm
        (self.folder / "objects" / "info").mkdir(parents=True)
        (self.folder / "refs" / "heads").mkdir(parents=True)
        (self.folder / "HEAD").write_text("ref: refs/heads/main\n")
        version, extension = (0, "") if algorithm == "sha1" else (1, f"[extensions]\n\tobjectformat = {algorithm}\n")
        (self.folder / "config").write_text(
            f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}"
        )
        self.trees = {}

    def object(self, kind, data, name=None):
        """Writes an object and gives its name; `name` puts it under another one."""
        whole = f"{kind} {len(data)}\0".encode() + data
        name = name or hashlib.new(self.algorithm, whole).hexdigest()
        path = self.path(name)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return name

    def path(self, name):
        return self.folder / "objects" / name[:2] / name[2:]

    def blob(self, text):
        return self.object("blob", text if isinstance(text, bytes) else text.encode())

    def raw_tree(self, *entries):
        """A tree of (mode, name, object) exactly as they are given."""
        return self.object(
            "tree",
            b"".join(
                f"{mode} ".encode() + (name if isinstance(name, bytes) else name.encode()) + b"\0" + bytes.fromhex(to)
                for mode, name, to in entries
            ),
        )

    def tree(self, files):
        """A tree of path to text, bytes or (mode, object)."""
        here, below = [], {}
        for path, what in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = what
            elif isinstance(what, tuple):
                here.append((what[0], first, what[1]))
            else:
                here.append((FILE, first, self.blob(what)))
        here += [(FOLDER, name, self.tree(inner)) for name, inner in below.items()]
        return self.raw_tree(*sorted(here, key=lambda entry: (entry[1] + "/" * (entry[0] == FOLDER)).encode()))

    def commit(self, files, *parents, by=None, message="A change\n", at=0, tree=None, header=b""):
        """A commit of these files, signed by a key; `header` lines stand behind the committer."""
        tree = tree or self.tree(files)
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {PERSON} {at} +0000", f"committer {PERSON} {at} +0000"]
        head = ("\n".join(lines) + "\n").encode() + header
        text = message if isinstance(message, bytes) else message.encode()
        signature = b""
        if by:
            field = b"gpgsig " if self.algorithm == "sha1" else b"gpgsig-sha256 "
            signature = field + by.sign(head + b"\n" + text).rstrip(b"\n").replace(b"\n", b"\n ") + b"\n"
        name = self.object("commit", head + signature + b"\n" + text)
        self.trees[name] = files
        return name

    def head(self, commit, branch="main"):
        path = self.folder / "refs" / "heads" / branch
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{commit}\n")
        return commit


def module(name, version=1):
    return f"""apiVersion: {API}
kind: Module
metadata: {{name: "{name}"}}
spec: {{version: "{version}"}}
"""


def request(name, version=1, entries=(), namespace="acme"):
    notes = "".join(f'    approval.assent.dev/{key}: "{text}"\n' for key, text in dict(entries).items())
    notes = f"  annotations:\n{notes}" if notes else ""
    return f"""apiVersion: {API}
kind: Request
metadata:
  name: "{name}"
  namespace: "{namespace}"
{notes}spec: {{version: "{version}"}}
"""


def several(*documents):
    return "---\n".join(documents)
