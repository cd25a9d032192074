"""The modules, the platform and the flows in `policies/` say what the published tables and descriptions say."""

from collections import Counter

import pytest
import yaml
from ruamel.yaml import YAML

from assent.adapters.documents import load
from assent.api.modules import Module
from shipped import FILES, FLOWS, MODULES, POLICIES, SHIPPED

PORTAL_USER_ALONE = {"P02", "P09", "P24"}
PORTAL_IF_L1_OR_L2 = {"P04", "P07", "P18", "P20", "P42", "P44"}
PORTAL_IF_L2 = {"P03", "P05", "P06", "P08", "P11", "P12", "P13", "P19", "P21", "P22"}
WORKSPACES_MARKS = "442424424242221121121121121211122121"
"""The number of marks in each row of the published table, W01 to W36."""


def held(module: Module, level: str, workspaces: str = "") -> set[str]:
    """The rows of a module that a level holds, by their source, beside a level of `workspaces`."""
    return {
        row.source
        for row in module.spec.permissions
        for grant in row.grants
        if grant.level == level and (grant.when is None or workspaces in grant.when.levels)
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(POLICIES)))
def test_every_reader_reads_the_same(file):
    """Rule 35: what is shipped means the same to us, to a YAML 1.1 reader and to a YAML 1.2 reader."""
    text = file.read_text(encoding="utf-8")
    loaded = load(text.encode(), file.name)

    ours = [document.value for document in loaded.documents]

    assert () == loaded.findings
    assert ours == list(yaml.safe_load_all(text))
    assert ours == list(YAML(typ="safe", pure=True).load_all(text))


def test_portal_has_each_row_once():
    """The portal's rows are P01 to P46, in the order of the published table."""
    assert [f"P{n:02}" for n in range(1, 47)] == [row.source for row in MODULES["portal"].spec.permissions]


def test_workspaces_has_each_row_once():
    """The rows of workspaces are W01 to W36, in the order of the published table."""
    assert [f"W{n:02}" for n in range(1, 37)] == [row.source for row in MODULES["workspaces"].spec.permissions]


def test_portal_marks():
    """27 rows of the portal have one mark, which is the administrator's, and 19 have two."""
    rows = MODULES["portal"].spec.permissions

    assert {1: 27, 2: 19} == Counter(len(row.grants) for row in rows)
    assert all(row.grants[0].level == "OrganizationAdmin" and row.grants[0].when is None for row in rows)


def test_portal_conditions_are_written_out():
    """A View row admits read-only levels too; every other row with a condition admits L2 alone."""
    every = ("L1ReadOnly", "L1", "L2ReadOnly", "L2")
    rows = {row.source: row for row in MODULES["portal"].spec.permissions}
    found = {source: row.grants[1].when for source, row in rows.items() if len(row.grants) > 1}

    assert {source for source, when in found.items() if when is None} == PORTAL_USER_ALONE
    assert {source for source, when in found.items() if when} == PORTAL_IF_L1_OR_L2 | PORTAL_IF_L2
    for source, when in found.items():
        if when:
            view = ("L2ReadOnly", "L2") if source in PORTAL_IF_L2 else every
            assert ("workspaces", view if rows[source].action == "View" else ("L2",)) == (when.module, when.levels)


def test_workspaces_marks():
    """Each row of workspaces admits as many levels as the published table has marks in it."""
    marks = "".join(str(len(row.grants)) for row in MODULES["workspaces"].spec.permissions)

    assert WORKSPACES_MARKS == marks


def test_read_only_levels_look_and_change_nothing():
    """A read-only level holds View rows alone, and every row that a level changes things by is a full level's."""
    rows = {row.source: row.action for row in MODULES["workspaces"].spec.permissions}

    for level in ("L1ReadOnly", "L2ReadOnly"):
        assert {"View"} == {rows[source] for source in held(MODULES["workspaces"], level)}


@pytest.mark.parametrize(
    ("level", "workspaces", "expected"),
    [
        ("User", "", 3),
        ("User", "L1ReadOnly", 9),
        ("User", "L1", 9),
        ("User", "L2ReadOnly", 10),
        ("User", "L2", 19),
        *[("OrganizationAdmin", level, 46) for level in ("", "L1ReadOnly", "L1", "L2ReadOnly", "L2")],
    ],
)
def test_portal_totals(level, workspaces, expected):
    """So many rows of the portal a level holds, beside each level of workspaces."""
    assert expected == len(held(MODULES["portal"], level, workspaces))


@pytest.mark.parametrize(("level", "expected"), [("L1ReadOnly", 7), ("L1", 13), ("L2ReadOnly", 16), ("L2", 36)])
def test_workspaces_totals(level, expected):
    """So many rows of workspaces each level holds."""
    assert expected == len(held(MODULES["workspaces"], level))


def test_workspaces_levels_are_partly_ordered():
    """L1ReadOnly lies below all, L2 above all, and L1 and L2ReadOnly are incomparable."""
    lowest, first, second, highest = (
        held(MODULES["workspaces"], level) for level in ("L1ReadOnly", "L1", "L2ReadOnly", "L2")
    )

    assert lowest < first < highest
    assert lowest < second < highest
    assert (6, 9) == (len(first - second), len(second - first))


def test_analyzer_and_automate():
    """The analyzer has one row; the levels of automate hold what their names say."""
    actions = {
        level.name: {row.action for row in MODULES["automate"].spec.permissions if level.name in _levels(row)}
        for level in MODULES["automate"].spec.levels
    }

    assert [("Analyzer", "View", {"Access"})] == [
        (row.functionality, row.action, _levels(row)) for row in MODULES["analyzer"].spec.permissions
    ]
    assert {"Requests"} == {row.functionality for row in MODULES["automate"].spec.permissions}
    assert {
        "Viewer": {"View"},
        "Requester": {"View", "Create"},
        "Approver": {"View", "Create", "Approve"},
        "Manager": {"View", "Create", "Approve", "Cancel"},
    } == actions


def _levels(row):
    return {grant.level for grant in row.grants}


def test_platform_sells_what_the_catalogue_is_for():
    """The platform's products and managed tiers are the ones by which flows are chosen."""
    products = {
        product.name: {tier.name: tier.managed for tier in product.tiers}
        for product in SHIPPED["Organization", "platform"].spec.products
    }

    assert {
        "FlexxDesktop": {"Standard": False, "Advanced": True, "Enterprise": True, "Edge": True},
        "FlexxClient": {},
    } == products


def test_default_flows():
    """The two default flows ask a manager of the request's line first, and then the platform."""
    flows = {name: one.spec.stages for name, one in FLOWS.items()}
    manager, platform = ("Requesting", "Client", "Partner"), ("Platform",)

    assert {"manager": [manager], "manager-and-platform": [manager, platform]} == {
        name: [stage.approvers[0].organizations for stage in stages] for name, stages in flows.items()
    }
