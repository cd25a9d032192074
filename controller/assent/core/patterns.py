"""Patterns that people write: RE2 alone, matched whole, in linear time (rule 33).

RE2 knows no backreferences and no look-around, and refuses repeats that grow large; so no pattern can hang a check.
"""

import re
from functools import lru_cache

import re2

MAX_LENGTH = 250
"""Characters of a pattern; the longest in the shipped catalogue has 60."""

MAX_MEMORY = 2 << 20
"""Bytes that RE2 may spend on one pattern: about 21,000 instructions, built in about 6 ms."""

_LEADS = re.compile(r"\[\^?\]?(?:[^\]\\\[]|\\[^pPQC]|\\p\{\w+\})*\]|\\[dwDWS.]|[A-Za-z0-9_]")
"""One atom at the head of a pattern that stands for exactly one character, as far as we read patterns ourselves."""

_OPTIONAL = ("?", "*", "{")


class Pattern:
    """A pattern in use; `text` is what somebody wrote."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError with what is wrong, and why it is refused."""
        self.text = text
        self._compiled = _compiled(text)

    def matches(self, value: str) -> bool:
        """Whether the whole of the value matches; a trailing line feed counts, half a surrogate pair never matches."""
        try:
            return self._compiled.fullmatch(value.encode()) is not None  # of text, RE2's Python counts characters again
        except UnicodeEncodeError:
            return False

    def admits_dash(self) -> bool:
        """Whether a value that begins with `-` could match; True where that cannot be told."""
        try:
            lowest, highest = self._compiled.possiblematchrange(8)
        except re2.error:
            return True
        if highest < b"-" or lowest >= b".":
            return False
        return self._head_admits_dash()

    def _head_admits_dash(self) -> bool:
        """The same by the first character alone, where the pattern has one that can be read."""
        body = self.text.removeprefix("^")
        head = _LEADS.match(body)
        if head is None or "|" in self.text or body[head.end() : head.end() + 1] in _OPTIONAL:
            return True
        return Pattern(head.group()).matches("-")


def compile_pattern(text: str) -> Pattern:
    """The pattern, ready to match; kept, so that asking again costs nothing.

    Raises ValueError with what is wrong with it, which part, and what to write instead.
    """
    return _kept(text)


@lru_cache(maxsize=4096)
def _kept(text: str) -> Pattern:
    return Pattern(text)


def _compiled(text: str) -> "re2._Regexp":
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a pattern of {len(text)} characters; {MAX_LENGTH} are read: state lengths beside it")
    _one_character_each(text)
    try:
        return re2.compile(text, _options())
    except re2.error as refused:
        raise ValueError(_because(text, refused)) from None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.never_capture = True  # whether it matches is all that is asked, and is found faster without groups
    return options


def _one_character_each(text: str) -> None:
    r"""Refuses `\C`, which matches half of a character, and text that is no text."""
    if re.search(r"(?<!\\)(?:\\\\)*\\C", text):
        raise ValueError(r"\C matches a byte, perhaps half of a character; write . instead")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("it holds half of a surrogate pair, which is no character")


def _because(text: str, refused: Exception) -> str:
    """RE2's own reason in our words."""
    detail = refused.args[0] if refused.args else ""
    reason = detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail)
    shown = ascii(text)
    if re.search(r"\\[1-9k]", reason) or "(?P=" in text:
        return f"{shown} refers back to what a group matched; patterns are RE2, which has no backreferences"
    if "perl operator" in reason and re.search(r"\(\?(?:[=!]|<[=!])", reason):
        return f"{shown} looks ahead or behind; patterns are RE2, which does not"
    if "repetition size" in reason or "too large" in reason:
        return f"{shown} grows too large by its repeats ({reason}); state lengths by minLength and maxLength"
    return f"{shown} is no RE2 pattern: {reason}"
