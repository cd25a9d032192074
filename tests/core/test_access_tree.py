"""The look-ups that decisions rest on: the tree, people by their names and keys, levels as sets."""

import pytest

from assent.core.access import allowed
from assent.core.organizations import Organizations, above, yet_to_come
from assent.core.people import People
from builders import module, organization, permission, public_key, ref, role, tree, user, world


def organizations(*documents):
    return Organizations({one.name: one for one in documents})


HOUSE = organizations(
    *tree("P-aabb+"),
    organization("lost", "Client", "ghost"),
    organization("below-lost", "SubOrganization", "lost"),
    organization("wrong", "SubOrganization", "a"),
)


def test_whose_client_and_whose_partner():
    """A suborganization belongs to its client, and through it to that client's partner; a broken line to nobody."""
    assert {"d": "b", "b": "b", "f": "f", "a": None, "platform": None, "below-lost": None} == {
        name: HOUSE.client(name) for name in ("d", "b", "f", "a", "platform", "below-lost")
    }
    assert {"d": "a", "b": "a", "a": "a", "f": None, "wrong": None} == {
        name: HOUSE.partner(name) for name in ("d", "b", "a", "f", "wrong")
    }


def test_below_is_the_organization_and_what_depends_on_it():
    """Depth first and sorted, without what hangs there by a broken line."""
    assert ["a", "b", "d", "e", "c"] == list(HOUSE.below("a"))
    assert [] == list(HOUSE.below("lost"))
    assert [] == list(HOUSE.below("nowhere"))


BROKEN = [
    ("lost", "the organization 'ghost', the parent of 'lost', does not exist"),
    ("below-lost", "the organization 'ghost', the parent of 'lost', does not exist"),
    ("nowhere", "the organization 'nowhere' does not exist"),
    ("wrong", "the parent of 'wrong' is 'a', a Partner; a SubOrganization needs a Client"),
    ("a", ""),
]


@pytest.mark.parametrize(("name", "why"), BROKEN)
def test_a_broken_line_says_why(name, why):
    """Rule 14: which organization is missing, whose parent it is, or which type is wrong."""
    assert why == HOUSE.broken(name)


def test_a_very_long_line_is_wrong_and_is_told_without_walking_it():
    """Rule 14: more than three steps are never right; a wrong type on the way is told before what lies behind it."""
    chain = organizations(*(organization(f"x{at}", "Client", f"x{at + 1}") for at in range(100)))

    assert "the parent of 'x0' is 'x1', a Client; a Client needs a Partner" == chain.broken("x0")
    assert "the parent of 'x90' is 'x91', a Client; a Client needs a Partner" == chain.broken("x90")
    assert () == chain.path("x0")


def test_two_platforms_are_none():
    """Where there is more than one, nobody acts as the Platform."""
    assert "platform" == HOUSE.platform
    assert organizations(*tree("P"), organization("other", "Platform")).platform is None
    assert organizations(*tree("-a")).platform is None


def test_a_client_is_closed_to_its_partner_alone():
    """There and below, and to no other organization."""
    made = organizations(*tree("-aab"), organization("b", "Client", "a", partnerAccess="Denied"))

    assert {"b": "b", "d": "b", "c": None, "a": None} == {name: made.closed_to(name, "a") for name in "bdca"}
    assert [None, None] == [made.closed_to("d", "b"), made.closed_to("b", "b")]


def test_what_may_come():
    """One more below every partner and client, nothing below a suborganization, and no client closed."""
    made = organizations(*tree("P-ab"), organization("b", "Client", "a", partnerAccess="Denied"))

    assert {"platform", "a", "b", "c", "a/*", "b/*"} == set(made.to_come.by_name)
    assert ["a", "a/*", "b", "b/*", "c"] == list(made.to_come.below("a"))
    assert made.to_come.closed_to("c", "a") is None
    assert "b" == above(yet_to_come("b"))


def test_names_and_keys_find_one_person_or_nobody():
    """What two users have is nobody's; a key comes with what its owner says about it."""
    ends = {"publicKey": public_key("two"), "validUntil": "2027-01-01T00:00:00Z"}
    shared = {"publicKey": public_key("shared")}
    one = user("a/one", aliases=["first"], signingKeys=[{"publicKey": public_key("one")}, shared, ends])
    two = user("a/two", aliases=["first"], signingKeys=[shared])
    people = People({ref("a/one"): one, ref("a/two"): two})
    mine, both, last = (key.fingerprint for key in one.spec.signing_keys)

    assert [ref("a/one"), None, None] == [people.named(name) for name in ("one@a", "first", "nobody")]
    assert (ref("a/one"), one.spec.signing_keys[0]) == people.signer(mine)
    assert (ref("a/one"), one.spec.signing_keys[2]) == people.signer(last)
    assert [None, None] == [people.signer(both), people.signer("SHA256:unknown")]
    assert (ref("a/one"), ref("a/two")) == people.keyed(both)
    assert {ref("a/one"), ref("a/two")} == set(people.alike("FIRST"))
    assert [] == list(people.alike("nobody"))


def test_members_and_holders():
    """Users by organization and by role, sorted; who has no role is in nobody's list."""
    made = world(*tree("+"), role("a/r", {}), user("a/y", "r"), user("a/x", "r"), user("a/z")).people

    assert {"a": (ref("a/x"), ref("a/y"), ref("a/z"))} == dict(made.members)
    assert {ref("a/r"): (ref("a/x"), ref("a/y"))} == dict(made.having)


def test_an_unconditional_grant_comes_before_a_condition():
    """A row that admits a level plainly is answered plainly, whatever conditions stand beside it."""
    rows = {"Things View": [("A", "m", ["A"]), "A", ("A", "m", ["A"])]}
    made = world(*tree("+"), module("m", rows), role("a/r", {"a": {"m": "A"}}), user("a/u", "r"))

    assert "row" == allowed(made, "u@a", "a", permission("m: Things View")).chain[-1].step
