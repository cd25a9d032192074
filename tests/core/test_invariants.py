"""The invariants of the domain that concern organizations, roles and users, each by its number.

Invariants 17 to 28 are about requests and what they run, and are proven where those are.
"""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given

from assent.api.kinds import parse
from assent.api.names import API_VERSION
from assent.core.access import allowed, held
from assent.core.organizations import Organizations
from assent.core.writes import judge
from builders import ADMIN, ALL, changes, modules, organization, permission, ref, role, tree, user, world
from core.strategies import organizations

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
WORKSPACES = ("L1ReadOnly", "L1", "L2ReadOnly", "L2")
MANAGED = ("Roles", "Users", "Organizations", "Modules", "Integrations", "Reporting Groups")
HOUSE = (
    *tree("P-aabb"),
    *modules(),
    *(
        document
        for owner in ("platform", "a", "b", "d")
        for document in (role(f"{owner}/bosses", {"*": ALL}), user(f"{owner}/boss", "bosses"))
    ),
)
"""The partner a with its clients b and c, and d and e below b; a boss everywhere but in c and e."""


def problems(kind, spec, namespace=None):
    where = {"name": "x"} if namespace is None else {"name": "x", "namespace": namespace}
    return parse({"apiVersion": API_VERSION, "kind": kind, "metadata": where, "spec": spec})[1]


def reasons(author, *documents):
    return {one.reason for one in judge(world(*HOUSE), changes(*documents), ref(author), at=AT)}


def permissions(levels):
    return world(*modules()).matrices.permissions(levels)


def test_invariant_1_an_organization_has_exactly_one_type():
    """It is required, one of four, and stays what it is."""
    assert problems("Organization", {})
    assert problems("Organization", {"type": ["Partner", "Client"]})
    assert problems("Organization", {"type": "Customer"})
    assert "TypeChanged" in reasons("platform/boss", organization("c", "Partner"))


def test_invariant_2_only_a_client_has_a_partner_and_at_most_one():
    """A platform or partner with a parent is refused, so is a list of parents, and a parent that is no partner."""
    assert problems("Organization", {"type": "Partner", "parent": "a"})
    assert problems("Organization", {"type": "Platform", "parent": "a"})
    assert problems("Organization", {"type": "Client", "parent": ["a", "x"]})
    assert "WorldBroken" in reasons("platform/boss", organization("c", "Client", "b"))
    assert () == problems("Organization", {"type": "Client"})


def test_invariant_3_a_suborganization_has_one_parent_which_is_a_client():
    """Without one, or under a partner, the platform or another suborganization, it is refused."""
    assert problems("Organization", {"type": "SubOrganization"})
    for parent in ("a", "platform", "d"):
        assert "WorldBroken" in reasons("platform/boss", organization("e", "SubOrganization", parent))


@given(organizations())
def test_invariant_4_dependency_is_a_forest(found):
    """A whole line begins at a root and names nobody twice; every other line says what is broken about it."""
    made = Organizations({one.name: one for one in found})
    for name in made.by_name:
        path = made.path(name)
        assert bool(path) != bool(made.broken(name))
        assert len(path) == len(set(path)) <= 3
        assert not path or (path[-1] == name and made.by_name[path[0]].spec.parent is None)


@pytest.mark.parametrize("size", [1, 2, 3, 32])
def test_invariant_4_a_loop_is_named(size):
    """Rule 14: the sentence shows the whole loop, also to what hangs on it, and nothing is allowed there."""
    names = [f"x{number}" for number in range(size)]
    loop = [organization(name, "Client", names[(at + 1) % size]) for at, name in enumerate(names)]
    made = world(
        *loop, organization("y", "SubOrganization", "x0"), *modules(), role("x0/r", {"*": ALL}), user("x0/u", "r")
    )

    assert made.organizations.broken("x0").count("→") == size
    if size < 32:
        assert "cycle" in made.organizations.broken("y")
    assert not any(held(made, ref("x0/u"), name) for name in [*names, "y"])


def test_invariant_5_a_suborganization_has_no_subscription():
    """It uses its client's, so that a subscription of its own is refused."""
    taken = [{"product": "FlexxClient"}]

    assert problems("Organization", {"type": "SubOrganization", "parent": "b", "subscriptions": taken})
    assert "b" == world(*HOUSE).organizations.client("d")


@pytest.mark.parametrize(("owner", "target"), list(product(["b", "d"], ["platform", "a", "c", "ghost"])))
def test_invariants_6_and_7_a_role_reaches_its_owner_and_below(owner, target):
    """Invariants 6 and 7: an entry upward, sideways or into nothing is refused, and gives nothing where it stands."""
    entry = role(f"{owner}/x", {target: ALL})
    made = world(*HOUSE, entry, user(f"{owner}/x", "x"))

    assert "ReferenceMissing" in reasons("a/boss", entry)
    assert not any(held(made, ref(f"{owner}/x"), place) for place in made.organizations.by_name)


def test_invariant_8_one_entry_an_organization():
    """Two entries for one organization, or two for all, are refused."""
    once = {"organization": "b", "levels": {}}
    everywhere = {"organization": "*", "levels": {}}

    assert problems("AccessRole", {"entries": [once, once]}, "b")
    assert problems("AccessRole", {"entries": [everywhere, everywhere]}, "b")
    assert () == problems("AccessRole", {"entries": [once, everywhere]}, "b")


