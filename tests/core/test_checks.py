"""Whatever is wrong with a world is found: all of it, at the document and field where it is wrong."""

import pytest

from assent.api.findings import Finding
from assent.api.kinds import field
from assent.api.names import Ident, Ref
from assent.core.checks import CHECKS, RULES, check
from assent.core.checks.rules import WARNINGS
from builders import (
    ALL,
    document,
    enablement,
    flow,
    modules,
    organization,
    public_key,
    request,
    role,
    service,
    stage,
    tree,
    use,
    user,
    world,
)

PEOPLE = [
    role("platform/ops", {"*": ALL}),
    user("platform/ingrid", "ops"),
    user("platform/olivia", "ops"),
    role("a/support", {"*": ALL}),
    user("a/pedro", "support"),
    role("b/admins", {"*": ALL}),
    user("b/maria", "admins"),
    user("b/alba", "admins"),
    role("b/users", {"b": {"portal": "User", "automate": "Requester"}}),
    user("b/juan", "users"),
]
FLOWS = [
    flow("platform/manager", stage("manager", "Requesting", "Client", "Partner")),
    flow("platform/both", stage("manager", "Requesting", "Client", "Partner"), stage("platform", "Platform")),
]
SCHEMA = {"type": "object", "additionalProperties": False, "properties": {"count": {"type": "integer"}}}
GOOD = [*tree("P-aab"), *modules(), *PEOPLE, *FLOWS]
"""The platform; the partner a with its clients b and c; d, a suborganization of b; people, and two flows."""


def found(*documents, **unread):
    """What is wrong with the good world and these documents, which stand in place of its own."""
    every = {(one.kind, one.namespace, one.name): one for one in (*GOOD, *documents)}
    requests = {Ref(one.namespace, one.name): one for one in every.values() if one.kind == "Request"}
    return check(world(*every.values()), requests, **unread)


def faults(*documents, **unread):
    """The same, as rule, document and field."""
    return [(one.rule, str(one.ident), field(one.path)) for one in found(*documents, **unread)]


def offered(name="vm", **spec):
    """A microservice of the platform's that everybody is offered."""
    return service(f"platform/{name}", enabledByDefault=True, **spec)


def asked(**spec):
    """Juan's request for it."""
    return request("b/r1", "vm", "juan@b", **spec)


def subscribed(name, parent, tier):
    """A client with a subscription."""
    return organization(name, "Client", parent, subscriptions=[{"product": "FlexxDesktop", "tier": tier}])


def process(*arguments, **spec):
    """A microservice that runs a program with these arguments."""
    return service("platform/vm", run={"process": {"program": "vm", "arguments": list(arguments)}}, **spec)


