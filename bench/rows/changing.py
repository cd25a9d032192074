"""From a commit to what it says, checked: beside GitPython, PyYAML's C loader and jsonschema, all of them kept warm."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import git
import jsonschema
import yaml

from assent.api.kinds import MODELS
from assent.api.names import Ident
from assent.cli import repositories
from assent.cli.schema import DRAFT, of_kind
from assent.reconcile.knowledge import documents
from bench.harness import OURS, Figure, Reach, Row, Run, agree, rounds, timed
from bench.repositories import Repository, changes

PEER = "GitPython + CSafeLoader + jsonschema"
CHANGED = 100
WARM = 2
"""Commits that are read before any is measured."""

Found = tuple[frozenset[Ident], int]
"""The documents that a commit changed, and how many of them are wrong."""


class Assent:
    """The branch as a controller keeps it, with what it remembers of the commits before."""

    def __init__(self, branch: repositories.Branch, base: str) -> None:
        self.branch = branch
        self.look_up = documents(branch)
        self.branch.snapshot(base)

    def check(self, base: str, head: str) -> Found:
        """What the commit brought in, each document validated; its signature is looked at as well."""
        seen, wrong = set(), 0
        for commit in self.branch.commits(base, head):
            for change in commit.changes:
                for version in change.after:
                    found, _ = self.look_up(version)
                    seen.add(change.ident)
                    wrong += found is None
        return frozenset(seen), wrong


class Usual:
    """What one writes first, with everything kept that can be: the repository, and a validator of each kind."""

    def __init__(self, folder: Path) -> None:
        self.repository = git.Repo(folder)
        self.valid: Mapping[str, Any] = {
            kind: jsonschema.Draft7Validator({"$schema": DRAFT, **of_kind(kind)}) for kind in MODELS
        }

    def check(self, base: str, head: str) -> Found:
        """What differs between two commits, each document validated."""
        seen, wrong = set(), 0
        difference = self.repository.commit(base).diff(self.repository.commit(head), no_renames=True)
        for one in difference:
            for value in yaml.load_all(one.b_blob.data_stream.read(), yaml.CSafeLoader):
                metadata = value["metadata"]
                seen.add(Ident(value["kind"], metadata.get("namespace", ""), metadata["name"]))
                wrong += not self.valid[value["kind"]].is_valid(value)
        return frozenset(seen), wrong


def measure(run: Run) -> Iterator[Figure]:
    """Every round both read one more commit of a hundred changed files."""
    changed = min(CHANGED, run.size // 4)
    run.tell(f"commits {run.size:,} files, and {changed} changed files so often")
    files, later = changes(run.size, changed, run.rounds + WARM + 1)
    wrong = dict(later[0])
    for path in list(wrong)[:3]:
        wrong[path] = wrong[path].replace("  displayName: ", "  displayNames: ", 1)
    repository = Repository(run.folder / "estate.git")
    base, *commits = repository.add([files, wrong, *later[1:]])
    with repositories.opened(str(repository.folder), "main") as branch:
        ours, usual = Assent(branch, base), Usual(repository.folder)
        pairs = list(zip([base, *commits], commits, strict=False))
        for pair in pairs[:WARM]:
            run.tell("compares what is seen")
            agree("documents changed, and wrong ones", {OURS: ours.check(*pair), PEER: usual.check(*pair)})
        run.note(f"both see the same {changed} documents of a commit, and the same 3 wrong ones of another")
        left = {name: iter(pairs[WARM:]) for name in (OURS, PEER)}
        cases = {
            OURS: lambda: timed(lambda: ours.check(*next(left[OURS]))) * 1000,
            PEER: lambda: timed(lambda: usual.check(*next(left[PEER]))) * 1000,
        }
        values = rounds(run, cases)
    yield Figure(
        2, f"a commit of {changed} changed files, read and checked", run.size, "ms", values, PEER, reach=Reach(4)
    )


ROW = Row(
    2,
    "commit to checked result, 100 of 10,000 files changed",
    "GitPython + CSafeLoader + jsonschema, kept warm",
    measure,
    size=10_000,
    small=400,
    growth=(1_000, 10_000, 40_000),
    grows="a commit of 100 changed files, read and checked",
    over="files",
    unmeasured=(
        "The first look at a repository, which reads all of it.",
        "Judging what the commit may change, and recording it: no peer does either.",
    ),
)
