"""What commands show of a repository: the world in force, and every request with what it has come to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.git import repository
from assent.adapters.git.places import locate
from assent.api.decisions import parse
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ref
from assent.api.requests import ANNOTATION_PREFIX, Request
from assent.cli import ledgers, output, repositories, sources
from assent.cli.repositories import Branch
from assent.cli.sources import Source
from assent.core.cases import Case, Voice
from assent.core.decide import EVERY_RUNNER, Decision, decide
from assent.core.hearing import Heard, Speaker, hear
from assent.core.intake import Documents
from assent.core.notebook import observation, voice_body
from assent.core.state import State, fold
from assent.core.world import World
from assent.errors import NotFoundError, RepositoryError
from assent.reconcile.knowledge import documents, recall


def beyond(places: Sequence[str], file: str = "", *, command: str = "-C") -> str:
    """A hint where nothing was found in a folder that is a part of a repository; empty where it is none.

    `command` is what takes all of the repository, in front of its path.

    Where a ledger is named, or lies in the repository's Git directory, any folder of it means all of it.
    """
    if len(places) != 1 or "://" in places[0] or ledgers.there(places, file):
        return ""
    here = Path(places[0]).resolve()
    try:
        root = locate(here).work_tree if here.is_dir() else None
    except RepositoryError:
        return ""
    return (
        "" if root in (None, here) else f"{here} is a folder of the repository {root}: {command} {root} takes all of it"
    )


@contextmanager
def found_here(places: Sequence[str], file: str = "") -> Iterator[None]:
    """What is not there is told with the hint to look further, where there is further to look."""
    try:
        yield
    except NotFoundError as missing:
        raise NotFoundError(missing.message, beyond(places, file) or missing.hint) from None


@dataclass(frozen=True)
class View:
    """A world and its requests; `proven` is False where nothing but the files' own word stands behind them."""

    world: World
    state: State
    requests: Mapping[Ref, Request]
    proven: bool
    now: datetime

    def decision(self, ref: Ref) -> Decision:
        """What the request has come to; NotFoundError where there is none of this name."""
        case = self.state.cases.get(ref)
        if case is None:
            known = [one.name for one in self.state.cases if one.namespace == ref.namespace]
            raise NotFoundError(output.unknown("request", ref.name, known), f"`assent get requests -n {ref.namespace}`")
        return decide(self.world, case, EVERY_RUNNER, self.now)


def view(places: Sequence[str], file: str = "", key: Path | None = None) -> View:
    """The repository by its ledger; without one its head, or a folder's files, as if every name in them were proven."""
    if ledgers.there(places, file):
        return _recalled(places, file, key)
    output.note(ledgers.NO_LEDGER)
    found = _declared(places)
    return imagined(found.world, found.requests, datetime.now(UTC))


def _declared(places: Sequence[str]) -> Source:
    """What is written: the files there, or the head's where there are no files to look at (bare, or remote)."""
    if len(places) == 1 and ("://" in places[0] or repository.is_bare(places[0])):
        with repositories.opened(places[0]) as branch:
            return sources.read_commit(branch.store, branch.head())
    return sources.read([Path(place) for place in places])


def _recalled(places: Sequence[str], file: str, key: Path | None) -> View:
    with repositories.opened(places[0]) as branch, ledgers.opened(places, file, key, read_only=True) as ledger:
        look_up = documents(branch)
        known = recall(branch, ledger, look_up)
        requests = requested(branch, known.state.head, look_up)
    return View(known.world, known.state, requests, proven=True, now=datetime.now(UTC))


def requested(branch: Branch, commit: str, look_up: Documents) -> dict[Ref, Request]:
    """The requests in the tree of one commit; what cannot be read is left out."""
    found = {}
    for ident, versions in branch.snapshot(commit).items():
        document, _ = look_up(versions[0])
        if isinstance(document, Request):
            found[ident.ref] = document
    return found


def imagined(world: World, requests: Mapping[Ref, Request], now: datetime) -> View:
    """Requests as if their requesters had brought them in, and every line were its own author's."""
    records: list[Record] = []

    def note(record: NewRecord) -> None:
        records.append(Record(len(records) + 1, now, record.kind, record.subject, record.body))

    for ref, request in sorted(requests.items()):
        note(observation(world, ref, request.spec, world.people.named(request.spec.requester), ""))
        case = fold(records[-1:]).cases[ref]
        for entry, text in sorted(request.metadata.annotations.items()):
            if entry.startswith(ANNOTATION_PREFIX):
                note(NewRecord("decided", str(ref), voice_body(_heard(world, case, text, now))))
                case = fold(records[-1:], State(cases={ref: case})).cases[ref]
    return View(world, fold(records), requests, proven=False, now=now)


def _heard(world: World, case: Case, text: str, now: datetime) -> Voice:
    try:
        name = parse(text).username
    except ValueError:
        name = ""
    person = world.people.named(name)
    speaker = Speaker(person, f"name:{name}", "" if person else f"no one user signs in as {name!r}")
    return hear(world, case, Heard(text, "Annotation", ""), speaker, now)
