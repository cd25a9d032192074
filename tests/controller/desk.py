"""People at their keyboards: commands in a work tree, and a controller that looks at what they did."""

import json

from assent.__main__ import main
from controller import processes
from controller.ground import acting
from controller.processes import Ran


class Desk:
    """One work tree for all, as everybody's clone would be."""

    def __init__(self, ground, capture):
        self.ground = ground
        self.capture = capture
        self.root = ground.head()

    def call(self, person, *arguments, folder=None, key=True):
        """A command of somebody's, in this process."""
        keyed = ["--ledger-key", self.ground.key] if key else []
        self.capture.readouterr()
        with acting(self.ground.environment(person), folder or self.ground.repository):
            code = main([str(one) for one in (*arguments, *keyed)])
        return Ran(code, *self.capture.readouterr())

    def done(self, person, *arguments, **options):
        """A command that must succeed; what it printed."""
        ran = self.call(person, *arguments, **options)
        assert 0 == ran.code, ran
        return ran.out

    def data(self, person, *arguments, **options):
        """The same, as JSON."""
        return json.loads(self.done(person, *arguments, "-o", "json", **options))

    def refused(self, person, *arguments, code=1, **options):
        """A command that must be refused, and leave no commit, no file and no change behind; the sentence and hint."""
        before = self.tree()
        ran = self.call(person, *arguments, **options)
        assert code == ran.code, ran
        assert before == self.tree()
        message, hint = ([text.partition(": ")[2] for text in ran.err.splitlines()[-2:]] + [""])[:2]
        return message, hint

    def tree(self):
        """Head, status and all files of the work tree."""
        files = {
            path: path.read_bytes()
            for path in self.ground.repository.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }
        return self.ground.head(), self.ground.run_git("status", "--porcelain"), files

    def look(self):
        """The controller makes its passes."""
        ran = processes.controller(self.ground, "--trust-root", self.root).wait()
        assert 0 == ran.code, ran
        return ran

    def phase(self, name):
        return self.data("olivia", "get", "request", name, "-n", "acme")["status"]["phase"]

    def last(self):
        """The newest commit: its author's signature as Git sees it, its files, and its message."""
        names = self.ground.run_git("show", "--name-only", "--format=", "-m", "--first-parent", "HEAD").split()
        return names, self.ground.run_git("log", "-1", "--format=%B").strip()
