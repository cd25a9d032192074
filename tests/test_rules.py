"""Every numbered rule has a test that names it, or a reason why not yet."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    (int(number), proof.strip())
    for number, proof in re.findall(
        r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.MULTILINE
    )
]
NOT_YET = "Not yet: "
PARTLY = {46}
"""Rules that tests prove in part: handles, threads and what is kept are counted there, memory over a day is not."""

NAME = re.compile(r"\bdef (test_rules?_\w+)")
MENTION = re.compile(r"(?:\b|_)rules?[ _]((?:\d+(?:, | and |_and_|_)?)+)", re.IGNORECASE)


def sources(folder: Path) -> list[str]:
    """What the tests below the folder say."""
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]


def mentioned(texts: Iterable[str]) -> set[int]:
    """The numbers of all rules that the texts name."""
    return {int(number) for text in texts for found in MENTION.findall(text) for number in re.findall(r"\d+", found)}


def test_every_rule_has_a_row():
    """Forty-six rules, in order, none left out."""
    assert list(range(1, 47)) == [number for number, _ in ROWS]


@pytest.mark.parametrize(("number", "proof"), ROWS, ids=lambda value: str(value) if isinstance(value, int) else "")
def test_every_proof_names_its_rule(number, proof):
    """The named folders hold a test that says which rule it proves; everything else says why not yet."""
    folders = re.findall(r"`([^`]+)`", proof)

    assert proof.endswith(".") if proof.startswith(NOT_YET) else folders
    assert [folder for folder in folders if number not in mentioned(sources(ROOT / folder))] == []


def test_no_test_is_named_after_a_rule_that_is_not_proven_yet():
    """A row that says "Not yet" is not true where a test has its number in its name, but for what is proven in part."""
    named = mentioned(name for text in sources(ROOT / "tests") for name in NAME.findall(text))

    assert PARTLY == named & {number for number, proof in ROWS if proof.startswith(NOT_YET)}
