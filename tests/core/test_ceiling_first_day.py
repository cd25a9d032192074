"""An organization's first day: who acts for it while nobody can, and how much they may give."""

from datetime import UTC, datetime

import pytest

from assent.core.writes import judge
from builders import (
    ADMIN,
    ALL,
    changes,
    flow,
    module,
    modules,
    organization,
    public_key,
    ref,
    role,
    service,
    tree,
    user,
    world,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUNDER = {"portal": "OrganizationAdmin", "automate": "Approver"}


def house(*documents, shape="P-ab+"):
    """The platform, the partner a, its client b with the suborganization c, and the client d of no partner."""
    people = [
        role("platform/admins", {"*": ALL}),
        user("platform/admin", "admins"),
        role("a/founders", {"a": FOUNDER}),
        user("a/fred", "founders"),
    ]
    return world(*tree(shape), *modules(), *people, *documents)


def reasons(before, author, *documents, keys_matter=True, at=AT):
    return [one.reason for one in judge(before, changes(*documents), ref(author), at=at, keys_matter=keys_matter)]


def staff(owner, levels, **spec):
    """A role of the owner with these levels everywhere, and a user who has it."""
    return role(f"{owner}/staff", {"*": levels}), user(f"{owner}/staff", "staff", **spec)


FULL = staff("b", ALL)


def test_a_new_client_and_its_people_come_in_one_commit():
    """Whoever may create it governs it on that day, and gives what they hold in the parent."""
    new = organization("n", "Client", "a")

    assert [] == reasons(house(), "a/fred", new, *staff("n", FOUNDER))
    assert ["CeilingExceeded", "CeilingExceeded"] == reasons(house(), "a/fred", new, *staff("n", ALL))
    assert "AuthorNotAllowed" in reasons(house(*staff("a", {})), "a/staff", new, *staff("n", {}))


def test_a_whole_branch_comes_in_one_commit():
    """A partner with a client and a suborganization, each with people: the Platform's founders give what they hold."""
    branch = [organization("x", "Partner"), organization("y", "Client", "x"), organization("z", "SubOrganization", "y")]
    people = [one for owner in "xyz" for one in staff(owner, ALL)]

    assert [] == reasons(house(), "platform/admin", *branch, *people)
    assert "AuthorNotAllowed" in reasons(house(), "a/fred", *branch, *people)


def test_founders_govern_and_do_not_approve():
    """The right that governs a kind comes with the day; the right to approve, which flows take besides, does not."""
    plain = house(role("a/plain", {"a": ADMIN}), user("a/pia", "plain"))

    assert ["AuthorNotAllowed"] == reasons(plain, "a/pia", flow("b/new"))
    assert [] == reasons(plain, "a/pia", service("b/new"))
    assert [] == reasons(plain, "a/fred", flow("b/new"))


def test_a_broken_branch_is_nobodys():
    """Two new clients that are each other's parents are refused and end no search."""
    loop = [organization("x", "Client", "y"), organization("y", "Client", "x")]
    refused = reasons(house(), "platform/admin", *loop, *staff("x", {}))

    assert {"AuthorNotAllowed", "WorldBroken"} == set(refused)


def test_somebody_who_governs_it_ends_the_first_day():
    """From then on those above have what their roles give them there, and no more."""
    new = role("b/new", {})

    assert [] == reasons(house(), "a/fred", new)
    assert ["AuthorNotAllowed"] == reasons(house(*FULL), "a/fred", new)
    assert ["AuthorNotAllowed"] == reasons(house(*staff("b", FOUNDER)), "a/fred", new)
    assert ["AuthorNotAllowed"] == reasons(house(*staff("b", ADMIN)), "a/fred", new)
    assert [] == reasons(house(*staff("b", ALL | {"portal": "User"})), "a/fred", new)


KEY = {"publicKey": public_key("b/staff")}
INCAPABLE = [
    pytest.param({"suspended": True}, id="suspended"),
    pytest.param({"type": "Automation"}, id="an automation"),
    pytest.param({"signingKeys": []}, id="without a key"),
    pytest.param({"signingKeys": [{**KEY, "validUntil": "2026-01-05T09:00:00Z"}]}, id="with a key that has expired"),
    pytest.param({"signingKeys": [{**KEY, "validFrom": "2026-01-05T09:00:01Z"}]}, id="with a key of later"),
]


@pytest.mark.parametrize("spec", INCAPABLE)
def test_who_cannot_act_does_not_end_it(spec):
    """Only an unsuspended Human counts, in Git with a key that is good at that moment."""
    before = house(*staff("b", ALL, **spec))
    without_keys = ["AuthorNotAllowed"] if "signingKeys" in spec else []

    assert [] == reasons(before, "a/fred", role("b/new", {}))
    assert without_keys == reasons(before, "a/fred", role("b/new", {}), keys_matter=False)


def test_people_of_the_partner_end_it_too():
    """It is about what is held in the organization, not about whose member holds it."""
    before = house(role("a/bosses", {"b": ALL}), user("a/boss", "bosses"))

    assert ["AuthorNotAllowed"] == reasons(before, "a/fred", role("b/new", {}))


def test_not_where_the_partner_is_denied():
    """A client that denies its partner stays closed, with nobody in it as well; so does all below it."""
    denied = organization("b", "Client", "a", partnerAccess="Denied")

    assert ["AuthorNotAllowed"] == reasons(house(denied), "a/fred", role("b/new", {}))
    assert ["AuthorNotAllowed"] == reasons(house(denied), "a/fred", role("c/new", {}))
    assert ["AuthorNotAllowed"] == reasons(house(denied), "platform/admin", role("b/new", {}))


def test_the_client_acts_for_its_suborganization():
    """One step above is enough; the partner's right comes through the client only where that is on its first day."""
    before = house(*FULL)

    assert [] == reasons(before, "b/staff", role("c/new", {"c": ALL}))
    assert ["AuthorNotAllowed"] == reasons(before, "platform/admin", role("c/new", {}))


def test_the_platform_acts_for_what_has_no_parent():
    """Its holders of Organizations Create have right and ceiling in a client of no partner, and in a partner."""
    before = house()

    assert [] == reasons(before, "platform/admin", *staff("d", ALL))
    assert ["AuthorNotAllowed"] == reasons(house(*staff("d", ALL)), "platform/admin", role("d/new", {}))
    assert ["AuthorNotAllowed"] == reasons(before, "platform/admin", role("a/new", {}))
    partner = house(organization("x", "Partner"))
    assert [] == reasons(partner, "platform/admin", role("x/new", {"x": ALL}))


def test_first_days_do_not_add_up():
    """Nobody acts for a client because its partner, which exists, has nobody either: founders hold the right above."""
    assert ["AuthorNotAllowed"] == reasons(house(), "platform/admin", role("b/new", {}))
    assert ["AuthorNotAllowed"] == reasons(house(), "a/fred", role("c/new", {}))


def test_the_ceiling_is_what_is_held_above_and_here():
    """What founders hold in the organization itself counts besides; what they hold two steps above does not."""
    founders = {"a": FOUNDER | {"analyzer": "Access"}, "b": {"portal": "User", "workspaces": "L1"}}
    before = house(role("a/wide", founders), user("a/wanda", "wide"))

    assert [] == reasons(before, "a/wanda", role("b/new", {"b": {"workspaces": "L1"}}))
    assert [] == reasons(before, "a/wanda", role("b/new", {"b": {"analyzer": "Access"}}))

    founders |= {"b": {"portal": "OrganizationAdmin", "workspaces": "L1"}}
    before = house(role("a/wide", founders), user("a/wanda", "wide"))

    assert [] == reasons(before, "a/wanda", role("c/new", {"c": {"workspaces": "L1"}}))
    assert ["CeilingExceeded"] == reasons(before, "a/wanda", role("c/new", {"c": {"analyzer": "Access"}}))


def test_a_move_makes_nobody_a_founder_by_itself():
    """Whose founders act is decided by where the organization hangs before the change, not where it moves to."""
    moved = organization("b", "Client")

    assert ["AuthorNotAllowed"] == reasons(house(), "platform/admin", moved, role("b/new", {}))
    assert [] == reasons(house(moved), "platform/admin", role("b/new", {}))


def test_the_platform_does_not_found_itself():
    """Holding Organizations Create in the Platform is no other right there, on a day when nobody holds everything."""
    rows = {"Organizations Create": ["Founder", "Admin"], "Users Create": ["Admin"]}
    people = role("platform/founders", {"*": {"portal": "Founder"}}), user("platform/fay", "founders")
    before = world(*tree("P+"), module("portal", rows), *people)

    assert ["AuthorNotAllowed"] == reasons(before, "platform/fay", user("platform/new"))
    assert [] == reasons(before, "platform/fay", user("a/new"))


def test_denying_a_partner_is_about_the_partner():
    """A client of no partner, and a suborganization, are founded from above whatever the field says there."""
    alone = organization("d", "Client", partnerAccess="Denied")
    below = organization("c", "SubOrganization", "b", partnerAccess="Denied")

    assert [] == reasons(house(alone), "platform/admin", role("d/new", {}))
    assert [] == reasons(house(*FULL, below), "b/staff", role("c/new", {}))


def test_founding_alone_is_the_key():
    """Whoever lacks Organizations Create in the parent does not act below it, whatever else they hold there."""
    before = house(*staff("a", {"portal": "User", "workspaces": "L2", "automate": "Manager"}))

    assert ["AuthorNotAllowed"] == reasons(before, "a/staff", role("b/new", {}))


def test_power_that_is_there_already_is_not_touched():
    """On the first day too, a user whose power one could not give is left alone."""
    before = house(role("b/cooks", {"b": {"analyzer": "Access"}}), user("b/cook", "cooks"))

    assert ["NotConferable"] == reasons(before, "a/fred", user("b/cook", "cooks", department="Kitchen"))


def test_a_world_without_platform_has_nobody_for_its_roots():
    """What no organization is above, nobody founds."""
    people = role("a/founders", {"a": ADMIN}), user("a/fred", "founders")
    before = world(*tree("-ab+"), *modules(), *people)

    assert ["AuthorNotAllowed"] == reasons(before, "a/fred", organization("n", "Partner"))
    assert ["AuthorNotAllowed"] == reasons(before, "a/fred", role("d/new", {}))
