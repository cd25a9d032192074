"""What a browser posts becomes JSON values or sentences beside fields, and never a secret or a default."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.core.forms import fields, shown, typed
from core.shapes import of, offer

NOTE = {"type": "string", "maxLength": 500}


@pytest.mark.parametrize(
    ("schema", "texts", "expected"),
    [
        pytest.param({"type": "string"}, ["a b"], "a b", id="text"),
        pytest.param({"type": "string"}, [" 1 "], " 1 ", id="text-as-it-is"),
        pytest.param({"type": "integer"}, [" 12 "], 12, id="integer"),
        pytest.param({"type": "integer"}, ["-007"], -7, id="leading-zeros"),
        pytest.param({"type": "number"}, ["1.50"], 1.5, id="number"),
        pytest.param({"type": "number"}, ["2"], 2, id="whole-number"),
        pytest.param({"type": "number"}, ["-1e-3"], -0.001, id="exponent"),
        pytest.param({"type": "boolean"}, ["on"], True, id="a-box"),
        pytest.param({"type": "boolean"}, ["false", "true"], True, id="a-box-after-its-hidden-field"),
        pytest.param({"type": "boolean"}, ["false"], False, id="a-flag"),
        pytest.param({"enum": [2, 4]}, ["4"], 4, id="choice"),
        pytest.param({"type": "array", "uniqueItems": True, "items": {"enum": [1, 2]}}, ["2", "1"], [2, 1], id="more"),
        pytest.param({"type": "array", "items": {"type": "string"}}, ["a\r\n\r\n b\n"], ["a", " b"], id="lines"),
        pytest.param({"type": "array", "items": {"type": "string"}}, ["a", "b"], ["a", "b"], id="lines-by-fields"),
        pytest.param({"type": "array", "items": {"type": "string"}}, ['["", "a"]'], ["", "a"], id="a-list-as-json"),
        pytest.param({"type": "array", "items": {"type": "string"}}, ["[x]"], ["[x]"], id="a-line-in-brackets"),
        pytest.param({"type": "array", "items": {"type": "string"}}, ["[1]"], ["[1]"], id="no-list-of-texts"),
        pytest.param({"type": "array", "items": {"type": "number"}}, ["1\n2.5"], [1, 2.5], id="numbers"),
        pytest.param({"type": "object", "secret": True}, [" db-password "], {"secretRef": "db-password"}, id="secret"),
        pytest.param({}, ['{"a": [1, 2.5, true, "x"]}'], {"a": [1, 2.5, True, "x"]}, id="json"),
        pytest.param({"type": "string"}, ["x", "x"], "x", id="the-same-twice"),
    ],
)
def test_what_is_typed_becomes_a_value(schema, texts, expected):
    found = typed(fields(offer(of({"x": schema}))), {"p.x": texts, "p.y": ["not asked for"], "csrf": ["0"]})

    assert ({"x": expected}, {}) == (found.parameters, found.problems)
    assert type(expected) is type(found.parameters["x"])


@pytest.mark.parametrize(
    ("schema", "text", "sentence"),
    [
        pytest.param({"type": "integer"}, "1.5", "is no whole number", id="fraction"),
        pytest.param({"type": "integer"}, "1_000", "is no whole number", id="underscore"),
        pytest.param({"type": "integer"}, "٣", "is no whole number", id="digits-of-another-script"),
        pytest.param({"type": "integer"}, "9" * 5000, "is no whole number", id="endless"),
        pytest.param({"type": "integer"}, str(2**53), "is beyond 9007199254740991", id="beyond-every-reader"),
        pytest.param({"type": "number"}, "1e17", "is beyond 9007199254740991", id="beyond-as-a-fraction"),
        pytest.param({"type": "number"}, "1e999", "is no number that JSON can say", id="infinite"),
        pytest.param({"type": "number"}, "NaN", "is no number", id="nan"),
        pytest.param({"type": "number"}, "1,5", "with a point", id="comma"),
        pytest.param({"type": "boolean"}, "perhaps", "is neither true nor false", id="neither"),
        pytest.param({"enum": ["a"]}, "b", "is none of the choices", id="no-choice"),
        pytest.param({"type": "array", "items": {"type": "integer"}}, "1\nx", "is no whole number", id="a-line"),
        pytest.param({"type": "string"}, "a\x00b", "U+0000", id="nul"),
        pytest.param({"type": "string"}, "safe\u202egnp.exe", "U+202E", id="direction-override"),
        pytest.param({"type": "string"}, "a\r\nb", "U+000A", id="two-lines"),
        pytest.param({"type": "string"}, "\ud800", "surrogate", id="half-a-character"),
        pytest.param({"type": "string"}, "x" * 40_000, "is longer than 32768", id="too-long"),
        pytest.param(
            {"type": "array", "items": {"type": "string"}}, "a\n\u200b", "[1]: holds the char", id="in-a-list"
        ),
        pytest.param({}, "{", "is no JSON: look at line 1, column 2", id="no-json"),
        pytest.param({}, '{"a": 1, "a": 2}', "a name twice", id="twice"),
        pytest.param({}, '{"a": {"b": NaN}}', "a number that JSON cannot say", id="json-nan"),
        pytest.param({}, "-Infinity", "a number that JSON cannot say", id="json-infinity"),
        pytest.param({}, "null", "is null", id="json-null"),
        pytest.param({}, "[null]", "[0]: is null", id="json-null-within"),
        pytest.param({}, "[1e999]", "[0]: is no number that JSON can say", id="json-infinite"),
        pytest.param({}, '{"a": 9007199254740992}', "a: is beyond", id="json-too-large"),
        pytest.param({}, "1" * 6000, "is no whole number", id="json-endless"),
        pytest.param({}, "[" * 30_000, "nested", id="json-too-deep-to-read"),
        pytest.param({}, "[" * 40 + "]" * 40, "nested more than 32 deep", id="json-too-deep"),
        pytest.param({}, '"a\\u202eb"', "U+202E", id="json-direction-override"),
    ],
)
def test_rule_44_what_no_request_may_hold_is_a_problem_at_its_field(schema, text, sentence):
    """It is told beside its field and left out; no sentence is so long that it would repeat what was typed."""
    found = typed(fields(offer(of({"x": schema}))), {"p.x": [text]})

    assert {} == found.parameters
    assert ["p.x"] == list(found.problems)
    assert sentence in found.problems["p.x"].sentence
    assert len(found.problems["p.x"].sentence) < 150


def test_one_value_is_not_given_twice():
    found = typed(fields(offer(of({"x": {"type": "string"}}))), {"p.x": ["a", "b"]}).problems

    assert {"p.x": "is given more than once"} == {name: one.sentence for name, one in found.items()}


def test_a_description_may_have_lines():
    """The one text of a request in which a line feed is fine."""
    assert {"description": "a\nb"} == typed(
        fields(offer(of({"description": NOTE}))), {"p.description": ["a\r\nb"]}
    ).parameters


def test_a_default_is_shown_and_never_added():
    """What is not typed is not there, whatever the schema's default (kinds.md)."""
    properties = {
        "a": {"type": "string", "default": "x"}, "b": {"type": "boolean", "default": True},
        "c": {"type": "integer", "default": 3}, "d": {"enum": ["p", "q"], "default": "q"},
    }  # fmt: skip
    form = fields(offer(of(properties, required=["a", "c"])))

    assert [("x",), ("true",), ("3",), ("q",)] == [one.default for one in form]
    assert {} == typed(form, {}).parameters
    assert {} == typed(form, {one.name: [""] for one in form}).parameters


