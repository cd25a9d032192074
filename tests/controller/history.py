"""The oracle: what must be so of every history, whatever was killed in the middle of it (rules 2 and 3)."""

from collections import Counter, defaultdict

from assent.api.names import Ref
from assent.core.state import State, advance, fold
from assent.reconcile.workshop import MAX_ATTEMPTS

RANK = {"open": 0, "claimed": 1, "Unknown": 2, "ended": 3}


def check(ground):
    """Everything that holds of the ledger, and of the trace that the programs left outside of it."""
    records = ground.records()
    state = fold(records)
    _nothing_goes_back(records)
    _once(records, "claimed", "observed")
    _runs(ground, records)
    for ref, case in state.cases.items():
        _approved(ref, case)
        _unknown(ref, case, records)
    return state


def _once(records, *kinds):
    seen = Counter((record.kind, record.subject) for record in records if record.kind in kinds)
    assert {} == {about: count for about, count in seen.items() if count > 1}


def _nothing_goes_back(records):
    """No request leaves an end but Unknown, and none is claimed after it ended."""
    state, ranks = State(), defaultdict(int)
    for record in records:
        state = advance(state, record)
        for ref, case in state.cases.items():
            rank = RANK[_stand(case)]
            assert rank >= ranks[ref], f"{ref} went back at record {record.sequence}, {record.kind}"
            ranks[ref] = rank
    final = Counter(one.subject for one in records if one.kind == "ended" and one.body["phase"] != "Unknown")
    assert {1} >= set(final.values())


def _stand(case):
    if case.end:
        return "Unknown" if case.end.phase == "Unknown" else "ended"
    return "claimed" if case.claim else "open"


def _runs(ground, records):
    """Every start left in the trace was claimed and announced; it happened once, or as often as it may be repeated."""
    plans = {one.subject: one.body["plan"] for one in records if one.kind == "claimed"}
    announced = Counter(one.body["execution"] for one in records if one.kind == "acted")
    started = Counter((request, execution) for request, _, execution, _ in ground.started())
    for (request, execution), count in started.items():
        plan = plans[request]
        assert execution in {one["id"] for one in plan["executions"]}
        assert count <= announced[execution] <= (MAX_ATTEMPTS if plan["idempotent"] else 1), (request, execution)


def _approved(ref, case):
    """What was claimed had every stage satisfied by enough distinct people, each on the digest that ran."""
    if case.claim is None:
        return
    people = [one["username"] for stage in case.stages for one in stage["decisions"]]
    assert len(set(people)) == len(people), ref
    for stage in case.stages:
        assert "Satisfied" == stage["state"], ref
        assert stage["quorum"] <= len(stage["decisions"]), ref
        assert {case.claim.digest} == {one["digest"] for one in stage["decisions"]}, ref


def _unknown(ref, case, records):
    """Unknown is only what was announced, and of which no end was recorded by the process that ran it."""
    for execution, result in case.results.items():
        said = [one.body["state"] for one in records if one.kind == "recorded" and one.body["execution"] == execution]
        said = [state for state in said if state != "Running"]
        assert len(said) <= 1, (ref, execution, said)
        assert "Unknown" != result.state or ["Unknown"] == said


def open_requests(state):
    """Those that wait for something, or whose run goes on."""
    return {ref.name for ref, case in state.cases.items() if case.end is None}


def phases(state):
    return {ref.name: case.end.phase if case.end else "open" for ref, case in state.cases.items()}


def ref(name):
    return Ref("acme", name)
