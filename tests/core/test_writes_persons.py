"""What belongs to particular people: one's own language and keys, leavers, partner access; and what is nobody's."""

from datetime import UTC, datetime

import pytest

from assent.core.writes import judge
from builders import (
    ADMIN,
    ALL,
    changes,
    enablement,
    flow,
    module,
    modules,
    organization,
    public_key,
    ref,
    role,
    service,
    tree,
    use,
    user,
    world,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEYS = [{"publicKey": public_key("b/otto")}]
FURTHER = [{"publicKey": public_key("further")}]
HOUSE = world(
    *tree("P-aab+"),
    *modules(),
    *(
        document
        for owner in ("platform", "a", "b", "e")
        for document in (role(f"{owner}/admins", {"*": ALL}), user(f"{owner}/admin", "admins"))
    ),
    role("b/helpers", {"b": ADMIN}),
    user("b/helga", "helpers"),
    role("b/guests", {"b": {"portal": "User"}}),
    user("b/otto", "guests"),
    user("b/olga", "guests"),
    user("b/gone", "guests", suspended=True),
    service("platform/reset"),
    enablement("b/reset", "platform/reset"),
    flow("platform/manager"),
)


def reasons(author, *documents, gone=(), before=HOUSE, **options):
    found = judge(before, changes(*documents, gone=gone), ref(author) if author else None, at=AT, **options)
    return [one.reason for one in found]


OWN = [
    pytest.param([], {"language": "es"}, id="own language"),
    pytest.param([], {"signingKeys": KEYS + FURTHER}, id="own further key"),
    pytest.param([], {"signingKeys": FURTHER + KEYS, "language": "pt-BR"}, id="both, in any order"),
    pytest.param(["AuthorNotAllowed"], {"signingKeys": FURTHER}, id="a key taken out"),
    pytest.param(["AuthorNotAllowed"], {"signingKeys": []}, id="all keys taken out"),
    pytest.param(
        ["AuthorNotAllowed"], {"signingKeys": [{**KEYS[0], "validUntil": "2027-01-01T00:00:00Z"}]}, id="a key prolonged"
    ),
    pytest.param(["AuthorNotAllowed"], {"language": "es", "department": "IT"}, id="something else beside it"),
    pytest.param(["AuthorNotAllowed"], {"aliases": ["otto"]}, id="own alias"),
    pytest.param(["AuthorNotAllowed"], {"email": "otto@b.example"}, id="own email"),
    pytest.param(["AuthorNotAllowed"], {}, id="nothing: labels and such are not one's own"),
]


@pytest.mark.parametrize(("expected", "spec"), OWN)
def test_what_everybody_may_do_for_themselves(expected, spec):
    """One's own language and one's own further key need no right; nothing else of one's own is free."""
    assert expected == reasons("b/otto", user("b/otto", "guests", **spec))


def test_nobody_deletes_themselves_without_the_right():
    """Going is not one's own business either."""
    assert ["AuthorNotAllowed"] == reasons("b/otto", gone=["User/b/otto"])


def test_nobody_does_it_for_somebody_else():
    """Another's language and keys need the right, and keys the power of that person."""
    assert ["AuthorNotAllowed"] == reasons("b/olga", user("b/otto", "guests", language="es"))
    assert ["AuthorNotAllowed"] == reasons("b/olga", user("b/otto", "guests", signingKeys=KEYS + FURTHER))


def test_own_role_is_not_ones_own():
    """Rule 13: one's own language in the same document carries no role in with it."""
    refused = reasons("b/otto", user("b/otto", "helpers", language="es"))

    assert ["AuthorNotAllowed", "CeilingExceeded"] == refused


def test_the_suspended_and_the_unknown_have_no_rights():
    """Neither for the language of their own nor for anything else."""
    assert ["AuthorNotAllowed"] == reasons("b/gone", user("b/gone", "guests", suspended=True, language="es"))[:1]
    assert ["AuthorNotAllowed"] == reasons("b/nobody", organization("b", "Client", "a", displayName="B"))


def test_nobody_acts_by_what_the_same_change_gives():
    """The world before decides: whom a commit makes an administrator is none while it is judged."""
    newcomer = user("b/newcomer", "admins")

    assert "AuthorNotAllowed" in reasons("b/newcomer", newcomer)
    assert "AuthorNotAllowed" in reasons("b/otto", user("b/otto", "admins"), role("b/extra", {}))


def test_a_write_without_a_proven_author_is_refused_whole():
    """Nothing proves who wrote it: every document of it is refused, those that need no right as well."""
    refused = reasons(None, user("b/otto", "guests", language="es"), role("b/extra", {}))

    assert ["AuthorUnproven", "AuthorUnproven"] == refused


def test_a_leaver_can_always_be_stopped():
    """`suspended: true` alone needs no more than the right; anything beside it, and taking it back, need the power."""
    assert [] == reasons("b/helga", user("b/admin", "admins", suspended=True))
    assert ["NotConferable"] == reasons("b/helga", user("b/admin", "admins", suspended=True, department="IT"))
    assert ["NotConferable"] == reasons("b/helga", gone=["User/b/admin"])
    stopped = HOUSE.changed(changes(user("b/admin", "admins", suspended=True)))
    assert ["NotConferable", "CeilingExceeded"] == reasons("b/helga", user("b/admin", "admins"), before=stopped)
    assert ["NotConferable"] == reasons("b/helga", gone=["User/b/admin"], before=stopped)
    assert ["NotConferable"] == reasons("b/helga", user("b/admin", suspended=True), before=stopped)
    assert [] == reasons("a/admin", user("b/admin", "admins"), before=stopped)


def test_suspending_without_the_right_is_refused():
    """The right is needed all the same."""
    assert ["AuthorNotAllowed"] == reasons("b/otto", user("b/olga", "guests", suspended=True))


IDENTITY = [
    {"username": "other@b"},
    {"aliases": ["other"]},
    {"email": "other@b.example"},
    {"type": "Automation"},
    {"signingKeys": FURTHER},
]


@pytest.mark.parametrize("spec", IDENTITY, ids=lambda spec: next(iter(spec)))
def test_whoever_writes_an_identity_could_be_that_person(spec):
    """Identity fields of another person take all that this person holds, even while they are suspended."""
    stopped = HOUSE.changed(changes(user("b/admin", "admins", suspended=True)))

    assert [] == reasons("a/admin", user("b/admin", "admins", **spec))
    assert [] == reasons("b/helga", user("b/otto", "guests", **spec))
    assert ["NotConferable", "CeilingExceeded"] == reasons("b/helga", user("b/admin", "admins", **spec))
    refused = reasons("b/helga", user("b/admin", "admins", suspended=True, **spec), before=stopped)
    assert ["NotConferable", "CeilingExceeded"] == refused


@pytest.mark.parametrize(
    ("expected", "author"),
    [
        ([], "b/admin"),
        (["RestrictedField"], "a/admin"),
        (["AuthorNotAllowed"], "b/otto"),
        (["AuthorNotAllowed", "RestrictedField"], "platform/admin"),
    ],
)
def test_partner_access_is_the_clients_own(expected, author):
    """Only members of the client close or open it to the partner, and they need the right besides."""
    denied = organization("b", "Client", "a", partnerAccess="Denied")

    assert expected == reasons(author, denied)


@pytest.mark.parametrize("author", ["a/admin", "b/admin", "b/otto", "platform/admin"])
def test_only_the_client_opens_itself_again(author):
    """The partner, whose people hold nothing there while it is closed, cannot; its own administrator can."""
    closed = HOUSE.changed(changes(organization("b", "Client", "a", partnerAccess="Denied")))

    assert ("b/admin" == author) == ([] == reasons(author, organization("b", "Client", "a"), before=closed))


def test_a_client_is_made_open():
    """Nobody is its member yet who could close it."""
    assert ["RestrictedField"] == reasons("a/admin", organization("n", "Client", "a", partnerAccess="Denied"))
    assert [] == reasons("a/admin", organization("n", "Client", "a", partnerAccess="Allowed"))


def test_partner_access_elsewhere():
    """On a suborganization it is its client's; a partner has none to deny; what stays Denied is no change of it."""
    denied = organization("d", "SubOrganization", "b", partnerAccess="Denied")
    closed = HOUSE.changed(changes(denied))
    named = organization("d", "SubOrganization", "b", partnerAccess="Denied", displayName="D")

    assert [] == reasons("b/admin", denied)
    assert ["RestrictedField"] == reasons("a/admin", denied)
    assert [] == reasons("a/admin", named, before=closed)
    assert ["RestrictedField"] == reasons("a/admin", organization("d", "SubOrganization", "b"), before=closed)
    assert [] == reasons("a/admin", organization("a", "Partner", partnerAccess="Denied"))
    assert {"AuthorUnproven", "RestrictedField"} == set(reasons(None, denied))


def test_nobody_deletes_a_module():
    """Not even whoever holds everything in the Platform."""
    extra = HOUSE.changed(changes(module("extra", {"Things View": ["Reader"]})))

    assert ["AuthorNotAllowed"] == reasons("platform/admin", gone=["Module/extra"], before=extra)


@pytest.mark.parametrize("kind", ["Platform", "Partner", "SubOrganization"])
def test_a_type_never_changes(kind):
    """Q23: an organization stays what it is, also where it is deleted and made anew by one commit."""
    parent = "e" if kind == "SubOrganization" else None

    assert "TypeChanged" in reasons("platform/admin", organization("c", kind, parent))


def test_visibility_fits_the_owner():
    """Public is the Platform's alone, Named the Platform's and partners'."""
    assert ["RestrictedField"] == reasons("b/admin", service("b/new", visibility="Public"))
    assert ["RestrictedField"] == reasons("b/admin", service("b/new", visibility="Named", visibleTo=["d"]))
    assert ["RestrictedField"] == reasons("a/admin", service("a/new", visibility="Public"))
    assert [] == reasons("a/admin", service("a/new", visibility="Named", visibleTo=["b"]))
    assert [] == reasons("platform/admin", service("platform/new", visibility="Public"))
    assert {"AuthorNotAllowed", "ReferenceMissing"} == set(
        reasons("b/admin", service("ghost/new", visibility="Public"))
    )


FLOWS = [use("platform/manager"), use("platform/manager", managed=True)]
SCHEMA, RULES = {"parameters": {"type": "object"}}, {"targetRules": {"minItems": 1, "maxItems": 2, "pattern": "a"}}
GUESTS, ADMINS = {"name": "guests"}, {"name": "admins"}
STRICTER = [
    pytest.param({}, {"approvals": FLOWS[:1]}, id="a first approval"),
    pytest.param({"approvals": FLOWS[:1]}, {"approvals": FLOWS}, id="one more approval behind"),
    pytest.param({"approvals": FLOWS[:1]}, {"approvals": FLOWS[::-1]}, id="one more approval in front"),
    pytest.param({}, {"roles": [GUESTS]}, id="not everyone any more"),
    pytest.param({"roles": [GUESTS, ADMINS]}, {"roles": [GUESTS]}, id="one role less"),
    pytest.param({}, {"parameters": {"type": "object"}}, id="a first schema"),
    pytest.param({}, {"targetRules": {"minItems": 1, "maxItems": 2, "pattern": "a"}}, id="first rules for targets"),
    pytest.param({"targetRules": {"maxItems": 2}}, {"targetRules": {"maxItems": 1, "minItems": 1}}, id="fewer targets"),
    pytest.param({"approvals": FLOWS}, {"approvals": FLOWS, "state": "Disabled"}, id="switched off"),
    pytest.param(SCHEMA, SCHEMA | {"approvals": FLOWS}, id="the same schema, and an approval"),
    pytest.param(RULES, RULES | {"roles": [GUESTS]}, id="the same rules for targets, and a role"),
]
LOOSER = [
    pytest.param({"approvals": FLOWS}, {"approvals": FLOWS[:1]}, id="an approval less"),
    pytest.param({"approvals": FLOWS}, {"approvals": FLOWS[::-1]}, id="another order"),
    pytest.param({"approvals": FLOWS[:1]}, {"approvals": FLOWS[1:]}, id="a condition put on it"),
    pytest.param({"approvals": FLOWS[1:]}, {"approvals": FLOWS}, id="a flow where none applied"),
    pytest.param({"roles": [GUESTS]}, {}, id="everyone again"),
    pytest.param({"roles": [GUESTS]}, {"roles": [GUESTS, ADMINS]}, id="one role more"),
    pytest.param({"roles": [GUESTS]}, {"roles": [ADMINS]}, id="another role"),
    pytest.param({"parameters": {"type": "object"}}, {}, id="no schema any more"),
    pytest.param({"parameters": {"maxProperties": 1}}, {"parameters": {"maxProperties": 2}}, id="another schema"),
    pytest.param({"targetRules": {"maxItems": 1}}, {"targetRules": {"maxItems": 2}}, id="more targets"),
    pytest.param({"targetRules": {"maxItems": 1}}, {"targetRules": {}}, id="as many targets as one likes"),
    pytest.param({"targetRules": {"minItems": 2}}, {"targetRules": {"minItems": 1}}, id="fewer targets than wanted"),
    pytest.param({"targetRules": {"pattern": "a"}}, {"targetRules": {"pattern": "b"}}, id="another pattern"),
    pytest.param({"approvals": FLOWS}, None, id="taken away"),
]


def loosened(old, new):
    """What comes of helga, who may enable but not approve, changing an enablement from one spec to the other."""
    before = HOUSE.changed(changes(enablement("b/reset", "platform/reset", **old)))
    if new is None:
        return reasons("b/helga", gone=["EnabledMicroservice/b/reset"], before=before)
    return reasons("b/helga", enablement("b/reset", "platform/reset", **new), before=before)


@pytest.mark.parametrize(("old", "new"), STRICTER)
def test_asking_for_more_needs_no_approver(old, new):
    """What is plainly stricter than before takes the right to enable alone."""
    assert [] == loosened(old, new)


@pytest.mark.parametrize(("old", "new"), LOOSER)
def test_asking_for_less_takes_an_approver(old, new):
    """What is not plainly as strict as before takes the right to approve as well."""
    assert ["RestrictedField"] == loosened(old, new)


def test_another_microservice_is_another_enablement():
    """Pointing a strict enablement elsewhere is removing it, and the message names what is lost."""
    before = HOUSE.changed(changes(service("b/own"), enablement("b/reset", "platform/reset", approvals=FLOWS)))
    (refusal,) = judge(before, changes(enablement("b/reset", "b/own", approvals=FLOWS)), ref("b/helga"), at=AT)

    assert "RestrictedField" == refusal.reason
    assert "approvals" in refusal.message