@pytest.mark.parametrize("posted", [{}, {"p.a": [], "p.b": [""]}, {"p.a": [""], "p.b": []}])
def test_no_tick_and_no_line_are_answers_where_one_is_required(posted):
    """A required flag is false where it is not ticked, a required list empty; a text that is required is missing."""
    texts = {"type": "array", "items": {"type": "string"}}
    form = fields(offer(of({"a": {"type": "boolean"}, "b": texts, "c": {"type": "string"}}, required=["a", "b", "c"])))

    assert {"a": False, "b": []} == typed(form, posted).parameters


def test_a_flag_that_is_not_asked_for_is_not_answered():
    """A box on a condition counts as an answer only where the condition holds."""
    branch = of({"kind": {"const": "disk"}, "fast": {"type": "boolean"}}, required=["kind", "fast"])
    form = fields(offer({"oneOf": [of({"kind": {"const": "vm"}}, required=["kind"]), branch]}))

    assert {"kind": "vm"} == typed(form, {"p.kind": ["vm"]}).parameters
    assert {"kind": "disk", "fast": False} == typed(form, {"p.kind": ["disk"]}).parameters


@pytest.mark.parametrize("value", ["Hunter2!", "correct horse", "-x", "a" * 64, '{"secretRef": "x"}', "päss", "x\ny"])
def test_rule_43_a_secret_is_named_and_never_typed(value):
    """Rule 43: what is no Secret's name is refused, is not repeated, and is never shown again."""
    form = fields(offer(of({"password": {"type": "object", "secret": True, "title": "Password"}})))
    found = typed(form, {"p.password": [value]})

    assert {} == found.parameters
    assert value not in found.problems["p.password"].sentence
    assert {"p.password": []} == shown(form, {"password": value})
    assert {"p.password": []} == shown(form, {"password": {"secretRef": value}})


@given(st.text(max_size=80), st.sampled_from(["p.password", "p.~", "p.note"]))
def test_rule_43_whatever_is_typed_a_secret_is_a_reference(text, name):
    """Rule 43: no field makes a secret parameter anything but the name of a Secret."""
    schema = {"properties": {"password": {"secret": True}, "note": {"type": "string"}}}
    posted = {name: [text], "p.~": [json.dumps({"password": text})]} if name == "p.~" else {name: [text]}
    found = typed(fields(offer(schema)), posted).parameters.get("password")

    assert found is None or {"secretRef": text.strip()} == found
