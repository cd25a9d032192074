"""A branch in memory, for tests: documents by version, commits by hand, and what the intake makes of them.

history = History(*company(), offering())
history.take(commit("b/rita", request("b/r1", "vdi", "rita@b")))
history.case("b/r1").proven_by
"""

import hashlib
import json
from dataclasses import replace
from itertools import count

from assent.api.canonical import sha256
from assent.api.decisions import Line
from assent.api.evidence import Change, Commit, Entry, MergeApproval, Version
from assent.api.findings import Finding, Place
from assent.api.keys import fingerprint
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ident
from assent.core.decide import decide
from assent.core.intake import Intake
from assent.core.state import fold
from assent.core.validity import validate
from assent.reconcile.knowledge import documents, restored
from builders import ident, public_key, ref
from core.lives import DOOR, NOW

ROOT = "0" * 40
_numbers = count(1)


class Papers:
    """Documents by version, and the tree of the trust root: what a repository knows, without a repository."""

    def __init__(self):
        self.texts = {}
        self.trees = {}

    def version(self, said):
        """The version of a document, or of any mapping that stands where one should."""
        plain = said if isinstance(said, dict) else said.plain()
        meant = plain["spec"] if plain["kind"] == "Request" else plain
        blob = hashlib.sha1(json.dumps(plain, sort_keys=True).encode()).hexdigest()  # noqa: S324 -- as Git names them
        version = Version(sha256(meant), blob, 0)
        self.texts[version] = plain
        return version

    def document(self, version):
        """The plain values of one version."""
        return self.texts[version]

    def snapshot(self, commit):
        """What the tree of one commit says of each document."""
        return self.trees[commit]


def named(said):
    """Which document this is, of a kind or as a mapping."""
    if isinstance(said, dict):
        where = said["metadata"]
        return Ident(said["kind"], where.get("namespace", ""), where["name"])
    return Ident(said.kind, said.namespace, said.name)


def signer(path):
    """The fingerprint of the key that the user `organization/name` has."""
    return fingerprint(public_key(path))


PAPERS = Papers()
"""All versions of all tests: a version never changes, and neither does what it says."""


def change(said, *others):
    """One document as a commit brings it in; several are one name declared several times."""
    return Change(named(said), tuple(PAPERS.version(one) for one in (said, *others)))


def gone(path):
    """A document that a commit takes away, written like `User/acme/maria`."""
    return Change(ident(path), ())


def commit(by, *said, gone=(), taken=(), adopts=(), says=(), merges=(), twice=(), unreadable=False, key=""):
    """What one commit brings in; `by` is who signs it, or None.

    `says` are pairs of a request's path and the text, `merges` of a request's path and a digest, and `twice` are lists
    of documents of one name. `key` is the seed of another key than the person's own.
    """
    number = next(_numbers)
    changes = [change(one) for one in said]
    changes += [Change(ident(path), ()) for path in gone]
    changes += [change(*several) for several in twice]
    signature = signer(key or by) if by else None
    bad = (Finding("yaml-syntax", "the text cannot be read", place=Place("bad.yaml", 3, 1)),) if unreadable else ()
    return Commit(
        id=f"{number:040x}",
        parents=(f"{number - 1:040x}",),
        signer=signature,
        unsigned="" if signature else "is not signed",
        changes=tuple(sorted(changes, key=lambda one: one.ident)),
        entries=tuple(Entry(ref(path), f"e{at}", text) for at, (path, text) in enumerate(says)),
        taken=tuple(one if isinstance(one, Change) else change(one) for one in taken),
        adopts=tuple(ident(path) for path in adopts),
        approvals=tuple(MergeApproval(ref(path), digest) for path, digest in merges),
        unreadable=bad,
    )


class History:
    """The ledger's records and what is known after them; every taking proves that a restart comes to the same."""

    def __init__(self, *said, now=NOW):
        PAPERS.trees[ROOT] = {named(one): (PAPERS.version(one),) for one in said}
        self.root = PAPERS.trees[ROOT]
        self.tree = dict(self.root)
        self.now = now
        self.records = []
        self.look_up = documents(PAPERS)
        self._write([NewRecord("trusted", ROOT, {"commit": ROOT})])
        self.known = restored(PAPERS, fold(self.records), self.look_up)

    @property
    def state(self):
        return self.known.state

    @property
    def world(self):
        return self.known.world

    def _write(self, records):
        """Appends records, through JSON as a ledger keeps them."""
        for one in records:
            body = json.loads(json.dumps(one.body))
            self.records.append(Record(len(self.records) + 1, self.now, one.kind, one.subject, body))

    def note(self, *records):
        """Records that the controller writes by itself."""
        self._write(records)
        self.known = restored(PAPERS, fold(self.records), self.look_up)
        return self

    def take(self, *commits):
        """One look: all of these commits, and a restart after it."""
        intake = Intake(self.state, self.world, self.known.forced, documents=self.look_up)
        for one in commits:
            intake.take(self.seen(one), self.now)
        self._write(intake.records)
        PAPERS.trees[ROOT] = self.root
        again = restored(PAPERS, fold(self.records), self.look_up)
        assert (again.state, again.world, again.forced) == (intake.state, intake.world, intake.forced)
        self.known = replace(again, unread=self.known.unread)
        return self

    def seen(self, one):
        """The commit with what its own tree says of the documents that it takes over."""
        self.tree |= {change.ident: change.after for change in (*one.changes, *one.taken)}
        adopted = one.adopted or tuple(Change(ident, self.tree.get(ident, ())) for ident in one.adopts)
        return replace(one, adopted=adopted)

    def case(self, path):
        """All that is known of a request; None where it was never seen."""
        return self.state.cases.get(ref(path))

    def decision(self, path, door=DOOR):
        """What a request has come to."""
        return decide(self.world, self.case(path), door, self.now)

    def digest(self, path):
        """The digest that an approval has to name now."""
        return validate(self.world, self.case(path)).valid.digest

    def approval(self, who, path, *, as_=""):
        """The pair of request and line by which somebody approves it now."""
        return path, str(Line("approve", as_ or "{1}@{0}".format(*who.split("/")), self.digest(path)))

    def words(self, path):
        """Why each decision on a request does not count, in their order; empty for one that does."""
        return [voice.because for voice in self.case(path).voices]

    def standing(self):
        """What stands refused, by document, with the word why."""
        return {str(one): why.reason for one, why in self.state.standing.items()}

    def refused(self, path):
        """The word why a request's document does not count; None where nothing is wrong with it."""
        return self.state.refusals.get(ref(path), (None,))[0]

    def said(self, path):
        """What the document in force says in its `spec`; None where there is none."""
        found = self.world.get(ident(path))
        return found.plain()["spec"] if found else None
