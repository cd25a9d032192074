"""Every world in `examples/` can be read together with what is shipped, and comes to what its scenarios say."""

import pytest

from assent.adapters.documents import load, scan
from assent.api.kinds import parse
from assent.api.names import API_VERSION, SCENARIO_VERSION, Ident, Ref
from assent.api.scenarios import Scenario, ScenarioSpec
from assent.core import world as worlds
from assent.core.access import held
from assent.core.checks import check
from assent.core.scenarios import play
from shipped import POLICIES, ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/scenarios.yaml"))
SCENARIOS = [
    (file, Scenario.model_validate(document.value))
    for folder in (POLICIES, ROOT / "examples")
    for file in sorted(folder.rglob("scenarios.yaml"))
    for document in load(file.read_bytes(), str(file)).documents
]


def documents(*folders):
    """Every document of ours in these folders, parsed."""
    for folder in folders:
        for name, data in scan(folder):
            for document in load(data, name).documents:
                if document.value["apiVersion"] == API_VERSION:
                    yield parse(document.value)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_world_can_be_read(folder):
    """A folder's files have no finding, its documents no problem, and none is declared twice or shipped already."""
    findings = [finding for name, data in scan(folder) for finding in load(data, name).findings]
    parsed = list(documents(POLICIES, folder))
    idents = [worlds.ident(one) for one, _ in parsed if one]

    assert [] == findings
    assert [] == [problem for _, problems in parsed for problem in problems]
    assert len(set(idents)) == len(idents)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_world_has_no_error_but_its_own(folder):
    """`check` finds no error in a world, but for the one that its story is about."""
    world = worlds.world(one for one, _ in documents(POLICIES, folder))
    told = {"09-managed-tiers": {"platform-stage-missing"}, "10-offers": {"offer-ambiguous"}}

    assert told.get(folder.name, set()) == {fault.rule for fault in check(world) if fault.severity == "error"}


@pytest.mark.parametrize("folders", [[], [ROOT / "examples" / "01-automate"]], ids=["shipped", "demo"])
def test_nothing_to_find(folders):
    """What is shipped, and the demo's world on top of it, have not even a warning."""
    assert () == check(worlds.world(one for one, _ in documents(POLICIES, *folders)))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_world_tells_its_story(folder):
    """A folder says what it is about, and the list of examples names it."""
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")
    assert f"`{folder.name}`" in (ROOT / "examples" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "scenario"), SCENARIOS, ids=[f"{file.parent.name}/{one.metadata.name}" for file, one in SCENARIOS]
)
def test_scenario(file, scenario):
    """The world comes to what the scenario says."""
    folders = [file.parent / place for place in scenario.spec.world]
    world = worlds.world(one for one, _ in documents(*folders))

    assert () == play(scenario, world)


def test_scenarios_have_names_of_their_own():
    """Within a folder a scenario is found by its name, and a file of scenarios holds nothing else."""
    names = [(file, one.metadata.name) for file, one in SCENARIOS]

    assert len(set(names)) == len(names)
    assert {SCENARIO_VERSION} == {one.api_version for _, one in SCENARIOS}


@pytest.mark.parametrize(
    ("administrator", "organization"),
    [("olivia", "platform"), ("nadia", "northwind"), ("alba", "acme"), ("alba", "acme-labs")],
)
def test_somebody_can_give_every_right(administrator, organization):
    """In the demo's world one person holds all that anybody holds there, so that the ceiling stops no everyday work."""
    world = worlds.world(one for one, _ in documents(POLICIES, ROOT / "examples" / "01-automate"))
    person = next(ref for ref in world.people.by_ref if ref.name == administrator)

    assert all(held(world, person, organization) >= held(world, other, organization) for other in world.people.by_ref)
    assert 46 + 36 + 1 + 4 == len(held(world, person, organization))


def test_whom_the_requester_vouched_for_does_not_count():
    """What 07 tells: once alba has written the leads' role, none of them can fill the stage for a request of hers."""
    alba = Ref("acme", "alba")
    file = ROOT / "examples" / "07-independent-approvers" / "scenarios.yaml"
    before = worlds.world(one for one, _ in documents(POLICIES, file.parent))
    after = before.written({Ident("AccessRole", "acme", "leads"): worlds.Provenance(worlds.Origin(alba, 1))})
    asked = next(one for where, one in SCENARIOS if where == file)
    steps = [
        {"request": asked.spec.steps[0].request.plain()},
        {"expect": {"request": "r1", "phase": "PendingApproval", "canDecide": {"lead": []}}},
    ]
    told = asked.model_copy(
        update={"spec": ScenarioSpec.model_validate({"now": "2026-01-05T09:00:00Z", "steps": steps})}
    )

    assert () == play(asked, before)
    assert () == play(told, after)
