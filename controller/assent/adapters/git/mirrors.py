"""Bare mirrors of one branch: the only thing here that speaks to another machine, with a fixed command line."""

import os
import re
from pathlib import Path

from assent.adapters.git import plumbing
from assent.errors import NotFoundError, RepositoryError

FETCH_SECONDS = 900.0
"""A first fetch of a large repository over a slow line."""

_PROTOCOLS = "https:ssh"
_OPTIONS = (
    "-c", "credential.helper=",
    "-c", "fetch.fsckObjects=true",
    "-c", "http.followRedirects=false",
    "-c", "protocol.https.allow=always",
    "-c", "protocol.ssh.allow=always",
)  # fmt: skip
_INHERITED = (
    "HOME", "PATH", "SSH_AUTH_SOCK", "SSL_CERT_DIR", "SSL_CERT_FILE",
    "http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
)  # fmt: skip
"""What reaching another machine needs of the caller's surroundings; nothing of Git's own."""

_DEFAULT = re.compile(rb"ref: refs/heads/([^\t\n]+)\tHEAD\n")


def make(git_dir: Path) -> None:
    """An empty bare repository at a path, if there is none."""
    if (git_dir / "HEAD").exists():
        return
    git_dir.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    argv = [plumbing.executable(), *plumbing.FIXED, "init", "--quiet", "--bare", "--template=", "--", str(git_dir)]
    plumbing.run(argv, environment=_environment())


def fetch(git_dir: Path, url: str, branch: str) -> None:
    """Brings the mirror's branch to the remote's, and nothing else of it; a rewritten branch is left to the walk."""
    refspec = f"+refs/heads/{branch}:refs/heads/{branch}"
    argv = plumbing.command(
        git_dir, *_OPTIONS, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
        "--no-auto-maintenance", "--", url, refspec,
    )  # fmt: skip
    try:
        plumbing.run(argv, environment=_environment(), seconds=FETCH_SECONDS)
    except RepositoryError as error:
        hint = "look at the URL, the branch and your access to it; nothing was changed"
        raise RepositoryError(f"the branch {branch} of {url} cannot be fetched: {error.message}", hint) from error


def default_branch(url: str) -> str:
    """The branch that the remote checks out by default."""
    argv = [plumbing.executable(), *plumbing.FIXED, *_OPTIONS, "ls-remote", "--symref", "--", url, "HEAD"]
    found = _DEFAULT.match(plumbing.run(argv, environment=_environment(), seconds=FETCH_SECONDS))
    if not found:
        raise NotFoundError(f"{url} does not say which branch is its own", "name it: --branch NAME")
    return found[1].decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    inherited = {name: value for name in _INHERITED if (value := os.environ.get(name))}
    own = {name: value for name, value in plumbing.reading().items() if name != "GIT_WORK_TREE"}
    trusted = {"GIT_SSL_CAINFO": inherited["SSL_CERT_FILE"]} if "SSL_CERT_FILE" in inherited else {}
    fixed = {"GIT_ALLOW_PROTOCOL": _PROTOCOLS, "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "GIT_SSH_VARIANT": "ssh"}
    return own | inherited | trusted | fixed
