"""Which URLs, branches and revisions are taken: an allow-list, never a list of what is known to be bad (rule 37).

What passes here stands on Git's command line behind `--`, or in a place where no option is read.
"""

import re
from typing import NoReturn

from assent.errors import RepositoryError, UsageError

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])"
_PORT = r"(?::[0-9]{1,5})?"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*@"
_PATH = r"/[A-Za-z0-9._~%+@/-]*"
_HTTPS = re.compile(rf"https://{_HOST}{_PORT}{_PATH}\Z")
_SSH = re.compile(rf"ssh://(?:{_USER})?{_HOST}{_PORT}{_PATH}\Z")
_SCP = re.compile(rf"{_USER}{_HOST}:(?!/?-)[A-Za-z0-9._~+@/-]+\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BRANCH_REFUSED = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\A[-./]|[./]\Z|\A@\Z")
_REVISION_REFUSED = re.compile(r"[\x00-\x20\x7f:?*\[\\]|\.\.|\{/|\A[-^]|\A\Z")
_SHOWN = 80
_LONGEST = 2048


def is_url(where: str) -> bool:
    """Whether `where` is meant as a URL rather than as a path; no statement that it is taken."""
    return bool(_SCHEME.match(where) or _SCP.match(where))


def checked(url: str) -> str:
    """The URL itself; raises UsageError for all but plain https and ssh ones without a password."""
    if len(url) > _LONGEST or not url.isprintable():
        _refuse(url, "is no URL that is read")
    if url.startswith("https://") and "@" in url.partition("//")[2].partition("/")[0]:
        # Not repeated: what stands there is a password or a token.
        raise UsageError(
            "the URL holds a user name or password, which would be shown in lists of processes and in logs",
            "take it out; keep it in ~/.netrc, or use ssh",
        )
    if not any(form.match(url) for form in (_HTTPS, _SSH, _SCP)):
        _refuse(url, "is no URL that is read")
    return url


def branch(name: str) -> str:
    """The branch name itself; raises UsageError for what Git would not take as one."""
    if len(name) > _LONGEST or not name or not name.isprintable() or _BRANCH_REFUSED.search(name):
        raise UsageError(f"{_shown(name)} is no branch name", "give it as it stands in `git branch`")
    return name


def revision(text: str) -> str:
    """A revision that is safe to look up: a name or id with `~`, `^` or `@{…}` behind it; raises UsageError."""
    if len(text) > _LONGEST or not text.isprintable() or _REVISION_REFUSED.search(text):
        raise UsageError(f"{_shown(text)} is no revision that is looked up", "give a branch, a tag or a commit id")
    return text


def refuse_local(where: str) -> None:
    """A local repository is named by its path: `file:` URLs and transport helpers are not followed."""
    if where.startswith(("file:", "ext::", "fd::")) or "::" in where:
        raise RepositoryError(f"{_shown(where)} is not read", "name a local repository by its path")


def _refuse(url: str, why: str) -> NoReturn:
    raise UsageError(f"{_shown(url)} {why}", "give https://host/path, ssh://user@host/path or user@host:path")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
