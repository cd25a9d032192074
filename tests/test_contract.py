"""The CRDs, the models, the conditions and the reference pages say the same."""

import re
from datetime import UTC, datetime
from typing import get_args

import pytest
from jsonschema import Draft7Validator
from pydantic import TypeAdapter, ValidationError

from assent.api import conditions
from assent.api.decisions import VERBS
from assent.api.evidence import Channel
from assent.api.kinds import MODELS, PLURALS, SHORT_NAMES
from assent.api.names import API_VERSION, CLUSTER_KINDS, KINDS
from assent.api.plans import ResultState
from assent.api.requests import Phase
from assent.api.scenarios import ScenarioStep
from assent.cli.schema import translated
from assent.core import scenarios
from assent.core.status import status
from builders import ALL, flow, modules, role, service, stage, tree, use, user, world
from crd_files import ROOT, crds, nodes, python, schema

REFUSED_BY_A_SENTENCE = {
    ("User", "spec.role.organization"),
    ("Microservice", "spec.run.http.headersFrom.organization"),
}
"""Fields of a reference that the model knows only to say why they must not stand there."""

FACTS = (
    "type", "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
    "maxProperties", "default",
)  # fmt: skip
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))


def spec_fields(kind):
    """Every field below `spec` by its path, as the CRD has it."""
    return {path: node for path, node in nodes(schema(kind)) if path.startswith("spec")}


def model_fields(kind):
    """The same as the model has it, from the JSON Schema that pydantic makes of it."""
    whole = MODELS[kind].model_json_schema(by_alias=True)
    return dict(_model_nodes(whole["properties"]["spec"], whole["$defs"], "spec"))


def _model_nodes(node, definitions, path):
    for choice in node.pop("anyOf", []):
        if choice != {"type": "null"}:
            node = {**choice, **{key: item for key, item in node.items() if key != "default" or item is not None}}
    node = {**definitions[node["$ref"].rsplit("/", 1)[-1]], **node} if "$ref" in node else node
    yield path, node
    for name, below in node.get("properties", {}).items():
        yield from _model_nodes(dict(below), definitions, f"{path}.{name}")
    if "items" in node:
        yield from _model_nodes(dict(node["items"]), definitions, f"{path}[]")
    (values,) = node.get("patternProperties", {"": node.get("additionalProperties")}).values()
    if isinstance(values, dict):
        yield from _model_nodes(dict(values), definitions, f"{path}{{}}")


def facts(node):
    """What a schema demands, written one way; an empty default says nothing."""
    found = {key: node[key] for key in FACTS if node.get(key) not in (None, [], {})}
    found["required"] = sorted(node.get("required", []))
    if "pattern" in found:
        found["pattern"] = re.sub(r"\\x\{?([0-9a-f]+)\}?", lambda code: chr(int(code[1], 16)), found["pattern"])
    return found


@every_kind
def test_names(kind):
    """A CRD has the names, scope and category under which `kubectl` and `assent` know its kind."""
    spec = crds()[kind]["spec"]
    plural = next(plural for plural, owner in PLURALS.items() if owner == kind)
    short = next(short for short, owner in SHORT_NAMES.items() if owner == kind)

    assert {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": plural,
        "singular": kind.lower(),
        "shortNames": [short],
        "categories": ["assent"],
    } == spec["names"]
    assert f"{plural}.assent.dev" == crds()[kind]["metadata"]["name"]
    assert ("Cluster" if kind in CLUSTER_KINDS else "Namespaced") == spec["scope"]
    assert (ROOT / "crds" / f"{plural}.yaml").is_file()


@every_kind
def test_version(kind):
    """There is one version, with a status of its own and columns for people."""
    spec = crds()[kind]["spec"]
    (version,) = spec["versions"]

    assert API_VERSION == f"{spec['group']}/{version['name']}"
    assert version["served"]
    assert version["storage"]
    assert {"status": {}} == version["subresources"]
    assert "Age" == version["additionalPrinterColumns"][-1]["name"]


def test_nothing_else():
    """`crds/` holds the eight kinds and nothing else."""
    assert KINDS == set(crds())


@every_kind
def test_fields(kind):
    """Fields, types, bounds, patterns, defaults and what is required are the same in CRD and model."""
    declared = {path: facts(node) for path, node in spec_fields(kind).items()}
    modelled = {
        path: facts(node) for path, node in model_fields(kind).items() if (kind, path) not in REFUSED_BY_A_SENTENCE
    }

    assert declared == modelled


@every_kind
def test_structure(kind):
    """The API server takes the schema: every node is typed, described and bounded, and nothing is ambiguous."""
    for path, node in nodes(schema(kind)):
        assert not node.keys() & {"nullable", "anyOf", "oneOf", "allOf", "not", "uniqueItems", "$ref"}, path
        assert path == "metadata" or node.get("description", "").endswith("."), path
        STRUCTURE[node["type"]](path, node)


