"""Who brought in what: a table of commit graphs (rules 38 and 39)."""

import pytest

from adapters.git.building import Key
from adapters.git.graphs import Graph
from assent.adapters.git import history, trees
from assent.adapters.git.objects import Store
from assent.api.evidence import MergeApproval
from assent.api.names import Ident, Ref
from assent.errors import HistoryError

START = {"x": "x=1", "z": "z=1", "w": "w=1"}

CASES = {
    "a change": ([("a", "base", {"x": "x=2"})], {"a": "x=2"}),
    "a new document": ([("a", "base", {"n": "n=1"})], {"a": "n=1"}),
    "a deletion": ([("a", "base", {"x": None})], {"a": "x=-"}),
    "an empty commit": ([("a", "base", {})], {"a": ""}),
    "there and back": ([("a", "base", {"x": "x=2"}), ("b", "a", {"x": "x=1"})], {"a": "x=2", "b": "x=1"}),
    "a move between files": ([("a", "base", {"x": None, "moved": "x=1"})], {"a": ""}),
    "two files become one": ([("a", "base", {"x": "z=1 x=1", "z": None})], {"a": ""}),
    "a move with a change": ([("a", "base", {"x": None, "moved": "x=2"})], {"a": "x=2"}),
    "a document declared twice": ([("a", "base", {"n": "x=1"})], {"a": "x=1,1"}),
    "a second version of a document": (
        [("a", "base", {"n": "x=2"}), ("b", "a", {"x": None})],
        {"a": "x=1,2", "b": "x=2"},
    ),
    "an everyday pull": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("pull", "s m", {"x": "x=2"})],
        {"m": "x=2", "s": "z=2", "pull": "~x=2 ~z=2"},
    ),
    "a merge by somebody else": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("merge", "m s", {"z": "z=2"})],
        {"m": "x=2", "s": "z=2", "merge": "~x=2 ~z=2"},
    ),
    "a merge that was not needed": (
        [("s", "base", {"z": "z=2"}), ("merge", "base s", {"z": "z=2"})],
        {"s": "z=2", "merge": "~z=2"},
    ),
    "a cherry-pick": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"x": "x=2"}), ("merge", "m s", {})],
        {"m": "x=2", "s": "x=2", "merge": ""},
    ),
    "a squash": ([("squash", "base", {"x": "x=2", "z": "z=2"})], {"squash": "x=2 z=2"}),
    "a merge that writes something new": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("merge", "m s", {"x": "x=3", "z": "z=2"})],
        {"m": "x=2", "s": "z=2", "merge": "x=3 ~z=2"},
    ),
    "a merge that adds a document": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("merge", "m s", {"n": "n=1", "z": "z=2"})],
        {"m": "x=2", "s": "z=2", "merge": "n=1 ~x=2 ~z=2"},
    ),
    "a merge that goes back behind a change": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("merge", "m s", {"x": "x=1", "z": "z=2"})],
        {"m": "x=2", "s": "z=2", "merge": "x=1 ~z=2"},
    ),
    "a merge that drops the other side": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": "z=2"}), ("merge", "m s", {})],
        {"m": "x=2", "s": "z=2", "merge": "z=1 ~x=2"},
    ),
    "a merge that loses a new document": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"n": "n=1"}), ("merge", "m s", {})],
        {"m": "x=2", "s": "n=1", "merge": "n=- ~x=2"},
    ),
    "a merge that takes a deletion": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": None}), ("merge", "m s", {"z": None})],
        {"m": "x=2", "s": "z=-", "merge": "~x=2 ~z=-"},
    ),
    "a merge that brings back what was deleted": (
        [("m", "base", {"x": "x=2"}), ("s", "base", {"z": None}), ("merge", "m s", {})],
        {"m": "x=2", "s": "z=-", "merge": "z=1 ~x=2"},
    ),
    "a merge that takes what the other side had and replaced": (
        [
            ("m1", "base", {"x": "x=2"}),
            ("m2", "m1", {"x": "x=3"}),
            ("s", "base", {"x": "x=2"}),
            ("merge", "m2 s", {"x": "x=2"}),
        ],
        {"m1": "x=2", "m2": "x=3", "s": "x=2", "merge": "x=2"},
    ),
    "a merge that takes what replaced it": (
        [("m1", "base", {"x": "x=2"}), ("m2", "m1", {"x": "x=3"}), ("s", "base", {"x": "x=2"}), ("merge", "m2 s", {})],
        {"m1": "x=2", "m2": "x=3", "s": "x=2", "merge": "~x=3"},
    ),
    "a stale branch": (
        [
            ("m1", "base", {"x": "x=2"}),
            ("m2", "m1", {"w": "w=2"}),
            ("s", "base", {"z": "z=2"}),
            ("merge", "m2 s", {"z": "z=2"}),
        ],
        {"m1": "x=2", "m2": "w=2", "s": "z=2", "merge": "~w=2 ~x=2 ~z=2"},
    ),
    "a branch older than the recorded head": (
        [("s", "root", {"z": "z=2"}), ("merge", "base s", {"z": "z=2"})],
        {"s": "z=2", "merge": "~old=2 ~z=2"},
    ),
    "an older branch that goes back behind the recorded head": (
        [("s", "root", {"z": "z=2"}), ("merge", "base s", {"old": "old=1", "z": "z=2"})],
        {"s": "z=2", "merge": "old=1 ~z=2"},
    ),
    "an older branch that picks what the recorded history replaced": (
        [("s", "root", {"old": "old=1b"}), ("merge", "base s", {"old": "old=1b"})],
        {"s": "old=1b", "merge": "old=1b"},
    ),
    "a merge of an ancestor": (
        [("m", "base", {"x": "x=2"}), ("merge", "m base", {"x": "x=1"})],
        {"m": "x=2", "merge": "x=1"},
    ),
    "an octopus": (
        [
            ("s1", "base", {"x": "x=2"}),
            ("s2", "base", {"z": "z=2"}),
            ("s3", "base", {"w": "w=2"}),
            ("merge", "s1 s2 s3", {"z": "z=2", "w": "w=2"}),
        ],
        {"s1": "x=2", "s2": "z=2", "s3": "w=2", "merge": "~w=2 ~x=2 ~z=2"},
    ),
    "an octopus that goes back": (
        [
            ("s1", "base", {"z": "z=2"}),
            ("s2", "base", {"w": "w=2"}),
            ("s3", "base", {"x": "x=2"}),
            ("merge", "s1 s2 s3", {"w": "w=2"}),
        ],
        {"s1": "z=2", "s2": "w=2", "s3": "x=2", "merge": "x=1 ~w=2 ~z=2"},
    ),
    "an octopus with a proper revert among its parents": (
        [
            ("stale", "base", {"z": "z=2"}),
            ("n", "base", {"x": "x=2"}),
            ("revert", "n", {"x": "x=1"}),
            ("merge", "stale revert n", {}),
        ],
        {"stale": "z=2", "n": "x=2", "revert": "x=1", "merge": "~x=1 ~z=2"},
    ),
    "criss-cross": (
        [
            ("a", "base", {"x": "x=2"}),
            ("b", "base", {"z": "z=2"}),
            ("m1", "a b", {"z": "z=2"}),
            ("m2", "b a", {"x": "x=2"}),
            ("c", "m1", {"x": "x=3"}),
            ("d", "m2", {"w": "w=2"}),
            ("merge", "c d", {"w": "w=2"}),
        ],
        {
            "a": "x=2", "b": "z=2", "m1": "~x=2 ~z=2", "m2": "~x=2 ~z=2", "c": "x=3", "d": "w=2",
            "merge": "~w=2 ~x=3",
        },
    ),
    "criss-cross that goes back": (
        [
            ("a", "base", {"x": "x=2"}),
            ("b", "base", {"z": "z=2"}),
            ("m1", "a b", {"z": "z=2"}),
            ("m2", "b a", {"x": "x=2"}),
            ("c", "m1", {"x": "x=3"}),
            ("d", "m2", {"w": "w=2"}),
            ("merge", "c d", {"x": "x=2", "w": "w=2"}),
        ],
        {
            "a": "x=2", "b": "z=2", "m1": "~x=2 ~z=2", "m2": "~x=2 ~z=2", "c": "x=3", "d": "w=2",
            "merge": "x=2 ~w=2",
        },
    ),
    "an unrelated history": (
        [("alien", "", {"q": "q=1"}), ("merge", "base alien", {"q": "q=1"})],
        {"alien": "q=1", "merge": "~old=2 ~q=1 ~w=1 ~x=1 ~z=1"},
    ),
    "an unrelated history that wipes a document": (
        [("alien", "", {"q": "q=1"}), ("merge", "base alien", {"q": "q=1", "x": None})],
        {"alien": "q=1", "merge": "x=- ~old=2 ~q=1 ~w=1 ~z=1"},
    ),
    "a request with an entry": ([("a", "base", {"r": "r=1+maria"})], {"a": "r=1 r+maria"}),
    "an entry": (
        [("a", "base", {"r": "r=1"}), ("b", "a", {"r": "r=1+maria"}), ("c", "b", {"r": "r=1+maria+juan"})],
        {"a": "r=1", "b": "r+maria", "c": "r+juan"},
    ),
    "an entry that is rewritten": (
        [("a", "base", {"r": "r=1+maria"}), ("b", "a", {"r": "r=1+maria:no"})],
        {"a": "r=1 r+maria", "b": "r+maria:no"},
    ),
    "an entry that is taken out and put back": (
        [("a", "base", {"r": "r=1+maria"}), ("b", "a", {"r": "r=1"}), ("c", "b", {"r": "r=1+maria"})],
        {"a": "r=1 r+maria", "b": "", "c": "r+maria"},
    ),
    "a request that moves with its entries": (
        [("a", "base", {"r": "r=1+maria"}), ("b", "a", {"r": None, "done": "r=1+maria"})],
        {"a": "r=1 r+maria", "b": ""},
    ),
    "an entry in an honest merge": (
        [
            ("a", "base", {"r": "r=1"}),
            ("s", "a", {"r": "r=1+maria"}),
            ("m", "a", {"x": "x=2"}),
            ("merge", "m s", {"r": "r=1+maria"}),
        ],
        {"a": "r=1", "s": "r+maria", "m": "x=2", "merge": "~x=2"},
    ),
    "entries of two people in a merge": (
        [
            ("a", "base", {"r": "r=1"}),
            ("s", "a", {"r": "r=1+maria"}),
            ("m", "a", {"r": "r=1+juan"}),
            ("merge", "m s", {"r": "r=1+juan+maria"}),
        ],
        {"a": "r=1", "s": "r+maria", "m": "r+juan", "merge": ""},
    ),
    "the same entry from two sides": (
        [
            ("a", "base", {"r": "r=1"}),
            ("s", "a", {"r": "r=1+maria"}),
            ("m", "a", {"r": "r=1+maria"}),
            ("merge", "m s", {}),
        ],
        {"a": "r=1", "s": "r+maria", "m": "r+maria", "merge": ""},
    ),
    "a merge that brings back an entry": (
        [
            ("a", "base", {"r": "r=1+maria"}),
            ("s", "a", {"z": "z=2"}),
            ("m", "a", {"r": "r=1"}),
            ("merge", "m s", {"r": "r=1+maria", "z": "z=2"}),
        ],
        {"a": "r=1 r+maria", "s": "z=2", "m": "", "merge": "r+maria ~z=2"},
    ),
    "a merge that writes an entry": (
        [
            ("a", "base", {"r": "r=1"}),
            ("s", "a", {"z": "z=2"}),
            ("m", "a", {"x": "x=2"}),
            ("merge", "m s", {"r": "r=1+maria", "z": "z=2"}),
        ],
        {"a": "r=1", "s": "z=2", "m": "x=2", "merge": "r+maria ~x=2 ~z=2"},
    ),
    "a file that cannot be read": (
        [("a", "base", {"x": "!"}), ("b", "a", {"z": "z=2"}), ("c", "b", {"x": "x=2"})],
        {"a": "", "b": "z=2", "c": "x=2"},
    ),
    "a file that cannot be read, put right as it was": (
        [("a", "base", {"x": "!"}), ("b", "a", {"x": "x=1"})],
        {"a": "", "b": ""},
    ),
    "a file that cannot be read, deleted": (
        [("a", "base", {"x": "!"}), ("b", "a", {"x": None})],
        {"a": "", "b": "x=-"},
    ),
    "a new file that cannot be read": ([("a", "base", {"n": "!"}), ("b", "a", {"n": "n=1"})], {"a": "", "b": "n=1"}),
    "a pull of a file that cannot be read": (
        [
            ("m1", "base", {"x": "x=2"}),
            ("m2", "m1", {"x": "!"}),
            ("s", "base", {"z": "z=2"}),
            ("pull", "s m2", {"x": "!"}),
        ],
        {"m1": "x=2", "m2": "", "s": "z=2", "pull": "~x=2 ~z=2"},
    ),
    "two sides that cannot be read": (
        [("m1", "base", {"x": "x=2"}), ("m2", "m1", {"x": "!"}), ("s", "base", {"x": "!"}), ("merge", "m2 s", {})],
        {"m1": "x=2", "m2": "", "s": "", "merge": "~x=2"},
    ),
}  # fmt: skip

