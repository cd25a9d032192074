"""Files that the operator laid down for one organization: `<root>/<organization>/<name>`, and nothing else."""

import re
from pathlib import Path

from assent.errors import RunnerError

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")


def file_of(root: Path, organization: str, name: object, what: str) -> Path:
    """The regular file that is meant, every symbolic link followed; `what` is its word in sentences.

    Raises:
        RunnerError: the name is no plain one, there is no such file, or a link leads out of the organization's folder.
    """
    if not _PLAIN.fullmatch(organization):
        raise RunnerError(f"The organization {organization!r} has no folder of its own: the name is no plain one.")
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        raise RunnerError(
            f"The {what} {name!r} is not named by a plain file name.",
            "Use letters, digits, '.', '_' and '-', and begin with no dot or dash.",
        )
    path = root / organization / name
    try:
        real = path.resolve(strict=True)
        home = root.resolve(strict=True) / organization
    # A loop of links is a RuntimeError up to Python 3.12.
    except (OSError, RuntimeError):
        raise RunnerError(f"There is no {what} {name!r} in {path.parent}.", "Ask who runs the controller.") from None
    if not real.is_relative_to(home):
        raise RunnerError(
            f"The {what} {name!r} is a link that leads out of {path.parent}.", "Put the file itself there."
        )
    if not real.is_file():
        raise RunnerError(f"The {what} {name!r} in {path.parent} is no regular file.")
    return real
