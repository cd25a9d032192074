"""From an object as the API server holds it to a sighting: whose it is, what it says, and what is written on it."""

from assent.adapters.kube import objects
from assent.adapters.kube.shelf import Held
from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.kinds import identify, parse, too_deep, undigestible
from assent.api.names import Ref
from assent.api.problems import Problem
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Sighting

NO_DIGEST = Problem(("spec",), "has no canonical form, so there is no digest of it", "write it in plain values")
"""Where nobody can say which value it is."""


def sighting(raw: Held) -> Sighting | None:
    """One object as the mind sees it; None where it is none of ours."""
    value = objects.plain(raw)
    ident = identify(value)
    if ident is None:
        return None
    uid = str(raw["metadata"].get("uid", ""))
    request = ident.kind == "Request"
    writer = objects.annotation(raw, objects.CREATED_BY if request else objects.WRITTEN_BY)
    version = Version(_digest(value.get("spec") if request else value), uid, 0)
    document, problems = parse(value) if version.digest else (None, undigestible(value) or (NO_DIGEST,))
    entries = _entries(ident.ref, value) if request else ()
    return Sighting(ident, uid, version, writer, document, problems, entries, "deletionTimestamp" in raw["metadata"])


def _digest(value: object) -> str:
    """The digest of what it says; empty where it has no canonical form, and so no document."""
    try:
        return "" if too_deep(value) else sha256(value)
    except ValueError:
        return ""


def _entries(ref: Ref, value: Held) -> tuple[Entry, ...]:
    notes = value["metadata"].get("annotations", {})
    return tuple(
        Entry(ref, name.removeprefix(ANNOTATION_PREFIX), text)
        for name, text in sorted(notes.items())
        if name.startswith(ANNOTATION_PREFIX)
    )