DATES = {"in order": lambda at: at, "backwards": lambda at: 10**9 - at, "all alike": lambda at: 7}


def built(folder, commits, date=DATES["in order"]):
    """The graph behind a case: a root, what was recorded since, and the case's own commits."""
    graph = Graph(folder)
    graph.commit("root", "", START | {"old": "old=1"}, at=date(1))
    graph.commit("once", "root", {"old": "old=1b"}, at=date(2))
    graph.commit("base", "once", {"old": "old=2"}, at=date(3))
    for at, (label, parents, change) in enumerate(commits, 4):
        graph.commit(label, parents, change, at=date(at))
    return graph


@pytest.mark.parametrize("date", DATES.values(), ids=DATES.keys())
@pytest.mark.parametrize(("commits", "expected"), CASES.values(), ids=CASES.keys())
def test_rule_38_the_signer_is_the_one_who_brought_it_in(tmp_path, commits, expected, date):
    """Rule 38: every document and entry is laid at the commit that brought it in, whatever dates commits claim."""
    graph = built(tmp_path / "r", commits, date)

    assert expected == graph.told("base", commits[-1][0])


@pytest.mark.parametrize(("commits", "expected"), CASES.values(), ids=CASES.keys())
def test_it_does_not_matter_how_often_is_looked(tmp_path, commits, expected):
    """From every commit on the way that descends from the first, the rest of the walk says the same."""
    graph = built(tmp_path / "r", commits)
    head = commits[-1][0]
    for label in expected:
        try:
            rest = graph.told(label, head)
        except HistoryError:
            continue
        told = {commit: words for commit, words in rest.items() if commit in expected}
        assert {commit: expected[commit] for commit in told} == told


