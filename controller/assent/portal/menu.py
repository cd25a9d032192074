"""Where a person can go from every page: what their rights lead to, and nothing else."""

from dataclasses import dataclass

from assent.core.seeing import LEDGER, OPERATIONS, ORGANIZATIONS, Sight


@dataclass(frozen=True, slots=True)
class Item:
    """One way; `label` is a message of the catalogue."""

    path: str
    label: str
    current: bool


def N_(message: str) -> str:  # noqa: N802 -- the name by which catalogues know messages that are translated later
    """Marks a message for the catalogues."""
    return message


def menu(sight: Sight, path: str) -> list[Item]:
    """The items for this person; the one that the path lies in is marked."""
    ways = (
        ("/requests", N_("My requests"), True),
        ("/decide", N_("To decide"), True),
        ("/open", N_("Open a request"), bool(sight.asks_in)),
        ("/catalogue", N_("Catalogue"), bool(sight.catalogues)),
        ("/organizations", N_("Organizations"), sight.anywhere(ORGANIZATIONS)),
        ("/access", N_("Access"), True),
        ("/operations", N_("Operations"), sight.anywhere(OPERATIONS)),
        ("/ledger", N_("Ledger"), sight.anywhere(LEDGER)),
        ("/overview", N_("Overview"), sight.governs),
    )
    return [Item(where, label, _within(path, where)) for where, label, there in ways if there]


def _within(path: str, where: str) -> bool:
    return path == where or path.startswith(f"{where}/")
