"""Parameters and targets are judged against what the microservice asks for; whatever is not asked for is refused."""

import itertools
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from assent.api.records import NEVER
from assent.api.services import TargetRules
from assent.core.checks import check
from assent.core.forms import problems as form_problems
from assent.core.offers import offered
from assent.core.parameters import matches, parameter_problems, target_problems
from assent.core.previews import preview

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["template", "count"],
    "properties": {
        "template": {"type": "string", "enum": ["win11-office", "win11-cad"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 50},
        "prefix": {"type": "string", "pattern": "^[a-z]{2,8}$"},
        "price": {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0},
        "names": {"type": "array", "uniqueItems": True, "maxItems": 3, "items": {"type": "string", "minLength": 1}},
        "note": {"type": "string"},
        "password": {"type": "object", "secret": True},
    },
}
GOOD = {"template": "win11-office", "count": 12}


def fields(problems):
    """The fields of problems, with their messages."""
    return {one.field: one.message for one in problems}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"count": 1.0}, id="1.0-is-the-integer-1"),
        pytest.param({"price": 19.99}, id="decimal-steps"),
        pytest.param({"price": 0.07}, id="decimal-steps-that-binary-ones-miss"),
        pytest.param(
            {"note": "first line\n\tsecond; $(rm -rf ~) `x` ' \" \\ %s {0} {{x}} 🙂 ñ"}, id="any-visible-text"
        ),
        pytest.param({"note": "-f"}, id="a-leading-dash-is-the-argument's-matter"),
        pytest.param({"password": {"secretRef": "db-password"}}, id="secret-by-reference"),
        pytest.param({"names": ["a", "b"]}, id="list"),
    ],
)
def test_what_is_asked_for_is_accepted(given):
    """Parameters that match their schema raise no objection, whatever a shell would make of them."""
    assert () == parameter_problems(SCHEMA, {**GOOD, **given})


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        pytest.param({"tempalte": "x"}, "tempalte", "is not declared", id="undeclared"),
        pytest.param({"count": "12"}, "count", 'must be of type integer, not "12"', id="text-for-a-number"),
        pytest.param({"count": True}, "count", "must be of type integer, not true", id="truth-for-a-number"),
        pytest.param({"count": 1.5}, "count", "must be of type integer, not 1.5", id="fraction-for-an-integer"),
        pytest.param({"count": 51}, "count", "must be at most 50, not 51", id="above"),
        pytest.param({"count": 0}, "count", "must be at least 1, not 0", id="below"),
        pytest.param({"count": None}, "count", "is null; leave it out", id="null"),
        pytest.param({"count": 2**53}, "count", "is beyond 9007199254740991", id="beyond-every-reader"),
        pytest.param({"price": 1e17}, "price", "is beyond 9007199254740991", id="beyond-as-a-fraction"),
        pytest.param({"price": float("inf")}, "price", "no number that JSON can say", id="infinity"),
        pytest.param({"price": 0.005}, "price", "must be a multiple of 0.01, not 0.005", id="step"),
        pytest.param({"price": 0}, "price", "must be more than 0, not 0", id="not-more"),
        pytest.param({"template": "win12"}, "template", 'is none of the choices "win11-office"', id="choice"),
        pytest.param({"prefix": "abc\n"}, "prefix", "as a whole", id="trailing-line-feed"),
        pytest.param({"prefix": "a"}, "prefix", 'does not match the pattern "^[a-z]{2,8}$"', id="pattern"),
        pytest.param({"names": ["a", "a"]}, "names", "names something twice", id="twice"),
        pytest.param({"names": ["a", ""]}, "names[1]", "must have at least 1 character, not", id="within-a-list"),
        pytest.param({"names": list("abcd")}, "names", "must have at most 3 items", id="too-many"),
        pytest.param({"names": "a"}, "names", 'must be of type array, not "a"', id="one-for-a-list"),
        pytest.param({"note": "safe\u202egnp.exe"}, "note", "U+202E", id="direction-override"),
        pytest.param({"note": "a\x00b"}, "note", "U+0000", id="nul"),
        pytest.param({"note": "a\rb"}, "note", "U+000D", id="carriage-return"),
        pytest.param({"note": "a\u200bb"}, "note", "U+200B", id="zero-width"),
        pytest.param({"note": "\ud800"}, "note", "surrogate", id="half-a-character"),
        pytest.param({"names": ["a", "b\u2028"]}, "names[1]", "U+2028", id="line-separator-in-a-list"),
        pytest.param({"no\x07te": 1}, "no\x07te", "U+0007", id="in-a-name"),
    ],
)  # fmt: skip
def test_rule_32_what_is_not_asked_for_is_refused(given, field, message):
    """Rule 32, invariant 18: undeclared, missing, mistyped and misleading parameters are refused, with their field."""
    assert message in fields(parameter_problems(SCHEMA, {**GOOD, **given}))[field]


