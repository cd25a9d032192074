"""Laws of `allowed` that hold in every world."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from assent.core.access import allowed, held
from assent.core.permissions import Permission
from builders import document, everything, world
from core.brute import facts
from core.strategies import worlds

MANY = settings(max_examples=150)


@MANY
@given(worlds())
def test_random_worlds_are_as_the_naive_model_says(documents):
    """In larger worlds, sound and broken, every single decision is what the naive model says."""
    assert facts([one.plain() for one in documents]) == everything(documents)


@MANY
@given(worlds())
def test_one_decision_is_part_of_the_whole(documents):
    """What is allowed one by one is what is held, and every answer tells why in steps."""
    made = world(*documents)
    for person, one in made.people.by_ref.items():
        if made.people.named(one.spec.username) != person:
            continue
        for place in (*made.organizations.by_name, "ghost"):
            for row in made.matrices.rows:
                answer = allowed(made, one.spec.username, place, row)

                assert answer.allowed == (row in held(made, person, place))
                assert all(step.step and step.because for step in answer.chain)
                assert answer.because == answer.chain[-1].because


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_files_do_not_matter(documents, random):
    """Rules.md 7.2: a decision does not depend on the order of documents, nor on how files divide them."""
    shuffled = random.sample(documents, len(documents))
    cut = random.randrange(len(shuffled) + 1)

    assert everything(documents) == everything(shuffled[cut:] + shuffled[:cut])


@MANY
@given(worlds(), st.permutations(range(8)))
def test_names_do_not_matter(documents, order):
    """Renaming organizations, roles, users and modules renames the decisions and changes none."""

    def renamed(text):
        return re.sub(r"\b([orum])([0-7])\b", lambda found: f"{found[1]}{order[int(found[2])]}x", text)

    other = [_read(json.loads(renamed(json.dumps(one.plain())))) for one in documents]

    assert {tuple(renamed(part) for part in fact) for fact in everything(documents)} == everything(other)


def _read(plain):
    metadata = plain["metadata"]
    return document(plain["kind"], metadata["name"], plain["spec"], metadata.get("namespace"))


@MANY
@given(worlds())
def test_rights_flow_downward_only(documents):
    """Invariants 6 and 7: whoever holds anything in an organization is a member of it, or of one above it."""
    made = world(*documents)
    for person in made.people.by_ref:
        for place in made.organizations.by_name:
            if held(made, person, place):
                assert person.namespace in made.organizations.path(place)


@MANY
@given(worlds())
def test_what_nothing_gives_is_denied(documents):
    """Deny by default: strangers, unknown organizations and rows, and worlds without roles or modules have nothing."""
    made = world(*documents)
    row = next(iter(made.matrices.rows))
    names = [name for one in made.people.by_ref.values() for name in one.spec.names]

    assert not allowed(made, "stranger", "o0", row).allowed
    assert not any(allowed(made, name, "o0", Permission("m0", "Nothing", "Do")).allowed for name in names)
    assert not any(allowed(made, name, "ghost", row).allowed for name in names)
    assert set() == everything([one for one in documents if one.kind != "AccessRole"])
    assert set() == everything([one for one in documents if one.kind != "Module"])
    assert set() == everything([one for one in documents if one.kind != "Organization"])


@MANY
@given(worlds(), st.data())
def test_taking_away_never_allows_more(documents, data):
    """Monotone: a level, a grant, a module, a role or a user less, and nothing more is allowed to anybody."""
    at = data.draw(st.integers(0, len(documents) - 1))
    less = [*documents[:at], *_less(documents[at], data), *documents[at + 1 :]]

    assert everything(less) <= everything(documents)


def _less(one, data):
    """The same document with something taken away by which it may have allowed something; or nothing of it."""
    plain = one.plain()
    if one.kind == "Organization":
        plain["spec"]["partnerAccess"] = "Denied"
    elif one.kind == "AccessRole" and plain["spec"]["entries"]:
        entry = data.draw(st.sampled_from(plain["spec"]["entries"]))
        entry["levels"] = dict(list(entry["levels"].items())[1:])
    elif one.kind == "Module" and data.draw(st.booleans()):
        row = data.draw(st.sampled_from(plain["spec"]["permissions"]))
        row["grants"] = row["grants"][1:]
    elif one.kind == "User" and data.draw(st.booleans()):
        plain["spec"]["suspended"] = True
    elif one.kind == "User":
        plain["spec"].pop("role", None)
    else:
        return []
    return [_read(plain)]


@MANY
@given(worlds(namesakes=False), st.data())
def test_siblings_never_matter(documents, data):
    """Invariant 16: with an organization and all below it gone, nothing changes anywhere else."""
    made = world(*documents)
    gone = data.draw(st.sampled_from(sorted(made.organizations.by_name)))
    subtree = {gone, *made.organizations.below(gone)}
    rest = [one for one in documents if (one.namespace or one.name) not in subtree]

    assert {fact for fact in everything(documents) if fact[1] not in subtree} == everything(rest)
