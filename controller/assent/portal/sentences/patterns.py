"""Patterns in words: those that are a row of characters, each of some classes, and a few that are known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assent.api.base import DNS_PATTERN
from assent.api.characters import visible
from assent.portal.menu import N_
from assent.portal.sentences import Translate

KNOWN: Final[Mapping[str, str]] = {
    DNS_PATTERN: N_("lower-case letters, digits and dashes, with no dash at its ends"),
    r"^[^\s](.{0,198}[^\s])?$": N_("1 to 200 characters, with no blank at its ends"),
    "^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9.-]{1,253}$": N_("a mail address, such as maria@acme.example"),
}

CLASSES: Final[Mapping[str, str]] = {
    "A-Za-z": N_("letters (A-Z, a-z)"),
    "a-z": N_("lower-case letters (a-z)"),
    "A-Z": N_("capital letters (A-Z)"),
    "0-9": N_("digits"),
    "À-ӿ": N_("letters with accents and of other scripts"),
    " ": N_("blanks"),
}
"""Parts of a class; the longer ones come first."""

ATOM: Final = re.compile(
    r"\[(?P<inside>[^\]\[\\^][^\]\[\\]*)\]|\\(?P<escaped>[.\-_@/+])|(?P<digit>\\d)|(?P<plain>[\w@/ :-])"
)
QUANTIFIER: Final = re.compile(r"\{(?P<least>[0-9]+)(?P<comma>,)?(?P<most>[0-9]*)\}|(?P<sign>[?*+])")
SIGNS: Final[Mapping[str, tuple[int, int | None]]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True, slots=True)
class Part:
    """So many characters of one class; `most` is None where there is no end."""

    inside: str
    least: int
    most: int | None


def meaning(pattern: str, _: Translate) -> str:
    """What the pattern asks for; the pattern itself where there are no words for it."""
    if pattern in KNOWN:
        return _(KNOWN[pattern])
    parts = read(pattern)
    if parts and not any(_hardly_seen(one) for one in parts):
        return _said(parts, _)
    return _("the pattern %(pattern)s") % {"pattern": visible(pattern)}


def _hardly_seen(part: Part) -> bool:
    """Whether a range of it begins with a blank, as in `[ -~]`."""
    return any(one.startswith(" -") for one in ranges(part.inside))


def longest(pattern: str) -> int | None:
    """The most characters that the pattern takes, where that is known."""
    parts = read(pattern) or [Part("", 0, None)]
    return None if any(one.most is None for one in parts) else sum(one.most or 0 for one in parts)


def read(pattern: str) -> list[Part] | None:
    """The pattern as a row of parts; None where it is something else."""
    body, parts, at = pattern.removeprefix("^").removesuffix("$"), [], 0
    while at < len(body):
        atom = ATOM.match(body, at)
        if atom is None:
            return None
        quantifier = QUANTIFIER.match(body, atom.end())
        inside = "0-9" if atom["digit"] else atom["inside"] or atom["escaped"] or atom["plain"]
        parts.append(Part(inside, *_counts(quantifier)))
        at = quantifier.end() if quantifier else atom.end()
    return parts or None


def _counts(quantifier: re.Match[str] | None) -> tuple[int, int | None]:
    if quantifier is None:
        return 1, 1
    if quantifier["sign"]:
        return SIGNS[quantifier["sign"]]
    least = int(quantifier["least"])
    return least, (int(quantifier["most"]) if quantifier["most"] else None) if quantifier["comma"] else least


def _said(parts: list[Part], _: Translate) -> str:
    """One class with another first and last character is said as one; anything else one after the other."""
    body = max(parts, key=lambda one: len(one.inside))
    ends = [(at, one) for at, one in enumerate(parts) if one is not body]
    known = {*ranges(body.inside)}
    outermost = {(at in (0, len(parts) - 1), known >= {*ranges(one.inside)}, one.least, one.most) for at, one in ends}
    if len(body.inside) == 1 or outermost - {(True, True, 1, 1)}:
        return _(", then ").join(_counted(one, _) for one in _joined(parts))
    least = sum(one.least for one in parts)
    whole = Part(body.inside, least, None if body.most is None else body.most + len(ends))
    found = [_counted(whole, _)]
    begin = [one for at, one in ends if at == 0]
    end = [one for at, one in ends if at > 0]
    found += [_("it begins with one of: %(what)s") % {"what": classes(one.inside, _)} for one in begin]
    found += [_("it ends with one of: %(what)s") % {"what": classes(one.inside, _)} for one in end]
    return "; ".join(found)


def _joined(parts: list[Part]) -> Iterator[Part]:
    """Single characters in a row as one text."""
    text = ""
    for one in parts:
        if len(one.inside) == 1 and (one.least, one.most) == (1, 1):
            text += one.inside
            continue
        if text:
            yield Part(f"“{text}”", 1, 1)
        text = ""
        yield one
    if text:
        yield Part(f"“{text}”", 1, 1)


def _counted(part: Part, _: Translate) -> str:
    values = {"least": part.least, "most": part.most, "what": classes(part.inside, _)}
    if part.inside.startswith("“"):
        return visible(part.inside)
    if part.most is None:
        return _("%(least)s or more characters of: %(what)s") % values
    if part.most == part.least:
        return _("exactly %(least)s of: %(what)s") % values
    return _("%(least)s to %(most)s characters of: %(what)s") % values


def classes(inside: str, _: Translate) -> str:
    """The inside of a class in words: names where there are some, and the other characters as they are."""
    names, rest = [], ranges(inside)
    for part, name in CLASSES.items():
        if {*ranges(part)} <= {*rest}:
            names.append(_(name))
            rest = [one for one in rest if one not in ranges(part)]
    return ", ".join([*names, *([" ".join(map(visible, rest))] if rest else [])])


def ranges(inside: str) -> list[str]:
    """What stands in a class: single characters, and ranges such as `a-z`."""
    return re.findall(".-.|.", inside)
