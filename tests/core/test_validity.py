"""Whether a request may be decided at all, and the digest of what it comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.decisions import Line
from builders import document, enablement, flow, modules, organization, role, service, stage, use, user
from core.lives import Life, company, offering, spec

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["count"],
    "properties": {"count": {"type": "integer", "minimum": 1, "maximum": 50}, "note": {"type": "string"}},
}


def reason(life):
    """The word why the request waits, or `Valid` with a digest."""
    decision = life.decision
    return decision.hold.reason if decision.hold else decision.end.reason if decision.end else "Valid"


def test_a_request_that_may_be_decided_has_a_digest():
    """A request of what is offered, by somebody who may ask, proven theirs, is valid and has 64 hex digits."""
    life = Life(*company(), offering(approvals=[use("platform/f")]), flow("platform/f"))

    assert ("Valid", "PendingApproval", 64) == (reason(life), life.decision.phase, len(life.digest))


ORDERED = [
    pytest.param({"requester": "ghost@b"}, "RequesterUnknown", id="a-requester-whom-nobody-knows"),
    pytest.param({"onBehalfOf": "ghost@b"}, "RequesterUnknown", id="on-behalf-of-nobody-known"),
    pytest.param({"requester": "wanda@b"}, "RequesterNotAllowed", id="a-requester-without-a-role"),
    pytest.param({"requester": "susi@b"}, "RequesterNotAllowed", id="a-suspended-requester"),
    pytest.param({"requester": "bea@b"}, "RequesterNotAllowed", id="none-of-the-roles-that-may-ask"),
    pytest.param({"requester": "rita@c"}, "RequesterNotAllowed", id="somebody-from-below"),
    pytest.param({"parameters": {}}, "ParametersRefused", id="rule-32-missing"),
    pytest.param({"parameters": {"count": "3"}}, "ParametersRefused", id="rule-32-wrongly-typed"),
    pytest.param({"parameters": {"count": 3, "more": 1}}, "ParametersRefused", id="rule-32-undeclared"),
    pytest.param({"parameters": {"count": 20}}, "ParametersRefused", id="narrowed-by-the-enablement"),
    pytest.param({"targets": []}, "TargetsRefused", id="too-few-targets"),
    pytest.param({"targets": ["pc1", "pc2", "pc3"]}, "TargetsRefused", id="too-many-targets"),
    pytest.param({"targets": ["server1"]}, "TargetsRefused", id="targets-narrowed-by-the-enablement"),
    pytest.param({"microservice": "ghost"}, "ReferenceNotFound", id="what-is-not-offered"),
    pytest.param({"parameters": {"count": 2**53}}, "NumberTooLarge", id="an-integer-that-readers-disagree-on"),
]


def narrowed(**asked):
    """A request for a microservice with parameters and targets, which the client narrows, and gives to one role."""
    one = offering(parameters=SCHEMA, targetRules={"minItems": 1, "maxItems": 2})
    below = enablement(
        "b/vdi",
        "platform/vdi",
        roles=[{"name": "asks"}],
        parameters={"type": "object", "properties": {"count": {"maximum": 10}}},
        targetRules={"pattern": "pc[0-9]"},
    )
    others = [user("b/wanda"), user("b/susi", "asks", suspended=True)]
    given = {"parameters": {"count": 3}, "targets": ["pc1"], **asked}
    return Life(*company(), *others, one, below, **given)


@pytest.mark.parametrize(("asked", "expected"), ORDERED)
def test_what_stands_in_the_way_is_named(asked, expected):
    """Rule 32 and edge case 5: whatever is missing or refused holds with its word; only a bad number ends it."""
    life = narrowed(**asked)

    assert "Valid" == reason(narrowed())
    assert expected == reason(life)
    assert ("Invalid" if expected == "NumberTooLarge" else "Submitted") == life.decision.phase


def test_who_asks_comes_before_what_is_asked():
    """A stranger learns nothing of the catalogue: of several things in the way the first in order is told."""
    everything = {"requester": "wanda@b", "parameters": {"no": 1}, "targets": []}

    assert "RequesterUnknown" == reason(narrowed(**{**everything, "onBehalfOf": "ghost@b"}))
    assert "RequesterNotAllowed" == reason(narrowed(**everything))
    assert "ParametersRefused" == reason(narrowed(**{**everything, "requester": "rita@b"}))


def test_what_nobody_proved_holds():
    """A request that no signature of its requester's brought in is not decided, but can be digested."""
    life = Life(*company(), offering(approvals=[use("platform/f")]), flow("platform/f"), proven=False)

    assert ("RequesterUnproven", "Submitted", 64) == (reason(life), life.decision.phase, len(life.digest))


