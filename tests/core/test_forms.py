"""The form of an offer: made from its schemas and rules, narrowed by enablements, and judged by them."""

import pytest

from assent.core.forms import Field, fields, problems, shown, target_field, typed
from assent.core.schemas import schema_problems
from core.shapes import ADDRESS, again, form, of, offer


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"type": "string", "maxLength": 9}, {"kind": "text", "max_length": 9}, id="text"),
        pytest.param({"type": "string", "minLength": 2.0}, {"kind": "text", "min_length": 2}, id="shortest"),
        pytest.param({"type": "string", "maxLength": 500}, {"kind": "longtext"}, id="longtext"),
        pytest.param({"type": "string", "pattern": "^[a-z]{2,8}$"}, {"pattern": "^[a-z]{2,8}$"}, id="pattern"),
        pytest.param({"type": "string", "pattern": r"^\pL+$"}, {"pattern": None}, id="pattern-of-re2-alone"),
        pytest.param({"type": "string", "pattern": "^[[:alpha:]]$"}, {"pattern": None}, id="read-otherwise"),
        pytest.param({"type": "string", "pattern": r"^\d\w\.$"}, {"pattern": r"^\d\w\.$"}, id="read-alike"),
        pytest.param({"type": ["string", "null"]}, {"kind": "text"}, id="null-is-never-given"),
        pytest.param({"type": "integer"}, {"kind": "integer", "step": 1, "minimum": None}, id="integer"),
        pytest.param({"type": "integer", "minimum": 1, "maximum": 50}, {"minimum": 1, "maximum": 50}, id="bounds"),
        pytest.param(
            {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 4.5}, {"minimum": 2, "maximum": 4}, id="open"
        ),
        pytest.param(
            {"type": "integer", "minimum": 5, "maximum": 30, "multipleOf": 4},
            {"minimum": 8, "maximum": 28, "step": 4},
            id="bounds-on-the-grid",
        ),
        pytest.param({"type": "integer", "multipleOf": 1.5}, {"step": 3}, id="whole-multiples-of-a-fraction"),
        pytest.param({"type": "number"}, {"kind": "number", "step": None}, id="number"),
        pytest.param(
            {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0.07},
            {"minimum": 0.07, "step": 0.01},
            id="decimal-steps",
        ),
        pytest.param(
            {"type": "number", "multipleOf": 3e-20, "minimum": 1e300}, {"kind": "number"}, id="far-from-each-other"
        ),
        pytest.param({"type": ["number", "integer"]}, {"kind": "number"}, id="any-number"),
        pytest.param({"type": "boolean"}, {"kind": "flag", "required": False}, id="flag"),
        pytest.param({"type": "object", "secret": True}, {"kind": "secret"}, id="secret"),
        pytest.param(
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
            {"kind": "lines", "item": "text", "min_items": 1, "max_items": 3},
            id="lines",
        ),
        pytest.param({"type": "array", "items": {"type": "integer"}}, {"kind": "lines", "item": "integer"}, id="whole"),
        pytest.param({"type": "array", "items": {"enum": ["a", "b"]}}, {"kind": "lines", "item": "choice"}, id="twice"),
        pytest.param(
            {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}}, {"kind": "choices"}, id="choices"
        ),
        pytest.param({"type": "array"}, {"kind": "json"}, id="list-of-anything"),
        pytest.param({"type": "array", "items": {"type": "boolean"}}, {"kind": "json"}, id="list-of-flags"),
        pytest.param({"type": "array", "items": False}, {"kind": "json"}, id="list-of-nothing"),
        pytest.param({"type": "array", "prefixItems": [{"type": "string"}]}, {"kind": "json"}, id="tuple"),
        pytest.param({"type": ["string", "integer"]}, {"kind": "json"}, id="several-types"),
        pytest.param({"type": "object"}, {"kind": "json"}, id="object-of-anything"),
        pytest.param({}, {"kind": "json"}, id="anything"),
        pytest.param(True, {"kind": "json"}, id="true"),
        pytest.param({"minimum": 3}, {"kind": "json"}, id="no-type"),
        pytest.param(
            {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "string", "pattern": "^x"}]},
            {"kind": "text", "max_length": None, "pattern": None},
            id="alternatives-of-one-type",
        ),
        pytest.param({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"kind": "json"}, id="alternatives"),
        pytest.param({"type": "string", "not": {"const": "x"}}, {"kind": "text"}, id="not"),
        pytest.param({"title": "A title", "type": "string"}, {"label": "A title"}, id="title"),
        pytest.param({"description": "Says more.", "type": "string"}, {"help": "Says more."}, id="help"),
        pytest.param({"type": "string", "default": "vdi"}, {"default": ("vdi",)}, id="default"),
        pytest.param({"type": "integer", "default": "ten"}, {"default": ()}, id="default-of-another-type"),
        pytest.param({"enum": ["a"], "default": "b"}, {"default": ()}, id="default-that-is-no-choice"),
        pytest.param({"type": "boolean", "default": False}, {"default": ("false",)}, id="default-false"),
        pytest.param(
            {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]}, {"default": ("a\nb",)}, id="listed"
        ),
    ],
)
def test_each_construct_has_its_field(schema, expected):
    """What a schema says of one parameter is what its field says; what no field can say is asked for as JSON."""
    assert () == schema_problems(of({"x": schema}))
    field = form(of({"x": schema}))["p.x"]

    assert expected == {name: getattr(field, name) for name in expected}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"enum": ["a", "b"]}, [("a", "a", "a"), ("b", "b", "b")], id="texts"),
        pytest.param({"enum": [2, 4]}, [("2", "2", 2), ("4", "4", 4)], id="numbers"),
        pytest.param({"const": "a"}, [("a", "a", "a")], id="one"),
        pytest.param({"enum": ["1", 1]}, [('"1"', '"1"', "1"), ("1", "1", 1)], id="told-apart"),
        pytest.param({"enum": ["", "a"]}, [('""', '""', ""), ('"a"', '"a"', "a")], id="an-empty-text"),
        pytest.param({"enum": ["a", "a"]}, [("a", "a", "a")], id="once"),
        pytest.param({"enum": ["a", 1], "type": "string"}, [("a", "a", "a")], id="of-the-type"),
        pytest.param({"enum": [2, 4, 8], "maximum": 4}, [("2", "2", 2), ("4", "4", 4)], id="within-bounds"),
        pytest.param({"enum": [True, {"a": 1}]}, [("true", "true", True), ('{"a": 1}',) * 2 + ({"a": 1},)], id="any"),
        pytest.param(
            {"oneOf": [{"const": "a", "title": "The first"}, {"const": "b"}]},
            [("a", "The first", "a"), ("b", "b", "b")],
            id="with-titles",
        ),
        pytest.param(
            {"enum": ["b", "a"], "anyOf": [{"const": "a", "title": "A"}, {"enum": ["b", "c"]}]},
            [("b", "b", "b"), ("a", "A", "a")],
            id="titles-beside-an-enum",
        ),
    ],
)
def test_choices_are_the_values_that_the_schema_takes(schema, expected):
    """Each value once, in the schema's order, under a text that tells it from the others."""
    field = form(of({"x": schema}))["p.x"]

    assert "choice" == field.kind
    assert expected == [(one.text, one.label, one.value) for one in field.choices]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("monthlyBudget", "Monthly budget"),
        ("cost_center", "Cost center"),
        ("vm-size", "Vm size"),
        ("useHTTP", "Use HTTP"),
        ("ñandú", "Ñandú"),
        (" ", '" "'),
        ("", '""'),
    ],
)
def test_a_name_without_a_title_is_spelt_out(name, label):
    assert [label] == [one.label for one in fields(offer(of({name: {"type": "string"}})))]