def test_rule_32_everything_is_told_at_once():
    """Rule 32: a missing, an undeclared and a mistyped parameter, and a secret in the open, are four problems."""
    found = fields(parameter_problems(SCHEMA, {"count": "12", "extra": 1, "password": "hunter2"}))

    assert ["count", "extra", "password", "template"] == sorted(found)
    assert "is required and missing" == found["template"]


def test_rule_32_a_schema_left_out_means_no_parameters():
    """Rule 32: a microservice that declares nothing takes nothing."""
    assert () == parameter_problems(None, {})
    assert ["a", "b"] == list(fields(parameter_problems(None, {"b": 1, "a": {}})))


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        {"value": "hunter2"},
        {"secretRef": "db", "value": "hunter2"},
        {"secretRef": "Hunter2!"},
        {"secretRef": ["hunter2"]},
        ["hunter2"],
        {},
    ],
)
def test_rule_43_a_secret_in_the_open_is_refused_and_not_repeated(value):
    """Rule 43: whatever is given in place of a reference, no message shows it."""
    schema = {**SCHEMA, "anyOf": [{"required": ["nothing"]}], "not": {"required": ["password"]}, "maxProperties": 1}
    problems = parameter_problems(schema, {**GOOD, "password": value})

    assert "is a secret" in fields(problems)["password"]
    assert "hunter2" not in str(problems).lower()


@pytest.mark.parametrize("value", ["hunter2", {"value": "hunter2"}, {"secretRef": "Hunter2!"}, ["hunter2"]])
@pytest.mark.parametrize("secret_above", [True, False])
def test_rule_43_a_schema_that_narrows_another_repeats_no_secret_of_it(value, secret_above):
    """Rule 43: which of the offer's schemas says that it is a secret makes no difference to what is told."""
    said = {"type": "object", "properties": {"password": {"type": "object", "secret": True}}}
    other = {"properties": {"password": {"type": "object", "maxProperties": 0}}}
    above, own = (said, other) if secret_above else (other, said)
    one = builders.world(
        *builders.tree("P+a"),
        *builders.modules(),
        builders.role("a/admins", {"*": builders.ALL}),
        builders.user("a/maria", "admins"),
        builders.service("platform/vm", parameters=above),
        builders.enablement("a/vm", "platform/vm", parameters=own),
    )
    asked = builders.request("a/r1", "vm", "maria@a", parameters={"password": value})
    ref = builders.ref("a/r1")
    hold = preview(one, ref, asked.spec, NEVER + timedelta(days=9)).hold
    told = [hold, form_problems(offered(one, "a", "vm"), asked.spec.parameters, []), check(one, {ref: asked})]

    assert "ParametersRefused" == hold.reason
    assert "hunter2" not in str(told).lower()


def test_a_reference_is_judged_by_every_schema():
    """One that narrows which Secrets may be named is heard, although another says that it is a secret."""
    narrow = {"properties": {"password": {"properties": {"secretRef": {"enum": ["db"]}}}}}
    secrets = frozenset({"password"})

    assert () == parameter_problems(narrow, {"password": {"secretRef": "db"}}, secrets=secrets)
    assert parameter_problems(narrow, {"password": {"secretRef": "password"}}, secrets=secrets)


def test_a_wrong_schema_accepts_nothing_and_decides_no_condition():
    """Where a schema cannot be judged, parameters are refused, and a condition counts as met: its flow applies."""
    wrong = {"properties": {"a": {"pattern": "("}}}

    assert "wrong" in fields(parameter_problems(wrong, {}))[""]
    assert matches(wrong, {"a": "x"})


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        ({"properties": {"count": {"minimum": 10}}}, {"count": 12}, True),
        ({"properties": {"count": {"minimum": 10}}}, {"count": 9}, False),
        ({"properties": {"count": {"minimum": 10}}, "required": ["count"]}, {}, False),
        ({"properties": {"count": {"const": 1}}}, {"count": 1.0}, True),
        ({"properties": {"count": {"const": 1}}}, {"count": True}, False),
        ({"properties": {"count": {"enum": [1]}}}, {"count": 2**70}, True),
        ({}, {"count": "anything"}, True),
    ],
)
def test_a_condition_is_a_schema_that_the_parameters_match(condition, given, expected):
    """What a condition leaves open it does not ask; what cannot be decided is met."""
    assert expected == matches(condition, given)


