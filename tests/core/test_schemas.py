"""Parameter schemas are judged where they are defined, before any value meets them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assent.core.keywords import DIALECT, KEYWORDS
from assent.core.parameters import declared, parameter_problems, schema_problems, secret_parameters


def nested(depth):
    """A schema of `depth` objects within each other."""
    schema = {"type": "integer"}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    return schema


def laughs(count):
    """A few references that write out to two to the power of `count` subschemas."""
    steps = {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(count)}
    return {"$defs": {**steps, f"d{count}": {}}, "$ref": "#/$defs/d0"}


WRONG = [
    pytest.param({"propertys": {}}, "propertys", "not taken", "did you mean properties?", id="misspelt"),
    pytest.param({"definitions": {}}, "definitions", "not taken", "write `$defs`", id="old-name"),
    pytest.param({"$id": "https://x/y"}, "$id", "not taken", "no name", id="named"),
    pytest.param({"unevaluatedProperties": False}, "unevaluatedProperties", "not taken", "additionalProp", id="uneval"),
    pytest.param({"type": "array"}, "type", '"array"', "one object", id="not-an-object"),
    pytest.param({"type": "text"}, "type", "types are", "", id="unknown-type"),
    pytest.param({"properties": {"a": {"type": []}}}, "properties.a.type", "types are", "", id="no-type"),
    pytest.param({"properties": ["a"]}, "properties", "no mapping", "", id="properties-as-list"),
    pytest.param({"properties": {"a": None}}, "properties.a", "no schema", "true or false", id="null-subschema"),
    pytest.param({"properties": {"a\u202e": {}}}, "properties", "U+202E", "", id="name-that-misleads"),
    pytest.param({"required": "a"}, "required", "no list of names", "", id="required-as-text"),
    pytest.param({"required": ["a", "a"]}, "required", "twice", "", id="required-twice"),
    pytest.param({"allOf": []}, "allOf", "no list of schemas", "", id="empty-allof"),
    pytest.param({"allOf": [1]}, "allOf[0]", "no schema", "", id="number-in-allof"),
    pytest.param({"properties": {"a": {"enum": []}}}, "properties.a.enum", "no list of choices", "", id="no-choice"),
    pytest.param({"properties": {"a": {"minLength": -1}}}, "properties.a.minLength", "no count", "", id="minus-one"),
    pytest.param({"properties": {"a": {"maximum": True}}}, "properties.a.maximum", "no number", "", id="true-maximum"),
    pytest.param({"properties": {"a": {"multipleOf": 0}}}, "properties.a.multipleOf", "above 0", "", id="zero-step"),
    pytest.param({"dependentRequired": {"a": "b"}}, "dependentRequired", "no list", "", id="dependent-as-text"),
    pytest.param(
        {"properties": {"a": {"pattern": r"(x)\1"}}}, "properties.a.pattern", "backreferences", "", id="pattern"
    ),
    pytest.param({"patternProperties": {"(": {}}}, "patternProperties", "no RE2", "", id="pattern-property"),
    pytest.param({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema", "dialect", "", id="other-draft"),
    pytest.param({"allOf": [{"$schema": DIALECT}]}, "allOf[0].$schema", "within", "root", id="dialect-within"),
    pytest.param({"$ref": "https://x.example/y"}, "$ref", "outside", "$defs", id="remote-reference"),
    pytest.param({"$ref": "file:///etc/passwd"}, "$ref", "outside", "$defs", id="file-reference"),
    pytest.param({"$ref": "#/$defs/a"}, "$ref", "no schema", "$defs", id="reference-to-nothing"),
    pytest.param({"$ref": "#/required", "required": ["a"]}, "$ref", "no schema", "", id="reference-to-no-schema"),
    pytest.param({"$ref": "#"}, "$ref", "back to itself", "levels", id="self-reference"),
    pytest.param({"properties": {"a": {"$ref": "#"}}}, "properties.a.$ref", "back to itself", "", id="a-tree"),
    pytest.param(
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}},
        "$defs.a.$ref",
        "back",
        "",
        id="circle",
    ),
    pytest.param(laughs(25), "", "2000 subschemas", "fewer", id="billion-laughs"),
    pytest.param(nested(40), "", "32 deep", "flatter", id="too-deep"),
    pytest.param({"description": "x" * 40_000}, "", "bytes", "shorten", id="too-large"),
    pytest.param({"maximum": 2**53}, "", "9007199254740992", "2^53-1", id="number-too-large"),
    pytest.param({"maximum": float("nan")}, "", "no canonical JSON", "", id="not-a-number"),
    pytest.param({"secret": True}, "secret", "whole parameter", "properties", id="all-secret"),
    pytest.param(
        {"properties": {"a": {"properties": {"b": {"secret": True}}}}},
        "properties.a.properties.b.secret",
        "whole",
        "",
        id="part",
    ),
    pytest.param({"properties": {"a": {"secret": False}}}, "properties.a.secret", "write true", "", id="not-so-secret"),
    pytest.param(
        {"properties": {"a": {"secret": True, "default": "hunter2"}}},
        "properties.a.default",
        "secret's value",
        "",
        id="default",
    ),
    pytest.param(
        {"properties": {"a": {"secret": True, "type": "string"}}},
        "properties.a.type",
        "string",
        "secretRef",
        id="plain-secret",
    ),
]


@pytest.mark.parametrize(("schema", "field", "message", "hint"), WRONG)
def test_a_wrong_schema_is_refused_with_its_field(schema, field, message, hint):
    """What is wrong is told with the field it stands in, and what to write instead."""
    problems = [one for one in schema_problems(schema) if one.field == field]

    assert any(message in one.message and hint in one.hint for one in problems), schema_problems(schema)


@pytest.mark.parametrize("schema", [None, [], "object", 1, True])
def test_what_is_no_mapping_is_no_schema(schema):
    """Parameters are one object, so `true` says too little."""
    assert 1 == len(schema_problems(schema))


def test_everything_is_told_at_once():
    """A schema with four mistakes has four findings."""
    schema = {"typ": "object", "properties": {"a": {"type": "strin"}, "b": {"pattern": "("}}, "required": [1]}

    assert ["properties.a.type", "properties.b.pattern", "required", "typ"] == [
        one.field for one in schema_problems(schema)
    ]


def test_all_keywords_that_are_taken_can_be_used():
    """One schema with every keyword is accepted, and so is the example of the reference."""
    everything = {
        "$schema": DIALECT, "$comment": "x", "title": "x", "description": "two\nlines", "type": "object",
        "$defs": {"name": {"type": ["string", "null"], "minLength": 1, "maxLength": 8.0, "pattern": r"\pL+"}},
        "properties": {
            "a": {"$ref": "#/$defs/name", "default": "x", "examples": ["y"], "deprecated": False, "format": "uuid"},
            "b": {"type": "array", "prefixItems": [{}], "items": False, "contains": {}, "minContains": 0},
            "c": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.01, "maximum": 1},
            "d": {"enum": [1, "x", None]}, "e": {"const": {"any": "thing"}, "readOnly": True, "writeOnly": True},
            "f": {"type": "array", "uniqueItems": True, "minItems": 1, "maxItems": 2, "maxContains": 1},
            "g": {"contentEncoding": "base64", "contentMediaType": "text/plain", "exclusiveMinimum": 1},
            "p": {"type": "object", "secret": True},
        },
        "patternProperties": {"^x-": True}, "additionalProperties": False, "propertyNames": {"maxLength": 9},
        "required": ["a"], "minProperties": 1, "maxProperties": 9, "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"a": {}}, "allOf": [{}], "anyOf": [{}], "oneOf": [{}], "not": {"required": ["z"]},
        "if": {}, "then": {}, "else": {},
    }  # fmt: skip

    assert () == schema_problems(everything)
    assert set(KEYWORDS) == {
        key for part in (everything, *everything["properties"].values(), *everything["$defs"].values()) for key in part
    }


WORDS = ["a", "string", "object", "#/$defs/a", "("]
NAMES = st.sampled_from([*KEYWORDS, "a", "b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SCHEMAS = st.dictionaries(st.sampled_from([*KEYWORDS, "a"]), VALUES, max_size=5)


@given(SCHEMAS)
def test_what_is_accepted_is_a_json_schema_and_judges_without_an_error(schema):
    """Whatever is accepted here the published meta-schema accepts too, and it can judge any value."""
    if schema_problems(schema):
        return

    assert [] == [error.message for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)]
    parameter_problems(schema, {"a": 1, "b": {"a": ["a"]}})


@given(VALUES)
def test_rule_32_no_schema_is_an_accident(schema):
    """Rule 32: whatever stands where a schema should is judged, with no exception."""
    for problem in schema_problems(schema):
        assert problem.message


def test_a_hostile_schema_costs_little():
    """References in a long circle, and many subschemas, are refused in a fraction of a second."""
    circle = {f"d{at}": {"$ref": f"#/$defs/d{(at + 1) % 900}"} for at in range(900)}
    started = time.process_time()

    assert 900 == len(schema_problems({"$defs": circle}))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"properties": {"a": {}, "b": {}}}, {"a", "b"}, id="properties"),
        pytest.param({"allOf": [{"properties": {"a": {}}}], "then": {"properties": {"b": {}}}}, {"a", "b"}, id="parts"),
        pytest.param({"$ref": "#/$defs/x~1y", "$defs": {"x/y": {"properties": {"a": {}}}}}, {"a"}, id="reference"),
        pytest.param({"properties": {"a": {"properties": {"b": {}}}}}, {"a"}, id="not-those-within"),
        pytest.param({"$ref": "#", "properties": {"a": {}}}, {"a"}, id="circle"),
        pytest.param({"properties": 3}, set(), id="wrong"),
        pytest.param(None, set(), id="none"),
    ],
)
def test_declared_parameters_are_those_of_the_object_itself(schema, expected):
    """A parameter is declared at the root, or in a part that speaks of the same object."""
    assert expected == declared(schema)


def test_secret_parameters_are_known_by_name():
    """The parameters that are secrets are those that say so."""
    schema = {"properties": {"a": {"secret": True}, "b": {"secret": False}, "c": True}}

    assert {"a"} == secret_parameters(schema)
    assert set() == secret_parameters(json.loads("[]"))
