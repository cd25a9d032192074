"""A glance never says yes to what the library refuses, and says it of the everyday kind without the library."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.core.glance import glance
from assent.core.parameters import parameter_problems
from assent.core.validators import validator

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["", "a", "ab", "ab1", "B-2", "é", "𝄞", "a\n"])
NUMBERS = st.sampled_from([-1, 0, 1, 1.0, 1.5, 2, 3, 2**53 - 1])
SCALARS = TEXTS | NUMBERS | st.booleans()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
SMALL = st.integers(0, 3)
WORDS = {
    "type": st.sampled_from(
        ["object", "array", "string", "integer", "number", "boolean", "null", ["string", "integer"]]
    ),
    "enum": st.lists(SCALARS, min_size=1, max_size=3),
    "const": SCALARS,
    "minimum": NUMBERS,
    "maximum": NUMBERS,
    "minLength": SMALL,
    "maxLength": SMALL,
    "pattern": st.sampled_from(["[a-z]+", "", "[a-z]*[0-9]?", "^a$"]),
    "minItems": SMALL,
    "maxItems": SMALL,
    "required": st.lists(NAMES, max_size=2, unique=True),
    "description": st.just("Anything."),
    "default": SCALARS,
    "uniqueItems": st.booleans(),
    "maxProperties": SMALL,
}


def schemas(inner):
    nested = {
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "items": inner,
        "additionalProperties": st.booleans() | inner,
        "not": inner,
    }
    return st.fixed_dictionaries({}, optional={**WORDS, **nested})


SCHEMAS = st.recursive(st.fixed_dictionaries({}, optional=WORDS), schemas, max_leaves=6)


@given(SCHEMAS, VALUES)
def test_a_yes_is_the_librarys_yes(schema, value):
    """Whatever the schema and the value: only what the library accepts is accepted at a glance."""
    judge = validator({"properties": {"x": schema}})
    seen = glance(schema)

    if seen and seen(value) and not judge.problems:
        assert [] == list(judge.judge().iter_errors({"x": value}))


SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["template"],
    "properties": {
        "template": {"enum": ["office", "lab"], "description": "What it is made of."},
        "count": {"type": "integer", "minimum": 1, "maximum": 50},
        "share": {"type": "number"},
        "owner": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "[a-z@.]+"},
        "urgent": {"const": "yes"},
        "names": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string"}},
        "flag": {"type": "boolean"},
        "key": {"type": "object", "secret": True},
    },
}
GOOD = {
    "template": "lab",
    "count": 7,
    "share": 0.5,
    "owner": "maria@acme.example",
    "urgent": "yes",
    "names": ["a"],
    "flag": False,
    "key": {"secretRef": "token"},
}
BAD = {
    "template": "Lab",
    "count": True,
    "share": "1",
    "owner": "M",
    "urgent": "no",
    "names": [],
    "flag": 1,
    "key": "token",
    "more": 1,
}


def test_everyday_parameters_match_at_a_glance():
    """Every keyword that is read says yes to what fits it."""
    assert glance(SHAPE)(GOOD)
    assert () == parameter_problems(SHAPE, GOOD)


@pytest.mark.parametrize("name", BAD)
def test_whatever_does_not_fit_is_told_of_in_the_librarys_words(name):
    """A glance that says no leaves it to the library, which says what is wrong."""
    given = {**GOOD, name: BAD[name]}

    assert not glance(SHAPE)(given)
    assert {(name,)} == {one.path for one in parameter_problems(SHAPE, given)}


@pytest.mark.parametrize(
    "schema", [True, {"anyOf": [{}]}, {"properties": {"a": {"not": {}}}}, {"items": {"$ref": "#"}}]
)
def test_a_schema_that_says_more_is_left_to_the_library(schema):
    """Nothing is said at a glance of a schema that is not read as a whole."""
    assert glance(schema) is None


def test_the_library_is_not_loaded_for_everyday_parameters():
    """It takes a tenth of a second, which most commands have no use for."""
    code = (
        "import sys; from assent.core.parameters import parameter_problems as judge; "
        "assert not judge({'properties': {'a': {'type': 'string'}}}, {'a': 'b'}); "
        "assert 'jsonschema' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
