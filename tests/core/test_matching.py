"""People are matched to slots so that nobody counts twice and no overlap starves a slot."""

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assent.core.matching import matching

SLOTS = st.lists(st.lists(st.sampled_from("abcde"), unique=True, max_size=4), max_size=5)


def fillable(slots, wanted):
    """Whether these slots can all be filled by different people, found by trying every order of people."""
    people = sorted({who for slot in slots for who in slot})
    return any(
        all(who in slots[slot] for who, slot in zip(order, wanted, strict=True))
        for order in permutations(people, len(wanted))
    )


def earliest(slots):
    """The slots that a greedy choice fills, one by one, each where it can be filled beside those before it."""
    chosen = []
    for slot in range(len(slots)):
        if fillable(slots, [*chosen, slot]):
            chosen.append(slot)
    return chosen


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param([], {}, id="no-slots"),
        pytest.param([[]], {}, id="nobody"),
        pytest.param([["alice"], ["alice"]], {0: "alice"}, id="one-person-fills-one-slot"),
        pytest.param([["alice", "bob"], ["alice"]], {0: "bob", 1: "alice"}, id="gitlab-425759-overlap-starves-no-rule"),
        pytest.param([["a", "b"], ["a", "b"], ["a", "b"]], {0: "a", 1: "b"}, id="earlier-slots-come-first"),
        pytest.param(
            [["a", "b"], ["a", "c"], ["b", "d"], ["a"]],
            {0: "b", 1: "c", 2: "d", 3: "a"},
            id="a-chain-of-three-moves-over",
        ),
    ],
)
def test_an_overlap_neither_starves_a_slot_nor_fills_two(slots, expected):
    """Each slot gets its own person, and those placed already move over where that fills one more."""
    assert expected == matching(slots)


@given(SLOTS)
@example([["a", "b"], ["a"]])
@example([["a", "b"], ["b", "c"], ["c", "a"], ["a"]])
def test_as_many_slots_are_filled_as_any_assignment_fills(slots):
    """The answer is an assignment, and no other fills more slots; found by trying all of them."""
    found = matching(slots)

    assert all(who in slots[slot] for slot, who in found.items())
    assert len(found) == len(set(found.values()))
    assert earliest(slots) == list(found)


@given(SLOTS, SLOTS)
def test_a_filled_slot_stays_filled_when_more_are_added(slots, more):
    """Whoever looks at the first stages alone sees the same of them filled as whoever looks at all."""
    before = set(matching(slots))

    assert before == {slot for slot in matching([*slots, *more]) if slot < len(slots)}


def test_a_long_chain_needs_no_deep_stack():
    """Two thousand people who all move over by one place are placed without an error."""
    slots = [[at, at + 1] for at in range(2000)] + [[0]]

    assert len(slots) == len(matching(slots))
