"""The figures of a run: a table for the terminal, and the same for `docs/reliability.md`."""

import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEADING = "## The panel under load"
MOST, COMMIT = 500, 2000
"""Milliseconds in which 95 of 100 answers of every page are there; and where a signed commit is made first."""


def tell(text):
    """A line on the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def wrong(rows):
    """Errors, and pages that are slow; a run without pages is wrong as well."""
    for row in rows:
        if int(row["Failure Count"]):
            yield f"{row['Failure Count']} of {row['Request Count']} at {row['Name']} failed"
        if row["Name"] != "Aggregated" and int(row["95%"]) > (COMMIT if row["Name"].endswith("/send") else MOST):
            yield f"{row['Name']} took {row['95%']} ms for 95 of 100 answers"
    if len(rows) < 2:
        yield "no page was asked for"


def text(rows, few, many, given):
    """All of it, in Markdown."""
    total = next((row for row in rows if row["Name"] == "Aggregated"), None)
    pages = sorted((row for row in rows if row["Name"] != "Aggregated"), key=lambda row: row["Name"])
    lines = [HEADING, "", *_about(given, total), "", "| Page | Asked | p50 | p95 | Longest | Errors |"]
    lines += ["|---|--:|--:|--:|--:|--:|", *map(_row, pages), *([_row(total)] if total else [])]
    lines += ["", *_about_few(given), "", *_facts(few)]
    lines += ["", f"Then two decisions on each of {given.many} other requests, all at once:", "", *_facts(many)]
    return "\n".join(lines) + "\n"


def _facts(found):
    return ["| What | Figure |", "|---|---|", *(f"| {name} | {figure} |" for name, figure in found.lines())]


def _about(given, total):
    rate = f"{float(total['Requests/s']):.0f} requests a second, " if total else ""
    today = datetime.now(UTC).date()
    yield f"`make load`, on {today}, {os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}):"
    yield (
        f"{given.requests} open requests, {given.users} people and scripts at once for {given.seconds} s, each with a "
        f"second between two pages; {rate}one process of the panel, with controller and load on the same cores. "
        "Sending a new request makes a signed commit."
    )


def _about_few(given):
    yield f"{given.decisions} decisions at once, by twenty people on ten requests, each of them several times."
    yield "What would not count is refused (409), and what the platform may not see before its turn is not there (404)."
    yield "Afterwards the ledger has each one that was written down judged once, and nobody counted twice."


def _row(row):
    name = "all" if row["Name"] == "Aggregated" else f"`{row['Type']} {row['Name'].removeprefix('POST ')}`"
    times = " | ".join(f"{float(row[column]):.0f} ms" for column in ("50%", "95%", "Max Response Time"))
    return f"| {name} | {row['Request Count']} | {times} | {row['Failure Count']} |"


def write(found):
    """Puts the section in the place of the one that is there, or before what is not tried."""
    page = PAGE.read_text(encoding="utf-8")
    section = re.compile(rf"^{re.escape(HEADING)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if section.search(page):
        page = section.sub(lambda _: f"{found}\n", page)
    else:
        before, heading, after = page.partition("## What is not tried here")
        page = f"{before}{found}\n{heading}{after}"
    PAGE.write_text(f"{page.rstrip()}\n", encoding="utf-8")
