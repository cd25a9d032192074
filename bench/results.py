"""What was measured, kept as JSON: a run of some rows renews theirs and leaves the others as they were."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.harness import Figure, Reach

FILE = Path(__file__).parent / "results.json"


@dataclass
class Result:
    """One row's figures, of all sizes; the notes of its runs; on what, and in how many rounds."""

    number: int
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    rounds: int = 0

    def of(self, size: int) -> list[Figure]:
        """The figures of one size."""
        return [one for one in self.figures if one.size == size]

    def grown(self, what: str) -> dict[int, Figure]:
        """One figure by size."""
        return {one.size: one for one in sorted(self.figures, key=lambda one: one.size) if one.what == what}


def load(file: Path = FILE) -> dict[int, Result]:
    """Everything that was measured, by row."""
    if not file.exists():
        return {}
    return {one["number"]: _result(one) for one in json.loads(file.read_text())}


def save(results: Iterable[Result], file: Path = FILE) -> None:
    """Keeps it; the values with as many digits as they are worth."""
    told = [_plain(one) for one in sorted(results, key=lambda one: one.number)]
    file.write_text(json.dumps(told, indent=1) + "\n")


def _plain(result: Result) -> dict[str, Any]:
    figures = []
    for one in result.figures:
        values = {name: [float(f"{value:.4g}") for value in measured] for name, measured in one.values.items()}
        figures.append({**asdict(one), "values": values, "reach": list(one.reach) if one.reach else None})
    return {**asdict(result), "figures": figures}


def _result(told: Mapping[str, Any]) -> Result:
    figures = [Figure(**{**one, "reach": Reach(*one["reach"]) if one["reach"] else None}) for one in told["figures"]]
    return Result(**{**told, "figures": figures})