def test_parents_come_first_and_the_recorded_line_before_others(tmp_path):
    """Parents before children; at a merge, what descends from the base comes first, then the order of the parents."""
    graph = built(
        tmp_path / "r",
        [
            ("old", "root", {}),
            ("b", "base", {}),
            ("a", "base", {}),
            ("m", "old b a", {}),
        ],
        DATES["backwards"],
    )

    assert ["b", "a", "old", "m"] == [graph.label(commit.id) for commit in graph.walk("base", "m")]


def test_rule_39_a_rewritten_branch_is_refused(tmp_path):
    """Rule 39: a head that does not descend from the recorded commit stops the walk, and both are named."""
    graph = built(tmp_path / "r", [("a", "base", {"x": "x=2"}), ("other", "root", {"x": "x=2"})])

    with pytest.raises(HistoryError) as refused:
        graph.walk("a", "other")

    assert graph.ids["a"] in refused.value.message
    assert graph.ids["other"] in refused.value.message
    assert f"--trust-root {graph.ids['other']}" in refused.value.hint


@pytest.mark.parametrize(("base", "head"), [("a", "base"), ("a", "root")])
def test_rule_39_a_rewound_branch_is_refused(tmp_path, base, head):
    """Rule 39: going back is a rewritten branch as well."""
    graph = built(tmp_path / "r", [("a", "base", {"x": "x=2"})])

    with pytest.raises(HistoryError):
        graph.walk(base, head)


