"""For whom somebody may ask: colleagues, and whomever one may see; of all others nothing is learned."""

import pytest

from assent.core.askable import may_be_for
from assent.core.seeing import Sight
from builders import ref
from core.test_seeing import company


@pytest.mark.parametrize(
    ("who", "username", "expected"),
    [
        ("a/ann", "bea@b", True),
        ("a/ann", "bob@x", True),
        ("b/bob", "bob@b", True),
        ("b/bob", "bob@x", True),
        ("b/bob", "bea@b", True),
        ("b/bob", "ann@a", False),
        ("b/bob", "nobody@b", False),
        ("a/ann", "nobody@b", False),
    ],
)
def test_one_asks_for_whom_one_may_see(who, username, expected):
    """Somebody who sees no users asks for their own organization's people, whose names they know, and no others."""
    assert expected == may_be_for(Sight(company(), ref(who)), username)
