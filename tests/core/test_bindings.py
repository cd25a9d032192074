"""Which ClusterRole is bound to whom where: what rights come to, for all of a person's names, and for nobody else."""

import time

import pytest

from assent.core.access import held
from assent.core.bindings import LEVELS, desired, levels
from assent.core.permissions import Permission
from builders import (
    ADMIN,
    ALL,
    enablement,
    everything,
    flow,
    module,
    modules,
    organization,
    permission,
    role,
    service,
    stage,
    tree,
    use,
    user,
    world,
)


def bound(*documents, shape="P-aab+"):
    """By ClusterRole (without `assent-`) and namespace: `viewer@a` is a RoleBinding, `cluster-viewer` cluster-wide."""
    found = desired(world(*tree(shape), *modules(), *documents))
    return {
        name.removeprefix("assent-") + (f"@{where}" if where else ""): [*names]
        for (where, name), names in found.items()
    }


def places(*documents, who, shape="P-aab+"):
    """What one name is bound to."""
    return {place for place, names in bound(*documents, shape=shape).items() if who in names}


def admins(*names):
    """Somebody who governs each of these organizations, so that it is no longer its first day."""
    return [one for name in names for one in (role(f"{name}/top", {name: ADMIN}), user(f"{name}/boss", "top"))]


GOVERNED = admins("platform", *"abcde")


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param({"automate": "Viewer"}, {"viewer"}, id="who-sees-requests"),
        pytest.param({"automate": "Requester"}, {"viewer", "requester"}, id="who-opens-them"),
        pytest.param({"automate": "Approver"}, {"viewer", "requester", "approver"}, id="who-approves"),
        pytest.param({"automate": "Manager"}, {"viewer", "requester", "approver"}, id="who-cancels"),
        pytest.param(ADMIN, {"viewer", "author"}, id="an-administrator-of-the-portal-opens-nothing"),
        pytest.param({"portal": "User", "workspaces": "L2ReadOnly"}, {"viewer"}, id="who-sees-microservices"),
        pytest.param({"portal": "User", "workspaces": "L2"}, {"viewer", "author"}, id="who-writes-microservices"),
        pytest.param({"analyzer": "Access"}, set(), id="a-right-that-is-not-about-documents"),
        pytest.param(ALL, {"viewer", "requester", "approver", "author"}, id="everything"),
    ],
)
def test_what_each_level_comes_to(level, expected):
    """Each right comes to the ClusterRole that it needs, and to no other; with any of them one may read."""
    found = places(*GOVERNED, role("b/r", {"b": level}), user("b/u", "r"), who="u@b")

    assert {f"{one}@b" for one in expected} == {one for one in found if "@" in one}
    assert "cluster-viewer" in found


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([role("a/r", {"*": {"automate": "Viewer"}})], {"a", "b", "c", "d"}, id="everywhere-below"),
        pytest.param([role("a/r", {"b": {"automate": "Viewer"}})], {"b"}, id="one-entry"),
        pytest.param([role("a/r", {"b+": {"automate": "Viewer"}})], {"b", "d"}, id="with-dependents"),
        pytest.param(
            [role("a/r", {"*": {"automate": "Viewer"}, "b": {}})], {"a", "c", "d"}, id="an-entry-that-takes-away"
        ),
        pytest.param(
            [role("a/r", {"*": {"automate": "Viewer"}}), organization("b", "Client", "a", partnerAccess="Denied")],
            {"a", "c"},
            id="a-client-closed-to-its-partner",
        ),
        pytest.param(
            [role("a/r", {"*": {"automate": "Viewer"}}), organization("b", "Client", "gone")], {"a", "c"}, id="broken"
        ),
    ],
)
def test_a_role_is_bound_wherever_it_reaches(documents, expected):
    """In every namespace that the role reaches, and in none besides."""
    found = places(*GOVERNED, *documents, user("a/u", "r"), who="u@a")

    assert {f"viewer@{name}" for name in expected} | {"cluster-viewer"} == found


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([user("b/u", "r", aliases=["ulla", "U2"])], ["U2", "u@b", "ulla"], id="all-names-sorted"),
        pytest.param([user("b/u", "r", suspended=True)], None, id="suspended"),
        pytest.param([user("b/u")], None, id="without-a-role"),
        pytest.param([user("b/u", "gone")], None, id="a-role-that-is-not-there"),
        pytest.param([role("b/no", {"*": {}}), user("b/u", "no")], None, id="a-role-that-gives-nothing"),
        pytest.param(
            [user("b/u", "r", aliases=["x"]), user("b/v", "r", aliases=["x"])], ["u@b", "v@b"], id="anothers-name"
        ),
        pytest.param(
            [user("b/ci", "r", username="system:serviceaccount:ci:robot", type="Automation")],
            ["system:serviceaccount:ci:robot"],
            id="an-automation",
        ),
        pytest.param(
            [user("b/ci", "r", username="system:anonymous", aliases=["ci", "system:admin"], type="Automation")],
            ["ci"],
            id="no-name-that-kubernetes-keeps-for-itself",
        ),
    ],
)
def test_by_which_names_a_person_is_bound(people, expected):
    """By every name that is theirs alone; who is suspended, or has no role, by none."""
    found = bound(*GOVERNED, role("b/r", {"b": {"automate": "Viewer"}}), *people)

    assert (expected or []) == [name for name in found["viewer@b"] if not name.startswith("boss@")]
    assert (expected or []) == [name for name in found["cluster-viewer"] if not name.startswith("boss@")]


