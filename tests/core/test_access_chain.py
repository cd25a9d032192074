"""Every answer comes with the chain that led to it: user, role, entry, level, row, condition."""

import pytest

from assent.core.access import Step, allowed, allowed_to, holds
from builders import ALL, module, modules, organization, permission, ref, role, tree, user, world

ODD = module(
    "odd", {"Things View": [("A", "portal", ["User"]), ("B", "analyzer", ["Access"]), ("A", "automate", ["Viewer"])]}
)
HOUSE = world(
    *tree("-aab"),
    organization("e", "Client", "a", partnerAccess="Denied"),
    organization("f", "Client", "ghost"),
    *modules(),
    ODD,
    role("a/team", {"b+": {"portal": "User"}, "c": {"portal": "User", "workspaces": "L2"}, "*": ALL}),
    role("a/bare", {"b": {"odd": "A"}}),
    user("a/maria", "team", aliases=["mlopez"]),
    user("a/bob", "bare"),
    user("a/gone", "team", suspended=True),
    user("a/idle"),
    user("a/lost", "ghosts"),
)
USER = Step("user", "a/maria", "maria@a is a user of a")
ROLE = Step("role", "a/team", "the user has the role team of a")
HERE = Step("entry", "c", "the role's entry for c counts there")
ABOVE = Step("entry", "b", "the role's entry for b includes what depends on it")
STAR = Step("entry", "*", "no entry names a, so the role's entry '*' counts")
PLAIN = Step("level", "User", "the entry gives portal User")
ADMIN = Step("level", "OrganizationAdmin", "the entry gives portal OrganizationAdmin")
BOB = [Step("user", "a/bob", "bob@a is a user of a"), Step("role", "a/bare", "the user has the role bare of a")]
BARE = [*BOB, Step("entry", "b", "the role's entry for b counts there")]


def case(name, username, where, what, allowed, *steps):
    return pytest.param(username, where, what, allowed, list(steps), id=name)


CHAINS = [
    case(
        "a stranger",
        "ghost",
        "a",
        "portal: Users View",
        False,
        Step("user", "ghost", "no one user signs in as 'ghost'"),
    ),
    case("suspended", "gone@a", "a", "portal: Users View", False, Step("user", "a/gone", "the user is suspended")),
    case(
        "without a role",
        "idle@a",
        "a",
        "portal: Users View",
        False,
        Step("user", "a/idle", "idle@a is a user of a"),
        Step("role", "", "the user has no role"),
    ),
    case(
        "a role that does not exist",
        "lost@a",
        "a",
        "portal: Users View",
        False,
        Step("user", "a/lost", "lost@a is a user of a"),
        Step("role", "a/ghosts", "the role a/ghosts does not exist"),
    ),
    case(
        "a broken line",
        "maria@a",
        "f",
        "portal: Users View",
        False,
        USER,
        ROLE,
        Step("entry", "f", "nothing is allowed in f: the organization 'ghost', the parent of 'f', does not exist"),
    ),
    case(
        "an organization that does not exist",
        "maria@a",
        "nowhere",
        "portal: Users View",
        False,
        USER,
        ROLE,
        Step("entry", "nowhere", "nothing is allowed in nowhere: the organization 'nowhere' does not exist"),
    ),
    case(
        "a client that denies its partner",
        "maria@a",
        "e",
        "portal: Users View",
        False,
        USER,
        ROLE,
        Step("entry", "e", "e denies its partner a all rights (partnerAccess: Denied)"),
    ),
    case(
        "no entry",
        "bob@a",
        "c",
        "portal: Users View",
        False,
        *BOB,
        Step("entry", "c", "no entry of the role is for c, and it has no entry '*'"),
    ),
    case(
        "no level of the module",
        "bob@a",
        "b",
        "portal: Users View",
        False,
        *BARE,
        Step("level", "", "the entry gives no level of portal"),
    ),
    case(
        "no such row",
        "maria@a",
        "c",
        "portal: Flows Delete",
        False,
        USER,
        ROLE,
        HERE,
        PLAIN,
        Step("row", "portal: Flows Delete", "no module has such a row, and what no row grants is denied"),
    ),
    case(
        "a level that the row does not admit",
        "maria@a",
        "d",
        "portal: Users View",
        False,
        USER,
        ROLE,
        ABOVE,
        PLAIN,
        Step("row", "P39", "the row does not admit User"),
    ),
    case(
        "a condition that is not fulfilled",
        "maria@a",
        "d",
        "portal: Microservices Create",
        False,
        USER,
        ROLE,
        ABOVE,
        PLAIN,
        Step("row", "P03", "the row admits User"),
        Step("condition", "no level", "it needs workspaces L2 in the same organization, and there is no level"),
    ),
    case(
        "a condition that is fulfilled",
        "mlopez",
        "c",
        "portal: Microservices Create",
        True,
        USER,
        ROLE,
        HERE,
        PLAIN,
        Step("row", "P03", "the row admits User"),
        Step("condition", "L2", "workspaces L2 fulfils the row's condition"),
    ),
    case(
        "an unconditional row",
        "maria@a",
        "a",
        "portal: Users View",
        True,
        USER,
        ROLE,
        STAR,
        ADMIN,
        Step("row", "P39", "the row admits OrganizationAdmin"),
    ),
    case(
        "a row without provenance and with two conditions",
        "bob@a",
        "b",
        "odd: Things View",
        False,
        *BARE,
        Step("level", "A", "the entry gives odd A"),
        Step("row", "odd: Things View", "the row admits A"),
        Step("condition", "no level", "it needs portal User in the same organization, and there is no level"),
    ),
]


@pytest.mark.parametrize(("username", "where", "what", "expected", "steps"), CHAINS)
def test_the_chain_says_every_step_and_ends_where_it_breaks(username, where, what, expected, steps):
    """Nothing is left out before the link that decides, and nothing comes after it."""
    answer = allowed(HOUSE, username, where, permission(what))

    assert (expected, steps) == (answer.allowed, list(answer.chain))
    assert steps[-1].because == answer.because


def test_rights_flow_downward_only_and_the_chain_says_so():
    """Upward and sideways the entry is out of reach, whatever the role says."""
    made = world(*tree("-aa"), *modules(), role("b/all", {"*": ALL}), user("b/bea", "all"))
    answer = allowed(made, "bea@b", "c", permission("portal: Users View"))

    assert "c is neither b nor depends on it, and rights flow downward only" == answer.because


def test_a_known_person_needs_no_unique_name():
    """Asked for the person, a name that somebody else has as well does not matter; one who is not there has nothing."""
    twin = world(
        *tree("+"), *modules(), role("a/all", {"*": ALL}), user("a/one", "all"), user("a/two", username="one@a")
    )
    view = permission("portal: Users View")

    assert not allowed(twin, "one@a", "a", view).allowed
    assert allowed_to(twin, ref("a/one"), "a", view).allowed
    assert holds(twin, ref("a/one"), "a", view)
    assert not holds(twin, ref("a/two"), "a", view)
    assert not holds(twin, ref("a/none"), "a", view)
    assert "there is no user a/none" == allowed_to(twin, ref("a/none"), "a", view).because