def test_names_of_fields_are_unique_and_lead_back():
    """A dot in a parameter's name is no step into an object, and no name is taken twice."""
    inner = of({"b": {"type": "string"}, "b~": {"type": "string"}}, required=["b"])
    schema = of({"a.b": {"type": "string"}, "a": inner, "": {"type": "string"}, "~": {"type": "string"}})
    schema.pop("additionalProperties")

    assert ["p.a~1b", "p.a", "p.a.b", "p.a.b~0", "p.", "p.~0", "p.~"] == list(form(schema))
    given = {"a.b": "1", "a": {"b": "2", "b~": "3"}, "": "4", "~": "5", "further": [6]}
    assert given == again(schema, given)


@pytest.mark.parametrize(
    ("schemas", "expected"),
    [
        pytest.param([{"enum": ["a", "b", "c"]}, {"enum": ["c", "b"]}], {"choices": ["b", "c"]}, id="intersection"),
        pytest.param([{"enum": [2, 4, 8]}, {"maximum": 4}], {"choices": [2, 4]}, id="choices-within-bounds"),
        pytest.param([{"type": "string"}, {"enum": ["a"]}], {"kind": "choice", "choices": ["a"]}, id="text-to-choice"),
        pytest.param(
            [{"type": "integer", "minimum": 1, "maximum": 50}, {"minimum": 0, "maximum": 9}],
            {"minimum": 1, "maximum": 9},
            id="bounds",
        ),
        pytest.param(
            [{"type": "string", "maxLength": 9}, {"minLength": 2, "maxLength": 90}],
            {"min_length": 2, "max_length": 9},
            id="lengths",
        ),
        pytest.param([{"type": "string", "title": "Own"}, {"title": "Another"}], {"label": "Own"}, id="title"),
        pytest.param(
            [{"enum": ["a", "b"], "default": "a"}, {"enum": ["b"], "default": "b"}], {"default": ("b",)}, id="default"
        ),
        pytest.param([{"type": "number"}, {"type": "integer"}], {"kind": "integer"}, id="type"),
        pytest.param([{"type": "object", "secret": True}, True], {"kind": "secret"}, id="secret"),
        pytest.param([True, {"type": "object", "secret": True}], {"kind": "secret"}, id="secret-by-enablement"),
    ],
)
def test_enablements_narrow_the_form(schemas, expected):
    """What an enablement adds is the tighter bound, whichever of the two has it."""
    first, *more = schemas
    field = form(of({"x": first}), *({"properties": {"x": one}} for one in more))["p.x"]
    found = {name: getattr(field, name) for name in expected}

    assert expected == found | ({"choices": [one.value for one in field.choices]} if "choices" in expected else {})


