"""Fields on conditions and within objects: when they are asked for, and what becomes of them where they are not."""

import pytest

from assent.core.forms import When, fields, typed
from assent.core.schemas import schema_problems
from core.shapes import ADDRESS, again, form, of, offer

KIND = {"kind": {"enum": ["vm", "disk"]}}
SIZE = {"size": {"type": "integer"}}
BOTH = KIND | SIZE
VM, DISK = ({"kind": {"const": one}} for one in ("vm", "disk"))
NEED = {"required": ["size"]}


def where(condition, then, properties=BOTH, *, otherwise=True, given=True, **more):
    """A schema in which something holds where the kind is such; with `given`, only where there is a kind at all."""
    test = {"properties": {"kind": condition}} | ({"required": ["kind"]} if given else {})
    return of(properties, **{"if": test, "then": then, "else": otherwise}, **more)


def either(keyword, *branches, properties=KIND, required=("kind",)):
    """A schema of which one of these holds."""
    return {"properties": properties, keyword: [{"properties": one, "required": list(required)} for one in branches]}


IS_DISK, IS_NO_VM = When("p.kind", ("disk",)), When("p.kind", ("vm",), unless=True)
GIVEN = When("p.kind", ("",), unless=True)


@pytest.mark.parametrize(
    ("schema", "when", "required", "needed"),
    [
        pytest.param(where({"const": "disk"}, NEED), (), False, (IS_DISK,), id="if-then-required"),
        pytest.param(
            where({"const": "disk"}, NEED, given=False),
            (),
            False,
            (When("p.kind", ("disk", "")),),
            id="an-if-holds-of-what-is-absent",
        ),
        pytest.param(where({"const": "vm"}, True, otherwise=NEED), (), False, (IS_NO_VM,), id="else"),
        pytest.param(
            where({"not": {"const": "vm"}}, NEED),
            (),
            False,
            (When("p.kind", ("vm", ""), unless=True),),
            id="if-not",
        ),
        pytest.param(
            where({"const": "disk"}, {"properties": SIZE, **NEED}, KIND | {"size": True}),
            (IS_DISK,),
            True,
            (),
            id="declared-on-a-condition",
        ),
        pytest.param(
            where({"const": "vm"}, {"properties": {"size": False}}),
            (IS_NO_VM,),
            False,
            (),
            id="forbidden-on-a-condition",
        ),
        pytest.param(of(BOTH, dependentRequired={"kind": ["size"]}), (), False, (GIVEN,), id="dependentRequired"),
        pytest.param(
            {"properties": KIND, "dependentSchemas": {"kind": {"properties": SIZE, **NEED}}},
            (GIVEN,),
            True,
            (),
            id="dependentSchemas",
        ),
        pytest.param(
            {"oneOf": [of(VM, required=["kind"]), of(DISK | SIZE, required=["kind", "size"])]},
            (IS_DISK,),
            True,
            (),
            id="oneOf-by-a-constant",
        ),
        pytest.param(
            either("anyOf", VM, DISK | SIZE, required=()),
            (When("p.kind", ("disk", "")),),
            False,
            (),
            id="anyOf-by-a-constant",
        ),
        pytest.param(
            either("oneOf", VM, DISK | SIZE, {"kind": {"const": "net"}} | SIZE, properties={}),
            (When("p.kind", ("disk", "net")),),
            False,
            (),
            id="in-several-alternatives",
        ),
        pytest.param(either("oneOf", VM | SIZE, DISK | SIZE), (), False, (), id="in-every-alternative"),
        pytest.param(
            either("oneOf", {"other": True} | SIZE, SIZE), (), False, (), id="alternatives-that-nothing-tells-apart"
        ),
        pytest.param(where({"minLength": 3}, NEED), (), False, (), id="a-condition-that-no-form-can-say"),
        pytest.param(
            where({"const": False}, NEED, {"kind": {"type": "boolean"}} | SIZE, required=["kind"]),
            (),
            False,
            (When("p.kind", ("false", "")),),
            id="a-box-that-is-not-ticked",
        ),
        pytest.param(
            where({"const": []}, NEED, {"kind": {"type": "array"}} | SIZE), (), False, (), id="a-condition-on-a-list"
        ),
    ],
)
def test_conditions_say_when_a_field_is_asked_for_or_required(schema, when, required, needed):
    """What a form can say of conditions it says; where it cannot, the field is asked for, and the schema judges."""
    assert () == schema_problems(schema)
    field = form(schema)["p.size"]

    assert (when, required, needed) == (field.when, field.required, field.needed)
    assert "integer" == field.kind


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(either("oneOf", {"other": True}, SIZE), id="open-in-one-alternative"),
        pytest.param(where({"minLength": 3}, {"properties": SIZE}, KIND), id="open-where-a-condition-does-not-hold"),
        pytest.param(where({"const": "vm"}, {"properties": SIZE}, {}), id="on-what-has-no-field"),
    ],
)
def test_what_may_be_anything_is_asked_for_as_json(schema):
    """Where nobody knows which of several schemas holds, and one leaves a parameter open, so does the form."""
    assert ("json", (), False) == tuple(
        getattr(form({**schema, "additionalProperties": True})["p.size"], name) for name in ("kind", "when", "required")
    )


