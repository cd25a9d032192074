"""libyaml's events to plain values, by recursive descent; the one loop here that runs for every node.

Only events are taken from libyaml: building nodes of them overflows the C stack on 100,000 brackets.
What most nodes need stands in `_mapping` and `_sequence`; whatever is rare or refused is in methods of its own.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import cast

from yaml._yaml import CParser, Mark
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from assent.adapters.documents import events, limits
from assent.adapters.documents.characters import ODD_IN_VALUE, refuse_document_count
from assent.adapters.documents.refusals import Refusals, shown
from assent.adapters.documents.scalars import Refused, Scalar, meaning, quoted

# What no event shows and readers disagree on: a '#' joined to a block's sign, and the escape of a slash.
_HASH_HEADER_BYTES = re.compile(rb"[|>][-+1-9]{0,2}#")
_HASH_HEADER = re.compile(_HASH_HEADER_BYTES.pattern.decode())
_SLASH_ESCAPE = re.compile(r"(?:[^\\]|\\[^/])*?\\/", re.DOTALL)
_KNOWN = 1 << 16
_KNOWN_LENGTH = 64
_UNKNOWN = object()
# What plain spellings mean, as values and as keys: most of a tree repeats a few thousand of them.
# Bounded in number and length, so that a hostile tree cannot make them grow.
_values: dict[str, Scalar] = {}
_keys: dict[str, str] = {}

Value = dict[str, object] | list[object] | Scalar


def read(data: bytes, refusals: Refusals) -> list[tuple[dict[str, object], int]]:
    """Each document's value with the line it begins on; problems go to `refusals`, which may raise to stop.

    Raises libyaml's own errors where the text is no YAML.
    """
    return _Reader(data, refusals).documents()


class _Reader:
    __slots__ = ("_careful", "_depth", "_event", "_flow", "_last_line", "_refusals", "_suspect", "_text")

    def __init__(self, data: bytes, refusals: Refusals) -> None:
        # Every call returns an event until the stream has ended; the stubs allow None for the time after that.
        self._event = cast("Callable[[], Event]", CParser(data).get_event)
        self._refusals = refusals
        self._depth = 0
        self._flow = 0
        # Without these characters there is no anchor, no tag and no '?' anywhere, and nobody need look for one: whether
        # a scalar has a style is then all that tells whether it is plain.
        self._careful = b"&" in data or b"!" in data or b"?" in data
        self._suspect = b"\\" in data or b"\t" in data
        self._text = data.decode() if _hides_something(data) else ""
        self._last_line = -1 if data.endswith(b"\n") else data.count(b"\n")

    def documents(self) -> list[tuple[dict[str, object], int]]:
        found: list[tuple[dict[str, object], int]] = []
        event = self._event
        event()
        while isinstance(event(), DocumentStartEvent):
            first = event()
            if not _empty(first):
                if len(found) >= limits.DOCUMENTS:
                    refuse_document_count(self._refusals, _line(first))
                found.append((self._document(first), _line(first)))
            event()
        return found

    def _document(self, first: Event) -> dict[str, object]:
        if not isinstance(first, events.MappingStart):
            self._refuse(first, "yaml-not-a-mapping", "a document must be a mapping", "begin it with 'apiVersion:'")
            if not isinstance(first, events.Scalar):
                self._node(first)
            return {}
        if first.flow_style:
            hint = "write one field a line"
            self._refuse(first, "yaml-flow-document", "the whole document stands in braces", hint)
        return self._mapping(first)

    def _node(self, event: Event) -> Value:
        """Whatever is no scalar."""
        if isinstance(event, events.MappingStart):
            return self._mapping(event)
        if isinstance(event, events.SequenceStart):
            return self._sequence(event)
        name = event.anchor if isinstance(event, AliasEvent) else ""
        self._refuse(event, "yaml-alias", f"the alias '*{name}'", "write the value out")
        return ""

    def _mapping(self, start: MappingStartEvent) -> dict[str, object]:
        next_event, careful, known_key, known_value = self._event, self._careful, _keys.get, _values.get
        scalar, mapping, end = events.Scalar, events.MappingStart, events.MappingEnd
        self._depth += 1
        if careful or self._depth > limits.DEPTH:
            self._enter(start)
        out: dict[str, object] = {}
        while True:
            event = next_event()
            if isinstance(event, scalar):
                if careful or event.style or (key := known_key(event.value)) is None:
                    key = self._key(event)
            elif isinstance(event, end):
                break
            else:
                key = self._key(event)
            if key in out:
                self._refuse(event, "yaml-duplicate-key", f"the key {shown(key)} stands here twice", "keep one of them")
            event = next_event()
            if not isinstance(event, scalar):
                out[key] = self._mapping(event) if isinstance(event, mapping) else self._node(event)
            elif careful or event.style or (value := known_value(event.value, _UNKNOWN)) is _UNKNOWN:
                out[key] = self._scalar(event)
            else:
                out[key] = value
        self._depth -= 1
        if careful:
            self._leave(start)
        return out

    def _sequence(self, start: SequenceStartEvent) -> list[object]:
        next_event, careful, known_value = self._event, self._careful, _values.get
        scalar, end = events.Scalar, events.SequenceEnd
        self._depth += 1
        if careful or self._depth > limits.DEPTH:
            self._enter(start)
        out: list[object] = []
        while not isinstance(event := next_event(), end):
            if not isinstance(event, scalar):
                out.append(self._node(event))
            elif careful or event.style or (value := known_value(event.value, _UNKNOWN)) is _UNKNOWN:
                out.append(self._scalar(event))
            else:
                out.append(value)
        self._depth -= 1
        if careful:
            self._leave(start)
        return out

    def _enter(self, start: CollectionStartEvent) -> None:
        """What is looked at where a collection begins: its decoration, and whether it is in brackets."""
        if start.tag is not None or start.anchor is not None:
            self._refuse_decoration(start, start.tag)
        if start.flow_style:
            self._flow += 1
        if self._depth > limits.DEPTH:
            line, column = _position(start)
            message = f"more than {limits.DEPTH} levels of mappings and lists"
            self._refusals.stop("yaml-too-deep", line, column, message, "nest less")

    def _leave(self, start: CollectionStartEvent) -> None:
        if start.flow_style:
            self._flow -= 1

    def _scalar(self, event: ScalarEvent) -> Scalar:
        """A value in the slow way: not known yet, quoted, a block, or to be refused."""
        if event.tag is not None or event.anchor is not None:
            self._refuse_decoration(event, event.tag)
        text = event.value
        if event.implicit[0] and event.tag is None:
            return self._plain(event)
        if event.style != "'":
            self._check_spelling(event)
        if self._suspect and (odd := ODD_IN_VALUE.search(text)):
            message = f"the value {shown(text)} holds U+{ord(odd[0]):04X}"
            self._refuse(event, "yaml-odd-character", message, "take the character out")
        return text

    def _plain(self, event: ScalarEvent) -> Scalar:
        text = event.value
        if self._flow and "?" in text:
            message = f"{shown(text)} has a '?' within brackets, where some readers refuse it"
            self._refuse(event, "yaml-ambiguous-scalar", message, f"write {quoted(text)}")
            return text
        known = meaning(text)
        if isinstance(known, Refused):
            named = shown(text) if text else "the value"
            self._refuse(event, known.rule, f"{named} {known.why}", known.instead)
            return text
        if len(text) <= _KNOWN_LENGTH and len(_values) < _KNOWN:
            _values[text] = known
        return known

    def _check_spelling(self, event: ScalarEvent) -> None:
        """A block text or one in double quotes as it is written: where readers disagree on what no event shows."""
        start, end = cast("Mark", event.start_mark), cast("Mark", event.end_mark)
        if event.style != '"' and end.line == self._last_line:
            hint = "end the last line with a line feed"
            self._refuse(event, "yaml-no-final-newline", "a block text ends the file without a line feed", hint)
        if self._text and event.style != '"' and _HASH_HEADER.match(self._text, start.index):
            message = "a comment directly behind the sign that begins a block text"
            self._refuse(event, "yaml-odd-header", message, "put a space before the '#'")
        if self._text and event.style == '"' and _SLASH_ESCAPE.match(self._text, start.index, end.index):
            self._refuse(event, "yaml-odd-escape", "the escape '\\/', which some readers refuse", "write '/' alone")

    def _key(self, event: Event) -> str:
        """A key in the slow way; for a refused one a key that no other is like, so that reading goes on."""
        before = len(self._refusals)
        if isinstance(event, events.Scalar):
            key = self._scalar_key(event)
        else:
            if not isinstance(event, AliasEvent):
                self._refuse(event, "yaml-key-not-text", "a collection as a key", "write text as the key")
            self._node(event)
            key = ""
        return key if len(self._refusals) == before else f"\0{before}"

    def _scalar_key(self, event: ScalarEvent) -> str:
        text = event.value
        plain = event.implicit[0] and event.tag is None
        value = meaning(text) if plain else text
        if isinstance(value, bool | int | float) or (isinstance(value, Refused) and value.rule == "yaml-null"):
            self._refuse(event, "yaml-key-not-text", f"the key {shown(text)} is not text", f"write {quoted(text)}")
            return text
        self._scalar(event)
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            message = f"the key {shown(text)} can be written in two ways"
            self._refuse(event, "yaml-key-not-nfc", message, "write it in Unicode's composed form (NFC)")
        elif plain and isinstance(value, str) and len(text) <= _KNOWN_LENGTH and len(_keys) < _KNOWN:
            _keys[text] = text
        return text

    def _refuse_decoration(self, event: NodeEvent, tag: str | None) -> None:
        if tag is not None:
            written = shown(tag.replace("tag:yaml.org,2002:", "!!", 1))
            self._refuse(event, "yaml-tag", f"the tag {written}", "take it out; quote what is meant as text")
        if event.anchor is not None:
            self._refuse(event, "yaml-anchor", f"the anchor '&{event.anchor}'", "write the value out where it is used")

    def _refuse(self, event: Event, rule: str, message: str, hint: str) -> None:
        line, column = _position(event)
        self._refusals.add(rule, line, column, message, hint)


def _hides_something(data: bytes) -> bool:
    blocks = b"|" in data or b">" in data
    return b"\\/" in data or bool(blocks and _HASH_HEADER_BYTES.search(data))


def _empty(event: Event) -> bool:
    """Whether a document has nothing in it: libyaml then tells of a plain scalar without text."""
    return (
        isinstance(event, events.Scalar)
        and not event.value
        and event.implicit[0]
        and event.tag is None
        and event.anchor is None
    )


def _position(event: Event) -> tuple[int, int]:
    mark = cast("Mark", event.start_mark)
    return mark.line + 1, mark.column + 1


def _line(event: Event) -> int:
    return _position(event)[0]