def test_invariant_9_the_particular_entry_wins_whole():
    """It replaces `*` whole: a module that it leaves out is no access, and so is one without levels."""
    made = world(*HOUSE, role("a/x", {"*": ALL, "b": {"portal": "User"}, "c": {}}), user("a/x", "x"))

    assert permissions({"portal": "User"}) == held(made, ref("a/x"), "b")
    assert frozenset() == held(made, ref("a/x"), "c")
    assert permissions(ALL) == held(made, ref("a/x"), "d")


def test_invariant_9_the_nearest_above_comes_next():
    """An entry that includes dependents counts below, before `*`, where none is more particular."""
    entries = {"*": {"analyzer": "Access"}, "b+": {"portal": "User"}, "e": {"automate": "Viewer"}}
    made = world(*HOUSE, role("a/x", entries), user("a/x", "x"))

    assert permissions({"portal": "User"}) == held(made, ref("a/x"), "d")
    assert permissions({"automate": "Viewer"}) == held(made, ref("a/x"), "e")
    assert permissions({"analyzer": "Access"}) == held(made, ref("a/x"), "c")


def test_invariant_10_without_an_entry_there_is_no_access():
    """A role for one dependent gives nothing in its owner, nor in any other."""
    made = world(*HOUSE, role("a/x", {"b": ALL}), user("a/x", "x"))

    assert ["b"] == [place for place in made.organizations.by_name if held(made, ref("a/x"), place)]


FOREIGN = [
    {"automate": "Viewer"},
    {"analyzer": "Access"},
    {"workspaces": "L1ReadOnly"},
    {"portal": "User", "workspaces": "L2"},
]


@pytest.mark.parametrize("given", FOREIGN, ids=str)
def test_invariant_11_nobody_gives_more_than_they_hold(given):
    """An administrator of the portal alone gives nothing of another module, to themselves or to others."""
    before = world(*HOUSE, role("b/admins", {"*": ADMIN}), user("b/ada", "admins"))

    for documents in ([role("b/x", {"b": given})], [role("b/admins", {"b": ADMIN | given})]):
        refused = {one.reason for one in judge(before, changes(*documents), ref("b/ada"), at=AT)}
        assert {"CeilingExceeded"} == refused


@pytest.mark.parametrize("functionality", MANAGED)
def test_invariant_12_only_an_administrator_manages(functionality):
    """No User writes them, at whatever level of workspaces; an administrator does, here and where the role reaches."""
    rows = {one for one in permissions(ALL) if one.module == "portal" and one.functionality == functionality}
    writing = {one for one in rows if one.action != "View"}

    assert writing
    assert rows <= permissions(ADMIN)
    for level in WORKSPACES:
        assert not rows & permissions({"portal": "User", "workspaces": level})


def test_invariant_12_an_administrator_above_reaches_it_by_a_role():
    """The partner's administrator manages the client through an entry that reaches it, and not without one."""
    far = [role("a/far", {"*": ADMIN}), user("a/far", "far")]
    near = [role("a/near", {"a": ADMIN}), user("a/near", "near")]
    before = world(*HOUSE, *far, *near)

    assert () == judge(before, changes(role("b/x", {})), ref("a/far"), at=AT)
    assert judge(before, changes(role("b/x", {})), ref("a/near"), at=AT)


def test_invariant_13_conditions_look_at_the_same_organization():
    """`if L2` is about the level held in that very organization, whatever is held elsewhere."""
    entries = {"b": {"portal": "User", "workspaces": "L2"}, "c": {"portal": "User"}}
    made = world(*HOUSE, role("a/x", entries), user("a/x", "x"))
    create = permission("portal: Microservices Create")

    assert allowed(made, "x@a", "b", create).allowed
    assert not allowed(made, "x@a", "c", create).allowed
    assert "condition" == allowed(made, "x@a", "c", create).chain[-1].step


def test_invariant_14_levels_compare_as_sets():
    """L2 holds all of L1 and of L2ReadOnly, both all of L1ReadOnly; L1 and L2ReadOnly hold what the other lacks."""
    low, first, reading, second = (permissions({"workspaces": level}) for level in WORKSPACES)

    assert low < first < second
    assert low < reading < second
    assert first - reading
    assert reading - first
    assert [7, 13, 16, 36] == [len(one) for one in (low, first, reading, second)]


def test_invariant_15_analyzer_is_access_or_none_and_never_writes():
    """One level, and it views."""
    module = world(*modules()).matrices.by_name["analyzer"]

    assert ["Access"] == [level.name for level in module.spec.levels]
    assert {"View"} == {one.action for one in permissions({"analyzer": "Access"})}


def test_invariant_16_siblings_see_nothing_of_each_other():
    """A suborganization's people hold nothing in its sibling or its client; the client's hold all in both."""
    made = world(*HOUSE)

    assert ["d"] == [place for place in made.organizations.by_name if held(made, ref("d/boss"), place)]
    assert ["b", "d", "e"] == [place for place in made.organizations.by_name if held(made, ref("b/boss"), place)]


def test_invariant_29_a_client_that_denies_its_partner_is_not_managed_by_it():
    """Whatever the partner's roles say by `*` or by name, there and below; the client's own people stay."""
    denied = organization("b", "Client", "a", partnerAccess="Denied")
    made = world(*HOUSE, denied, role("a/x", {"*": ALL, "b+": ALL, "d": ALL}), user("a/x", "x"))

    for person in ("a/boss", "a/x"):
        assert ["a", "c"] == [place for place in made.organizations.by_name if held(made, ref(person), place)]
    assert ["b", "d", "e"] == [place for place in made.organizations.by_name if held(made, ref("b/boss"), place)]
    answer = allowed(made, "boss@a", "d", permission("portal: Users View"))
    assert "partnerAccess: Denied" in answer.because