def test_a_proof_of_somebody_else_is_none():
    """A name that came to belong to another person since does not make that person the requester."""
    life = Life(*company(), offering())
    life.change(user("b/rita", "asks", username="new@b"), user("b/bea", "approves", aliases=["rita@b"]))

    assert "RequesterUnproven" == reason(life)


def test_on_whose_behalf_it_is_stays_the_same_person():
    """A name that came to belong to somebody else since frees nobody to approve what is asked on their behalf."""
    life = Life(*company(), offering(), onBehalfOf="bea@b")
    assert "Valid" == reason(life)
    life.change(user("b/bea", "approves", username="new@b"), user("b/ben", "approves", aliases=["bea@b"]))

    assert "RequesterUnknown" == reason(life)
    assert "was b/bea when the request was first seen, and is b/ben now" in life.decision.hold.message


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param({"automate": "Requester"}, "RequesterNotAllowed", id="lacks-the-further-right"),
        pytest.param({"workspaces": "L2"}, "RequesterNotAllowed", id="lacks-the-right-to-ask"),
        pytest.param({"automate": "Requester", "workspaces": "L2"}, "Valid", id="has-both"),
    ],
)
def test_a_microservice_asks_for_rights_of_the_requester(held, expected):
    """The requester holds automate Requests Create there, and every right that the microservice names besides."""
    needed = [{"module": "workspaces", "functionality": functionality(), "action": "View"}]
    life = Life(*company(), role("b/asks", {"*": held}), offering(permissions=needed))

    assert expected == reason(life)


def functionality():
    """Some functionality that the shipped module `workspaces` lets its level L2 view."""
    rows = next(one for one in modules() if one.name == "workspaces").spec.permissions
    return next(one.functionality for one in rows if one.action == "View")


def test_a_role_from_above_may_be_asked_for():
    """The roles that may ask are of the organization or of one above it."""
    one = enablement("b/vdi", "platform/vdi", roles=[{"organization": "a", "name": "asks"}])
    life = Life(*company(), offering(), one, requester="rita@a")

    assert "Valid" == reason(life)
    assert "RequesterNotAllowed" == reason(Life(*company(), offering(), one))


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([offering(approvals=[use("platform/ghost")])], "ReferenceNotFound", id="a-missing-flow"),
        pytest.param([offering(state="Archived")], "NotOffered", id="archived"),
        pytest.param([], "ReferenceNotFound", id="nothing"),
    ],
)
def test_what_cannot_be_digested_yet_has_no_digest(documents, expected):
    """Edge case 5: where it is unknown what the request comes to, nothing can be approved, and it waits."""
    life = Life(*company(), *documents)

    assert (expected, None) == (reason(life), life.digest)


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"count": float("nan")}, id="no-number"),
        pytest.param({"count": float("inf")}, id="without-end"),
    ],
)
def test_rule_28_what_json_cannot_say_is_held_and_hurts_nobody(parameters):
    """Rule 28: a value that no JSON can say holds its request with a word; it breaks no pass."""
    free = {"type": "object"}
    for schema in (SCHEMA, free):
        held = Life(*company(), offering(parameters=schema), parameters=parameters)

        assert ("ParametersRefused", "Submitted") == (reason(held), held.decision.phase)


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        pytest.param([], "DigestImpossible", id="the-only-thing-in-the-way"),
        pytest.param(
            [{"module": "workspaces", "functionality": "X", "action": "View"}], "RequesterNotAllowed", id="the-last-one"
        ),
    ],
)
def test_rule_28_a_microservice_that_cannot_be_digested(permissions, expected):
    """Rule 28: a condition with a number that JSON cannot keep holds what it stands before; nothing is decided."""
    unkept = use("platform/f", parameters={"type": "object", "minProperties": 2**60})
    one = offering(permissions=permissions, approvals=[unkept])
    held = Life(*company(), flow("platform/f", stage("lead", "Requesting")), one)

    assert (expected, None) == (reason(held), held.digest)
    assert "NothingToDecide" == held.say("b/bea", digest="0" * 64)


