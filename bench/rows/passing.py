"""One pass of the controller over a branch, a real ledger and many waiting requests: nothing new, or one approval."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assent.adapters.documents import edit, load
from assent.adapters.ledger import Ledger
from assent.adapters.runners import ManualRunner
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.cli import repositories
from assent.core.decide import Door, decide
from assent.core.endings import validated
from assent.core.intake import Intake
from assent.core.state import fold
from assent.reconcile.knowledge import recall
from assent.reconcile.passes import Controller, Moment
from bench.harness import OURS, Figure, Reach, Row, Run, rounds, timed
from bench.repositories import Repository
from bench.tenancy import MODULES, document

A_FILE = 10
"""Requests in one file, so that 50,000 of them stay within what one tree may hold."""

TENTH = "a tenth as many"
LINEAR = Reach(10, at_most=True)
QUIET, APPROVED = "one pass, nothing new", "one pass with one new approval"
APPROVERS = 8
"""People who approve, of whom two are needed: one approval leaves a request waiting."""


class Ground:
    """A repository with a small company, its people's keys, so many requests, and a ledger that knows them all."""

    def __init__(self, folder: Path, size: int, stack: ExitStack) -> None:
        self.size = size
        folder.mkdir()
        self.keys = {name: Ed25519PrivateKey.generate() for name in ("rita", "max")}
        self.repository = Repository(folder / "approvals.git")
        (root,) = self.repository.add([self._company()])
        self.files = dict(self._requests())
        self.repository.add([self.files])
        self.repository.sign(self.keys["rita"])
        self.branch = stack.enter_context(repositories.opened(str(self.repository.folder), "main"))
        self.ledger = stack.enter_context(Ledger.open(folder / "ledger.sqlite", key_file=folder / "key"))
        self.controller = Controller(self.branch, self.ledger, {"manual": ManualRunner()})
        self.began = time.monotonic()
        self.controller.start(self.now(), root)
        self._take_in()
        self.controller.start(self.now())
        waiting = self.step().waiting
        if waiting != size:
            raise ValueError(f"{waiting} requests wait, not {size}")
        self.approved = 0

    def check(self) -> None:
        """Every approval was heard and counts, and no request stopped waiting."""
        cases = self.controller.knowledge.state.cases.values()
        heard = [voice.because for case in cases for voice in case.voices]
        if len(heard) != self.approved or any(heard) or not all(case.open for case in cases):
            raise ValueError(f"of {self.approved} approvals {len(heard)} were heard: {heard}")

    @staticmethod
    def now() -> Moment:
        """One look at both clocks."""
        return Moment(datetime.now(UTC), time.monotonic())

    def step(self) -> Any:  # noqa: ANN401 -- the pass's summary
        """One pass."""
        return self.controller.step(self.now())

    def _take_in(self) -> None:
        """What a first pass records, in two appends: what was seen, and what its digest is."""
        now = datetime.now(UTC)
        known = recall(self.branch, self.ledger, self.controller.look_up)
        intake = Intake(known.state, known.world, known.forced, documents=self.controller.look_up)
        head = self.branch.head()
        for commit in self.branch.commits(known.state.head, head):
            intake.take(commit, now)
        intake.note(NewRecord("head", head, {"commit": head}), now)
        state = fold(self.ledger.append(intake.records, now), known.state)
        decided = (decide(known.world, case, Door(("manual",)), now) for case in state.cases.values())
        self.ledger.append([record for decision in decided for record in validated(decision)], now)

    def approve(self) -> None:
        """A signed commit by which one more request is approved, by one of two."""
        name = f"r{self.approved * 7 % self.size}"
        self.approved += 1
        path = _file(int(name[1:]))
        decision = self.controller.decisions[Ref("acme", name)]
        line = f"approve as max@acme.example for {decision.digest}"
        text = self.files[path].encode()
        at = next(one.index for one in load(text).documents if one.value["metadata"]["name"] == name)  # type: ignore[index]
        self.files[path] = edit.add_annotation(text, at, "approval.assent.dev/max", line).decode()
        self.repository.add([{path: self.files[path]}])
        self.repository.sign(self.keys["max"])

    def _company(self) -> Mapping[str, str]:
        found = {
            f"modules/{path.name}": path.read_text()
            for path in MODULES.glob("*.yaml")
            if "kind: Module" in path.read_text()
        }
        documents = [
            document("Organization", "platform", {"type": "Platform"}),
            document("Organization", "acme", {"type": "Client"}),
            document("AccessRole", "asks", _levels("Requester"), "acme"),
            document("AccessRole", "approves", _levels("Approver"), "acme"),
            document("ApprovalFlow", "two", {"stages": [{"name": "two", "quorum": 2, "approvers": [_LINE]}]}, "acme"),
            document("Microservice", "vdi", _SERVICE, "acme"),
            document("User", "rita", self._user("rita", "asks"), "acme"),
            document("User", "max", self._user("max", "approves"), "acme"),
            *(document("User", f"u{at}", self._user(f"u{at}", "approves"), "acme") for at in range(1, APPROVERS)),
        ]
        return found | {_path(one): edit.dump(one).decode() for one in documents}

    def _user(self, name: str, role: str) -> Mapping[str, Any]:
        key = self.keys.get(name)
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() if key else ""
        keys = {"signingKeys": [{"publicKey": public}]} if public else {}
        return {"username": f"{name}@acme.example", "role": {"name": role}, **keys}

    def _requests(self) -> Iterator[tuple[str, str]]:
        for first in range(0, self.size, A_FILE):
            numbers = range(first, min(first + A_FILE, self.size))
            yield _file(first), "---\n".join(_REQUEST.format(number=number) for number in numbers)


