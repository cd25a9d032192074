"""Our house style: how a document is written that nobody has written yet.

Blocks two columns deep, lists at the column of their field, text plain where every reader takes it for that text,
in double quotes elsewhere, and behind `|` where it has several lines.
"""

import io
import re
import unicodedata

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from assent.adapters.documents import limits
from assent.adapters.documents.loader import load
from assent.adapters.documents.refusals import shown
from assent.adapters.documents.scalars import meaning
from assent.errors import AssentError

_WIDE = 1 << 20
_PLAIN = re.compile(r"[\w./(][\w./()@+,;=$&*'%~ -]*(?::[\w./()@+,;=$&*'%~-][\w./()@+,;=$&*'%~ -]*)*(?<! )\Z")
_LINES = re.compile(r"(?:[^\s].*\n)(?:.*[^\s]\n|\n)*\Z")


def dump(value: dict[str, object]) -> bytes:
    """A new document as UTF-8, ending in a line feed; `load` reads the same value back.

    Raises AssentError for what our documents cannot hold: nulls, odd characters, numbers that JSON cannot keep.
    """
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _WIDE
    yaml.default_flow_style = False
    out = io.BytesIO()
    yaml.dump(_styled(value, 1), out)
    text = out.getvalue()
    loaded = load(text)
    if loaded.findings:
        finding = loaded.findings[0]
        raise AssentError(f"the document cannot be written: {finding.message}", finding.hint)
    if [document.value for document in loaded.documents] != [value]:
        raise AssentError("the document cannot be written so that it reads the same", "use plain text and numbers")
    return text


def is_plain(text: str) -> bool:
    """Whether a text may stand without quotes in a block: a narrow set of characters, and one meaning."""
    return bool(_PLAIN.match(text)) and meaning(text) == text and unicodedata.is_normalized("NFC", text)


def _styled(value: object, depth: int) -> object:
    if depth > limits.DEPTH:
        raise AssentError(f"the document has more than {limits.DEPTH} levels", "nest less")
    if isinstance(value, dict):
        return {_styled_key(key): _styled(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_styled(inner, depth + 1) for inner in value]
    if isinstance(value, str):
        return _styled_text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= limits.INTEGER:
        return int(value)
    if isinstance(value, bool | int | float):
        return value
    raise AssentError(f"a document cannot hold {shown(repr(value))}", "use text, numbers, true, false, mappings, lists")


def _styled_key(key: object) -> str:
    if not isinstance(key, str):
        raise AssentError(f"the key {shown(repr(key))} is not text", "use text as the key")
    return key if is_plain(key) else _in_quotes(key)


def _styled_text(text: str) -> str:
    if is_plain(text):
        return text
    if "\n" in text[:-1] and _LINES.match(text):
        block: str = LiteralScalarString(text)
        return block
    return _in_quotes(text)


def _in_quotes(text: str) -> str:
    quoted: str = DoubleQuotedScalarString(text)
    return quoted
