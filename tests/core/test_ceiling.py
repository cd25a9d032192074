"""The grant ceiling: nobody gives what they do not hold, nor touches power that they could not give."""

from datetime import UTC, datetime

import pytest

from assent.core.writes import judge
from builders import ADMIN, ALL, changes, module, modules, organization, ref, role, tree, user, world

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
OPERATOR = {"portal": "User", "workspaces": "L1"}
VIEWER = {"portal": "OrganizationAdmin", "workspaces": "L2ReadOnly"}
HOUSE = world(
    *tree("P-aabb"),
    *modules(),
    *(
        document
        for owner in ("platform", "a")
        for document in (role(f"{owner}/admins", {"*": ALL}), user(f"{owner}/admin", "admins"))
    ),
    role("b/admins", {"b": ADMIN, "d": VIEWER}),
    user("b/bea", "admins"),
    role("b/operators", {"b": {"portal": "User"}}),
    user("b/otto", "operators"),
    role("b/bosses", {"*": ALL}),
    user("b/boss", "bosses"),
    role("a/local", {"a": ADMIN}),
    user("a/leo", "local"),
)
"""The partner a with the clients b and c, and d and e below b.

The portal's administrator bea holds less in d than in b, and nothing in e; leo administers the partner alone.
"""


def refusals(author, *documents, gone=(), before=HOUSE):
    return judge(before, changes(*documents, gone=gone), ref(author), at=AT)


def reasons(*given, **options):
    return [one.reason for one in refusals(*given, **options)]


GIVEN = [
    pytest.param("b/bea", {"b": ADMIN}, True, id="as much as one holds"),
    pytest.param("b/bea", {"b": {"portal": "User"}}, True, id="less"),
    pytest.param("b/bea", {"b": ADMIN | {"automate": "Viewer"}}, False, id="another module"),
    pytest.param("b/bea", {"b": OPERATOR}, False, id="a level that unlocks a condition and a module"),
    pytest.param("b/bea", {"d": VIEWER}, True, id="as much as one holds elsewhere"),
    pytest.param("b/bea", {"d": {"workspaces": "L1"}}, False, id="a level that cannot be compared with one's own"),
    pytest.param("b/bea", {"d": {"workspaces": "L1ReadOnly"}}, True, id="a level that is part of one's own"),
    pytest.param("b/bea", {"e": {"portal": "User"}}, False, id="where one holds nothing"),
    pytest.param("b/bea", {"*": {"portal": "User"}}, False, id="everywhere, where one holds less somewhere"),
    pytest.param("b/bea", {"*": {"portal": "User"}, "e": {}}, True, id="everywhere but there"),
    pytest.param("b/bea", {"b+": {"portal": "User"}, "e": {}}, True, id="with all dependents but one"),
    pytest.param("b/bea", {"b+": {"portal": "User"}}, False, id="with all dependents"),
    pytest.param("b/boss", {"*": ALL}, True, id="all, by one who has all"),
    pytest.param("a/admin", {"*": ALL}, True, id="all, by one above who has all"),
    pytest.param("a/leo", {"b": {"portal": "User"}}, False, id="by one above who has nothing here"),
]


@pytest.mark.parametrize(("author", "entries", "fits"), GIVEN)
def test_a_role_gives_at_most_what_its_author_holds(author, entries, fits):
    """Invariant 11: place by place and permission by permission, also in a role that nobody has yet."""
    assert fits == ("CeilingExceeded" not in reasons(author, role("b/new", entries)))


@pytest.mark.parametrize(("author", "entries", "fits"), GIVEN)
def test_whom_a_role_is_given_to_does_not_matter(author, entries, fits):
    """The same holds for a user who is given a role that exists."""
    there = HOUSE.changed(changes(role("b/new", entries)))

    assert fits == ("CeilingExceeded" not in reasons(author, user("b/new", "new"), before=there))


