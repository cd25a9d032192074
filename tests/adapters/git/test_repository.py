"""Opening repositories by path and by URL (rules 36, 37 and 39)."""

import subprocess
from pathlib import Path

import git as _gitpython  # noqa: F401 -- asks Git for its version when it is imported, in whatever surroundings
import pytest

from adapters.git.building import LINK, Repository, module
from adapters.git.serving import serving
from assent.adapters.git import history, repository, trees
from assent.errors import HistoryError, NotFoundError, RepositoryError, UsageError


def git(folder, *arguments):
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def work_tree(tmp_path):
    """A work tree with one commit."""
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "sub").mkdir()
    (folder / "sub" / "x.yaml").write_text(module("x"))
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    return folder


@pytest.fixture
def bare(tmp_path):
    """A bare repository with one commit, and that commit."""
    made = Repository(tmp_path / "bare.git")
    return made, made.head(made.commit({"x.yaml": module("x")}))


def names(where, **options):
    with repository.opened(str(where), **options) as found:
        return [str(ident) for ident in trees.snapshot(found.store, found.head()).versions]


@pytest.mark.parametrize("part", [".", "sub", ".git"])
def test_a_work_tree_is_found_from_within(work_tree, part):
    """The work tree, a folder in it, and its Git folder lead to one repository."""
    assert ["Module/x"] == names(work_tree / part)


def test_a_bare_repository_is_opened_where_it_is_named(bare):
    """A path that a person names may be a bare repository."""
    assert ["Module/x"] == names(bare[0].folder)


def test_rule_36_a_bare_repository_that_nobody_named_is_refused(bare):
    """Rule 36: a folder that looks like a repository is not taken for one because somebody stands in it."""
    for place, named in ((bare[0].folder, False), (bare[0].folder / "refs", True)):
        with pytest.raises(RepositoryError, match="nobody named it"):
            repository.open_path(place, named=named)


def test_what_is_checked_out_in_a_linked_work_tree(work_tree, tmp_path):
    """A linked work tree has a head of its own, and shares objects and ledger place with the first one."""
    git(work_tree, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked" / "y.yaml").write_text(module("y"))
    git(tmp_path / "linked", "add", ".")
    git(tmp_path / "linked", "commit", "-qm", "two")

    assert (["Module/x"], ["Module/x", "Module/y"]) == (names(work_tree), names(tmp_path / "linked"))
    assert {work_tree / ".git"} == {repository.git_dir(str(folder)) for folder in (work_tree, tmp_path / "linked")}


def test_a_folder_without_a_repository_is_refused(tmp_path):
    """Nothing is made up where there is no repository."""
    with pytest.raises(RepositoryError, match="no Git repository"):
        repository.open_path(tmp_path)

    assert [None, None] == [repository.git_dir(str(tmp_path)), repository.git_dir("https://h/x")]


@pytest.mark.parametrize("text", ["gitdir: /etc\n", "nonsense", "gitdir: ../../nowhere\n"])
def test_a_git_file_that_leads_nowhere_is_refused(tmp_path, text):
    """A `.git` file that names no repository makes none."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text(text)

    with pytest.raises(RepositoryError):
        repository.open_path(tmp_path / "tree")


def test_rule_36_surroundings_do_not_bend_what_is_read(work_tree, bare, monkeypatch, tmp_path):
    """Rule 36: no variable of the caller's leads to other objects, names or programs."""
    other = bare[0].folder
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(other))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / "objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "x")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    expected = git_head(work_tree)

    with repository.opened(str(work_tree)) as found:
        assert expected == found.head()
        assert ["Module/x"] == [str(one) for one in trees.snapshot(found.store, expected).versions]
    assert not (tmp_path / "trace").exists()


def git_head(folder):
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_names_of_commits(work_tree):
    """Branches, tags and what people write for commits."""
    git(work_tree, "tag", "-a", "-m", "x", "v1")
    git(work_tree, "commit", "-q", "--allow-empty", "-m", "two")
    head = git(work_tree, "rev-parse", "HEAD")
    first = git(work_tree, "rev-parse", "HEAD~1")

    with repository.opened(str(work_tree)) as found:
        assert [head, head] == [found.head(), found.head("main")]
        assert [first] * 4 == [found.resolve(name) for name in ("v1", "HEAD~1", first[:10], "main@{1}")]
        for name in ("nowhere", "HEAD~9", "0" * 40):
            with pytest.raises((NotFoundError, RepositoryError)):
                found.resolve(name)
        with pytest.raises(NotFoundError, match="no branch nowhere"):
            found.head("nowhere")
        with pytest.raises(UsageError):
            found.head("--output=x")


