"""Whether two values are one to JSON."""

from enum import IntEnum

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from assent.api.base import MAX_INTEGER
from assent.api.canonical import canonical, same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (0, -0.0, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ((1, 2), [1, 2], True),
        (1, True, False),
        ("1", 1, False),
        ("e\u0301", "\u00e9", False),
        ({"a": None}, {}, False),
        (float("nan"), float("nan"), False),
        (2**53, 2**53, False),
    ],
)
def test_values_are_one_where_their_canonical_json_is(one, other, expected):
    """What JSON cannot say is the same as nothing, itself included."""
    assert expected == same(one, other) == same(other, one)


TEXT = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["\x00\x1f\x7f", '"\\/\b\f\n\r\t', "\u2028\u2029", "\ud83d", "😀\uffff"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats() | TEXT
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | st.integers(0, 9), inner, max_size=4)
)


class Kind(IntEnum):
    """A number that is no plain one."""

    ONE = 1


def library(value):
    """What the library of RFC 8785 says; None where it refuses."""
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError):
        return None


@given(VALUES)
@example({"😀": 1, "\uffff": 2})
@example({"b": 1, "a": (1, [2, {}]), "A": Kind.ONE})
@example([MAX_INTEGER, -MAX_INTEGER])
@example([MAX_INTEGER + 1])
@example([1e21, 1e-7, -0.0, 5e-324])
@example({"a": "\ud800"})
def test_every_value_has_the_text_that_the_library_gives_it(value):
    """Whichever way it is written; and what the library refuses is refused."""
    try:
        mine = canonical(value)
    except (ValueError, TypeError):
        mine = None

    assert library(value) == mine