def test_rule_39_a_recorded_commit_that_is_gone_is_refused(tmp_path):
    """Rule 39: a recorded commit that the repository no longer has is a rewritten branch, not a crash."""
    graph = built(tmp_path / "r", [("a", "base", {"x": "x=2"})])
    graph.ids["gone"] = "0123456789" * 4

    with pytest.raises(HistoryError, match="rewritten"):
        graph.walk("gone", "a")


def test_a_foxtrot_is_no_rewritten_branch(tmp_path):
    """A merge whose second parent is the recorded line goes on from it all the same."""
    graph = built(
        tmp_path / "r",
        [("s", "root", {"z": "z=2"}), ("m", "base", {"x": "x=2"}), ("fox", "s m", {"x": "x=2", "old": "old=2"})],
    )

    assert {"m": "x=2", "s": "z=2", "fox": "~old=2 ~x=2 ~z=2"} == graph.told("base", "fox")


def test_nothing_new(tmp_path):
    """A head that was recorded already has nothing to tell."""
    graph = built(tmp_path / "r", [])

    assert [] == graph.walk("base", "base")


def test_rule_38_every_commit_has_its_own_signer(tmp_path):
    """Rule 38: an unsigned commit in the middle stays unsigned; a key that comes in with a push signs what follows."""
    old, new, merger = Key(), Key(), Key()
    graph = Graph(tmp_path / "r")
    graph.commit("base", "", START)
    graph.commit("by-old", "base", {"key": "key=1"}, by=old)
    graph.commit("unsigned", "by-old", {"x": "x=2"})
    graph.commit("by-new", "unsigned", {"z": "z=2"}, by=new)
    graph.commit("side", "base", {"w": "w=2"})
    graph.commit("merge", "by-new side", {"w": "w=2"}, by=merger)

    found = {graph.label(commit.id): (commit.signer, commit.unsigned) for commit in graph.walk("base", "merge")}

    assert {
        "by-old": (old.fingerprint, ""),
        "unsigned": (None, "carries no signature"),
        "by-new": (new.fingerprint, ""),
        "side": (None, "carries no signature"),
        "merge": (merger.fingerprint, ""),
    } == found


