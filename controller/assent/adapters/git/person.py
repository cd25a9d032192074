"""A person's own Git: their configuration, their keys, and commands that run as if they had typed them.

Unlike in anything that is judged, their configuration, hooks and agent have their say: what they commit is theirs.
Only the variables that bend Git to another repository are left out, which stand there within a hook.
"""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from assent.adapters.git import plumbing
from assent.api.keys import fingerprint
from assent.errors import RepositoryError

HOW_TO_SIGN = (
    "tell Git once: `git config --global gpg.format ssh` and "
    "`git config --global user.signingkey ~/.ssh/id_ed25519.pub`"
)

PATIENCE_SECONDS = 600.0
"""How long a person may take to touch a key or to type a passphrase."""

_KEY_BYTES = 1 << 16
_BENDING = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
)  # fmt: skip
_KEY_TYPES = ("ssh-", "ecdsa-", "sk-")


def git(place: Path, *arguments: str) -> str:
    """Standard output of one command in a folder; raises RepositoryError with what Git said."""
    environment = {name: value for name, value in os.environ.items() if name not in _BENDING}
    environment |= {"GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C.UTF-8"}
    argv = [plumbing.executable(), "-C", str(place), *arguments]
    try:
        done = subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except OSError as error:
        raise RepositoryError(f"git cannot be started: {error.strerror}", "install Git 2.39.4 or later") from error
    except subprocess.TimeoutExpired:
        raise RepositoryError(f"git {arguments[0]} took more than {PATIENCE_SECONDS:g} s", "try again") from None
    if done.returncode:
        raise RepositoryError(f"git {arguments[0]} failed: {plumbing.said(done.stderr or done.stdout)}")
    return done.stdout.decode("utf-8", "surrogateescape")


def config(place: Path, name: str) -> str:
    """One value of the person's configuration as it holds in a folder; empty where it is not set."""
    try:
        return git(place, "config", "--get", name).strip()
    except RepositoryError:
        return ""


def email(place: Path) -> str:
    """The person's e-mail address, as Git knows it; empty where it does not."""
    return config(place, "user.email")


def signing_key(place: Path) -> str:
    """The public key that the person's Git signs with, as a line; raises RepositoryError where it would not sign."""
    if config(place, "gpg.format") != "ssh":
        raise RepositoryError("Git is not set up to sign with an SSH key (gpg.format is not ssh)", HOW_TO_SIGN)
    return _configured(place)


def keys_here(place: Path = Path()) -> list[str]:
    """The public key that the person's Git is told to sign with, or none where it is told of none that is there.

    Never another that lies in `~/.ssh`: whose signature counts is not to follow from what was once made for a host.
    """
    with suppress(RepositoryError):
        return [_configured(place)]
    return []


def _configured(place: Path) -> str:
    named = config(place, "user.signingkey")
    if not named:
        raise RepositoryError("Git does not know which key is yours (user.signingkey is not set)", HOW_TO_SIGN)
    text = named.removeprefix("key::")
    line = (text if text.startswith(_KEY_TYPES) else _public(_path(place, named))).strip()
    try:
        fingerprint(line)
    except ValueError as error:
        raise RepositoryError(f"user.signingkey {error}", HOW_TO_SIGN) from None
    return line


def _path(place: Path, named: str) -> Path:
    """A configured path as Git understands it: `~` is the person's home, and a relative one begins where Git runs."""
    try:
        return place / Path(named).expanduser()
    except RuntimeError:
        raise RepositoryError(f"user.signingkey names no folder that is known: {named!r}", HOW_TO_SIGN) from None


def _public(path: Path) -> str:
    """The public half of a key, whichever half is named; a private key is never read."""
    public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    try:
        with public.open("rb") as file:
            return file.read(_KEY_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        hint = f"write it there: ssh-keygen -y -f {path} > {public}" if path != public else HOW_TO_SIGN
        raise RepositoryError(f"the public key {public} cannot be read", hint) from None
