"""The pages for people who ask and who approve say what the panel says."""

import re
from pathlib import Path

import pytest

from assent.portal.sentences.reasons import NOT_COUNTED
from assent.portal.words import WORDS

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
ROW = re.compile(r"^\| (?!It says|-)(.*?) \|", re.MULTILINE)
SAID = {"ask-in-the-panel.md": ({*WORDS.values()}, ", "), "approve-in-the-panel.md": ({*NOT_COUNTED.values()}, None)}
"""What stands in a page's table, and what parts several in one row."""


@pytest.mark.parametrize("page", SAID)
def test_what_a_page_quotes_is_what_the_panel_says(page):
    known, between = SAID[page]
    rows = ROW.findall((PAGES / page).read_text(encoding="utf-8"))
    quoted = [one for row in rows for one in (row.split(between) if between else [row])]

    assert len(quoted) > 5
    assert [one for one in quoted if one not in known] == []
