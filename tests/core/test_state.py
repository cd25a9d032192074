"""What the controller knows is a fold over the ledger: every restart comes to the same, at every point."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.ledger import Record
from assent.api.names import Ident, Ref
from assent.api.records import KINDS
from assent.core.state import FOLDS, IN_CLUSTER, State, advance, fold

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE = Ref("b", "r1")
ROLE = Ident("AccessRole", "b", "x")


def version(digest):
    return {"digest": digest, "blob": "f" * 40, "index": 0}


def changed(*digests, **more):
    """A change of one role: these versions, taken over unless `refused` says otherwise."""
    return {"document": str(ROLE), "versions": [version(one) for one in digests], "wrote": [], "parts": []} | more


REFUSED = {"reason": "CeilingExceeded", "message": "no", "hint": "ask"}
SPEC = {"microservice": {"name": "vdi"}, "requester": "rita@b"}
MAIL = {"request": "b/r1", "username": "bea@b", "about": "Opened", "stage": "lead", "digest": "a" * 64}
MAIL |= {"state": "Failed", "message": "no"}
BODIES = {
    "trusted": ("c0", {"commit": "c0"}),
    "head": ("c1", {"commit": "c1"}),
    "configured": ("c1", {"commit": "c1", "author": "b/ada", "changes": [changed("d1")], "unreadable": []}),
    "observed": ("b/r1", {"spec": SPEC, "approvers": {"b/bea": "b/approves"}, "provenBy": None, "commit": "c1"}),
    "proven": ("b/r1", {"provenBy": "b/rita", "commit": "c1"}),
    "refused": ("b/r1", {"reason": "RequestChanged", "message": "no", "commit": "c1"}),
    "restored": ("b/r1", {"commit": "c1"}),
    "decided": ("b/r1", {"verb": "approve", "username": "bea@b", "person": "b/bea", "channel": "Annotation"}),
    "validated": ("b/r1", {"digest": "a" * 64}),
    "held": ("b/r1", {"reason": "RunnerNotAvailable", "message": "no"}),
    "claimed": ("b/r1", {"digest": "a" * 64, "plan": {"runner": "manual"}, "stages": [{"name": "lead"}]}),
    "acted": ("e1", {"request": "b/r1", "execution": "e1", "target": None, "attempt": 1}),
    "recorded": ("e1", {"request": "b/r1", "execution": "e1", "target": None, "state": "Failed", "message": "no"}),
    "ended": (
        "b/r1",
        {"phase": "Failed", "reason": "RunFailed", "message": "no", "by": "", "at": "2026-01-05T09:00:00Z"},
    ),
    "removed": ("b/r1", {"commit": "c1"}),
    "guarded": ("p1", {"policies": "p1", "proven": True, "message": "every forgery was refused"}),
    "bootstrapped": ("platform", {}),
    "halted": ("cluster", {"message": "it went back"}),
    "resumed": ("cluster", {}),
    "asked": ("b/r1", {"username": "rita@b", "spec": SPEC}),
    "told": ("t1", {"request": "b/r1", "channel": "Panel", "username": "bea@b", "text": "no", "signedIn": True}),
    "mailed": ("k1", MAIL),
    "signedOut": ("s1", {"username": "bea@b"}),
}
"""One record of every kind."""


def records(*kinds, **bodies):
    """Records of these kinds, a minute apart; a pair is a kind with another body."""
    found = []
    for number, one in enumerate(kinds, start=1):
        kind, body = one if isinstance(one, tuple) else (one, {})
        subject, usual = BODIES[kind]
        at = AT + timedelta(minutes=number)
        found.append(Record(number, at, kind, body.pop("subject", subject), {**usual, **body}))
    return found


def after(*kinds):
    """The state after these records."""
    return fold(records(*kinds))


def case(*kinds):
    """The request after these records, the first of which sees it."""
    return after("observed", *kinds).cases[ONE]


def test_every_kind_of_record_is_known():
    """Every record that the ledger may hold does something to what is known, and stands in these tests."""
    assert set(KINDS) == set(FOLDS) == set(BODIES)


def test_policies_that_did_not_hold_are_not_relied_on():
    """What the policies are counts from when they were proven until they are found not to hold."""
    broken = ("guarded", {"policies": "p1", "proven": False})

    assert ("p1", "") == (after("guarded").guarded, after("guarded", broken).guarded)


def test_rule_45_what_is_halted_stays_so_until_somebody_resumes():
    """A restored backup is remembered over every restart, until a person has looked at it."""
    assert ("it went back", "") == (after("halted", "bootstrapped").halted, after("halted", "resumed").halted)


def test_the_first_day_of_a_cluster_ends_once():
    """That somebody governs the Platform is never forgotten."""
    assert (False, True) == (after().bootstrapped, after("bootstrapped", "guarded").bootstrapped)


def test_what_is_not_known_changes_nothing():
    """A record of a kind to come is passed over: an older program reads a newer ledger, but for what it cannot know."""
    state = advance(State(), Record(1, AT, "to-come", "x", {}))

    assert State(sequence=1, at=AT) == state


@pytest.mark.parametrize("kind", sorted(set(BODIES) - {"observed"}))
def test_what_is_of_no_request_makes_none(kind):
    """A record of a request that was never seen makes no request."""
    assert {} == after(kind).cases


def test_the_first_sight_is_what_counts():
    """A case keeps what was seen first, when, in which order, and who could approve then."""
    found = after("head", "observed").cases[ONE]

    assert (2, AT + timedelta(minutes=2), {Ref("b", "bea"): Ref("b", "approves")}) == (
        found.seen,
        found.seen_at,
        found.approvers,
    )
    assert ("vdi", None, True, False, True) == (
        found.spec.microservice.name,
        found.proven_by,
        found.present,
        found.reused,
        found.open,
    )


def test_what_was_there_before_an_empty_ledger_never_runs():
    """Requests of the first trusted commit are Cancelled as they are seen."""
    found = case_of(after(("observed", {"restarted": True})))

    assert ("Cancelled", "LedgerRestarted", False) == (found.end.phase, found.end.reason, found.open)


def case_of(state):
    return state.cases[ONE]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        pytest.param([], (None, None, None), id="never"),
        pytest.param(["validated"], ("a" * 64, 2, 2), id="once"),
        pytest.param(["validated", ("validated", {"digest": "b" * 64})], ("b" * 64, 3, 2), id="another-digest"),
    ],
)
def test_a_digest_and_since_when(kinds, expected):
    """The newest digest counts, since it was recorded; since when there is any is kept beside it."""
    found = case(*kinds)
    minutes = [AT + timedelta(minutes=one) if one else None for one in expected[1:]]

    assert (expected[0], *minutes) == (found.digest, found.digest_at, found.validated_at)


def test_decisions_stand_in_their_order():
    """Every decision is kept as it was judged, with its number and its time."""
    found = case("decided", ("decided", {"because": "Unproven", "person": None, "signedIn": False})).voices

    assert [(2, "", Ref("b", "bea"), True), (3, "Unproven", None, False)] == [
        (one.sequence, one.because, one.person, one.signed_in) for one in found
    ]


def test_a_claim_ends_what_held():
    """What is claimed is held by nothing any more, and keeps the stages as they stood."""
    found = case("held", "claimed")

    assert (None, ({"name": "lead"},), "a" * 64) == (found.held, found.stages, found.claim.digest)
    assert ("RunnerNotAvailable", "no") == case("held").held


@pytest.mark.parametrize(
    ("kinds", "state", "attempts", "ended"),
    [
        pytest.param(["acted"], "Running", 1, False, id="begun"),
        pytest.param(["acted", "recorded"], "Failed", 1, True, id="ended"),
        pytest.param(["acted", ("recorded", {"state": "Running"})], "Running", 1, False, id="goes-on"),
        pytest.param(["acted", "acted"], "Running", 2, False, id="begun-again"),
        pytest.param(["recorded"], "Failed", 1, True, id="ended-and-never-announced"),
    ],
)
def test_what_is_known_of_an_execution(kinds, state, attempts, ended):
    """An execution is Running from its announcement on, and ends with its record; attempts are counted."""
    found = case("claimed", *kinds).results["e1"]

    assert (state, attempts, ended) == (found.state, found.attempts, found.ended_at is not None)


def test_an_end_is_one_as_of_the_moment_it_names():
    """An end keeps its own time and the stages as they stood; Unknown is open, every other end is not."""
    failed, unknown = case("claimed", "ended"), case("claimed", ("ended", {"phase": "Unknown"}))

    assert (AT, "Failed", False, True) == (failed.end.at, failed.end.phase, failed.open, unknown.open)
    assert ({"name": "lead"},) == failed.stages
    assert ({"name": "other"},) == case("claimed", ("ended", {"stages": [{"name": "other"}]})).stages


@pytest.mark.parametrize(
    ("kinds", "refused"),
    [
        pytest.param(["refused"], True, id="refused"),
        pytest.param(["refused", "restored"], False, id="put-right"),
        pytest.param(["refused", "removed"], False, id="taken-away"),
        pytest.param(["refused", "ended"], True, id="what-was-changed-stays-changed"),
        pytest.param([("refused", {"reason": "RequestDeleted"}), "ended"], False, id="what-was-taken-may-stay-away"),
        pytest.param([("refused", {"reason": "Invalid"}), "observed"], False, id="a-request-at-last"),
    ],
)
def test_a_refusal_stays_until_it_is_put_right(kinds, refused):
    """A change of a request that does not count is known until it is no more."""
    assert refused == (ONE in after("observed", *kinds).refusals)


def test_a_name_that_is_taken_again():
    """A name taken again shows on the request that had it first, until that is gone."""
    again = ("refused", {"reason": "NameUsedBefore"})

    assert (True, True) == (case("removed", again).reused, case("removed", again).present)
    assert (False, False) == (case("removed", again, "removed").reused, case("removed", again, "removed").present)


def configured(*changes, author="b/ada"):
    return ("configured", {"changes": list(changes), "author": author})


def test_what_is_in_force_is_the_last_that_was_taken_over():
    """A change that was taken over is in force; a refused one stands beside it until it is restored or taken over."""
    state = after(configured(changed("d1")), configured(changed("d2", refused=REFUSED)))

    assert "d1" == state.written[ROLE].version.digest
    assert ("CeilingExceeded", ("d2",)) == (
        state.standing[ROLE].reason,
        tuple(one.digest for one in state.standing[ROLE].versions),
    )
    for put_right in (changed("d1", restored=True), changed("d3")):
        assert {} == fold(records(configured(put_right)), state).standing
    gone = fold(records(configured(changed())), state)
    assert (None, {}) == (gone.written[ROLE].version, gone.standing)


def test_every_version_that_ever_counted_is_known_by_its_writer():
    """What counted is known by its digest, absence as well; what was refused, or only restored, is not."""
    state = after(
        configured(changed("d1")),
        configured(changed(), author="b/max"),
        configured(changed("d2", refused=REFUSED)),
        configured(changed("d3", restored=True)),
    )

    assert {("d1",): Ref("b", "ada"), (): Ref("b", "max")} == state.accepted[ROLE]


def test_in_a_cluster_no_older_version_comes_back_by_a_merge():
    """So none is kept: what is known of a document does not grow with every change of it."""
    cluster = ("trusted", {"commit": IN_CLUSTER})
    state = after(cluster, configured(changed("d1")), configured(changed("d2")))

    assert "d2" == state.written[ROLE].version.digest
    assert {} == state.accepted


def test_a_part_keeps_whoever_wrote_it():
    """A part that a change did not write keeps its writer; one that is gone and comes again has a new one."""
    both = {"wrote": ["entry:a", "entry:b"], "parts": ["entry:a", "entry:b"]}
    state = after(
        configured(changed("d1", **both)),
        configured(changed("d2", wrote=["entry:b"], parts=["entry:a", "entry:b"]), author="b/max"),
    )
    parts = state.written[ROLE].provenance.parts

    assert ("ada", 1, "max", 2) == (
        parts["entry:a"].author.name,
        parts["entry:a"].since,
        parts["entry:b"].author.name,
        parts["entry:b"].since,
    )
    gone = fold(records(configured(changed())), state)
    again = fold(records(configured(changed("d1", wrote=[], parts=["entry:a"]))), gone)
    assert None is again.written[ROLE].provenance.parts["entry:a"].author


def test_what_a_person_writes_into_their_own_user_is_as_old_as_their_key():
    """What was signed with a key is as much its person's, and as old, as that key; the document keeps its writer."""
    lent = {"inherits": {"author": "b/max", "since": 7}, "wrote": ["name:new"], "parts": ["name:new"]}
    first, later = (
        after(configured(changed("d1", **lent))),
        after(configured(changed("d0")), configured(changed("d1", **lent))),
    )

    assert (None, "max", 7) == (
        first.written[ROLE].provenance.document.author,
        first.written[ROLE].provenance.parts["name:new"].author.name,
        first.written[ROLE].provenance.parts["name:new"].since,
    )
    assert "ada" == later.written[ROLE].provenance.document.author.name