def taking(**properties):
    """A schema of these parameters and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


FOUND = [
    # organizations
    ([organization("x", "Client", "nobody")], ("parent-missing", "Organization/x", "spec.parent")),
    ([organization("x", "Client", "b")], ("organization-parent-type", "Organization/x", "spec.parent")),
    ([organization("x", "SubOrganization", "d")], ("organization-parent-type", "Organization/x", "spec.parent")),
    ([organization("x", "SubOrganization", "x")], ("organization-cycle", "Organization/x", "spec.parent")),
    (
        [organization("x", "SubOrganization", "y"), organization("y", "SubOrganization", "x")],
        ("organization-cycle", "Organization/y", "spec.parent"),
    ),
    ([organization("other", "Platform")], ("platform-twice", "Organization/other", "spec.type")),
    (
        [organization("c", "Client", "a", subscriptions=[{"product": "FlexDesktop"}])],
        ("product-unknown", "Organization/c", "spec.subscriptions[0]"),
    ),
    ([subscribed("c", "a", "Gold")], ("tier-unknown", "Organization/c", "spec.subscriptions[0]")),
    # references
    ([role("nowhere/r", {})], ("organization-missing", "AccessRole/nowhere/r", "metadata.namespace")),
    ([request("nowhere/r", "vm", "juan@b")], ("organization-missing", "Request/nowhere/r", "metadata.namespace")),
    ([user("b/eva", "admin")], ("reference-missing", "User/b/eva", "spec.role")),
    ([role("a/r", {"z": {}})], ("reference-missing", "AccessRole/a/r", "spec.entries[0].organization")),
    ([role("b/r", {"c": {}})], ("role-target-out-of-reach", "AccessRole/b/r", "spec.entries[0].organization")),
    ([role("b/r", {"a": {}})], ("role-target-out-of-reach", "AccessRole/b/r", "spec.entries[0].organization")),
    ([role("b/r", {"*": {"portal": "Admin"}})], ("level-unknown", "AccessRole/b/r", "spec.entries[0].levels.portal")),
    ([role("b/r", {"*": {"portl": "User"}})], ("level-unknown", "AccessRole/b/r", "spec.entries[0].levels.portl")),
    (
        [
            document(
                "Module",
                "m",
                {
                    "levels": [{"name": "L"}],
                    "permissions": [
                        {
                            "functionality": "F",
                            "action": "A",
                            "grants": [{"level": "L", "when": {"module": "workspaces", "levels": ["L3"]}}],
                        }
                    ],
                },
            )
        ],
        ("level-unknown", "Module/m", "spec.permissions[0]"),
    ),
    ([service("platform/vm", products=["Flexx"])], ("product-unknown", "Microservice/platform/vm", "spec.products[0]")),
    (
        [service("platform/vm", visibility="Named", visibleTo=["z"])],
        ("reference-missing", "Microservice/platform/vm", "spec.visibleTo[0]"),
    ),
    (
        [service("platform/vm", permissions=[{"module": "portal", "functionality": "Users", "action": "Creat"}])],
        ("permission-unknown", "Microservice/platform/vm", "spec.permissions[0]"),
    ),
    (
        [service("platform/vm", approvals=[use("platform/manger")])],
        ("reference-missing", "Microservice/platform/vm", "spec.approvals[0].flow"),
    ),
    (
        [service("platform/vm", products=["FlexxDesktop"], approvals=[use("platform/manager", tiers=["Gold"])])],
        ("tier-unknown", "Microservice/platform/vm", "spec.approvals[0].when.tiers"),
    ),
    (
        [flow("b/f"), service("c/vm", approvals=[use("b/f")])],
        ("flow-out-of-reach", "Microservice/c/vm", "spec.approvals[0].flow"),
    ),
    (
        [flow("b/f"), service("a/vm"), enablement("c/vm", "a/vm", approvals=[use("b/f")])],
        ("flow-out-of-reach", "EnabledMicroservice/c/vm", "spec.approvals[0].flow"),
    ),
    ([enablement("b/vm", "platform/wm")], ("reference-missing", "EnabledMicroservice/b/vm", "spec.microservice")),
    (
        [offered(), role("c/r", {}), enablement("b/vm", "platform/vm", roles=[{"organization": "c", "name": "r"}])],
        ("role-out-of-reach", "EnabledMicroservice/b/vm", "spec.roles[0]"),
    ),
    (
        [flow("b/f", stage("s", "z"))],
        ("reference-missing", "ApprovalFlow/b/f", "spec.stages[0].approvers[0].organizations"),
    ),
    (
        [flow("b/f", stage("s", roles=[{"name": "finance"}]))],
        ("reference-missing", "ApprovalFlow/b/f", "spec.stages[0].approvers[0].roles"),
    ),
    (
        [flow("b/f", stage("s", users=[{"name": "fina"}]))],
        ("reference-missing", "ApprovalFlow/b/f", "spec.stages[0].approvers[0].users"),
    ),
    (
        [flow("b/f", stage("s", "c"))],
        ("approver-out-of-reach", "ApprovalFlow/b/f", "spec.stages[0].approvers[0].organizations"),
    ),
    (
        [flow("b/f", stage("s", users=[{"organization": "c", "name": "eva"}])), user("c/eva")],
        ("approver-out-of-reach", "ApprovalFlow/b/f", "spec.stages[0].approvers[0].users"),
    ),
    # people
    ([user("c/eva", username="juan@b")], ("username-twice", "User/b/juan", "spec.username")),
    ([user("c/eva", aliases=["x", "juan@b"])], ("username-twice", "User/c/eva", "spec.aliases[1]")),
    ([user("c/eva", username="JUAN@b")], ("username-look-alike", "User/b/juan", "spec.username")),
    (
        [user("c/eva", username="jose\u0301@b"), user("c/ana", username="jos\u00e9@b")],
        ("username-look-alike", "User/c/ana", "spec.username"),
    ),
    (
        [user("c/eva", signingKeys=[{"publicKey": public_key("b/juan") + " laptop"}])],
        ("key-twice", "User/c/eva", "spec.signingKeys[0].publicKey"),
    ),
    # microservices
    ([service("a/vm", visibility="Public")], ("visibility-not-allowed", "Microservice/a/vm", "spec.visibility")),
    (
        [organization("x", "Client"), service("a/vm", visibility="Named", visibleTo=["x"])],
        ("visible-to-out-of-reach", "Microservice/a/vm", "spec.visibleTo[0]"),
    ),
    (
        [service("b/vm", visibility="Named", visibleTo=["c"])],
        ("visibility-not-allowed", "Microservice/b/vm", "spec.visibility"),
    ),
    (
        [offered(), enablement("b/vm", "platform/vm"), enablement("b/vm2", "platform/vm")],
        ("enablement-twice", "EnabledMicroservice/b/vm2", "spec.microservice"),
    ),
    (
        [service("c/vm"), enablement("b/vm", "c/vm")],
        ("enablement-not-visible", "EnabledMicroservice/b/vm", "spec.microservice"),
    ),
    (
        [offered(products=["FlexxDesktop"]), enablement("b/vm", "platform/vm")],
        ("enablement-not-offered", "EnabledMicroservice/b/vm", "spec.microservice"),
    ),
    (
        [organization("c", "Client", "a", categories=["Other"]), offered(), enablement("c/vm", "platform/vm")],
        ("enablement-not-offered", "EnabledMicroservice/c/vm", "spec.microservice"),
    ),
    (
        [offered(state="Archived"), enablement("b/vm", "platform/vm")],
        ("enablement-not-offered", "EnabledMicroservice/b/vm", "spec.microservice"),
    ),
    (
        [offered(), enablement("b/vm", "platform/vm", state="Disabled"), enablement("d/vm", "platform/vm")],
        ("enablement-not-offered", "EnabledMicroservice/d/vm", "spec.microservice"),
    ),
    (
        [offered(), service("a/vm", enabledByDefault=True)],
        ("offer-ambiguous", "Organization/b", ""),
    ),
    (
        [offered(), service("a/other"), enablement("b/vm", "a/other")],
        ("offer-ambiguous", "EnabledMicroservice/b/vm", ""),
    ),
    # parameters
    (
        [service("platform/vm", parameters={**SCHEMA, "properties": {"count": {"type": "int"}}})],
        ("schema-invalid", "Microservice/platform/vm", "spec.parameters.properties.count.type"),
    ),
    (
        [offered(), enablement("b/vm", "platform/vm", parameters={"requird": []})],
        ("schema-invalid", "EnabledMicroservice/b/vm", "spec.parameters.requird"),
    ),
    (
        [service("platform/vm", approvals=[use("platform/manager", parameters={"$ref": "#"})])],
        ("schema-invalid", "Microservice/platform/vm", "spec.approvals[0].when.parameters.$ref"),
    ),
    (
        [service("platform/vm", targetRules={"pattern": "(a)\\1"})],
        ("pattern-invalid", "Microservice/platform/vm", "spec.targetRules.pattern"),
    ),
    (
        [service("platform/vm", parameters={"type": "object", "properties": {}})],
        ("schema-open", "Microservice/platform/vm", "spec.parameters"),
    ),
    (
        [process({"parameter": "cout"}, parameters=SCHEMA)],
        ("parameter-undeclared", "Microservice/platform/vm", "spec.run.process.arguments[0].parameter"),
    ),
    (
        [process({"option": "-n", "parameter": "count"})],
        ("parameter-undeclared", "Microservice/platform/vm", "spec.run.process.arguments[0].parameter"),
    ),
    (
        [service("platform/vm", run={"job": {"image": "i", "environment": [{"name": "N", "parameter": "count"}]}})],
        ("parameter-undeclared", "Microservice/platform/vm", "spec.run.job.environment[0].parameter"),
    ),
    (
        [service("platform/vm", parameters={**SCHEMA, "required": ["cost"]})],
        ("parameter-undeclared", "Microservice/platform/vm", "spec.parameters.required[0]"),
    ),
    (
        [offered(approvals=[use("platform/manager", parameters={"required": ["cost"]})], parameters=SCHEMA)],
        ("parameter-undeclared", "Microservice/platform/vm", "spec.approvals[0].when.parameters"),
    ),
    (
        [offered(parameters=SCHEMA), enablement("b/vm", "platform/vm", parameters={"properties": {"cuont": {}}})],
        ("parameter-undeclared", "EnabledMicroservice/b/vm", "spec.parameters"),
    ),
    (
        [process({"parameter": "pw"}, parameters=taking(pw={"type": "object", "secret": True}))],
        ("argument-secret", "Microservice/platform/vm", "spec.run.process.arguments[0].parameter"),
    ),
    (
        [process({"value": "-n"}, {"parameter": "name"}, parameters=taking(name={"type": "string"}))],
        ("argument-dash", "Microservice/platform/vm", "spec.run.process.arguments[1]"),
    ),
    (
        [process({"parameter": "names"}, parameters=taking(names={"type": "array", "items": {"type": "string"}}))],
        ("argument-dash", "Microservice/platform/vm", "spec.run.process.arguments[0]"),
    ),
    (
        [process({"target": True}, targetRules={"maxItems": 3})],
        ("argument-dash", "Microservice/platform/vm", "spec.run.process.arguments[0]"),
    ),
    # flows
    ([flow("b/f", stage("s", "b", quorum=9))], ("flow-impossible", "ApprovalFlow/b/f", "spec.stages[0].quorum")),
    (
        [flow("b/f", stage("one", users=[{"name": "maria"}]), stage("two", users=[{"name": "maria"}]))],
        ("flow-impossible", "ApprovalFlow/b/f", "spec.stages[1].quorum"),
    ),
    (
        [flow("platform/f", stage("s", "Requesting", quorum=9))],
        ("flow-impossible", "ApprovalFlow/platform/f", "spec.stages[0].quorum"),
    ),
    (
        [user("b/robot", type="Automation"), flow("b/f", stage("s", users=[{"name": "robot"}]))],
        ("flow-impossible", "ApprovalFlow/b/f", "spec.stages[0].quorum"),
    ),
    (
        [
            role("b/finance", {"*": {"automate": "Approver"}}),
            flow("b/f", stage("finance", roles=[{"name": "finance"}])),
            offered(),
            enablement("b/vm", "platform/vm", approvals=[use("b/f")]),
        ],
        ("approvers-missing", "EnabledMicroservice/b/vm", "spec.microservice"),
    ),
    (
        [
            *(user(f"platform/{one}", "ops", suspended=True) for one in ("ingrid", "olivia")),
            offered(approvals=[use("platform/both")]),
        ],
        ("approvers-missing", "Organization/b", ""),
    ),
    (
        [
            flow("b/f", stage("two", "b", quorum=2)),
            offered(approvals=[use("platform/manager", parameters={"required": ["count"]})], parameters=SCHEMA),
            user("a/pedro", "support", suspended=True),
            enablement("b/vm", "platform/vm", approvals=[use("b/f")]),
        ],
        ("approvers-missing", "EnabledMicroservice/b/vm", "spec.microservice"),
    ),
    (
        [
            subscribed("b", "a", "Standard"),
            offered(products=["FlexxDesktop"], approvals=[use("platform/manager", tiers=["Enterprise"])]),
        ],
        ("no-flow-applies", "Organization/b", ""),
    ),
    (
        [
            subscribed("b", "a", "Enterprise"),
            offered(products=["FlexxDesktop"], deploysResources=True, approvals=[use("platform/manager")]),
        ],
        ("platform-stage-missing", "Microservice/platform/vm", "spec.approvals"),
    ),
    (
        [subscribed("b", "a", "Enterprise"), offered(products=["FlexxDesktop"], deploysResources=True)],
        ("platform-stage-missing", "Microservice/platform/vm", "spec.approvals"),
    ),
    (
        [offered(products=["FlexxDesktop"], deploysResources=True, approvals=[use("platform/manager")])],
        ("platform-stage-missing", "Microservice/platform/vm", "spec.approvals"),
    ),
    # requests
    ([asked()], ("request-not-offered", "Request/b/r1", "spec.microservice.name")),
    ([offered(state="Archived"), asked()], ("request-not-offered", "Request/b/r1", "spec.microservice.name")),
    ([offered(), request("b/r1", "vm", "juan")], ("request-person-unknown", "Request/b/r1", "spec.requester")),
    ([offered(), asked(onBehalfOf="eva")], ("request-person-unknown", "Request/b/r1", "spec.onBehalfOf")),
    (
        [offered(), user("b/eva"), request("b/r1", "vm", "eva@b")],
        ("request-not-allowed", "Request/b/r1", "spec.requester"),
    ),
    (
        [offered(), enablement("b/vm", "platform/vm", roles=[{"name": "admins"}]), asked()],
        ("request-not-allowed", "Request/b/r1", "spec.requester"),
    ),
    (
        [offered(permissions=[{"module": "portal", "functionality": "Users", "action": "Create"}]), asked()],
        ("request-not-allowed", "Request/b/r1", "spec.requester"),
    ),
    ([offered(), asked(parameters={"count": 1})], ("request-parameters", "Request/b/r1", "spec.parameters.count")),
    (
        [offered(parameters=SCHEMA), asked(parameters={"count": "1"})],
        ("request-parameters", "Request/b/r1", "spec.parameters.count"),
    ),
    (
        [
            offered(parameters=SCHEMA),
            enablement("b/vm", "platform/vm", parameters={"properties": {"count": {"maximum": 5}}}),
            asked(parameters={"count": 6}),
        ],
        ("request-parameters", "Request/b/r1", "spec.parameters.count"),
    ),
    ([offered(), asked(targets=["x"])], ("request-targets", "Request/b/r1", "spec.targets")),
    (
        [offered(targetRules={"pattern": "v.*"}), asked(targets=["vm", "x"])],
        ("request-targets", "Request/b/r1", "spec.targets[1]"),
    ),
    (
        [
            subscribed("b", "a", "Standard"),
            offered(products=["FlexxDesktop"], approvals=[use("platform/manager", managed=True)]),
            asked(),
        ],
        ("request-held", "Request/b/r1", "spec.microservice.name"),
    ),
    (
        [
            offered(),
            document(
                "Request",
                "r1",
                {"microservice": {"name": "vm"}, "requester": "juan@b"},
                "b",
                annotations={"approval.assent.dev/maria": "ok"},
            ),
        ],
        ("approval-malformed", "Request/b/r1", "metadata.annotations.approval.assent.dev/maria"),
    ),
    (
        [
            offered(),
            document(
                "Request",
                "r1",
                {"microservice": {"name": "vm"}, "requester": "juan@b"},
                "b",
                annotations={
                    "approval.assent.dev/m": "withdraw as juan@b",
                    "approval.assent.dev/M": "withdraw as juan@b",
                },
            ),
        ],
        ("approval-look-alike", "Request/b/r1", "metadata.annotations.approval.assent.dev/M"),
    ),
]


@pytest.mark.parametrize(("documents", "expected"), FOUND, ids=[f"{at}-{one[1][0]}" for at, one in enumerate(FOUND)])
def test_what_is_wrong_is_found_at_its_field(documents, expected):
    """Each mistake has its rule, and is told of the document and field in which it is mended."""
    assert expected in faults(*documents)


def test_every_rule_finds_something():
    """No rule is dead: each of the table is broken by one of these worlds, and nothing outside of it is told."""
    told = {rule for documents, _ in FOUND for rule, _, _ in faults(*documents)}

    assert set(RULES) - {"platform-missing"} == told
    assert len(set(CHECKS)) == len(CHECKS)


GOOD_CASES = [
    pytest.param([], id="as-it-is"),
    pytest.param([offered(parameters=SCHEMA), asked(parameters={"count": 3})], id="a-request"),
    pytest.param([offered(approvals=[use("platform/both")])], id="two-stages"),
    pytest.param([service("b/vm"), enablement("b/vm", "b/vm"), enablement("d/vm", "b/vm")], id="enabled-below"),
    pytest.param([flow("a/f", stage("s", "Partner")), service("b/vm", approvals=[use("a/f")])], id="a-flow-from-above"),
    pytest.param([flow("platform/f", stage("s", "Partner", quorum=1))], id="no-partner-everywhere"),
    pytest.param([user("b/eva", aliases=["Eva@b"])], id="one-person-alike-to-oneself"),
    pytest.param(
        [process({"value": "--"}, {"parameter": "name"}, parameters=taking(name={"type": "string"}))],
        id="ended-options",
    ),
    pytest.param(
        [process({"parameter": "name"}, parameters=taking(name={"type": "string", "pattern": "[a-z].*"}))], id="no-dash"
    ),
    pytest.param(
        [process({"parameter": "name"}, parameters=taking(name={"enum": ["a", "b"], "type": "string"}))], id="choices"
    ),
    pytest.param([process({"parameter": "count"}, parameters=SCHEMA)], id="a-number-may-be-negative"),
    pytest.param([offered(products=["FlexxDesktop"])], id="not-subscribed-and-not-asked-for"),
    pytest.param(
        [
            subscribed("b", "a", "Enterprise"),
            offered(
                products=["FlexxDesktop"],
                deploysResources=True,
                approvals=[use("platform/manager", managed=False), use("platform/both", managed=True)],
            ),
        ],
        id="the-platform-where-it-is-managed",
    ),
    pytest.param(
        [
            offered(
                approvals=[
                    use("platform/manager", parameters={"properties": {"count": {"maximum": 5}}}),
                    use("platform/both", parameters={"properties": {"count": {"minimum": 6}}}),
                ],
                parameters=SCHEMA,
            ),
        ],
        id="exclusive-conditions-are-not-summed",
    ),
    pytest.param([offered(), enablement("b/vm", "platform/vm", state="Disabled")], id="disabled"),
    pytest.param(
        [role("b/empty", {}), flow("b/f", stage("s", roles=[{"name": "empty"}], quorum=3))], id="an-empty-group"
    ),
]


@pytest.mark.parametrize("documents", GOOD_CASES)
def test_what_is_right_is_left_alone(documents):
    """Nothing is found where nothing is wrong."""
    assert [] == faults(*documents)


@pytest.mark.parametrize("documents", [[], modules(), tree("P")])
def test_a_world_of_no_people_has_nothing_wrong(documents):
    """A catalogue can be checked by itself: people join later."""
    assert () == check(world(*documents, *([*FLOWS] if any(one.kind == "Organization" for one in documents) else [])))


def test_a_world_without_a_platform_is_warned_of():
    """Where there are organizations and no Platform, the first of them is told of it."""
    (told,) = check(world(*tree("-a")))

    assert ("platform-missing", "Organization/a", "warning") == (told.rule, str(told.ident), told.severity)


def test_everything_is_told_at_once():
    """A tree with many mistakes has a finding for each; no mistake hides another."""
    rules = {
        rule
        for rule, _, _ in faults(
            organization("x", "Client", "nobody"),
            organization("y", "SubOrganization", "y"),
            user("x/eva", "admin", username="juan@b"),
            role("b/r", {"*": {"portal": "Admin"}, "c": {}}),
            service("a/vm", visibility="Public", approvals=[use("c/f")], parameters={"typ": "object"}),
            flow("b/f", stage("s", "b", quorum=9)),
            asked(),
        )
    }

    assert rules == {
        "parent-missing",
        "organization-cycle",
        "reference-missing",
        "username-twice",
        "level-unknown",
        "role-target-out-of-reach",
        "visibility-not-allowed",
        "schema-invalid",
        "schema-open",
        "flow-impossible",
        "request-not-offered",
        "request-person-unknown",
    }


def test_what_holds_is_an_error_and_what_may_yet_come_right_a_warning():
    """The severity of each rule stands; a missing stage of the Platform's is a warning until somebody is concerned."""
    severities = {(one.rule, one.severity) for documents, _ in FOUND for one in found(*documents)}

    warned = {rule for rule, severity in severities if severity == "warning"}

    assert WARNINGS | {"platform-stage-missing"} == warned | {"platform-missing"}
    assert ("platform-stage-missing", "error") in severities
    assert not {rule for rule, severity in severities if severity == "error"} & WARNINGS


