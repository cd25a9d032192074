"""A commit with more YAML than is read stops the controller, and the sentence says how it goes on."""

import pytest

from assent.adapters.git import state
from assent.errors import RepositoryError
from controller import declared

SMALL = 40


@pytest.fixture
def stopped(ground, monkeypatch):
    """A branch that held its ground, one commit that is too large, and one that takes the files out again."""
    before = ground.head()
    assert len(ground.files(before)) < SMALL
    monkeypatch.setattr(state, "TREE_FILES", SMALL)
    files = {f"big/{at}.yaml": "a: 1\n" for at in range(SMALL)}
    ground.commit(None, files=files, message="Too much\n")
    ground.commit(None, files=dict.fromkeys(files), message="Taken out again\n")
    return before


def test_a_tree_that_is_too_large_says_how_to_go_on(ground, stopped):
    """Taking the files out in a later commit does not help by itself: each commit's tree is read."""
    with (
        ground.controller(stopped) as driver,
        pytest.raises(RepositoryError, match="YAML files; at most 40") as refused,
    ):
        driver.step()

    assert (
        "take the commit off the branch; where that cannot be, take the files out, and start with --new-ledger and "
        "--trust-root at a commit after that"
    ) == refused.value.hint


def test_the_branch_goes_on_without_the_commit(ground, stopped):
    """Once the commit is off the branch, the same ledger goes on: nothing is lost, nothing is trusted anew."""
    with ground.controller(stopped) as driver:
        with pytest.raises(RepositoryError):
            driver.step()
        ground.point(stopped)
        ground.commit("juan", declared.request("vdi", "free-disk"))
        driver.rest()

        assert driver.case("vdi").proven_by is not None


def test_a_new_ledger_goes_on_behind_the_commit(ground, stopped, tmp_path):
    """A new ledger that trusts a later commit reads nothing before it."""
    with ground.controller(ground.head(), ledger=tmp_path / "new.sqlite") as driver:
        ground.commit("juan", declared.request("vdi", "free-disk"))
        driver.rest()

        assert driver.case("vdi").proven_by is not None
