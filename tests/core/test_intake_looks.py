"""The same commits come to the same, however often anybody looks."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.evidence import Change
from assent.api.ledger import NewRecord
from builders import ALL, public_key, ref, request, role, user
from core.branch import GIFT, IDLE, asked, history, opened
from core.lives import NOW
from core.papers import PAPERS, ROOT, commit, ident, signer

VIEWER = role("b/idle", {"b": {"automate": "Viewer"}})
UNENTITLED = role("b/idle", {"*": ALL})


def line(who, verb, name, because=" because so"):
    """A line that needs no digest."""
    return (name, f"{verb} as {who}{because}")


@cache
def moves():
    """What may happen on the branch, each as the arguments of a commit."""
    ahead = opened()
    approve = ahead.approval("b/bea", "b/r1")
    r2 = request("b/r2", "vdi", "rita@b")
    keyed = [{"publicKey": public_key("b/ben")}, {"publicKey": public_key("ben2")}]
    return (
        ("b/rita", (asked(),), {}),
        ("b/bea", (asked(),), {}),
        ("b/rita", (asked(reason="x"),), {}),
        ("b/rita", (r2,), {}),
        ("b/rita", (), {"gone": ["Request/b/r1"]}),
        ("b/ada", (), {"gone": ["Request/b/r1"]}),
        ("b/bea", (), {"says": [approve]}),
        ("b/bea", (), {"merges": [(approve[0], approve[1].split()[4])]}),
        ("b/ben", (), {"says": [line("ben@b", "reject", "b/r1")]}),
        ("b/max", (), {"says": [line("max@b", "cancel", "b/r2")]}),
        ("b/rita", (), {"says": [line("rita@b", "withdraw", "b/r2", "")]}),
        ("b/ada", (user("b/bea", "approves", suspended=True),), {}),
        ("b/ada", (user("b/bea", "approves"),), {}),
        ("b/ada", (user("b/ben", "approves", signingKeys=keyed),), {}),
        ("b/ben", (), {"says": [line("ben@b", "reject", "b/r1")], "key": "ben2"}),
        ("b/ada", (VIEWER,), {}),
        ("b/hal", (UNENTITLED,), {}),
        ("b/ada", (), {"adopts": ["AccessRole/b/idle"]}),
        (None, (IDLE,), {}),
        ("b/ada", (), {"gone": ["AccessRole/b/idle"]}),
        (None, (), {"taken": [VIEWER]}),
        (None, (), {"taken": [UNENTITLED]}),
        (None, (), {"taken": [Change(ident("AccessRole/b/idle"), ())]}),
        ("b/ada", (role("b/approves", {"*": {"automate": "Requester"}}),), {}),
    )


@settings(max_examples=60)
@given(st.lists(st.integers(0, 23), min_size=1, max_size=9), st.data())
def test_the_result_does_not_depend_on_how_often_anybody_looks(chosen, data):
    """However commits are divided over looks, with a restart after each, records and all that is known are the same."""
    commits = [commit(by, *said, **more) for by, said, more in (moves()[one] for one in chosen)]
    cuts = data.draw(st.sets(st.integers(1, len(commits)), max_size=4)) | {0, len(commits)}
    at_once, in_parts = history(IDLE).take(*commits), history(IDLE)
    for start, end in zip(sorted(cuts), sorted(cuts)[1:], strict=False):
        in_parts.take(*commits[start:end])

    assert at_once.records == in_parts.records
    assert (at_once.state, at_once.world, at_once.known.forced) == (
        in_parts.state,
        in_parts.world,
        in_parts.known.forced,
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 23), max_size=12))
def test_no_commit_makes_anything_of_nothing(chosen):
    """Whatever comes in, a request is proven by its requester alone, and what stands refused is not in force."""
    found = history(IDLE)
    for by, said, more in (moves()[one] for one in chosen):
        found.take(commit(by, *said, **more))

    assert all(case.proven_by in (None, ref("b/rita")) for case in found.state.cases.values())
    for one, why in found.state.standing.items():
        assert [found.known.forced.get(one)] != list(why.versions)
    assert NOW == found.state.at


def test_a_first_trusted_commit_is_in_force_as_it_stands():
    """A new trust root begins anew: what was refused or changed before is forgotten, and requests are not."""
    found = opened().take(commit("b/hal", GIFT), commit("b/ada", IDLE))
    PAPERS.trees["1" * 40] = PAPERS.trees[ROOT]
    found.note(*(NewRecord("trusted", "1" * 40, {"commit": "1" * 40}) for _ in range(2)))

    assert ({}, {}, {}, "1" * 40) == (found.standing(), found.state.written, found.state.accepted, found.state.root)
    assert ref("b/r1") in found.state.cases


def test_keys_of_this_page_are_each_one_person_s():
    """What these tests sign with are keys of different people."""
    assert len({signer(path) for path in ("b/rita", "b/bea", "b/ada", "b/hal", "ben2")}) == 5
