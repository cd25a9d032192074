"""Which documents are ours: those of our API groups; what may stand in one file with them; what is nearly ours."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from assent.api.findings import Finding
from assent.api.names import API_VERSION, KINDS, SCENARIO_VERSION

GROUPS = frozenset({"assent.dev", "test.assent.dev"})
_SPELLING = b"assent.dev"
_OUR_KIND = re.compile(rb"""kind["']?[ \t]*:[ \t]*["']?(?:%s)\b""" % "|".join(sorted(KINDS)).encode())
_IN_FRONT = (b"", b"\n", b'"', b"'")
_NEAR = 0.85
"""So alike are a group and ours with a letter too many, too few or exchanged; `agent.dev` is another word."""


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
    hint = problems.closest(str(kind), kinds.MODELS) if version == API_VERSION else _meant(value)
    return Finding("file-foreign-kind", message, hint or "keep it in a file of its own", path="kind")


def _meant(value: Mapping[str, object]) -> str:
    """A hint where another `apiVersion` was probably meant."""
    if ours(value):
        meant = SCENARIO_VERSION if value.get("kind") == "Scenario" else API_VERSION
        return f"did you mean {meant}?"
    found = mistaken(value)
    return found.hint if found else ""


def may_be_mistaken(data: bytes) -> bool:
    """Whether a document of one of our kinds may stand in a file that is passed over, so that it is worth reading."""
    starts = (found.start() for found in _OUR_KIND.finditer(data))
    return any(data[max(at - 1, 0) : at] in _IN_FRONT for at in starts)  # further in, it is another object's


def mistaken(value: Mapping[str, object]) -> Finding | None:
    """A warning where a document of one of our kinds is passed over for its `apiVersion`, and was probably meant.

    Other API groups have kinds of the same names: what is not nearly ours is somebody else's, and nothing is said.
    The place is the caller's: that of the field which is the finding's path.
    """
    kind, version = value.get("kind"), value.get("apiVersion")
    if not isinstance(kind, str) or kind not in KINDS or ours(value):
        return None
    if version is not None:
        why = f"is passed over: its apiVersion is {_shown(version)}"
        return _passed_over(value, "apiVersion", why, f"did you mean {API_VERSION}?") if _nearly(version) else None
    key = next((key for key in value if _alike(key, "apiVersion")), None)
    if key is not None:
        why, hint = f"is passed over: it has no apiVersion but {_shown(key)}", f"write `apiVersion: {API_VERSION}`"
        return _passed_over(value, key, why, hint) if _nearly(value[key]) else None
    if not isinstance(value.get("metadata"), Mapping):
        return None
    return _passed_over(value, "kind", "is passed over: it has no apiVersion", f"write `apiVersion: {API_VERSION}`")


def _passed_over(value: Mapping[str, object], path: str, message: str, hint: str) -> Finding:
    metadata = value.get("metadata")
    about = metadata if isinstance(metadata, Mapping) else {}
    namespace, name = (text if isinstance(text, str) else "" for text in (about.get("namespace"), about.get("name")))
    kind = str(value["kind"])
    return Finding("file-passed-over", message, hint, "warning", kind=kind, namespace=namespace, name=name, path=path)


def _nearly(version: object) -> bool:
    """Whether the group of an `apiVersion` is ours, but for a slip of the pen."""
    group = version.partition("/")[0] if isinstance(version, str) else ""
    return group.casefold() == "assent" or any(_alike(group, one) for one in GROUPS)


def _alike(word: str, meant: str) -> bool:
    similar = abs(len(word) - len(meant)) < len(meant) // 2  # a long text is not worth a look at all of it
    return similar and SequenceMatcher(None, word.casefold(), meant.casefold()).ratio() >= _NEAR


def _shown(value: object) -> str:
    from assent.api import problems  # noqa: PLC0415 -- see `foreign`

    return problems.shown(value)
