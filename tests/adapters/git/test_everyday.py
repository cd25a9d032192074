"""An everyday of two people with Git itself: real pulls, merges, picks and reverts, signed by Git."""

import os
import shutil
import subprocess

import pytest

from adapters.git.building import module, request
from assent.adapters.git import history, repository
from assent.api.keys import fingerprint

pytestmark = pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="there is no ssh-keygen here, so Git signs nothing"
)


class Person:
    """Somebody with a clone and a key."""

    def __init__(self, name, root):
        self.name, self.tree, self.key = name, root / name, root / f"{name}.key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        subprocess.run(["git", "clone", "-q", root / "shared.git", self.tree], check=True, capture_output=True)
        self.fingerprint = fingerprint((root / f"{name}.key.pub").read_text().strip())

    def git(self, *arguments):
        who = ["-c", f"user.name={self.name}", "-c", f"user.email={self.name}@acme.example"]
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={self.key}", "-c", "commit.gpgsign=true"]
        done = subprocess.run(
            ["git", "-C", self.tree, *who, *signing, "-c", "pull.rebase=false", *arguments],
            env=os.environ | {"GIT_EDITOR": "true"}, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def save(self, message, **files):
        for name, text in files.items():
            path = self.tree / f"{name}.yaml"
            path.write_text(text) if text is not None else path.unlink()
        self.git("add", "--all")
        self.git("commit", "-qm", message)


def test_rule_38_an_everyday_with_git(tmp_path):
    """Rule 38: after pulls, a squash, a pick, a revert and a move, everybody answers for what they wrote."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", tmp_path / "shared.git"], check=True)
    ana, leo = Person("ana", tmp_path), Person("leo", tmp_path)
    ana.git("checkout", "-q", "-b", "main")
    ana.save("begin", x=module("x"), w=module("w"), r=request("r"))
    ana.git("push", "-q", "-u", "origin", "main")
    base = ana.git("rev-parse", "HEAD")
    leo.git("pull", "-q")

    leo.save("leo's approval", r=request("r", entries={"leo": "approve"}))
    ana.save("ana's change", x=module("x", 2))
    ana.git("push", "-q")
    leo.git("pull", "-q", "--no-edit")
    leo.git("push", "-q")
    ana.git("checkout", "-q", "-b", "side", base)
    ana.save("a side", s=module("s"))
    ana.save("on the side", s=module("s", 2))
    ana.git("checkout", "-q", "main")
    ana.git("pull", "-q", "--no-edit")
    ana.git("merge", "-q", "--squash", "side")
    ana.git("commit", "-qm", "squashed")
    ana.git("push", "-q")
    leo.git("checkout", "-q", "-b", "picked", base)
    leo.git("fetch", "-q")
    leo.git("cherry-pick", "origin/main")
    leo.git("checkout", "-q", "main")
    leo.git("pull", "-q", "--no-edit")
    leo.git("merge", "-q", "--no-ff", "--no-edit", "picked")
    (leo.tree / "folder").mkdir()
    leo.git("mv", "w.yaml", "folder/w.yaml")
    leo.git("commit", "-qm", "a move")
    leo.git("revert", "--no-edit", ":/ana's change")
    leo.git("push", "-q")

    names = {ana.fingerprint: "ana", leo.fingerprint: "leo"}
    found = []
    with repository.opened(str(tmp_path / "shared.git")) as shared:
        for commit in history.commits(shared.store, base, shared.head()):
            assert commit.unsigned == ""
            found += [(names[commit.signer], str(change.ident)) for change in commit.changes]
            found += [(names[commit.signer], f"{entry.request} {entry.key}") for entry in commit.entries]

    assert [
        ("ana", "Module/s"),
        ("ana", "Module/x"),
        ("leo", "Module/s"),
        ("leo", "Module/x"),
        ("leo", "acme/r leo"),
    ] == sorted(found)
