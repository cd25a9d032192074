"""The objects of ours that an API server holds, as sightings: each parsed once, however often it is read."""

import threading
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Protocol

from assent.adapters.kube import objects, paths, shelf
from assent.adapters.kube.abreast import abreast
from assent.adapters.kube.api import Api
from assent.adapters.kube.marks import Followed, mark
from assent.adapters.kube.taken import News, Taken, identities
from assent.api.canonical import sha256
from assent.api.evidence import Entry, Version
from assent.api.holdings import Holding
from assent.api.kinds import AnyKind, Problem, identify, parse
from assent.api.names import Ident, Ref
from assent.api.requests import ANNOTATION_PREFIX
from assent.api.sightings import Sighting

Raw = Mapping[str, Any]

CONFIGURATION = tuple(kind for kind in paths.PLURALS if kind != "Request")

FIRST = 10.0
"""Seconds that the watches' first lists may take; who asks after that lists by themselves."""

MANY = 100
"""Objects of a kind up to which all of them are listed: more are known by their watch, once it has told of a mark."""

NO_DIGEST = Problem(
    ("spec", "parameters"),
    "an integer beyond 2^53-1 stands in it, on which readers of JSON do not agree",
    "write it as text, in another request",
)
"""What keeps a request out of the ledger, which holds canonical JSON alone."""


class Memory(Followed, Protocol):
    """What watches last told of the kinds of configuration; `version` grows with each change."""

    @property
    def version(self) -> int:
        """Another number after any change."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether every kind has been listed, within so many seconds."""
        ...


