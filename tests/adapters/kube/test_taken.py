"""Lists and a watch of one kind, in whatever order they come: what is known is what the later of them said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kube.scripted import thing
from assent.adapters.kube.shelf import Shelf
from assent.adapters.kube.taken import Taken, identities


def shelf(at, *items):
    """A watch that has told of these and come to this version."""
    return Shelf({("acme", one["metadata"]["name"]): one for one in items}, str(at))


class Known:
    """What somebody knows who takes in all news."""

    def __init__(self):
        self.taken, self.there = Taken(), {}

    def take(self, news):
        for (_, name), item in (news or {}).items():
            if item is None:
                del self.there[name]
            else:
                self.there[name] = int(item["metadata"]["resourceVersion"])
        return self

    def watched(self, *told):
        return self.take(self.taken.watched(shelf(*told)))

    def listed(self, at, *items):
        return self.take(self.taken.listed(items, at, self.taken.moves))


ANN, BOB, NEW = thing("ann", 1), thing("bob", 2), thing("ann", 25)


@pytest.fixture
def known():
    return Known().watched(20, ANN, BOB)


def test_the_watch_is_followed_by_what_differs(known):
    """Who came, changed and went."""
    assert {"ann": 25, "cat": 26} == known.watched(26, NEW, thing("cat", 26)).there
    assert 2 == len(known.taken)


def test_rule_25_a_watch_behind_a_list_is_not_followed(known):
    """Neither brings it back who went, nor what was before; once it has come as far it counts again."""
    known.listed(30, NEW)
    assert known.taken.watched(shelf(29, ANN, BOB, thing("ghost", 29))) is None
    assert {"ann": 25} == known.there
    assert {"ann": 25, "dan": 31} == known.watched(31, NEW, thing("dan", 31)).there


def test_who_came_and_went_between_two_looks_at_the_watch_is_no_ghost(known):
    """A list saw them, and the watch has told of both when it is looked at again."""
    known.listed(30, ANN, BOB, thing("ghost", 29))

    assert {"ann": 1, "bob": 2} == known.watched(32, ANN, BOB).there


def test_rule_25_a_list_that_says_nothing_new_counts_as_one(known):
    """A watch that is behind it brings back nothing."""
    known.listed(28, ANN)
    assert known.taken.same(identities([ANN]), 30, known.taken.moves)

    assert known.taken.watched(shelf(29, ANN, BOB)) is None
    assert {"ann": 1} == known.there


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([ANN], id="gone"),
        pytest.param([NEW, BOB], id="changed"),
        pytest.param([ANN, BOB, thing("cat", 3)], id="came"),
        pytest.param([{**ANN, "metadata": {**ANN["metadata"], "uid": "another"}}, BOB], id="another-of-the-name"),
    ],
)
def test_a_list_that_says_something_else_is_not_the_same(known, items):
    """Then it is read whole."""
    assert not known.taken.same(identities(items), 30, known.taken.moves)


def test_rule_25_a_list_takes_nothing_back_that_the_watch_told_since_it_was_asked_for(known):
    """Its answer was on its way, and somebody else followed the watch."""
    then = known.taken.moves
    known.watched(31, thing("ann", 31))

    assert {} == known.taken.listed([ANN, BOB], 30, then)
    assert {"ann": 1} == known.take(known.taken.listed([ANN], 32, then)).there


@pytest.mark.parametrize("later", [[thing("ann", 40)], [ANN, BOB]], ids=["another", "as known"])
def test_rule_25_a_list_takes_nothing_back_that_another_list_said_since_it_was_asked_for(known, later):
    """Two threads list, and the answer of the one that asked first comes last."""
    then = known.taken.moves
    if not known.taken.same(identities(later), 40, then):
        known.listed(40, *later)
    there = dict(known.there)

    assert {} == known.taken.listed([thing("ann", 30), BOB], 30, then)
    assert there == known.watched(39, thing("ann", 30), BOB).there


def test_what_was_taken_in_and_came_to_nothing_is_taken_in_anew(known):
    """Whether the watch or a list is looked at next; and who is gone by then is told to be."""
    known.taken.forget()
    assert not known.taken.same(identities([ANN, BOB]), 21, known.taken.moves)
    assert {("acme", "ann"): ANN, ("acme", "bob"): None} == known.taken.listed([ANN], 21, known.taken.moves)
    known.taken.forget()
    assert {("acme", "ann"): ANN} == known.taken.watched(shelf(21, ANN))


def test_a_restored_server_counts_from_before(known):
    """What its list says counts, though the watch had come further."""
    assert {"ann": 1} == known.listed(5, ANN).there


CHANGES = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12)
"""At each version somebody is written, or goes."""


def histories(changes):
    """Who there is at each version, by the version that they are of."""
    past = [{}]
    for at, (name, there) in enumerate(changes, 1):
        past.append({**past[-1], name: at} if there else {one: two for one, two in past[-1].items() if one != name})
    return [[thing(name, version) for name, version in one.items()] for one in past]


@given(CHANGES, st.data())
def test_whatever_comes_first_the_latest_is_known(changes, data):
    """A world that changes at every version, seen by lists, answered late as well, and by a watch that lags."""
    known, watch, newest, late = Known().watched(0), 0, 0, []
    past = histories(changes)
    for now, items in enumerate(past):
        seen = now
        way = data.draw(st.sampled_from(["watch", "list", "ask", "answer"]))
        if way == "watch":
            seen = watch = data.draw(st.integers(watch, now))
            known.watched(watch, *past[watch])
        elif way == "list" and not known.taken.same(identities(items), now, known.taken.moves):
            known.listed(now, *items)
        elif way == "ask":
            seen = 0
            late.append((now, known.taken.moves))
        elif way == "answer":
            seen, then = late.pop(data.draw(st.integers(0, len(late) - 1))) if late else (0, None)
            if then is not None:
                known.take(known.taken.listed(past[seen], seen, then))
        newest = max(newest, seen)

        assert {one["metadata"]["name"]: int(one["metadata"]["resourceVersion"]) for one in past[newest]} == known.there
