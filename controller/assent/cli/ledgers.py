"""Where a command finds the ledger and its key, and whether there is one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.git import repository, urls
from assent.errors import NotFoundError

if TYPE_CHECKING:
    from assent.adapters.ledger import Ledger
    from assent.adapters.ledger.anchorage import Anchorage

LEDGER = Path("assent") / "ledger.sqlite"
"""Where the ledger lies in a Git directory, unless `--ledger` names another."""

NO_LEDGER = (
    "no ledger here: what the files say is shown as if it were in force and every name in it proven; "
    "what counts and what has run, only the controller's ledger knows (--ledger)"
)


def beside(place: str) -> Path | None:
    """The ledger in the repository's Git directory, whether it is there or not; None where there is no repository."""
    git_dir = repository.git_dir(place)
    return git_dir / LEDGER if git_dir else None


def there(places: Sequence[str], file: str = "") -> bool:
    """Whether a ledger says what is in force: one that is named, or the one in the only place's Git directory."""
    if len(places) != 1:
        return False
    near = beside(places[0])
    return bool(file) or (near is not None and near.exists())


def where(places: Sequence[str], file: str) -> str:
    """The ledger that is meant: the one named, or the one in the repository's Git directory.

    Raises NotFoundError where none is named and there is no repository.
    """
    if file:
        return file
    near = beside(places[0])
    if near is None:
        remote = urls.is_url(places[0]) and not Path(places[0]).exists()
        hint = "name the ledger by --ledger FILE|URL" if remote else "go into the clone, or name it by -C PATH"
        raise NotFoundError(f"{places[0]} is no Git repository on this machine", hint)
    return str(near)


@contextmanager
def opened(
    places: Sequence[str],
    file: str,
    key: Path | None,
    *,
    read_only: bool,
    new: bool = False,
    anchor: "Anchorage | None" = None,
) -> "Iterator[Ledger]":
    """The ledger, open; see `adapters.ledger.Ledger.open` for what is refused."""
    from assent.adapters.ledger import Ledger, default_key  # noqa: PLC0415 -- brings SQLAlchemy: half a second

    meant = where(places, file)
    if not read_only and "://" not in meant:
        Path(meant).parent.mkdir(parents=True, exist_ok=True)
    with Ledger.open(meant, key_file=key or default_key(), anchor=anchor, new=new, read_only=read_only) as found:
        yield found