def test_trailers_reach_the_commit(tmp_path):
    """An empty commit's trailers are told beside its signer."""
    graph = built(tmp_path / "r", [])
    digest = "ab" * 32
    text = f"Approve\n\nAssent-Approve: acme/vdi {digest}\nAssent-Adopt: Module/x\nassent-adopt: Module/z\n"
    graph.commit("a", "base", {}, message=text)

    (commit,) = graph.walk("base", "a")

    assert (MergeApproval(Ref("acme", "vdi"), digest),) == commit.approvals
    assert (Ident("Module", "", "x"),) == commit.adopts
    assert ["git-trailer-malformed"] == [finding.rule for finding in commit.malformed]


def test_unreadable_files_are_told_once(tmp_path):
    """A file that cannot be read is told of the commit that brought it in, not of those that carry it on."""
    graph = built(
        tmp_path / "r",
        [
            ("a", "base", {"x": "!"}),
            ("b", "a", {"z": "z=2"}),
            ("s", "base", {"w": "w=2"}),
            ("merge", "s b", {"x": "!", "z": "z=2"}),
            ("c", "merge", {"x": "!again"}),
        ],
    )

    found = {graph.label(one.id): [finding.place.file for finding in one.unreadable] for one in graph.walk("base", "c")}

    assert {"a": ["x.yaml"], "b": [], "s": [], "merge": [], "c": ["x.yaml"]} == found


def test_a_sha256_repository_is_read_as_well(tmp_path):
    """Object names of 64 digits, and the signature in its own header."""
    key = Key()
    graph = Graph(tmp_path / "r", "sha256")
    graph.commit("base", "", START)
    graph.commit("a", "base", {"x": "x=2"}, by=key)

    (commit,) = graph.walk("base", "a")

    assert (key.fingerprint, {"a": "x=2"}) == (commit.signer, graph.told("base", "a"))


def test_rule_40_the_base_says_what_is_in_force(tmp_path):
    """Rule 40: policy, flows and keys are read from the base's own tree; nothing in the head can change that."""
    graph = built(tmp_path / "r", [("a", "base", {"x": "x=evil", "z": None, "w": "!", "new": "q=1"})])
    repository = graph.repository
    (repository.folder / "refs/replace").mkdir()
    (repository.folder / "refs/replace" / graph.ids["base"]).write_text(f"{graph.ids['a']}\n")

    with Store(repository.folder) as store:
        before = trees.snapshot(store, graph.ids["base"])
        list(history.commits(store, graph.ids["base"], graph.ids["a"]))
        after = trees.snapshot(store, graph.ids["base"])

    assert ["old", "w", "x", "z"] == [ident.name for ident in before.versions]
    assert (before.versions, ()) == (after.versions, after.findings)


def back_dated(folder):
    """A recorded head behind a line of back-dated commits, and a merge that names a commit from before that line.

    Git's own `head ^base` ends before it has gone down the line, and lists the commit from before it as new.
    """
    graph = Graph(folder)
    graph.commit("x1", "", START, at=10**9)
    graph.commit("old0", "x1", {"x": "x=2"}, at=10)
    for number in range(1, 12):
        graph.commit(f"old{number}", f"old{number - 1}", {}, at=10 - number // 2)
    graph.commit("base", "old11", {}, at=10**9)
    graph.commit("side", "x1", {"z": "z=2"}, at=10**9)
    graph.commit("merge", "base side", {"z": "z=2"}, at=10**9)
    return graph


def test_rule_38_back_dated_commits_bring_nothing_in_twice(tmp_path):
    """Rule 38: what is reachable from the recorded head is never judged again, whatever dates commits claim."""
    graph = back_dated(tmp_path / "r")
    with Store(graph.repository.folder) as store:
        listed = {graph.label(name) for name in store.reachable(graph.ids["merge"], f"^{graph.ids['base']}")}

    assert listed >= {"side", "merge"}
    assert {"side": "z=2", "merge": "~x=2 ~z=2"} == graph.told("base", "merge")
