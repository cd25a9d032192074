"""The digest: what decides a request's effect changes it, and nothing else does."""

import dataclasses
import hashlib
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.canonical import canonical, revision, sha256, too_large
from assent.api.digest import Effect, digest
from assent.api.kinds import parse

PLAIN = Effect(
    path=("platform",),
    namespace="platform",
    name="one",
    requester="ingrid@platform.example",
    on_behalf_of=None,
    microservice="platform/free-disk",
    microservice_revision="0" * 64,
    enablement=None,
    enablement_revision=None,
    flows=(),
    tier=None,
)
FULL = Effect(
    path=("northwind", "acme", "acme-lyon"),
    namespace="acme-lyon",
    name="vdi-for-finance",
    requester="juan@acme.example",
    on_behalf_of="ana@acme.example",
    microservice="platform/create-workspaces",
    microservice_revision="1" * 64,
    enablement="acme-lyon/create-workspaces",
    enablement_revision="2" * 64,
    flows=(("acme/finance", "3" * 64), ("platform/manager-and-platform", "4" * 64)),
    tier="Enterprise",
    parameters={"template": "win11-office", "count": 12, "price": 4.5, "password": {"secretRef": "vdi"}, "é": [True]},
    targets=("pc-1", "pc-2"),
)


def text(value):
    """The canonical text of a JSON value."""
    return canonical(value).decode()


NAMES = st.text("abé-/ ", max_size=4)
SCALARS = (
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | NAMES
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
EFFECTS = st.builds(
    Effect,
    path=st.lists(NAMES, max_size=3).map(tuple),
    namespace=NAMES,
    name=NAMES,
    requester=NAMES,
    on_behalf_of=st.none() | NAMES,
    microservice=NAMES,
    microservice_revision=NAMES,
    enablement=st.none() | NAMES,
    enablement_revision=st.none() | NAMES,
    flows=st.lists(st.tuples(NAMES, NAMES), max_size=3).map(tuple),
    tier=st.none() | NAMES,
    parameters=st.dictionaries(NAMES, JSON, max_size=3),
    targets=st.lists(NAMES, max_size=3).map(tuple),
)
FIELDS = [field.name for field in dataclasses.fields(Effect)]


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=40)
@given(data=st.data())
def test_rule_7_any_change_gives_a_new_digest(field, data):
    """Rule 7: flipping any one input of the effect changes the digest."""
    one, other = data.draw(EFFECTS), data.draw(EFFECTS)
    value = getattr(other, field)
    flipped = dataclasses.replace(one, **{field: value})
    same = text(_plain(value)) == text(_plain(getattr(one, field)))

    assert same == (digest(one) == digest(flipped))


def _plain(value):
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


@given(one=EFFECTS, other=EFFECTS)
def test_no_two_effects_share_a_digest(one, other):
    """Inputs never run into each other: two digests are the same only where every input is."""
    same = all(text(_plain(getattr(one, name))) == text(_plain(getattr(other, name))) for name in FIELDS)

    assert same == (digest(one) == digest(other))


def test_rule_7_what_decides_the_effect():
    """Rule 7: the inputs are these; approvals, reasons, labels, UIDs and commit ids are not among them."""
    assert [
        "path",
        "namespace",
        "name",
        "requester",
        "on_behalf_of",
        "microservice",
        "microservice_revision",
        "enablement",
        "enablement_revision",
        "flows",
        "tier",
        "parameters",
        "targets",
    ] == FIELDS


@pytest.mark.parametrize(
    ("known", "effect"),
    [
        pytest.param("225adff1d3c82d44c162a1a2a83f2b5b75d7f771584e8f48a0e28a9d78763aad", PLAIN, id="plain"),
        pytest.param("7964dd59180b9ab9f1d6772a3b2427e382dc45bce832aa631080defc5ac65540", FULL, id="full"),
    ],
)
def test_known_digests(known, effect):
    """A digest is the same on every machine and in every version: pending approvals name it."""
    assert known == digest(effect)


def test_digest_by_hand():
    """The digest is SHA-256 over the canonical JSON that the reference describes, made here without our code."""
    value = {
        "format": 1,
        "path": ["platform"],
        "namespace": "platform",
        "name": "one",
        "requester": "ingrid@platform.example",
        "onBehalfOf": None,
        "microservice": {"name": "platform/free-disk", "revision": "0" * 64},
        "enablement": {"name": None, "revision": None},
        "flows": [],
        "tier": None,
        "parameters": {},
        "targets": [],
    }
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(written.encode()).hexdigest() == digest(PLAIN)


FLOW = {
    "apiVersion": "assent.dev/v1alpha1",
    "kind": "ApprovalFlow",
    "metadata": {"name": "manager", "namespace": "platform"},
    "spec": {"stages": [{"name": "manager", "approvers": [{"organizations": ["Client"]}]}]},
}


def revised(value):
    """The revision of a document."""
    parsed, problems = parse(value, status=True)
    assert () == problems
    return revision(parsed)


def test_known_revision():
    """A revision is the same on every machine and in every version."""
    assert "b4c945e5dd8400e7ba7d52454d6ae8701a092f47233e17274a21abd3426c8ac0" == revised(FLOW)


