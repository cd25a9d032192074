"""What is looked for in a file's bytes as a whole, before libyaml sees them: sizes, encoding, odd characters, markers.

Such a test costs a pass of C code over the bytes, and spares the loop over the events a test at every node.
"""

import re
import unicodedata

from assent.adapters.documents import limits
from assent.adapters.documents.refusals import Refusals, shown
from assent.adapters.documents.sections import MARKER, sections

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_LINES = "\u2028\u2029"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NONE = "\ufeff\ufffe\uffff"
ODD_IN_VALUE = re.compile(f"[\t\r{_CONTROL}{_LINES}{_DIRECTION}{_NONE}]")
"""Characters that no value may hold, whether written or escaped; the line feed is the only control character left."""

_ODD = re.compile(f"[{_CONTROL}{_LINES}{_DIRECTION}{_NONE}]|\r(?!\n)")
_TAB = re.compile(r"^([^\t\n]*)\t.*$", re.MULTILINE)
_MARKER_LINE = re.compile(r"^(?:---(?! *(?: #.*)?\r?$).*|\.\.\.(?:[ \t\r].*)?)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%.*$", re.MULTILINE)
_TAME = bytes([0x0A, *range(0x20, 0x7F)])
# What stands in for a refused character, so that the rest can still be read: blanks for blanks, one for one.
_BLANKS = dict.fromkeys(map(ord, "\t\x0b\x0c\r\x85\u2028\u2029"), " ")


def check_sizes(data: bytes, refusals: Refusals) -> None:
    """Stops at a file that is too large, has too many documents or one that is too large; sizes are in bytes."""
    if len(data) > limits.FILE_BYTES:
        message = f"the file has more than {limits.FILE_BYTES:,} bytes"
        refusals.stop("yaml-too-large", 1, 1, message, "split it into several files")
    if data.count(b"\n---") > limits.DOCUMENTS:
        markers = (match.start() for match in MARKER.finditer(data))
        at = next(start for count, start in enumerate(markers) if count == limits.DOCUMENTS)
        refuse_document_count(refusals, data.count(b"\n", 0, at) + 1)
    if len(data) > limits.DOCUMENT_BYTES:
        _check_documents(data, refusals)


def refuse_document_count(refusals: Refusals, line: int) -> None:
    """Stops at the first document beyond the limit."""
    message = f"the file has more than {limits.DOCUMENTS:,} documents"
    refusals.stop("yaml-too-many-documents", line, 1, message, "split it into several files")


def _check_documents(data: bytes, refusals: Refusals) -> None:
    before = len(refusals)
    for section in sections(data):
        size = section.end - section.body
        if size > limits.DOCUMENT_BYTES:
            line = data.count(b"\n", 0, section.body) + 1
            message = f"the document has {size:,} bytes, more than {limits.DOCUMENT_BYTES:,}"
            refusals.add("yaml-too-large", line, 1, message, "split it into several documents")
    if len(refusals) > before:
        refusals.halt()


def checked(data: bytes, refusals: Refusals) -> bytes:
    """The bytes to parse: the same ones, or with refused characters replaced so that reading can go on."""
    if not (data.translate(None, _TAME) or b"---" in data or b"..." in data or b"%" in data):
        return data
    text = _decoded(data, refusals)
    for match in _MARKER_LINE.finditer(text):
        _refuse_marker(text, match, refusals)
    before = len(refusals)
    for match in _DIRECTIVE.finditer(text):
        line, _ = _place(text, match.start())
        refusals.add("yaml-directive", line, 1, f"the directive {shown(match[0].rstrip())}", "take the line out")
    for match in _ODD.finditer(text):
        _refuse_character(text, match, refusals)
    if "\t" in text:
        _check_tabs(text, refusals)
    return data if len(refusals) == before else _mended(text).encode()


def _decoded(data: bytes, refusals: Refusals) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = _place(before, len(before))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        refusals.stop("yaml-not-utf8", line, column, message, "save the file as UTF-8")


def _check_tabs(text: str, refusals: Refusals) -> None:
    """Tabs are fine in lines that are a comment as a whole; one finding a line tells of the others."""
    for match in _TAB.finditer(text):
        if not match[1].lstrip(" ").startswith("#"):
            line, column = _place(text, match.end(1))
            refusals.add("yaml-tab", line, column, "a tab, which readers understand differently", "write spaces")


def _refuse_character(text: str, match: re.Match[str], refusals: Refusals) -> None:
    line, column = _place(text, match.start())
    message = f"the character U+{ord(match[0]):04X} ({_name(match[0])})"
    refusals.add("yaml-odd-character", line, column, message, _hint(match[0], match.start()))


def _name(char: str) -> str:
    control = unicodedata.category(char) == "Cc"
    return "a control character" if control else unicodedata.name(char, "no character").lower()


def _hint(char: str, at: int) -> str:
    if char == "\0":
        return "take it out; a file full of these is UTF-16: save it as UTF-8"
    if char == "\r":
        return "end lines with a line feed, or with carriage return and line feed"
    if char == "\ufeff" and at == 0:
        return "save the file as UTF-8 without a byte order mark"
    return "take it out"


def _refuse_marker(text: str, match: re.Match[str], refusals: Refusals) -> None:
    line, column = _place(text, match.start())
    found = shown(match[0].rstrip("\r"))
    if match[0].startswith("-"):
        message, hint = f"{found}: text behind a document marker", "leave '---' alone on its line"
    else:
        message, hint = f"{found} ends a document for some readers alone", "take the line out; '---' parts documents"
    refusals.add("yaml-document-marker", line, column, message, hint)


def _mended(text: str) -> str:
    """The text with odd characters replaced, lines and columns kept."""
    text = _DIRECTIVE.sub("#", text.removeprefix("\ufeff"))
    text = _ODD.sub(lambda match: _BLANKS.get(ord(match[0]), "\ufffd"), text)
    return text.replace("\t", " ")


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