def test_the_message_says_what_would_be_gained_where():
    """It names the document, the permissions, the organization, the author, and what to do."""
    (refusal,) = refusals("b/bea", role("b/new", {"b": ADMIN | {"automate": "Viewer"}}))

    assert "AccessRole/b/new" in refusal.message
    assert "automate: Requests View in b" in refusal.message
    assert "b/bea" in refusal.message
    assert "no more than you hold" in refusal.hint
    assert ["user", "role", "entry", "level"] == [step.step for step in refusal.chain]


def test_a_role_in_use_gives_no_more_than_its_author_holds():
    """Rule 12: a role that is widened is a grant to all who have it."""
    assert [] == reasons("b/bea", role("b/operators", {"b": ADMIN}))
    assert ["CeilingExceeded"] == reasons("b/bea", role("b/operators", {"b": ADMIN, "d": {"workspaces": "L1"}}))


def test_taking_the_particular_entry_out_is_a_grant_too():
    """What `*` comes to give where nothing more particular stands any longer counts as gained."""
    narrow = HOUSE.changed(changes(role("b/operators", {"*": {"portal": "User"}, "e": {}, "d": {}})))

    assert ["CeilingExceeded"] == reasons(
        "b/bea", role("b/operators", {"*": {"portal": "User"}, "d": {}}), before=narrow
    )


TOUCHED = [
    pytest.param([role("b/bosses", {"b": {}})], [], id="a role is emptied"),
    pytest.param([role("b/bosses", {"*": ALL}, displayName="Bosses")], [], id="a role gets a name"),
    pytest.param([user("b/boss", "operators")], [], id="a user is given less"),
    pytest.param([user("b/boss")], [], id="a user's role is taken"),
    pytest.param([user("b/boss", "bosses", department="IT")], [], id="a user's department"),
    pytest.param([], ["User/b/boss"], id="a user is deleted"),
    pytest.param([], ["User/b/boss", "AccessRole/b/bosses"], id="both are deleted"),
]


@pytest.mark.parametrize(("documents", "gone"), TOUCHED)
def test_nobody_touches_power_that_they_could_not_give(documents, gone):
    """Changing or deleting a role or a user takes all that it gives today."""
    assert {"NotConferable"} == set(reasons("b/bea", *documents, gone=gone))
    assert [] == reasons("a/admin", *documents, gone=gone)


def test_the_message_says_which_power_one_could_not_give():
    """It names the document, a permission, the organization and the author; a leaver can be stopped all the same."""
    (refusal,) = refusals("b/bea", gone=["User/b/boss"])

    assert "User/b/boss" in refusal.message
    assert "analyzer: Analyzer View" in refusal.message
    assert " in b " in refusal.message
    assert "suspended: true" in refusal.hint

    (refusal,) = refusals("b/bea", role("b/bosses", {}))
    assert "suspended" not in refusal.hint


def test_long_lists_are_cut():
    """Three permissions are named, and how many more there are."""
    row = {"module": "automate", "actions": ["Approve", "Cancel", "Create"]}
    shown = ", ".join(f"{row['module']}: Requests {action}" for action in row["actions"])
    (manager,) = refusals("b/bea", role("b/new", {"b": ADMIN | {"automate": "Manager"}}))
    (approver,) = refusals("b/bea", role("b/new", {"b": ADMIN | {"automate": "Approver"}}))

    assert f"gain {shown} and 1 more in b" in manager.message
    assert (
        "gain automate: Requests Approve, automate: Requests Create, automate: Requests View in b" in approver.message
    )


def test_a_role_is_judged_where_it_reaches_not_where_it_stands():
    """Power in a dependent counts although the author has everything in the owner."""
    wide = HOUSE.changed(changes(role("b/far", {"e": {"portal": "User"}})))

    assert ["NotConferable"] == reasons("b/bea", role("b/far", {}), before=wide)


