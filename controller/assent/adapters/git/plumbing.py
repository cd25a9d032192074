"""How Git is started: fixed arguments, an environment made from nothing, a time limit.

Neither the caller's environment nor the repository's, the person's or the machine's configuration, replace refs,
grafts, commit-graphs, hooks, attributes or promisor remotes have a say in what is read (rule 36).
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from assent.errors import RepositoryError

SECONDS = 120.0
"""How long one answer may take; the largest tree that is read takes a second."""

_STDERR_SHOWN = 300

FIXED = (
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.bigFileThreshold=2m",
    "-c", "core.commitGraph=false",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.symlinks=false",
    "-c", "core.useReplaceRefs=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "protocol.allow=never",
    "-c", "safe.bareRepository=explicit",
    "-c", "submodule.recurse=false",
    "-c", "transfer.fsckObjects=true",
)  # fmt: skip
"""Options in front of every command.

`core.useReplaceRefs` is named beside the environment's `GIT_NO_REPLACE_OBJECTS`, which a repository's own
configuration overrides in Git 2.39; `core.bigFileThreshold` lets Git stream what is too large to be read.
"""


@cache
def executable() -> str:
    """Git by its whole path, looked up once, so that no later change of the folder or the path picks another."""
    found = shutil.which("git")
    if found is None:
        raise RepositoryError("git is not installed, or not on the PATH", "install Git 2.39.4 or later")
    return str(Path(found).resolve())


@cache
def reading() -> dict[str, str]:
    """The environment for reading: nothing is inherited, and no protocol may be spoken."""
    return {
        "PATH": f"{Path(executable()).parent}{os.pathsep}{os.defpath}",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # A folder that is not there: `core.worktree` of the repository is not looked at, and no file of a work tree.
        "GIT_WORK_TREE": "/nonexistent",
    }


def command(git_dir: Path, *arguments: str) -> list[str]:
    """The whole command line on one repository, which is always named."""
    return [executable(), f"--git-dir={git_dir}", *FIXED, *arguments]


def run(
    argv: Sequence[str], *, environment: Mapping[str, str] | None = None, seconds: float = SECONDS, cwd: str = "/"
) -> bytes:
    """Standard output of one command that is expected to succeed; raises RepositoryError with what Git said."""
    try:
        done = subprocess.run(
            argv,
            env=reading() if environment is None else environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RepositoryError(f"git gave no answer within {seconds:g} s", "look at the disk, or try again") from None
    except OSError as error:
        raise RepositoryError(f"git cannot be started: {error.strerror}", "install Git 2.39.4 or later") from error
    if done.returncode:
        raise RepositoryError(f"git failed: {said(done.stderr)}")
    return done.stdout


def said(stderr: bytes) -> str:
    """What Git complained about, as one line that is safe to show."""
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    chosen = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines[-1:]
    text = "; ".join(line.removeprefix("fatal: ").removeprefix("error: ") for line in chosen) or "it said nothing"
    return "".join(char if char.isprintable() else "?" for char in text)[:_STDERR_SHOWN]
