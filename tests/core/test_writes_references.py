"""A reference to nothing is refused, and so is taking away what is referred to."""

from datetime import UTC, datetime

import pytest

from assent.core.writes import judge
from builders import (
    ALL,
    changes,
    enablement,
    flow,
    ident,
    module,
    modules,
    organization,
    ref,
    role,
    service,
    stage,
    tree,
    use,
    user,
    world,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOSSES = {
    "platform": (role("platform/bosses", {"*": ALL}), user("platform/boss", "bosses")),
    "a": (role("a/bosses", {"*": ALL}), user("a/boss", "bosses")),
}
HOUSE = [
    *tree("P-aab"),
    *modules(),
    *(one for pair in BOSSES.values() for one in pair),
    role("b/readers", {"b": {"portal": "User"}}),
    role("d/readers", {}),
    service("platform/reset"),
    flow("platform/manager"),
    flow("a/manager"),
    flow("c/manager"),
]
"""The partner a with the clients b and c, and d below b; the bosses hold everything."""


def refusals(author, *documents, gone=(), before=(), **options):
    return judge(world(*HOUSE, *before), changes(*documents, gone=gone), ref(author), at=AT, **options)


def lost(document, field, target, author="a/boss", name=None):
    """One document, the field of it that leads nowhere, and what is not there."""
    return pytest.param(author, document, field, target, id=name or f"{field} of {document.kind}")


def offered(**spec):
    return enablement("b/x", "platform/reset", **spec)


def staged(**approvers):
    return flow("b/x", stage("one", **approvers))


def subscribed(**what):
    return organization("c", "Client", "a", subscriptions=[what])


def conditional(*when):
    return module("x", {"Things View": [("Reader", *when)]})


GHOSTS = [{"name": "ghosts"}]
SEE = [{"module": "portal", "functionality": "Ghosts", "action": "See"}]
APPROVER = "spec.stages[0].approvers[0]"
PLATFORM = "Organization/platform"
BOSS = "platform/boss"
NOWHERE = [
    lost(role("ghost/x", {}), "metadata.namespace", "Organization/ghost"),
    lost(user("b/x", "ghosts"), "spec.role", "AccessRole/b/ghosts"),
    lost(user("d/x", "bosses"), "spec.role", "AccessRole/d/bosses", name="role of another organization"),
    lost(role("b/x", {"ghost": {}}), "spec.entries[0].organization", "Organization/ghost"),
    lost(role("b/x", {"b": {"ghost": "User"}}), "spec.entries[0].levels.ghost", "Module/ghost"),
    lost(role("b/x", {"b": {"portal": "Boss"}}), "spec.entries[0].levels.portal", "the level Boss of Module/portal"),
    lost(enablement("b/x", "b/ghost"), "spec.microservice", "Microservice/b/ghost"),
    lost(offered(roles=GHOSTS), "spec.roles[0]", "AccessRole/b/ghosts"),
    lost(offered(approvals=[use("b/ghost")]), "spec.approvals[0].flow", "ApprovalFlow/b/ghost"),
    lost(service("b/x", approvals=[use("b/ghost")]), "spec.approvals[0].flow", "ApprovalFlow/b/ghost"),
    lost(
        service("b/x", approvals=[use("a/manager", tiers=["Gold"])]),
        "spec.approvals[0].when.tiers",
        f"the tier Gold of {PLATFORM}",
    ),
    lost(service("b/x", products=["Ghost"]), "spec.products[0]", f"the product Ghost of {PLATFORM}"),
    lost(service("a/x", visibility="Named", visibleTo=["ghost"]), "spec.visibleTo[0]", "Organization/ghost"),
    lost(service("b/x", permissions=SEE), "spec.permissions[0]", "the row Ghosts See of Module/portal"),
    lost(staged(organizations=["ghost"]), f"{APPROVER}.organizations", "Organization/ghost"),
    lost(staged(roles=GHOSTS), f"{APPROVER}.roles", "AccessRole/b/ghosts"),
    lost(staged(users=GHOSTS), f"{APPROVER}.users", "User/b/ghosts"),
    lost(organization("x", "Client", "ghost"), "spec.parent", "Organization/ghost", BOSS),
    lost(subscribed(product="Ghost"), "spec.subscriptions[0]", f"the product Ghost of {PLATFORM}", BOSS),
    lost(
        subscribed(product="FlexxDesktop", tier="Gold"),
        "spec.subscriptions[0]",
        f"the tier FlexxDesktop Gold of {PLATFORM}",
        BOSS,
        name="tier of a subscription",
    ),
    lost(conditional("ghost", ["User"]), "spec.permissions[0]", "Module/ghost", BOSS),
    lost(
        conditional("portal", ["Boss"]),
        "spec.permissions[0]",
        "the level Boss of Module/portal",
        BOSS,
        name="level of a condition",
    ),
]


@pytest.mark.parametrize(("author", "document", "field", "target"), NOWHERE)
def test_a_reference_to_nothing_is_refused(author, document, field, target):
    """A user whose role does not exist waits for nobody; the message names the field and what is not there."""
    found = [one.message for one in refusals(author, document) if one.reason == "ReferenceMissing"]
    (where,) = changes(document)

    assert 1 == len(found)
    assert found[0].startswith(f"{field} of {where} names {target}, which does not exist")


def test_products_are_the_platforms():
    """Where there is no Platform, no product is listed."""
    boss = role("e/bosses", {"*": ALL}), user("e/boss", "bosses")
    made = world(*tree("----+")[4:], *modules(), *boss)
    (refusal,) = judge(made, changes(service("e/x", products=["FlexxDesktop"])), ref("e/boss"), at=AT)

    assert "spec.products[0] of Microservice/e/x names the Platform, which does not exist" == refusal.message


def test_what_the_same_commit_declares_is_there():
    """The order of documents does not matter, nor that of kinds."""
    new = [user("b/x", "readers2"), role("b/readers2", {"b": {"portal": "User"}}), enablement("b/own", "b/own")]

    assert () == refusals("a/boss", *new, service("b/own", approvals=[use("b/own")]), flow("b/own"))


ROLE, ABOVE, FLOW = "a role reaches its owner", "or of one above it", "a flow is used by its owner"
OUT_OF_REACH = [
    pytest.param(role("b/x", {"c": {}}), ROLE, id="a role for a sibling"),
    pytest.param(role("b/x", {"a": {}}), ROLE, id="a role for the organization above"),
    pytest.param(role("b/x", {"platform": {}}), ROLE, id="a role for the platform"),
    pytest.param(service("b/x", approvals=[use("c/manager")]), FLOW, id="a sibling's flow"),
    pytest.param(offered(approvals=[use("c/manager")]), FLOW, id="a sibling's flow in an enablement"),
    pytest.param(offered(roles=[{"organization": "d", "name": "readers"}]), ABOVE, id="a dependent's role"),
]


@pytest.mark.parametrize(("document", "why"), OUT_OF_REACH)
def test_a_reference_out_of_reach_is_refused(document, why):
    """Role targets lie below, roles of an enablement above; flows come from above or from the Platform."""
    (refusal,) = refusals("a/boss", document)

    assert "ReferenceMissing" == refusal.reason
    assert "out of reach of b" in refusal.message
    assert why in refusal.message


def test_what_is_within_reach_is_taken():
    """A role for what depends on its owner, flows of the owner, of one above and of the Platform, roles from above."""
    uses = [use("a/manager"), use("platform/manager"), use("b/own")]
    mine = enablement("b/x", "platform/reset", approvals=uses, roles=[{"organization": "a", "name": "bosses"}])

    assert () == refusals("a/boss", role("b/x", {"d": {}}), flow("b/own"), mine, service("b/y", approvals=uses))


def needed(name, gone, by, *before):
    """What is to be deleted, by which field of which document it is needed, and what is there besides the house."""
    return pytest.param(before, gone, by, id=name)


NEW = organization("n", "Client", "a")
READERS, MANAGER = "AccessRole/b/readers", "ApprovalFlow/a/manager"
MANAGED = {"approvals": [use("a/manager")]}
BY_NAME = [{"name": "readers"}]
NEEDED = [
    needed("a role somebody has", READERS, "User/b/x (spec.role)", user("b/x", "readers")),
    needed("a role that may ask", READERS, "EnabledMicroservice/b/x (spec.roles[0])", offered(roles=BY_NAME)),
    needed("a role that approves", READERS, f"ApprovalFlow/b/x ({APPROVER}.roles)", staged(roles=BY_NAME)),
    needed(
        "a user who approves",
        "User/b/y",
        f"ApprovalFlow/b/x ({APPROVER}.users)",
        user("b/y"),
        staged(users=[{"name": "y"}]),
    ),
    needed("a microservice", "Microservice/platform/reset", "EnabledMicroservice/b/x (spec.microservice)", offered()),
    needed("a microservice's flow", MANAGER, "Microservice/b/x (spec.approvals[0].flow)", service("b/x", **MANAGED)),
    needed("an enablement's flow", MANAGER, "EnabledMicroservice/b/x (spec.approvals[0].flow)", offered(**MANAGED)),
    needed("what has something in it", "Organization/d", "AccessRole/d/readers (metadata.namespace)"),
    needed(
        "what has dependents",
        "Organization/n",
        "Organization/m (spec.parent)",
        NEW,
        organization("m", "SubOrganization", "n"),
    ),
    needed(
        "what a role names",
        "Organization/n",
        "AccessRole/a/x (spec.entries[0].organization)",
        NEW,
        role("a/x", {"n": {}}),
    ),
    needed(
        "what a microservice is visible to",
        "Organization/n",
        "Microservice/a/x (spec.visibleTo[0])",
        NEW,
        service("a/x", visibility="Named", visibleTo=["n"]),
    ),
]


@pytest.mark.parametrize(("before", "gone", "by"), NEEDED)
def test_what_is_needed_stays(before, gone, by):
    """Q22: it is not deleted while something refers to it, and the message says what does."""
    author = "platform/boss" if "platform" in gone else "a/boss"
    (refusal,) = refusals(author, gone=[gone], before=before)

    assert "StillNeeded" == refusal.reason
    assert ident(gone) == refusal.ident
    assert f"still needed by {by}" in refusal.message


@pytest.mark.parametrize(("before", "gone", "by"), NEEDED)
def test_what_is_needed_goes_with_what_needs_it(before, gone, by):
    """The same commit may take both away."""
    author = "platform/boss" if "platform" in gone else "a/boss"
    both = [gone, by.split(" ")[0]]
    answers = [one for one in refusals(author, gone=both, before=before) if one.reason == "StillNeeded"]

    assert [] == answers


def test_all_that_needs_it_is_counted():
    """Three are named, and how many more there are; what still names it in the same commit is told that it is gone."""
    users = [user(f"b/x{number}", "readers") for number in range(5)]
    (refusal,) = refusals("a/boss", gone=[READERS], before=users)
    named = ", ".join(f"User/b/x{number} (spec.role)" for number in range(3))
    assert f"{READERS} is still needed by {named} and 2 more" == refusal.message

    (refusal,) = refusals("a/boss", gone=[READERS], before=users[:3])
    assert f"{READERS} is still needed by {named}" == refusal.message

    (refusal,) = refusals("a/boss", user("b/x0", "readers", department="IT"), gone=[READERS], before=users[:1])
    assert ("ReferenceMissing", "User/b/x0") == (refusal.reason, str(refusal.ident))


def test_rows_levels_and_products_stay_while_they_are_used():
    """What is taken out of a module or of the Platform's products is missed like a document."""
    extra = module("extra", {"Things View": ["Reader"], "Things Write": ["Writer"]})
    row = {"module": "extra", "functionality": "Things", "action": "Write"}
    users = [role("d/x", {"*": {"extra": "Writer"}}), service("d/y", permissions=[row])]
    (refusal,) = refusals("platform/boss", module("extra", {"Things View": ["Reader"]}), before=[extra, *users])
    assert "what is taken out of Module/extra is still needed by AccessRole/d/x" in refusal.message

    taken = organization("c", "Client", "a", subscriptions=[{"product": "FlexxDesktop", "tier": "Standard"}])
    fewer = [{"name": "FlexxDesktop", "tiers": [{"name": "Enterprise"}]}]
    (refusal,) = refusals("platform/boss", organization("platform", "Platform", products=fewer), before=[taken])
    assert "StillNeeded" == refusal.reason
    assert "Organization/c (spec.subscriptions[0])" in refusal.message


def test_open_requests_keep_their_organization():
    """Rule 16: it is not deleted before they end; microservices and enablements may go, and the requests then hold."""
    (refusal,) = refusals("a/boss", gone=["Organization/n"], before=[NEW], open_requests=[ref("n/vdi")])

    assert "StillNeeded" == refusal.reason
    assert "n/vdi" in refusal.message
    assert () == refusals("a/boss", gone=["EnabledMicroservice/b/x"], before=[offered()], open_requests=[ref("b/vdi")])
    assert () == refusals("a/boss", gone=["Organization/n"], before=[NEW], open_requests=[ref("b/vdi")])
    named = organization("n", "Client", "a", displayName="N")
    assert () == refusals("a/boss", named, before=[NEW], open_requests=[ref("n/vdi")])


def test_a_move_leaves_entries_behind_and_nobody_is_held_up_by_them():
    """A client that leaves its partner takes the effect of the partner's entries away, not the right to be deleted."""
    moved = [NEW, role("a/x", {"n": {"portal": "User"}})]
    alone = organization("n", "Client")

    assert () == refusals("platform/boss", alone, before=moved)
    assert () == refusals("platform/boss", gone=["Organization/n"], before=[moved[1], alone])


def test_what_was_broken_before_is_nobodys_fault():
    """A reference that led nowhere already does not stand against the deletion of something else."""
    orphan = user("b/x", "ghosts")

    higher = [module("extra", {"Things View": ["Reader"]}), role("d/x", {"*": {"extra": "Writer"}})]
    assert () == refusals("a/boss", gone=["ApprovalFlow/a/manager"], before=[orphan])
    assert () == refusals("platform/boss", module("extra", {"Things Read": ["Reader"]}), before=higher)
    (refusal,) = refusals("a/boss", user("b/x", "ghosts", department="IT"), before=[orphan])
    assert "ReferenceMissing" == refusal.reason