def test_the_parameter_that_tells_alternatives_apart_offers_what_any_of_them_takes():
    """It is always asked for, and required where each alternative requires it."""
    branches = [of({"kind": {"const": one}}, required=["kind"]) for one in ("vm", "disk")]
    field = form({"oneOf": branches})["p.kind"]

    assert (["vm", "disk"], True, ()) == ([one.value for one in field.choices], field.required, field.when)


def test_alternatives_of_one_kind_are_one_field_with_the_loosest_bounds():
    """Two ways to declare a parameter come to one field; of different kinds, to JSON."""

    def alternatives(first, second):
        return {"oneOf": [{"properties": {"size": first}}, {"properties": {"size": second}}]}

    field = form(alternatives({"type": "integer", "minimum": 1, "maximum": 5}, {"type": "integer", "minimum": 0}))[
        "p.size"
    ]
    assert ("integer", 0, None) == (field.kind, field.minimum, field.maximum)
    assert "json" == form(alternatives({"type": "integer"}, {"type": "string"}))["p.size"].kind
    assert "json" == form(alternatives(of({"a": True}), of({"b": True})))["p.size"].kind


def test_an_object_is_a_group_of_fields_behind_a_box_where_it_is_optional():
    """Its parts are asked for where the box is ticked; no box where the object is required."""
    optional, required = form(of({"home": ADDRESS})), form(of({"home": ADDRESS}, required=["home"]))

    assert ["p.home", "p.home.street", "p.home.hidden"] == list(optional)
    assert ("group", "flag") == (optional["p.home"].part, optional["p.home"].kind)
    assert (When("p.home", ("true",)),) == optional["p.home.street"].when
    assert ["p.home.street", "p.home.hidden"] == list(required)
    assert ((), ("Home",), True) == tuple(
        getattr(required["p.home.street"], name) for name in ("when", "group", "required")
    )


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"p.home": ["true"]}, {"home": {"hidden": False}}, id="ticked"),
        pytest.param({"p.home": ["false"]}, {}, id="not-ticked"),
        pytest.param({"p.home.street": ["x"]}, {"home": {"street": "x", "hidden": False}}, id="typed-without-a-tick"),
        pytest.param({"p.home.hidden": ["true"]}, {"home": {"hidden": True}}, id="a-box-within"),
    ],
)
def test_an_optional_object_is_there_when_anything_of_it_is(posted, expected):
    assert expected == typed(fields(offer(of({"home": ADDRESS}))), posted).parameters


def test_objects_that_lie_deep_are_asked_for_as_json():
    """Five objects within each other end in one field of JSON."""
    schema = {"type": "string"}
    for _ in range(6):
        schema = of({"a": schema})
    deepest = fields(offer(schema))[-1]

    assert ("p.a.a.a.a.a", "json") == (deepest.name, deepest.kind)
    given = {"a": {"a": {"a": {"a": {"a": {"a": "x"}}}}}}
    assert given == again(schema, given)


def test_what_may_be_given_beyond_the_declared_is_one_field_of_json():
    """It holds names and values, and none that has a field of its own: a secret has no second way in."""
    schema = {"properties": {"password": {"secret": True}, "a": of({"b": True})}, "patternProperties": {"^x-": True}}
    form = fields(offer(schema))

    assert {"x-y": [1]} == typed(form, {"p.~": ['{"x-y": [1]}']}).parameters
    again = typed(form, {"p.~": ['{"password": "hunter2", "a": {}}']}).problems["p.~"]
    assert "holds what has a field of its own: a, password" == again.sentence
    assert "is no JSON object of names and values" == typed(form, {"p.~": ["[]"]}).problems["p.~"].sentence
