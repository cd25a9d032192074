"""A branch judged before it is merged, as the controller will judge it after.

The base is in force and judges; what the branch says of itself does not (rule 40).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from assent.api.conditions import NOT_COUNTED, rule_id
from assent.api.evidence import Version
from assent.api.findings import Finding, Place, Severity
from assent.api.names import Ident, Ref
from assent.cli import ledgers, output, repositories, views
from assent.cli.repositories import Branch
from assent.core.cases import Case
from assent.core.intake import Intake
from assent.core.state import State
from assent.core.validity import validate
from assent.core.world import World
from assent.reconcile.knowledge import Knowledge, documents, recall, restored


def judged(place: str, base: str, file: str = "", key: Path | None = None) -> list[Finding]:
    """What the controller would refuse, or not count, of everything between `base` and what is checked out.

    With a ledger the world in force is the ledger's, and all that it has not seen is judged; without one the world is
    what the base says.
    """
    with repositories.opened(place) as branch:
        head = branch.source.resolve("HEAD")
        start = branch.source.resolve(base)
        known = _from_ledger(branch, place, file, key) if file else _from_base(branch, base, start, head)
        intake = Intake(known.state, known.world, known.forced, documents=documents(branch))
        now = datetime.now(UTC)
        commits = list(branch.commits(known.state.head, head))
        for commit in commits:
            intake.take(commit, now)
        places = branch.tree(head).places
        found = [finding for commit in commits for finding in (*commit.unreadable, *commit.malformed)]
        found += _refused(intake.state, places, branch.snapshot(head))
        new = {ref: case for ref, case in intake.state.cases.items() if case is not known.state.cases.get(ref)}
        return found + list(_requests(intake.world, intake.state, new, places, branch.snapshot(head)))


def _from_ledger(branch: Branch, place: str, file: str, key: Path | None) -> Knowledge:
    with ledgers.opened([place], file, key, read_only=True) as ledger:
        return recall(branch, ledger, documents(branch))


def _from_base(branch: Branch, base: str, named: str, head: str) -> Knowledge:
    """The base's tree as it stands; where the branch does not contain it, the last commit that both contain."""
    output.note(
        f"all of {base} is taken to be in force; what the controller refused of it is not: "
        "name its ledger by --ledger where that is at hand"
    )
    start = branch.store.run("merge-base", named, head).decode().strip()
    if start != named:
        output.note(f"the branch does not contain {base}: it is judged by {start[:12]}, the last commit of both")
    return based(branch, start)


def based(branch: Branch, commit: str) -> Knowledge:
    """What is in force where one commit's tree is trusted as it stands, with its requests as if all were proven."""
    look_up = documents(branch)
    known = restored(branch, State(root=commit, head=commit), look_up)
    requests = views.requested(branch, commit, look_up)
    imagined = views.imagined(known.world, requests, datetime.now(UTC)).state
    return replace(known, state=replace(imagined, root=commit, head=commit))


def _place(ident: Ident, places: Mapping[Version, Place], tree: Mapping[Ident, tuple[Version, ...]]) -> Place:
    versions = tree.get(ident, ())
    return places.get(versions[0], Place()) if versions else Place()


def _refused(state: State, places: Mapping[Version, Place], tree: Mapping[Ident, tuple[Version, ...]]) -> list[Finding]:
    """Changes of configuration that would stand refused, and changes of requests that would."""
    found = []
    for ident, one in sorted(state.standing.items()):
        by = f" (commit {one.commit[:12]}{f', by {one.author}' if one.author else ''})"
        found.append(_finding(one.reason, f"{one.message}{by}", ident, _place(ident, places, tree), one.hint))
    for ref, (reason, message) in sorted(state.refusals.items()):
        ident = Ident("Request", *ref)
        found.append(_finding(reason, message, ident, _place(ident, places, tree)))
    return found


def _requests(
    world: World,
    state: State,
    new: Mapping[Ref, Case],
    places: Mapping[Version, Place],
    tree: Mapping[Ident, tuple[Version, ...]],
) -> Iterator[Finding]:
    """Requests that nobody has proven, and decisions that would not count."""
    for ref, case in sorted(new.items()):
        ident = Ident("Request", *ref)
        where = _place(ident, places, tree)
        verdict = validate(world, case)
        if case.proven_by is None and ref not in state.refusals:
            text = f"no signature of {case.spec.requester}'s brought it in, so it would wait for ever"
            yield _finding("RequesterUnproven", text, ident, where, "its requester signs the commit that adds it")
        elif held := verdict.hold or verdict.invalid:
            hint = "withdraw it, or mend what it names"
            yield _finding(held.reason, f"it would wait: {held.message}", ident, where, hint)
        for voice in case.voices:
            if voice.because and voice.because != "NothingToSettle":
                what = f"{voice.verb or 'a line'} as {voice.username or '?'} would not count"
                text = f"{what}: {voice.message or NOT_COUNTED[voice.because]}"
                yield _finding(voice.because, text, ident, where, severity="warning")


def _finding(
    reason: str, message: str, ident: Ident, place: Place, hint: str = "", *, severity: Severity = "error"
) -> Finding:
    return Finding(
        rule_id(reason), message, hint, severity, place, kind=ident.kind, namespace=ident.namespace, name=ident.name
    )
