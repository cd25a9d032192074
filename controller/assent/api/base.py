"""What all kinds share: the strict frozen model, metadata, and the bounded types their fields are made of.

Every bound here stands in the CRDs too; `tests/test_contract.py` compares them.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from assent.api.names import API_VERSION, DNS_LABEL

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Control, bidirectional and invisible characters: what is shown would not be what is meant (rule 44)."""

UNSAFE_LINES = re.compile(UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
"""The same, but a line feed is fine."""

DURATION = r"^[1-9][0-9]*(s|m|h|d)$"
DNS_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps (RFC 8259, section 6)."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Model(BaseModel):
    """A frozen value that refuses unknown fields and never converts: `"1"` is no number and `1` no text."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)

    def plain(self) -> dict[str, Any]:
        """The value as YAML has it: camelCase, nothing that was left out and has no default."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _safe(text: str) -> str:
    found = UNSAFE.search(text)
    if found:
        raise ValueError(f"holds the character U+{ord(found.group()):04X}, which is not shown as it is; take it out")
    return text


def _safe_lines(text: str) -> str:
    found = UNSAFE_LINES.search(text)
    if found:
        raise ValueError(f"holds the character U+{ord(found.group()):04X}, which is not shown as it is; take it out")
    return text


def _label(text: str) -> str:
    if not DNS_LABEL.match(text):
        raise ValueError(f"{text!r} is no name: lower-case letters, digits and dashes, 63 at most, no dash at the ends")
    return text


def _no_list(value: object) -> object:
    """A list of YAML as the tuple a frozen model keeps."""
    return tuple(value) if isinstance(value, list) else value


def seconds(duration: str) -> int:
    """`90s`, `10m`, `24h`, `7d` in seconds; the text has matched `DURATION`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


Text = Annotated[str, AfterValidator(_safe)]
Line128 = Annotated[Text, StringConstraints(min_length=1, max_length=128)]
Line253 = Annotated[Text, StringConstraints(min_length=1, max_length=253)]
Line512 = Annotated[Text, StringConstraints(min_length=1, max_length=512)]
Description = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_safe_lines)]
Reason = Annotated[Text, StringConstraints(min_length=1, max_length=512)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=63), AfterValidator(_label)]
Duration = Annotated[str, StringConstraints(pattern=DURATION, max_length=10)]
Username = Annotated[str, StringConstraints(pattern=r"^[^\s]+$", min_length=1, max_length=253), AfterValidator(_safe)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""BCP 47, the part of it that people write."""
PascalName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=63)]
Schema = Annotated[dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})]
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


class Metadata(Model):
    """A document's metadata; what the API server writes (`uid`, `resourceVersion`, …) is read past."""

    model_config = ConfigDict(extra="ignore")

    name: Label
    namespace: Label | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    generation: int = 0


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
