"""Every small world: the product's answer and the naive model's are the same for every decision in it.

Up to four organizations in every shape that the kinds let one write, sound or broken, up to renaming; in each of them
three roles and three users, so that the roles of a shape take turns until every one has stood in it. Each entry gives a
level of its own, which holds a permission of its own, so that an answer tells which entry it came from.
"""

from functools import cache
from itertools import combinations_with_replacement, permutations, product

import pytest

from assent.core.access import held
from builders import module, organization, role, user, world
from core.brute import facts

TYPES = ("Platform", "Partner", "Client", "SubOrganization")
PARENTS = {"Client": "Partner", "SubOrganization": "Client"}
NAMES = "wxyz"
GHOST = "ghost"
MARKS = (*NAMES, "*", GHOST)
LEVEL = {mark: f"L{position}" for position, mark in enumerate(MARKS)}
MODULE = module("m", {f"{level} View": [level] for level in LEVEL.values()})


def test_every_small_world_of_up_to_three_organizations():
    """722 shapes, all roles: who holds what is what the naive model says."""
    decisions = sum(compare(shape, every_role(size)) for size in (1, 2, 3) for shape in shapes(size))

    assert 2_520_072 == decisions


@pytest.mark.slow
def test_every_sound_world_of_four_organizations():
    """68 shapes, all roles: who holds what is what the naive model says."""
    decisions = sum(compare(shape, every_role(4)) for shape in shapes(4) if sound(shape))

    assert 1_321_920 == decisions


@pytest.mark.slow
def test_every_broken_world_of_four_organizations():
    """5,053 shapes, the roles that tell entries apart: nothing is held where a line is broken."""
    decisions = sum(compare(shape, telling_roles(4)) for shape in shapes(4) if not sound(shape))

    assert 3_638_160 == decisions


def compare(shape, roles):
    """The number of decisions compared in all the worlds of this shape."""
    organizations = [organization_of(*one) for one in zip(NAMES, shape, strict=False)]
    return sum(compare_world(organizations, roles[start : start + 3]) for start in range(0, len(roles), 3))


def compare_world(organizations, roles):
    """One world: each role stands under its own name with a user of its owner's, and all users are asked everywhere."""
    people = [(role_of(owner, entries, slot), user_of(owner, slot)) for slot, (owner, entries) in enumerate(roles)]
    documents = [*organizations, (MODULE, MODULE.plain()), *(one for pair in people for one in pair)]
    places = [*(document.name for document, _ in organizations), GHOST]
    made = world(*(document for document, _ in documents))
    users = [document for _, (document, _) in people]
    found = {
        (one.spec.username, place, *permission)
        for one in users
        for place in places
        for permission in held(made, next(ref for ref in made.people.by_ref if ref.name == one.name), place)
    }

    assert facts([plain for _, plain in documents]) == found

    return len(users) * len(places) * len(MARKS)


def shapes(size):
    """Every way to write `size` organizations, one of each set that differs in names alone.

    An organization is (type, parent, closed); a parent is a position, the ghost that does not exist, or None.
    """
    for types in combinations_with_replacement(TYPES, size):
        swaps = [
            swap for swap in permutations(range(size)) if all(types[at] == types[to] for at, to in enumerate(swap))
        ]
        for shape in product(*(written(kind, size) for kind in types)):
            if all(spelled(shape, range(size)) <= spelled(shape, swap) for swap in swaps):
                yield shape


def written(kind, size):
    """What the kind lets one write for an organization of this type."""
    parents = [*range(size), GHOST]
    if kind == "Client":
        return [(kind, None, False), *product([kind], parents, [False, True])]
    return [(kind, parent, False) for parent in parents] if kind == "SubOrganization" else [(kind, None, False)]


def spelled(shape, order):
    """The shape with its organizations in this order, as something that can be compared."""
    position = {old: str(new) for new, old in enumerate(order)}
    return [(kind, position.get(parent, str(parent)), closed) for kind, parent, closed in (shape[at] for at in order)]


def sound(shape):
    """Whether every organization hangs on a root by parents of the right types."""
    whole = {at for at, (_, parent, _) in enumerate(shape) if parent is None}
    for _ in shape:
        whole |= {
            at for at, (kind, parent, _) in enumerate(shape) if parent in whole and shape[parent][0] == PARENTS[kind]
        }
    return len(whole) == len(shape)


def every_role(size):
    """Every owner with every set of entries: each organization alone, with its dependents, or not named; `*` or not."""
    sets = list(product(product((None, "", "+"), repeat=size), (False, True)))
    return [(owner, entries(*one)) for one in sets for owner in NAMES[:size]]


def telling_roles(size):
    """Roles that give something wherever anything could be given: `*`, every organization, and both."""
    sets = [(("",) * size, False), (("+",) * size, False), ((None,) * size, True), (("+", *("",) * (size - 1)), True)]
    sets += [((*("",) * (size - 1), "+"), True), ((None, "+", *(None,) * (size - 2)), True)]
    return [(owner, entries(*one)) for one in sets for owner in NAMES[:size]]


def entries(named, everywhere):
    """The entries as `role` takes them; the organization that does not exist is named as well."""
    found = {name + mark: {"m": LEVEL[name]} for name, mark in zip(NAMES, named, strict=False) if mark is not None}
    return tuple((found | ({"*": {"m": LEVEL["*"]}} if everywhere else {}) | {GHOST: {"m": LEVEL[GHOST]}}).items())


@cache
def organization_of(name, one):
    kind, parent, closed = one
    above = NAMES[parent] if isinstance(parent, int) else parent
    document = organization(name, kind, above, **({"partnerAccess": "Denied"} if closed else {}))
    return document, document.plain()


_ROLES = {}


def role_of(owner, entries, slot):
    """A role document, made once: pydantic is the slowest part of this test."""
    key = (owner, tuple(where for where, _ in entries), slot)
    if key not in _ROLES:
        document = role(f"{owner}/r{slot}", dict(entries))
        _ROLES[key] = document, document.plain()
    return _ROLES[key]


@cache
def user_of(owner, slot):
    document = user(f"{owner}/u{slot}", f"r{slot}", signingKeys=[])
    return document, document.plain()
