"""What a write of configuration is judged on: the watches' memory, but what the author holds is read at the moment."""

import gc
import weakref

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.cluster import CONFIGURATION, KubeCluster
from assent.adapters.kube.informers import Informers
from assent.adapters.ledger import Ledger
from assent.cluster.desk import OperatorDesk
from assent.cluster.webhook import _verdict
from assent.core.access import held
from assent.core.admissions import Version, Write
from assent.core.world import World
from builders import ADMIN, ident, modules, ref, role, tree, user
from cluster import admission, conftest
from cluster.guarded import body


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A client with an administrator, in a control plane of its own, and watches that were told of it and no more."""
    with conftest.standing(tmp_path_factory, "desk") as plane:
        admission.apply(plane.admin, next(one for one in admission.manifests() if one["kind"] == "ConfigMap"))
        plane.admin.create("/api/v1/namespaces", {"metadata": {"name": "a"}})
        for one in [*tree("P+"), *modules(), role("a/admins", {"*": ADMIN}), user("a/ada", "admins")]:
            plane.admin.create(paths.collection(one.kind, one.namespace), one.plain())
        informers = Informers(plane.admin, {kind: paths.collection(kind) for kind in CONFIGURATION})
        informers.start()
        assert informers.wait(60)
        informers.stop(60)
        yield plane, informers


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
    found = {who: _verdict(Write(None, new, who), desk).allowed for who in ("ada@a", admission.AGENT, "nobody")}

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
    plane.admin.patch(paths.place(ident("Module/portal")), {"spec": portal})


def test_rule_25_a_name_is_looked_for_among_all_who_are_there_now(world, desk):
    """Where a User is written it counts who has the name at this moment."""
    plane, _ = world
    plane.admin.create(paths.collection("User", "a"), user("a/eve", "admins").plain())
    before = desk.ground("nobody", NEW).world.people.named("eve@a")
    found = desk.ground("nobody", ident("User/a/other")).world.people.named("eve@a")

    assert (None, ref("a/eve")) == (before, found)


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