def test_enablements_ask_for_more_and_offer_less():
    """Required is what either requires; what an enablement forbids, or does not declare when closed, is not asked."""
    base = of({name: {"type": "string"} for name in "abcd"}, required=["a"])
    narrowing = {"required": ["b"], "properties": {"c": False}}, of(dict.fromkeys("abc", True))

    assert {"p.a": True, "p.b": True} == {name: one.required for name, one in form(base, *narrowing).items()}


def test_a_wrong_schema_asks_for_nothing_and_a_wrong_enablement_narrows_nothing():
    """Where a schema is wrong nothing is accepted anyway, and `problems` says so."""
    good, wrong = of({"a": {"type": "string"}}), {"propertys": {}}

    assert {} == form(wrong)
    assert {} == form(None)
    assert {} == form(None, good)
    assert ["p.a"] == list(form(good, wrong))
    assert [""] == list(problems(offer(good, wrong), {"a": "x"}, []))


def test_references_are_followed_and_what_stands_beside_them_counts():
    """A `$ref` brings in what it leads to; a title beside it comes first."""
    size = {"title": "Size", "type": "integer", "minimum": 1}
    schema = of(
        {"x": {"$ref": "#/$defs/a~1b/items", "title": "Mine", "maximum": 9}}, **{"$defs": {"a/b": {"items": size}}}
    )
    field = form(schema)["p.x"]

    assert ("Mine", "integer", 1, 9) == (field.label, field.kind, field.minimum, field.maximum)


def test_parts_that_always_hold_are_one_form():
    """`allOf`, an alternative of one, and what stands beside them, are read together."""
    schema = {
        "allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}],
        "oneOf": [{"properties": {"a": {"minimum": 3}, "b": {"type": "boolean"}}}],
        "additionalProperties": True,
    }
    found = form(schema)

    assert ["p.a", "p.b", "p.~"] == list(found)
    assert (3, True) == (found["p.a"].minimum, found["p.a"].required)


