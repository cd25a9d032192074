"""What a plain (unquoted) scalar means where all readers agree; otherwise why it is refused.

The readers are kubectl's (YAML 1.1 with additions), PyYAML (another YAML 1.1) and those of YAML 1.2.
Taken as they are: `true`, `false`, decimal integers that JSON keeps whole, decimal fractions such as `0.25`.
Refused: everything else that one of them reads as something other than text. The rest is text.
"""

import json
import re
from typing import NamedTuple

from assent.adapters.documents import limits

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,15})\Z")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{0,9}[1-9]\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|\s+)[0-9]{1,2}:.*)?\Z", re.DOTALL)
_LONG_INTEGER = re.compile(r"-?[1-9][0-9]{15,}\Z")
# Possessive quantifiers (`*+`) keep a match linear in the length of the text, whatever it is.
_NUMBER = re.compile(
    r"""(?:
      [-+]?0[xX][-+0-9a-fA-F]*+                        # hexadecimal
    | [-+]?0[oO][-+0-9]*+                              # octal, as YAML 1.2 writes it
    | [-+]?0[bB][-+01]*+                               # binary
    | [-+]?[0-9]*+\.?[0-9]*+(?:[eE][-+]?[0-9]*+)?      # 0644, 1_000, 1.0, 1e3, and beginnings of such
    | [-+]?[0-9]++(?::[0-9]++)++(?:\.[0-9]*+)?         # base 60: 12:30:45
    )\Z""",
    re.VERBOSE,
)
_NUMBER_STARTS = frozenset("0123456789+-.")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"})
_ENDLESS = frozenset(
    sign + word for sign in ("", "-", "+") for word in (".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN")
)

Scalar = str | int | float | bool


class Refused(NamedTuple):
    """Why a spelling has no one meaning (`why` follows the spelling in a sentence), and what to write instead."""

    rule: str
    why: str
    instead: str


def quoted(text: str) -> str:
    """The text in double quotes, on one line, as every reader takes it."""
    return json.dumps(text, ensure_ascii=False)


def meaning(text: str) -> Scalar | Refused:
    """The one value that all readers give this plain scalar, or why there is none."""
    if text == "true":
        return True
    if text == "false":
        return False
    if text and text[0] in _NUMBER_STARTS:
        return _number(text)
    return _word(text)


def _number(text: str) -> Scalar | Refused:
    if _INTEGER.match(text) and abs(int(text)) <= limits.INTEGER:
        return int(text)
    if _FRACTION.match(text) and not float(text).is_integer():
        return float(text)
    why, instead = _odd_number(text), f"write {quoted(text)} for the text"
    if not why:
        return text
    return Refused("yaml-ambiguous-scalar", why, instead if _DATE.match(text) else f"{instead}, or a decimal number")


def _odd_number(text: str) -> str:
    """What sets readers apart on a text that looks like a number; nothing where they all take it for text."""
    if _LONG_INTEGER.match(text):
        return "is beyond 2^53 - 1, where JSON readers round"
    if text in _ENDLESS:
        return "is a number to some readers and text to others, and none in JSON"
    if _DATE.match(text):
        return "is a date to some readers and text to others"
    # kubectl's reader strips every underscore before it looks: 0_x1 is 1 there.
    if _NUMBER.match(text.replace("_", "")):
        return "is one number, another number or text, depending on the reader"
    return ""


def _word(text: str) -> str | Refused:
    if text in _NULLS:
        spelled = '"" for empty text' if not text else f"{quoted(text)} for the text"
        why = "is a null" if text else "is missing"
        return Refused("yaml-null", why, f"leave the field out, give it a value, or write {spelled}")
    if text in _TRUE or text in _FALSE:
        value = "true" if text in _TRUE else "false"
        why = f"is {value} to some readers and text to others"
        return Refused("yaml-ambiguous-scalar", why, f"write {quoted(text)} for the text, or {value}")
    if text == "<<":
        return Refused("yaml-merge-key", "is a merge key", f"write the fields out, or {quoted(text)} for the text")
    if text == "=":
        return Refused("yaml-ambiguous-scalar", "is an operator to some readers", 'write "=" for the text')
    return text
