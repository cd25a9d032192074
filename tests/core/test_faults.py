"""What is wrong with a value, as a code with values: another language makes its own sentence of them."""

import pytest

from assent.api.kinds import parse
from assent.api.services import TargetRules
from assent.core.closings import Closing, closing
from assent.core.faults import SENTENCES
from assent.core.keywords import shown
from assent.core.parameters import parameter_problems, target_problems
from builders import stage
from core.lives import Life, asking, company, offering


@pytest.mark.parametrize(
    ("schema", "given", "code", "values"),
    [
        ({"type": ["integer", "string"]}, True, "Type", {"types": "integer or string"}),
        ({"minimum": 1}, 0, "AtLeast", {"limit": 1}),
        ({"exclusiveMaximum": 1}, 1, "LessThan", {"limit": 1}),
        ({"multipleOf": 0.5}, 0.7, "MultipleOf", {"step": 0.5}),
        ({"minLength": 2}, "a", "TooShort", {"limit": 2}),
        ({"maxItems": 1}, ["a", "b"], "TooManyItems", {"limit": 1}),
        ({"pattern": "^ñ$"}, "n", "Pattern", {"shown": '"^ñ$"', "pattern": "^ñ$"}),
        ({"enum": ["ñu", 2]}, "x", "NotOneOf", {"choices": '"ñu", 2'}),
        ({"const": "a"}, "b", "OnlyOne", {"only": '"a"'}),
        ({"uniqueItems": True}, ["a", "a"], "NotUnique", {}),
        ({"contains": {"type": "integer"}}, ["a"], "NoneFitting", {}),
        ({"not": {"type": "string"}}, "a", "Excluded", {}),
        (False, "a", "NotAllowed", {}),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "TooLong", {"limit": 1}),
        ({}, None, "Null", {}),
        ({}, 2**53, "TooLarge", {"limit": 2**53 - 1}),
        ({}, "a\u202e", "HiddenCharacter", {"character": "U+202E"}),
    ],
)
def test_a_mismatch_has_the_code_of_its_keyword(schema, given, code, values):
    problem = parameter_problems({"properties": {"x": schema}}, {"x": given})[0]

    assert (code, values) == (problem.code, dict(problem.values))
    assert problem.message.startswith(SENTENCES[code].format(**values).removesuffix("s"))


def test_what_is_missing_or_asked_for_by_nobody_has_one_too():
    found = parameter_problems({"required": ["a"], "additionalProperties": False}, {"b": 1})
    targets = target_problems(TargetRules(minItems=2, maxItems=3, pattern="^a$"), ["b"])

    assert {("a",): "Missing", ("b",): "NotDeclared"} == {one.path: one.code for one in found}
    assert [("TooFewTargets", 2), ("Pattern", None)] == [(one.code, dict(one.values).get("limit")) for one in targets]


def test_no_value_of_a_secret_is_among_the_values():
    schema = {"properties": {"key": {"type": "object", "secret": True}}}

    assert "hunter2" not in repr(parameter_problems(schema, {"key": "hunter2"}))


def test_a_kinds_own_limits_have_codes():
    spec = {"microservice": {"name": "a"}, "requester": "r", "reason": "x" * 513}
    document = {"apiVersion": "assent.dev/v1alpha1", "kind": "Request", "metadata": {"name": "a", "namespace": "b"}}
    found = parse({**document, "spec": spec})[1]

    assert [("TooLong", (("limit", 512),))] == [(one.code, one.values) for one in found]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("niño", '"niño"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("a\nb", '"a\\nb"'),
        ("x" * 99, '"' + "x" * 58 + "…"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_as_people_read_it(value, text):
    """No letter is escaped, and every character that would not be seen is."""
    assert text == shown(value)


def test_how_it_ended_is_known_from_the_decision_that_ended_it():
    life = asking(stage("lead", "Requesting"))
    assert closing(life.decision) is None

    life.say("b/rita", "withdraw", because="not needed")
    assert Closing("Withdrawn", "rita@b", "not needed") == closing(life.decision) == closing(life.end().decision)


def test_how_targets_ended_is_counted():
    life = Life(*company(), offering(targetRules={"maxItems": 5}), targets=["t1", "t2", "t3"])
    for execution, state in zip(life.claim().executions, ("Succeeded", "Failed", "Failed"), strict=True):
        life.record(execution, state)

    assert Closing("RunPartlyFailed", failed=2, total=3) == closing(life.end().decision)
