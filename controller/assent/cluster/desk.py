"""What a write of configuration is judged on, in every replica: what is there, and what the ledger alone knows."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.together import Together
from assent.adapters.ledger import Ledger
from assent.api.holdings import Objects
from assent.api.kinds import AnyKind
from assent.api.names import CONFIGURATION, Ident, Ref
from assent.api.people import User
from assent.api.requests import ENDS
from assent.core.admissions import Bootstrap, Ground, bootstrap_over, founds
from assent.core.declared import world_of
from assent.core.world import World

JUDGED, LISTED = 0.8, 2.0
"""Seconds for each call about one object, and for each that says what there is of a kind.

A write is judged within five seconds, or the API server refuses it: an answer takes some milliseconds, and a list of
ten thousand objects a second. So what takes longer is given up, and the write may be tried again.
"""

MEANING = ("Organization", "Module")
"""The kinds on which it depends what somebody's role gives, wherever they write."""

EVERYBODY = (*MEANING, "AccessRole", "User")
"""The kinds on which it depends besides what others hold, and who governs."""

Known = Callable[[], Iterable[Ref] | None]
"""The requests that have not ended, where this replica follows the ledger; else None."""


class OperatorDesk:
    """The ground of every judgement at admission; one a replica, asked from many threads."""

    def __init__(
        self, api: Api, cluster: KubeCluster, ledger: Ledger, namespace: str, group: str, *, known: Known
    ) -> None:
        self._api, self._lists = api.bounded(JUDGED), api.bounded(LISTED)
        self._cluster = cluster
        self._ledger = ledger
        self._parameters = paths.parameters(namespace)
        self._group = group
        self._known = known
        self._lock = threading.Lock()
        self._author = Together(self._read)
        self._renewed = Together(self._renew)
        self._held: Objects = {}
        self._world = World()
        self._bootstrapped = False

    def ground(self, author: str, written: Ident | None, *, dry: bool = False) -> Ground | None:
        """All of it; None until every kind has been listed.

        The author's User and role are of this moment, and so are the tree and the modules, which give them a meaning.
        All Users and roles are where a User or an Organization is written, and where the author writes as a founder: a
        name is one person's, a user gives what their role gives, and who governs ends a first day. The rest may be as
        old as a watch. Where all is `dry`, nothing is written for it, not even a mark.

        Raises:
            ClusterError: what has to be of this moment could not be read.
        """
        if not self._cluster.watched:
            return None
        now = datetime.now(UTC)
        kinds = self._mattering(written)
        world = self._at_this_moment(kinds, author, dry=dry)
        if kinds is MEANING and written and founds(world, author, written, now):
            world = self._at_this_moment(EVERYBODY, author, dry=dry)
        first_day = Bootstrap(self._group, self._over(world, now))
        return Ground(world, now, frozenset(self._open()), bootstrap=first_day)

    def trusting(self, ground: Ground) -> Ground:
        """The same, with the accounts that the chart names at this moment.

        Raises:
            ClusterError: they could not be read.
        """
        accounts = self._api.get(self._parameters).get("data") or {}
        agents = frozenset(accounts.get("agents", "").replace("\n", " ").split(" ")) - {""}
        return replace(ground, agents=agents, operator=accounts.get("operator", ""))

    def _mattering(self, written: Ident | None) -> tuple[str, ...]:
        """The kinds that have to be of this moment: all of them on the first day, which ends with a first person."""
        if self._group and not self._bootstrapped:
            return CONFIGURATION
        return EVERYBODY if written and written.kind in ("Organization", "User") else MEANING

    def _at_this_moment(self, kinds: tuple[str, ...], author: str, *, dry: bool) -> World:
        """The world in which these kinds are of this moment, and so is what the author has."""
        self._renewed((kinds, dry))
        with self._lock:
            world = self._moved()
        return self._certain(world, author)

    def _renew(self, asked: tuple[Collection[str], bool]) -> None:
        kinds, dry = asked
        self._cluster.renew(kinds, self._lists, marks=not dry)

    def _moved(self) -> World:
        held = self._cluster.configuration(fresh=False)
        self._held, self._world = held, world_of(self._world, self._held, held, {})
        return self._world.prepared()

    def follow(self, held: Objects, world: World) -> None:
        """Goes on from what a pass has come to, so that nothing is kept here that nobody else knows any more."""
        with self._lock:
            self._held, self._world = held, world

    def _certain(self, world: World, author: str) -> World:
        """The world in which the author has what they have now: a right that was just taken away is gone (rule 25)."""
        person = world.people.named(author)
        if person is None:
            return world
        now = self._author(person)
        return world.changed({ident: one for ident, one in now.items() if world.get(ident) != one})

    def _read(self, person: Ref) -> Mapping[Ident, AnyKind | None]:
        """The person's User and role as the API server holds them; None where it does not, or cannot be read."""
        ident = Ident("User", *person)
        user = self._now(ident)
        if not isinstance(user, User) or not user.spec.role:
            return {ident: user}
        role = Ident("AccessRole", person.namespace, user.spec.role.name)
        return {ident: user, role: self._now(role)}

    def _now(self, ident: Ident) -> AnyKind | None:
        raw = self._api.find(paths.place(ident))
        return None if raw is None else self._cluster.read(ident, raw)

    def _open(self) -> Iterable[Ref]:
        """Requests that have not ended: as the ledger says where this replica follows it, else as their status says.

        It only keeps a deletion waiting.
        """
        known = self._known()
        if known is not None:
            return known
        items = self._api.get(paths.collection("Request")).get("items", [])
        return [
            Ref(item["metadata"]["namespace"], item["metadata"]["name"])
            for item in items
            if (item.get("status") or {}).get("phase") not in ENDS
        ]

    def _over(self, world: World, now: datetime) -> bool:
        """Whether the first day is over: the Platform is governed, or the ledger says that it once was."""
        if not self._group:
            return True
        if not self._bootstrapped:
            told = any(True for _ in self._ledger.records(kinds={"bootstrapped"}))
            self._bootstrapped = told or bootstrap_over(world, now)
        return self._bootstrapped
