"""Whatever is valid survives a form, whatever is posted is no accident; and every microservice of ours has a form."""

import json
import re
import string
import time
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assent.adapters.documents import load
from assent.api.kinds import parse
from assent.api.names import API_VERSION
from assent.core.forms import fields, problems, shown, target_field, typed
from assent.core.keywords import KEYWORDS
from assent.core.offers import Offer
from assent.core.parameters import parameter_problems, schema_problems
from core.shapes import ADDRESS, again, of, offer
from shipped import ROOT, SERVICES


def documents():
    """Every document of ours in the examples and the catalogue, with the file it stands in."""
    for file in sorted([*(ROOT / "examples").rglob("*.yaml"), *(ROOT / "policies" / "catalogue").glob("*.yaml")]):
        for one in load(file.read_bytes(), str(file)).documents:
            yield file, one.value


EXAMPLES = [
    parse(value)[0]
    for _, value in documents()
    if value.get("apiVersion") == API_VERSION and value["kind"] == "Microservice"
]
ASKED = [
    step["request"]
    for _, value in documents() if value.get("kind") == "Scenario"
    for step in value["spec"].get("steps", ()) if step.get("request", {}).get("parameters")
]  # fmt: skip
ENABLED = {
    value["metadata"]["name"]: value["spec"]["microservice"]["name"]
    for _, value in documents()
    if value.get("kind") == "EnabledMicroservice"
}
ALL = {one.name: one for one in EXAMPLES} | SERVICES


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: f"{one.namespace}/{one.name}")
def test_every_microservice_of_ours_has_a_form_without_json(one):
    """The catalogue and the examples ask for nothing that people would have to write as JSON."""
    made = Offer("acme", one.name, one, None, None)
    declared = list((one.spec.parameters or {}).get("properties", {}))

    assert declared == [field.path[0] for field in fields(made)]
    assert "json" not in {field.kind for field in fields(made)}
    assert (target_field(made) is None) == (one.spec.target_rules is None)


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: f"{one['organization']}-{one['name']}")
def test_what_the_examples_ask_for_can_be_asked_for_again(asked):
    """Parameters that are valid survive the way into a form and out of it."""
    name = ENABLED.get(asked["microservice"], asked["microservice"])
    made = Offer(asked["organization"], name, ALL[name], None, None)
    if any(parameter_problems(one, asked["parameters"]) for one in made.schemas):
        assert problems(made, asked["parameters"], [])
        return
    form = fields(made)
    found = typed(form, shown(form, asked["parameters"]))

    assert (asked["parameters"], {}) == (found.parameters, found.problems)


# Schemas of what forms can say, each with what is valid under it.

