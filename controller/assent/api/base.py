"""What all kinds share: the strict frozen model, metadata, and the bounded types their fields are made of.

Every bound here stands in the CRDs too; `tests/test_contract.py` compares them.
"""

import re
from collections.abc import Hashable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from assent.api.characters import HIDDEN, UNSAFE, UNSAFE_LINES, hidden
from assent.api.names import API_VERSION, DNS_LABEL

_BLANKS = "\x20\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
DURATION = r"^[1-9][0-9]*(s|m|h|d)$"
DNS_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps (RFC 8259, section 6)."""

MAX_DEPTH = 32
"""Collections within collections, as files are read too: the kinds need ten, and nobody's stack ends at thirty."""

_Item = TypeVar("_Item", bound=Hashable)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Model(BaseModel):
    """A frozen value that refuses unknown fields and never converts: `"1"` is no number and `1` no text."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)

    def plain(self) -> dict[str, Any]:
        """The value as YAML has it: camelCase, nothing that was left out and has no default."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _refuse(found: re.Match[str] | None, where: str = "") -> None:
    if found:
        raise ValueError(
            f"{where}holds the character U+{ord(found.group()):04X}, which is not shown as it is; take it out"
        )


def safe(text: str) -> str:
    """The text itself; raises ValueError where it holds a character that is not shown as it is."""
    _refuse(hidden(text))
    return text


def _safe_lines(text: str) -> str:
    _refuse(hidden(text, UNSAFE_LINES))
    return text


def _safe_tree(value: Any, where: str = "") -> Any:  # noqa: ANN401 -- any JSON value
    """The same for every key and text of a JSON value; a line feed is fine under `description`."""
    if isinstance(value, str):
        unsafe = UNSAFE_LINES if where.endswith(".description") else UNSAFE
        _refuse(hidden(value, unsafe), f"`{where[1:]}` " if where else "")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse(hidden(key), f"a key in `{where[1:]}` " if where else "a key ")
            _safe_tree(item, f"{where}.{key}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _safe_tree(item, f"{where}[{position}]")
    return value


def _label(text: str) -> str:
    if not DNS_LABEL.match(text):
        raise ValueError(f"{text!r} is no name: lower-case letters, digits and dashes, 63 at most, no dash at the ends")
    return text


def _no_list(value: object) -> object:
    """A list of YAML as the tuple a frozen model keeps."""
    return tuple(value) if isinstance(value, list) else value


def twice(items: Iterable[_Item]) -> _Item | None:
    """The first item that stands twice, or None."""
    seen: set[_Item] = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
    return None


def seconds(duration: str) -> int:
    """`90s`, `10m`, `24h`, `7d` in seconds; the text has matched `DURATION`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def _pattern(regular: str) -> Any:  # noqa: ANN401 -- what pydantic's Field gives
    """Says in the model's JSON Schema what a validator enforces with a sentence of its own."""
    return Field(json_schema_extra={"pattern": regular})


_SAFE = AfterValidator(safe)
TEXT_PATTERN = f"^[^\x00-\x1f{HIDDEN}]*$"
_TEXT = _pattern(TEXT_PATTERN)

Line128 = Annotated[str, StringConstraints(min_length=1, max_length=128), _SAFE, _TEXT]
Line250 = Annotated[str, StringConstraints(min_length=1, max_length=250), _SAFE, _TEXT]
Line253 = Annotated[str, StringConstraints(min_length=1, max_length=253), _SAFE, _TEXT]
Line512 = Annotated[str, StringConstraints(min_length=1, max_length=512), _SAFE, _TEXT]
Description = Annotated[
    str,
    StringConstraints(max_length=4096),
    AfterValidator(_safe_lines),
    _pattern(f"^[^\x00-\x09\x0b-\x1f{HIDDEN}]*$"),
]
Reason = Line512
Label = Annotated[str, StringConstraints(min_length=1, max_length=63), AfterValidator(_label), _pattern(DNS_PATTERN)]
Duration = Annotated[str, StringConstraints(pattern=DURATION, max_length=7)]
"""A whole number of at most six digits and a unit: longer ones would lead out of the calendar."""
Username = Annotated[
    str,
    StringConstraints(pattern=r"^[^\s]+$", min_length=1, max_length=253),
    _SAFE,
    _pattern(f"^[^\x00-\x1f{_BLANKS}{HIDDEN}]+$"),
]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""BCP 47, the part of it that people write."""
PascalName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=63)]
Free = Annotated[dict[str, Any], Field(max_length=256), AfterValidator(_safe_tree)]
"""Values that another contract describes: a request's parameters, by the schema of its microservice."""
Schema = Annotated[dict[str, Any], AfterValidator(_safe_tree)]
"""A JSON Schema (2020-12), judged by `core.parameters`; kept as it is written."""


LISTED = BeforeValidator(_no_list)
"""Beside a tuple type: takes the list that YAML gives and keeps it as a tuple."""


class Reference(Model):
    """A document of one's own organization (`organization` left out) or of another's."""

    organization: Label | None = None
    name: Label

    def owner(self, own: str) -> str:
        """The organization meant, seen from a document of the organization `own`."""
        return self.organization or own


_SHARED = 1 << 16
"""As many references are kept for all; who has more has them twice."""

_references: dict[tuple[str | None, str], Reference] = {}
_noted: dict[tuple[type[Model], int], set[str]] = {}
_nothing: dict[str, Any] = {}


def compact(value: Model) -> None:
    """Lets a value that was just read share its parts with others that have equal ones: half of a world's memory.

    They are references, empty mappings, and pydantic's notes of which fields were given. Nobody can tell, since all of
    it is frozen, or is never changed.
    """
    noted = value.__pydantic_fields_set__
    known = _noted.setdefault((type(value), len(noted)), noted)
    if known is not noted and known == noted:
        object.__setattr__(value, "__pydantic_fields_set__", known)
    fields = value.__dict__
    for name, item in fields.items():
        kind = type(item)
        if kind is str or item is None:
            continue
        if kind is Reference:
            fields[name] = _shared(item)
        elif kind is tuple:
            for one in item:
                if isinstance(one, Model):
                    compact(one)
        elif kind is dict:
            fields[name] = item or _nothing
        elif isinstance(item, Model):
            compact(item)


def _shared(one: Reference) -> Reference:
    key = (one.organization, one.name)
    return _references.get(key, one) if len(_references) >= _SHARED else _references.setdefault(key, one)


WRITTEN_BY_THE_SERVER = frozenset(
    {
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
        "managedFields", "ownerReferences", "resourceVersion", "selfLink", "uid",
    }
)  # fmt: skip


class Metadata(Model):
    """A document's metadata; what the API server writes (`uid`, `resourceVersion`, …) is read past."""

    name: Label
    namespace: Label | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    generation: int = 0

    @model_validator(mode="before")
    @classmethod
    def _without_the_servers(cls, value: object) -> object:
        """An unknown field is a slip of the pen unless the API server writes it."""
        if not isinstance(value, dict) or WRITTEN_BY_THE_SERVER.isdisjoint(value):
            return value
        return {key: item for key, item in value.items() if key not in WRITTEN_BY_THE_SERVER}


class Resource(Model):
    """What every kind has beside its `spec`."""

    api_version: str = Field(default=API_VERSION, pattern="^assent\\.dev/v1alpha1$")
    metadata: Metadata

    @property
    def name(self) -> str:
        """The document's own name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The owning organization; empty for the cluster-scoped kinds."""
        return self.metadata.namespace or ""
