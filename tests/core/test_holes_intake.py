"""Ways to bring in what nobody entitled has decided, each closed: adopting unseen, writing over another version."""

from dataclasses import replace

import pytest

from assent.api.evidence import Change
from builders import role
from core.branch import FURTHER, IDLE, REFUSED, history
from core.papers import change, commit, named

ROLE = "AccessRole/b/idle"
ADAS = role("b/idle", {"b": {"automate": "Requester"}})
MERGED = role("b/idle", {"b": {"automate": "Requester", "portal": "User"}})


def over(one, *saids):
    """The commit, written over these versions, one a parent; None: the parent has no such document."""
    digests = tuple(tuple(v.digest for v in change(said).after) if said else () for said in saids)
    return replace(one, changes=tuple(replace(some, over=digests) for some in one.changes))


def test_nobody_adopts_what_the_signed_tree_did_not_say():
    """A trailer adopts the version that its signer saw; one that was swapped meanwhile stays refused."""
    found = history(IDLE).take(commit("b/hal", REFUSED))
    blind = replace(commit("b/ada", adopts=[ROLE]), adopted=(Change(named(FURTHER), change(FURTHER).after),))
    found.take(blind)

    assert found.standing()[ROLE] == "AdoptionRequired"


@pytest.mark.parametrize(
    ("parents", "reason"),
    [
        pytest.param([IDLE], None, id="over-what-is-in-force"),
        pytest.param([FURTHER], "WrittenOverAnother", id="over-another-version"),
        pytest.param([None], "WrittenOverAnother", id="over-nothing"),
        pytest.param([FURTHER, IDLE], None, id="a-merge-that-saw-both"),
    ],
)
def test_a_change_is_of_what_is_in_force(parents, reason):
    """Whoever writes over another version than the one in force would undo that unseen, and may not."""
    found = history(IDLE).take(over(commit("b/ada", ADAS), *parents))

    assert found.standing().get(ROLE) == reason


def test_a_stale_branch_undoes_nothing_and_its_signed_merge_puts_it_right():
    """Two people change one role on two branches; who merges them decides, by a signature."""
    found = history(IDLE)
    found.take(over(commit("b/ada", FURTHER), IDLE), over(commit("b/ada", ADAS), IDLE))
    assert found.standing()[ROLE] == "WrittenOverAnother"
    unsigned = history(IDLE)
    unsigned.take(over(commit("b/ada", FURTHER), IDLE), over(commit("b/ada", ADAS), IDLE))
    unsigned.take(over(commit(None, MERGED), FURTHER, ADAS))
    found.take(over(commit("b/ada", MERGED), FURTHER, ADAS))

    assert unsigned.standing()[ROLE] == "AuthorUnproven"
    assert found.standing() == {}
    assert found.said(ROLE) == MERGED.plain()["spec"]
