"""The findings of `check`, for people, and in the formats that CI systems read."""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from typer import style

from assent import __version__
from assent.adapters.documents import RULES as TEXT_RULES
from assent.adapters.git.rules import RULES as GIT_RULES
from assent.api.conditions import JUDGED
from assent.api.findings import Finding
from assent.api.names import CLUSTER_KINDS
from assent.cli import output
from assent.cli.output import Form
from assent.cli.reading import RULES as DOCUMENT_RULES
from assent.core.checks import RULES as WORLD_RULES

RULES: dict[str, str] = {**JUDGED, **TEXT_RULES, **GIT_RULES, **DOCUMENT_RULES, **WORLD_RULES}
"""Every id that a finding can have, with its meaning."""

COLORS = {"error": "red", "warning": "yellow"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check came to: `documents` and `scenarios` were looked at, `skipped` files passed over."""

    findings: Sequence[Finding]
    documents: int
    skipped: int
    scenarios: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to look at: then that no problem was found says nothing."""
        return not (self.documents or self.scenarios or self.count("error"))

    def count(self, severity: str) -> int:
        """How many findings have this severity."""
        return sum(one.severity == severity for one in self.findings)

    @property
    def summary(self) -> str:
        """One line that says it all."""
        found = [_counted(self.count(severity), severity) for severity in ("error", "warning") if self.count(severity)]
        passed = f"; {_counted(self.skipped, 'file')} of others passed over" if self.skipped else ""
        return f"{' and '.join(found) or 'no problems'} in {_counted(self.documents, 'document')}{passed}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def show(report: Report, form: Form) -> None:
    """The report on standard output."""
    sys.stdout.write(FORMS[form](report))


def _subject(one: Finding) -> str:
    """`User/acme/maria`, as far as it is known."""
    parts = (one.kind, "" if one.kind in CLUSTER_KINDS else one.namespace, one.name)
    return "/".join(part for part in parts if part)


def _sentence(one: Finding) -> str:
    """Everything but the place and the rule, on one line."""
    told = f"{_subject(one)}: {one.message}" if _subject(one) else one.message
    return output.safe(f"{told} ({one.hint})" if one.hint else told).replace("\n", "\\n")


def table(report: Report) -> str:
    """A line a finding, as compilers write it, so that editors and terminals link the place; the hint below it."""
    lines = []
    for one in report.findings:
        told = output.safe(f"{_subject(one)}: {one.message}" if _subject(one) else one.message).replace("\n", "\\n")
        severity = style(one.severity, fg=COLORS[one.severity], bold=True) if output.colored() else one.severity
        lines.append(f"{output.safe(str(one.place))}: {severity}: {told} [{one.rule}]")
        if one.hint:
            lines.append(f"    {output.safe(one.hint)}".replace("\n", "\\n"))
    return "".join(f"{line}\n" for line in lines)


def as_json(report: Report) -> str:
    """The stable shape for programs."""
    findings = [
        {
            "rule": one.rule,
            "severity": one.severity,
            "message": one.message,
            "hint": one.hint,
            "file": one.place.file,
            "line": one.place.line,
            "column": one.place.column,
            "kind": one.kind,
            "namespace": one.namespace,
            "name": one.name,
            "path": one.path,
        }
        for one in report.findings
    ]
    whole = {"documents": report.documents, "skipped": report.skipped, "findings": findings}
    return json.dumps(whole, indent=2) + "\n"


def sarif(report: Report) -> str:
    """SARIF 2.1.0 (OASIS), as code scanning takes it; columns count Unicode code points."""
    used = sorted({one.rule for one in report.findings})
    rules = [{"id": rule, "shortDescription": {"text": RULES.get(rule, rule)}} for rule in used]
    results = [{**_result(one), "ruleIndex": used.index(one.rule)} for one in report.findings]
    driver = {"name": "assent", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    whole = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2) + "\n"


def _result(one: Finding) -> dict[str, object]:
    """The fingerprint leaves the place out, so that a finding that only moves is the same one."""
    what = "\0".join((one.rule, _subject(one), one.path, one.message))
    result: dict[str, object] = {
        "ruleId": one.rule,
        "level": one.severity,
        "message": {"text": _sentence(one)},
        "partialFingerprints": {"assentFinding/v1": hashlib.sha256(what.encode(errors="replace")).hexdigest()},
    }
    if one.place.file:
        result["locations"] = [_location(one)]
    return result


def _location(one: Finding) -> dict[str, object]:
    absolute = one.place.file.startswith("/")
    uri = quote(one.place.file, errors="replace")
    artifact = {"uri": f"file://{uri}"} if absolute else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    region = {key: at for key, at in (("startLine", one.place.line), ("startColumn", one.place.column)) if at}
    physical = {"artifactLocation": artifact, **({"region": region} if one.place.line else {})}
    logical = [{"fullyQualifiedName": _subject(one), "kind": "object"}] if _subject(one) else []
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def github(report: Report) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    lines = []
    for one in report.findings:
        place = (("file", output.safe(one.place.file)), ("line", one.place.line), ("col", one.place.column))
        fields = [f"{key}={_escaped(str(value), field=True)}" for key, value in place if value]
        fields.append(f"title={_escaped(one.rule, field=True)}")
        lines.append(f"::{one.severity} {','.join(fields)}::{_escaped(_sentence(one))}\n")
    return "".join(lines)


def _escaped(text: str, *, field: bool = False) -> str:
    """As the runner reads it back: line ends and `%` always, `:` and `,` within a field."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if field else text


def junit(report: Report) -> str:
    """JUnit's XML: a case a finding, failed where it is an error; one case that passed where there is none."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- the other forms need no XML

    failures = report.count("error")
    total = str(max(len(report.findings), 1))
    counts = {"tests": total, "failures": str(failures), "errors": "0", "skipped": "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "assent check", **counts})
    for one in report.findings:
        name = output.safe(f"{one.place} {_subject(one)}".strip())
        case = ET.SubElement(suite, "testcase", {"classname": one.rule, "name": name})
        text = f"{output.safe(str(one.place))}: {_sentence(one)}"
        if one.severity == "error":
            ET.SubElement(case, "failure", {"type": one.rule, "message": _sentence(one)}).text = text
        else:
            ET.SubElement(case, "system-out").text = f"warning: {text}"
    if not report.findings:
        ET.SubElement(suite, "testcase", {"classname": "assent", "name": report.summary})
    ET.indent(root)
    return f"{ET.tostring(root, encoding='unicode', xml_declaration=False)}\n"


FORMS: dict[Form, Callable[[Report], str]] = {
    Form.TABLE: table,
    Form.JSON: as_json,
    Form.SARIF: sarif,
    Form.GITHUB: github,
    Form.JUNIT: junit,
}
