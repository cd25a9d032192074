"""The eight kinds: what is accepted, and what a person reads about what is not."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.kinds import MODELS, identify, parse
from assent.api.names import Ident
from assent.api.people import SigningKey
from crd_files import KEYS, documents, schema

CASES = Path(__file__).parent / "kinds"
ACCEPTED = yaml.safe_load((CASES / "accepted.yaml").read_text())
REFUSED = yaml.safe_load((CASES / "refused.yaml").read_text())
LEAST = {
    "Organization": {"type": "Client"},
    "Module": {
        "levels": [{"name": "User"}],
        "permissions": [{"functionality": "Roles", "action": "View", "grants": [{"level": "User"}]}],
    },
    "AccessRole": {"entries": [{"organization": "*", "levels": {"portal": "User"}}]},
    "User": {"username": "maria@acme.example"},
    "Microservice": {"displayName": "Free", "category": "Disks", "run": {"manual": {"instructions": "Free it."}}},
    "EnabledMicroservice": {"microservice": {"name": "free-disk"}},
    "ApprovalFlow": {"stages": [{"name": "manager", "approvers": [{"organizations": ["Client"]}]}]},
    "Request": {"microservice": {"name": "free-disk"}, "requester": "juan@acme.example"},
}


def document(kind, **spec):
    """The least document of a kind, with other fields of its spec."""
    metadata = {"name": "one"} if kind in ("Organization", "Module") else {"name": "one", "namespace": "acme"}
    spec = {**copy.deepcopy(LEAST[kind]), **spec}
    return {"apiVersion": "assent.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def said(value, **how):
    """What a person reads about a document: one line a problem."""
    parsed, problems = parse(value, **how)
    assert (parsed is None) == bool(problems)
    return [f"{one.field}: {one.message}" + (f" ({one.hint})" if one.hint else "") for one in problems]


@pytest.mark.parametrize("kind", LEAST)
def test_the_least(kind):
    """Each kind takes a document with its required fields alone, and needs each of them."""
    assert [] == said(document(kind))
    for field in LEAST[kind]:
        less = document(kind)
        del less["spec"][field]
        assert [f"spec.{field}: is required and missing (write `{field}:`)"] == said(less)


@pytest.mark.parametrize("case", ACCEPTED, ids=[f"{one['kind']}-{at}" for at, one in enumerate(ACCEPTED)])
def test_accepted(case):
    """What the contract allows is accepted."""
    assert [] == said(document(case["kind"], **case["spec"]))


@pytest.mark.parametrize("case", REFUSED, ids=[one["case"] for one in REFUSED])
def test_refused(case):
    """What the contract does not allow is refused with one sentence that says what, where and which value."""
    assert [case["says"]] == said(document(case["kind"], **case["spec"]))


ORGANIZATION = document("Organization")
USER = document("User")
WHOLE = {
    "another-version": ({**USER, "apiVersion": "v1"}, ["apiVersion: is 'v1' (write assent.dev/v1alpha1)"]),
    "no-version": ({"kind": "User"}, ["apiVersion: is None (write assent.dev/v1alpha1)"]),
    "another-kind": (
        {**USER, "kind": "Users"},
        ["kind: 'Users' is no kind of assent.dev/v1alpha1 (did you mean User?)"],
    ),
    "kind-of-another-type": (
        {**USER, "kind": ["User"]},
        [f"kind: ['User'] is no kind of assent.dev/v1alpha1 (known are: {', '.join(MODELS)})"],
    ),
    "no-spec": ({key: USER[key] for key in USER if key != "spec"}, ["spec: is required and missing (write `spec:`)"]),
    "no-metadata": (
        {key: USER[key] for key in USER if key != "metadata"},
        ["metadata: is required and missing (write `metadata:`)"],
    ),
    "namespace-missing": (
        {**USER, "metadata": {"name": "one"}},
        ["metadata: `namespace` is missing (write the name of the organization that owns it)"],
    ),
    "namespace-null": (
        {**USER, "metadata": {"name": "one", "namespace": None}},
        ["metadata.namespace: is null (leave the field out)"],
    ),
    "namespace-too-many": (
        {**ORGANIZATION, "metadata": {"name": "one", "namespace": "acme"}},
        ["metadata.namespace: an Organization or Module has no namespace (take it out)"],
    ),
    "reserved": (
        {**ORGANIZATION, "metadata": {"name": "kube-system"}},
        ["metadata.name: 'kube-system' is kept by Kubernetes (choose another name)"],
    ),
    "slip-in-metadata": (
        {**USER, "metadata": {"name": "one", "namespace": "acme", "lables": {}}},
        ["metadata.lables: is no field that is known here (did you mean labels?)"],
    ),
    "status": ({**USER, "status": {}}, ["status: is written by the controller, not in a file (take it out)"]),
    "slip-at-the-top": ({**USER, "sepc": {}}, ["sepc: is no field that is known here (did you mean spec?)"]),
    "all-at-once": (
        {**document("User", suspended="no", tpye="Human"), "status": {}},
        [
            "status: is written by the controller, not in a file (take it out)",
            "spec.suspended: must be true or false, not 'no'",
            "spec.tpye: is no field that is known here (did you mean type?)",
        ],
    ),
}


@pytest.mark.parametrize(("value", "sentences"), WHOLE.values(), ids=list(WHOLE))
def test_whole_document(value, sentences):
    """What is wrong around the spec is said as well, all of it at once."""
    assert sentences == said(value)


def test_what_the_api_server_adds():
    """An object as the API server gives it is read: its own metadata and the status are passed over."""
    metadata = {**USER["metadata"], "uid": "1", "resourceVersion": "2", "generation": 3, "managedFields": [{"a": 1}]}
    parsed, _ = parse({**USER, "metadata": metadata, "status": {"conditions": [{"type": None}]}}, status=True)

    assert 3 == parsed.metadata.generation
    assert parse(USER)[0].spec == parsed.spec


def test_private_key_is_not_repeated():
    """A private key that was pasted by mistake appears in no message."""
    private = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n" * 70
    sentences = said(document("User", signingKeys=[{"publicKey": private}, {"publicKey": private[:900]}]))

    assert 2 == len(sentences)
    assert "b3Blb" not in "".join(sentences)


@pytest.mark.parametrize("size", [32_768, 32_769])
def test_rule_30_size_of_a_request(size):
    """Rule 30: a request's spec has at most 32 KiB as JSON, counted in bytes, and the limit is named."""
    least = '{"microservice":{"name":"free-disk"},"requester":"juan@acme.example","parameters":{"a":""},"targets":[]}'
    room = size - len(least)
    value = document("Request", parameters={"a": "é" * (room // 2) + "x" * (room % 2)})
    refused = [f"spec: a request's spec has at most 32768 bytes as JSON; this one has {size}"]

    assert ([] if size <= 32_768 else refused) == said(value)


@pytest.mark.parametrize("kind", LEAST)
def test_identify(kind):
    """A document is named by kind, namespace and name, however wrong the rest of it is."""
    value = {**document(kind), "spec": 12, "apiVersion": "?"}
    namespace = value["metadata"].get("namespace", "")

    assert Ident(kind, namespace, "one") == identify(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": ["User"], "metadata": {"name": "one", "namespace": "acme"}},
        {"kind": "Pod", "metadata": {"name": "one", "namespace": "acme"}},
        {"kind": "User", "metadata": {"name": "one"}},
        {"kind": "User", "metadata": {"name": 1, "namespace": "acme"}},
        {"kind": "User", "metadata": ["one"]},
        {"kind": "Module", "metadata": {"name": "one", "namespace": "acme"}},
    ],
    ids=str,
)
def test_not_identified(value):
    """What cannot be told apart by kind and name has no identity."""
    assert identify(value) is None


@pytest.mark.parametrize(
    ("at", "good"),
    [
        ("2025-12-31T23:59:59Z", False),
        ("2026-01-01T00:00:00Z", True),
        ("2026-12-31T23:59:59Z", True),
        ("2027-01-01T00:00:00Z", False),
    ],
)
def test_when_a_key_is_good(at, good):
    """A key counts from `validFrom` until just before `validUntil`."""
    fields = {"publicKey": KEYS[0], "validFrom": "2026-01-01T01:00:00+01:00", "validUntil": "2027-01-01T00:00:00Z"}
    key = SigningKey.model_validate(fields)
    moment = SigningKey.model_validate({"publicKey": KEYS[0], "validFrom": at}).valid_from

    assert good == key.valid(moment)


@pytest.mark.parametrize("kind", LEAST)
@settings(max_examples=40)
@given(data=st.data())
def test_parse_and_back(kind, data):
    """A document written out and read again is the same document, and says the same."""
    parsed, _ = parse(data.draw(documents(kind)))
    if parsed is None:
        return
    again, problems = parse(parsed.plain())

    assert () == problems
    assert parsed == again
    assert parsed.plain() == again.plain()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(kind=st.sampled_from(sorted(LEAST)), data=st.data())
def test_anything_is_judged(kind, data):
    """Whatever stands in a document, it is accepted or refused with problems; nothing is raised."""
    value = document(kind)
    fields = schema(kind)["properties"]["spec"]["properties"]
    value["spec"][data.draw(st.sampled_from(sorted(fields)))] = data.draw(VALUES)
    parsed, problems = parse(value)

    assert (parsed is None) == bool(problems)
    assert all(one.message and "\n" not in one.message for one in problems)