def test_rule_13_nobody_raises_themselves():
    """Rule 13: one's own role and one's own user are no way up, together or one by one."""
    more = role("b/admins", {"b": ADMIN | {"automate": "Manager"}, "d": VIEWER})

    assert ["CeilingExceeded"] == reasons("b/bea", more)
    assert ["CeilingExceeded"] == reasons("b/bea", user("b/bea", "bosses"))
    assert "CeilingExceeded" in reasons("b/bea", user("b/bea", "extra"), role("b/extra", {"*": ALL}))
    assert [] == reasons("b/bea", role("b/admins", {"b": ADMIN}))
    assert [] == reasons("a/admin", more)


def test_ones_own_name_is_no_grant_to_oneself():
    """Who adds a name of their own gains nothing by it, also where the same commit makes an organization they reach."""
    people = role("a/founders", {"a": ADMIN, "*": ALL}), user("a/fay", "founders")
    before = HOUSE.changed(changes(*people))
    renamed = user("a/fay", "founders", aliases=["fay"])

    assert [] == reasons("a/fay", renamed, organization("n", "Client", "a"), before=before)


def test_power_parked_with_the_suspended_counts():
    """A suspended user who is given a role counts as if they could use it, since one day they can."""
    assert ["CeilingExceeded"] == reasons("b/bea", user("b/parked", "bosses", suspended=True))


def test_what_organizations_and_modules_come_to_give_is_not_counted():
    """What existing entries reach by a new organization, a moved one and a new row is no grant of the author's."""
    rows = {"Requests View": ["Viewer", "Requester", "Approver", "Manager"]}
    before = HOUSE.changed(changes(module("automate", rows)))
    rows |= {"Requests Burn": ["Manager", "Viewer"]}

    assert [] == reasons("a/admin", organization("n", "Client", "a"))
    assert [] == reasons("platform/admin", organization("c", "Client"))
    assert [] == reasons("platform/admin", module("automate", rows), before=before)


FUTURE = {"b": {}, "d": {}, "e": {}}


@pytest.mark.parametrize(
    ("author", "entries", "fits"),
    [
        pytest.param("b/bea", {"*": ADMIN} | FUTURE, True, id="what one holds in the organization above"),
        pytest.param("b/bea", {"*": {"automate": "Manager"}} | FUTURE, False, id="what one holds nowhere"),
        pytest.param("b/bea", {"b+": ADMIN, "d": {}, "e": {}}, True, id="an entry with dependents to come"),
        pytest.param("b/boss", {"d+": ALL}, True, id="where nothing can come below"),
        pytest.param("b/boss", {"*": ALL} | FUTURE, True, id="what one's own role would give there"),
    ],
)
def test_organizations_yet_to_come_count(author, entries, fits):
    """An entry that gives nothing today, but would in a suborganization made tomorrow, is a grant today."""
    assert fits == ([] == reasons(author, role("b/later", entries)))


def test_a_role_planted_for_later_cannot_be_given_either():
    """Nor is such a role, where somebody else wrote it, given to a user by one who could not write it."""
    there = HOUSE.changed(changes(role("b/later", {"*": {"automate": "Manager"}} | FUTURE)))
    (refusal,) = refusals("b/bea", user("b/new", "later"), before=there)

    assert "organizations yet to come below b" in refusal.message


def test_a_closed_client_that_may_open_again_counts():
    """A partner's entry for a client that denies it gives nothing today, and is judged as if it did."""
    closed = HOUSE.changed(changes(organization("c", "Client", "a", partnerAccess="Denied")))
    (refusal,) = refusals("a/leo", role("a/later", {"c": {"portal": "User"}}), before=closed)

    assert "c, once it lets its partner in" in refusal.message
    assert [] == reasons("a/admin", role("a/later", {"c": {"portal": "User"}}), before=closed)


def test_members_of_the_client_are_judged_by_what_holds_now():
    """The partner's people, who hold nothing in a client that denies them, give nothing there."""
    closed = HOUSE.changed(changes(organization("b", "Client", "a", partnerAccess="Denied")))
    refused = reasons("a/admin", role("b/new", {"b": {"portal": "User"}}), before=closed)

    assert ["AuthorNotAllowed", "CeilingExceeded"] == refused
