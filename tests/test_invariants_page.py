"""Every numbered invariant has a test that names it, or a reason why not yet."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    (int(number), proof.strip())
    for number, proof in re.findall(
        r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$",
        (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
]
MENTION = re.compile(r"(?:\b|_)invariants?[ _-](\d+)(?:(?:_and_|, | and )(\d+))?", re.IGNORECASE)


def mentioned(file: Path) -> set[int]:
    """The numbers of all invariants that the file names."""
    found = MENTION.findall(file.read_text(encoding="utf-8"))
    return {int(number) for numbers in found for number in numbers if number}


def test_every_invariant_has_a_row():
    """Thirty invariants, in order, none left out."""
    assert list(range(1, 31)) == [number for number, _ in ROWS]


@pytest.mark.parametrize(("number", "proof"), ROWS, ids=lambda value: str(value) if isinstance(value, int) else "")
def test_every_proof_names_its_invariant(number, proof):
    """The named files hold a test that says which invariant it proves; everything else says why not yet."""
    if proof.startswith("Not yet: "):
        assert proof.endswith(".")
        return
    files = re.findall(r"`([^`]+)`", proof)

    assert files
    assert [file for file in files if number not in mentioned(ROOT / file)] == []