def test_alternatives_and_exclusions_are_told_in_words():
    """Where no one field is wrong the sentence names the rule, and shows no collection."""
    schema = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "not": {"required": ["c"]}, "maxProperties": 0}
    messages = {one.message for one in parameter_problems(schema, {"c": {"x": "y"}})}

    assert {"matches none of the alternatives", "is what the schema excludes", "must have at most 0 fields"} == messages


def test_one_request_cannot_hold_up_the_others():
    """Many values against many alternatives are refused, or judged, within seconds; deep ones are refused at once."""
    wide = {"properties": {"a": {"items": {"anyOf": [{"const": at} for at in range(400)]}}}}
    deep = {}
    for _ in range(40):
        deep = {"a": deep}
    started = time.process_time()

    assert [] != [*parameter_problems(wide, {"a": ["x"] * 8000})]
    assert "deep" in fields(parameter_problems({}, deep))[""]
    assert time.process_time() - started < 1.0


def test_distinct_items_are_found_in_linear_time():
    """A list of four thousand mappings is compared by their canonical texts, not pair by pair."""
    schema = {"properties": {"a": {"uniqueItems": True}, "b": {"items": {"enum": [{"at": at} for at in range(1500)]}}}}
    values = [{"at": at} for at in range(1500)]
    started = time.process_time()

    assert () == parameter_problems(schema, {"a": values, "b": values})
    assert time.process_time() - started < 1.0


@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "x"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6,
)))  # fmt: skip
def test_rule_32_any_json_is_judged_without_an_accident(given):
    """Rule 32: whatever is given is accepted or refused; what is accepted has canonical JSON and visible texts."""
    problems = parameter_problems(SCHEMA, given)

    if not problems:
        assert set(given) <= set(SCHEMA["properties"])
        assert {"template", "count"} <= set(given)
    assert all(one.message for one in problems)


@pytest.mark.parametrize(
    ("rules", "targets", "expected"),
    [
        pytest.param(None, [], {}, id="none"),
        pytest.param(None, ["a"], {"": "none may be named"}, id="left-out-means-none"),
        pytest.param({}, ["a"], {"": "none may be named"}, id="silent-means-none"),
        pytest.param({"maxItems": 0}, ["a"], {"": "none may be named"}, id="none-may"),
        pytest.param({"maxItems": 2}, ["a", "b"], {}, id="two"),
        pytest.param({"maxItems": 2}, ["a", "b", "c"], {"": "at most 2 may be named, not 3"}, id="three"),
        pytest.param({"minItems": 1}, [], {"": "at least 1 must be named, not 0"}, id="at-least"),
        pytest.param({"minItems": 1}, ["a", "b"], {}, id="at-least-is-no-most"),
        pytest.param({"pattern": "vm-[0-9]+"}, ["vm-1", "vm-1x"], {"[1]": "does not match the pattern"}, id="pattern"),
        pytest.param({"maxItems": 3}, ["a", "b", "a"], {"[2]": "is named twice"}, id="twice"),
        pytest.param({"pattern": "("}, ["a"], {"": "nothing is accepted"}, id="wrong-pattern"),
    ],
)  # fmt: skip
def test_targets_are_named_as_the_rules_say(rules, targets, expected):
    """By default none may be named; each once; all by the pattern."""
    given = None if rules is None else TargetRules.model_validate(rules)
    found = fields(target_problems(given, targets))

    assert list(expected) == list(found)
    assert all(text in found[field] for field, text in expected.items())


@pytest.mark.parametrize("rules", [None, TargetRules(), TargetRules(pattern="vm-.*")])
def test_an_enablement_narrows_and_never_widens(rules):
    """Beside the microservice's own rules, an enablement that says nothing adds nothing."""
    assert () == target_problems(rules, ["vm-1", "vm-2"], narrows=True)


def test_the_schema_library_is_loaded_for_the_first_value_alone():
    """Importing the rules does not import jsonschema: most commands never judge a value."""
    code = "import sys, assent.core.parameters; sys.exit('jsonschema' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_asking_again_is_cheap():
    """A schema is prepared once: a thousand requests are judged in a fraction of a second."""
    started = time.process_time()
    for _ in itertools.repeat(None, 1000):
        parameter_problems(SCHEMA, GOOD)

    assert time.process_time() - started < 1.0
