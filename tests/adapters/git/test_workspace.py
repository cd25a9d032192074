"""A person's own work tree: one signed commit of exactly what they mean, or nothing."""

import os
import shutil
import subprocess

import pytest

from adapters.git.building import module
from assent.adapters.git import history, workspace
from assent.adapters.git.objects import Store
from assent.adapters.git.trailers import approve
from assent.api.keys import fingerprint
from assent.api.names import Ref
from assent.errors import NotFoundError, RepositoryError

pytestmark = pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="there is no ssh-keygen here, so Git signs nothing"
)
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A private key without a passphrase, beside its public half."""
    file = tmp_path_factory.mktemp("keys") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me@here", "-f", file], check=True)
    return file


@pytest.fixture
def person(tmp_path, monkeypatch, key):
    """Somebody's own configuration, in a home of their own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    (home / ".gitconfig").write_text(
        f"[user]\n\tname = Maria\n\temail = maria@acme.example\n\tsigningkey = {key}\n[gpg]\n\tformat = ssh\n"
        "[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n"
    )
    return home


@pytest.fixture
def tree(tmp_path, person):
    """A work tree with one file committed."""
    folder = tmp_path / "work"
    folder.mkdir()
    workspace.start(folder)
    (folder / "x.yaml").write_text(module("x"))
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    return folder


def git(folder, *arguments, check=True):
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=check, capture_output=True, text=True)
    return done.stdout.strip()


def state(folder):
    """Everything that a refused write must leave as it was."""
    return git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain", "--untracked-files=all", "--ignored")


def told(folder, base, head):
    with Store(folder / ".git") as store:
        return list(history.commits(store, base, head))


def test_a_signed_commit_of_exactly_these_files(tree, key):
    """New, changed and deleted files are one commit, by one's own key; what else is going on stays as it is."""
    here = workspace.find(tree)
    base = git(tree, "rev-parse", "HEAD")
    (tree / "notes.txt").write_text("mine")
    (tree / "staged.txt").write_text("mine too")
    git(tree, "add", "staged.txt")

    files = {"x.yaml": None, "a/b/y.yaml": module("y").encode(), "-z.yaml": module("z").encode()}
    made = here.commit(files, "Change things", ["Assent-Adopt: Module/y"])

    (commit,) = told(tree, base, made)
    assert (fingerprint((key.with_name("id.pub")).read_text().strip()), "") == (commit.signer, commit.unsigned)
    assert ["x", "y", "z"] == [change.ident.name for change in commit.changes]
    assert ["Module/y"] == [str(ident) for ident in commit.adopts]
    assert {"a/b/y.yaml", "-z.yaml", "x.yaml"} == set(
        git(tree, "diff", "--no-renames", "--name-only", base, made).split()
    )
    assert "A  staged.txt\n?? notes.txt" == git(tree, "status", "--porcelain")


def test_an_empty_commit_takes_nothing_along(tree):
    """A commit for its trailers alone leaves what is staged where it is."""
    here = workspace.find(tree)
    base = git(tree, "rev-parse", "HEAD")
    (tree / "x.yaml").write_text(module("x", 2))
    git(tree, "add", "x.yaml")

    made = here.commit({}, "Approve", [approve(Ref("acme", "vdi"), DIGEST)])

    (commit,) = told(tree, base, made)
    assert ((), 1) == (commit.changes, len(commit.approvals))
    assert "M  x.yaml" == git(tree, "status", "--porcelain")


def unfinished(folder, kind):
    (folder / ".git" / kind).write_text("x")