def test_organizations_and_modules_are_written_by_who_may():
    """A right on Organizations anywhere, or on Modules in the Platform, comes to the cluster-wide author."""
    shaper = {"portal": "Shaper"}
    rows = {"Modules Create": ["Shaper"], "Users View": ["Shaper"], "Organizations Create": ["Founder"]}
    found = desired(
        world(
            *tree("P-a+"),
            *(one for one in modules() if one.name != "portal"),
            portal(rows),
            *[role("platform/r", {"platform": shaper}), user("platform/ok", "r")],
            *[role("a/r", {"a": shaper}), user("a/elsewhere", "r")],
            *[role("a/f", {"a": {"portal": "Founder"}}), user("a/founder", "f")],
        )
    )

    assert ("founder@a", "ok@platform") == found["", "assent-cluster-author"]
    assert ("elsewhere@a", "founder@a", "ok@platform") == found["", "assent-cluster-viewer"]


def portal(rows):
    """A portal of these rows alone."""
    return module("portal", rows)


ASKED = [service("platform/s", enabledByDefault=True, approvals=[use("platform/f")])]
PLATFORMERS = [
    role("platform/r", {"platform": {"automate": "Approver"}}),
    user("platform/ingrid", "r"),
    user("platform/bot", "r", type="Automation"),
    role("platform/v", {"platform": {"automate": "Viewer"}}),
    user("platform/vera", "v"),
]
TO_PLATFORM = flow("platform/f", stage("last", "Platform"))


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([*ASKED, TO_PLATFORM], {*"abcde"}, id="a-public-one"),
        pytest.param([*ASKED, flow("platform/f", stage("s", "Requesting"))], set(), id="no-stage-of-theirs"),
        pytest.param([*ASKED, flow("platform/f", stage("s", "platform"))], {*"abcde"}, id="by-name"),
        pytest.param([*ASKED, flow("platform/f", stage("s", users=[{"name": "ingrid"}]))], {*"abcde"}, id="a-user"),
        pytest.param(
            [*ASKED, flow("platform/f", stage("s", "Client", roles=[{"name": "r"}]))], set(), id="a-role-of-others"
        ),
        pytest.param(
            [*ASKED, flow("platform/f", stage("s", "Platform", users=[{"organization": "b", "name": "x"}]))],
            set(),
            id="a-user-who-is-no-member",
        ),
        pytest.param(
            [service("b/s", approvals=[use("platform/f")]), TO_PLATFORM], {"b", "d"}, id="a-client's-and-below"
        ),
        pytest.param(
            [service("platform/s"), enablement("b/s", "platform/s", approvals=[use("platform/f")]), TO_PLATFORM],
            {"b", "d"},
            id="an-enablement's-and-below",
        ),
        pytest.param([TO_PLATFORM], set(), id="a-flow-that-nothing-names"),
        pytest.param(
            [*ASKED, TO_PLATFORM, organization("b", "Client", "gone")], {"a", "c", "e"}, id="not-in-a-broken-line"
        ),
    ],
)
def test_the_platform_s_approvers_come_where_a_stage_may_be_theirs(documents, expected):
    """Humans who approve in the Platform are approvers wherever a flow may ask for a member of it, and nowhere else."""
    found = bound(*GOVERNED, *PLATFORMERS, *documents)
    where = {name for name in "abcde" if "ingrid@platform" in found.get(f"approver@{name}", ())}

    assert expected == where
    assert expected == {name for name in "abcde" if "ingrid@platform" in found.get(f"viewer@{name}", ())}
    assert not any(
        {"bot@platform", "vera@platform"} & {*names} for place, names in found.items() if place[-2:] in ("@b", "@e")
    )


