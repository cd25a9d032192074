"""The reference pages of the kinds are hand-written; these tests hold them to the CRDs, the models and the code."""

import json
import re

import pytest
import yaml
from jsonschema import Draft7Validator

from assent.adapters.documents import load
from assent.api import conditions, records, scenarios
from assent.api.kinds import MODELS, PLURALS, SHORT_NAMES, parse
from assent.cli.schema import translated
from crd_files import ROOT, crds, nodes, schema

PAGES = ROOT / "docs" / "reference"
every_kind = pytest.mark.parametrize("kind", MODELS)


def page(name):
    """The text of one page."""
    return (PAGES / f"{name.lower()}.md").read_text(encoding="utf-8")


def section(text, heading):
    """What stands under a heading, up to the next of its rank."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def table(text):
    """The rows of the first table, as cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def examples(name):
    """The YAML blocks of a page."""
    return re.findall(r"^```yaml\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)


def rows(kind, part):
    """The table of fields that a page must have, made of the CRD."""
    fields = dict(nodes(schema(kind)))
    found = []
    for path, node in fields.items():
        if not path.startswith(f"{part}.") or path.endswith(("[]", "{}")):
            continue
        parent, _, name = path.rpartition(".")
        required = "yes" if name in fields[parent].get("required", []) else "no"
        cells = [f"`{path.removeprefix(f'{part}.')}`", kind_of(node), required, *said(node), node["description"]]
        found.append(cells if part == "spec" else [cells[0], cells[1], cells[-1]])
    return found


def kind_of(node):
    """What a person writes there, in a word or two."""
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return "values" if "maxProperties" in node else "JSON Schema"
    if node["type"] == "array":
        return f"list of {PLURAL[kind_of(node['items'])]}"
    if node["type"] == "string":
        return "choice" if "enum" in node else SHAPES.get(node.get("pattern"), SHAPES.get(node.get("format"), "text"))
    if "additionalProperties" in node:
        return f"{kind_of(node['additionalProperties'])} by name"
    return {"object": "mapping", "integer": "whole number", "boolean": "true or false"}[node["type"]]


SHAPES = {
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": "name",
    "^[1-9][0-9]*(s|m|h|d)$": "duration",
    "^[0-9a-f]{64}$": "digest",
    "date-time": "time",
}
SHAPES[dict(nodes(schema("User")))["spec.signingKeys[].validFrom"]["pattern"]] = "time"
PLURAL = {"text": "texts", "name": "names", "mapping": "mappings", "choice": "choices"}


def said(node):
    """The cells for default and bounds."""
    default = node.get("default", [])
    words = [json.dumps(one).strip('"') for one in (default if isinstance(default, list) else [default])]
    return [", ".join(f"`{word}`" for word in words) or "-", bounds(node)]


def bounds(node):
    """The cell for bounds: sizes, or the words to choose from."""
    if node["type"] == "boolean":
        return "`true`" if "enum" in node else "-"
    if "enum" in node or "enum" in node.get("items", {}):
        return ", ".join(f"`{word}`" for word in node.get("enum") or node["items"]["enum"])
    if kind_of(node) in ("name", "duration", "time"):
        return "-"
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " entries"),
        ("minProperties", "maxProperties", " entries"),
        ("minimum", "maximum", ""),
    ):
        if most in node:
            return f"{node[least]} to {node[most]}{unit}" if least in node else f"at most {node[most]}{unit}"
    return "-"


@every_kind
@pytest.mark.parametrize("part", ["spec", "status"])
def test_fields(kind, part):
    """The page of a kind names every field, with its type, default, bounds and meaning."""
    assert rows(kind, part) == table(section(page(kind), part.capitalize()))


@every_kind
def test_order(kind):
    """A page goes from the example over the fields and the rules to the status."""
    text = page(kind)

    assert text.startswith(f"# {kind}\n")
    assert ["Example", "Spec", "Rules", "Who may write it", "Status"] == re.findall(r"^## (.*)$", text, re.MULTILINE)


@every_kind
def test_examples(kind):
    """Every example of a page is read by our loader and follows the contract, its status too."""
    assert examples(kind)
    for text in examples(kind):
        loaded = load(text.encode())
        assert () == loaded.findings
        for document in loaded.documents:
            assert () == parse(document.value, status=True)[1]
            status = translated(schema(document.value["kind"])["properties"]["status"])
            Draft7Validator(status).validate(document.value.get("status", {}))