REFUSED = {
    "a file with changes": (
        lambda tree: (tree / "x.yaml").write_text("mine"),
        {"x.yaml": b"y"},
        "changes that are not",
    ),
    "a file with staged changes": (
        lambda tree: ((tree / "x.yaml").write_text("mine"), git(tree, "add", ".")),
        {"x.yaml": b"y"},
        "changes that are not",
    ),
    "a new file that is there": (
        lambda tree: (tree / "y.yaml").write_text("mine"),
        {"y.yaml": b"y"},
        "changes that are not",
    ),
    "an ignored file that is there": (
        lambda tree: ((tree / ".git/info/exclude").write_text("y.yaml\n"), (tree / "y.yaml").write_text("mine")),
        {"y.yaml": b"y"},
        "changes that are not",
    ),
    "a file that was taken away": (lambda tree: (tree / "x.yaml").unlink(), {"x.yaml": b"y"}, "changes that are not"),
    "nothing to change": (lambda _: None, {"x.yaml": module("x").encode()}, "nothing would change"),
    "a merge under way": (lambda tree: unfinished(tree, "MERGE_HEAD"), {"y.yaml": b"y"}, "under way"),
    "a rebase under way": (lambda tree: unfinished(tree, "rebase-merge"), {"y.yaml": b"y"}, "under way"),
    "a path out of the tree": (lambda _: None, {"../y.yaml": b"y"}, "no path below"),
    "a path from the root": (lambda _: None, {"/y.yaml": b"y"}, "no path below"),
    "a path into .git": (lambda _: None, {".git/hooks/post-commit": b"y"}, "no path below"),
    "a link in the way": (lambda tree: (tree / "d").symlink_to("/etc"), {"d/y.yaml": b"y"}, "symbolic link"),
    "a link in its place": (lambda tree: (tree / "y.yaml").symlink_to("/etc/y"), {"y.yaml": b"y"}, "symbolic link"),
    "a hook that says no": (
        lambda tree: (
            (tree / ".git/hooks").mkdir(exist_ok=True),
            (tree / ".git/hooks/pre-commit").write_text("#!/bin/sh\necho not today >&2\nexit 1\n"),
            (tree / ".git/hooks/pre-commit").chmod(0o755),
        ),
        {"x.yaml": b"y", "d/y.yaml": b"y"},
        "not today",
    ),
}


@pytest.mark.parametrize(("arrange", "files", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_commit_changes_nothing(tree, arrange, files, why):
    """What would sweep in or overwrite other changes is refused, and so is what Git refuses; all is as it was."""
    here = workspace.find(tree)
    arrange(tree)
    before = state(tree)

    with pytest.raises(RepositoryError, match=why):
        here.commit(files, "Change")

    assert before == state(tree)


def test_a_key_that_cannot_sign_leaves_nothing(tree, key, person, tmp_path):
    """Where the private half is missing Git cannot sign, and no commit is left."""
    shutil.copy(key.with_name("id.pub"), tmp_path / "lonely.pub")
    git(tree, "config", "user.signingkey", str(tmp_path / "lonely.pub"))
    here = workspace.find(tree)
    before = state(tree)

    with pytest.raises(RepositoryError, match="git commit failed"):
        here.commit({"y.yaml": b"y"}, "Change")

    assert before == state(tree)


def test_a_signature_by_another_key_is_told(tree, person, tmp_path):
    """A commit that another program signed otherwise than expected is told, with how to undo it."""
    program = tmp_path / "signer"
    program.write_text("#!/bin/sh\nfor last; do :; done\necho nonsense > $last.sig\n")
    program.chmod(0o755)
    git(tree, "config", "gpg.ssh.program", str(program))

    with pytest.raises(RepositoryError, match="proves nothing") as refused:
        workspace.find(tree).commit({"y.yaml": b"y"}, "Change")

    assert "git reset --soft HEAD~1" in refused.value.hint


def branch_with(tree, files):
    git(tree, "checkout", "-q", "-b", "side")
    for name, text in files.items():
        (tree / name).write_text(text)
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "side")
    git(tree, "checkout", "-q", "main")


def test_a_merge_with_a_trailer(tree):
    """A branch is merged by one signed commit that says what it decides."""
    branch_with(tree, {"y.yaml": module("y")})
    base = git(tree, "rev-parse", "HEAD")

    made = workspace.find(tree).merge("side", "Merge side", [approve(Ref("acme", "vdi"), DIGEST)])

    side, merge = told(tree, base, made)
    assert (None, made) == (side.signer, merge.id)
    assert (True, 2, [DIGEST]) == (bool(merge.signer), len(merge.parents), [one.digest for one in merge.approvals])
    assert ([], ["y"]) == (list(merge.changes), [change.ident.name for change in merge.taken])


def test_a_conflict_is_undone(tree):
    """A merge that people must look at leaves nothing behind."""
    branch_with(tree, {"x.yaml": module("x", 2)})
    (tree / "x.yaml").write_text(module("x", 3))
    git(tree, "commit", "-qam", "three")
    before = state(tree)

    with pytest.raises(RepositoryError, match="side cannot be merged"):
        workspace.find(tree).merge("side", "Merge side")

    assert before == state(tree)


def test_merges_that_make_no_sense_are_refused(tree):
    """Nothing to merge, no such branch, an option for a branch, and staged changes."""
    branch_with(tree, {"y.yaml": module("y")})
    here = workspace.find(tree)
    with pytest.raises(RepositoryError, match="merged already"):
        here.merge("main", "Merge")
    with pytest.raises(NotFoundError, match="no commit 'nowhere'"):
        here.merge("nowhere", "Merge")
    with pytest.raises(Exception, match="no revision"):
        here.merge("--output=x", "Merge")
    (tree / "x.yaml").write_text(module("x", 2))
    git(tree, "add", ".")
    with pytest.raises(RepositoryError, match="staged"):
        here.merge("side", "Merge")


def test_pushing(tree, tmp_path):
    """What was committed goes to where the branch is followed; a refused push is told, and the commit stays."""
    git(tree, "init", "-q", "--bare", str(tmp_path / "remote.git"))
    git(tree, "remote", "add", "origin", str(tmp_path / "remote.git"))
    here = workspace.find(tree)

    first = here.commit({"y.yaml": b"y: 1\n"}, "Change", push=True)
    assert first == git(tmp_path / "remote.git", "rev-parse", "main")

    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "other")
    (tmp_path / "other" / "z.yaml").write_text("z: 1\n")
    git(tmp_path / "other", "add", ".")
    git(tmp_path / "other", "commit", "-qm", "theirs")
    git(tmp_path / "other", "push", "-q")
    with pytest.raises(RepositoryError, match="the commit is made, but could not be pushed"):
        here.commit({"y.yaml": b"y: 2\n"}, "Change", push=True)
    assert first == git(tree, "rev-parse", "HEAD~1")