def _object(path, node):
    free = node.get("x-kubernetes-preserve-unknown-fields")
    shapes = [name for name in ("properties", "additionalProperties") if name in node]
    assert len(shapes) == (0 if free or path == "metadata" else 1), path
    assert not free or node["x-kubernetes-map-type"] == "atomic", path
    assert "additionalProperties" not in node or node["maxProperties"] >= 1, path
    assert set(node.get("required", [])) <= set(node.get("properties", {})), path


def _array(path, node):
    assert node["maxItems"] >= 1, path
    assert node["x-kubernetes-list-type"] in ("atomic", "map", "set"), path
    for key in node.get("x-kubernetes-list-map-keys", []):
        assert key in node["items"]["required"], path


def _string(path, node):
    if "enum" in node or path in ("apiVersion", "kind"):
        return
    assert node["maxLength"] >= 1, path
    assert "pattern" in node or not path.startswith("spec"), path
    re.compile(python(node.get("pattern", "")))


def _integer(path, node):
    assert "minimum" in node, path
    assert "maximum" in node or node["format"] == "int64", path


def _boolean(path, node):
    assert node.get("enum", [True, False]), path


STRUCTURE = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
}


@every_kind
def test_rules_say_what_is_wrong(kind):
    """Every CEL rule comes with a sentence for whoever wrote the document."""
    for path, node in nodes(schema(kind)):
        for rule in node.get("x-kubernetes-validations", []):
            assert rule.keys() >= {"rule", "message"}, path


@pytest.mark.parametrize(("kind", "path"), [("Request", "spec"), ("Organization", "spec.type")])
def test_what_never_changes(kind, path):
    """Rule 7: the spec of a request, and the type of an organization, never change."""
    rules = dict(nodes(schema(kind)))[path]["x-kubernetes-validations"]

    assert "self == oldSelf" in [rule["rule"] for rule in rules]
    assert path.rsplit(".", 1)[-1] in dict(nodes(schema(kind)))[path.rpartition(".")[0]]["required"]


@every_kind
def test_conditions(kind):
    """The status of every kind has conditions, with the types and reasons that the table of conditions knows."""
    fields = dict(nodes(schema(kind)))
    types = fields["status.conditions[].type"]["enum"]

    assert (sorted(conditions.CONDITIONS) if kind == "Request" else ["Ready"]) == types
    assert list(get_args(conditions.ConditionStatus)) == fields["status.conditions[].status"]["enum"]
    for reason in conditions.REASONS:
        assert re.fullmatch(fields["status.conditions[].reason"]["pattern"], reason)


def test_status_of_a_request():
    """The words in a request's status are those of the code."""
    fields = dict(nodes(schema("Request")))

    assert list(get_args(Phase)) == fields["status.phase"]["enum"]
    assert list(get_args(ResultState)) == fields["status.results[].state"]["enum"]
    assert set(get_args(Channel)) == set(fields["status.stages[].decisions[].channel"]["enum"])
    assert set(fields["status.stages[].decisions[].decision"]["enum"]) <= set(VERBS)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Organization", "spec.displayName"),
        ("Organization", "spec.parent"),
        ("Microservice", "spec.description"),
        ("User", "spec.username"),
    ],
)
def test_rule_44_refuses_the_same_characters_in_both(kind, path):
    """What is not shown as it is, is refused by the CRD and by the model, character by character."""
    declared = re.compile(python(dict(nodes(schema(kind)))[path]["pattern"]))
    modelled = TypeAdapter(MODELS[kind].model_fields["spec"].annotation.model_fields[_snake(path)].rebuild_annotation())

    for code in range(0x10000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        text = f"a{chr(code)}a"
        assert bool(declared.fullmatch(text)) == _accepts(modelled, text), f"U+{code:04X}"


def _snake(path):
    return re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", path.split(".")[1])


def _accepts(adapter, text):
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True


def test_what_the_controller_writes():
    """A status as the controller writes it at every step of a request's life is one that the CRD takes."""
    declared = Draft7Validator(translated(schema("Request")["properties"]["status"]))
    made = world(
        *tree("P+"),
        *modules(),
        role("a/all", {"*": ALL}),
        *(user(f"a/{name}", "all") for name in ("maria", "juan", "ana")),
        flow("platform/two", stage("manager", "Requesting"), stage("second", "Client"), decideWithin="7d"),
        service("platform/free-disk", enabledByDefault=True, approvals=[use("platform/two")]),
    )
    stage_of = scenarios._Stage(made, datetime(2026, 1, 5, 9, tzinfo=UTC))
    opened = {"name": "one", "organization": "a", "microservice": "free-disk", "requester": "juan@a"}
    steps = [
        {"request": opened},
        {"decide": {"request": "one", "as": "maria@a", "verb": "approve", "because": "needed"}},
        {"decide": {"request": "one", "as": "ana@a", "verb": "approve", "channel": "Merge"}},
        {"wait": "8d"},
    ]
    phases = []
    for step in steps:
        assert [] == stage_of.play(ScenarioStep.model_validate(step))
        decision = stage_of._decision(stage_of.named["one"])
        written = status(made, decision)
        phases.append(written["phase"])
        assert [] == [error.message for error in declared.iter_errors(written)]

    assert ["PendingApproval", "PendingApproval", "Approved", "Approved"] == phases
