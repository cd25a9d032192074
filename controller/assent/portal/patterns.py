"""A pattern of RE2 as browsers take it for `pattern=`: JavaScript's flag `v` is stricter in classes and escapes.

Where a browser finds a mistake in a pattern it ignores all of it. What both would read differently is left out before
(`fields.Field.pattern`); what comes from here means the same.
"""

import re
from collections.abc import Iterator
from typing import Final

QUANTIFIER: Final = re.compile(r"\{\d+(?:,\d*)?\}")
ATOM: Final = re.compile(r"\\.|.", re.DOTALL)
SYNTAX: Final = frozenset(r"^$\.*+?()[]{}|/")
"""What may be escaped anywhere."""
IN_CLASSES: Final = SYNTAX | frozenset("-&!#%,:;<=>@`~")
"""What may be escaped in a class; two in a row, or one in the wrong place, would be an operator there."""


def for_browsers(pattern: str) -> str:
    """The same pattern for a browser."""
    return "".join(_parts(pattern))


def _parts(pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        quantifier = QUANTIFIER.match(pattern, at)
        if quantifier:
            part = taken = quantifier.group()
        elif pattern[at] == "[":
            part, taken = _class(pattern, at)
        else:
            taken = _atom(pattern, at)
            part = f"\\{taken}" if taken in "{}]" else _plain(taken, SYNTAX)
        yield part
        at += len(taken)


def _class(pattern: str, start: int) -> tuple[str, str]:
    """A class for a browser, and as it stands in the pattern; `]` at its begin is one of its characters."""
    at = start + (2 if pattern.startswith("^", start + 1) else 1)
    parts, first = [pattern[start:at]], at
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        low = _atom(pattern, at)
        at += len(low)
        parts.append(_member(low))
        if pattern.startswith("-", at) and not pattern.startswith("]", at + 1) and at + 1 < len(pattern):
            high = _atom(pattern, at + 1)
            at += 1 + len(high)
            parts.append(f"-{_member(high)}")
    return f"{''.join(parts)}]", pattern[start : at + 1]


def _atom(pattern: str, at: int) -> str:
    found = ATOM.match(pattern, at)
    return found.group() if found else ""


def _member(atom: str) -> str:
    """One character of a class."""
    return f"\\{atom}" if atom in IN_CLASSES else _plain(atom, IN_CLASSES)


def _plain(atom: str, escaped: frozenset[str]) -> str:
    """Without an escape that a browser does not know: of a character that needs none."""
    needless = atom.startswith("\\") and not atom[1:].isalnum() and atom[1:] not in escaped
    return atom[1:] if needless else atom
