"""What a write of configuration is judged on, in every replica: the watches' memory, and what only the ledger knows."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from assent.adapters.kube import paths
from assent.adapters.kube.api import Api
from assent.adapters.kube.cluster import CONFIGURATION, KubeCluster
from assent.adapters.kube.together import Together
from assent.adapters.ledger import Ledger
from assent.api.holdings import Objects
from assent.api.kinds import AnyKind
from assent.api.names import Ident, Ref
from assent.api.people import User
from assent.api.requests import ENDS
from assent.core.admissions import Bootstrap, Ground, bootstrap_over
from assent.core.world import World
from assent.reconcile.clusters import world_of

PARAMETERS = "assent-admission"
"""The ConfigMap with the accounts that the admission policies know; only the chart writes it."""

MEANING = ("Organization", "Module")
"""The kinds on which it depends what somebody's role gives, wherever they write."""

Known = Callable[[], Iterable[Ref] | None]
"""The requests that have not ended, where this replica follows the ledger; else None."""


class OperatorDesk:
    """The ground of every judgement at admission; one a replica, asked from many threads."""

    def __init__(
        self, api: Api, cluster: KubeCluster, ledger: Ledger, namespace: str, group: str, *, known: Known
    ) -> None:
        self._api = api
        self._cluster = cluster
        self._ledger = ledger
        self._parameters = f"/api/v1/namespaces/{namespace}/configmaps/{PARAMETERS}"
        self._group = group
        self._known = known
        self._turn = threading.Lock()
        self._author = Together(self._read)
        self._renew = Together[tuple[str, ...], None](cluster.renew)
        self._held: Objects = {}
        self._world = World()
        self._bootstrapped: bool | None = None

    def ground(self, author: str, written: Ident | None) -> Ground | None:
        """All of it; None until every kind has been listed.

        The author's User and role are of this moment, and so are the tree and the modules, which give them a meaning;
        all Users are where one is written, since a name is one person's.

        Raises:
            ClusterError: what is not watched could not be read.
        """
        if not self._cluster.watched:
            return None
        now = datetime.now(UTC)
        self._renew(self._mattering(written))
        with self._turn:
            world = self._moved()
        world = self._certain(world, author)
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
        if self._group and self._bootstrapped is not True:
            return CONFIGURATION
        return (*MEANING, "User") if written and written.kind == "User" else MEANING

    def _moved(self) -> World:
        held = self._cluster.configuration(fresh=False)
        if held is not self._held:
            self._held, self._world = held, world_of(self._world, self._held, held, {})
        return self._world.prepared()

    def follow(self, held: Objects, world: World) -> None:
        """Goes on from what a pass has come to, so that nothing is kept here that nobody else knows any more."""
        with self._turn:
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
        if self._bootstrapped is not True:
            told = any(True for _ in self._ledger.records(kinds={"bootstrapped"}))
            self._bootstrapped = told or bootstrap_over(world, now)
        return self._bootstrapped


def namespaces(api: Api) -> Callable[[], list[str]]:
    """The organizations' namespaces, as they are at the moment of asking."""

    def found() -> list[str]:
        answer = api.get("/api/v1/namespaces", labelSelector="assent.dev/organization")
        return [item["metadata"]["name"] for item in answer.get("items", [])]

    return found