@pytest.mark.parametrize(
    ("documents", "who", "expected"),
    [
        pytest.param([], "boss@a", {"a", "b"}, id="the-partner-s-for-a-client"),
        pytest.param([], "boss@platform", {"c", "platform"}, id="the-platform-s-where-nothing-is-above"),
        pytest.param(admins("b"), "boss@a", {"a"}, id="not-once-somebody-governs-it"),
        pytest.param(
            [organization("b", "Client", "a", partnerAccess="Denied")], "boss@a", {"a"}, id="not-where-it-is-closed"
        ),
        pytest.param(
            [*admins("b"), user("b/boss", "top", suspended=True)], "boss@a", {"a", "b"}, id="again-once-all-are-gone"
        ),
        pytest.param(
            [role("b/top", {"b": ADMIN}), user("b/ci", "top", type="Automation")],
            "boss@a",
            {"a", "b"},
            id="an-automation-governs-nothing",
        ),
        pytest.param(
            [*admins("b"), user("b/ada", "top", type="Automation")], "boss@a", {"a"}, id="a-human-beside-it-does"
        ),
        pytest.param(
            [role("a/v", {"*": {"automate": "Viewer"}}), user("a/vera", "v")], "vera@a", set(), id="no-founder"
        ),
    ],
)
def test_who_acts_for_an_organization_on_its_first_day_is_an_author_there(documents, who, expected):
    """Founders are bound as authors in what depends on them, until somebody there governs it."""
    found = places(*admins("platform", "a"), *documents, who=who, shape="P-a+")

    assert expected == {place.removeprefix("author@") for place in found if place.startswith("author@")}


def test_nothing_is_bound_that_nobody_needs():
    """A world without people, and one without organizations, come to no binding."""
    assert {} == bound()
    assert {} == desired(world())


def test_every_right_that_somebody_has_is_met():
    """Whoever may open, decide or write something somewhere is bound to what lets them come with it there."""
    documents = [
        *tree("P-aab+"),
        *modules(),
        *[role("a/r", {"*": {"portal": "User", "workspaces": "L2"}, "b+": ALL}), user("a/u", "r")],
        *[role("b/s", {"*": {"automate": "Requester"}, "d": ADMIN}), user("b/v", "s", aliases=["vee"])],
        *[role("platform/t", {"*": ALL}), user("platform/w", "t")],
    ]
    found = desired(world(*documents))
    unmet = [
        (name, where, row)
        for name, where, *row in everything(documents)
        for cluster_role, rights in LEVELS.items()
        if Permission(*row) in rights and name not in found[where, cluster_role]
    ]

    assert [] == unmet


def test_what_no_right_needs_is_not_bound():
    """A binding in a namespace rests on a right there; without founders and a platform there is no other reason."""
    made = world(
        *tree("-aab"),
        *modules(),
        *[role("a/r", {"*": {"automate": "Requester"}, "b": ADMIN}), user("a/u", "r")],
        *[role("b/s", {"d": ALL}), user("b/v", "s")],
    )
    wrong = [
        (where, cluster_role, name)
        for (where, cluster_role), names in desired(made).items()
        for name in names
        if where and cluster_role not in levels(held(made, made.people.named(name), where))
    ]

    assert [] == wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("automate: Requests View", {"viewer"}),
        ("automate: Requests Create", {"viewer", "requester"}),
        ("automate: Requests Approve", {"viewer", "approver"}),
        ("automate: Requests Cancel", {"viewer", "approver"}),
        ("portal: Users View", {"viewer"}),
        ("portal: Users Delete", {"viewer", "author"}),
        ("portal: Roles Create", {"viewer", "author"}),
        ("portal: Microservices Modify", {"viewer", "author"}),
        ("portal: Enabled microservices Modify", {"viewer", "author"}),
        ("portal: Flows Modify", {"viewer", "author"}),
        ("portal: Organizations Modify", set()),
        ("portal: Modules Create", set()),
        ("workspaces: Sessions View", set()),
        ("automate: Other View", set()),
    ],
)
def test_what_each_right_needs_by_itself(text, expected):
    """One right, whatever level gives it; what is about no document of a namespace opens no door to it."""
    assert {f"assent-{one}" for one in expected} == levels(frozenset({permission(text)}))


def test_thousands_of_people_are_no_work():
    """Work grows with roles and organizations, not with people: 20,000 of them take seconds at the most."""
    clients = [organization(f"c{number}", "Client", "a") for number in range(100)]
    people = [user(f"a/u{number}", "r", signingKeys=[]) for number in range(10_000)]
    own = [
        one
        for client in clients
        for one in (
            role(f"{client.name}/r", {"*": ALL}),
            *(user(f"{client.name}/u{number}", "r", signingKeys=[]) for number in range(100)),
        )
    ]
    roles = [role("a/r", {"*": {"automate": "Requester"}})]
    made = world(*tree("P-"), *modules(), *clients, *roles, *people, *own)
    began = time.monotonic()
    found = desired(made)
    took = time.monotonic() - began

    assert 10_100 == len(found["c7", "assent-viewer"])
    assert took < 15