WORDS = st.text(string.ascii_letters + " -.ñ[]\"'", min_size=1, max_size=8).filter(str.strip)
NAMES = st.text("abcXYZ.~ -", min_size=1, max_size=4)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
ANY = st.recursive(
    st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


def choice(values):
    """A choice of these values; some have titles."""
    titled = {"oneOf": [{"const": one, "title": f"No. {at}"} for at, one in enumerate(values)]}
    return st.sampled_from([{"enum": values}, titled]).map(lambda schema: (schema, st.sampled_from(values)))


def bounded(bounds):
    low, high = sorted(bounds)
    return {"type": "integer", "minimum": low, "exclusiveMaximum": high + 1}, st.integers(low, high)


def stepped(parts):
    """A number that is a multiple of something, perhaps of a fraction, between bounds that need not be."""
    step, first, count, whole = parts
    low, high = step * first, step * (first + count)
    schema = {"type": "integer" if whole else "number", "multipleOf": float(step), "minimum": float(low) - 0.001}
    values = [step * (first + at) for at in range(count + 1)]
    valid = [int(one) if one == int(one) else float(one) for one in values if one == int(one) or not whole]
    return schema | {"exclusiveMaximum": float(high) + 0.001}, st.sampled_from(valid or [0])


def listed(item):
    schema, values = item
    return {"type": "array", "items": schema}, st.lists(values, max_size=3)


def picked(values):
    schema = {"type": "array", "uniqueItems": True, "items": {"enum": values}, "minItems": 1}
    return schema, st.lists(st.sampled_from(values), min_size=1, unique_by=json.dumps)


DIFFERENT = {"min_size": 1, "max_size": 4, "unique_by": lambda one: json.dumps(one).replace(".0", "")}
SIMPLE = st.one_of(
    st.just(({"type": "string"}, WORDS)),
    st.just(({"type": "string", "maxLength": 900}, WORDS)),
    st.tuples(st.integers(-99, 99), st.integers(-99, 99)).map(bounded),
    st.just(({"type": "string", "minLength": 1, "pattern": "[a-z]{1,4}"}, st.text("abz", min_size=1, max_size=4))),
    st.just(({"type": "number"}, NUMBERS)),
    st.tuples(
        st.sampled_from(["1", "4", "0.5", "0.01", "1.5", "64"]).map(Decimal),
        st.integers(-50, 50),
        st.integers(0, 5),
        st.booleans(),
    ).map(stepped),
    st.just(({"type": "boolean"}, st.booleans())),
    st.lists(WORDS, **DIFFERENT).flatmap(choice),
    st.lists(WORDS | st.integers(0, 9) | st.booleans(), **DIFFERENT).flatmap(choice),
)
LISTS = st.one_of(
    st.sampled_from([({"type": "string"}, st.text("ab [", max_size=3)), ({"type": "number"}, NUMBERS)]).map(listed),
    st.lists(WORDS, **DIFFERENT).map(picked),
)
REST = st.sampled_from([({}, ANY), ({"type": ["string", "integer"]}, WORDS | st.integers(-9, 9))])


@st.composite
def objects(draw, inner, *, more=False):
    """The schema of an object with what is valid under it."""
    parts = draw(st.dictionaries(NAMES, inner, min_size=1, max_size=4))
    required = sorted(draw(st.sets(st.sampled_from(sorted(parts)))))
    schema = of({name: one for name, (one, _) in parts.items()}, required=required)
    if draw(st.booleans()):
        schema["additionalProperties"] = {"type": "integer"}
    if more and draw(st.booleans()):
        schema = {"$defs": {"all": schema}, "allOf": [{"$ref": "#/$defs/all"}]}
    values = {name: one for name, (_, one) in parts.items()}
    optional = {name: one for name, one in values.items() if name not in required}
    return schema, st.fixed_dictionaries({name: values[name] for name in required}, optional=optional)


PARTS = SIMPLE | LISTS | REST
SCHEMAS = objects(PARTS | objects(PARTS | objects(SIMPLE)), more=True)


def stopped(schema, parameters):
    """The fields at which a browser would stop these parameters, by what it is told to help with."""
    form = fields(offer(schema))
    posted = shown(form, parameters)
    for one in form:
        texts = posted[one.name]
        asked = all(condition.holds(posted) for condition in one.when)
        needed = one.required or (one.needed and all(condition.holds(posted) for condition in one.needed))
        if (texts and not asked) or (asked and needed and not texts and one.kind not in ("flag", "lines", "choices")):
            yield one
        if texts and one.kind in ("integer", "number") and not counted(one, Decimal(texts[0])):
            yield one
        if texts and one.kind in ("text", "longtext") and not fits(one, texts[0]):
            yield one


def counted(one, value):
    """Whether a number lies within the bounds, on a step counted from the lower bound."""
    low, high, step = (None if one is None else Decimal(str(one)) for one in (one.minimum, one.maximum, one.step))
    within = (low is None or low <= value) and (high is None or value <= high)
    return within and (step is None or (value - (low or 0)) % step == 0)


def fits(one, text):
    shortest, longest = one.min_length or 0, one.max_length or len(text)
    return shortest <= len(text) <= longest and (one.pattern is None or bool(re.fullmatch(one.pattern, text)))


@given(st.data())
def test_whatever_is_valid_survives_the_form(data):
    """For schemas of what forms can say: filled from valid parameters and posted as it is, it is the same again."""
    schema, valid = data.draw(SCHEMAS)
    parameters = data.draw(valid)
    assume(not parameter_problems(schema, parameters))
    form = fields(offer(schema))

    assert len(form) == len({one.name for one in form})
    assert parameters == again(schema, parameters)
    assert [] == list(stopped(schema, parameters))
    assert {} == problems(offer(schema), parameters, [])


BRANCH = st.fixed_dictionaries({}, optional={"a": st.just({"type": "integer"}), "b": st.just({"type": "boolean"})})


@given(st.lists(st.tuples(BRANCH, st.booleans()), min_size=2, max_size=4), st.data())
def test_whatever_is_valid_under_alternatives_survives_the_form(branches, data):
    """A form on conditions loses nothing that one of the alternatives takes."""
    made = [
        of({"kind": {"const": str(at)}, **properties}, required=["kind", *(properties if needed else [])])
        for at, (properties, needed) in enumerate(branches)
    ]
    parameters = {
        "kind": data.draw(st.sampled_from([str(at) for at in range(len(made))])),
        **data.draw(st.fixed_dictionaries({}, optional={"a": st.integers(-9, 9), "b": st.booleans()})),
    }
    assume(not parameter_problems({"oneOf": made}, parameters))

    assert parameters == again({"oneOf": made}, parameters)
    assert [] == list(stopped({"oneOf": made}, parameters))


VALUES = st.recursive(
    st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(["a", "string", "object", "#/$defs/a", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYWORDS, "a", "b"]), inner, max_size=4)
    ),
    max_leaves=12,
)
SUBSCHEMA = st.recursive(
    st.booleans() | st.fixed_dictionaries({}, optional={
        "type": st.sampled_from(["string", "object", "array", ["number", "null"]]), "const": VALUES, "minimum": NUMBERS,
        "enum": st.lists(VALUES, min_size=1, max_size=3), "multipleOf": st.floats(1e-300, 1e300), "default": VALUES,
        "required": st.just(["a"]), "dependentRequired": st.just({"a": ["b"]}), "pattern": st.just("^a$"),
    }),
    lambda inner: st.fixed_dictionaries({}, optional={
        **dict.fromkeys(("not", "if", "then", "else", "additionalProperties", "items", "contains"), inner),
        **{name: st.lists(inner, min_size=1, max_size=3) for name in ("allOf", "anyOf", "oneOf", "prefixItems")},
        "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=2),
        "dependentSchemas": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        "type": st.just("object"),
    }),
    max_leaves=10,
)  # fmt: skip


