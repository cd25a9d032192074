"""The store and what it is made of: processes that end, answers that fit, memory that is bounded."""

import os
import sys
import time

import pytest

from adapters.git.building import FILE, Repository, module, request, several
from assent.adapters.git import history, plumbing, trees
from assent.adapters.git.contents import read
from assent.adapters.git.memory import Bounded
from assent.adapters.git.objects import Store
from assent.adapters.git.pipes import Pipe
from assent.adapters.git.rules import RULES
from assent.adapters.git.shelf import Shelf
from assent.api.evidence import Version
from assent.api.findings import Place
from assent.api.names import Ident
from assent.errors import RepositoryError

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
ECHO = [sys.executable, "-c", "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]
FAILING = [sys.executable, "-c", "import sys; print('fatal: \\x1b[2Jno', file=sys.stderr); sys.exit(3)"]


def test_nobody_waits_for_ever():
    """A process that gives no answer is ended, and it is said so."""
    begun = time.monotonic()
    with pytest.raises(RepositoryError, match=r"no answer within 0.2 s"):
        plumbing.run(SLEEPER, seconds=0.2)
    pipe = Pipe(SLEEPER, seconds=0.2)
    with pytest.raises(RepositoryError, match=r"no answer within 0.2 s"):
        pipe.line()

    assert time.monotonic() - begun < 20


def test_questions_and_answers_do_not_block_each_other():
    """More than any pipe holds goes in before anything is read."""
    data = os.urandom(4 << 20)
    pipe = Pipe(ECHO)
    pipe.send(data)
    pipe.finish()

    assert (data[:100], data[100:]) == (pipe.take(100), pipe.rest(8 << 20))


def test_answers_are_bounded():
    """What is larger than expected is refused before it is kept."""
    pipe = Pipe(ECHO)
    pipe.send(bytes(4 << 20))
    pipe.finish()

    with pytest.raises(RepositoryError, match="more than 1 MiB"):
        pipe.rest(1 << 20)


def test_what_git_complains_about_is_shown_safely():
    """A failing process is told with its own words, on one line, without control characters."""
    for attempt in (
        lambda: plumbing.run(FAILING),
        Pipe(FAILING).line,
        lambda: Pipe(FAILING).rest(9),
        Pipe(FAILING).done,
    ):
        with pytest.raises(RepositoryError, match=r"\?\[2Jno"):
            attempt()


def test_a_process_that_says_too_much_is_refused():
    """An answer that nobody asked for is never taken for the next one."""
    pipe = Pipe(ECHO)
    pipe.send(b"more\n")
    pipe.finish()

    with pytest.raises(RepositoryError, match="more than it was asked"):
        pipe.done()


def test_git_that_is_not_installed(monkeypatch):
    """Without Git it is said what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    plumbing.executable.cache_clear()
    try:
        with pytest.raises(RepositoryError, match="not installed"):
            plumbing.executable()
    finally:
        plumbing.executable.cache_clear()


def test_a_shelf_is_a_map_that_never_changes():
    """A changed copy has the changes, and the one that it was made from has not."""
    before = Shelf({number: str(number) for number in range(1000)})
    after = before.changed({1: "one", 2: None, 1000: "new", 5000: None})

    assert {number: str(number) for number in range(1000)} == dict(before.items())
    assert {**dict(before.items()), 1: "one", 1000: "new"}.keys() - {2} == dict(after.items()).keys()
    assert ("one", None, False, True) == (after.get(1), after.get(2), 2 in after, 2 in before)


def test_memos_are_bounded():
    """What was used longest ago is forgotten; what is heavier than all room is kept alone."""
    memo = Bounded(10, len)
    for name in "abc":
        memo.put(name, name * 4)
    memo.get("b")
    memo.put("d", "dddd")

    assert [None, "bbbb", None, "dddd"] == [memo.get(name) for name in "abcd"]
    memo.put("e", "e" * 99)
    assert ("e" * 99, None) == (memo.latest(), memo.get("d"))


@pytest.fixture
def made(tmp_path):
    return Repository(tmp_path / "r.git")


def test_a_snapshot(made):
    """Everything that a tree says: versions by identity, places, values on demand, what was passed over."""
    twice = several(module("a"), module("b"), module("a"))
    head = made.commit(
        {"x.yaml": twice, "d/r.yml": request("r", entries={"ana": "approve"}), "other.yaml": "a: 1\n", "z.txt": "z"}
    )

    with Store(made.folder) as store:
        tree = trees.snapshot(store, head)
        first, second = tree.versions[Ident("Module", "", "a")]
        assert (["Module/a", "Module/b", "Request/acme/r"], 1, ()) == (
            sorted(map(str, tree.versions)),
            tree.skipped,
            tree.findings,
        )
        assert ([0, 2], first.digest) == ([first.index, second.index], second.digest)
        assert [Place("x.yaml", 1), Place("x.yaml", 11)] == [tree.places[one] for one in (first, second)]
        assert "a" == tree.document(second)["metadata"]["name"]
        (version,) = tree.versions[Ident("Request", "acme", "r")]
        store.memory.values = Bounded(1)
        assert {"approval.assent.dev/ana": "approve"} == tree.document(version)["metadata"]["annotations"]


@pytest.mark.parametrize("blob", ["no blob", "0" * 40, "x\n" + "0" * 38])
def test_a_version_of_nothing_is_refused(made, blob):
    """A version that the repository does not hold is refused, and never becomes a question of its own."""
    made.head(made.commit({"x.yaml": module("x")}))
    with Store(made.folder) as store, pytest.raises(RepositoryError):
        store.document(Version("", blob, 0))


def test_the_bytes_of_a_file(made):
    """A file as it stands, and a refusal for what is too large, missing or no name."""
    text, large = made.blob(module("x")), made.blob(bytes(2 << 20))
    with Store(made.folder) as store:
        assert module("x").encode() == store.blob(text)
        for name, why in ((large, "2,097,152 bytes"), ("0" * 40, "missing"), ("HEAD", "no whole object name")):
            with pytest.raises(RepositoryError, match=why):
                store.blob(name)


def test_a_document_is_the_one_of_its_index(made):
    """An index beyond the file's documents is refused."""
    blob = made.blob(module("x"))
    with Store(made.folder) as store, pytest.raises(RepositoryError, match="no document 2"):
        store.document(Version("", blob, 1))


def test_the_store_answers_on_after_a_refusal(made):
    """A question that was refused in the middle of a batch leaves no answers behind for the next."""
    blobs = [made.blob(module(f"m{number}")) for number in range(20)]
    with Store(made.folder) as store:
        with pytest.raises(RepositoryError, match="missing"):
            store.contents([*blobs[:5], "0" * 40, *blobs[5:]])
        assert [f"m{number}" for number in range(20)] == [
            store.contents([blob])[blob].said[0].ident.name for blob in blobs
        ]


def test_a_request_is_told_by_what_never_changes():
    """Labels, annotations and order of fields do not make another version of a request; its spec does."""
    plain = request("r")
    label = plain.replace("metadata:\n", "metadata:\n  labels: {team: it}\n")
    moved = plain.replace("apiVersion: assent.dev/v1alpha1\n", "") + "apiVersion: assent.dev/v1alpha1\n"
    other = request("r", 2)

    same = {
        read("", text.encode())[0].said[0].version.digest for text in (plain, label, moved, request("r", 1, {"a": "b"}))
    }
    assert 1 == len(same)
    assert not same & {
        read("", text.encode())[0].said[0].version.digest for text in (other, request("s"), request("r", namespace="b"))
    }


def test_any_change_of_another_document_is_another_version():
    """Of the other kinds everything counts but how it is written."""
    plain = module("m")
    same = {
        read("", text.encode())[0].said[0].version.digest
        for text in (plain, f"# comment\n{plain}", plain.replace('"m"', "m"))
    }
    label = plain.replace("name: ", "labels: {a: b}, name: ")

    assert 1 == len(same)
    assert read("", label.encode())[0].said[0].version.digest not in same


def test_entries_are_texts_of_requests_alone():
    """An annotation that is no text, or stands on another kind, is no entry."""
    odd = request("r", entries={"ana": "x"}).replace('"x"', "7")
    elsewhere = module("m").replace("name: ", "annotations: {approval.assent.dev/ana: x}, name: ")

    assert [frozenset()] * 2 == [read("", text.encode())[0].said[0].entries for text in (odd, elsewhere)]


def test_namespaces_and_scenarios_are_passed_over_in_a_file_of_ours():
    """What may stand beside our documents is no document of ours, and no problem."""
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: acme}\n"
    scenario = "apiVersion: test.assent.dev/v1alpha1\nkind: Scenario\nmetadata: {name: s}\nspec: {}\n"

    content, values = read("", several(namespace, scenario, module("m")).encode())
    assert (["m"], (), 3, 2) == (
        [one.ident.name for one in content.said], content.findings, len(values), content.said[0].version.index,
    )  # fmt: skip


