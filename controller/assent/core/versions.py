"""Versions of documents as the ledger knows them: those in force, and those that stand refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assent.api.evidence import Version
from assent.api.names import Ref
from assent.core.world import Provenance


@dataclass(frozen=True, slots=True)
class Standing:
    """A change that was refused and stays so until it is put right: what the tree says, and why it does not count."""

    versions: tuple[Version, ...]
    reason: str
    message: str
    hint: str
    commit: str
    author: Ref | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """The version of a document in force (None: it was taken away), and who wrote it and its parts.

    `said` are the digests of what its parts said, where the documents themselves are not kept for ever.
    """

    version: Version | None
    provenance: Provenance
    at: datetime
    said: Mapping[str, str] = field(default_factory=dict)
