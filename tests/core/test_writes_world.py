"""What a change would break in the world as a whole, and that a change is judged whole."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from assent.api.conditions import CHANGE_REFUSED
from assent.core.world import Origin, Provenance
from assent.core.writes import judge, origins
from builders import (
    ALL,
    PRODUCTS,
    changes,
    enablement,
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
HOUSE = world(
    *tree("P-aab+"),
    *modules(),
    *(
        document
        for owner in ("platform", "a", "b", "e")
        for document in (role(f"{owner}/bosses", {"*": ALL}), user(f"{owner}/boss", "bosses"))
    ),
    role("b/readers", {"b": {"portal": "User"}}),
    user("b/maria", "readers", username="maria@acme.example", aliases=["mlopez"]),
    service("platform/reset"),
    enablement("b/reset", "platform/reset"),
)


def refusals(author, *documents, gone=(), before=HOUSE):
    return judge(before, changes(*documents, gone=gone), ref(author) if author else None, at=AT)


TREES = [
    pytest.param([organization("b", "Client", "b")], "b → b", id="its own parent"),
    pytest.param([organization("b", "Client", "c"), organization("c", "Client", "b")], "b → c → b", id="a cycle"),
    pytest.param([organization("b", "Client", "e")], "a Client needs a Partner", id="a client under a client"),
    pytest.param([organization("b", "Client", "platform")], "a Client needs a Partner", id="under the platform"),
    pytest.param([organization("d", "SubOrganization", "a")], "a SubOrganization needs a Client", id="under a partner"),
    pytest.param([organization("n", "SubOrganization", "d")], "a SubOrganization needs a Client", id="a fourth level"),
]


@pytest.mark.parametrize(("documents", "why"), TREES)
def test_rule_14_the_tree_stays_a_tree(documents, why):
    """Rule 14: a cycle, or a parent of the wrong type, is refused, and the message names the loop or the type."""
    found = [one for one in refusals("platform/boss", *documents) if one.reason == "WorldBroken"]

    assert len(documents) == len(found)
    assert why in found[0].message


def test_there_is_one_platform():
    """A second one is refused; the one in force stays, and may be changed."""
    found = refusals("platform/boss", organization("other", "Platform"))

    assert [("WorldBroken", "there is one Platform, and platform is it")] == [
        (one.reason, one.message) for one in found
    ]
    assert () == refusals("platform/boss", organization("platform", "Platform", displayName="Us", products=PRODUCTS))


ALIKE = [
    pytest.param({"username": "maria@acme.example"}, id="the same username"),
    pytest.param({"username": "mlopez"}, id="another's alias as username"),
    pytest.param({"aliases": ["maria@acme.example"]}, id="another's username as alias"),
    pytest.param({"username": "Maria@Acme.example"}, id="in other case"),
    pytest.param({"username": "MLOPEZ"}, id="an alias in other case"),
]


@pytest.mark.parametrize("spec", ALIKE)
def test_no_two_people_look_alike(spec):
    """Names are compared after NFC and case folding, to refuse what looks alike; the one in force stays."""
    (refusal,) = refusals("b/boss", user("b/new", "readers", **spec))

    assert "WorldBroken" == refusal.reason
    assert "b/new" == str(refusal.ident.ref)
    assert "b/maria" in refusal.message


def test_unicode_forms_do_not_tell_people_apart():
    """The same letter, composed and decomposed, is one name; so is a sharp s and what it folds to."""
    there = HOUSE.changed(
        changes(user("b/jose", "readers", username="jos\u00e9"), user("b/voss", "readers", username="vo\u00df"))
    )

    assert ["WorldBroken"] == [
        one.reason for one in refusals("b/boss", user("b/new", "readers", username="jose\u0301"), before=there)
    ]
    assert ["WorldBroken"] == [
        one.reason for one in refusals("b/boss", user("b/new", "readers", username="VOSS"), before=there)
    ]


def test_two_newcomers_who_look_alike_are_both_refused():
    """Where neither was in force, neither stays; and one's own names may look alike."""
    found = refusals("b/boss", user("b/one", "readers", username="x"), user("b/two", "readers", username="X"))

    assert ["b/one", "b/two"] == [str(one.ident.ref) for one in found]
    assert () == refusals("b/boss", user("b/one", "readers", username="x", aliases=["X"]))


def test_a_name_may_move_from_one_person_to_another():
    """One commit takes it here and gives it there; what counts is the world after."""
    moved = [user("b/maria", "readers", username="maria@acme.example"), user("b/new", "readers", aliases=["mlopez"])]

    assert () == refusals("b/boss", *moved)


def test_a_key_belongs_to_one_person():
    """Another's key is refused, under whatever comment."""
    stolen = [{"publicKey": public_key("b/maria") + " mine"}]
    (refusal,) = refusals("b/boss", user("b/new", "readers", signingKeys=stolen))

    assert "WorldBroken" == refusal.reason
    assert "b/maria" in refusal.message


def test_a_microservice_is_enabled_once_in_an_organization():
    """A second enablement of one microservice would be a second set of rules for it; the first one stays."""
    (refusal,) = refusals("b/boss", enablement("b/again", "platform/reset"))

    assert "DeclaredTwice" == refusal.reason
    assert "b/reset" in refusal.message
    assert () == refusals("b/boss", enablement("b/again", "platform/reset"), gone=["EnabledMicroservice/b/reset"])
    assert () == refusals("a/boss", enablement("c/reset", "platform/reset"))