BASE = [
    offering(
        products=["FlexxDesktop"],
        parameters={"type": "object"},
        targetRules={"maxItems": 5},
        approvals=[use("platform/f")],
    ),
    flow("platform/f", stage("lead", "Requesting", "Client", "Partner")),
    enablement("b/vdi", "platform/vdi"),
]
TIER = [{"product": "FlexxDesktop", "tier": "Standard"}]


def life(**asked):
    """A request that waits for one approval."""
    return Life(*company(subscriptions=TIER), *BASE, **asked)


def other_service(**more):
    """The same microservice with one field changed."""
    spec_of = {
        "products": ["FlexxDesktop"],
        "parameters": {"type": "object"},
        "targetRules": {"maxItems": 5},
        "approvals": [use("platform/f")],
    }
    return offering(**{**spec_of, **more})


CHANGES = {
    "the-microservice": [other_service(timeout="20m")],
    "its-run": [other_service(run={"manual": {"instructions": "Do something else."}})],
    "its-schema": [other_service(parameters={"type": "object", "title": "Anything"})],
    "its-description": [other_service(description="Another one.")],
    "the-enablement": [enablement("b/vdi", "platform/vdi", roles=[{"name": "asks"}])],
    "the-flow-s-quorum": [flow("platform/f", stage("lead", "Requesting", "Client", "Partner", quorum=2))],
    "the-flow-s-approvers": [flow("platform/f", stage("lead", "Requesting", "Client"))],
    "the-flow-s-deadline": [flow("platform/f", stage("lead", "Requesting", "Client", "Partner"), decideWithin="9d")],
    "one-more-flow": [other_service(approvals=[use("platform/f"), use("platform/g")]), flow("platform/g")],
    "a-flow-of-the-enablement": [
        enablement("b/vdi", "platform/vdi", approvals=[use("platform/g")]),
        flow("platform/g"),
    ],
    "the-tier": [
        organization("b", "Client", "a", subscriptions=[{"product": "FlexxDesktop", "tier": "Enterprise"}]),
    ],
    "the-path": [organization("b", "Client", subscriptions=TIER)],
}
"""What may change in the world around a request that waits."""


@pytest.mark.parametrize("changed", [pytest.param(change, id=name) for name, change in CHANGES.items()])
def test_rule_7_a_change_around_a_request_makes_its_approvals_stale(changed):
    """Rule 7, edge case 4, invariant 23: a change of any input is another digest, and old decisions are stale."""
    waiting = life()
    before = waiting.digest
    assert "" == waiting.say("b/bea")
    assert waiting.decision.phase == "Approved"
    waiting.change(*changed)

    assert before != waiting.digest
    assert ("PendingApproval", {"b/bea": "DigestStale"}) == (waiting.decision.phase, waiting.dropped())
    assert "DigestStale" == waiting.say("b/ben", digest=before)


def test_rule_7_the_enablement_of_the_client_is_in_a_suborganization_s_digest():
    """Rule 7: what the client says of a microservice is part of what its suborganization's request comes to."""
    below = Life(*company(subscriptions=TIER), *BASE, at="c/r1", requester="rita@c")
    before = below.digest
    below.change(enablement("b/vdi", "platform/vdi", targetRules={"maxItems": 1}))

    assert before != below.digest


def test_a_digest_that_comes_back_makes_its_approvals_count_again():
    """What is put back as it was comes to the same, so whoever approved the very same effect has approved it."""
    waiting = life()
    waiting.say("b/bea")
    waiting.change(*CHANGES["the-microservice"])
    assert waiting.decision.phase == "PendingApproval"
    waiting.change(BASE[0])

    assert "Approved" == waiting.decision.phase


