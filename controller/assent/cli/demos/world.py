"""The demo's throw-away world: a repository with the shipped policies and the people of one example, and an estate."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from assent.adapters import documents
from assent.cli.demos import keys
from assent.shipped import shipped

SIGNER = """#!/bin/sh
exec "{python}" -I -m assent.cli.demos.keys "$@"
"""

CONFIG = """[user]
\tname = {name}
\temail = {email}
\tsigningkey = {key}
[gpg]
\tformat = ssh
[gpg "ssh"]
\tprogram = {program}
[commit]
\tgpgsign = true
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
"""


KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "TMPDIR")
"""What everybody takes from the environment that the demo was started in."""

PANEL = "panel"
"""Whose key the panel commits with: no User's, so its commits prove nothing of people."""


@dataclass(frozen=True)
class Home:
    """One person of the demo: the environment in which their commands run."""

    name: str
    config: Path

    def environment(self) -> dict[str, str]:
        """Nothing of the machine's own Git configuration, all of this person's."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        home = str(self.config.parent)
        return kept | {"GIT_CONFIG_GLOBAL": str(self.config), "GIT_CONFIG_NOSYSTEM": "1", "HOME": home}


@dataclass(frozen=True)
class Ground:
    """Where everything of the demo lies; all of it goes when the demo ends."""

    root: Path
    people: dict[str, Home] = field(default_factory=dict)

    @property
    def repository(self) -> Path:
        """The repository that everybody commits to."""
        return self.root / "approvals"

    @property
    def programs(self) -> Path:
        """The programs that the catalogue names."""
        return self.root / "programs"

    @property
    def ledger(self) -> Path:
        """The controller's ledger."""
        return self.repository / ".git" / "assent" / "ledger.sqlite"

    @property
    def key(self) -> Path:
        """The ledger's key, outside of the repository."""
        return self.root / "controller" / "ledger.key"

    def git(self, person: str, *arguments: str) -> str:
        """One git command as this person, in the repository."""
        command = ["git", "-C", str(self.repository), *arguments]
        done = subprocess.run(command, env=self.people[person].environment(), capture_output=True, check=True)
        return done.stdout.decode()


def build(root: Path) -> Ground:
    """Lays everything out, and commits it as the first trusted commit, signed by the platform's administrator."""
    ground = Ground(root)
    shutil.copytree(shipped("examples") / "programs", ground.programs)
    shutil.copytree(shipped("examples") / "estate", root / "estate")
    _folders(ground)
    for path in sorted((ground.repository / "organizations").rglob("*.yaml")):
        path.write_bytes(_with_keys(ground, path.read_bytes()))
    _person(ground, PANEL, "panel@assent.example")
    git = ["git", "init", "-q", "-b", "main", str(ground.repository)]
    subprocess.run(git, env=ground.people["olivia"].environment(), capture_output=True, check=True)
    ground.git("olivia", "add", ".")
    ground.git("olivia", "commit", "-q", "-S", "-m", "Declare the platform, its partner, the client and their people")
    return ground


def _folders(ground: Ground) -> None:
    ignore = shutil.ignore_patterns("*scenario*", "admission", "README.md")
    shutil.copytree(shipped("policies"), ground.repository / "policies", ignore=ignore)
    shutil.copytree(shipped("examples") / "01-automate", ground.repository / "organizations", ignore=ignore)
    (ground.root / "people").mkdir()
    signer = ground.root / "people" / "sign"
    signer.write_text(SIGNER.format(python=sys.executable), encoding="utf-8")
    signer.chmod(0o700)


def _with_keys(ground: Ground, text: bytes) -> bytes:
    """The file with a key for each of its users, made now; the example writes `username` on a line of its own."""
    for document in documents.load(text).documents:
        metadata, spec = document.value.get("metadata"), document.value.get("spec")
        if document.value.get("kind") == "User" and isinstance(metadata, dict) and isinstance(spec, dict):
            line = f"  username: {spec['username']}\n"
            public = _person(ground, str(metadata["name"]), str(spec["username"]))
            keyed = f'{line}  signingKeys: [{{publicKey: "{public}"}}]\n'
            text = text.replace(line.encode(), keyed.encode(), 1)
    return text


def _person(ground: Ground, name: str, email: str) -> str:
    folder = ground.root / "people" / name
    folder.mkdir()
    public = keys.make(folder, "key")
    config = folder / "gitconfig"
    program = ground.root / "people" / "sign"
    text = CONFIG.format(name=name.capitalize(), email=email, key=folder / "key.pub", program=program)
    config.write_text(text, encoding="utf-8")
    ground.people[name] = Home(name, config)
    return public
