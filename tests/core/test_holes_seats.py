"""Each person's stages are found once for each weighing, and are the same as if each were looked for by itself."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from assent.core.access import holds, role_of
from assent.core.approvals import Bench, weigh
from assent.core.approvers import APPROVE, memberships, where
from assent.core.matching import matching
from builders import flow, ref, role, stage, use, user
from core.lives import PEOPLE, Life, company, offering


def some(*names):
    """One or two of these."""
    return st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "organizations": some("Requesting", "Client", "Partner", "Platform", "b", "ghost"),
        "roles": some("b/approves", "b/manages", "a/approves", "b/ghost"),
        "users": some("b/bea", "b/ben", "a/alba", "b/ghost"),
    },
).filter(bool)
STAGES = st.lists(st.tuples(st.lists(ENTRIES, min_size=1, max_size=3), st.integers(1, 2)), min_size=1, max_size=3)
ALL = [f"{place}/{name}" for place, names in PEOPLE.items() for name in names]
ALL += ["b/ghost"]
ALL += [f"{place}/{name}" for place in PEOPLE for name in ("max", "rita")]


def referred(entry):
    """An entry with its references as documents have them."""
    names = [name for name in ("roles", "users") if name in entry]
    return {**entry, **{name: [_reference(one) for one in entry[name]] for name in names}}


def _reference(path):
    organization, name = path.split("/")
    return {"organization": organization, "name": name}


def asking(drawn, order="Parallel"):
    """A request that waits for these stages."""
    stages = [
        {"name": f"s{at}", "quorum": quorum, "approvers": [referred(one) for one in entries]}
        for at, (entries, quorum) in enumerate(drawn)
    ]
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"})
    return Life(*company(), one, flow("platform/f", *stages, order=order))


def admitted(world, seat, person, has):
    """Whether an entry admits a person with this role: every entry looked at anew, as it is written."""

    def names(references):
        return {ref(f"{one.owner(seat.flow.namespace)}/{one.name}") for one in references}

    return any(
        (not one.organizations or person.namespace in memberships(world, one, seat.organization))
        and (not one.roles or has in names(one.roles))
        and (not one.users or person in names(one.users))
        for one in seat.stage.approvers
    )


def stages_of(bench, person):
    """The stages, by position, that the person can decide, found the long way."""
    someone = bench.world.people.by_ref.get(person)
    then = bench.case.approvers.get(person)
    if someone is None or then is None or someone.spec.type != "Human":
        return set()
    return {
        at
        for at, seat in enumerate(bench.gate.seats)
        if admitted(bench.world, seat, person, role_of(someone))
        and admitted(bench.world, seat, person, then)
        and holds(bench.world, person, where(bench.world, person, seat.organization), APPROVE)
    }


def bench_of(life):
    """What `weigh` gets."""
    valid = life.decision.valid
    return Bench(life.world, life.case, valid.gate, valid.digest)


@settings(max_examples=100, deadline=None)
@given(
    STAGES, st.lists(st.sampled_from([one for one in ALL if one != "b/ghost"]), max_size=4, unique=True), st.booleans()
)
def test_stages_and_candidates_are_those_of_looking_each_time(drawn, voices, moved):
    """Whoever has a stage has it, and whoever could fill one more place could, whatever is kept on the way."""
    life = asking(drawn)
    for one in voices:
        life.say(one)
    if moved:
        life.change(user("b/bea", "manages"), user("a/alba", suspended=True))
    bench = bench_of(life)
    tally = weigh(bench)
    able = {person: stages_of(bench, person) for person in map(ref, ALL)}

    assert able == {person: set(bench.seats_of(person)) for person in able}
    voted = [voice.person for one in tally.stages for voice in one.decisions]
    slots = [at for at, one in enumerate(tally.stages) for _ in one.decisions]
    counted = [*voted, *(voice.person for voice, _ in tally.not_counted if not voice.because)]
    for at, one in enumerate(tally.stages):
        if one.state == "Open":
            expected = [
                person
                for person in sorted(able)
                if able[person]
                and person not in counted
                and person != bench.requester
                and _fits(able, voted, person, [*slots, at])
            ]
            assert expected == list(one.can_decide)


def _fits(able, voted, person, slots):
    return len(matching([[one for one in [*voted, person] if at in able[one]] for at in slots])) == len(slots)


def test_a_large_flow_is_weighed_in_no_time():
    """Ten stages of twenty entries over 800 people, none of whom they admit but by the last, cost a moment."""
    people = [user(f"b/u{at}", f"r{at % 20}") for at in range(800)]
    roles = [role(f"b/r{at}", {"*": {"automate": "Approver"}}) for at in range(20)]
    entries = [
        {"organizations": ["Partner", "Client"], "roles": [{"organization": "a", "name": f"x{at}"}]} for at in range(19)
    ]
    stages = [
        stage(f"s{at}", "b", quorum=100) | {"approvers": [*entries, {"organizations": ["b"]}]} for at in range(10)
    ]
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"})
    life = Life(*company(), *roles, *people, one, flow("platform/f", *stages, order="Parallel"))
    bench = bench_of(life)
    began = time.process_time()
    tally = weigh(bench)

    assert 804 == len(tally.stages[9].can_decide)
    assert time.process_time() - began < 3, "it took a tenth of that on an idle machine"
