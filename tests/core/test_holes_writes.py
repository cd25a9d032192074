"""Ways around the rules of writing that were once open: each test names what it prevents."""

from datetime import UTC, datetime

import pytest

from assent.core.offers import Offer, offered, visible
from assent.core.writes import judge
from builders import (
    ADMIN,
    ALL,
    changes,
    document,
    enablement,
    flow,
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
HOUSE = world(
    *tree("P-aab-e"),
    *modules(),
    *(
        one
        for owner in ("platform", "a", "e")
        for one in (role(f"{owner}/bosses", {"*": ALL}), user(f"{owner}/boss", "bosses"))
    ),
    role("b/admins", {"*": ALL}),
    user("b/bea", "admins"),
    role("b/porters", {"*": ADMIN | {"automate": "Requester"}}),
    user("b/pat", "porters"),
    user("b/otto"),
    service("platform/reset"),
    service("b/secret", visibility="Private"),
    service("b/shared"),
    flow("platform/manager"),
    role("f/admins", {"*": ALL}),
    user("f/fay", "admins"),
)
"""The partner a with the clients b and c, and d below b; the partner e, a stranger to them, with its client f."""


def refusals(author, *documents, gone=(), before=(), house=HOUSE):
    there = house.changed(changes(*before))
    return judge(there, changes(*documents, gone=gone), ref(author), at=AT)


def reasons(*given, **options):
    return [one.reason for one in refusals(*given, **options)]


FOUNDER = role("a/founders", {"a": ALL}), user("a/fred", "founders")
AUDIT = module("audit", {"Log View": ["Auditor"]})
PORTAL = HOUSE.matrices.by_name["portal"].plain()["spec"]
ROW = {"functionality": "Log", "action": "View", "grants": [{"level": "Auditor"}]}
WIDER = document(
    "Module",
    "portal",
    PORTAL | {"levels": [*PORTAL["levels"], {"name": "Auditor"}], "permissions": [*PORTAL["permissions"], ROW]},
)


@pytest.mark.parametrize(
    "news",
    [
        pytest.param((), id="as it was"),
        pytest.param((AUDIT,), id="a module more"),
        pytest.param((WIDER,), id="a row more"),
    ],
)
def test_a_new_permission_opens_no_client_to_those_above(news):
    """A row that nobody holds yet once let the partner's founders put their own people into a client, and out its."""
    mine = role("b/guests", {"b": ALL}), user("b/guest", "guests")

    assert "AuthorNotAllowed" in reasons("a/fred", *mine, before=[*FOUNDER, *news])
    assert "AuthorNotAllowed" in reasons("a/fred", gone=["User/b/bea"], before=[*FOUNDER, *news])
    new = organization("n", "Client", "a"), role("n/guests", {"n": ALL})
    assert [] == reasons("a/fred", *new, before=[*FOUNDER, *news])


def test_a_governing_right_that_nobody_can_hold_opens_nothing():
    """A row of the portal that loses all its grants would otherwise begin every organization's first day again."""
    rows = {
        f"{kind} {verb}": ["OrganizationAdmin"]
        for kind, verb in [("Organizations", "Create"), ("Users", "Create"), ("Users", "Modify"), ("Roles", "Create")]
    }
    people = [role("a/founders", {"a": ADMIN}), user("a/fred", "founders"), role("b/x", {"b": ADMIN}), user("b/x", "x")]
    before = world(*tree("P-ab"), module("portal", rows), *people)

    assert ["AuthorNotAllowed"] == reasons("a/fred", user("b/new"), house=before)


STRANGERS = [
    pytest.param(service("e/x", visibility="Named", visibleTo=["b"]), "spec.visibleTo[0]", id="a named client"),
    pytest.param(service("e/x", visibility="Named", visibleTo=["a"]), "spec.visibleTo[0]", id="a named partner"),
    pytest.param(enablement("f/x", "b/secret"), "spec.microservice", id="a hidden microservice"),
    pytest.param(enablement("d/x", "b/secret"), "spec.microservice", id="a hidden one of the client above"),
    pytest.param(enablement("f/x", "b/shared"), "spec.microservice", id="one that others may see"),
    *(
        pytest.param(flow("f/x", stage("one", **who)), f"spec.stages[0].approvers[0].{what}[0]"[:-3], id=what)
        for what, who in {
            "organizations": {"organizations": ["b"]},
            "roles": {"roles": [{"organization": "b", "name": "admins"}]},
            "users": {"users": [{"organization": "b", "name": "otto"}]},
        }.items()
    ),
    pytest.param(service("f/x", approvals=[use("b/own")]), "spec.approvals[0].flow", id="a flow"),
    pytest.param(role("f/x", {"b": {}}), "spec.entries[0].organization", id="an entry"),
]
AUTHORS = {"e": "e/boss", "f": "f/fay", "d": "b/bea"}


@pytest.mark.parametrize(("document", "field"), STRANGERS)
def test_strangers_documents_are_not_named(document, field):
    """A foothold in a stranger's catalogue, approvals or deletions begins with naming what is theirs."""
    (refusal,) = refusals(AUTHORS[document.namespace], document)

    assert "ReferenceMissing" == refusal.reason
    assert field in refusal.message
    assert f"out of reach of {document.namespace}" in refusal.message


def renamed(one, old, new):
    """The same document, naming something else."""
    text = one.model_dump_json(by_alias=True, exclude_none=True).replace(f'"{old}"', f'"{new}"')
    return type(one).model_validate_json(text)


@pytest.mark.parametrize(
    ("document", "there", "nowhere"),
    [
        pytest.param(enablement("f/x", "b/secret"), "secret", "ghost", id="a microservice"),
        pytest.param(
            flow("f/x", stage("one", users=[{"organization": "b", "name": "otto"}])), "otto", "ghost", id="a user"
        ),
        pytest.param(
            flow("f/x", stage("one", roles=[{"organization": "b", "name": "admins"}])), "admins", "ghost", id="a role"
        ),
        pytest.param(flow("f/x", stage("one", "b")), "b", "ghost", id="an organization"),
        pytest.param(service("e/x", visibility="Named", visibleTo=["b"]), "b", "ghost", id="a client"),
    ],
)
def test_a_refusal_tells_nobody_what_strangers_have(document, there, nowhere):
    """What is there and out of reach is answered in the same words as what is not there: names are not probed for."""
    author = AUTHORS[document.namespace]
    (real,) = refusals(author, document)
    (ghost,) = refusals(author, renamed(document, there, nowhere))

    assert ghost.message == real.message.replace(f"/{there},", f"/{nowhere},")
    assert (ghost.reason, ghost.hint, ghost.chain) == (real.reason, real.hint, real.chain)


NAMED = {"organizations": ["a", "b", "d"], "users": [{"organization": "a", "name": "boss"}]}
OWN_LINE = [
    pytest.param("a/boss", service("a/x", visibility="Named", visibleTo=["b", "d"]), id="a partner's dependents"),
    pytest.param(
        "platform/boss", service("platform/x", visibility="Named", visibleTo=["b", "f"]), id="by the platform"
    ),
    pytest.param("b/bea", flow("b/x", stage("one", **NAMED)), id="above and below"),
    pytest.param("b/bea", flow("b/x", stage("one", "platform", "Partner")), id="the platform, and by relation"),
    pytest.param("platform/boss", flow("platform/x", stage("one", "b", "f")), id="a flow of the platform"),
    pytest.param("b/bea", enablement("d/x", "b/shared"), id="what one may see"),
    pytest.param("b/bea", enablement("b/x", "b/secret"), id="one's own"),
]


@pytest.mark.parametrize(("author", "document"), OWN_LINE)
def test_ones_own_line_and_the_platform_are_named_as_ever(author, document):
    """The owner, what is above and below it, and the Platform; the Platform names everybody."""
    assert [] == reasons(author, document)


PINS = [
    pytest.param([enablement("f/x", "b/secret")], "Microservice/b/secret", id="an enablement"),
    pytest.param(
        [flow("f/x", stage("one", users=[{"organization": "b", "name": "otto"}]))], "User/b/otto", id="an approver"
    ),
    pytest.param([service("e/x", visibility="Named", visibleTo=["c"])], "Organization/c", id="a name in visibleTo"),
]


@pytest.mark.parametrize(("pins", "gone"), PINS)
def test_strangers_hold_nobody_up(pins, gone):
    """What a stranger came to name, in a document older than the rule, keeps nobody from deleting what is theirs."""
    assert [] == reasons("a/boss" if gone.startswith("Org") else "b/bea", gone=[gone], before=pins)


def test_those_below_are_still_waited_for():
    """An owner who hides a microservice from those who enabled it does not thereby take it from under them."""
    hidden = [service("b/shared", visibility="Private"), enablement("d/x", "b/shared")]

    assert ["StillNeeded"] == reasons("b/bea", gone=["Microservice/b/shared"], before=hidden)


def test_what_is_shown_no_longer_can_be_disabled():
    """Who enabled it once may go on saying so, and switch it off, although they could not enable it today."""
    hidden = [service("b/shared", visibility="Private"), enablement("d/x", "b/shared")]

    assert [] == reasons("b/bea", enablement("d/x", "b/shared", state="Disabled"), before=hidden)
    assert ["ReferenceMissing"] == reasons("b/bea", enablement("d/x", "b/secret"), before=hidden)


def test_strangers_offer_nothing():
    """A partner's microservice of the same name would stand beside the platform's, and hold every request for it."""
    fake = service("e/vdi", visibility="Named", visibleTo=["b", "f"], enabledByDefault=True)
    made = HOUSE.changed(changes(service("platform/vdi", enabledByDefault=True), fake))
    found = offered(made, "b", "vdi")

    assert not visible(made, fake, "b")
    assert visible(made, fake, "f")
    assert isinstance(found, Offer)
    assert "platform" == found.owner


MANAGED = use("platform/manager", managed=True)
UNDER = {"approvals": [MANAGED]}
ADDED = [
    pytest.param([use("platform/manager"), MANAGED], "RestrictedField", id="one for all in front"),
    pytest.param([MANAGED, use("platform/manager")], "RestrictedField", id="one for all behind"),
    pytest.param([MANAGED, use("platform/manager", managed=False)], "RestrictedField", id="one for the others"),
    pytest.param([MANAGED, use("b/own", managed=True)], None, id="one under the same condition"),
]


@pytest.mark.parametrize(("uses", "expected"), ADDED)
def test_a_flow_where_none_applied_lets_requests_through(uses, expected):
    """Where every flow has a condition, the others hold: to add a flow for these is to loosen, and needs Approve."""
    before = [enablement("b/x", "platform/reset", **UNDER), flow("b/own")]
    after = enablement("b/x", "platform/reset", approvals=uses)

    assert ([expected] if expected else []) == reasons("b/pat", after, before=before)
    assert [] == reasons("b/bea", after, before=before)


def test_a_robot_makes_no_human_of_itself():
    """An Automation that may write users would turn itself into somebody who approves; nor does a Human hide as one."""
    robot = user("b/ci", "admins", type="Automation")
    human = user("b/ci", "admins")

    assert ["RestrictedField"] == reasons("b/ci", human, before=[robot])
    assert ["RestrictedField"] == reasons("b/ci", robot, before=[human])
    assert [] == reasons("b/bea", human, before=[robot])
    assert [] == reasons("b/ci", user("b/ci", "admins", type="Automation", department="IT"), before=[robot])
