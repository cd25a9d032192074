"""What a write of configuration is judged on: what there is at the moment, though no watch has told of it."""

import gc
import weakref
from datetime import UTC, datetime

import pytest

from assent.adapters.kube import cluster as module
from assent.adapters.kube import paths
from assent.adapters.kube.cluster import KubeCluster
from assent.adapters.kube.informers import Informers
from assent.adapters.kube.statuses import Statuses
from assent.adapters.ledger import Ledger
from assent.api.conditions import Condition
from assent.api.names import CONFIGURATION
from assent.cluster.desk import OperatorDesk
from assent.cluster.webhook import _verdict
from assent.core.access import held
from assent.core.admissions import Version, Write
from assent.core.world import World
from builders import ADMIN, ident, modules, ref, role, tree, user
from cluster import admission, conftest
from cluster.guarded import body

SPACES = ("platform", "a")


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """A control plane of its own, with the accounts that the chart names."""
    with conftest.standing(tmp_path_factory, "desk") as started:
        admission.apply(started.admin, next(one for one in admission.manifests() if one["kind"] == "ConfigMap"))
        for name in SPACES:
            started.admin.create("/api/v1/namespaces", {"metadata": {"name": name}})
        yield started


@pytest.fixture
def bare(plane):
    """The same, and what a test leaves in it is gone before the next one, however the test ended."""
    yield plane
    for path in {paths.collection(kind, name) for kind in CONFIGURATION for name in SPACES}:
        plane.admin.delete(path)


@pytest.fixture
def world(bare):
    """A client with an administrator, and watches that were told of it and no more."""
    return bare, told(bare, role("a/admins", {"*": ADMIN}), user("a/ada", "admins"))


def told(plane, *people):
    """Watches that were told of a platform, a client and these people, and of nothing afterwards."""
    for one in [*tree("P+"), *modules(), *people]:
        plane.admin.create(paths.collection(one.kind, one.namespace), one.plain())
    informers = Informers(plane.admin, {kind: paths.collection(kind) for kind in CONFIGURATION})
    informers.start()
    synced = informers.wait(60)
    informers.stop(60)
    assert synced
    return informers


@pytest.fixture
def desk(world, tmp_path):
    plane, informers = world
    with Ledger.open(tmp_path / "ledger.sqlite", key_file=tmp_path / "keys" / "key") as ledger:
        yield OperatorDesk(plane.admin, KubeCluster(plane.admin, informers), ledger, "assent-system", "", known=list)


NEW = ident("AccessRole/a/new")


def power(desk):
    ground = desk.ground("ada@a", NEW)
    return len(held(ground.world, ref("a/ada"), "a"))


def test_accounts_are_read_only_where_a_write_hangs_on_them(desk, monkeypatch):
    """Whoever may write by their own rights is let in at once; an agent is, once the parameters were looked at."""
    asked = []
    trusting = desk.trusting
    monkeypatch.setattr(desk, "trusting", lambda ground: asked.append(ground) or trusting(ground))
    new = Version(body(role("a/new", {"*": {"portal": "User"}})))
    found = {
        who: _verdict(Write(None, new, who), desk, dry=False).allowed for who in ("ada@a", admission.AGENT, "nobody")
    }

    assert {"ada@a": True, admission.AGENT: True, "nobody": False} == found
    assert 2 == len(asked)


def test_rule_25_an_author_holds_what_they_hold_now(world, desk):
    """A role that was narrowed, and a user who was suspended or deleted, count although no watch has told of it."""
    plane, _ = world
    before = power(desk)
    plane.admin.patch(paths.place(ident("AccessRole/a/admins")), {"spec": {"entries": []}})
    narrowed = power(desk)
    plane.admin.patch(paths.place(ident("AccessRole/a/admins")), {"spec": role("a/x", {"*": ADMIN}).plain()["spec"]})
    again = power(desk)
    plane.admin.patch(paths.place(ident("User/a/ada")), {"spec": {"suspended": True}})
    suspended = power(desk)
    plane.admin.delete(paths.place(ident("User/a/ada")))
    gone = desk.ground("ada@a", NEW).world.people.named("ada@a")

    assert before == again > 0
    assert (0, 0, None) == (narrowed, suspended, gone)


def test_rule_25_what_gives_a_role_its_meaning_is_of_this_moment(world, desk):
    """The tree and the modules, whatever is written; no watch has told of it."""
    plane, _ = world
    desk.ground("nobody", NEW)
    plane.admin.patch(paths.place(ident("Organization/a")), {"spec": {"partnerAccess": "Denied"}})
    portal = next(one for one in modules() if one.name == "portal").plain()["spec"]
    plane.admin.patch(
        paths.place(ident("Module/portal")), {"spec": {**portal, "permissions": portal["permissions"][:1]}}
    )
    now = desk.ground("nobody", NEW).world

    assert "Denied" == now.organizations.by_name["a"].spec.partner_access
    assert 1 == len(now.matrices.by_name["portal"].spec.permissions)


def test_rule_25_a_name_is_looked_for_among_all_who_are_there_now(world, desk):
    """Where a User is written it counts who has the name at this moment."""
    plane, _ = world
    plane.admin.create(paths.collection("User", "a"), user("a/eve", "admins").plain())
    before = desk.ground("nobody", NEW).world.people.named("eve@a")
    found = desk.ground("nobody", ident("User/a/other")).world.people.named("eve@a")

    assert (None, ref("a/eve")) == (before, found)