@pytest.mark.parametrize(
    ("documents", "unread"),
    [
        pytest.param([user("b/eva", "admin")], {"unread": [Ident("AccessRole", "b", "admin")]}, id="an-unread-role"),
        pytest.param([user("b/eva", "admin")], {"hidden": ["admin", "kind"]}, id="a-role-in-an-unreadable-file"),
        pytest.param([role("z/r", {})], {"unread": [Ident("Organization", "", "z")]}, id="an-unread-organization"),
        pytest.param(
            [offered(), request("b/r1", "vm", "eva@b")], {"unread": [Ident("User", "b", "eva")]}, id="an-unread-user"
        ),
        pytest.param([asked()], {"hidden": ["Microservice", "vm"]}, id="an-unreadable-catalogue"),
        pytest.param([flow("b/f", stage("s", "b", quorum=9))], {"hidden": ["User"]}, id="unreadable-people"),
    ],
)
def test_rule_28_nothing_is_concluded_from_what_cannot_be_read(documents, unread):
    """Rule 28: one document that cannot be read is no reason to call the others wrong."""
    assert [] != faults(*documents)
    assert [] == faults(*documents, **unread)


def test_what_cannot_be_read_hides_nothing_else():
    """A reference to something else that is missing is still told."""
    unread = [Ident("AccessRole", "b", "admin")]

    assert [("reference-missing", "User/b/ada", "spec.role")] == faults(
        user("b/eva", "admin"), user("b/ada", "admim"), unread=unread
    )


def test_hints_name_what_was_probably_meant():
    """A misspelt name is answered with the nearest that exists, a missing one with what to declare."""
    told = found(
        user("b/eva", "admin"),
        role("b/r", {"*": {"portal": "OrganisationAdmin"}}),
        subscribed("x", "a", "Entreprise"),
        organization("y", "Client", "northwind"),
    )
    hints = {str(one.ident): one.hint for one in told}

    assert "did you mean admins?" == hints["User/b/eva"]
    assert "did you mean OrganizationAdmin?" == hints["AccessRole/b/r"]
    assert "did you mean Enterprise?" == hints["Organization/x"]
    assert "declare Organization/northwind, or name one that exists" == hints["Organization/y"]


def test_messages_are_one_line_each():
    """A finding is one line, says which value is wrong, and is never empty."""
    for documents, _ in FOUND:
        for one in found(*documents):
            assert one.message
            assert "\n" not in one.message + one.hint
            assert isinstance(Finding(one.rule, one.message, one.hint).order, tuple)
