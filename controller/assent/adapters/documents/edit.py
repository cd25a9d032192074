"""Changes to a file that people wrote, byte for byte theirs but for what was asked.

ruamel.yaml says where things stand in the text; the new piece is put in there and nothing is written anew,
since a round trip would also touch spacing, quotes, long lines and blank lines.
Each result is read again and compared with the file before: whatever else would change is refused.
"""

import copy
import re
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, Node, SequenceNode

from assent.adapters.documents.loader import Document, Loaded, load
from assent.adapters.documents.refusals import shown
from assent.adapters.documents.scalars import meaning, quoted
from assent.adapters.documents.sections import Section, sections
from assent.adapters.documents.style import dump
from assent.errors import AssentError, NotFoundError

__all__ = ["add_annotation", "dump", "remove_document"]

_SIMPLE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")
_HEAD = re.compile(rb"(?: *(?:#[^\n]*|\r)?\n)*")
_BLANK_LINE = re.compile(rb"^ *\r?\n", re.MULTILINE)

_Piece: TypeAlias = "str | dict[str, _Piece]"


def add_annotation(text: bytes, index: int, key: str, value: str) -> bytes:
    """The file with `metadata.annotations[key]` of one document set to `value`; the same bytes where it is already.

    Raises NotFoundError where there is no such document, AssentError where the file cannot be read or changed.
    """
    before = _documents(text)
    section = _section(text, before, index)
    wanted = [copy.deepcopy(document.value) for document in before]
    annotations = _mapping(_mapping(wanted[index], "metadata"), "annotations")
    if annotations.get(key) == value:
        return text
    annotations[key] = value
    body = text[section.body : section.end].decode()
    changed = text[: section.body] + _annotated(body, key, value).encode() + text[section.end :]
    return _verified(changed, wanted, f"the annotation {shown(key)} cannot be added to document {index + 1}")


def remove_document(text: bytes, index: int) -> bytes | None:
    """The file without one document and the comments between its markers; None where no document is left.

    Comments at the very beginning of the file that a blank line parts from the document stay.
    """
    before = _documents(text)
    section = _section(text, before, index)
    if len(before) == 1:
        return None
    start, end = section.start, section.end
    if section.start == section.body:
        start, end = _head_end(text[:end]), sections(text)[1].body
    wanted = [document.value for document in before if document.index != index]
    return _verified(text[:start] + text[end:], wanted, f"document {index + 1} cannot be taken out")


def _head_end(text: bytes) -> int:
    """Where the comments that speak of the file end, and those of its first document begin."""
    head = _HEAD.match(text)
    blanks = [match.end() for match in _BLANK_LINE.finditer(head[0])] if head else []
    return blanks[-1] if blanks else 0


def _documents(text: bytes) -> tuple[Document, ...]:
    loaded = load(text)
    if loaded.findings:
        raise AssentError(f"the file cannot be read: {_first(loaded)}", loaded.findings[0].hint)
    return loaded.documents


def _first(loaded: Loaded) -> str:
    finding = loaded.findings[0]
    return f"line {finding.place.line}, column {finding.place.column}: {finding.message}"


def _section(text: bytes, documents: tuple[Document, ...], index: int) -> Section:
    if not 0 <= index < len(documents):
        raise NotFoundError(f"the file has no document {index + 1}", f"it has {len(documents)}")
    held = [section for section in sections(text) if load(text[section.body : section.end]).documents]
    return held[index]


def _mapping(parent: dict[str, object], field: str) -> dict[str, object]:
    value = parent.setdefault(field, {})
    if isinstance(value, dict):
        return value
    raise AssentError(f"{field!r} is not a mapping", "put the document right first")


def _verified(text: bytes, wanted: list[dict[str, object]], refusal: str) -> bytes:
    loaded = load(text)
    if loaded.findings:
        raise AssentError(f"{refusal}: {_first(loaded)}", loaded.findings[0].hint)
    if [document.value for document in loaded.documents] != wanted:
        raise AssentError(f"{refusal} without changing anything else", "change the file by hand")
    return text


def _annotated(body: str, key: str, value: str) -> str:
    root = _composed(body)
    metadata = _field(root, "metadata")
    if metadata is None:
        return _with_field(body, root, "metadata", {"annotations": {key: value}})
    annotations = _field(metadata, "annotations")
    if annotations is None:
        return _with_field(body, metadata, "annotations", {key: value})
    old = _field(annotations, key)
    if old is None:
        return _with_field(body, annotations, key, value)
    start, end = old.start_mark.index, old.end_mark.index
    end = start + len(body[start:end].rstrip(" \r\n"))
    return body[:start] + quoted(value) + body[end:]


def _composed(body: str) -> Node:
    try:
        root: Node = YAML(typ="safe", pure=True).compose(body)
    except YAMLError as error:
        # ruamel.yaml refuses a few rare forms that all other readers take, and its marks would be missing.
        raise AssentError("the document is written in a form that cannot be edited", "change it by hand") from error
    return root


def _field(node: Node, key: str) -> Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _with_field(body: str, node: Node, key: str, value: _Piece) -> str:
    """The text with one more field at the end of a mapping, in the form that mapping is written in."""
    if isinstance(node, CollectionNode) and node.flow_style:
        at = _end(node.value[-1][1]) if node.value else node.start_mark.index + 1
        comma = ", " if node.value else ""
        return f"{body[:at]}{comma}{_name(key)}: {_flow(value)}{body[at:]}"
    newline = "\r\n" if "\r\n" in body else "\n"
    at = _line_end(body, node)
    lines = _block(key, value, node.start_mark.column)
    if at == len(body) and not body.endswith("\n"):
        return body + newline + newline.join(lines)
    return body[:at] + newline.join([*lines, ""]) + body[at:]


def _line_end(body: str, node: Node) -> int:
    """The beginning of the line behind everything that is in a block mapping; comments that follow stay behind it."""
    end = _end(node)
    if end and body[end - 1] == "\n":
        return end
    found = body.find("\n", end)
    return len(body) if found < 0 else found + 1


def _end(node: Node) -> int:
    """Where a node's last character stands; a block's own mark is behind the comments and blank lines after it."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last if isinstance(node, SequenceNode) else last[1])


def _name(key: str) -> str:
    return key if _SIMPLE_KEY.match(key) and meaning(key) == key else quoted(key)


def _flow(value: _Piece) -> str:
    if isinstance(value, str):
        return quoted(value)
    return "{" + ", ".join(f"{_name(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"


def _block(key: str, value: _Piece, column: int) -> list[str]:
    start = " " * column + f"{_name(key)}:"
    if isinstance(value, str):
        return [f"{start} {quoted(value)}"]
    return [start, *(line for name, inner in value.items() for line in _block(name, inner, column + 2))]
