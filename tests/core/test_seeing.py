"""What a person may see: by rights, by having a part in it, and nothing besides."""

import pytest
from hypothesis import given, settings

from assent.api.tellings import Asked
from assent.core.access import held
from assent.core.seeing import Sight
from builders import ADMIN, modules, ref, role, tree, user, world
from core.strategies import worlds


@settings(max_examples=150)
@given(worlds())
def test_the_reach_is_wherever_anything_is_held_and_home(documents):
    """It is looked for below home alone; nobody holds anything elsewhere, in worlds that are sound or broken."""
    made = world(*documents)
    for person in made.people.by_ref:
        somewhere = {name for name in made.organizations.by_name if held(made, person, name)}
        home = {person.namespace} & made.organizations.by_name.keys()

        assert tuple(sorted(somewhere | home)) == Sight(made, person).reach


def company():
    """The client a with its suborganization b; ann governs both, bob and bea may do nothing."""
    people = [user("a/ann", "admins"), user("b/bob", aliases=["bob@x"]), user("b/bea")]
    return world(*tree("P+a"), *modules(), role("a/admins", {"*": ADMIN}), *people)


@pytest.mark.parametrize(
    ("who", "expected"),
    [("b/bob", True), ("b/bea", True), ("a/ann", False)],
)
def test_what_was_asked_for_is_seen_by_whoever_asked_and_whom_it_is_for(who, expected):
    """By any of their names; the portal's rights alone show no request of others."""
    asked = Asked("bob@x", {"microservice": {"name": "vdi"}, "requester": "bob@x", "onBehalfOf": "bea@b"})

    assert expected == Sight(company(), ref(who)).may_see_asked(ref("b/new"), asked)


@pytest.mark.parametrize(
    ("who", "username", "expected"),
    [("a/ann", "bob@x", True), ("a/ann", "nobody", False), ("b/bob", "ann@a", False)],
)
def test_people_are_seen_where_users_are(who, username, expected):
    assert expected == Sight(company(), ref(who)).may_see_person(username)
