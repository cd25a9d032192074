"""Which documents are ours: those of our API groups; and what may stand in one file with them."""

from collections.abc import Mapping

from assent.api.findings import Finding
from assent.api.names import API_VERSION, KINDS, SCENARIO_VERSION

GROUPS = frozenset({"assent.dev", "test.assent.dev"})
_SPELLING = b"assent.dev"


def ours(value: object) -> bool:
    """Whether a document's `apiVersion` is in one of our groups."""
    version = value.get("apiVersion") if isinstance(value, dict) else None
    if not isinstance(version, str):
        return False
    group, slash, _ = version.partition("/")
    return bool(slash) and group in GROUPS


def may_be_ours(data: bytes) -> bool:
    """False only where no reader can find a document of ours in these bytes, so that they need not be read.

    An escape can spell the group without its letters standing in the file, and so can UTF-16 (its NULs tell).
    A file that may be ours and cannot be read is a problem; any other is somebody else's file.
    """
    return _SPELLING in data or b"\\" in data or b"\0" in data


def beside(value: Mapping[str, object]) -> bool:
    """Whether a document is none of the eight kinds, and may stand beside them: a `v1` Namespace or a Scenario."""
    return [value.get("apiVersion"), value.get("kind")] in (["v1", "Namespace"], [SCENARIO_VERSION, "Scenario"])


def foreign(value: Mapping[str, object]) -> Finding | None:
    """What is wrong where a document stands in a file of ours and does not belong there; its place is the caller's."""
    kind, version = value.get("kind"), value.get("apiVersion")
    known = version == API_VERSION and isinstance(kind, str) and kind in KINDS
    if known or beside(value):
        return None
    from assent.api import kinds, problems  # noqa: PLC0415 -- files are read before the kinds have to be known

    message = f"kind {problems.shown(kind)} of apiVersion {problems.shown(version)} stands in a file of ours"
    hint = problems.closest(str(kind), kinds.MODELS) if version == API_VERSION else "keep it in a file of its own"
    return Finding("file-foreign-kind", message, hint, path="kind")
