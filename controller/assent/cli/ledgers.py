"""Where a command finds the ledger and its key."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assent.adapters.git import repository
from assent.adapters.ledger import Ledger, default_key
from assent.errors import NotFoundError

File = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="FILE|URL",
        help="The ledger; default: assent/ledger.sqlite in the repository's Git directory.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--ledger-key", metavar="FILE", help="The ledger's key; default: in your configuration folder."),
]


def where(places: Sequence[str], file: str) -> str:
    """The ledger that is meant: the one named, or the one in the repository's Git directory.

    Raises NotFoundError where none is named and there is no repository.
    """
    if file:
        return file
    git_dir = repository.git_dir(places[0])
    if git_dir is None:
        raise NotFoundError(f"{places[0]} is no Git repository on this machine", "name the ledger by --ledger FILE|URL")
    return str(git_dir / "assent" / "ledger.sqlite")


@contextmanager
def opened(
    places: Sequence[str], file: str, key: Path | None, *, read_only: bool, new: bool = False
) -> Iterator[Ledger]:
    """The ledger, open; see `adapters.ledger.Ledger.open` for what is refused."""
    meant = where(places, file)
    if not read_only and "://" not in meant:
        Path(meant).parent.mkdir(parents=True, exist_ok=True)
    with Ledger.open(meant, key_file=key or default_key(), new=new, read_only=read_only) as found:
        yield found