WEAK, STRONG = ({"*": {"portal": "User"}}, {"*": {"portal": "User", "automate": "Manager"}})


def judged(desk, new, old=None, who="ada@a"):
    before = Version(body(old)) if old else None
    return _verdict(Write(before, Version(body(new)), who), desk, dry=False)


def test_rule_12_and_25_nobody_gives_a_role_that_was_widened_beyond_them(world, tmp_path, desk):
    """Ada may write users, and holds nothing of automate; what the role gives by now no watch has told of."""
    plane, _ = world
    plane.admin.create(paths.collection("AccessRole", "a"), role("a/desk", WEAK).plain())
    plane.admin.create(paths.collection("User", "a"), user("a/eve", "desk").plain())
    joe, eve, named = user("a/joe", "desk"), user("a/eve", "desk"), user("a/eve", "desk", aliases=["ada2@a"])
    before = judged(desk, joe), judged(desk, named, eve)
    plane.admin.patch(paths.place(ident("AccessRole/a/desk")), {"spec": role("a/desk", STRONG).plain()["spec"]})

    assert [True, True] == [one.allowed for one in before]
    assert "CeilingExceeded" in judged(desk, joe).message
    assert "NotConferable" in judged(desk, named, eve).message


def test_rule_25_a_first_day_that_is_over_is_over(bare, tmp_path):
    """Whoever founded an organization writes in it until somebody governs it, and not until a watch tells of that."""
    informers = told(bare, role("platform/admins", {"*": ADMIN}), user("platform/pat", "admins"))
    with Ledger.open(tmp_path / "ledger.sqlite", key_file=tmp_path / "keys" / "key") as ledger:
        desk = OperatorDesk(bare.admin, KubeCluster(bare.admin, informers), ledger, "assent-system", "", known=list)
        before = judged(desk, role("a/mine", WEAK), who="pat@platform")
        for one in (role("a/admins", {"*": ADMIN}), user("a/ada", "admins")):
            bare.admin.create(paths.collection(one.kind, "a"), one.plain())
        after = judged(desk, role("a/mine", WEAK), who="pat@platform")

    assert (True, False) == (before.allowed, after.allowed)


def test_a_dry_run_writes_nothing(world, desk, monkeypatch):
    """Not even the mark by which it is known that a watch has told of everything; a write that is meant does."""
    plane, _ = world
    monkeypatch.setattr(module, "MANY", 0)
    eve = ident("User/a/eve")
    desk.ground("ada@a", eve)

    def status():
        return plane.admin.get(paths.place(ident("User/a/ada"))).get("status")

    marked = status()
    desk.ground("ada@a", eve, dry=True)
    assert marked == status()
    desk.ground("ada@a", eve)
    assert marked != status()


def test_a_mark_keeps_nobody_from_showing_what_follows(world, desk, monkeypatch):
    """It is no word of another replica's, and what is shown already is not shown again for its sake."""
    plane, _ = world
    monkeypatch.setattr(module, "MANY", 0)
    ada = ident("User/a/ada")
    before = plane.admin.get(paths.place(ada))
    desk.ground("ada@a", ada)
    written, now = [], datetime.now(UTC)
    statuses = Statuses(plane.admin, lambda: written.append(1))
    shown = {"conditions": [Condition("Ready", "True", "InForce", "it is in force")]}
    after = statuses.show(ada, shown, before, now)
    desk.ground("ada@a", ada)
    statuses.show(ada, shown, after, now)
    statuses.show(ada, shown, plane.admin.get(paths.place(ada)), now)

    assert [1] == written
    assert "InForce" == after["status"]["conditions"][0]["reason"]


def test_rule_25_on_the_first_day_everything_is_of_this_moment(world, tmp_path):
    """Whoever starts the world writes without a right until somebody has one, and not a moment longer."""
    plane, informers = world
    with Ledger.open(tmp_path / "ledger.sqlite", key_file=tmp_path / "keys" / "key") as ledger:
        desk = OperatorDesk(
            plane.admin, KubeCluster(plane.admin, informers), ledger, "assent-system", "founders", known=list
        )
        plane.admin.patch(paths.place(ident("AccessRole/a/admins")), {"spec": {"displayName": "First"}})

        assert "First" == desk.ground("nobody", NEW).world.roles[ref("a/admins")].spec.display_name


def test_what_a_pass_has_let_go_is_kept_by_nobody(desk):
    """A replica that is asked for nothing any more keeps no world of its own alive beside the one of its passes."""
    before = weakref.ref(desk.ground("nobody", NEW).world)
    desk.follow({}, World())
    gc.collect()

    assert before() is None
    assert ref("a/admins") in desk.ground("nobody", NEW).world.roles


def test_who_is_known_by_name_comes_from_the_parameters(desk):
    """The agents and the operator are those of the ConfigMap, as it stands."""
    ground = desk.trusting(desk.ground("nobody", NEW))

    assert admission.OPERATOR == ground.operator
    assert {admission.AGENT, "other"} <= ground.agents


def test_rule_25_a_watch_that_lags_brings_nothing_back(world):
    """What a list has said is not taken back by a memory that is older than it."""
    plane, informers = world
    cluster = KubeCluster(plane.admin, informers)
    there = ident("AccessRole/a/admins")
    old = cluster.configuration(fresh=False)[there]
    plane.admin.patch(paths.place(there), {"spec": {"displayName": "changed"}})
    listed = cluster.configuration(fresh=True)[there]
    remembered = cluster.configuration(fresh=False)[there]

    assert old.version != listed.version
    assert listed == remembered
