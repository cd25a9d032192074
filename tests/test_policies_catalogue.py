"""The catalogue in `policies/` is whole, can be run, and cannot be talked into running something else."""

import pytest

from assent.core.patterns import compile_pattern
from assent.core.schemas import schema_problems
from shipped import MODULES, ROOT, SERVICES

MICROSERVICE = pytest.mark.parametrize("name", sorted(SERVICES))

SIXTEEN = {
    "Active Directory": {"Active Directory VM reset Account", "Create AD user account"},
    "Image Management": {"Create Snapshot from Template", "Restore Snapshot from Template"},
    "Session Management": {
        "Backup User Profile",
        "Close user Session",
        "Close all user sessions",
        "Reset user Profile",
        "Restore user profile Backup",
    },
    "Workspace Management": {
        "Create a set of APPServers or VDIs",
        "Execute action over workspace",
        "Execute action over workspace group",
        "Modify Resources Assigned to VM",
        "Set maintenance ON/OFF for a workspace",
        "Set maintenance ON/OFF for a workspace group",
        "Update Set of VMs",
    },
}


def test_the_sixteen_are_there():
    """The catalogue for FlexxDesktop has the sixteen default microservices, each in its category."""
    found = {}
    for one in SERVICES.values():
        if one.spec.products == ("FlexxDesktop",):
            found.setdefault(one.spec.category, set()).add(one.spec.display_name)

    assert SIXTEEN == found
    assert 16 == sum(map(len, found.values()))


@MICROSERVICE
def test_microservice_is_offered_to_all(name):
    """What is shipped is public, and enabled by default but for what spends a client's own money."""
    spec = SERVICES[name].spec

    assert ("Public", "Active") == (spec.visibility, spec.state)
    assert (name != "create-azure-subscription") == spec.enabled_by_default


@MICROSERVICE
def test_what_deploys_resources_asks_the_platform_where_it_is_managed(name):
    """Under a managed tier the platform decides behind the manager, elsewhere the manager decides alone."""
    spec = SERVICES[name].spec
    flows = {(use.flow.name, use.when.managed if use.when else None) for use in spec.approvals}

    assert spec.deploys_resources == (flows == {("manager-and-platform", True), ("manager", False)})
    assert spec.deploys_resources or flows <= {("manager", None)}


@MICROSERVICE
def test_parameters_are_judged(name):
    """The schema is one that requests can be judged by; it admits nothing undeclared and no endless text."""
    schema = SERVICES[name].spec.parameters

    if schema is not None:
        assert () == schema_problems(schema)
        assert schema["additionalProperties"] is False
        assert all("maxLength" in one or "enum" in one for one in _texts(schema))


@MICROSERVICE
def test_arguments_cannot_turn_into_options(name):
    """Rule 31: what reaches a program as an argument cannot begin with a dash, or stands behind `--`."""
    spec = SERVICES[name].spec
    properties = (spec.parameters or {}).get("properties", {})
    behind = False
    for argument in spec.run.job.arguments:
        behind = behind or argument.value == "--"
        if argument.target:
            assert not compile_pattern(spec.target_rules.pattern).admits_dash()
        if argument.parameter and not behind:
            assert not [one for one in _texts(properties[argument.parameter]) if _may_begin_with_dash(one)]


def _texts(schema):
    """Every schema of a text within this one."""
    if schema.get("type") == "string":
        yield schema
    for one in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from _texts(one)


def _may_begin_with_dash(text):
    if "enum" in text:
        return any(choice.startswith("-") for choice in text["enum"])
    return compile_pattern(text["pattern"]).admits_dash()


@MICROSERVICE
def test_job_and_process_do_the_same_work(name):
    """The Job's image is fixed by its digest, it gets every parameter, and the program has the microservice's name."""
    spec = SERVICES[name].spec
    job = spec.run.job
    passed = {one.parameter for one in (*job.arguments, *job.environment) if one.parameter}

    assert ("/automate", name) == job.command
    assert compile_pattern(r"registry\.example/assent/automate@sha256:[0-9a-f]{64}").matches(job.image)
    assert set((spec.parameters or {}).get("properties", {})) == passed
    assert bool(spec.target_rules) == any(one.target for one in job.arguments)
    assert name == spec.run.process.program


@MICROSERVICE
def test_program_is_there(name):
    """Every program that the catalogue names is among the example's programs, and may be executed."""
    program = ROOT / "examples" / "programs" / "platform" / name

    assert program.is_file()
    assert program.stat().st_mode & 0o111


@MICROSERVICE
def test_rights_asked_for_exist(name):
    """Every further right that a microservice asks of the requester is a row of a shipped module."""
    for one in SERVICES[name].spec.permissions:
        rows = {(row.functionality, row.action) for row in MODULES[one.module].spec.permissions}
        assert (one.functionality, one.action) in rows
