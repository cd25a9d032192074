"""The objects of ours that an API server holds, as sightings: each parsed once, however often it is read."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from assent.adapters.kube import objects, paths
from assent.adapters.kube.abreast import abreast
from assent.adapters.kube.api import Api
from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.kinds import Problem, identify, parse
from assent.api.names import API_VERSION, Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Sighting

Raw = Mapping[str, Any]

CONFIGURATION = tuple(kind for kind in paths.PLURALS if kind != "Request")

FIRST = 10.0
"""Seconds that the watches' first lists may take; who asks after that lists by themselves."""

NO_DIGEST = Problem(
    ("spec", "parameters"),
    "an integer beyond 2^53-1 stands in it, on which readers of JSON do not agree",
    "write it as text, in another request",
)
"""What keeps a request out of the ledger, which holds canonical JSON alone."""


class Memory(Protocol):
    """What watches last told of the kinds of configuration; `version` grows with each change.

    `parsed` is where whoever reads keeps what an object says, by its version, so that all of them share it.
    """

    parsed: dict[Any, Any]

    @property
    def version(self) -> int:
        """Another number after any change."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether every kind has been listed, within so many seconds."""
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
        self._patience = FIRST
        self._version = -1
        self._at: dict[str, int] = {}
        self._told: dict[str, Mapping[Any, Raw]] = {}
        self._parsed: dict[Ident, tuple[object, Sighting | None]] = {} if memory is None else memory.parsed
        self._held: Mapping[Ident, Sighting] = {}
        self._versions: dict[str, dict[Ident, object]] = {}
        self.raw: dict[Ident, Raw] = {}

    def configuration(self, *, fresh: bool) -> Mapping[Ident, Sighting]:
        """Every document but Requests; the very mapping of before where nothing changed."""
        memory = self._memory
        if memory is not None and (memory.wait(0.0) if fresh else self._listed(memory)):
            self._remember(memory)
        else:
            fresh = True
        if fresh:
            self._list_all()
        return self._held

    def _list_all(self) -> None:
        """Every kind, each as a list of this moment says it."""
        for kind, items in zip(CONFIGURATION, abreast(self._differing, CONFIGURATION), strict=True):
            if items is not None:
                self._version = -1
                self._told.pop(kind, None)
                self._take(kind, items)

    def _differing(self, kind: str) -> list[Raw] | None:
        """All objects of a kind; None where they are at this moment the very versions that were taken in last.

        That is seen by their metadata alone, of which a list is as fresh and much shorter.
        """
        taken = self._versions.get(kind)
        if taken:
            answer = self._api.metadata(paths.collection(kind))
            if {_ident(kind, item): _version(item) for item in answer.get("items") or ()} == taken:
                self._at[kind] = int(answer["metadata"]["resourceVersion"])
                return None
        return [self._as_read(kind, item) for item in self.list(kind)]

    def _listed(self, memory: Memory) -> bool:
        """Whether the watches have told of every kind; the first to ask waits for that, and nobody after them."""
        patience, self._patience = self._patience, 0.0
        return memory.wait(patience)

    def _remember(self, memory: Memory) -> None:
        """What the watches told; a kind of which a list has said something later stays as that list said."""
        version = memory.version
        if version == self._version:
            return
        reached, told = memory.reached(), memory.snapshot()
        for kind in CONFIGURATION:
            if reached.get(kind, 0) >= self._at.get(kind, 0):
                before, now = self._told.get(kind), told.get(kind, {})
                if before is None:
                    self._take(kind, now.values())
                elif before is not now:
                    new = [item for key, item in now.items() if before.get(key) is not item]
                    self._take(kind, new, [Ident(kind, *key) for key in before.keys() - now.keys()])
                self._told[kind] = now
        self._version = version

    def _take(self, kind: str, items: Iterable[Raw], gone: Iterable[Ident] | None = None) -> None:
        """Takes in objects of a kind: all that there are, or, where it is said what is gone, those that changed."""
        raw = {_ident(kind, item): item for item in items}
        versions = self._versions[kind] = self._versions.get(kind, {}) if gone is not None else {}
        versions.update((ident, _version(item)) for ident, item in raw.items())
        seen = {ident: one for ident, item in raw.items() if (one := self._sighting(ident, item)) is not None}
        changed = {ident: one for ident, one in seen.items() if one != self._held.get(ident)}
        if gone is None:
            gone = [ident for ident in self.raw if ident.kind == kind and ident not in raw]
        self.raw, held = {**self.raw, **raw}, {**self._held, **changed}
        for ident in gone:
            for known in (self.raw, held, self._parsed, versions):
                known.pop(ident, None)
        if changed or len(held) < len(self._held):
            self._held = held

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
        others = {ident: item for ident, item in self.raw.items() if ident.kind != "Request"}
        self.raw = {**others, **{one.ident: item for one, item in pairs}}
        return {one.ident.ref: one for one, _ in pairs}

    def list(self, kind: str) -> list[Raw]:
        """All objects of a kind, as one list of the server's says; their kind is written into each."""
        answer = self._api.get(paths.collection(kind))
        self._at[kind] = int(answer["metadata"]["resourceVersion"])
        return [_whole(item, kind) for item in answer.get("items", [])]

    def _as_read(self, kind: str, item: Raw) -> Raw:
        """The object that was read before, where it is this very version of it, so that it is held once."""
        before = self.raw.get(_ident(kind, item))
        return before if before is not None and _version(before) == _version(item) else item

    def _sighting(self, ident: Ident, item: Raw) -> Sighting | None:
        """It, parsed where this version of it was not."""
        version = _version(item)
        kept = self._parsed.get(ident)
        if kept is None or kept[0] != version:
            kept = self._parsed[ident] = (version, sighting(item))
        return kept[1]


def _ident(kind: str, item: Raw) -> Ident:
    return Ident(kind, item["metadata"].get("namespace", ""), item["metadata"]["name"])


def _version(item: Raw) -> tuple[object, object]:
    return item["metadata"].get("uid"), item["metadata"].get("resourceVersion")


def _whole(item: Raw, kind: str) -> Raw:
    """An item of a list, which says only once what its items are."""
    return {"apiVersion": API_VERSION, "kind": kind, **item}


def sighting(raw: Raw) -> Sighting | None:
    """One object as the mind sees it; None where it is none of ours."""
    value = objects.plain(raw)
    ident = identify(value)
    if ident is None:
        return None
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
