"""Where commands get the world from that they look at."""

from collections.abc import Sequence
from pathlib import Path

from assent.cli import output, sources
from assent.cli.sources import Source


def load(places: Sequence[str]) -> Source:
    """What is declared in these folders; what cannot be read is left out, and a note says that something is."""
    found = sources.read([Path(place) for place in places])
    refused = sum(finding.severity == "error" for finding in found.findings)
    if refused:
        output.note(f"{refused} problems are left out of account; `assent check` lists them")
    return found