@every_kind
def test_example_shows_the_kind(kind):
    """The first example of a page is of its kind, and shows most of it."""
    documents = [document for text in examples(kind) for document in yaml.safe_load_all(text)]
    shown = {name for document in documents for name in document["spec"]}

    assert kind == documents[0]["kind"]
    assert set(schema(kind)["properties"]["spec"]["properties"]) <= shown


@pytest.mark.parametrize("name", ["conditions", "kinds", "ledger", "scenario", *MODELS])
def test_prose(name):
    """One sentence a line, no loose ends: links lead to pages that are there."""
    text = page(name)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert (PAGES / target).exists(), target
    for line in re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL).splitlines():
        assert line == line.rstrip()
        if line and line[0] not in "#|-`":
            assert re.search(r"[.:?]$", line), line


def test_kinds_at_a_glance():
    """The page that all kinds share lists them with plural, short name, scope and page."""
    wanted = [
        [
            f"[{kind}]({kind.lower()}.md)",
            f"`{next(plural for plural, owner in PLURALS.items() if owner == kind)}`",
            f"`{next(short for short, owner in SHORT_NAMES.items() if owner == kind)}`",
            crds()[kind]["spec"]["scope"],
        ]
        for kind in MODELS
    ]

    assert wanted == [row[:4] for row in table(section(page("kinds"), "The eight kinds"))]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Conditions", conditions.CONDITIONS),
        ("Why a request waits", conditions.HOLDS),
        ("How a request ends", conditions.ENDS),
        ("What else a condition says", conditions.STATES),
        ("Why a decision does not count", conditions.NOT_COUNTED),
        ("Why a change is not in force", conditions.CHANGE_REFUSED),
    ],
)
def test_conditions(heading, words):
    """Every condition and reason of the code stands on the page with its meaning, and no other."""
    assert [[f"`{word}`", meaning] for word, meaning in words.items()] == table(section(page("conditions"), heading))


def test_every_word_is_said_somewhere():
    """No condition or reason is explained that nothing in the code says."""
    code = [path for path in (ROOT / "controller").rglob("*.py") if path.name != "conditions.py"]
    said = "".join(path.read_text(encoding="utf-8") for path in code)

    assert [] == [word for word in (*conditions.CONDITIONS, *conditions.REASONS) if f'"{word}"' not in said]


def test_ledger():
    """Every kind of record stands on the ledger's page with its meaning, and with the fields of its body."""
    told = table(section(page("ledger"), "Records"))
    described = {word.strip("` ") for row in table(section(page("ledger"), "As JSON")) for word in row[0].split(",")}

    assert [[f"`{word}`", meaning] for word, meaning in records.KINDS.items()] == told
    assert set(records.KINDS) == described


PARTS = [conditions.HOLDS, conditions.ENDS, conditions.STATES, conditions.NOT_COUNTED, conditions.CHANGE_REFUSED]


@pytest.mark.parametrize("words", PARTS, ids=range(len(PARTS)))
def test_words_are_in_order(words):
    """Reasons are looked up by their first letters, and each meaning is a sentence."""
    assert sorted(words, key=str.lower) == list(words)
    assert all(meaning.endswith(".") for meaning in words.values())


def test_a_word_means_one_thing():
    """No reason stands in two tables."""
    assert sum(map(len, PARTS)) == len(conditions.REASONS)


def _scenario_fields(model, path=""):
    for field in model.model_fields.values():
        name = f"{path}{field.alias or field.validation_alias}"
        yield name
        for inner in re.findall(r"assent\.api\.scenarios\.(\w+)", str(field.annotation)):
            yield from _scenario_fields(getattr(scenarios, inner), f"{name}.")


def test_scenario():
    """The page about scenarios names every field, and its examples can be read."""
    text = page("scenario")
    listed = {row[0].strip("`") for row in table(section(text, "Spec"))}

    assert set(_scenario_fields(scenarios.Scenario.model_fields["spec"].annotation)) == {
        one.replace("[]", "") for one in listed
    }
    for example in examples("scenario"):
        for document in load(example.encode()).documents:
            scenarios.Scenario.model_validate(document.value)