def test_an_empty_repository_has_no_head(tmp_path):
    """Before the first commit there is nothing to read, and it is said so."""
    git(tmp_path, "init", "-q")

    with repository.opened(str(tmp_path)) as found, pytest.raises(NotFoundError, match="no commit yet"):
        found.head()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of everything below a folder, trusted by the operator's own list of certificates."""
    root = tmp_path / "served"
    root.mkdir()
    with serving(root, tmp_path) as (address, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        yield root, address


def test_a_mirror_of_one_branch(server, tmp_path):
    """Of a URL one branch is fetched, over and over into the same place; nothing else of the remote is."""
    root, address = server
    made = Repository(root / "r.git")
    one = made.head(made.commit({"x.yaml": module("x")}))
    made.head(made.commit({"y.yaml": module("y")}), "other")
    (made.folder / "refs/replace").mkdir()
    (made.folder / f"refs/replace/{made.blob(module('x'))}").write_text(made.blob(module("evil")) + "\n")
    (made.folder / "refs/tags").mkdir()
    (made.folder / "refs/tags/v1").write_text(f"{one}\n")

    for branch in (None, "main"):
        with repository.opened(f"{address}/r.git", branch, cache=tmp_path / "cache") as found:
            assert (one, "main") == (found.head(), found.branch)
            refs = git(found.located.git_dir, "for-each-ref", "--format=%(refname)")
            assert "refs/heads/main" == refs
            two = made.head(made.commit({"x.yaml": module("x", 2)}, one, at=len(branch or "")))
            assert two == found.head()
            assert [two] == [commit.id for commit in history.commits(found.store, one, two)]
        made.head(one)
    assert 1 == len(list((tmp_path / "cache").iterdir()))


def test_rule_39_a_rewritten_remote_branch_is_seen(server, tmp_path):
    """Rule 39: after a force-push the mirror follows, so that the walk can refuse and name both heads."""
    root, address = server
    made = Repository(root / "r.git")
    first = made.commit({"x.yaml": module("x")})
    recorded = made.head(made.commit({"x.yaml": module("x", 2)}, first))
    with repository.opened(f"{address}/r.git", cache=tmp_path / "cache") as found:
        assert recorded == found.head()
        forced = made.head(made.commit({"x.yaml": module("x", 3)}, first))
        head = found.head()
        with pytest.raises(HistoryError, match=f"{forced} does not descend from the recorded commit {recorded}"):
            history.commits(found.store, recorded, head)


def test_rule_37_a_redirect_is_not_followed(server, tmp_path):
    """Rule 37: the URL that was named is the one that is read."""
    root, address = server
    made = Repository(root / "r.git")
    made.head(made.commit({"x.yaml": module("x")}))

    with pytest.raises(RepositoryError, match=r"redirect|302"):
        repository.open_url(f"{address}/moved/r.git", tmp_path / "cache", "main")


def test_rule_36_a_hostile_remote_is_refused_when_it_is_fetched(server, tmp_path):
    """Rule 36: objects that Git itself would not write do not come into the mirror."""
    root, address = server
    made = Repository(root / "r.git")
    inner = made.raw_tree(("100644", "config", made.blob("[core]\n")))
    made.head(made.commit({}, tree=made.raw_tree(("40000", ".git", inner), (LINK, "a", made.blob("x")))))

    with pytest.raises(RepositoryError, match="hasDotgit"):
        repository.open_url(f"{address}/r.git", tmp_path / "cache", "main")


def test_a_branch_that_is_not_there_is_told(server, tmp_path):
    """The refusal names URL and branch."""
    root, address = server
    Repository(root / "r.git")

    with pytest.raises(RepositoryError, match=rf"the branch nowhere of {address}/r.git cannot be fetched"):
        repository.open_url(f"{address}/r.git", tmp_path / "cache", "nowhere")
    with pytest.raises(NotFoundError, match="does not say"):
        repository.open_url(f"{address}/r.git", tmp_path / "cache")


def test_an_unknown_certificate_is_refused(server, tmp_path, monkeypatch):
    """Nothing is read from a server that nobody vouches for."""
    root, address = server
    monkeypatch.delenv("SSL_CERT_FILE")
    Repository(root / "r.git")

    with pytest.raises(RepositoryError, match=r"(?i)certificate"):
        repository.open_url(f"{address}/r.git", tmp_path / "cache", "main")


def test_a_mirror_over_ssh(bare, tmp_path, monkeypatch):
    """The ssh of the person's path is asked for the one command that fetching needs, and for no password."""
    (tmp_path / "bin").mkdir()
    ssh = tmp_path / "bin" / "ssh"
    ssh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\nfor last; do :; done\neval "exec $last"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{Path('/usr/bin')}:/bin")
    made, head = bare

    with repository.opened(f"git@host.example:{made.folder}", "main", cache=tmp_path / "cache") as found:
        assert head == found.head()
    asked = (tmp_path / "asked").read_text()
    assert "BatchMode=yes" in asked
    assert f"git-upload-pack '{made.folder}'" in asked


def test_a_path_is_taken_as_one_before_a_url(work_tree, monkeypatch):
    """A folder that is there is read as it lies there, whatever its name looks like."""
    monkeypatch.chdir(work_tree.parent)
    work_tree.rename(work_tree.parent / "git@host:x")

    assert ["Module/x"] == names("git@host:x")