_LINE = {"organizations": ["Requesting"]}
_SERVICE = {
    "displayName": "Prepare a desktop",
    "category": "Operations",
    "visibility": "Private",
    "enabledByDefault": True,
    "approvals": [{"flow": {"name": "two"}}],
    "parameters": {"type": "object", "additionalProperties": False, "properties": {"count": {"type": "integer"}}},
    "run": {"manual": {"instructions": "Prepare it."}},
}
_REQUEST = """\
apiVersion: assent.dev/v1alpha1
kind: Request
metadata: {{name: r{number}, namespace: acme}}
spec:
  microservice: {{name: vdi}}
  requester: rita@acme.example
  parameters: {{count: {number}}}
  reason: For the new people in support
"""


def _levels(automate: str) -> Mapping[str, Any]:
    return {"entries": [{"organization": "*", "levels": {"automate": automate}}]}


def _path(one: Mapping[str, Any]) -> str:
    metadata = one["metadata"]
    return f"{metadata.get('namespace', '')}/{one['kind'].lower()}-{metadata['name']}.yaml".lstrip("/")


def _file(number: int) -> str:
    return f"requests/{number // A_FILE * A_FILE:06d}.yaml"


def measure(run: Run) -> Iterator[Figure]:
    """A pass that finds nothing new; and one that finds one approval, whose commit is made before it is timed.

    A tenth as many requests go side by side with them, so that the ratio says what ten times as many cost.
    """
    with ExitStack() as stack:
        grounds = {}
        for name, size in ((OURS, run.size), (TENTH, max(run.size // 10, 1))):
            run.tell(f"opens {size:,} requests")
            grounds[name] = Ground(run.folder / f"{size}", size, stack)
        quiet = {name: (lambda one=one: _quiet(one)) for name, one in grounds.items()}
        yield Figure(9, QUIET, run.size, "ms", rounds(run, quiet), TENTH, share=True, reach=LINEAR)
        approved = {name: (lambda one=one: _approved(one)) for name, one in grounds.items()}
        yield Figure(9, APPROVED, run.size, "ms", rounds(run, approved), TENTH, share=True, reach=LINEAR)
        for one in grounds.values():
            one.check()
    run.note("every approval was heard and counted, and all requests went on waiting")


def _quiet(ground: Ground) -> float:
    began = time.perf_counter()
    summary = ground.step()
    took = time.perf_counter() - began
    if summary.decided or summary.commits:
        raise ValueError("a pass with nothing new decided something")
    return took * 1000


def _approved(ground: Ground) -> float:
    ground.approve()
    return timed(ground.step) * 1000


ROW = Row(
    9,
    "one pass of Git mode with 5,000 waiting requests: nothing new; one new approval",
    "itself with a tenth of the requests: linear or better",
    measure,
    size=5_000,
    small=60,
    growth=(500, 5_000, 50_000),
    grows=APPROVED,
    plotted=(OURS,),
    over="waiting requests",
    unmeasured=(
        "The first pass that sees the requests, and a start, which reads the whole ledger.",
        "A remote repository, which is fetched before every pass.",
    ),
)
