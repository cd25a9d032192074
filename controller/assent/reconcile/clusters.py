"""The pass of cluster mode: what the API server holds is noted, requests that were touched are read fresh.

Events and a watch's memory only say where to look. What is heard, claimed and run rests on reads of the moment.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from assent.api.holdings import Objects, differing
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.plans import RunnerName
from assent.api.sightings import Sighting
from assent.core.admissions import bootstrap_over
from assent.core.admitted import Admitted, unheard
from assent.core.cases import Case
from assent.core.decide import Decision
from assent.core.declared import world_of
from assent.core.guarding import Trust, note, trust
from assent.core.state import IN_CLUSTER, State, fold
from assent.core.tellings import judge
from assent.core.world import World
from assent.errors import ClusterError
from assent.reconcile.engine import Engine
from assent.reconcile.knowledge import Knowledge
from assent.reconcile.moments import Moment, Summary
from assent.reconcile.protocols import Cluster, Crossing, Guard, Ledger, RemoteRunner, Runner

RESYNC = 60.0
"""Seconds after which every request is looked at, whatever no event told of."""

FRESH = 1.0
"""Seconds for which configuration counts as read at this moment, since the list of it was asked for."""

EXAMINED, UNPROVEN = 30.0, 5.0
"""Seconds for which a look at the policies is good while there is nothing to hear, and where it proved nothing."""


class ClusterController(Engine):
    """A cluster, a ledger and some runners, and what is known between two passes."""

    def __init__(  # noqa: PLR0913 -- the engine's own, and what is read beside them
        self,
        cluster: Cluster,
        guard: Guard,
        ledger: Ledger,
        runners: Mapping[RunnerName, Runner],
        crossed: Crossing = lambda _point: None,
        workers: int = 4,
        *,
        remote: Mapping[RunnerName, RemoteRunner] | None = None,
        patience: float | None = None,
        resync: float = RESYNC,
        restored: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(ledger, runners, crossed, workers, remote=remote, patience=patience)
        self.cluster = cluster
        self.guard = guard
        self.trusted = False
        self._untrusted = "the admission policies have not been tried yet"
        self.to_show: set[Ref] = set()
        self.resync_every = resync
        self._restored = restored
        self._touched: set[Ref] = set()
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._listed: tuple[float, Objects | None] = (0.0, None)
        self._examine_at = 0.0
        self._floor = 0
        self.held: Objects = {}
        self._noted = False
        self._monotonic: Callable[[], float] = lambda: 0.0

    def start(self, monotonic: Callable[[], float], confirmed: datetime | None = None) -> None:
        """Recalls the ledger; `monotonic` tells the age of what was listed.

        `confirmed`: somebody has looked at what a restored API server holds, and says at this moment to go on from it.
        """
        self._monotonic = monotonic
        self.held = self.cluster.configuration(fresh=False)  # the first pass lists all of it
        self._recall()
        if confirmed:
            self.cluster.requests()
            self.append([NewRecord("resumed", "cluster", {}), self._reached(again=True)], confirmed)

    def _reached(self, *, again: bool = False) -> NewRecord:
        """How far the API server had come; never less than another replica saw, unless somebody says to begin again."""
        head, seen = self._state.head, self.cluster.version()
        version = str(max(seen, int(head)) if head.isdigit() and not again else seen)
        return NewRecord("head", version, {"commit": version})

    def _halted(self) -> str:
        """An API server that went back has forgotten what was decided, and by whom (rule 45)."""
        halted = self._state.halted or self._restored()
        return halted and f"{halted}: look at what it holds, and start once with --confirm-restored"

    def _went_back(self) -> str:
        """How it shows that the API server was restored from a backup; empty where it does not."""
        now = self.cluster.version()
        if now < self._floor:
            return f"the API server went back from version {self._floor} to {now}, as after a restored backup"
        return self._restored()

    def touch(self, ref: Ref) -> None:
        """Something may have happened to a request; may be called from any thread."""
        with self._lock:
            self._touched.add(ref)

    def _pressed(self) -> bool:
        return bool(self._touched)

    def decision(self, ref: Ref, now: datetime) -> Decision:
        """What a request has come to; as it was decided last, where that is still so."""
        return self.decisions.get(ref) or self._decision(self.knowledge.state.cases[ref], now)

    def resync(self) -> None:
        """The next pass looks at everything."""
        self._looked = None

    @property
    def _state(self) -> State:
        """What is known of the ledger: all of it up to some record, so the rest can be read on."""
        return self.known.state if self.known else State()

    def _recall(self) -> None:
        super()._recall()
        self._noted = False

    def _recalled(self) -> Knowledge:
        state = fold(self.ledger.records(self._state.sequence), self._state)
        return Knowledge(state, world_of(World(), {}, self.held, state.written), {}, {})

    def _read(self, moment: Moment, summary: Summary) -> None:
        """Takes in what was touched since the last pass; everything, where that is long ago."""
        with self._lock:
            touched, self._touched = self._touched, set()
        every = self._looked is None or moment.monotonic - self._looked > self.resync_every
        try:
            if every:
                self._stand()
                self._noted = False
            requests = {**self.cluster.requests()} if every else self._each(touched, summary)
            gone = self.knowledge.state.cases.keys() - requests.keys() if every else set()
            held = (
                self._list(listed=every)
                if every or self._to_hear(requests)
                else self.cluster.configuration(fresh=False)
            )
            self._take(held, {**requests, **dict.fromkeys(gone)}, moment.now, summary)
        except BaseException:
            with self._lock:
                self._touched |= touched
            raise
        if every:
            self._looked = moment.monotonic
            self.to_show |= self.knowledge.state.cases.keys() | self.knowledge.state.refusals.keys()
        self.to_show |= touched
        for ref in touched:
            self.decisions.pop(ref, None)

    def _each(self, touched: set[Ref], summary: Summary) -> dict[Ref, Sighting | None]:
        """These requests at this moment; one that cannot be read is looked at again, and stands in no other's way."""
        found = {}
        for ref in sorted(touched):
            try:
                found[ref] = self.cluster.request(ref)
            except ClusterError as unseen:
                summary.held += (f"{ref}: {unseen.message}",)
                self.touch(ref)
        return found

    def _stand(self) -> None:
        """The version that a list which is made from now on cannot be older than; another replica's may be newer."""
        head = self._state.head
        self._floor = max(self._floor, self.cluster.version(), int(head) if head.isdigit() else 0)

    def _to_hear(self, requests: Mapping[Ref, Sighting | None]) -> bool:
        """Whether somebody's word is judged in this pass: whose it is rests on who there is at this moment.

        A request that is nobody's yet may have become somebody's by now.
        """
        cases = self.knowledge.state.cases
        seen = {ref: one for ref, one in requests.items() if one is not None}
        return self.told or any(_new(cases.get(ref), one) or not cases[ref].proven_by for ref, one in seen.items())

    def _list(self, *, listed: bool = False) -> Objects:
        """All configuration at this moment."""
        self._stand()
        began = self._monotonic()
        held = self.cluster.configuration(fresh=True, listed=listed)
        self._listed = (began, held)
        return held

    def _take(
        self,
        held: Objects,
        requests: Mapping[Ref, Sighting | None],
        now: datetime,
        summary: Summary,
    ) -> None:
        """Records what is new: who wrote which configuration, then requests, then decisions on them."""
        before = self.knowledge
        world = world_of(before.world, self.held, held, before.state.written)
        notebook = Admitted(before.state, world, before.world)
        seen = {ref: one for ref, one in requests.items() if one is not None}
        if not before.state.root:
            notebook.note(NewRecord("trusted", IN_CLUSTER, {"commit": IN_CLUSTER}), now)
        why = "" if before.state.halted else self._went_back()
        if why:
            notebook.note(NewRecord("halted", "cluster", {"message": why}), now)
        news = notebook.news(held, differing(self.held, held) if self._noted else None)
        worth = self._worth(notebook, seen, now, anything_new=bool(news))
        notebook.configuration(news, now, trusted=worth is Trust.HEARD)
        if not before.state.root:
            notebook.began(seen, now)
        for ref, one in sorted(requests.items(), key=lambda item: item[0]):
            if one is not None:
                self._see(notebook, one, worth, now, summary)
            elif ref in notebook.state.cases:
                notebook.gone(ref, now)
        judge(notebook, now)
        if not notebook.state.bootstrapped and bootstrap_over(notebook.world, now):
            notebook.note(NewRecord("bootstrapped", "platform", {}), now)
        self._note(notebook, held, now)

    def _worth(self, notebook: Admitted, seen: Mapping[Ref, Sighting], now: datetime, *, anything_new: bool) -> Trust:
        """What the names that stand on new things are worth; asked after these were read, since that is the order."""
        cases = notebook.state.cases
        anything_new = anything_new or any(_new(cases.get(ref), one) for ref, one in seen.items())
        if not anything_new and self._monotonic() < self._examine_at:
            return Trust.HEARD
        found = self.guard.examine()
        self._examine_at = self._monotonic() + (EXAMINED if found.proven else UNPROVEN)
        self.trusted, self._untrusted = bool(found.proven), found.why
        worth, record = trust(notebook.state, found), note(notebook.state, found)
        if record:
            notebook.note(record, now)
        return worth

    def _see(self, notebook: Admitted, one: Sighting, worth: Trust, now: datetime, summary: Summary) -> None:
        """One request and the entries on it; what cannot be told from a forgery waits, and nothing is noted of it."""
        case = notebook.state.cases.get(one.ident.ref)
        if worth is Trust.WAITS and (case is None or unheard(case, one)):
            summary.held += (f"{one.ident.ref} waits: {self._untrusted}",)
        if worth is not Trust.WAITS or case is not None:
            notebook.request(one, now, trusted=worth is Trust.HEARD)
        if worth is not Trust.WAITS:
            notebook.entries(one, now, trusted=worth is Trust.HEARD)

    def _note(self, notebook: Admitted, held: Objects, now: datetime) -> None:
        state = self.knowledge.state
        self.crossed("judged")
        if notebook.records:
            notebook.note(self._reached(), now)
        written = self._write(notebook.records, now) if notebook.records else []
        self.crossed("noted")
        if notebook.world is not self.knowledge.world:
            self.decisions.clear()
        after = fold(written, state)
        for ref in [one for one in after.cases if after.cases[one] is not state.cases.get(one)]:
            self.decisions.pop(ref, None)
            self.to_show.add(ref)
        self.held, self._noted = held, True
        self.known = replace(self.knowledge, state=after, world=notebook.world)

    def _sure(self, decision: Decision, now: datetime, summary: Summary) -> Decision:
        """The decision in the world of this very moment, with every entry and the object's own end in it."""
        ref = decision.case.ref
        at, listed = self._listed
        sure = listed is self.held and self._monotonic() - at <= FRESH
        self._take(self.held if sure else self._list(), {ref: self.cluster.request(ref)}, now, summary)
        return self._decision(self.knowledge.state.cases[ref], now)

    def _shown(self, ref: Ref) -> None:
        self.to_show.add(ref)


def _new(case: Case | None, one: Sighting) -> bool:
    """Whether a request, or something on it, was not judged before."""
    return case is None or bool(unheard(case, one))
