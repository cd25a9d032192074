"""What commands print: results to standard output, everything else to standard error.

Tables are drawn for a terminal, and plain aligned columns for anything else.
Characters that would not be shown as they are (control, bidirectional, invisible) are shown escaped (rule 44).
Rich and YAML are imported where they are used: most calls need neither.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

UNBOUNDED = 10_000
"""Columns that no line of ours reaches."""

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_plain: ContextVar[bool] = ContextVar("plain", default=False)


class Format(StrEnum):
    """What `-o` takes where something is listed."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class Form(StrEnum):
    """What `check -o` takes."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


def be_quiet(value: bool) -> None:  # noqa: FBT001 -- Typer hands a flag's value by position
    """Once asked for, notes are left out until the program ends."""
    if value:
        _quiet.set(True)


def quiet() -> bool:
    """Whether notes, and signs of life, are left out."""
    return _quiet.get()


def be_plain(value: bool) -> None:  # noqa: FBT001 -- the same
    """Once asked for, nothing is coloured until the program ends."""
    if value:
        _plain.set(True)


def terminal() -> bool:
    """Whether results go to a terminal, where people read them."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def colored() -> bool:
    """Whether results may be coloured: on a terminal, without `--no-color` and NO_COLOR (https://no-color.org)."""
    return terminal() and not _plain.get() and not os.environ.get("NO_COLOR")


def safe(text: str) -> str:
    """The text with every character escaped that would not be shown as it is; line feeds and tabs stay."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode() for one in text)


def line(text: str = "", color: str | None = None, **how: bool) -> None:
    """A line of the result, in a colour where there are colours; `how` is of Typer's `style`, such as `bold`."""
    shown = safe(text)
    if (color or how) and colored():
        from typer import style  # noqa: PLC0415 -- loaded already

        shown = style(shown, fg=color, **how)
    sys.stdout.write(shown + "\n")


def note(text: str) -> None:
    """A line beside the result; left out with `--quiet`."""
    if not _quiet.get():
        complain(text)


def complain(text: str) -> None:
    """A line beside the result that is always shown."""
    sys.stdout.flush()  # so that the two streams stand in order where both go to one place
    sys.stderr.write(safe(text) + "\n")


def refuse(message: str, hint: str = "") -> None:
    """Why nothing came of it, and what to do next."""
    complain(f"assent: {message}")
    if hint:
        complain(f"hint: {hint}")


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """That there is no such thing, with the nearest names that there are."""
    meant = meaning(name, known)
    return f"there is no {what} {name!r}" + (f"; {meant}" if meant else "")


def meaning(name: str, known: Iterable[str]) -> str:
    """The nearest names that there are, as a question; empty where none is near."""
    close = [one for one in get_close_matches(name, list(known), n=9) if _same_person(name, one)][:3]
    return f"did you mean {' or '.join(close)}?" if close else ""


def _same_person(name: str, other: str) -> bool:
    """Two mail addresses are alike in what stands before the sign: colleagues share all the rest."""
    (mine, sign, _), (theirs, also, _) = name.partition("@"), other.partition("@")
    return not (sign and also) or bool(get_close_matches(mine, [theirs]))


def data(value: dict[str, object], form: Format) -> None:
    """A result for programs: JSON or YAML, fields in the order they were given in."""
    if form is Format.YAML:
        from assent.adapters.documents import edit  # noqa: PLC0415 -- loaded when it is asked for

        sys.stdout.write(edit.dump(_without_null(json.loads(json.dumps(value)))).decode())  # as plain as JSON
    else:
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _without_null(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """YAML here has no null: what says nothing is left out."""
    if isinstance(value, dict):
        return {name: _without_null(one) for name, one in value.items() if one is not None}
    return [_without_null(one) for one in value] if isinstance(value, list) else value


def listing(items: Sequence[object], columns: Mapping[str, Sequence[str]], form: Format, *, empty: str = "") -> None:
    """Several things: `{"items": […]}` for programs, a table for people.

    Args:
        items: what programs get.
        columns: what people get: a column's cells by its heading.
        form: what `-o` says.
        empty: said instead of a table without rows.
    """
    if form is Format.TABLE:
        table(columns, empty=empty)
    else:
        data({"items": list(items)}, form)


def table(columns: Mapping[str, Sequence[str]], *, empty: str = "") -> None:
    """Rows under headings; `empty` is said instead where there are none."""
    rows = [[safe(cell) for cell in row] for row in zip(*columns.values(), strict=True)]
    if not rows:
        note(empty)
    elif terminal():
        _drawn([*columns], rows)
    else:
        _aligned([heading.upper() for heading in columns], rows)


def _aligned(headings: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _drawn(headings: list[str], rows: list[list[str]]) -> None:
    from rich import box  # noqa: PLC0415 -- loaded when it is asked for
    from rich.table import Table  # noqa: PLC0415 -- the same

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        drawn.add_column(heading.upper(), overflow="fold", no_wrap=heading == "name")
    for row in rows:
        drawn.add_row(*row)
    console().print(drawn)


def interactive() -> bool:
    """Whether a person is there to answer a question."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def compact(value: object) -> str:
    """A value on one line: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def console() -> "Console":
    """Standard output for rich, which prints text as it is, and as wide as it is where no terminal bounds it."""
    from rich.console import Console  # noqa: PLC0415 -- loaded when it is asked for

    width = None if terminal() else UNBOUNDED
    return Console(markup=False, highlight=False, emoji=False, no_color=not colored(), width=width)