@given(SUBSCHEMA.filter(lambda one: isinstance(one, dict)), VALUES, st.text(max_size=20))
def test_rule_32_whatever_schema_passes_its_checks_has_a_form(schema, value, text):
    """Rule 32: no schema, no parameters and no post is an accident for a form."""
    assume(not schema_problems(schema))
    made = offer(schema)
    form = fields(made)
    parameters = value if isinstance(value, dict) else {"a": value}

    assert len(form) == len({one.name for one in form})
    assert shown(form, parameters).keys() == {one.name for one in form}
    typed(form, shown(form, parameters))
    found = typed(form, {one.name: [text] for one in form})
    assert set(problems(made, found.parameters, [])) <= {"", *(one.name for one in form)}


TEXTS = st.text(max_size=20) | st.sampled_from(["[" * 2000, "1e999", "NaN", "{}", "\ud800", "null", "-0", "9" * 30])
EVERY_KIND = fields(
    offer(
        {
            "properties": {
                **{kind: {"type": kind} for kind in ("string", "integer", "number", "boolean", "array")},
                "secret": {"secret": True}, "choice": {"enum": [1, "1"]}, "home": ADDRESS, "any": {},
                "lines": {"type": "array", "items": {"type": "integer"}},
                "several": {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}},
            }
        }
    )
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([one.name for one in EVERY_KIND]) | TEXTS, st.lists(TEXTS, max_size=3)))
def test_rule_32_no_post_is_an_accident(posted):
    """Rule 32: whatever is posted becomes parameters and sentences, and what is asked for again is the same."""
    found = typed(EVERY_KIND, posted)

    assert () == parameter_problems({}, found.parameters)
    if not found.problems:
        assert found.parameters == typed(EVERY_KIND, shown(EVERY_KIND, found.parameters)).parameters


def test_a_hostile_form_costs_little():
    """Schemas as large as they may be, narrowed by others, are a form in about a second."""
    many = {
        "properties": {"x": {"enum": list(range(6000))}, "y": {"type": "array", "items": {"enum": list(range(10))}}}
    }
    wide = {"properties": {f"p{at}": {"anyOf": [{"const": at}, {"type": "object"}]} for at in range(400)}}
    started = time.process_time()
    form = fields(offer(many, many, many))
    typed(form, shown(form, {"x": 5999, "y": [9] * 5000}))

    assert 400 < len(fields(offer(wide, wide)))
    assert time.process_time() - started < 5.0
