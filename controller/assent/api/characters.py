"""Characters that are not shown as they are: no text of a document may hold them (rule 44).

These are, of Unicode: control, format, line and paragraph separators, surrogates, private use, and all that is ignored
where it is shown (Default_Ignorable_Code_Point); beside them two that are shown as nothing, and what is no character.
So joiners and variation selectors are refused too, as in emoji that are put together of several: a name with one
would look like the name without. The table is written out, so that it does not change with Python's Unicode.
"""

import re
import unicodedata

HIDDEN = (
    "\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
"""The inside of a class of a regular expression, without U+0000 to U+001F: a line feed is fine in some texts."""

_HALVES = "\ud800-\udfff"
"""Halves of surrogate pairs: a Python string may hold them, and no pattern of RE2 can say them."""

UNSAFE = re.compile(f"[\x00-\x1f{HIDDEN}{_HALVES}]")
UNSAFE_LINES = re.compile(f"[\x00-\x09\x0b-\x1f{HIDDEN}{_HALVES}]")
"""The same, but a line feed is fine."""

UNSAFE_VALUES = re.compile(f"[\x00-\x08\x0b-\x1f{HIDDEN}{_HALVES}]")
"""The same, but a line feed and a tab are fine: what programs are given."""


def hidden(text: str, unsafe: re.Pattern[str] = UNSAFE) -> re.Match[str] | None:
    """The first character of the text that is not shown as it is; None where there is none."""
    # Nearly all texts are plain ASCII, which Python tells faster than any pattern.
    return None if text.isascii() and text.isprintable() else unsafe.search(text)


def visible(text: str) -> str:
    r"""The text on one line, with every character escaped that is not shown as it is: `\u202e`, `\n`."""
    return UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape", "surrogatepass").decode()


_WRITTEN_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that people mix in one name and nobody takes for one another (UTS 39, "highly restrictive")."""

_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})


def scripts(name: str) -> frozenset[str]:
    """The scripts of a name's letters, by the first word of what Unicode calls them; more than one where they mix."""
    if name.isascii():
        return frozenset({"LATIN"})
    letters = [char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char) in _LETTERS]
    found = frozenset(unicodedata.name(char, "UNNAMED").partition(" ")[0] for char in letters)
    return frozenset({"LATIN"}) if any(found <= together for together in _WRITTEN_TOGETHER) else found
