"""The oracle sees what is wrong: histories that must not be, each with the sentence that it says of them."""

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from assent.api.ledger import Record
from cluster import oracle
from cluster.proxy import Call

STAGE = {"name": "manager", "state": "Satisfied", "quorum": 1, "decisions": [{"username": "maria", "digest": "d"}]}


def history(*records):
    """A ledger of these kinds and bodies, all about one request."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return [Record(number, now, kind, "acme/vdi", body) for number, (kind, body) in enumerate(records, 1)]


def decided(username="maria", digest="d", **more):
    return "decided", {"verb": "approve", "username": username, "digest": digest, **more}


def claimed(**stage):
    return "claimed", {"digest": "d", "stages": [{**STAGE, **stage}], "plan": {"executions": [{"id": "x"}]}}


def written(*phases):
    """Status writes that the API server took, in this order."""
    return [
        Call(0.0, "PUT", "/r/vdi/status", {}, status=200, phase=phase, version=number)
        for number, phase in enumerate(phases, 1)
    ]


def test_a_good_history_says_nothing():
    """What is as it should be is not complained of."""
    found = history(decided(), claimed())
    calls = written("PendingApproval", "Approved", "Running", "Succeeded")
    kubelet = SimpleNamespace(started=Counter(x=1))

    assert [] == [
        *oracle.once(found, kubelet),
        *oracle.approved(found),
        *oracle.forward(calls),
        *oracle.quiet(calls),
    ]


@pytest.mark.parametrize(
    ("found", "started", "said"),
    [
        pytest.param(history(claimed()), {"x": 2}, "x was started 2 times", id="twice"),
        pytest.param(history(), {"x": 1}, "x was started, and nobody claimed it", id="unclaimed"),
        pytest.param(history(claimed(), claimed()), {}, "acme/vdi was claimed 2 times", id="claimed twice"),
    ],
)
def test_executions_that_must_not_be(found, started, said):
    """More than one start of an execution, or one without a claim."""
    assert [said] == [*oracle.once(found, SimpleNamespace(started=Counter(started)))]


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(history(claimed()), id="nobody decided"),
        pytest.param(history(claimed(), decided()), id="decided afterwards"),
        pytest.param(history(decided(digest="other"), claimed()), id="another digest"),
        pytest.param(history(decided(because="ApprovalsUntrusted"), claimed()), id="a decision that does not count"),
        pytest.param(history(decided(), claimed(quorum=2)), id="too few"),
        pytest.param(history(decided(), claimed(state="Open")), id="an open stage"),
        pytest.param(history(decided(), claimed(decisions=[*STAGE["decisions"]] * 2, quorum=2)), id="one person twice"),
    ],
)
def test_claims_without_a_quorum(found):
    """Whatever is missing of a stage's quorum at the moment of the claim."""
    assert ["acme/vdi was claimed without a quorum in manager"] == [*oracle.approved(found)]


def test_an_end_that_is_taken_back():
    """A status that said an end, and then something else."""
    assert ["/r/vdi went back: ['Succeeded', 'Running']"] == [*oracle.forward(written("Succeeded", "Running"))]


def test_status_that_is_written_again_and_again():
    """Six writes that say the same are one too many."""
    assert ["/r/vdi: 6 status writes for 1 changes of phase"] == [*oracle.quiet(written(*["Running"] * 6))]