def test_a_first_commit(tmp_path, person):
    """A repository without commits takes its first one."""
    folder = tmp_path / "new"
    folder.mkdir()
    workspace.start(folder)
    made = workspace.find(folder).commit({"x.yaml": b"x: 1\n"}, "Begin")

    assert made == git(folder, "rev-parse", "HEAD")


CONFIGURATIONS = {
    "no format": ("gpg.format", None, "gpg.format is not ssh"),
    "PGP": ("gpg.format", "openpgp", "gpg.format is not ssh"),
    "no key": ("user.signingkey", None, "user.signingkey is not set"),
    "a key that is not there": ("user.signingkey", "/nowhere/id", "cannot be read"),
    "a file that is no key": ("user.signingkey", "HOME/.gitconfig", "cannot be read|is no SSH public key"),
    "text that is no key": ("user.signingkey", "ssh-ed25519 AAAA", "is no SSH public key"),
}


@pytest.mark.parametrize(("name", "value", "why"), CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_who_cannot_sign_is_told_how(tree, person, name, value, why):
    """Nothing is written where Git would not sign with an SSH key, and the remedy is named."""
    if value is None:
        git(tree, "config", "--global", "--unset", name)
    else:
        git(tree, "config", "--global", name, value.replace("HOME", str(person)))

    with pytest.raises(RepositoryError, match=why) as refused:
        workspace.find(tree)

    assert "ssh-keygen -y" in refused.value.hint or refused.value.hint == workspace.HOW_TO_SIGN


def test_every_way_to_name_a_key(tree, key, person):
    """The private or the public file, a path from home, and the key itself, with and without `key::`."""
    line = key.with_name("id.pub").read_text().strip()
    (person / ".ssh").mkdir()
    shutil.copy(key.with_name("id.pub"), person / ".ssh" / "id.pub")
    for value in (str(key), f"{key}.pub", "~/.ssh/id.pub", "~/.ssh/id", line, f"key::{line}"):
        git(tree, "config", "user.signingkey", value)
        assert fingerprint(line) == workspace.find(tree).fingerprint


def test_key_and_address_found_here(tree, key, person):
    """The key that Git is told to sign with, alone: what else lies in the home folder was made for something else."""
    line = key.with_name("id.pub").read_text().strip()
    (person / ".ssh").mkdir()
    (person / ".ssh" / "a.pub").write_text(f"{line} other\n")

    assert ([line], "maria@acme.example") == (workspace.keys_here(tree), workspace.email_here(tree))
    git(tree, "config", "user.signingkey", f"key::{line}")
    assert [line] == workspace.keys_here(tree)
    for value in ("", str(person / "nowhere"), "0123456789ABCDEF"):
        git(tree, "config", "user.signingkey", value)
        assert [] == workspace.keys_here(tree)


def test_no_work_tree(tmp_path, person):
    """Where there is no clone, it is said so; a bare repository is none either."""
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    for folder in (tmp_path, tmp_path / "bare.git"):
        with pytest.raises(NotFoundError, match="no work tree"):
            workspace.find(folder)


def test_surroundings_of_a_hook_do_not_lead_elsewhere(tree, tmp_path, monkeypatch):
    """Within a hook Git's variables name another repository; a person's commit still goes where they are."""
    here = workspace.find(tree)
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))

    made = here.commit({"y.yaml": b"y: 1\n"}, "Change")

    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        del os.environ[name]
    assert made == git(tree, "rev-parse", "HEAD")
