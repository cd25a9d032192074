"""What the API server holds of one kind, kept up to date: a list, then a watch from where the list ended, for ever.

It knows of a deletion that it did not see: a list replaces all that was known. It serves hints and look-ups; what is
authorized or executed is read fresh.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Condition, Event, Thread

from assent.adapters.kube.api import Api
from assent.adapters.kube.line import Line
from assent.adapters.kube.shelf import GONE, Held, Key, Shelf, changes, listed, told
from assent.adapters.kube.waits import LONGEST, SHORTEST, backoff, jittered
from assent.errors import ClusterError

TOO_SOON = 1.0
"""Seconds; a watch that ends sooner is a fault, or a server that ends them all would be asked without a pause."""

SETTLED = 5.0
"""Seconds; a watch that lasted so long makes up for the faults before it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between one thing and the next, and objects a page.

    `silence` is more than the minute or so between two bookmarks; `server` is how long the server lets a watch live.
    """

    silence: float = 70.0
    server: float = 240.0
    resync: float = 600.0
    page: int = 500
    shortest: float = SHORTEST
    longest: float = LONGEST


def _nothing(_key: Key) -> None: ...


class Informer:
    """One collection, by its path: `/apis/assent.dev/v1alpha1/users`; `changed` is told the key of each change.

    `changed` is called on the informer's own thread, after `shelf` shows the change, and must not wait.
    `version` grows with each change; `failure` is what ended it, and none of the API server's faults does;
    `problem` is the last of those, until the watch has spoken again.
    """

    def __init__(
        self, api: Api, path: str, *, changed: Callable[[Key], None] = _nothing, pace: Pace | None = None
    ) -> None:
        self.path = path
        self.version = 0
        self.problem = ""
        self.failure: BaseException | None = None
        self._line = Line.of(api)
        self._changed = changed
        self._pace = pace or Pace()
        self._shelf = Shelf()
        self._moved = Condition()
        self._listed = Event()
        self._heard = time.monotonic()
        self._due = 0.0
        self._faults = 0
        self._stop = Event()
        self._thread: Thread | None = None

    @property
    def synced(self) -> bool:
        """Whether the first list is done."""
        return self._listed.is_set()

    def shelf(self) -> Shelf:
        """All that is known at one version of the collection; it stays as it is while the informer goes on."""
        return self._shelf

    def until(self, version: int, seconds: float) -> bool:
        """Whether it has come as far as this version within so many seconds."""
        with self._moved:
            return self._moved.wait_for(lambda: self._shelf.reached >= version, seconds)

    def age(self) -> float:
        """Seconds since the API server last gave a proof of life: a page of a list, an event or a bookmark."""
        return time.monotonic() - self._heard

    def wait(self, seconds: float) -> bool:
        """Whether the first list is done within so many seconds."""
        return self._listed.wait(seconds)

    def start(self) -> None:
        """Begins on a thread of its own."""
        self._stop = Event()
        self._thread = Thread(target=self._guarded, name=f"informer {self.path}", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> bool:
        """Ends it, also in the middle of a silent stream; False where it has not ended in so many seconds."""
        self._stop.set()
        self.hang_up()
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def hang_up(self) -> None:
        """Ends the call that is being read, so that `run` looks at its stop flag."""
        self._line.hang_up()

    def run(self, stop: Event) -> None:
        """Keeps up until `stop` is set (`hang_up` ends the present call); the API server's faults do not end it."""
        self._line.pick_up()
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._round(stop)
            except ClusterError as error:
                self._note(error, time.monotonic() - began)
                stop.wait(self._pause())

    def _guarded(self) -> None:
        try:
            self.run(self._stop)
        except BaseException as failure:  # noqa: BLE001 -- kept for whoever looks after the thread, and not lost with it
            self.failure = failure

    def _round(self, stop: Event) -> None:
        """A list where one is due, and one watch until its end."""
        if time.monotonic() >= self._due:
            self._list()
        began = time.monotonic()
        self._watch(stop)
        lasted = time.monotonic() - began
        if lasted < TOO_SOON and not stop.is_set():
            raise ClusterError(f"the watch {self.path} ended as soon as it had begun")
        self._faults, self.problem = 0, ""

    def _list(self) -> None:
        due = time.monotonic() + jittered(self._pace.resync)
        try:
            shelf = listed(self._pages(self._pace.page))
        except ClusterError as error:
            if error.status != GONE:
                raise
            shelf = listed(self._pages(0))  # what the pages went on from is gone: all in one piece
        before, self._due = self._shelf, due
        self._move(shelf)
        self._listed.set()
        for name in changes(before, shelf):
            self._tell(name)

    def _pages(self, limit: int) -> Iterator[Held]:
        query: dict[str, object] = {"limit": limit} if limit else {}
        while True:
            page = self._line.get(self.path, **query)
            self._heard = time.monotonic()
            yield page
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return
            query["continue"] = token

    def _watch(self, stop: Event) -> None:
        left = min(jittered(self._pace.server), self._due - time.monotonic())
        events = self._line.stream(
            self.path,
            silence=self._pace.silence,
            resourceVersion=self._shelf.at,
            allowWatchBookmarks="true",
            timeoutSeconds=max(1, round(left)),
        )
        for event in events:
            shelf, name = told(self._shelf, event)
            self._move(shelf)
            self._heard, self.problem = time.monotonic(), ""
            if name is not None:
                self._tell(name)
            if stop.is_set() or time.monotonic() >= self._due:
                return

    def _move(self, shelf: Shelf) -> None:
        with self._moved:
            self._shelf = shelf
            self._moved.notify_all()

    def _tell(self, name: Key) -> None:
        self.version += 1
        self._changed(name)

    def _note(self, error: ClusterError, lasted: float) -> None:
        """A broken connection is taken up where it broke off; after any other fault only a new list is trusted."""
        self.problem = error.message
        self._faults = 1 if lasted >= SETTLED else self._faults + 1
        if error.status or error.reason:
            self._due = 0.0

    def _pause(self) -> float:
        own = backoff(self._faults, base=self._pace.shortest, cap=self._pace.longest)
        return max(own, self._line.asked)
