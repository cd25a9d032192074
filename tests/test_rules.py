"""Every numbered rule has a test that names it, or a reason why not yet."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    (int(number), proof.strip())
    for number, proof in re.findall(
        r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.MULTILINE
    )
]
MENTION = re.compile(r"(?:\b|_)rules?[ _]((?:\d+(?:, | and |_)?)+)", re.IGNORECASE)


def mentioned(folder: Path) -> set[int]:
    """The numbers of all rules that the tests below the folder name."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return {int(number) for text in texts for found in MENTION.findall(text) for number in re.findall(r"\d+", found)}


def test_every_rule_has_a_row():
    """Forty-six rules, in order, none left out."""
    assert list(range(1, 47)) == [number for number, _ in ROWS]


@pytest.mark.parametrize(("number", "proof"), ROWS, ids=lambda value: str(value) if isinstance(value, int) else "")
def test_every_proof_names_its_rule(number, proof):
    """The named folders hold a test that says which rule it proves; everything else says why not yet."""
    if proof.startswith("Not yet: "):
        assert proof.endswith(".")
        return
    folders = re.findall(r"`([^`]+)`", proof)

    assert folders
    assert [folder for folder in folders if number not in mentioned(ROOT / folder)] == []