class KubeCluster:
    """What one account can read; where there is a memory, what need not be fresh comes from it.

    Configuration may be asked for from any thread, requests by one thread alone.
    """

    def __init__(self, api: Api, memory: Memory | None = None) -> None:
        self._api = api
        self._memory = memory
        self._patience = FIRST
        self._turn = threading.Lock()  # what is known moves on in one thread at a time; no call is made meanwhile
        self._remembered = -1  # the memory's version
        self._taken = {kind: Taken() for kind in CONFIGURATION}
        self._parsed: dict[Ident, tuple[object, Sighting | None]] = {}
        self._raw: dict[Ident, Raw] = {}
        self._news: dict[Ident, Sighting | None] = {}
        self._held = Holding()
        self._reached = 0

    def configuration(self, *, fresh: bool, listed: bool = False) -> Holding:
        """Every document but Requests, as watches last told of it or as it is at this moment.

        It is the very holding of before where nothing changed. `listed`: by lists alone, whatever a watch could tell.
        """
        memory = self._memory
        if memory is not None and (memory.wait(0.0) if fresh else self._listed(memory)):
            with self._turn:
                self._remember(memory)
        else:
            fresh = True
        if fresh:
            self._reached = self._list(CONFIGURATION, marks=not listed)
        return self._now()

    def renew(self, kinds: Collection[str]) -> None:
        """Has what is known of these kinds be of this moment, for whoever asks for configuration next."""
        self._list(kinds, marks=True)

    def _now(self) -> Holding:
        with self._turn:
            news, self._news = self._news, {}
            self._held = self._held.after(news)
            return self._held

    @property
    def watched(self) -> bool:
        """Whether watches have told of every kind."""
        return self._memory is not None and self._memory.wait(0.0)

    def last(self, ident: Ident) -> Raw | None:
        """The object as it was read last, for whoever writes its status."""
        return self._raw.get(ident)

    def organizations(self) -> dict[str, Raw]:
        """Every Organization by name, as it was read last."""
        with self._turn:
            return {ident.name: raw for ident, raw in self._raw.items() if ident.kind == "Organization"}

    def wrote(self, ident: Ident, raw: Raw) -> None:
        """Somebody has written the object, and the API server answered with this; one that is gone by now stays so."""
        with self._turn:
            if ident in self._raw:
                self._raw[ident] = raw

    def _list(self, kinds: Collection[str], *, marks: bool) -> int:
        """Takes in what lists, or marks, of this moment say of these kinds; the lowest version that they are of."""
        with self._turn:
            then = {kind: one.followed for kind, one in self._taken.items()}
        answers = abreast(partial(self._differing, marks=marks), kinds)
        for kind, (at, items) in zip(kinds, answers, strict=True):
            if items is not None:
                with self._turn:
                    self._take(kind, self._taken[kind].listed(items, at, then[kind]))
        return min(at for at, _ in answers)

    def _differing(self, kind: str, *, marks: bool) -> tuple[int, list[Raw] | None]:
        """The objects of a kind, and the server's version; None where they are those that were taken in last.

        That is seen by their metadata alone, of which a list is as fresh and much shorter; of many objects by their
        watch, once it has told of a mark.
        """
        path = paths.collection(kind)
        marked = self._marked(kind) if marks else 0
        if marked:
            return marked, None
        if len(self._taken[kind]):
            answer = self._api.metadata(path)
            there = identities(answer.get("items") or ())
            with self._turn:
                if self._taken[kind].same(there, _version(answer)):
                    return _version(answer), None
        answer = self._api.get(path)
        return _version(answer), [*shelf.items(answer)]

    def _marked(self, kind: str) -> int:
        """The version up to which the watch of a kind with many objects has told of everything; 0: nobody knows."""
        watches = self._memory
        with self._turn:
            if watches is None or len(self._taken[kind]) <= MANY or not watches.wait(0.0):
                return 0
            ident = Ident(kind, *self._taken[kind].first())
            held = self._raw[ident]
        version = mark(self._api, watches, ident, held)
        with self._turn:
            self._take(kind, self._taken[kind].watched(watches.shelves()[kind]) or {})
        return version

    def _listed(self, memory: Memory) -> bool:
        """Whether the watches have told of every kind; the first to ask waits for that, and nobody after them."""
        patience, self._patience = self._patience, 0.0
        return memory.wait(patience)

    def _remember(self, memory: Memory) -> None:
        """What the watches told; that of which a list has said something later stays as that list said."""
        version = memory.version
        if version == self._remembered:
            return
        shelves = memory.shelves()
        found = {kind: one.watched(shelves[kind]) for kind, one in self._taken.items()}
        self._remembered = version if None not in found.values() else -1
        for kind, news in found.items():
            self._take(kind, news or {})

    def _take(self, kind: str, news: News) -> None:
        """Takes in objects of a kind as they are now."""
        for name, item in news.items():
            ident = Ident(kind, *name)
            if item is None:
                self._raw.pop(ident, None)
                self._parsed.pop(ident, None)
                self._news[ident] = None
                continue
            self._raw[ident] = item
            one = self._sighting(ident, item)
            self._parsed[ident] = (shelf.identity(item), one)
            if one is not None:
                self._news[ident] = one

    def request(self, ref: Ref) -> Sighting | None:
        """One request at this moment, or None."""
        ident = Ident("Request", *ref)
        raw = self._api.find(paths.place(ident))
        with self._turn:
            if raw is None:
                self._raw.pop(ident, None)
                return None
            self._raw[ident] = raw
        return sighting(raw)

    def requests(self) -> Mapping[Ref, Sighting]:
        """All requests at this moment."""
        answer = self._api.get(paths.collection("Request"))
        self._reached = _version(answer)
        there = {one.ident: (one, item) for item in shelf.items(answer) if (one := sighting(item)) is not None}
        with self._turn:
            for ident in [one for one in self._raw if one.kind == "Request" and one not in there]:
                del self._raw[ident]
            self._raw.update((ident, item) for ident, (_, item) in there.items())
        return {ident.ref: one for ident, (one, _) in there.items()}

    def version(self) -> int:
        """The API server's version at the last list of all requests, or of all else; the lowest of several."""
        return self._reached

    def read(self, ident: Ident, raw: Raw) -> AnyKind | None:
        """What an object of configuration says that somebody has read; None where its kind refuses it."""
        found = self._sighting(ident, raw)
        return found.document if found else None

    def _sighting(self, ident: Ident, item: Raw) -> Sighting | None:
        """It, parsed where this version of it was not."""
        kept = self._parsed.get(ident)
        return kept[1] if kept and kept[0] == shelf.identity(item) else sighting(item)


def _version(answer: Raw) -> int:
    return int(answer["metadata"]["resourceVersion"])


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