def test_more_problems_than_are_told(made):
    """A tree of nothing but problems is told with an end."""
    base = made.commit({})
    head = made.commit({f"{number}.yaml": ("120000", made.blob("x")) for number in range(500)}, base)
    with Store(made.folder) as store:
        (commit,) = history.commits(store, base, head)
        tree = trees.snapshot(store, head)

    assert [101, 101] == [len(commit.unreadable), len(tree.findings)]
    assert "git-too-many-problems" in {finding.rule for finding in tree.findings}


def test_every_rule_has_its_meaning(made):
    """Each id that a finding of a tree can carry is in the table."""
    base = made.commit({})
    odd = {
        "a.yaml": "apiVersion: assent.dev/v1alpha1\nkind: Nothing\nmetadata: {name: a}\n",
        "b.yaml": "apiVersion: assent.dev/v1alpha1\nkind: User\nmetadata: {name: a}\n",
        "c.yaml": ("120000", made.blob("x")),
        "d.yaml": ("100755", made.blob("x")),
        "e.yaml": ("160000", base),
        "f.yaml": "x" * (1 << 21),
        "G.yaml": (FILE, made.blob("")),
        "g.yaml": (FILE, made.blob("")),
        ".git/x": "",
        "h\\.yaml": "",
        "t/x.yaml": "",
        "T": ("120000", made.blob("x")),
    }
    head = made.commit(odd, base, message="x\n\nassent-adopt: x\n\nassent-adopt: y\n")
    with Store(made.folder) as store:
        (commit,) = history.commits(store, base, head)
    told = {finding.rule for finding in (*commit.unreadable, *commit.malformed)}

    assert {*RULES, "file-foreign-kind"} - {"git-too-many-problems", "file-without-digest"} == told


def test_a_repository_that_grows_is_read_on(made):
    """A store that is kept sees commits that were made since."""
    base = made.commit({"x.yaml": module("x")})
    with Store(made.folder) as store:
        for number in range(2, 5):
            head = made.commit({"x.yaml": module("x", number)}, base)
            assert [head] == [commit.id for commit in history.commits(store, base, head)]
            base = head