def test_what_clashes_already_stands_against_nothing_else():
    """Where two people, enablements or Platforms clash in what is in force, either may still be changed otherwise."""
    key = [{"publicKey": public_key("b/maria")}]
    twin = user("b/twin", "readers", username="mlopez", signingKeys=key)
    again = enablement("b/again", "platform/reset")
    before = HOUSE.changed(changes(twin, again, organization("other", "Platform")))
    named = user("b/twin", "readers", username="mlopez", signingKeys=key, department="IT")
    off = enablement("b/again", "platform/reset", state="Disabled")
    elsewhere = enablement("b/again", "b/own")

    assert () == refusals("b/boss", named, off, before=before)
    assert () == refusals("b/boss", service("b/own"), elsewhere, before=before)
    more = user("b/twin", "readers", username="mlopez", aliases=["Maria@acme.example"], signingKeys=key)
    assert ["WorldBroken"] == [one.reason for one in refusals("b/boss", more, before=before)]
    found = refusals("platform/boss", organization("other", "Platform", displayName="Us"), before=before)
    assert ["AuthorNotAllowed"] == [one.reason for one in found]


def test_pointing_an_enablement_at_what_is_enabled_is_enabling_it_twice():
    """It does not matter that the document was there before."""
    before = HOUSE.changed(changes(service("b/own"), enablement("b/again", "b/own")))
    (refusal,) = refusals("b/boss", enablement("b/again", "platform/reset"), before=before)

    assert "DeclaredTwice" == refusal.reason


def test_a_parent_that_is_not_there_is_a_missing_reference():
    """It is told once."""
    found = refusals("platform/boss", organization("b", "Client", "ghost"))

    assert ["ReferenceMissing"] == [one.reason for one in found]


def test_all_that_stands_against_a_change_is_said_at_once():
    """Every refusal of every document, in the order in which kinds depend on each other, whatever the order given."""
    documents = [
        user("c/new", "ghosts", username="mlopez"),
        role("c/new", {"c": ALL, "ghost": {}}),
        organization("b", "Client", "b"),
    ]
    found = refusals("b/boss", *documents)

    assert [
        ("Organization/b", "RestrictedField"),
        ("Organization/b", "WorldBroken"),
        ("AccessRole/c/new", "AuthorNotAllowed"),
        ("AccessRole/c/new", "CeilingExceeded"),
        ("AccessRole/c/new", "ReferenceMissing"),
        ("User/c/new", "AuthorNotAllowed"),
        ("User/c/new", "ReferenceMissing"),
        ("User/c/new", "WorldBroken"),
    ] == [(str(one.ident), one.reason) for one in found]
    assert all(found == refusals("b/boss", *order) for order in permutations(documents))


def test_every_refusal_says_what_and_what_next():
    """Its reason is a word of the table; it has a message that names the document, and a hint."""
    documents = [
        user("c/new", "ghosts"),
        role("b/bosses", {}),
        organization("b", "Partner"),
        organization("n", "Client"),
    ]
    for author in ("b/maria", "b/ghost", None):
        for one in refusals(author, *documents, gone=["AccessRole/a/bosses"]):
            assert one.reason in CHANGE_REFUSED
            assert one.ident.name in one.message
            assert one.hint


def test_taking_away_what_is_not_there_is_nothing():
    """It needs no right and no proof; writing again what is there is a write like any other."""
    assert () == refusals(None, gone=["User/b/nobody", "Organization/ghost"])
    assert ["AuthorUnproven"] == [one.reason for one in refusals(None, HOUSE.roles[ref("b/readers")])]


ME = ref("b/boss")
EARLIER = Origin(ref("a/boss"), 3)
NOW = Origin(ME, 9)


def test_parts_that_stay_keep_their_origin():
    """A role's entries and a user's names and keys are told apart: what stays as it was keeps who wrote it."""
    wide = role("b/readers", {"b": {"portal": "User"}, "d": {"portal": "User"}})
    kept = Provenance(EARLIER, {"entry:b": EARLIER})
    before = HOUSE.written({next(iter(changes(wide))): kept})

    (found,) = origins(before, changes(wide), ME, 9).values()
    assert Provenance(NOW, {"entry:b": EARLIER, "entry:d": NOW}) == found

    (found,) = origins(before, changes(role("b/readers", {"b": {}})), ME, 9).values()
    assert Provenance(NOW, {"entry:b": NOW}) == found


def test_names_and_keys_have_origins_of_their_own():
    """A key whose validity is changed is written anew; a name that was the username and is an alias now is not."""
    old, new = public_key("b/maria"), public_key("new")
    ends = "2027-01-01T00:00:00Z"
    names = {"username": "mlopez", "aliases": ["maria@acme.example", "ml"]}
    keys = [{"publicKey": old, "validUntil": ends}, {"publicKey": new}]
    then = user("b/maria", "readers", **names, signingKeys=keys)
    (found,) = origins(HOUSE, changes(then), ME, 9).values()
    nobody = Origin(None, 0)
    expected = {"name:mlopez": nobody, "name:maria@acme.example": nobody, "name:ml": NOW}

    assert NOW == found.document
    assert expected == {name: origin for name, origin in found.parts.items() if name in expected}
    assert [NOW, NOW] == [origin for name, origin in found.parts.items() if name.startswith("key:SHA256:")]
    assert 5 == len(found.parts)


def test_what_is_new_is_all_the_authors_and_what_is_gone_is_nobodys():
    """A document made anew under an old name starts afresh; a deleted one has no provenance."""
    fresh = user("b/new", "readers")
    found = origins(HOUSE, changes(fresh, gone=["User/b/maria"]), ME, 9)

    assert [Provenance(NOW, dict.fromkeys(found[next(iter(found))].parts, NOW))] == list(found.values())
    assert 2 == len(next(iter(found.values())).parts)
    assert {} == origins(HOUSE, changes(service("b/x")), None, 9)[next(iter(changes(service("b/x"))))].parts