@pytest.mark.parametrize(
    "more",
    [
        {"labels": {"a": "b"}},
        {"annotations": {"approval.assent.dev/maria": "approve as maria for " + "0" * 64}},
        {"uid": "1", "resourceVersion": "2", "generation": 3},
        {"name": "another"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_metadata_is_not_in_a_revision(more):
    """Labels, annotations, UIDs, versions and status leave a revision as it is."""
    value = {**FLOW, "metadata": {**FLOW["metadata"], **more}, "status": {"conditions": []}}

    assert revised(FLOW) == revised(value)


@pytest.mark.parametrize(
    "written",
    [{"order": "Sequential"}, {"selfApproval": "Forbidden"}, {"accepts": ["Annotation", "Merge", "Panel", "Mail"]}],
    ids=lambda written: next(iter(written)),
)
def test_a_default_written_out_is_the_same_revision(written):
    """A revision has the defaults filled in: to write one out changes nothing."""
    assert revised(FLOW) == revised({**FLOW, "spec": {**FLOW["spec"], **written}})


@pytest.mark.parametrize(
    "changed",
    [{"order": "Parallel"}, {"decideWithin": "7d"}, {"independentApprovers": True}],
    ids=lambda one: next(iter(one)),
)
def test_a_change_is_another_revision(changed):
    """Any change of the spec is another revision."""
    assert revised(FLOW) != revised({**FLOW, "spec": {**FLOW["spec"], **changed}})


RFC_8785 = [
    pytest.param(
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
        id="3.2.2-and-3.2.3",
    ),
    pytest.param(
        '{"\\r":"Carriage Return","1":"One","\x80":"Control","ö":"Latin Small Letter O With Diaeresis",'
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
        '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",'
        '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
        id="3.2.3-sorting",
    ),
]


@pytest.mark.parametrize(("canonical_text", "written"), RFC_8785)
def test_rfc_8785(canonical_text, written):
    """The examples of RFC 8785 come out as it says."""
    assert canonical_text == text(json.loads(written))


@pytest.mark.parametrize(
    ("written", "bits"),
    [
        ("0", "0000000000000000"),
        ("0", "8000000000000000"),
        ("5e-324", "0000000000000001"),
        ("-5e-324", "8000000000000001"),
        ("1.7976931348623157e+308", "7fefffffffffffff"),
        ("-1.7976931348623157e+308", "ffefffffffffffff"),
        ("9007199254740992", "4340000000000000"),
        ("-9007199254740992", "c340000000000000"),
        ("295147905179352830000", "4430000000000000"),
        ("9.999999999999997e+22", "44b52d02c7e14af5"),
        ("1e+23", "44b52d02c7e14af6"),
        ("1.0000000000000001e+23", "44b52d02c7e14af7"),
        ("999999999999999700000", "444b1ae4d6e2ef4e"),
        ("999999999999999900000", "444b1ae4d6e2ef4f"),
        ("1e+21", "444b1ae4d6e2ef50"),
        ("9.999999999999997e-7", "3eb0c6f7a0b5ed8c"),
        ("0.000001", "3eb0c6f7a0b5ed8d"),
        ("333333333.3333332", "41b3de4355555553"),
        ("333333333.33333325", "41b3de4355555554"),
        ("333333333.3333333", "41b3de4355555555"),
        ("333333333.3333334", "41b3de4355555556"),
        ("333333333.33333343", "41b3de4355555557"),
        ("-0.0000033333333333333333", "becbf647612f3696"),
        ("1424953923781206.2", "43143ff3c1cb0959"),
    ],
)
def test_rfc_8785_numbers(written, bits):
    """The numbers of RFC 8785, appendix B, come out as it says."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert written == text(number)


@given(JSON.filter(lambda value: not too_large(value)))
def test_canonical_text_is_a_fixed_point(value):
    """Canonical JSON, read by any reader, has the same canonical JSON."""
    assert canonical(value) == canonical(json.loads(canonical(value)))


@given(st.dictionaries(NAMES, JSON))
def test_order_never_shows(value):
    """The order of keys changes no digest."""
    assert sha256(value) == sha256(dict(reversed(value.items())))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1000, 1e3), (0, -0.0)])
def test_one_number_one_text(one, other):
    """The API server writes 1.0 as 1 and 1e3 as 1000: both doors digest the same."""
    assert text(one) == text(other)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, [-(2**53)], {"a": 10**40}, "\ud800", {1: 2}, {1, 2}], ids=repr
)
def test_no_canonical_text(value):
    """What JSON cannot say, or its readers disagree on, has no digest."""
    with pytest.raises(ValueError, match="no canonical JSON"):
        canonical(value)


@pytest.mark.parametrize(
    ("large", "value"),
    [
        (False, 2**53 - 1),
        (False, -(2**53) + 1),
        (True, 2**53),
        (True, -(2**53)),
        (True, {"a": [{"b": 2**53}]}),
        (True, (2**53,)),
        (True, 1e16),
        (False, 9007199254740991.0),
        (False, 1e-7),
        (False, True),
        (False, "9007199254740993"),
        (False, {"a": [1.5, None]}),
    ],
)
def test_too_large(large, value):
    """An integer beyond 2^53-1 is found wherever it stands."""
    assert large == too_large(value)
