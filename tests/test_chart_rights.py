"""What the chart lets accounts do: as little as they need, each right by its name."""

import pytest
import yaml

from assent.adapters.kube import anchors, canary
from assent.adapters.kube.paths import PLURALS
from assent.api.names import CONFIGURATION
from chart_files import CHART, every_case, found, options, rendered

CERTIFICATE = ("assent-webhook-certificate",)


def rules(objects, kind, name):
    return [
        (group, resource, verb, tuple(rule.get("resourceNames", ())))
        for rule in found(objects, kind, name)["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


@every_case
def test_the_operator_holds_no_power_over_the_cluster(case):
    """No wildcard, nobody's identity, no role of its own making, no pod, and of Secrets its own alone."""
    objects = rendered(*options(case))
    wide = rules(objects, "ClusterRole", "assent-operator")
    inside = rules(objects, "Role", "assent-operator")
    verbs = {verb for *_, verb, _ in wide + inside}
    secrets = {(verb, names) for _, resource, verb, names in inside if resource == "secrets"}

    assert set() == verbs & {"*", "impersonate", "escalate", "deletecollection", "approve"}
    assert set() == {resource for _, resource, _, _ in wide} & {
        "*",
        "secrets",
        "configmaps",
        "serviceaccounts",
        "nodes",
    }
    assert {"list"} == {verb for _, resource, verb, _ in wide if resource == "pods"}
    assert set() == {verb for *_, resource, verb, _ in wide if resource in PLURALS.values()} & {"create", "update"}
    assert secrets <= {("create", ()), ("get", CERTIFICATE), ("update", CERTIFICATE)}


KINDS = {
    "accessroles",
    "approvalflows",
    "enabledmicroservices",
    "microservices",
    "modules",
    "organizations",
    "requests",
}
CERTIFICATE = ("assent-webhook-certificate",)


def test_the_operator_binds_what_the_chart_ships_and_nothing_else():
    """`bind` names every ClusterRole of people's, and no other; without a name it would be all of the cluster's."""
    shipped = [one["metadata"]["name"] for one in yaml.safe_load_all((CHART / "files/people-roles.yaml").read_text())]
    bound = [names for *_, verb, names in rules(rendered(), "ClusterRole", "assent-operator") if verb == "bind"]

    assert [tuple(shipped)] == bound


def test_the_operator_sees_what_the_canary_watches():
    """Policies and their bindings may be listed, the kind of the requests be read, and no more."""
    kinds = {path.split("/")[-1] for path in canary.LISTED} | {canary.READ.split("/")[-2]}
    readable = {
        (f"/apis/{group}/v1/{resource}{f'/{name}' * bool(name)}", verb)
        for group, resource, verb, names in rules(rendered(), "ClusterRole", "assent-operator")
        for name in names or [""]
        if resource in kinds
    }

    assert {(canary.READ, "get"), *((path, "list") for path in canary.LISTED)} == readable


def test_the_canary_may_ask_and_nothing_else():
    """The canary's account has what a requester has, so that a refusal is the policy's."""
    asked = {(resource, verb) for _, resource, verb, _ in rules(rendered(), "ClusterRole", "assent-canary")}

    assert {("requests", "create"), ("requests", "list"), ("requests", "patch")} == asked


@pytest.mark.parametrize("case", ["portal", "portal-plain"])
def test_the_panel_reads_configuration_and_opens_requests(case):
    """All that the panel's account may do, each right by its name; it approves, writes and deletes nothing."""
    objects = rendered(*options(case))
    wide = {(resource, verb) for _, resource, verb, _ in rules(objects, "ClusterRole", "assent-portal")}
    inside = [*rules(objects, "Role", "assent-portal")]
    read = {(PLURALS[kind], verb) for kind in CONFIGURATION for verb in ("list", "watch")}

    assert read | {("requests", "create"), ("requests", "get")} == wide
    assert [("", "configmaps", verb, (anchors.NAME,)) for verb in ("get", "update")] == inside


def test_nothing_else_is_bound_to_the_panel():
    """Its account has these two roles and no other."""
    bound = {
        (one["kind"], one["roleRef"]["kind"], one["roleRef"]["name"])
        for one in rendered(*options("portal"))
        for subject in one.get("subjects", ())
        if subject["name"] == "assent-portal"
    }

    assert {
        ("ClusterRoleBinding", "ClusterRole", "assent-portal"),
        ("RoleBinding", "Role", "assent-portal"),
    } == bound


def test_nobody_begins_without_being_named():
    """Without a bootstrap group nobody is bound to write; with one, that group alone is, until it is taken out."""

    def bound(case):
        objects = rendered(*options(case))
        made = [
            one for one in objects if one["kind"] == "ClusterRoleBinding" and "bootstrap" in one["metadata"]["name"]
        ]
        return {subject["name"] for one in made for subject in one["subjects"]}

    assert set() == bound("default")
    assert {"acme founders"} == bound("postgresql")
