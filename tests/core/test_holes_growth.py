"""What one push of somebody who is nobody may cost the ledger."""

import pytest

from assent.core.intake import MOST_UNSIGNED
from builders import request
from core.branch import history
from core.papers import commit

NAMES = [f"b/j{at:03}" for at in range(MOST_UNSIGNED + 2)]
MANY = [request(name, "vdi", "rita@b") for name in NAMES]
BEYOND = NAMES[MOST_UNSIGNED:]


def seen(found):
    """The requests that the ledger knows."""
    return [name for name in NAMES if found.case(name)]


def test_a_commit_of_nobodys_brings_in_a_hundred_requests():
    """Further requests are refused with the way on, one short record each; their names are not used up."""
    found = history().take(commit(None, *MANY))
    records = [one for one in found.records if one.subject in BEYOND]

    assert NAMES[:MOST_UNSIGNED] == seen(found)
    assert ["refused", "refused"] == [one.kind for one in records]
    assert "add it again in a signed commit or in a smaller one" in records[0].body["message"]
    assert ["TooManyUnsigned"] * 2 == [found.refused(name) for name in BEYOND]


@pytest.mark.parametrize("by", ["b/rita", "b/bea"])
def test_a_users_commit_brings_in_any_number(by):
    """Whoever signs is known, and may be asked: there is no such limit."""
    assert NAMES == seen(history().take(commit(by, *MANY)))


def test_each_commit_is_counted_by_itself():
    """Two commits of fewer are taken over."""
    assert NAMES == seen(history().take(commit(None, *MANY[:60]), commit(None, *MANY[60:])))


@pytest.mark.parametrize("by", ["b/rita", None])
def test_what_was_refused_is_brought_in_again(by):
    """A request that was one too many is taken out, and added again by a commit of its own."""
    found = history().take(commit(None, *MANY)).take(commit(None, gone=[f"Request/{BEYOND[0]}"]))
    found.take(commit(by, request(BEYOND[0], "vdi", "rita@b")))

    proven = found.case(BEYOND[0]).proven_by
    assert (None, by) == (found.refused(BEYOND[0]), str(proven) if proven else None)
