"""Whether two values are one to JSON."""

import pytest

from assent.api.canonical import same


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
