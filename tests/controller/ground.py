"""A repository with people who commit to it, programs that leave a trace outside of it, and a controller's ledger."""

import copy
import io
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from adapters.git.building import Key, Repository
from assent.adapters import documents
from assent.adapters.documents import edit
from assent.adapters.ledger import Ledger
from assent.adapters.runners import ManualRunner, ProcessRunner
from assent.cli import repositories
from assent.cli.demos import keys
from assent.cli.demos.world import CONFIG, SIGNER, Home
from assent.reconcile.passes import Controller
from controller import declared
from controller.driver import Driver

PROGRAMS = {
    "note": "",
    "break": "echo it cannot be done; exit 3",
    "slow": 'while [ ! -e "$here/go" ]; do sleep 0.05; done',
    "deadly": '[ -e "$here/deadly" ] && rm "$here/deadly" && kill -9 $PPID; sleep 0.1',
}
"""What each program does once it has left a line in the trace."""

PROGRAM = """#!/bin/sh
here="${{0%/*}}/../.."
printf '%s|%s|%s|%s\\n' "$ASSENT_REQUEST" "$ASSENT_TARGET" "$ASSENT_EXECUTION" "$*" >> "$here/trace"
{rest}
"""


class Ground:
    """Everything in one folder: the repository, the people's homes, the programs and their trace, ledger and key."""

    def __init__(self, root):
        self.root = Path(root)
        self.repository = self.root / "approvals"
        self.programs = self.root / "programs"
        self.trace = self.root / "trace"
        self.log = self.root / "log"
        self.ledger = self.repository / ".git" / "assent" / "ledger.sqlite"
        self.key = self.root / "controller" / "ledger.key"
        self.people = {}
        self.keys = {}
        self.documents = {}
        self.git = None

    def build(self):
        """Lays everything out; the first commit is the platform administrator's."""
        for name, rest in PROGRAMS.items():
            self.program(name, rest)
        for name, (organization, _) in declared.PEOPLE.items():
            self.person(name, f"{name}@{organization}.example")
        self.git = Repository(self.repository / ".git")
        config = self.repository / ".git" / "config"
        config.write_text(config.read_text().replace("bare = true", "bare = false"))
        documents_ = declared.world({name: key.line for name, key in self.keys.items()})
        self.commit("olivia", *documents_, message="Declare the world\n")
        return self

    def program(self, name, rest=""):
        """A program of the platform's that leaves a line in the trace, and then does the rest."""
        path = self.programs / "platform" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROGRAM.format(rest=rest))
        path.chmod(0o755)

    def person(self, name, email):
        """Somebody with a key and a Git configuration of their own."""
        folder = self.root / "people" / name
        folder.mkdir(parents=True)
        signer = self.root / "people" / "sign"
        if not signer.exists():
            signer.write_text(SIGNER.format(python=sys.executable))
            signer.chmod(0o700)
        keys.make(folder, "key")
        self.keys[name] = Key(load_ssh_private_key((folder / "key").read_bytes(), None))
        config = folder / "gitconfig"
        config.write_text(CONFIG.format(name=name, email=email, key=folder / "key.pub", program=signer))
        self.people[name] = Home(name, config)

    # What people write

    def head(self, branch="main"):
        """The newest commit of a branch; empty where there is none."""
        path = self.repository / ".git" / "refs" / "heads" / branch
        return path.read_text().strip() if path.exists() else ""

    def point(self, commit, branch="main"):
        """Moves a branch to a commit, wherever it was before."""
        return self.git.head(commit, branch)

    def files(self, commit):
        """What a commit's tree holds, by path."""
        if commit and commit not in self.git.trees:
            command = ["git", "-C", str(self.repository), "archive", "--format=tar", commit]
            done = subprocess.run(command, env=self.environment(), capture_output=True, check=True)
            with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
                self.git.trees[commit] = {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}
        return self.git.trees.get(commit, {})

    def commit(self, by, *values, files=None, parents=None, message="A change\n", branch="main"):
        """A commit of documents (and files by path; None: gone) on top of a branch, signed by a person or a key."""
        parents = [self.head(branch)] if parents is None else parents
        parents = [one for one in parents if one]
        changed = {declared.path_of(value): edit.dump(value) for value in values} | (files or {})
        tree = {**(self.files(parents[0]) if parents else {}), **changed}
        tree = {path: text for path, text in tree.items() if text is not None}
        key = self.keys[by] if isinstance(by, str) else by  # a name, a key, or None: unsigned
        return self.point(self.git.commit(tree, *parents, by=key, message=message), branch)

    def value(self, path, commit=None):
        """The plain value of a document as the branch has it: `user/acme/juan`, `requests/acme/vdi`."""
        text = self.files(commit or self.head())[f"{path}.yaml"]
        return copy.deepcopy(documents.load(_bytes(text)).documents[0].value)

    def change(self, by, path, **spec):
        """A commit that sets fields of one document's spec."""
        value = self.value(path)
        value["spec"] |= spec
        return self.commit(by, value)

    def decide(self, by, name, line, entry=None, **options):
        """A commit that adds one entry to a request's document."""
        entry = entry or (by if isinstance(by, str) else "somebody")
        changed = self.with_entry(self.head(options.get("branch", "main")), name, entry, line)
        return self.commit(by, files={f"requests/acme/{name}.yaml": changed}, **options)

    def with_entry(self, commit, name, entry, line):
        """A request's file as a commit has it, and one entry more."""
        text = _bytes(self.files(commit)[f"requests/acme/{name}.yaml"])
        return edit.add_annotation(text, 0, f"approval.assent.dev/{entry}", line)

    def merge(self, by, branch, *trailers, files=None, into="main"):
        """A merge of a branch: what either side changed since the first says so; `files` are the merge's own."""
        ours, theirs = self.head(into), self.head(branch)
        tree = {**self.files(theirs), **self.files(ours), **(files or {})}
        message = f"Merge {branch}\n" + "".join(f"\n{trailer}" for trailer in trailers) + "\n" * bool(trailers)
        return self.commit(by, files=tree, parents=[ours, theirs], message=message, branch=into)

    def run_git(self, *arguments, person="olivia", folder=None):
        """A git command as a person."""
        command = ["git", "-C", str(folder or self.repository), *arguments]
        done = subprocess.run(command, env=self.environment(person), capture_output=True, check=True)
        return done.stdout.decode()

    def check_out(self, branch="main"):
        """The work tree as the branch has it, for commands that edit files."""
        self.run_git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        self.run_git("reset", "--hard", "--quiet")

    # What is seen from outside

    def environment(self, person="olivia"):
        """What a command of this person's is started with."""
        return self.people[person].environment()

    def started(self):
        """Every start of a program: (request, target, execution, arguments)."""
        text = self.trace.read_text() if self.trace.exists() else ""
        return [tuple(line.split("|", 3)) for line in text.splitlines()]

    def records(self):
        """The whole ledger, proven."""
        with Ledger.open(self.ledger, key_file=self.key, read_only=True) as ledger:
            ledger.verify()
            return list(ledger.records())

    def runners(self):
        """What this ground's controller runs things by."""
        return {"process": ProcessRunner(self.programs), "manual": ManualRunner()}

    @contextmanager
    def controller(self, trust_root=None, *, ledger=None, runners=None, place=None, wrap=None, **options):
        """A controller in this process, with a clock of the test's own; `wrap` stands between it and its ledger."""
        self.ledger.parent.mkdir(exist_ok=True)
        runners = runners or self.runners()
        with (
            repositories.opened(str(place or self.repository)) as branch,
            Ledger.open(ledger or self.ledger, key_file=self.key) as opened,
        ):
            driver = Driver(Controller(branch, wrap(opened) if wrap else opened, runners, **options))
            driver.start(trust_root)
            yield driver

    def copied(self, to):
        """The same ground somewhere else, without its ledger."""
        shutil.copytree(self.root, to, symlinks=True, ignore=shutil.ignore_patterns("assent", "controller"))
        other = Ground(to)
        other.keys = self.keys
        other.git = Repository.__new__(Repository)
        other.git.folder, other.git.algorithm, other.git.trees = other.repository / ".git", "sha1", dict(self.git.trees)
        for name in self.people:
            config = other.root / "people" / name / "gitconfig"
            config.write_text(config.read_text().replace(str(self.root), str(other.root)))
            other.people[name] = Home(name, config)
        return other


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


@contextmanager
def acting(environment, folder):
    """This process as if somebody else had started it, somewhere else."""
    before, here = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
