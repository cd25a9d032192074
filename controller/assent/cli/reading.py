"""From documents as they stand to what they declare: each parsed, its problems told with their places."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from assent.adapters.documents import beside, foreign, place_of
from assent.api import problems
from assent.api.findings import Finding, Place
from assent.api.kinds import AnyKind, Problem, identify, parse
from assent.api.names import API_VERSION, Ident
from assent.api.scenarios import Scenario
from assent.core.checks import Fault
from assent.core.checks.fault import some

RULES: dict[str, str] = {
    "declared-twice": "Two documents have one kind, namespace and name, so neither is in force.",
    "document-invalid": "A document does not follow the contract of its kind.",
    "scenario-world-missing": "A scenario names a folder that is not there.",
}
"""What can be wrong with a document by itself."""

Steps = tuple[str | int, ...]
Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a document stands: the file, its number there, its line, and the file's bytes for whoever asks."""

    file: str
    index: int
    line: int
    data: Callable[[], bytes] = field(repr=False, compare=False)

    def place(self, path: Steps = ()) -> Place:
        """The place of a field; of one that is missing, of what it should stand in; none where there is no file."""
        if not self.file:
            return Place()
        return place_of(self.data(), self.file, self.index, path) if path else Place(self.file, self.line, 1)


@dataclass
class Declared:
    """What documents came to: the usable ones by identity, the scenarios, and everything that is wrong."""

    documents: dict[Ident, AnyKind] = field(default_factory=dict)
    scenarios: list[tuple[Scenario, Spot]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    spots: dict[Ident, Spot] = field(default_factory=dict)
    unread: set[Ident] = field(default_factory=set)


class Read(NamedTuple):
    """A document with where it stands, which one it is, and what parsing it came to; nothing yet without identity."""

    value: Value
    spot: Spot
    ident: Ident | None
    document: AnyKind | None = None
    wrong: tuple[Problem, ...] = ()


def parsed(value: Value, spot: Spot, *, loaded: bool = True) -> Read:
    """One document by itself, parsed where it can be told which of the eight kinds it is; see `kinds.parse`."""
    ident = identify(value) if value.get("apiVersion") == API_VERSION else None
    return Read(value, spot, ident, *parse(value, loaded=loaded)) if ident else Read(value, spot, None)


def declared(found: Iterable[Read]) -> Declared:
    """All documents together; of several with one name none is used, in whatever order they were read."""
    result = Declared()
    by_ident: dict[Ident, list[Read]] = {}
    for one in found:
        if one.ident is not None:
            by_ident.setdefault(one.ident, []).append(one)
        else:
            _unnamed(result, one.value, one.spot)
    for ident, here in by_ident.items():
        document = here[0].document
        if document is not None and len(here) == 1:
            result.spots[ident], result.documents[ident] = here[0].spot, document
            continue
        result.unread.add(ident)
        for one in here:
            result.findings.extend(_findings(one.value, one.spot, one.wrong))
        result.spots[ident] = min((one.spot for one in here), key=lambda spot: (spot.file, spot.index))
        if len(here) > 1:
            result.findings.extend(_twice(ident, [one.spot for one in here]))
    return result


def _unnamed(result: Declared, value: Value, spot: Spot) -> None:
    """What is none of the eight kinds, or whose name cannot be told."""
    if out_of_place := foreign(value):
        result.findings.append(replace(out_of_place, place=spot.place(("kind",))))
    elif not beside(value):
        _, wrong = parse(value)
        result.findings.extend(_findings(value, spot, wrong))
    elif value.get("kind") == "Scenario":
        _scenario(result, value, spot)


def _scenario(result: Declared, value: Value, spot: Spot) -> None:
    try:
        result.scenarios.append((Scenario.model_validate(value), spot))
    except ValidationError as refused:
        result.findings.extend(_findings(value, spot, problems.problems(Scenario, refused)))


def _findings(value: Value, spot: Spot, wrong: Iterable[Problem]) -> Iterator[Finding]:
    metadata = value.get("metadata")
    about = metadata if isinstance(metadata, Mapping) else {}
    namespace, name = (text if isinstance(text, str) else "" for text in (about.get("namespace"), about.get("name")))
    for problem in wrong:
        ident = Ident(str(value.get("kind")), namespace, name)
        yield finding("document-invalid", ident, problem, spot.place(problem.path))


def _twice(ident: Ident, spots: list[Spot]) -> Iterator[Finding]:
    """Told at every place, each naming the others."""
    places = sorted(spot.place() for spot in spots)
    for place in places:
        others = some([str(one) for one in places if one != place])
        problem = Problem((), f"{ident} is declared in {others} as well; none of them is used", "keep one")
        yield finding("declared-twice", ident, problem, place)


def finding(rule: str, ident: Ident, problem: Problem | Fault, place: Place) -> Finding:
    """A problem of a document as it is reported: the message begins with the field."""
    where = problems.field(problem.path)
    message = f"{where}: {problem.message}" if where else problem.message
    severity = problem.severity if isinstance(problem, Fault) else "error"
    about = {"kind": ident.kind, "namespace": ident.namespace, "name": ident.name, "path": where}
    return Finding(rule, message, problem.hint, severity, place, **about)
