"""Attacks by what JSON holds and documents do not: evidence whose document cannot be written would bind a name."""

import json
import re

import pytest

from assent.adapters.documents import edit, load
from assent.api.names import Ref
from assent.api.requests import RequestSpec, document
from assent.portal.writable import unwritable
from portal.callers import by, caller, told
from portal.decisions import _service
from portal.house import house
from portal.street import commit

ANY = {
    "type": "object",
    "additionalProperties": True,
    "properties": {"tolerance": {"title": "Tolerance", "type": "number"}, "notes": {"type": "object"}},
}
MANUAL = {"run": {"manual": {"instructions": "Measure."}}}
PATH = "/open/acme/measure"
TWINS = {"caf\u00e9": 1, "cafe\u0301": 2}
"""Two names that are one after NFC."""


def measuring(ground):
    commit(ground, "olivia", {"extra/measure.yaml": _service("measure", {"parameters": ANY} | MANUAL)}, "Offer it")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with house(tmp_path_factory.mktemp("unwritable") / "w", before=measuring) as home:
        yield home


@pytest.fixture(scope="module")
def behind_a_provider(running, tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    with house(folder / "w", before=measuring, **by(running, folder)) as home:
        yield home


def asked(home):
    """How many requests were ever asked for."""
    return len([*home.ledger.records(kinds={"asked"})])


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ({"p.tolerance": "1e-7"}, "Tolerance"),
        ({"p.tolerance": "0.12345678901234567"}, "Tolerance"),
        ({"p.notes": json.dumps(TWINS)}, "Notes"),
        ({"p.notes": '{"a": [5e-324]}'}, "Notes"),
    ],
)
def test_rule_34_what_no_document_can_say_is_refused_at_its_field(home, typed, label):
    """Before anybody's name is bound to it: nothing is written, and the name stays free."""
    juan = home.signed_in("juan")
    answer = juan.submit(PATH, name="tiny", **typed)

    assert 422 == answer.status_code
    assert re.search(rf'<a href="#field-\d">{label}: ', answer.text)
    assert 0 == asked(home)
    assert 200 == juan.submit(PATH, name="tiny", **{"p.tolerance": "0.5"}).status_code


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"tolerance": 1e-7}, "/parameters/tolerance"),
        ({"notes": TWINS}, "/parameters/notes"),
        ({"notes": {"a": [1e-9]}}, "/parameters/notes"),
        ({"more": 1e-9}, "/parameters"),
        (TWINS, "/parameters"),
    ],
)
def test_rule_34_the_api_refuses_it_as_well(behind_a_provider, provider, parameters, pointer):
    """By both of its ways, with the place in the body where one field is at fault."""
    juan = caller(behind_a_provider, provider, "juan")
    body = {"microservice": {"name": "measure"}, "name": "tiny", "parameters": parameters}
    for path in ("requests/preview", "requests"):
        problem = told(juan.post(f"/organizations/acme/{path}", json=body), 422)

        assert "cannot be written" in problem["detail"]
        assert [pointer] == [one["pointer"] for one in problem["errors"]]
    assert 0 == asked(behind_a_provider)


@pytest.mark.parametrize("value", [0, -1, 0.25, -0.0, 1.0, 2**53 - 1, True, "1e-7", "e\u0301", {"": 1}, {"<<": [[]]}])
def test_rule_34_what_is_let_through_reads_back_the_same(value):
    """The very bytes that would be committed, by the loader that everybody's documents go through."""
    ref = Ref("acme", "r")
    spec = RequestSpec.model_validate({"microservice": {"name": "m"}, "requester": "j", "parameters": {"v": value}})
    written = edit.dump(document(ref, spec.plain()))

    assert {} == unwritable(ref, spec, ())
    assert [document(ref, spec.plain())] == [one.value for one in load(written).documents]
