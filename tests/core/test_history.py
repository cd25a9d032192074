"""Which records of the ledger somebody reads: by the operations log of each organization, and nothing of any other."""

from datetime import timedelta

import pytest

from assent.api.ledger import Record
from assent.api.records import KINDS
from assent.core.history import ABOUT_ALL, ABOUT_REQUESTS, Reader, Wanted, about, organizations, people
from assent.core.seeing import Sight
from builders import modules, ref, role, tree, user, world
from core.lives import NOW

USER = {"*": {"portal": "User"}}

WORLD = world(
    *tree("P-aabb"),
    *modules(),
    *(role(f"{place}/users", USER) for place in ("platform", "a", "b", "c", "d", "e")),
    *(user(f"{place}/ann", "users") for place in ("platform", "a", "b", "c", "d", "e")),
    user("b/bob"),
)
"""The platform, the partner a, its clients b and c, and d and e, suborganizations of b; one person in each."""


def reader(path):
    who = ref(path)
    return Reader(Sight(WORLD, who), WORLD.people.by_ref[who].spec.username)


def record(kind, subject="c0", at=NOW, **body):
    return Record(1, at, kind, subject, body)


def configured(*paths, unreadable=()):
    changes = [{"document": path, "versions": []} for path in paths]
    return record("configured", author="a/ann", changes=changes, unreadable=list(unreadable), commit="c0")


def test_every_kind_of_record_is_about_something():
    assert KINDS.keys() == ABOUT_REQUESTS | ABOUT_ALL | {"configured", "signedOut"}
    assert not ABOUT_REQUESTS & ABOUT_ALL


def test_a_kind_that_nobody_has_thought_of_is_shown_to_nobody():
    assert reader("platform/ann").shown(record("invented", "b/r1", request="b/r1")) is None


@pytest.mark.parametrize(
    ("who", "where"),
    [
        pytest.param("platform/ann", {"platform"}, id="the platform reads its own"),
        pytest.param("a/ann", {"a", "b", "c", "d", "e"}, id="a partner reads what depends on it"),
        pytest.param("b/ann", {"b", "d", "e"}, id="a client reads its own and its suborganizations'"),
        pytest.param("d/ann", {"d"}, id="a suborganization reads its own"),
        pytest.param("b/bob", set(), id="without a role nobody reads"),
    ],
)
@pytest.mark.parametrize("kind", sorted(ABOUT_REQUESTS))
def test_records_of_requests_are_read_where_the_log_is(who, where, kind):
    by_subject = {name for name in "abcde" if reader(who).shown(record(kind, f"{name}/r1"))}
    by_body = {name for name in "abcde" if reader(who).shown(record(kind, "f00", request=f"{name}/r1"))}
    assert where - {"platform"} == by_subject == by_body


@pytest.mark.parametrize("kind", sorted(ABOUT_ALL))
def test_what_is_about_the_controller_is_for_the_platforms_people(kind):
    found = record(kind, commit="c0", message="x", proven=True)
    assert ["platform/ann"] == [who for who in ("platform/ann", "a/ann", "b/ann", "d/ann") if reader(who).shown(found)]


def test_whoever_signed_out_reads_of_it_and_so_does_the_platform():
    found = record("signedOut", "5e55", username="ann@b")
    readers = [who for who in ("platform/ann", "a/ann", "b/ann", "d/ann") if reader(who).shown(found)]
    assert ["platform/ann", "b/ann"] == readers


def test_configuration_shows_the_changes_that_are_ones_own_and_nothing_of_the_others():
    every = configured(
        "User/d/ann", "User/e/ann", "Organization/c", "Organization/e", "Module/portal", "AccessRole/platform/users",
        unreadable=[{"file": "secret.yaml", "message": "no"}],
    )  # fmt: skip
    shown = {who: reader(who).shown(every) for who in ("platform/ann", "a/ann", "b/ann", "d/ann", "b/bob")}
    documents = {
        who: [one["document"] for one in found.body["changes"]] if found else None for who, found in shown.items()
    }
    assert {
        "platform/ann": ["Module/portal", "AccessRole/platform/users"],
        "a/ann": ["User/d/ann", "User/e/ann", "Organization/c", "Organization/e"],
        "b/ann": ["User/d/ann", "User/e/ann", "Organization/e"],
        "d/ann": ["User/d/ann"],
        "b/bob": None,
    } == documents
    assert [1, 0, 0, 0] == [len(found.body["unreadable"]) for found in shown.values() if found]
    assert 6 == len(every.body["changes"]), "the record itself stays as it is"


def test_configuration_elsewhere_is_not_read_at_all():
    assert reader("d/ann").shown(configured("User/e/ann", unreadable=[{"file": "x", "message": "y"}])) is None
    assert reader("platform/ann").shown(configured("User/e/ann")) is None
    assert reader("platform/ann").shown(configured(unreadable=[{"file": "x", "message": "y"}]))


def test_what_a_record_is_about_and_who_took_part():
    spec = {"requester": "rita@b", "onBehalfOf": "bea@b"}
    seen = record("observed", "b/r1", spec=spec, provenBy="b/rita", beneficiary=None, approvers={"a/alba": "a/x"})
    assert ("b/r1", frozenset("b"), ("b/rita", "rita@b", "bea@b")) == (about(seen), organizations(seen), people(seen))
    changed = configured("Organization/c", "User/d/ann", "Module/portal")
    assert ("", frozenset("cd"), ("a/ann",)) == (about(changed), organizations(changed), people(changed))
    assert frozenset() == organizations(record("head", "c0", commit="c0"))
    decided = record("decided", "b/r1", username="bea@b", person="b/bea", verb="approve")
    assert ("bea@b", "b/bea") == people(decided)


HEARD = record("decided", "b/r1", username="Bea@b", person="b/bea")


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        pytest.param({}, True, id="nothing in particular"),
        pytest.param({"kind": "decided"}, True, id="the kind"),
        pytest.param({"kind": "ended"}, False, id="another kind"),
        pytest.param({"subject": "R1"}, True, id="a part of the subject"),
        pytest.param({"subject": "r2"}, False, id="another subject"),
        pytest.param({"organization": "b"}, True, id="the organization"),
        pytest.param({"organization": "a"}, False, id="another organization"),
        pytest.param({"person": "bea@"}, True, id="a part of the username"),
        pytest.param({"person": "b/bea"}, True, id="the person"),
        pytest.param({"person": "ann"}, False, id="somebody else"),
        pytest.param({"since": NOW}, True, id="from this very moment on"),
        pytest.param({"since": NOW + timedelta(seconds=1)}, False, id="from later on"),
        pytest.param({"until": NOW + timedelta(seconds=1)}, True, id="until later"),
        pytest.param({"until": NOW}, False, id="until this very moment"),
        pytest.param({"kind": "decided", "person": "ann"}, False, id="all must fit"),
    ],
)
def test_what_is_looked_for(look, expected):
    assert expected == Wanted(**look).fits(HEARD)


def test_one_looks_only_in_what_one_reads():
    """A filter says nothing of the changes that were cut out."""
    every = configured("User/d/ann", "User/e/ann")
    shown = reader("d/ann").shown(every)
    assert [True, False] == [Wanted(organization=name).fits(shown) for name in "de"]
