"""`assent tree`: what depends on what, what is broken, and how much each owns."""

import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ("-C", ROOT / "policies", "-C", ROOT / "examples" / "01-automate")


def organization(name, kind, parent=None):
    spec = {"type": kind, **({"parent": parent} if parent else {})}
    return {"apiVersion": "assent.dev/v1alpha1", "kind": "Organization", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def grown(assent, tmp_path):
    """The tree of these organizations, as programs get it: names with those below, and why each is broken."""

    def grow(*organizations):
        tmp_path.joinpath("tree.yaml").write_text(yaml.safe_dump_all([organization(*one) for one in organizations]))
        ran = assent("tree", "-C", tmp_path, "-o", "json", "-q")
        return shape(json.loads(ran.out)["organizations"])

    return grow


def shape(branches):
    return {one["name"]: (one["because"], shape(one["organizations"])) for one in branches}


def test_the_example_as_people_see_it(assent):
    """Each organization stands below the one it depends on, with its type and what it owns."""
    ran = assent("tree", *EXAMPLE)
    lines = ran.out.splitlines()

    assert (0, "") == (ran.code, ran.err)
    assert lines[0].startswith("northwind  Partner  ")
    assert lines[1].startswith("└── acme  Client  ")
    assert lines[2].startswith("    └── acme-labs  SubOrganization  1 access role, 1 user")
    assert lines[-1].startswith("platform  Platform  ")


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_the_example_as_programs_get_it(assent, form, read):
    """The data has the same tree, with counts by field."""
    northwind, platform = read(assent("tree", *EXAMPLE, "-o", form).out)["organizations"]

    assert ["name", "type", "state", "because", "counts", "organizations"] == list(northwind)
    assert ("northwind", "Partner", "Ready", "") == tuple(northwind.values())[:4]
    assert "acme" == northwind["organizations"][0]["name"]
    assert 19 == platform["counts"]["microservices"]


def test_rule_14_what_is_broken_is_marked_and_says_why(grown):
    """Rule 14: a cycle, a missing parent or one of the wrong type is shown, once, with the sentence that names it."""
    cycle = "a cycle of parents: loop → loop"
    missing = "the organization 'gone', the parent of 'lost', does not exist"
    wrong = "the parent of 'odd' is 'partner', a Partner; a SubOrganization needs a Client"

    found = grown(
        ("partner", "Partner"),
        ("client", "Client", "partner"),
        ("odd", "SubOrganization", "partner"),
        ("lost", "SubOrganization", "gone"),
        ("loop", "SubOrganization", "loop"),
        ("above", "SubOrganization", "below"),
        ("below", "SubOrganization", "above"),
    )

    assert ["partner", "lost", "above", "loop"] == list(found)
    assert {"client": ("", {}), "odd": (wrong, {})} == found["partner"][1]
    assert (missing, {}) == found["lost"]
    assert (cycle, {}) == found["loop"]
    assert ["below"] == list(found["above"][1])
    assert "" not in (found["above"][0], found["above"][1]["below"][0])


def test_a_broken_line_is_marked_for_people(assent, tmp_path):
    """People see the sentence beside the organization."""
    tmp_path.joinpath("tree.yaml").write_text(yaml.safe_dump(organization("lost", "SubOrganization", "gone")))

    ran = assent("tree", "-C", tmp_path)

    assert "lost  SubOrganization  broken: the organization 'gone', the parent of 'lost', does not exist\n" == ran.out


def test_requests_are_counted(assent, tmp_path):
    """What is open in an organization is counted with what it owns."""
    request = {
        "apiVersion": "assent.dev/v1alpha1",
        "kind": "Request",
        "metadata": {"name": "one", "namespace": "acme"},
        "spec": {"microservice": {"name": "x"}, "requester": "juan@acme.example"},
    }
    documents = [organization("acme", "Client"), request]
    tmp_path.joinpath("tree.yaml").write_text(yaml.safe_dump_all(documents))

    assert "acme  Client  1 request\n" == assent("tree", "-C", tmp_path).out


def test_nothing_is_said_to_be_nothing(assent, tmp_path):
    """An empty folder has an empty tree, and a note says so."""
    ran = assent("tree", "-C", tmp_path)

    assert (0, "there are no organizations\n") == (ran.code, ran.err)
    assert "" == ran.out.strip()