@pytest.mark.parametrize(
    ("own", "narrower", "expected"),
    [
        pytest.param(None, [], None, id="no-rules"),
        pytest.param({}, [], None, id="rules-that-say-nothing"),
        pytest.param({"minItems": 0, "maxItems": 0}, [], None, id="none-may-be-named"),
        pytest.param({"maxItems": 9}, [{"maxItems": 0}], None, id="none-by-an-enablement"),
        pytest.param(None, [{"maxItems": 3}], None, id="an-enablement-widens-nothing"),
        pytest.param({"minItems": 1, "maxItems": 9, "pattern": "^a$"}, [], (True, 1, 9, "^a$"), id="own"),
        pytest.param({"pattern": "^a$"}, [], (False, 0, 500, "^a$"), id="as-many-as-a-request-holds"),
        pytest.param({"maxItems": 9}, [{"maxItems": 5}, {"minItems": 2}], (True, 2, 5, None), id="narrowed"),
        pytest.param({"maxItems": 9}, [{}], (False, 0, 9, None), id="not-narrowed"),
    ],
)
def test_targets_are_asked_for_where_some_may_be_named(own, narrower, expected):
    field = target_field(offer(None, targets=own, narrower=narrower))

    assert expected == (field and (field.required, field.min_items, field.max_items, field.pattern))


def test_targets_are_typed_one_a_line():
    """Their value stands under `targets`, and fills the field again."""
    field = target_field(offer(None, targets={"minItems": 1, "maxItems": 3}))
    found = typed([field], {"targets": ["vdi-1\r\nvdi-2\r\n"]}).parameters

    assert {"targets": ["vdi-1", "vdi-2"]} == found
    assert {"targets": ["vdi-1\nvdi-2"]} == shown([field], found)
    assert {"targets": []} == typed([field], {}).parameters


def sentences(*given):
    """What is wrong in words, by field."""
    return {name: [one.sentence for one in found] for name, found in problems(*given).items()}


def test_problems_stand_beside_the_field_that_they_are_about():
    """Each sentence of each schema at its field; what is about the whole, and what has no field, under nothing."""
    schema = of(
        {
            "count": {"type": "integer", "maximum": 50},
            "names": {"type": "array", "items": {"type": "string"}},
            "home": ADDRESS,
        },
        required=["count"], minProperties=3,
    )  # fmt: skip
    given = offer(schema, {"properties": {"count": {"maximum": 9}}}, targets={"minItems": 1, "pattern": "^[a-z]+$"})

    assert {
        "p.count": ["must be at most 50, not 51", "must be at most 9, not 51"],
        "p.names": ["[1]: must be of type string, not 1"],
        "p.home.street": ["is required and missing"],
        "p.home": ["x: is not declared"],
        "targets": ['[0]: does not match the pattern "^[a-z]+$" as a whole, not "A"'],
    } == sentences(given, {"count": 51, "names": ["a", 1], "home": {"hidden": True, "x": 1}}, ["A"])
    assert {
        "": ["must have at least 3 fields", "targets: none may be named", "typo: is not declared"],
        "p.count": ["is required and missing"],
    } == {name: sorted(found) for name, found in sentences(offer(schema), {"typo": 1}, ["a"]).items()}
    assert {} == problems(given, {"count": 1, "names": [], "home": {"street": "x", "hidden": True}}, ["a"])


def test_problems_of_what_is_not_declared_stand_beside_the_field_of_json():
    schema = {"properties": {"a": True}, "additionalProperties": {"type": "integer"}}

    assert {"p.~": ['b: must be of type integer, not "x"']} == sentences(offer(schema), {"b": "x"}, [])


def test_fields_are_values():
    """Two readings of one offer are equal, so that a page may compare them."""
    assert form(of({"x": {"enum": ["a"]}})) == form(of({"x": {"enum": ["a"]}}))
    assert Field("p.x", "X", "text", ("x",)) == form(of({"x": {"type": "string"}}))["p.x"]
