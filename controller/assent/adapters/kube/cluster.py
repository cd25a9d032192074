"""The objects of ours that an API server holds, as sightings: each parsed once, however often it is read."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from assent.adapters.kube import objects, paths
from assent.adapters.kube.abreast import abreast
from assent.adapters.kube.api import Api
from assent.adapters.kube.shelf import Shelf
from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.holdings import Holding
from assent.api.kinds import Problem, identify, parse
from assent.api.names import API_VERSION, CLUSTER_KINDS, Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Sighting

Raw = Mapping[str, Any]

CONFIGURATION = tuple(kind for kind in paths.PLURALS if kind != "Request")

FIRST = 10.0
"""Seconds that the watches' first lists may take; who asks after that lists by themselves."""

FEW = 100
"""Objects of a kind up to which all of them are listed, though some namespaces would do: it is one call."""

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

    def shelves(self) -> Mapping[str, Shelf]:
        """The objects of each kind, with the API server's version that they are of."""
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
        # How far each kind's last list had come, and those of single namespaces behind it; "" is all of them.
        self._at: dict[str, dict[str, int]] = {}
        self._told: dict[str, Shelf] = {}
        self._parsed: dict[Ident, tuple[object, Sighting | None]] = {} if memory is None else memory.parsed
        self._held = Holding()
        self._news: dict[Ident, Sighting | None] = {}
        self._versions: dict[str, dict[str, dict[Ident, object]]] = {}
        self.raw: dict[Ident, Raw] = {}

    def configuration(self, *, fresh: bool, within: Collection[str] | None = None) -> Holding:
        """Every document but Requests; the very holding of before where nothing changed.

        `fresh`: as lists of this moment say it; where some namespaces are named, what lies in others may be as old as
        the watches' memory.
        """
        memory = self._memory
        if memory is not None and (memory.wait(0.0) if fresh else self._listed(memory)):
            self._remember(memory)
        else:
            fresh, within = True, None
        if fresh:
            self._list(within)
        news, self._news = self._news, {}
        self._held = self._held.after(news)
        return self._held

    def _list(self, within: Collection[str] | None) -> None:
        """Takes in what lists of this moment say."""
        places = [(kind, where) for kind in CONFIGURATION for where in self._places(kind, within)]
        for (kind, where), (at, items) in zip(places, abreast(self._differing, places), strict=True):
            self._at[kind] = {**self._at.get(kind, {}), where: at} if where else {"": at}
            if items is not None:
                self._version = -1
                if not where:
                    self._told.pop(kind, None)
                self._take(kind, items, where)

    def _places(self, kind: str, within: Collection[str] | None) -> Iterable[str]:
        """The namespaces in which a kind is listed; one empty name for all of them."""
        many = sum(map(len, self._versions.get(kind, {}).values())) > FEW
        return sorted(within) if within is not None and many and kind not in CLUSTER_KINDS else ("",)

    def _differing(self, place: tuple[str, str]) -> tuple[int, list[Raw] | None]:
        """The objects of a kind in a namespace, and the server's version; None where they are those taken in last.

        That is seen by their metadata alone, of which a list is as fresh and much shorter.
        """
        kind, where = place
        known = self._versions.get(kind, {})
        taken = {where: known[where]} if where in known else {} if where else known
        if taken:
            answer = self._api.metadata(paths.collection(kind, where))
            if _by_namespace(kind, answer.get("items") or ()) == taken:
                return _reached(answer), None
        answer = self._api.get(paths.collection(kind, where))
        return _reached(answer), [self._as_read(kind, _whole(item, kind)) for item in answer.get("items", [])]

    def _listed(self, memory: Memory) -> bool:
        """Whether the watches have told of every kind; the first to ask waits for that, and nobody after them."""
        patience, self._patience = self._patience, 0.0
        return memory.wait(patience)

    def _remember(self, memory: Memory) -> None:
        """What the watches told; that of which a list has said something later stays as that list said."""
        version = memory.version
        if version == self._version:
            return
        known = [self._follow(kind, shelf) for kind, shelf in memory.shelves().items()]
        self._version = version if all(known) else -1

    def _follow(self, kind: str, shelf: Shelf) -> bool:
        """Takes in what the watch of a kind told; whether that is all of it, and no list has said something later."""
        before = self._told.get(kind)
        later = {where for where, at in self._at.get(kind, {}).items() if at > shelf.reached}
        if "" in later or (later and before is None):
            return False
        if before is None:
            self._take(kind, shelf.held.values())
        else:
            new = {key: shelf.find(key) for key in shelf.since_then(before) if key[0] not in later}
            self._put(kind, [item for item in new.values() if item is not None])
            self._drop(Ident(kind, *key) for key, item in new.items() if item is None)
        if not later:
            self._told[kind] = shelf
        return not later

    def _take(self, kind: str, items: Iterable[Raw], where: str = "") -> None:
        """Takes in all objects of a kind that there are, or all in one namespace."""
        items = [*items]
        there = {_ident(kind, item) for item in items}
        known = self._versions.get(kind, {})
        before = [known.get(where, {})] if where else [*known.values()]
        self._drop([ident for some in before for ident in some if ident not in there])
        self._put(kind, items)

    def _put(self, kind: str, items: Iterable[Raw]) -> None:
        """Takes in objects of a kind as they are now."""
        versions = self._versions.setdefault(kind, {})
        for item in items:
            ident = _ident(kind, item)
            self.raw[ident] = item
            versions.setdefault(ident.namespace, {})[ident] = _version(item)
            one = self._sighting(ident, item)
            if one is not None:
                self._news[ident] = one

    def _drop(self, gone: Iterable[Ident]) -> None:
        """Forgets objects that are no more."""
        for ident in gone:
            self.raw.pop(ident, None)
            self._parsed.pop(ident, None)
            within = self._versions[ident.kind].get(ident.namespace, {})
            within.pop(ident, None)
            if not within:
                self._versions[ident.kind].pop(ident.namespace, None)
            self._news[ident] = None

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
        return self._at.get("Request", {}).get("", 0)

    def requests(self) -> Mapping[Ref, Sighting]:
        """All requests at this moment."""
        answer = self._api.get(paths.collection("Request"))
        self._at["Request"] = {"": _reached(answer)}
        items = [_whole(item, "Request") for item in answer.get("items", [])]
        pairs = [(one, item) for item in items if (one := sighting(item)) is not None]
        others = {ident: item for ident, item in self.raw.items() if ident.kind != "Request"}
        self.raw = {**others, **{one.ident: item for one, item in pairs}}
        return {one.ident.ref: one for one, _ in pairs}

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


def _by_namespace(kind: str, items: Iterable[Raw]) -> dict[str, dict[Ident, object]]:
    """Which versions of which objects there are."""
    found: dict[str, dict[Ident, object]] = {}
    for item in items:
        ident = _ident(kind, item)
        found.setdefault(ident.namespace, {})[ident] = _version(item)
    return found


def _reached(answer: Raw) -> int:
    return int(answer["metadata"]["resourceVersion"])


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
