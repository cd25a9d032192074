"""Every state of a user, and every way to write a row: exhausted against the naive model."""

from itertools import chain, combinations, product

import pytest

from assent.core.access import held
from assent.core.permissions import Permission
from builders import everything, module, organization, role, tree, user, world
from core.brute import facts

PLAIN = module("m", {"Things View": ["Reader"], "Things Write": ["Writer"]})
STATES = {
    "active": {"role": "r"},
    "suspended": {"role": "r", "suspended": True},
    "automation": {"role": "r", "type": "Automation"},
    "without role": {},
    "role that does not exist": {"role": "nothing"},
    "role of another organization": {"role": "elsewhere"},
    "name of the next user": {"role": "r", "aliases": "next"},
    "second name": {"role": "r", "aliases": "own"},
}
SHAPES = ("-aab", "-ab", "+a+", "P-a")


def person(number, owner, state):
    """The user `u<number>` of the owner in one of the states."""
    given = dict(STATES[state])
    other = f"u{number + 1}@x" if given.get("aliases") == "next" else f"second{number}@x"
    aliases = {"aliases": [other]} if "aliases" in given else {}
    return user(f"{owner}/u{number}", **{**given, **aliases, "username": f"u{number}@x"}, signingKeys=[])


@pytest.mark.parametrize("shape", SHAPES)
def test_every_state_of_three_users(shape):
    """Three users in every state there is, in organizations high and low: as the naive model says."""
    organizations = tree(shape)
    owners = [one.name for one in organizations][:3]
    roles = [role(f"{owner}/r", {"*": {"m": "Reader"}, f"{owner}+": {"m": "Writer"}}) for owner in owners]
    roles.append(role(f"{owners[0]}/elsewhere", {"*": {"m": "Reader"}}))
    for states in product(STATES, repeat=len(owners)):
        people = [person(number, *one) for number, one in enumerate(zip(owners, states, strict=True))]
        documents = [*organizations, PLAIN, *roles, *people]

        assert facts([one.plain() for one in documents]) == everything(documents), states


GRANTS = [
    grant
    for level in ("A", "B")
    for grant in (level, (level, "other", ["C"]), (level, "other", ["D"]), (level, "other", ["C", "D"]))
]
LEVELS = [
    {name: level for name, level in (("m", first), ("other", second)) if level}
    for first, second in product((None, "A", "B", "Unknown"), (None, "C", "D"))
]


def test_every_way_to_write_a_row():
    """Each set of grants with and without conditions, against each combination of levels: 3,072 decisions."""
    other = module("other", {"Else View": ["C", "D"]})
    home = organization("a", "Client")
    roles = [role(f"a/r{number}", {"a": levels}) for number, levels in enumerate(LEVELS)]
    people = [user(f"a/u{number}", f"r{number}", signingKeys=[]) for number in range(len(LEVELS))]
    plain = [one.plain() for one in (home, other, *roles, *people)]
    row = Permission("m", "Things", "Do")
    decisions = 0
    for grants in chain.from_iterable(combinations(GRANTS, size) for size in range(len(GRANTS) + 1)):
        rows = module("m", {"Things Do": list(grants), "Rest View": ["A", "B"]})
        made = world(home, other, rows, *roles, *people)
        expected = {name for name, *power in facts([*plain, rows.plain()]) if power == ["a", *row]}
        found = {one.spec.username for ref, one in made.people.by_ref.items() if row in held(made, ref, "a")}

        assert expected == found
        decisions += len(people)

    assert 3_072 == decisions
