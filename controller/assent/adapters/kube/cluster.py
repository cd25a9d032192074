"""The objects of ours that an API server holds, as sightings: each parsed once, however often it is read."""

import threading
from collections.abc import Collection, Mapping
from functools import partial
from typing import Protocol

from assent.adapters.kube import paths, shelf
from assent.adapters.kube.abreast import abreast
from assent.adapters.kube.api import Api
from assent.adapters.kube.marks import Watches, mark
from assent.adapters.kube.shelf import Held
from assent.adapters.kube.sightings import sighting
from assent.adapters.kube.taken import News, Taken, identities
from assent.api.holdings import Holding
from assent.api.kinds import AnyKind
from assent.api.names import CONFIGURATION, Ident, Ref
from assent.api.sightings import Sighting

FIRST = 10.0
"""Seconds that the watches' first lists may take; who asks after that lists by themselves."""

MANY = 100
"""Objects of a kind up to which all of them are listed: more are known by their watch, once it has told of a mark."""


class Memory(Watches, Protocol):
    """What watches last told of the kinds of configuration; `version` grows with each change."""

    @property
    def version(self) -> int:
        """Another number after any change."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether every kind has been listed, within so many seconds."""
        ...


class KubeCluster:
    """What an API server holds; with a memory it comes from there, and a list or a mark proves what has to be fresh.

    Configuration may be asked for from any thread, requests by one thread alone.
    """

    def __init__(self, api: Api, memory: Memory | None = None) -> None:
        self._api = api
        self._memory = memory
        self._patience = FIRST
        self._lock = threading.Lock()  # what is known moves on in one thread at a time; no call is made meanwhile
        self._remembered = -1  # the memory's version
        self._taken = {kind: Taken() for kind in CONFIGURATION}
        self._parsed: dict[Ident, tuple[object, Sighting | None]] = {}
        self._raw: dict[Ident, Held] = {}
        self._news: dict[Ident, Sighting | None] = {}
        self._held = Holding()
        self._reached = 0

    def configuration(self, *, fresh: bool, listed: bool = False) -> Holding:
        """Every document but Requests, as watches last told of it or as it is at this moment.

        It is the very holding of before where nothing changed. `listed`: by lists alone, whatever a watch could tell.
        """
        memory = self._memory
        if memory is not None and (memory.wait(0.0) if fresh else self._waited_for(memory)):
            with self._lock:
                self._remember(memory)
        else:
            fresh = True
        if fresh:
            self._reached = self._list(CONFIGURATION, self._api, marks=not listed)
        return self._moved_on()

    def renew(self, kinds: Collection[str], api: Api, *, marks: bool = True) -> None:
        """Has what is known of these kinds be of this moment, for whoever asks for configuration next.

        Args:
            kinds: those, and no other.
            api: makes the calls, and bounds them.
            marks: whether anything may be written for it.
        """
        self._list(kinds, api, marks=marks)

    def _moved_on(self) -> Holding:
        """The holding with everything in it that was taken in."""
        with self._lock:
            news, self._news = self._news, {}
            self._held = self._held.after(news)
            return self._held

    @property
    def watched(self) -> bool:
        """Whether watches have told of every kind."""
        return self._memory is not None and self._memory.wait(0.0)

    def last(self, ident: Ident) -> Held | None:
        """The object as it was read last, for whoever writes its status."""
        return self._raw.get(ident)

    def organizations(self) -> dict[str, Held]:
        """Every Organization by name, as it was read last."""
        with self._lock:
            return {ident.name: raw for ident, raw in self._raw.items() if ident.kind == "Organization"}

    def wrote(self, ident: Ident, raw: Held) -> None:
        """Somebody has written the object, and the API server answered with this.

        One that is gone by now stays so, and what is known to be later stays as well.
        """
        with self._lock:
            held = self._raw.get(ident)
            if held is not None and not shelf.supersedes(held, raw):
                self._raw[ident] = raw

    def _list(self, kinds: Collection[str], api: Api, *, marks: bool) -> int:
        """Takes in what lists, or marks, of this moment say of these kinds; the lowest version that they are of."""
        return min(abreast(partial(self._renewed, api=api, marks=marks), kinds))

    def _renewed(self, kind: str, *, api: Api, marks: bool) -> int:
        """Takes in what there is of a kind by now; the server's version that this is of.

        Whether it is what was taken in last is seen by its metadata alone, of which a list is as fresh and much
        shorter; of many objects by their watch, once it has told of a mark.
        """
        marked = self._proven_by_a_mark(kind, api) if marks else None
        if marked is not None:
            return marked
        path, taken = paths.collection(kind), self._taken[kind]
        then = taken.moves
        if len(taken):
            answer = api.metadata(path)
            there = identities(answer.get("items") or ())
            with self._lock:
                if taken.same(there, _version(answer), then):
                    return _version(answer)
        answer = api.get(path)
        items = [*shelf.items(answer)]
        with self._lock:
            self._take(kind, taken.listed(items, _version(answer), then))
        return _version(answer)

    def _proven_by_a_mark(self, kind: str, api: Api) -> int | None:
        """Takes in what the watch of a kind with many objects told; the version up to which that is everything.

        None: nobody knows of one.
        """
        watches = self._memory
        with self._lock:
            if watches is None or len(self._taken[kind]) <= MANY or not watches.wait(0.0):
                return None
            ident = Ident(kind, *self._taken[kind].first())
            held = self._raw[ident]
        version = mark(api, watches, ident, held)
        with self._lock:
            self._take(kind, self._taken[kind].watched(watches.shelves()[kind]))
        return version

    def _waited_for(self, memory: Memory) -> bool:
        """Whether the watches have told of every kind; the first to ask waits for that, and nobody after them."""
        patience, self._patience = self._patience, 0.0
        return memory.wait(patience)

    def _remember(self, memory: Memory) -> None:
        """What the watches told; that of which a list has said something later stays as that list said."""
        version = memory.version
        if version == self._remembered:
            return
        shelves, behind = memory.shelves(), False
        for kind, one in self._taken.items():
            news = one.watched(shelves[kind])
            behind = behind or news is None
            self._take(kind, news)
        self._remembered = -1 if behind else version

    def _take(self, kind: str, news: News | None) -> None:
        """Takes in objects of a kind as they are now; None: a list has said something later.

        Where that fails, all of the kind is taken in anew at the next look, so that nothing of it is ever passed over.
        """
        try:
            for name, item in (news or {}).items():
                self._put(Ident(kind, *name), item)
        except BaseException:
            self._taken[kind].forget()
            self._remembered = -1
            raise

    def _put(self, ident: Ident, item: Held | None) -> None:
        if item is None:
            self._raw.pop(ident, None)
            self._parsed.pop(ident, None)
            self._news[ident] = None
            return
        one = self._sighting(ident, item)
        self._raw[ident] = item
        self._parsed[ident] = (shelf.identity(item), one)
        if one is not None:
            self._news[ident] = one

    def request(self, ref: Ref) -> Sighting | None:
        """One request at this moment, or None."""
        ident = Ident("Request", *ref)
        raw = self._api.find(paths.place(ident))
        with self._lock:
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
        with self._lock:
            for ident in [one for one in self._raw if one.kind == "Request" and one not in there]:
                del self._raw[ident]
            self._raw.update((ident, item) for ident, (_, item) in there.items())
        return {ident.ref: one for ident, (one, _) in there.items()}

    def version(self) -> int:
        """The API server's version at the last list of all requests, or of all else; the lowest of several."""
        return self._reached

    def read(self, ident: Ident, raw: Held) -> AnyKind | None:
        """What an object of configuration says that somebody has read; None where its kind refuses it."""
        found = self._sighting(ident, raw)
        return found.document if found else None

    def _sighting(self, ident: Ident, item: Held) -> Sighting | None:
        """It, parsed where this version of it was not."""
        kept = self._parsed.get(ident)
        return kept[1] if kept and kept[0] == shelf.identity(item) else sighting(item)


def _version(answer: Held) -> int:
    return int(answer["metadata"]["resourceVersion"])
