"""Who may write what: every row of the table, with exactly the right it names, without it, and with it elsewhere."""

from datetime import UTC, datetime

import pytest

from assent.core.writes import judge
from builders import (
    changes,
    document,
    enablement,
    flow,
    module,
    organization,
    ref,
    role,
    service,
    tree,
    use,
    user,
    world,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

VERBS = ("Create", "Modify", "Delete")
ROWS = [
    *(
        f"portal: {kind} {verb}"
        for kind in ("Roles", "Users", "Microservices")
        for verb in ("Create", "Modify", "Delete")
    ),
    *(f"portal: Organizations {verb}" for verb in ("Create", "Modify", "Delete")),
    *("portal: Modules Create", "portal: Modules Modify", "portal: Flows Create", "portal: Flows Modify"),
    *("portal: Enabled microservices Modify", "automate: Requests Approve"),
]
"""Every permission that governs a kind."""


def matrix(name, some):
    """A module with two levels: `All` holds every row, `Some` only these."""
    rows = [row for row in ROWS if row.startswith(f"{name}:")]
    grants = {row.split(": ")[1]: ["All", "Some"] if row in some else ["All"] for row in rows}
    return module(name, grants | {"Nothing View": ["All", "Some"]})


EVERY = {"portal": "All", "automate": "All"}
SOME = {"portal": "Some", "automate": "Some"}

PLAIN = [
    *tree("P-aab+"),
    role("b/idle", {}),
    user("b/ida", "idle"),
    service("b/reset"),
    service("b/other"),
    enablement("b/reset", "b/reset"),
    enablement("b/other", "b/other", approvals=[use("b/manager")], parameters={"type": "object"}),
    flow("b/manager"),
]


def guards(levels):
    """One Human who holds these levels in every organization, so that none is on its first day."""
    owners = ("platform", "a", "e")
    roles = [role(f"{owner}/guards", {"*": levels}) for owner in owners]
    return [*roles, *(user(f"{owner}/guard", "guards") for owner in owners)]


HOMES = {"a": "a", "b": "a", "platform": "platform", "e": "e"}
"""Where an author lives whose role names the organization: rights flow downward only."""


def verdict(before, change, where, some, entries):
    """The judgement of a change by somebody whose role has these entries, where the level `Some` holds these rows."""
    home = HOMES[where]
    writer = [role(f"{home}/writers", entries), user(f"{home}/writer", "writers")]
    matrices = [matrix("portal", some), matrix("automate", some)]
    return judge(world(*PLAIN, *matrices, *guards(EVERY), *before, *writer), change, ref(f"{home}/writer"), at=AT)


def case(name, where, needs, *documents, before=(), gone=(), restricted=()):
    """One row of the table: what is done, where which rights are needed for it, and which of them guard a field."""
    return pytest.param(list(before), changes(*documents, gone=gone), where, needs, restricted, id=name)


def portal(*rows):
    return [f"portal: {row}" for row in rows]


APPROVE = ["automate: Requests Approve"]
NEW = organization("n", "Client", "a")
SUBSCRIBED = [{"product": "FlexxDesktop", "tier": "Standard"}]
PRODUCTS = [{"name": "FlexxDesktop", "tiers": [{"name": "Standard"}, {"name": "Enterprise"}]}]

TABLE = [
    case("create a client of a partner", "a", portal("Organizations Create"), NEW),
    case("create a suborganization", "b", portal("Organizations Create"), organization("n", "SubOrganization", "b")),
    case("create a partner", "platform", portal("Organizations Create"), organization("n", "Partner")),
    case("create a client of no partner", "platform", portal("Organizations Create"), organization("n", "Client")),
    case(
        "create a client with subscriptions",
        "platform",
        portal("Organizations Modify"),
        organization("n", "Client", "a", subscriptions=SUBSCRIBED),
        restricted=portal("Organizations Modify"),
    ),
    case(
        "change an organization",
        "b",
        portal("Organizations Modify"),
        organization("b", "Client", "a", displayName="B", categories=["Image Management"]),
    ),
    case(
        "change subscriptions",
        "platform",
        portal("Organizations Modify"),
        organization("b", "Client", "a", subscriptions=SUBSCRIBED),
        restricted=portal("Organizations Modify"),
    ),
    case(
        "change products",
        "platform",
        portal("Organizations Modify"),
        organization("platform", "Platform", products=PRODUCTS),
        restricted=portal("Organizations Modify"),
    ),
    case(
        "change a parent",
        "platform",
        portal("Organizations Modify"),
        organization("c", "Client"),
        restricted=portal("Organizations Modify"),
    ),
    case("delete a client of a partner", "a", portal("Organizations Delete"), before=[NEW], gone=["Organization/n"]),
    case(
        "delete a client of no partner",
        "platform",
        portal("Organizations Delete"),
        before=[organization("n", "Client")],
        gone=["Organization/n"],
    ),
    case("create a module", "platform", portal("Modules Create"), module("extra", {"Things View": ["Reader"]})),
    case(
        "change a module",
        "platform",
        portal("Modules Modify"),
        module("extra", {"Things View": ["Reader", "Writer"]}),
        before=[module("extra", {"Things View": ["Writer"]}), *guards({**EVERY, "extra": "Writer"})],
    ),
    case("create a role", "b", portal("Roles Create"), role("b/new", {"*": {}})),
    case("change a role", "b", portal("Roles Modify"), role("b/idle", {"b": {}})),
    case("delete a role", "b", portal("Roles Delete"), before=[role("b/old", {})], gone=["AccessRole/b/old"]),
    case("create a user", "b", portal("Users Create"), user("b/new", "idle")),
    case("change a user", "b", portal("Users Modify"), user("b/ida", "idle", department="IT", aliases=["ida"])),
    case("suspend a user", "b", portal("Users Modify"), user("b/ida", "idle", suspended=True)),
    case("delete a user", "b", portal("Users Delete"), gone=["User/b/ida"]),
    case("create a microservice", "b", portal("Microservices Create"), service("b/new")),
    case("change a microservice", "b", portal("Microservices Modify"), service("b/reset", costNote="free")),
    case(
        "delete a microservice",
        "b",
        portal("Microservices Delete"),
        before=[service("b/old")],
        gone=["Microservice/b/old"],
    ),
    case(
        "create an enablement",
        "b",
        portal("Enabled microservices Modify"),
        enablement("b/new", "b/new"),
        before=[service("b/new")],
    ),
    case(
        "change an enablement",
        "b",
        portal("Enabled microservices Modify"),
        enablement("b/reset", "b/reset", state="Disabled", approvals=[use("b/manager")]),
    ),
    case(
        "delete an enablement that asks for nothing",
        "b",
        portal("Enabled microservices Modify"),
        gone=["EnabledMicroservice/b/reset"],
    ),
    case(
        "loosen an enablement",
        "b",
        portal("Enabled microservices Modify") + APPROVE,
        enablement("b/other", "b/other", parameters={"type": "object"}),
        restricted=APPROVE,
    ),
    case(
        "delete an enablement that asks for approvals",
        "b",
        portal("Enabled microservices Modify") + APPROVE,
        gone=["EnabledMicroservice/b/other"],
        restricted=APPROVE,
    ),
    case("create a flow", "b", portal("Flows Create") + APPROVE, flow("b/new")),
    case("change a flow", "b", portal("Flows Modify") + APPROVE, flow("b/manager", selfApproval="Allowed")),
    case("delete a flow", "b", portal("Flows Modify") + APPROVE, before=[flow("b/old")], gone=["ApprovalFlow/b/old"]),
]


EACH = pytest.mark.parametrize(("before", "change", "where", "needs", "restricted"), TABLE)


@EACH
def test_the_right_that_the_table_names_is_enough(before, change, where, needs, restricted):
    """With exactly the right of the row, in the organization that the row names, the write is taken over."""
    assert () == verdict(before, change, where, needs, {where: SOME})


@EACH
def test_every_other_right_is_not_enough(before, change, where, needs, restricted):
    """With every right but that one it is refused, and the message names the permission and the organization."""
    for need in needs:
        (refusal,) = verdict(before, change, where, {*ROWS} - {need}, {"*": EVERY, where: SOME})

        assert next(iter(change)) == refusal.ident
        assert ("RestrictedField" if need in restricted else "AuthorNotAllowed") == refusal.reason
        assert f"{need} in {where}" in refusal.message
        assert f"guard@{HOMES[where]}" in refusal.hint
        assert "row" == refusal.chain[-1].step


@EACH
def test_the_right_elsewhere_is_not_enough(before, change, where, needs, restricted):
    """Every right everywhere else that the author's role can reach does not make up for it."""
    refusals = verdict(before, change, where, (), {"*": EVERY, where: {}})

    assert sorted(needs) == sorted(need for need in ROWS for one in refusals if f"{need} in {where}" in one.message)
    assert len(needs) == len(refusals)


def test_what_is_contracted_and_what_is_ones_own_are_two_rights():
    """Nobody needs the client's right for its subscriptions, nor the Platform's for its name; both fields need both."""
    both = changes(organization("b", "Client", "a", subscriptions=SUBSCRIBED, displayName="B", email="b@b.example"))
    (refusal,) = verdict([], both, "platform", portal("Organizations Modify"), {"*": SOME})
    assert (
        "to write displayName, email of Organization/b one needs portal: Organizations Modify in b" in refusal.message
    )

    (refusal,) = verdict([], both, "b", portal("Organizations Modify"), {"*": SOME})
    assert "to write subscriptions of Organization/b one needs" in refusal.message


def test_labels_need_the_right_too():
    """A document that says the same with other labels is written by somebody."""
    labelled = changes(document("Organization", "b", {"type": "Client", "parent": "a"}, labels={"x": "y"}))
    (refusal,) = verdict([], labelled, "b", (), {"*": SOME})

    assert "to write metadata of Organization/b one needs portal: Organizations Modify in b" in refusal.message
    assert () == verdict([], labelled, "b", portal("Organizations Modify"), {"*": SOME})


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param(0, "guard@a", id="one"),
        pytest.param(2, "guard@a, other0@b, other1@b", id="three"),
        pytest.param(4, "guard@a, other0@b, other1@b and 2 more", id="five"),
    ],
)
def test_the_hint_names_who_could_write_it(others, expected):
    """Up to three people who hold the right, and nobody who does not."""
    extra = [role("b/able", {"b": EVERY}), *(user(f"b/other{number}", "able") for number in range(others))]
    (refusal,) = verdict(extra, changes(role("b/new", {})), "b", (), {"b": SOME})

    assert f"have it written by somebody who holds it: {expected}" == refusal.hint


def test_the_hint_says_where_nobody_could_write_it():
    """Then the right has to be given to somebody first."""
    people = [role("b/idle", {}), user("b/ida", "idle")]
    before = world(*tree("P-aab"), matrix("portal", ()), matrix("automate", ()), *people)
    (refusal,) = judge(before, changes(role("b/new", {})), ref("b/ida"), at=AT)

    assert "nobody holds portal: Roles Create in b today; have it given to somebody there" == refusal.hint


def test_without_a_platform_nobody_has_its_rights():
    """What is held in the Platform is held nowhere where there is none, and the message says so."""
    people = [role("a/bosses", {"*": EVERY}), user("a/boss", "bosses")]
    before = world(*tree("-a"), matrix("portal", ()), matrix("automate", ()), *people)
    (refusal,) = judge(before, changes(module("x", {"Things View": ["Reader"]})), ref("a/boss"), at=AT)

    assert "AuthorNotAllowed" == refusal.reason
    assert "there is no Platform" in refusal.message
    assert refusal.hint
