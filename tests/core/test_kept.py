"""What a world remembers follows it through changes: a changed world answers as one that is built anew."""

import random

import pytest

from assent.api.kinds import parse
from assent.api.names import Ref
from assent.core.access import allowed_to, conferred, held, holds
from assent.core.conferrals import NO_ROLE, NOWHERE
from builders import ADMIN, ALL, ident, modules, organization, ref, role, tree, user, world

LEVELS = (ALL, ADMIN, {"automate": "Approver"}, {"automate": "Requester", "portal": "User", "workspaces": "L2"})
NAMES = tuple(f"n{number}" for number in range(6))
ROLES = ("r0", "r1")


def random_change(chance):
    """One document that comes, changes or goes."""
    place = chance.choice("abcd")
    if chance.random() < 0.6:
        path = f"{place}/{chance.choice(NAMES)}"
        if chance.random() < 0.3:
            return ident(f"User/{path}"), None
        # Names and keys of others now and then, so that some are nobody's.
        more = {"suspended": True} if chance.random() < 0.2 else {}
        more |= {"aliases": [f"also-{chance.choice(NAMES)}"]} if chance.random() < 0.4 else {}
        made = user(path, chance.choice((*ROLES, None)), **more)
    elif chance.random() < 0.7:
        path = f"{place}/{chance.choice(ROLES)}"
        if chance.random() < 0.3:
            return ident(f"AccessRole/{path}"), None
        reach = chance.choice(("*", place, f"{place}+"))
        made = role(path, {reach: chance.choice(LEVELS)})
    else:
        access = {"partnerAccess": chance.choice(("Allowed", "Denied"))}
        made = organization("b", "Client", "a", **access)
    return ident(f"{made.kind}/{made.namespace}/{made.name}".replace("//", "/")), made


def answers(one):
    """All that anybody can ask of people and rights, out of what is remembered where something is."""
    people, places = one.people, sorted(one.organizations.by_name)
    names = [*(f"{name}@{place}" for name in NAMES for place in "abcd"), *(f"also-{name}" for name in NAMES)]
    return {
        "named": [people.named(name) for name in names],
        "alike": [people.alike(name.upper()) for name in names],
        "members": {place: people.members.get(place, ()) for place in places},
        "having": {Ref(place, name): people.having.get(Ref(place, name), ()) for place in places for name in ROLES},
        "keyed": {key: people.keyed(key) for user in people.by_ref.values() for key in prints(user)},
        "held": {(who, place): held(one, who, place) for who in sorted(people.by_ref) for place in places},
        "conferred": {(who, place): conferred(one, who, place) for who in sorted(one.roles) for place in places},
    }


def prints(user):
    return [key.fingerprint for key in user.spec.signing_keys]


@pytest.mark.parametrize("seed", range(25))
def test_a_changed_world_answers_as_one_built_anew(seed):
    """Whatever was asked before each change, nothing that was remembered outlives what it rested on."""
    chance = random.Random(seed)
    documents = {ident(f"Organization/{one.name}"): one for one in tree("P-aab")}
    documents |= {ident(f"Module/{one.name}"): one for one in modules()}
    changed = world(*documents.values())
    for _ in range(12):
        if chance.random() < 0.8:
            answers(changed)
        some = dict(random_change(chance) for _ in range(chance.randint(1, 3)))
        before, told = changed, answers(changed) if chance.random() < 0.5 else None
        changed = changed.changed(some).written({})
        documents |= some
        anew = world(*(one for one in documents.values() if one is not None))

        assert anew == changed
        assert answers(anew) == answers(changed)
        assert told in (None, answers(before))


def test_what_is_asked_for_nowhere_does_not_fill_the_memory():
    """A role remembers every place that it reaches, and few of those where it does not: of these there is no end."""
    one = world(*tree("P+a+c"), *modules(), role("a/admins", {"*": ALL}), user("a/maria", "admins"))
    some = next(iter(one.matrices.rows))
    for place in (*(f"nowhere-{number}" for number in range(2 * NOWHERE)), "a", "b", "c", "d"):
        assert (place in "ab") == holds(one, ref("a/maria"), place, some)
    kept = one.conferrals[ref("a/admins")]

    assert {"a", "b"} == {place for place in kept if kept[place]}
    assert len(kept) == NOWHERE + 2
    assert not holds(one, ref("a/nobody"), "a", some)
    assert not NO_ROLE


def test_whoever_is_gone_is_forgotten():
    """People come and go for years: what is remembered of rights holds those alone who are there."""
    one = world(*tree("P+a"), *modules(), role("a/admins", {"*": ALL}), user("a/maria", "admins"))
    some = next(iter(one.matrices.rows))
    assert holds(one, ref("a/maria"), "a", some)
    for number in range(20):
        name = f"a/n{number}"
        one = one.changed({ident(f"User/{name}"): user(name, "admins")})
        assert holds(one, ref(name), "a", some)
        one = one.changed({ident(f"User/{name}"): None, ident("AccessRole/a/admins"): role("a/admins", {"*": ALL})})
        assert not holds(one, ref(name), "a", some)

    assert {"a": {"maria"}} == {place: {*people} for place, people in one.acting.items()}


def test_worlds_share_what_was_worked_out_for_the_one_they_are_made_of():
    """A write at admission costs what it changes: nothing is worked out anew of what it leaves alone."""
    roles = [role(f"a/r{number}", {"*": ALL}) for number in range(3)]
    people = [user(f"a/u{number}", f"r{number % 3}") for number in range(9)]
    one = world(*tree("P+a"), *modules(), *roles, *people).prepared()
    after = one.changed({ident("AccessRole/a/r0"): role("a/r0", {"*": ADMIN})})

    assert {"conferrals", "acting"} <= after.__dict__.keys()
    assert after.people is one.people
    assert {"u0", "u3", "u6"} == {
        name for name in one.acting["a"] if one.acting["a"][name] is not after.acting["a"][name]
    }


def test_documents_share_what_is_equal():
    """Two people of one role have one reference to it, and copies of a document are as free as ever."""
    first, second = (user(f"a/{name}", "admins") for name in ("maria", "juan"))

    assert first.spec.role is second.spec.role
    assert first.metadata.labels is second.metadata.labels
    assert {"name", "namespace"} == first.metadata.model_fields_set
    copied = first.metadata.model_copy(update={"labels": {"a": "b"}})
    assert {"name", "namespace", "labels"} == copied.model_fields_set
    assert {"name", "namespace"} == second.metadata.model_fields_set


def test_a_null_is_found_wherever_it_is():
    """Nearly no document has one, so it is looked for quickly; what is found is told as before."""
    plain = user("a/maria", "admins").plain()
    plain["spec"]["signingKeys"][0]["validFrom"] = None
    plain["metadata"]["labels"] = {"x": None}
    document, problems = parse(plain)

    assert document is None
    assert {"metadata.labels.x", "spec.signingKeys[0].validFrom"} == {one.field for one in problems}


def test_the_chain_says_the_same_as_what_is_remembered():
    """An answer with its reasons is worked out anew each time, and is the same."""
    one = world(*tree("P-aab"), *modules(), role("a/admins", {"*": ALL, "b": ADMIN}), user("a/maria", "admins"))
    for place in one.organizations.by_name:
        for permission in one.matrices.rows:
            expected = allowed_to(one, ref("a/maria"), place, permission).allowed
            assert expected == holds(one, ref("a/maria"), place, permission)
