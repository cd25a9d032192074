"""Scenarios are set apart from the world, and each is played in the world of the folders that it names."""

import pytest
import yaml

from assent.adapters.documents import load
from assent.api.kinds import TOO_DEEP, parse, too_deep
from assent.api.names import Ident
from assent.cli import sources

API = "apiVersion: assent.dev/v1alpha1\n"
CLIENT = f"{API}kind: Organization\nmetadata: {{name: acme}}\nspec: {{type: Client}}\n"
PLATFORM = f"{API}kind: Organization\nmetadata: {{name: platform}}\nspec: {{type: Platform}}\n"
REQUEST = (
    f"{API}kind: Request\nmetadata: {{name: r1, namespace: acme}}\nspec: {{microservice: {{name: vm}}, requester: j}}\n"
)


def scenario(name, world):
    return (
        "apiVersion: test.assent.dev/v1alpha1\nkind: Scenario\n"
        f'metadata: {{name: {name}}}\nspec: {{{world}now: "2026-01-05T09:00:00Z"}}\n'
    )


@pytest.fixture
def folder(tmp_path):
    """Writes files, by path and text, into a folder."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_scenarios_and_requests_are_no_part_of_the_world(folder):
    """What is read is sorted: configuration to the world, requests and scenarios each for themselves."""
    found = sources.read([folder(a=f"{CLIENT}---\n{REQUEST}---\n{scenario('s', '')}")])

    assert [Ident("Organization", "", "acme")] == list(found.world.idents())
    assert [("acme", "r1")] == list(found.requests)
    assert ["s"] == [one.metadata.name for one, _ in found.scenarios]
    assert (2, 0, ()) == (found.documents, found.skipped, found.findings)


def test_a_scenario_has_the_world_of_the_folders_it_names(folder):
    """Folders are relative to the scenario's file; without any it is the file's own folder."""
    place = folder(
        a=PLATFORM, b__c=CLIENT, b__s=scenario("own", "") + "---\n" + scenario("both", 'world: ["..", "."], ')
    )
    plays = {one.scenario.metadata.name: one for one in sources.scenarios([place]).scenarios}

    assert ["acme"] == list(plays["own"].world.organizations.by_name)
    assert ["acme", "platform"] == sorted(plays["both"].world.organizations.by_name)
    assert "s.yaml" == plays["own"].file.name


def test_a_scenario_without_a_world_is_told_of(folder):
    """A folder that is not there, and a scenario that cannot be read, are findings; the others are played."""
    place = folder(
        a=CLIENT, s=scenario("lost", "world: [gone], ") + "---\n" + scenario("good", ""), t=scenario("x", "wrld: [a], ")
    )
    found = sources.scenarios([place])

    assert ["good"] == [one.scenario.metadata.name for one in found.scenarios]
    assert ["scenario-world-missing", "document-invalid"] == [one.rule for one in found.findings]
    assert "spec.world[0]: names the folder 'gone', which is not there" == found.findings[0].message
    assert (4, 16) == (found.findings[0].place.line, found.findings[0].place.column)


def test_what_is_wrong_with_a_scenarios_world_is_told_once(folder):
    """Two scenarios of one broken world have its problems once."""
    place = folder(
        b__a=CLIENT.replace("Client", "Klient"),
        s__s=scenario("one", "world: [../b], ") + "---\n" + scenario("two", "world: [../b], "),
    )
    found = sources.scenarios([place / "s"])

    assert ["document-invalid"] == [one.rule for one in found.findings]
    assert 2 == len(found.scenarios)


def test_places_are_known_for_whatever_was_read(folder):
    """The place of a document is its first line, of a field its value, and nothing of what was never read."""
    place = folder(a=f"{PLATFORM}---\n{CLIENT}")
    found = sources.read([place])

    assert f"{place}/a.yaml:6:1" == str(found.place(Ident("Organization", "", "acme")))
    assert f"{place}/a.yaml:9:14" == str(found.place(Ident("Organization", "", "acme"), ("spec", "type")))
    assert "-" == str(found.place(Ident("User", "acme", "x")))


def test_many_worlds_may_lie_in_one_tree(folder):
    """Two examples that declare the same organization are two worlds, and nothing is wrong with either."""
    place = folder(a__x=CLIENT, a__s=scenario("a", ""), b__x=CLIENT, b__s=scenario("b", ""))
    found = sources.scenarios([place])

    assert ((), 2) == (found.findings, len(found.scenarios))
    assert ["declared-twice"] * 2 == [one.rule for one in sources.read([place]).findings]


def nested(levels):
    """A request whose document is so many collections deep."""
    deep = "{a: " * (levels - 3) + "b" + "}" * (levels - 3)
    return f"{REQUEST[:-2]}, parameters: {{p: {deep}}}}}\n"


@pytest.mark.parametrize("text", [CLIENT, REQUEST, nested(31), nested(32), nested(33), f"{CLIENT}status: {{}}\n"])
def test_the_loader_looks_for_what_parsing_then_passes_over(text):
    """Nulls and too many levels: a document that was loaded is parsed as one from anywhere else would be."""
    loaded = load(text.encode())
    values = [one.value for one in loaded.documents] or [yaml.safe_load(text)]

    for value in values:
        found = parse(value)
        assert found == parse(value, loaded=True) or (loaded.findings and too_deep(value))
        assert bool(loaded.findings) == (TOO_DEEP in found[1])


@pytest.mark.parametrize("null", ["~", "null", "Null", "NULL", ""])
def test_the_loader_lets_no_null_pass(null):
    """However it is spelled: parsing does not look for one in what was loaded."""
    assert load(REQUEST.replace("requester: j", f"onBehalfOf: {null}, requester: j").encode()).findings