UNTOUCHED = {
    "a-display-name-of-people": [user("b/bea", "approves", displayName="Bea")],
    "another-microservice": [service("platform/other", enabledByDefault=True)],
    "a-flow-that-does-not-apply": [flow("platform/other")],
    "another-organization": [organization("x", "Client")],
    "who-may-approve": [user("b/new", "approves")],
}


@pytest.mark.parametrize("changed", [pytest.param(change, id=name) for name, change in UNTOUCHED.items()])
def test_edge_case_3_what_does_not_decide_the_effect_is_not_in_the_digest(changed):
    """Edge case 3: neither an approval nor a change that leaves the effect as it is makes an approval void."""
    waiting = life()
    before = waiting.digest
    waiting.say("b/bea")
    waiting.change(*changed)

    assert (before, "Approved") == (waiting.digest, waiting.decision.phase)


ASKED = {
    "requester": ({"requester": "rita@b"}, {"requester": "max@b"}),
    "on-behalf-of": ({}, {"onBehalfOf": "bob@b"}),
    "a-parameter": ({"parameters": {"a": 1}}, {"parameters": {"a": 2}}),
    "one-more-parameter": ({"parameters": {}}, {"parameters": {"a": False}}),
    "a-target": ({"targets": ["x"]}, {"targets": ["y"]}),
    "the-order-of-targets": ({"targets": ["x", "y"]}, {"targets": ["y", "x"]}),
    "its-name": ({"at": "b/r1"}, {"at": "b/r2"}),
    "its-organization": ({"at": "b/r1"}, {"at": "c/r1", "requester": "rita@b"}),
}


@pytest.mark.parametrize(("one", "other"), [pytest.param(*both, id=name) for name, both in ASKED.items()])
def test_rule_8_an_approval_is_for_one_request_alone(one, other):
    """Rule 8 and edge case 2: requests that differ in anything have different digests, so no approval fits two."""
    first, second = life(**one), life(**other)

    assert first.digest != second.digest
    assert "DigestStale" == second.say("b/ben", digest=first.digest)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"reason": "a"}, {"reason": "b"}, id="the-reason"),
        pytest.param({"parameters": {"a": 1.0}}, {"parameters": {"a": 1}}, id="one-number-written-twice"),
        pytest.param({"parameters": {"a": 1, "b": 2}}, {"parameters": {"b": 2, "a": 1}}, id="the-order-of-parameters"),
    ],
)
def test_what_reads_the_same_is_digested_the_same(one, other):
    """Reasons and the way in which a value is written decide nothing."""
    assert life(**one).digest == life(**other).digest


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=4), st.booleans())
def test_rule_7_an_approval_counts_for_exactly_its_digest(edits, early):
    """Rule 7: over any row of edits, an approval counts where its digest is the present one, and nowhere else."""
    waiting = life()
    seen = waiting.digest
    if early:
        waiting.say("b/bea")
    for edit in edits:
        waiting.change(*CHANGES[edit])
    said = waiting.hear("b/bea", digest=seen).because if not early else ""
    counted = {str(one.person) for some in waiting.decision.tally.stages for one in some.decisions}

    assert ("DigestStale" if seen != waiting.digest and not early else "") == said
    assert ({"b/bea"} if early and seen == waiting.digest else set()) == counted


@pytest.mark.parametrize("field", ["requester", "microservice", "parameters", "targets", "reason", "onBehalfOf"])
def test_a_request_is_what_it_was_when_it_was_seen(field):
    """Rule 7: the spec of a case is the one that was observed; nothing in the case's life replaces it."""
    waiting = life()
    before = waiting.case.spec
    waiting.say("b/bea")
    waiting.change(*CHANGES["the-microservice"])

    assert before.plain().get(field) == waiting.case.spec.plain().get(field)


def test_the_line_that_a_person_writes_is_the_line_that_counts():
    """The digest shown is the digest to write: the line made of it counts."""
    waiting = life()

    assert "" == waiting.say("b/bea", digest=waiting.decision.digest)
    assert str(Line("approve", "bea@b", waiting.digest)) == f"approve as bea@b for {waiting.digest}"


def test_specs_of_this_page_follow_the_contract():
    """What these tests ask for stands the kind's own contract."""
    assert document("Request", "r1", spec(), "b").spec.requester == "rita@b"
