"""A write at the API server's door: who passes unjudged, who is judged by what, and what the refused are told."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.core import admissions, dangling, integrity
from assent.core.admissions import Bootstrap, Ground, Version, Write, admit, bootstrap_over, sentence
from assent.core.proposals import Refusal
from builders import (
    ADMIN,
    ALL,
    document,
    enablement,
    flow,
    ident,
    module,
    modules,
    organization,
    ref,
    request,
    role,
    service,
    tree,
    user,
    world,
)

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
AGENT = "system:serviceaccount:argocd:argocd-application-controller"
OPERATOR = "system:serviceaccount:assent-system:assent-operator"
COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
SOMEBODY = "kubernetes-admin"

WORLD = world(
    *tree("P-a+"),
    *modules(),
    role("platform/admins", {"*": ALL}),
    user("platform/pia", "admins"),
    role("a/admins", {"*": ALL}),
    user("a/ana", "admins"),
    role("b/admins", {"*": ADMIN}),
    user("b/bea", "admins", aliases=["bea"]),
    role("b/staff", {"*": {"portal": "User"}}),
    user("b/otto", "staff"),
    user("b/gone", "admins", suspended=True),
    service("b/reset"),
    enablement("b/reset", "b/reset"),
    flow("b/manager"),
)
"""The platform, the partner a with its client b, and c, a client of nobody's: bea administers b's portal."""

GROUND = Ground(WORLD, NOW, agents=frozenset({AGENT}), operator=OPERATOR)


def deep(levels):
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "maxItems": 1, "items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        pytest.param({"maximum": 2**53}, "is an integer beyond 2^53-1", id="large"),
        pytest.param(deep(400), "has more than 32 levels", id="deep"),
    ],
)
def test_rule_28_what_has_no_digest_is_let_in_by_nobody(schema, why):
    """Whoever holds all rights writes it; the answer says what is wrong."""
    found = service("b/odd").plain()
    found["spec"]["parameters"] = {"type": "object", "additionalProperties": False, "properties": {"x": schema}}
    verdict = admit(Write(None, Version(found), "bea@b"), GROUND)

    assert verdict.invalid
    assert why in verdict.message


def version(held, *, notes=None, owners=(), finalizers=()):
    """A document as the API server holds it."""
    return None if held is None else Version(held.plain(), notes or {}, owners, finalizers)


def write(new=None, by="bea@b", old=None, groups=(), **about):
    return Write(version(old), version(new, **about), by, frozenset(groups))


def create(held, by="bea@b", ground=GROUND, **about):
    return admit(write(held, by, **about), ground)


def change(held, by="bea@b", ground=GROUND, **about):
    """The document in force of the same name, changed to this one."""
    return admit(write(held, by, ground.world.get(admissions.identify(held.plain())), **about), ground)


def delete(which, by="bea@b", ground=GROUND):
    return admit(write(None, by, ground.world.get(ident(which))), ground)


def reasons(verdict):
    """The words that the lines of a refusal begin with."""
    return [line.partition(":")[0] for line in verdict.message.splitlines()]


TABLE = [
    pytest.param(create(organization("n", "SubOrganization", "b")), [], id="organization, by its client"),
    pytest.param(create(organization("n", "Client")), ["AuthorNotAllowed"], id="organization, not by a stranger"),
    pytest.param(create(organization("n", "Client"), "pia@platform"), [], id="client of nobody's, by the platform"),
    pytest.param(change(organization("b", "Client", "a", displayName="B")), [], id="organization, its own words"),
    pytest.param(change(organization("b", "Client")), ["RestrictedField"], id="parent, not by its own"),
    pytest.param(delete("Organization/c"), ["AuthorNotAllowed"], id="organization, deleted by a stranger"),
    pytest.param(delete("Organization/c", "pia@platform"), [], id="organization, deleted by the platform"),
    pytest.param(delete("Organization/b", "ana@a"), ["StillNeeded"], id="organization, with documents"),
    pytest.param(create(module("more", {"Things View": ["All"]})), ["AuthorNotAllowed"], id="module, by a client"),
    pytest.param(create(module("more", {"Things View": ["All"]}), "pia@platform"), [], id="module, by the platform"),
    pytest.param(delete("Module/analyzer", "pia@platform"), ["AuthorNotAllowed", "StillNeeded"], id="module, deleted"),
    pytest.param(create(role("b/new", {"*": {"portal": "User"}})), [], id="role, within the ceiling"),
    pytest.param(create(role("b/new", {"*": ALL})), ["CeilingExceeded"], id="role, above the ceiling"),
    pytest.param(create(role("b/new", {"*": {}}), "otto@b"), ["AuthorNotAllowed"], id="role, without the right"),
    pytest.param(create(role("a/new", {"*": {}})), ["AuthorNotAllowed"], id="role, of the organization above"),
    pytest.param(change(role("b/staff", {"*": ALL})), ["CeilingExceeded"], id="role, raised"),
    pytest.param(delete("AccessRole/b/staff"), ["StillNeeded"], id="role, that somebody has"),
    pytest.param(create(user("b/new", "staff")), [], id="user"),
    pytest.param(create(user("b/new", "nowhere")), ["ReferenceMissing"], id="user, with a role that is not there"),
    pytest.param(create(user("b/new", "staff", username="BEA@b")), ["WorldBroken"], id="user, who looks like another"),
    pytest.param(change(user("b/otto", "staff", language="es"), "otto@b"), [], id="own language"),
    pytest.param(change(user("b/otto", "admins"), "otto@b"), ["AuthorNotAllowed", "CeilingExceeded"], id="own role"),
    pytest.param(change(user("b/otto", "staff", suspended=True)), [], id="user, suspended"),
    pytest.param(delete("User/b/otto"), [], id="user, deleted"),
    pytest.param(create(service("b/more")), [], id="microservice"),
    pytest.param(delete("Microservice/b/reset"), ["StillNeeded"], id="microservice, that is enabled"),
    pytest.param(delete("EnabledMicroservice/b/reset"), [], id="enablement, deleted"),
    pytest.param(create(flow("b/more")), ["AuthorNotAllowed"], id="flow, also takes Requests Approve"),
    pytest.param(create(flow("b/more"), "ana@a"), [], id="flow, by who may approve"),
    pytest.param(create(role("b/new", {"*": {}}), "bea"), [], id="by an alias"),
    pytest.param(create(role("b/new", {"*": {}}), "gone@b"), ["AuthorNotAllowed"], id="by somebody suspended"),
    pytest.param(create(role("b/new", {"*": {}}), "BEA@b"), ["AuthorUnproven"], id="by a name that only looks alike"),
    pytest.param(create(role("b/new", {"*": {}}), SOMEBODY), ["AuthorUnproven"], id="by a login that is no User's"),
    pytest.param(create(role("b/new", {"*": {}}), OPERATOR), ["AuthorUnproven"], id="by the operator's account"),
    pytest.param(create(role("b/new", {"*": {}}), COLLECTOR), ["AuthorUnproven"], id="by the garbage collector"),
    pytest.param(create(role("b/new", {"*": ALL}), AGENT), [], id="by an agent"),
    pytest.param(delete("AccessRole/b/staff", AGENT), [], id="deleted by an agent"),
    pytest.param(delete("AccessRole/b/staff", COLLECTOR), [], id="deleted by the garbage collector"),
    pytest.param(create(request("b/r", "reset", "otto@b"), SOMEBODY), [], id="requests are not judged here"),
]


@pytest.mark.parametrize(("verdict", "expected"), TABLE)
def test_writes_are_judged_as_commits_are(verdict, expected):
    """The table of who may write what, and the ceiling, hold for the login that wrote."""
    assert expected == reasons(verdict)
    assert (not expected) == verdict.allowed


def test_rule_12_the_refusal_names_rule_chain_and_remedy():
    """Whoever is refused reads the reason, what would be gained where, how they came not to hold it, what to do."""
    message = create(role("b/new", {"*": {"portal": "User", "automate": "Viewer"}})).message

    assert message.startswith("CeilingExceeded: through AccessRole/b/new somebody would gain automate: Requests View")
    assert "which b/bea does not hold there (user: bea@b is a user of b → role: the user has the role admins" in message
    assert message.endswith("; give no more than you hold, or have it written by somebody who holds it")


def test_an_unknown_login_is_told_about_logins():
    """In the cluster it is the login that proves who writes: no word of signatures or commits."""
    verdict = create(user("b/new", "staff"), SOMEBODY)

    assert "no one User signs in as 'kubernetes-admin'" in verdict.message
    assert not re.search(r"commit|signingKeys", verdict.message)


def test_no_refusal_speaks_of_commits():
    """What the shared judgement says about one commit reads here as one write after another."""
    sources = "".join(Path(one.__file__).read_text() for one in (dangling, integrity))
    hints = re.findall(r'"([^"\n]*same commit[^"\n]*)"', sources)

    assert 3 == len(hints)
    assert [] == [
        hint for hint in hints if "commit" in sentence(Refusal(ident("Organization/b"), "StillNeeded", "x", hint))
    ]


BROKEN = {
    "apiVersion": "assent.dev/v1alpha1",
    "kind": "AccessRole",
    "metadata": {"name": "new", "namespace": "b"},
    "spec": {"entries": [{"organization": "B", "levels": {}}], "colour": "red"},
}


@pytest.mark.parametrize("by", ["bea@b", SOMEBODY])
def test_a_document_that_no_model_takes_is_refused_with_all_that_is_wrong(by):
    """Every problem at once, each with its field, whoever writes."""
    verdict = admit(Write(None, Version(BROKEN), by), GROUND)

    assert verdict.invalid
    assert ["Invalid", "Invalid"] == reasons(verdict)
    assert "spec.colour: is no field that is known here" in verdict.message
    assert "spec.entries" in verdict.message


def test_a_document_of_no_kind_of_ours_is_refused():
    """What the webhook was never meant for does not pass by accident."""
    assert not admit(Write(None, Version({"kind": "Secret"}), "bea@b"), GROUND).allowed


OTTO = WORLD.get(ident("User/b/otto"))
ACME = WORLD.get(ident("Organization/b"))
HELD = ("assent.dev/organization",)
WRITER = {"assent.dev/written-by": "bea@b"}


@pytest.mark.parametrize(
    ("old", "new", "by", "allowed"),
    [
        pytest.param(version(OTTO), version(OTTO), SOMEBODY, True, id="nothing changes"),
        pytest.param(version(OTTO), version(OTTO, notes=WRITER), SOMEBODY, False, id="a writer's name changes"),
        pytest.param(version(OTTO), version(OTTO, finalizers=("x/y",)), "bea@b", False, id="a finalizer comes"),
        pytest.param(version(OTTO, finalizers=("x/y",)), version(OTTO), "bea@b", False, id="a finalizer goes"),
        pytest.param(version(OTTO), version(OTTO, owners=({"uid": "1"},)), "bea@b", False, id="an owner comes"),
        pytest.param(None, version(OTTO, owners=({"uid": "1"},)), "bea@b", False, id="born with an owner"),
        pytest.param(
            version(OTTO, finalizers=HELD), version(OTTO), COLLECTOR, True, id="the garbage collector lets go"
        ),
        pytest.param(version(ACME), version(ACME, finalizers=HELD), OPERATOR, True, id="the operator holds a deletion"),
        pytest.param(version(ACME, finalizers=HELD), version(ACME), OPERATOR, True, id="the operator lets it go"),
        pytest.param(version(ACME, finalizers=HELD), version(ACME), "ana@a", False, id="a person lets it go"),
        pytest.param(version(ACME), version(ACME, notes=WRITER), OPERATOR, False, id="the operator names a writer"),
        pytest.param(
            version(OTTO), version(OTTO, finalizers=HELD), OPERATOR, False, id="the operator binds another kind"
        ),
    ],
)
def test_what_binds_an_object_is_not_peoples(old, new, by, allowed):
    """Owners and finalizers delete and keep documents by themselves, so only Kubernetes and the operator set them."""
    assert allowed == admit(Write(old, new, by), GROUND).allowed


def test_nobody_is_the_operator_where_it_has_no_name():
    """An account without a name, where none is configured, is not taken for the operator."""
    bound = Write(version(ACME, finalizers=HELD), version(ACME), "")

    assert not admit(bound, replace(GROUND, operator="")).allowed


def test_a_stale_world_does_not_hide_what_is_changed():
    """Rule 25: the old object of the review counts, not what was last seen of it."""
    strong = role("b/staff", {"*": ALL})
    seen = replace(GROUND, world=WORLD.changed({ident("AccessRole/b/staff"): role("b/staff", {"*": {}})}))

    touched = admit(Write(version(strong), version(role("b/staff", {"*": {}})), "bea@b"), seen)

    assert ["NotConferable"] == reasons(touched)


def test_a_stale_world_lends_no_power_to_a_document_made_anew():
    """Rule 25: a role that is deleted already gives its maker nothing to go by, though it was seen a moment ago."""
    strong = role("b/strong", {"*": ALL})
    seen = replace(GROUND, world=WORLD.changed({ident("AccessRole/b/strong"): strong}))

    assert ["CeilingExceeded"] == reasons(create(strong, ground=seen))


def test_a_stale_world_does_not_hide_who_writes():
    """Who has just been declared may see to their own language, though their User was not seen yet."""
    seen = replace(GROUND, world=WORLD.changed({ident("User/b/otto"): None}))

    assert admit(Write(version(OTTO), version(user("b/otto", "staff", language="es")), "otto@b"), seen).allowed


def test_open_requests_hold_their_organization():
    """An organization with open requests is not deleted, by the same sentence as in Git."""
    busy = replace(GROUND, open_requests=frozenset({ref("c/vdi")}))
    verdict = delete("Organization/c", "pia@platform", busy)

    assert "StillNeeded: Organization/c is still needed by open requests: c/vdi" in verdict.message


def test_no_key_is_asked_for_where_logins_prove():
    """An administrator without a signing key governs: nobody above acts for them as on a first day."""
    keyless = WORLD.changed({ident("User/b/bea"): user("b/bea", "admins", signingKeys=[])})
    deputy = create(role("b/new", {"*": {}}), "ana@a", replace(GROUND, world=keyless))

    assert create(role("b/new", {"*": {}}), ground=replace(GROUND, world=keyless)).allowed
    assert deputy.allowed
    assert bootstrap_over(world(*tree("P"), *modules(), ROOT_ROLE, user("platform/pia", "admins", signingKeys=[])), NOW)


ROOT_ROLE = role("platform/admins", {"*": ALL})
OPENING = Bootstrap("platform-engineers", ended=False)


@pytest.mark.parametrize(
    ("documents", "over"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param(tree("P"), False, id="a platform"),
        pytest.param([*tree("P"), ROOT_ROLE, user("platform/pia", "admins")], False, id="no module yet"),
        pytest.param([*tree("P"), *modules(), user("platform/pia")], False, id="somebody without a role"),
        pytest.param(
            [*tree("P"), *modules(), ROOT_ROLE, user("platform/pia", "admins", suspended=True)], False, id="suspended"
        ),
        pytest.param(
            [*tree("P"), *modules(), ROOT_ROLE, user("platform/bot", "admins", type="Automation")], False, id="no Human"
        ),
        pytest.param(
            [*tree("P+"), *modules(), role("a/admins", {"*": ALL}), user("a/ana", "admins")], False, id="elsewhere"
        ),
        pytest.param([*tree("P"), *modules(), ROOT_ROLE, user("platform/pia", "admins")], True, id="an administrator"),
    ],
)
def test_the_bootstrap_ends_with_the_platforms_first_administrator(documents, over):
    """It lasts until a Human who is not suspended governs the Platform, and the group writes just as long."""
    start = Ground(world(*documents), NOW, bootstrap=OPENING)
    opened = create(organization("z", "Partner"), SOMEBODY, start, groups=["platform-engineers"])

    assert over == bootstrap_over(start.world, NOW)
    assert over == (not opened.allowed)


@pytest.mark.parametrize(
    ("bootstrap", "groups"),
    [
        pytest.param(replace(OPENING, ended=True), ["platform-engineers"], id="it ended once"),
        pytest.param(OPENING, ["developers"], id="another group"),
        pytest.param(Bootstrap("", ended=False), [""], id="no group is configured"),
        pytest.param(Bootstrap(), ["platform-engineers"], id="nothing is known of it"),
    ],
)
def test_only_the_group_writes_only_until_it_ended(bootstrap, groups):
    """What the ledger says is for ever: an empty Platform does not open it again."""
    start = Ground(world(), NOW, bootstrap=bootstrap)

    assert ["AuthorUnproven"] == reasons(create(organization("z", "Platform"), SOMEBODY, start, groups=groups))


def test_the_bootstrap_group_is_told_of_broken_documents():
    """Nothing that the models refuse comes in, not even before anybody governs."""
    start = Ground(world(), NOW, bootstrap=OPENING)
    broken = Write(None, Version(BROKEN), SOMEBODY, frozenset({"platform-engineers"}))

    assert admit(broken, start).invalid


def test_what_cannot_be_read_was_not_in_force():
    """A stored document that this version refuses is mended as if it were made anew."""
    mended = document("AccessRole", "new", {"entries": [{"organization": "b", "levels": {"portal": "User"}}]}, "b")

    assert admit(Write(Version(BROKEN), version(mended), "bea@b"), GROUND).allowed
    assert not admit(Write(Version(BROKEN), version(mended), "otto@b"), GROUND).allowed
