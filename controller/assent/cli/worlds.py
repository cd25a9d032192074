"""Where commands get the world from that they only look at.

What is in force is the ledger's to say; where there is none, what is written stands for it, and a note says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assent.api.names import Ref
from assent.api.requests import Request
from assent.cli import ledgers, output
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Declared:
    """A world and the requests in it."""

    world: World
    requests: Mapping[Ref, Request]


def load(places: Sequence[str], file: str = "", key: Path | None = None) -> Declared:
    """The world in force by the ledger, or what is declared in these folders; what cannot be read is left out."""
    if file or any("://" in place for place in places) or ledgers.there(places):
        from assent.cli import views  # noqa: PLC0415 -- brings the ledger's library, which takes half a second

        seen = views.view(places, file, key)
        return Declared(seen.world, seen.requests)
    from assent.cli import sources  # noqa: PLC0415 -- brings the reader of YAML, which help has no need of

    found = sources.read([Path(place) for place in places])
    if len(places) == 1 and ledgers.beside(places[0]):
        output.note(ledgers.NO_LEDGER)
    refused = sum(finding.severity == "error" for finding in found.findings)
    if refused:
        output.note(f"{refused} problems are left out of account; `assent check` lists them")
    return Declared(found.world, found.requests)
