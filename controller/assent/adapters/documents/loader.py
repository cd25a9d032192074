"""`load`: the bytes of one file to documents, or to everything that is wrong with them; never an exception."""

from dataclasses import dataclass

from yaml.error import MarkedYAMLError, YAMLError

from assent.adapters.documents.characters import check_sizes, checked
from assent.adapters.documents.reader import read
from assent.adapters.documents.refusals import Refusals, StopReadingError, shown
from assent.api.findings import Finding

_HINTS = {
    "mapping values are not allowed in this context": "quote a value that has ': ' in it, or mend the indentation",
    "could not find expected ':'": "a field is written 'name: value'; quote text that begins with a sign",
    "found character that cannot start any token": "quote a value that begins with '@', '`' or '%'",
    "found unexpected end of stream": "close the quotes or brackets that are open here",
    "found unknown escape character": "within double quotes a backslash is written twice",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document that is not empty: `index` counts these from 0 in the file, `line` is where it begins, from 1."""

    value: dict[str, object]
    index: int
    line: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it was read: where there is any finding there are no documents, since a part may mislead."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


def load(data: bytes, file: str = "") -> Loaded:
    """All documents of a file, or all of its problems in the order of the text (rules 34 and 35).

    After an error of syntax nothing more is seen; every other problem is told beside the others.
    """
    refusals = Refusals(file)
    found: list[tuple[dict[str, object], int]] = []
    try:
        check_sizes(data, refusals)
        found = _read(data, refusals)
    except StopReadingError:
        pass
    findings = refusals.findings()
    if findings:
        return Loaded((), findings)
    return Loaded(tuple(Document(value, index, line) for index, (value, line) in enumerate(found)), ())


def _read(data: bytes, refusals: Refusals) -> list[tuple[dict[str, object], int]]:
    text = checked(data, refusals)
    clean = not len(refusals)
    try:
        return read(text, refusals)
    except StopReadingError:
        raise
    except MarkedYAMLError as error:
        # Where characters or markers were refused, the syntax may be wrong for that reason alone.
        if clean:
            _refuse_syntax(error, refusals)
    except Exception as error:  # noqa: BLE001 -- whatever a parser raises on foreign bytes is a finding, never a crash
        reason = str(error).partition("\n")[0] if isinstance(error, YAMLError) else type(error).__name__
        refusals.add("yaml-syntax", 1, 1, f"the text cannot be read: {shown(reason)}", "write the file anew")
    return []


def _refuse_syntax(error: MarkedYAMLError, refusals: Refusals) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = error.problem or "the text is not YAML"
    context = f" {error.context}" if error.context else ""
    if context and error.context_mark and error.context_mark.line + 1 != line:
        context += f" that begins on line {error.context_mark.line + 1}"
    hint = _HINTS.get(problem, "look at indentation, quotes and brackets here and on the line before")
    refusals.add("yaml-syntax", line, column, f"{problem}{context}", hint)