def test_a_new_trust_root_begins_anew():
    """Another trusted commit is in force as it stands; the same one again changes nothing."""
    state = after("trusted", configured(changed("d1")), "observed", "trusted")
    anew = fold([Record(9, AT, "trusted", "c9", {"commit": "c9"})], state)

    assert ("c0", True) == (state.root, ROLE in state.written)
    assert ("c9", "c9", {}, {}, {}) == (anew.root, anew.head, anew.written, anew.standing, anew.accepted)
    assert ONE in anew.cases


def test_the_time_of_the_newest_record_is_known():
    """Where the clock went back between two records, the later of the two times is what is known."""
    early, late = Record(2, AT, "head", "c1", {"commit": "c1"}), records("head")[0]

    assert AT + timedelta(minutes=1) == fold([late, early]).at


@settings(max_examples=200)
@given(st.lists(st.sampled_from(sorted(BODIES)), max_size=12), st.integers(0, 12))
def test_a_fold_may_be_interrupted_anywhere(kinds, cut):
    """Folding the first records, and later the others, comes to what folding all of them comes to."""
    said = records(*kinds)

    assert fold(said) == fold(said[cut:], fold(said[:cut]))


@settings(max_examples=100)
@given(st.lists(st.sampled_from(sorted(BODIES)), max_size=12), st.sampled_from(sorted(BODIES)))
def test_folding_on_leaves_what_was_known(kinds, last):
    """A state that others hold stays as it is, whatever is folded on from it."""
    before = after(*kinds)
    kept = deepcopy(before)
    fold(records(*kinds, last)[-1:], before)

    assert kept == before
