"""`assent schema` and `assent crds`: what editors, CI and clusters are given."""

import copy
import json
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from assent.api.kinds import MODELS, PLURALS, SHORT_NAMES, parse
from assent.cli import crds as crds_command
from assent.cli import schema as command
from assent.cli.kinds import kind as kind_named
from assent.errors import UsageError
from crd_files import KEYS, crds, documents, nodes

ALL = Draft7Validator(command.of_all(), format_checker=Draft7Validator.FORMAT_CHECKER)
USER = {
    "apiVersion": "assent.dev/v1alpha1",
    "kind": "User",
    "metadata": {"name": "maria", "namespace": "acme"},
    "spec": {"username": "maria", "signingKeys": [{"publicKey": KEYS[0]}]},
}


def user(**changes):
    """The user with other fields; a name with a dot leads to the field."""
    value = copy.deepcopy(USER)
    for path, item in changes.items():
        *parents, last = path.split(".")
        here = value
        for parent in parents:
            here = here[parent]
        here[last] = item
    return value


@pytest.mark.parametrize("kind", [None, *MODELS])
def test_printed(kind, capsys):
    """What is printed is a JSON Schema that validators take."""
    command.schema(kind) if kind else command.schema()
    printed = json.loads(capsys.readouterr().out)

    Draft7Validator.check_schema(printed)
    assert "http://json-schema.org/draft-07/schema#" == printed["$schema"]
    assert (kind or "Assent") == printed["title"]


@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_the_models_take(kind, data):
    """A document that the models accept is accepted, by the schema of its kind and by that of all kinds."""
    value = data.draw(documents(kind))
    if parse(value)[0] is None:
        return

    assert [] == [error.message for error in ALL.iter_errors(value)]
    assert Draft7Validator(command.of_kind(kind)).is_valid(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": {}},
        {"apiVersion": "assent.dev/v1"},
        {"kind": "Users"},
        {"kind": "Module"},
        {"metadata.lables": {}},
        {"metadata.name": "Maria"},
        {"metadata": {"name": "maria"}},
        {"spec.display_name": "Maria"},
        {"spec.suspended": "no"},
        {"spec.type": "human"},
        {"spec.role": {"organization": "acme", "name": "admins"}},
        {"spec.aliases": ["a", "a"]},
        {"spec.aliases": ["a b"]},
        {"spec.displayName": "a\u202eb"},
        {"spec.displayName": None},
        {"spec.signingKeys": [{"publicKey": "x"}]},
        {"spec": {}},
    ],
    ids=str,
)
def test_what_an_editor_underlines(changes):
    """What the contract refuses is refused by the schema too."""
    assert ALL.is_valid(USER)
    assert not ALL.is_valid(user(**changes))


@pytest.mark.parametrize(
    ("fine", "value"),
    [
        (True, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme"}}),
        (True, {"apiVersion": "test.assent.dev/v1alpha1", "kind": "Scenario", "spec": {}}),
        (False, {"apiVersion": "v1", "kind": "User"}),
        (False, {"apiVersion": "assent.dev/v1alpha1", "kind": "Namespace"}),
        (False, {"kind": "User"}),
        (False, []),
    ],
    ids=str,
)
def test_what_lies_beside(fine, value):
    """Namespaces and scenarios may lie beside our kinds; nothing else may."""
    assert fine == ALL.is_valid(value)


@pytest.mark.parametrize("kind", MODELS)
def test_described(kind):
    """An editor can say what every field is for."""
    for path, node in nodes(command.of_kind(kind)):
        if path and not re.search(r"(labels|annotations)\{\}$", path):
            assert node.get("description"), path


def test_crds_are_printed_as_they_are(capsys):
    """`kubectl` gets every CRD, one document each, in the order in which documents depend on each other."""
    crds_command.crds()
    printed = list(yaml.safe_load_all(capsys.readouterr().out))

    assert [crds()[kind] for kind in PLURALS.values()] == printed


@pytest.mark.parametrize(("word", "kind"), [*SHORT_NAMES.items(), *PLURALS.items(), *((kind, kind) for kind in MODELS)])
def test_names_of_a_kind(word, kind):
    """A kind may be called by its name, its plural or its short name, in any case."""
    assert kind == kind_named(word)
    assert kind == kind_named(word.upper())


def test_unknown_kind():
    """An unknown kind is wrong usage, and the nearest names are said."""
    with pytest.raises(UsageError, match="there is no kind 'usr'; did you mean user"):
        command.schema("usr")
