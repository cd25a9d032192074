"""The objects of ours that an API server holds, as sightings: each parsed once, however often it is read."""

from collections.abc import Mapping
from typing import Any, Protocol

from assent.adapters.kube import objects, paths
from assent.adapters.kube.api import Api
from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.kinds import Problem, parse
from assent.api.names import API_VERSION, Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Sighting

Raw = Mapping[str, Any]

CONFIGURATION = tuple(kind for kind in paths.PLURALS if kind != "Request")

NO_DIGEST = Problem(
    ("spec", "parameters"),
    "an integer beyond 2^53-1 stands in it, on which readers of JSON do not agree",
    "write it as text, in another request",
)
"""What keeps a request out of the ledger, which holds canonical JSON alone."""


class Memory(Protocol):
    """What watches last told of the kinds of configuration; `version` grows with each change."""

    @property
    def version(self) -> int:
        """Another number after any change."""
        ...

    def reached(self) -> Mapping[str, int]:
        """The API server's version that each kind's objects are of."""
        ...

    def snapshot(self) -> Mapping[str, Mapping[Any, Raw]]:
        """The objects of each kind, at these versions or later ones."""
        ...


class KubeCluster:
    """What one account can read; where there is a memory, what need not be fresh comes from it.

    `raw` are the objects as they were read last, for whoever writes their status.
    """

    def __init__(self, api: Api, memory: Memory | None = None) -> None:
        self._api = api
        self._memory = memory
        self._version = -1
        self._at: dict[str, int] = {}
        self._items: dict[str, list[Raw]] = {}
        self._parsed: dict[Ident, tuple[str, Sighting]] = {}
        self._held: Mapping[Ident, Sighting] = {}
        self.raw: dict[Ident, Raw] = {}

    def configuration(self, *, fresh: bool) -> Mapping[Ident, Sighting]:
        """Every document but Requests; the very mapping of before where nothing changed."""
        if fresh or self._memory is None:
            self._version = -1
            self._items = {kind: self.list(kind) for kind in CONFIGURATION}
            return self._take()
        version = self._memory.version
        if version != self._version:
            self._remember(self._memory)
            self._version = version
            return self._take()
        return self._held

    def _remember(self, memory: Memory) -> None:
        """What the watches told; a kind of which a list has said something later stays as that list said."""
        reached, told = memory.reached(), memory.snapshot()
        for kind in CONFIGURATION:
            if reached.get(kind, 0) >= self._at.get(kind, 0):
                self._items[kind] = [_whole(item, kind) for item in told.get(kind, {}).values()]

    def _take(self) -> Mapping[Ident, Sighting]:
        found = (item for items in self._items.values() for item in items)
        pairs = [(one, item) for item in found if (one := self._sighting(item)) is not None]
        held = {one.ident: one for one, _ in pairs}
        self._parsed = {ident: kept for ident, kept in self._parsed.items() if ident in held}
        self._keep({one.ident: item for one, item in pairs}, requests=False)
        if held != self._held:
            self._held = held
        return self._held

    def request(self, ref: Ref) -> Sighting | None:
        """One request at this moment, or None."""
        ident = Ident("Request", *ref)
        raw = self._api.find(paths.place(ident))
        if raw is None:
            self.raw.pop(ident, None)
            return None
        self.raw[ident] = raw
        return sighting(raw)

    def version(self) -> int:
        """The API server's version at the last list of all requests."""
        return self._at.get("Request", 0)

    def requests(self) -> Mapping[Ref, Sighting]:
        """All requests at this moment."""
        pairs = [(one, item) for item in self.list("Request") if (one := sighting(item)) is not None]
        self._keep({one.ident: item for one, item in pairs}, requests=True)
        return {one.ident.ref: one for one, _ in pairs}

    def list(self, kind: str) -> list[Raw]:
        """All objects of a kind, as one list of the server's says; their kind is written into each."""
        answer = self._api.get(paths.collection(kind))
        self._at[kind] = int(answer["metadata"]["resourceVersion"])
        return [_whole(item, kind) for item in answer.get("items", [])]

    def _keep(self, raw: Mapping[Ident, Raw], *, requests: bool) -> None:
        """What was read last of each object, for whoever writes its status; what is gone is forgotten."""
        others = {ident: item for ident, item in self.raw.items() if (ident.kind == "Request") is not requests}
        self.raw = {**others, **raw}

    def _sighting(self, raw: Raw) -> Sighting | None:
        ident = objects.ident(raw)
        if ident is None:
            return None
        version = f"{raw['metadata'].get('uid')}@{raw['metadata'].get('resourceVersion')}"
        kept = self._parsed.get(ident)
        if kept and kept[0] == version:
            return kept[1]
        one = sighting(raw)
        if one is not None:
            self._parsed[ident] = (version, one)
        return one


def _whole(item: Raw, kind: str) -> Raw:
    """An item of a list, which says only once what its items are."""
    return {"apiVersion": API_VERSION, "kind": kind, **item}


def sighting(raw: Raw) -> Sighting | None:
    """One object as the mind sees it; None where it is none of ours."""
    ident = objects.ident(raw)
    if ident is None:
        return None
    value = objects.plain(raw)
    document, problems = parse(value)
    uid = str(raw["metadata"].get("uid", ""))
    request = ident.kind == "Request"
    writer = objects.annotation(raw, objects.CREATED_BY if request else objects.WRITTEN_BY)
    version = Version(_digest(value.get("spec") if request else value), uid, 0)
    entries = _entries(ident.ref, value) if request else ()
    if request and not version.digest:
        document, problems = None, (NO_DIGEST,)
    return Sighting(ident, uid, version, writer, document, problems, entries, "deletionTimestamp" in raw["metadata"])


def _digest(value: object) -> str:
    """The digest of what it says; empty where numbers stand in it that have no canonical form."""
    try:
        return sha256(value)
    except ValueError:
        return ""


def _entries(ref: Ref, value: Raw) -> tuple[Entry, ...]:
    notes = value["metadata"].get("annotations", {})
    return tuple(
        Entry(ref, name.removeprefix(ANNOTATION_PREFIX), text)
        for name, text in sorted(notes.items())
        if name.startswith(ANNOTATION_PREFIX)
    )
