"""A branch, a ledger and a runner in memory: honest answers to what a pass asks of the outside world."""

import json

from assent.api.canonical import canonical
from assent.api.ledger import Record
from assent.api.plans import Outcome
from assent.errors import ConflictError, HistoryError, LedgerError
from core.papers import PAPERS, ROOT, named


class Branch:
    """A straight line of commits over a trust root; `rewritten` is a branch that does not follow the root."""

    def __init__(self, *documents):
        self.tree = {named(one): (PAPERS.version(one),) for one in documents}
        self.line = []
        self.rewritten = False
        self.asked = []

    def add(self, *commits):
        """The branch moves on by these."""
        self.line += commits
        return self

    def head(self):
        """The newest commit of the branch."""
        return self.line[-1].id if self.line else ROOT

    def commits(self, base, head):
        """What every commit since `base` brought in."""
        self.asked.append((base, head))
        names = [ROOT, *(one.id for one in self.line)]
        if self.rewritten or base not in names:
            raise HistoryError(f"the branch does not follow {base}")
        return self.line[names.index(base) : names.index(head)]

    def snapshot(self, commit):
        """What the tree of the trust root says."""
        assert commit == ROOT
        return self.tree

    def document(self, version):
        """The plain values of one version."""
        return PAPERS.document(version)


class Book:
    """A ledger: all of the records of one append or none, each through JSON, and one of a kind and subject if asked.

    `fails` is how many appends are refused from now on; with `late` they take effect all the same.
    """

    def __init__(self):
        self.pages = []
        self.once = set()
        self.fails = 0
        self.late = False
        self.appends = 0

    def append(self, records, at, after=None):
        """Writes the records, or raises and writes none."""
        if after is not None and after != len(self.pages):
            raise ConflictError(f"somebody else wrote: {len(self.pages)} records, {after} were read")
        keys = [(one.kind, one.subject) for one in records if one.once]
        if self.once & set(keys) or len(set(keys)) < len(keys):
            raise ConflictError(f"somebody else wrote {keys[0]} first")
        if self.fails and not self.late:
            self.fails -= 1
            raise LedgerError("the disk took nothing")
        self.once |= set(keys)
        for one in records:
            canonical(one.body)  # a ledger seals nothing else
        new = [
            Record(len(self.pages) + number, at, one.kind, one.subject, json.loads(json.dumps(one.body)))
            for number, one in enumerate(records, start=1)
        ]
        self.pages += new
        self.appends += 1
        if self.fails:
            self.fails -= 1
            raise LedgerError("nobody knows whether the disk took it")
        return new

    def records(self, after=0):
        """Every record behind this number."""
        return iter(self.pages[after:])

    def reach(self):
        """How many records there are."""
        return len(self.pages)

    def of(self, kind):
        """The records of one kind."""
        return [one for one in self.pages if one.kind == kind]


class Hands:
    """A runner that keeps what it was asked to run, and ends as it is told."""

    def __init__(self, outcome="Succeeded"):
        self.outcome = outcome
        self.refuses = None
        self.ran = []

    def check(self, plan):
        """Why this plan cannot be run here."""
        return self.refuses

    def act(self, plan, execution):
        """Runs it: an exception where one is to be raised, else the outcome it was given."""
        self.ran.append((plan.request, execution.id))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return Outcome(self.outcome, "so it ended", 0 if self.outcome == "Succeeded" else 1)
